//! What a company does when places are lost, in real windows: the server goes back to a backup that knows one machine less,
//! which comes in again with what it holds; then the administrator's machine is gone, and the recovery kit makes another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use kefu_e2e::{HEALING, Office, Window, company, key};

#[tokio::test]
#[ignore = "needs a screen and a keyring; `cargo xtask test` gives it both"]
async fn a_lost_place_is_taken_again() {
    let top = tempfile::tempdir().unwrap();
    let office = Office::start(top.path());
    let sun = Window::open(&top.path().join("sun")).await;
    company::set_up(&sun).await;
    let kit = company::share(&sun, &office).await;
    office.back_up();
    let wang = company::joins(&sun, &top.path().join("wang")).await;

    office.put_back();
    let number = comes_in_again(&sun, &wang).await;
    sun.click("[data-act=list]").await;
    sun.see_within(HEALING, &format!("[data-row='{number}']")).await;

    sun.kill();
    takes_over(&wang, &office, &kit).await;
    // The lost machine is out after two clicks.
    wang.click("[data-device=A1] [data-act=revoke]").await;
    wang.painted("revoke-asked").await;
    wang.click("[data-act=confirm]").await;
    wang.read("[data-device=A1]", "已停用").await;
    wang.painted("revoked").await;
    wang.close().await;
}

/// The server knows the machine of 王芳 no longer. She works on, is invited anew, and what she wrote arrives; its number.
async fn comes_in_again(sun: &Window, wang: &Window) -> String {
    wang.read_within(HEALING, "[data-part=sync]", "已不在共享台内").await;
    let number = company::registers(wang).await;
    wang.painted("place-lost").await;
    settings(wang).await;
    wang.see("[data-rejoin]").await;
    wang.painted("rejoin").await;

    settings(sun).await;
    let invite = company::invites(sun).await;
    wang.click("[data-field='invite-again']").await;
    wang.type_text(&invite).await;
    wang.click("[data-act=ask-again]").await;
    company::admits(sun, wang).await;
    wang.gone("[data-rejoin]").await;
    wang.read("[data-part=sync]", "在线").await;
    wang.painted("rejoined").await;
    number
}

/// 王芳 makes her machine the administrator's, with what stands on the paper.
async fn takes_over(wang: &Window, office: &Office, kit: &str) {
    wang.see("[data-take-over]").await;
    wang.painted("take-over").await;
    wang.click("[data-act=take-over]").await;
    wang.click("[data-field=kit]").await;
    wang.type_text(&kit.to_lowercase()).await;
    company::names_the_server(wang, office).await;
    wang.painted("take-over-asked").await;
    wang.click("[data-act=send-server]").await;
    wang.see("[data-act=invite]").await;
    wang.gone("[data-take-over]").await;
    wang.painted("taken-over").await;
}

/// Opens the page of the shared desk.
async fn settings(window: &Window) {
    window.press(&[key::CONTROL], ',').await;
    window.click("[data-section=shared]").await;
}
