//! A receptionist's first day in the real window, by keyboard alone: first start, the heater complaint typed in Chinese,
//! a power cut in the middle of it, registered, printed, found again, corrected, locked.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::process::Command;
use std::time::Duration;

use kefu_e2e::{Window, key, opening};
use serde_json::Value;

const PASSPHRASE: &str = "kefu desk 2026";

/// The first of the complaints as a desk receives them.
fn heater() -> Value {
    let all: Value = serde_json::from_str(include_str!("../fixtures/complaints.json")).unwrap();
    all[0].clone()
}

fn words<'a>(form: &'a Value, path: &[&str]) -> &'a str {
    path.iter().fold(form, |value, key| &value[*key]).as_str().unwrap()
}

#[tokio::test]
#[ignore = "needs a screen and a keyring; `cargo xtask test` gives it both"]
async fn a_receptionists_first_day() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("desk");
    let form = heater();

    let window = Window::open(&folder).await;
    first_start(&window).await;
    write_the_beginning(&window, &form).await;
    tokio::time::sleep(Duration::from_millis(1000)).await; // at most one second of typing may be missing
    window.kill();

    let window = Window::open(&folder).await;
    window.see("[data-act=new]").await; // opened through the keyring: no passphrase is asked
    go_on_with_the_draft(&window, &form).await;
    let number = register(&window, &form).await;
    print(&window, &form, &number).await;
    find_again(&window, &number).await;
    correct(&window).await;
    lock_and_open(&window, &folder).await;
    window.close().await;
}

async fn first_start(window: &Window) {
    window.see("[data-act=setup]").await;
    window.picture("first-start").await;
    let answers = [
        ("company", "良渚电器有限公司"),
        ("member", "孙丽"),
        ("employee_number", "108"),
        ("post", "接待"),
        ("department", "客服部"),
        ("device_code", "a03"),
        ("passphrase", PASSPHRASE),
        ("again", PASSPHRASE),
    ];
    opening::answer(window, &answers).await;
    opening::keep_the_code(window).await;
    window.see("[data-queue=mine]").await; // the board, with nothing to do yet
    window.see("[data-act=list]").await.click().await.unwrap();
    window.see("[data-act=new-first]").await;
    window.picture("no-forms-yet").await;
}

async fn write_the_beginning(window: &Window, form: &Value) {
    window.press(&[key::CONTROL], 'n').await;
    window.see("[data-group=channel]").await;
    window.tab_to("channel").await;
    window.type_text("rx").await; // 热线 by its first letters
    window.press(&[], key::ENTER).await;
    assert_eq!(window.focus().await, "received_at", "Enter goes on in paper order");
    window.press(&[key::CONTROL], 'a').await;
    window.type_text("2026-11-02 08:41").await;
    window.tab_to("ring_count").await;
    window.type_text("2").await;
    window.tab_to("customer.name").await;
    window.type_text(words(form, &["客户", "名称"])).await;
    window.tab_to("customer.salutation").await;
    window.type_text("2").await; // 女士 by its digit
    window.tab_to("customer.phone").await;
    window.type_text(words(form, &["客户", "电话"])).await;
    window.tab_to("customer.address").await;
    window.type_text(words(form, &["客户", "地址"])).await;
}

async fn go_on_with_the_draft(window: &Window, form: &Value) {
    window.press(&[key::CONTROL], 'n').await;
    window.see("[data-draft]").await;
    window.ask("document.querySelector('[data-draft] button').focus()").await;
    window.press(&[], key::ENTER).await;
    let kept = "return ['customer.name','customer.phone','customer.address'].map(f => document.querySelector(`[data-field=\"${f}\"]`)?.value ?? '')";
    let mut values = Value::Null;
    for _ in 0..60 {
        values = window.ask(kept).await;
        if values[2] == form["客户"]["地址"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(values[0], form["客户"]["名称"], "the draft survives a kill");
    assert_eq!(values[1], form["客户"]["电话"]);
    assert_eq!(values[2], form["客户"]["地址"]);
    window.picture("draft-kept").await;
}

async fn register(window: &Window, form: &Value) -> String {
    for (field, path) in [
        ("product.name", "名称"),
        ("product.model", "型号"),
        ("product.serial", "序列号"),
        ("product.purchased_on", "购买日期"),
    ] {
        window.tab_to(field).await;
        window.type_text(words(form, &["产品", path])).await;
    }
    window.tab_to("kind").await;
    window.type_text("ts").await;
    window.press(&[key::CONTROL], 's').await;
    window.see("[data-error=description]").await; // beside the field, in Chinese
    window.read("[data-error=description]", "必填").await;
    window.picture("what-is-missing").await;
    window.tab_to("category").await;
    window.type_text("2").await;
    window.tab_to("description").await;
    let said = words(form, &["描述"]);
    window.type_text(said).await;
    // The last eight characters are marked as a key statement.
    for _ in 0..8 {
        window.press(&[key::SHIFT], '\u{e012}').await;
    }
    window.press(&[key::CONTROL], 'm').await;
    window.tab_to("demands").await;
    window.type_text("2").await;
    window.picture("filled-in").await;
    window.press(&[key::CONTROL], 's').await;
    let number = window.see("[data-number]").await.attr("data-number").await.unwrap().unwrap();
    window.picture("registered").await;
    assert!(number.starts_with("KF-") && number.ends_with("-A03-0001"), "{number}");
    number
}

async fn print(window: &Window, form: &Value, number: &str) {
    window.press(&[], 'p').await;
    window.see("[data-dialog=print] canvas").await;
    tokio::time::sleep(Duration::from_millis(1500)).await; // drawn
    window.picture("print-preview").await;
    window.press(&[], key::ENTER).await; // 打印
    let pdf = window.printed();
    for _ in 0..100 {
        if std::fs::metadata(&pdf).is_ok_and(|file| file.len() > 10_000) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let text = Command::new("pdftotext").args(["-raw", pdf.to_str().unwrap(), "-"]).output().unwrap();
    let text: String = String::from_utf8(text.stdout).unwrap().chars().filter(|c| !c.is_whitespace()).collect();
    for wanted in [number, words(form, &["客户", "名称"]), words(form, &["描述"])] {
        let wanted: String = wanted.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(text.contains(&wanted), "the printed sheet does not say {wanted}");
    }
    window.press(&[], key::ESCAPE).await;
}

async fn find_again(window: &Window, number: &str) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    window.press(&[key::CONTROL], 'f').await;
    assert_eq!(window.focus().await, "search");
    window.type_text("点火").await;
    window.see(&format!("[data-row='{number}']")).await;
    window.picture("found").await;
    window.press(&[], key::ENTER).await;
    window.see(&format!("h1[data-number='{number}']")).await;
    window.see("[data-entry=register]").await;
    window.see("[data-entry=print]").await;
    window.picture("detail").await;
}

async fn correct(window: &Window) {
    window.press(&[], 'c').await;
    window.tab_to("customer.wechat").await;
    window.type_text("xiuying-1958").await;
    window.tab_to("reason").await;
    window.type_text("客户来电补充微信").await;
    window.picture("correcting").await;
    window.press(&[key::CONTROL], 's').await;
    window.see("[data-entry=correct]").await;
    window.read("[data-entry=correct]", "客户来电补充微信").await;
    window.read("[data-entry=correct]", "xiuying-1958").await;
    window.picture("corrected").await;
}

async fn lock_and_open(window: &Window, folder: &std::path::Path) {
    window.press(&[key::CONTROL], 'l').await;
    window.see("[data-act=unlock]").await;
    window.type_text("not the passphrase").await;
    window.press(&[], key::ENTER).await;
    window.read("body", "口令不正确").await;
    window.picture("locked").await;
    window.press(&[key::CONTROL], 'a').await;
    window.type_text(PASSPHRASE).await;
    window.press(&[], key::ENTER).await;
    window.see("[data-act=lock]").await;
    // What was typed lies nowhere in clear.
    for entry in walk(folder) {
        let bytes = std::fs::read(&entry).unwrap_or_default();
        for secret in ["陈秀英", "138 0013 8021", "火焰突然熄灭", "xiuying-1958"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} lies in {}", entry.display());
        }
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.flat_map(|e| if e.path().is_dir() { walk(&e.path()) } else { vec![e.path()] }).collect()
}
