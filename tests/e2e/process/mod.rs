//! The steps of the process as colleagues take them at one desk: sit down, open a form, do an act.

use std::time::Duration;

use crate::{Window, key};

/// Takes the seat by two keys; the first time a colleague shows his passphrase.
pub async fn sits(window: &Window, name: &str, passphrase: &str) {
    window.press(&[key::CONTROL], 'u').await;
    window.click(&format!("[data-seat={name}]")).await;
    for _ in 0..100 {
        let there = format!(
            "return document.querySelector('[data-sitting={name}]') ? 'sits' : document.querySelector('[data-field=seat_passphrase]') ? 'asks' : ''"
        );
        match window.ask(&there).await.as_str() {
            Some("sits") => return,
            Some("asks") => break,
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    window.see("[data-field=seat_passphrase]").await;
    window.type_text(passphrase).await;
    window.press(&[], key::ENTER).await;
    window.see(&format!("[data-sitting={name}]")).await;
}

/// Opens a form from a queue of the board.
pub async fn opens(window: &Window, queue: &str, number: &str) {
    window.press(&[key::CONTROL], 'b').await;
    window.click(&format!("[data-queue={queue}]")).await;
    let row = format!("[data-row='{number}']");
    window.see(&row).await;
    window.painted(&format!("board-{queue}")).await;
    window.click(&row).await;
    window.see(&format!("h1[data-number='{number}']")).await;
}

/// Chooses an act in the panel.
pub async fn chosen(window: &Window, act: &str) {
    window.click(&format!("[data-act=act-{act}]")).await;
    window.see("[data-act=do]").await;
}

/// Fills in what the chosen act asks for, by keyboard, and does it.
pub async fn fills(window: &Window, given: &[(&str, &str)], state: &str) {
    for (field, typed) in given {
        window.tab_to(field).await;
        window.type_text(typed).await;
        if ["dispatch.department", "dispatch.handler"].contains(field) {
            tokio::time::sleep(Duration::from_millis(150)).await;
            window.press(&[], key::ENTER).await;
        }
    }
    window.press(&[key::CONTROL], 's').await;
    window.see(&format!("[data-state={state}]")).await;
}

/// Chooses an act, fills it in and does it; the form is in `state` then.
pub async fn does(window: &Window, act: &str, given: &[(&str, &str)], state: &str) {
    chosen(window, act).await;
    fills(window, given, state).await;
}

/// Corrects the form that is open: each field anew, then the reason.
pub async fn corrects(window: &Window, given: &[(&str, &str)], reason: &str) {
    window.press(&[], 'c').await;
    window.see("[data-field=reason]").await;
    for (field, typed) in given {
        window.tab_to(field).await;
        window.press(&[key::CONTROL], 'a').await;
        window.type_text(typed).await;
    }
    window.tab_to("reason").await;
    window.type_text(reason).await;
    window.press(&[key::CONTROL], 's').await;
    window.gone("[data-field=reason]").await;
    window.see("[data-entry=correct]").await;
}
