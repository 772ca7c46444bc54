//! A company that shares its desk: 孙丽 administers at the machine A1, 王芳 comes in with B7.

use std::path::Path;

use crate::{Office, Window, key, opening};

const SUN: &str = "sun li 2026";
const WANG: &str = "wang fang 2026";
const DESK: (u32, u32) = (1280, 800);

/// Sets the desk up for 孙丽, and adds 王芳 as a member.
pub async fn set_up(window: &Window) {
    window.see("[data-act=setup]").await;
    let answers = [
        ("company", "良渚电器有限公司"),
        ("member", "孙丽"),
        ("employee_number", "108"),
        ("post", "接待"),
        ("department", "客服部"),
        ("device_code", "A1"),
        ("passphrase", SUN),
        ("again", SUN),
    ];
    opening::answer(window, &answers).await;
    opening::keep_the_code(window).await;
    window.see("[data-sitting=孙丽]").await;
    window.press(&[key::CONTROL], ',').await;
    window.click("[data-section=members]").await;
    window.click("[data-act=add-member]").await;
    window.focused("member.name").await;
    window.type_text("王芳").await;
    window.tab_to("member.employee_number").await;
    window.type_text("120").await;
    window.press(&[], key::ENTER).await;
    window.see("[data-member=王芳]").await;
}

/// Makes the workspace in the settings; its recovery kit, as it stands on the paper.
pub async fn share(window: &Window, office: &Office) -> String {
    window.click("[data-section=shared]").await;
    window.see("[data-act=create-shared]").await;
    window.painted("share-ways").await;
    window.click("[data-act=create-shared]").await;
    window.focused("server.host").await;
    names_the_server(window, office).await;
    window.painted("share-server").await;
    window.click("[data-act=send-server]").await;
    let kit = opening::keep_the_kit(window).await;
    window.see("[data-device=A1]").await;
    window.read("[data-part=sync]", "在线").await;
    kit
}

/// Fills in where the server is and who may install there, from any field before it.
pub async fn names_the_server(window: &Window, office: &Office) {
    for (field, text) in office.place() {
        window.tab_to(field).await;
        window.press(&[key::CONTROL], 'a').await;
        window.type_text(&text).await;
    }
    window.upload("[data-field='server.file']", &office.authority()).await;
}

/// Invites 王芳 in the settings of the shared desk; the text of the invite.
pub async fn invites(sun: &Window) -> String {
    sun.pick("[data-field='invite.member']", "王芳 · 120 · 接待").await;
    sun.click("[data-act=invite]").await;
    sun.see("[data-field='invite.text']").await;
    sun.painted("invite").await;
    let invite = sun.ask("return document.querySelector('[data-field=\"invite.text\"]').value").await;
    invite.as_str().unwrap().to_string()
}

/// Compares what both screens show, and admits.
pub async fn admits(sun: &Window, wang: &Window) {
    let waits = wang.see("[data-fingerprint]").await.text().await.unwrap();
    wang.painted("join-waits").await;
    let asks = sun.see("[data-join=asked] [data-fingerprint]").await.text().await.unwrap();
    assert_eq!((waits.split_whitespace().count(), &waits), (6, &asks), "both screens show the same six groups");
    sun.painted("join-asks").await;
    sun.click("[data-join=asked] [data-act=admit]").await;
}

/// Invites 王芳, whose new machine asks to come in and is admitted; her window.
pub async fn joins(sun: &Window, folder: &Path) -> Window {
    let invite = invites(sun).await;
    let wang = Window::beside(folder, DESK).await;
    wang.click("[data-act=join-instead]").await;
    let answers = [("invite", invite.as_str()), ("device_code", "B7"), ("passphrase", WANG), ("again", WANG)];
    wang.focused("invite").await;
    opening::answer(&wang, &answers).await;
    opening::keep_the_code(&wang).await;
    admits(sun, &wang).await;
    sun.see("[data-device=B7]").await;
    // She sits down by herself: the passphrase that opened the machine is hers.
    wang.see("[data-sitting=王芳]").await;
    wang.read("[data-part=sync]", "在线").await;
    wang
}

/// Registers a form by keyboard; its number.
pub async fn registers(window: &Window) -> String {
    window.press(&[key::CONTROL], 'n').await;
    window.see("[data-group=channel]").await;
    window.tab_to("channel").await;
    window.type_text("rx").await;
    for (field, typed) in [
        ("customer.name", "陈秀英"),
        ("customer.phone", "138 0013 8021"),
        ("product.name", "燃气热水器"),
        ("kind", "ts"),
        ("category", "2"),
        ("description", "热水器打开后火焰突然熄灭，显示 E1。"),
    ] {
        window.tab_to(field).await;
        window.type_text(typed).await;
    }
    window.press(&[key::CONTROL], 's').await;
    window.see("[data-number]").await.attr("data-number").await.unwrap().unwrap()
}
