//! Two colleagues at one counter in the real window: the second signs in once, then both change places by two keys.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use kefu_e2e::{Window, kefu, kefu_as, key};

const SUN: &str = "kefu desk 2026";
const LI: &str = "li qiang 2026";

#[tokio::test]
#[ignore = "needs a screen and a keyring; `cargo xtask test` gives it both"]
async fn two_colleagues_at_one_counter() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("desk");
    kefu(&folder, SUN, &["init", "--company", "良渚电器有限公司", "--member", "孙丽", "--employee-number", "108"]);
    let li = ["member", "add", "--name", "李强", "--employee-number", "210", "--department", "技术部"];
    let given = ["--roles", "handler,reception", "--passphrase-env", "LI"];
    kefu_as(&folder, SUN, &[li.as_slice(), &given].concat(), &[("LI", LI)]);

    let window = Window::open(&folder).await;
    sits(&window, "孙丽").await;
    assert!(roles(&window).await.contains("管理员"));
    the_administrator_adds_a_third(&window).await;

    // The first time he shows his passphrase.
    window.press(&[key::CONTROL], 'u').await;
    window.see("[data-seat=李强]").await;
    window.press(&[], '2').await;
    window.see("[data-field=seat_passphrase]").await;
    window.painted("switcher").await;
    window.type_text(LI).await;
    window.press(&[], key::ENTER).await;
    sits(&window, "李强").await;
    assert!(roles(&window).await.contains("接待、部门处理"));
    window.read("[role=tabpanel]", "只有管理员可以更改").await;
    window.painted("members-looked-at").await;

    // From now on two keys do, there and back, and the page stays.
    for (digit, name) in [('1', "孙丽"), ('2', "李强"), ('1', "孙丽")] {
        window.press(&[key::CONTROL], 'u').await;
        window.press(&[], digit).await;
        sits(&window, name).await;
        window.see("[data-member=王芳]").await;
    }

    // The draft of the one lies before the other, who is told whose it is.
    window.press(&[key::CONTROL], 'n').await;
    window.see("[data-field='customer.name']").await;
    window.tab_to("customer.name").await;
    window.type_text("陈秀英").await;
    window.press(&[key::CONTROL], 'u').await;
    window.press(&[], '2').await;
    window.see("[data-draft] [data-author=孙丽]").await;
    window.painted("draft-of-another").await;

    // Locking forgets every sign-in.
    window.press(&[key::CONTROL], 'l').await;
    window.see("[data-act=unlock]").await;
    window.type_text(SUN).await;
    window.press(&[], key::ENTER).await;
    sits(&window, "孙丽").await;
    window.press(&[key::CONTROL], 'u').await;
    window.read("[data-seat=李强]", "需口令").await;
    window.press(&[], '2').await;
    window.see("[data-field=seat_passphrase]").await;
    window.press(&[], key::ESCAPE).await;
    sits(&window, "孙丽").await;
    window.close().await;
}

/// Waits until this one sits at the desk.
async fn sits(window: &Window, name: &str) {
    window.see(&format!("[data-sitting={name}]")).await;
}

/// The roles beside the name, also where the bar has no room for all of them.
async fn roles(window: &Window) -> String {
    window.ask("return document.querySelector('[data-roles]').textContent").await.as_str().unwrap().to_string()
}

async fn the_administrator_adds_a_third(window: &Window) {
    window.press(&[key::CONTROL], ',').await;
    window.see("[data-section=members]").await.click().await.unwrap();
    window.read("[data-member=李强]", "部门处理").await;
    window.see("[data-act=add-member]").await.click().await.unwrap();
    window.see("[data-field='member.name']").await;
    assert_eq!(window.focus().await, "member.name");
    window.type_text("王芳").await;
    window.painted("member-editor").await;
    window.press(&[], key::ENTER).await;
    window.read("[data-member=王芳]", "未设口令").await;
    window.painted("members").await;
}
