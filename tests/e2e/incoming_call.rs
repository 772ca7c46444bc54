//! A softphone announces calls to the real window: beside a sheet being filled in, and at the locked desk.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::process::Command;

use kefu_e2e::{Window, kefu, key};

const PASSPHRASE: &str = "kefu desk 2026";

#[tokio::test]
#[ignore = "needs a screen and a keyring; `cargo xtask test` gives it both"]
async fn calls_come_onto_the_screen_and_write_over_nothing() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("desk");
    kefu(
        &folder,
        PASSPHRASE,
        &["init", "--company", "良渚电器有限公司", "--member", "孙丽", "--employee-number", "108"],
    );
    let complaints = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/complaints.json");
    kefu(&folder, PASSPHRASE, &["register", complaints]);
    let window = Window::open(&folder).await;

    window.see("[data-sitting=孙丽]").await;
    window.press(&[key::CONTROL], 'n').await;
    window.see("[data-field='customer.name']").await;
    window.tab_to("customer.name").await;
    window.type_text("欧阳文").await;

    // The address, as the system hands it to a second start of the program.
    let desk = std::env::var_os("KEFU_DESK_BIN").unwrap();
    let second = Command::new(&desk).arg("kefu://call?from=13800138021&rings=5").status().unwrap();
    assert!(second.success());
    window.read("[data-part=call]", "13800138021").await;
    window.read("[data-part=late]", "超过三声").await;
    let drafts = window.ask("return document.querySelector('.rail').textContent").await;
    assert!(drafts.as_str().unwrap().contains("欧阳文"), "{drafts}");
    let phone = window.ask("return document.querySelector('[data-field=\"customer.phone\"]').value").await;
    assert_eq!(phone, "13800138021");
    window.painted("call").await;

    // Locked: the page counts, and names nobody.
    window.press(&[key::CONTROL], 'l').await;
    window.see("[data-act=unlock]").await;
    kefu(&folder, PASSPHRASE, &["call", "--from", "18621045577", "--rings", "2"]);
    window.read("[data-part=calls]", "有 1 个来电").await;
    assert!(!window.words("body").await.contains("5577"));
    window.painted("call-waits").await;
    window.type_text(PASSPHRASE).await;
    window.press(&[], key::ENTER).await;
    window.read("[data-part=call]", "18621045577").await;
    window.painted("call-after-opening").await;

    // Nothing of it in the program's log.
    for entry in std::fs::read_dir(folder.join("logs")).unwrap() {
        let log = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!log.contains("8021") && !log.contains("5577") && !log.contains("kefu://"), "{log}");
    }

    window.press(&[key::CONTROL], ',').await;
    window.see("[data-section=notify]").await.click().await.unwrap();
    window.see("[data-field=notifications]").await;
    window.painted("notifications").await;
    window.close().await;
}
