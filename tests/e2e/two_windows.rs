//! Two real windows on one server: a company shares its desk, a second machine joins; what is registered at the one stands
//! at the other; the network is cut, both write, it heals, and the conflict is decided by one key.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::time::{Duration, Instant};

use kefu_e2e::process::corrects;
use kefu_e2e::{HEALING, Office, Window, company};

#[tokio::test]
#[ignore = "needs a screen and a keyring; `cargo xtask test` gives it both"]
async fn one_company_at_two_machines() {
    let top = tempfile::tempdir().unwrap();
    let office = Office::start(top.path());
    let sun = Window::open(&top.path().join("sun")).await;
    company::set_up(&sun).await;
    company::share(&sun, &office).await;
    let wang = company::joins(&sun, &top.path().join("wang")).await;

    let number = register(&sun, &wang).await;
    for window in [&sun, &wang] {
        window.click("[data-act=list]").await;
        window.click(&format!("[data-row='{number}']")).await;
        window.see(&format!("h1[data-number='{number}']")).await;
    }

    // Both write without the server: the same field, and one more each.
    office.link.cut();
    for window in [&sun, &wang] {
        window.read("[data-part=sync][data-tone=off]", "离线").await;
    }
    let (model, bought, called) = ("product.model", "product.purchased_on", "product.name");
    corrects(&sun, &[(model, "JSQ30-K"), (bought, "2025-11-28")], "客户查看了铭牌").await;
    corrects(&wang, &[(called, "冷凝式热水器"), (model, "JSQ26-K")], "客户来电更正").await;
    for (window, name) in [(&sun, "offline-sun"), (&wang, "offline-wang")] {
        window.read("[data-part=sync]", "条待发").await;
        window.painted(name).await;
    }

    // Healed: the fields of either are at both, and the one that both wrote waits for somebody to decide.
    office.link.mend();
    for (window, name) in [(&sun, "conflict-sun"), (&wang, "conflict-wang")] {
        window.see_within(HEALING, "[data-problem=conflicts]").await;
        window.read_within(HEALING, &format!("[data-cell='{bought}']"), "2025-11-28").await;
        window.read_within(HEALING, &format!("[data-cell='{called}']"), "冷凝式热水器").await;
        window.see(&format!("[data-conflict='{model}']")).await;
        window.painted(name).await;
    }
    decide(&wang, model).await;
    for (window, name) in [(&sun, "decided-sun"), (&wang, "decided-wang")] {
        window.gone("[data-problem=conflicts]").await;
        window.read(&format!("[data-cell='{model}']"), "JSQ30-K").await;
        window.read("[data-part=sync]", "在线").await;
        // Nothing was lost: the value that was not chosen stands in the history.
        window.read(".timeline", "JSQ26-K").await;
        window.painted(name).await;
    }
    wang.close().await;
    sun.close().await;
}

/// Registers a form at `sun` and waits for it in the list at `wang`; its number.
async fn register(sun: &Window, wang: &Window) -> String {
    wang.click("[data-act=list]").await;
    wang.see("[data-act=new-first]").await;
    wang.painted("list-empty").await;
    let number = company::registers(sun).await;
    let saved = Instant::now();
    let row = format!("return document.querySelector(\"[data-row='{number}']\") !== null");
    while wang.ask(&row).await != true {
        assert!(saved.elapsed() < Duration::from_secs(5), "{number} is not at the other window");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!(
        "figure: registered at one window, it stood in the list of the other {} ms later",
        saved.elapsed().as_millis()
    );
    sun.painted("registered-here").await;
    wang.painted("registered-there").await;
    number
}

/// In the inbox: both values with who wrote them, and one key.
async fn decide(window: &Window, field: &str) {
    window.click("[data-problem=conflicts]").await;
    window.see(&format!("[data-conflict='{field}'][aria-selected=true]")).await;
    window.painted("conflict-inbox").await;
    let mut key = ' ';
    for which in ['1', '2'] {
        let value = window.see(&format!("[data-value='{which}']")).await.text().await.unwrap();
        let (member, device, other) = match value.contains("JSQ30-K") {
            true => ("孙丽", "终端码 A1", "JSQ26-K"),
            false => ("王芳", "终端码 B7", "JSQ30-K"),
        };
        assert!(value.contains(member) && value.contains(device) && !value.contains(other), "{value}");
        if member == "孙丽" {
            key = which;
        }
    }
    window.press(&[], key).await;
    window.read("[role=tabpanel]", "没有待定的冲突").await;
    window.painted("conflict-decided").await;
    window.click("[data-act=list]").await;
    window.click("[data-row]").await;
    window.see("h1[data-number]").await;
}
