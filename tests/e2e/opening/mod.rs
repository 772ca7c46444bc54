//! What every desk begins with: the recovery code that is written down, the passphrase at the locked page.

use crate::{Window, key};

/// Fills in fields in the order in which Enter leads through them, from the one that has the focus.
pub async fn answer(window: &Window, answers: &[(&str, &str)]) {
    for (field, text) in answers {
        window.focused(field).await; // Enter goes on in order
        window.press(&[key::CONTROL], 'a').await;
        window.type_text(text).await;
        window.press(&[], key::ENTER).await;
    }
}

/// Writes the recovery code down and types back the group that is asked for.
pub async fn keep_the_code(window: &Window) {
    window.see("[data-recovery-code]").await;
    window.picture("recovery-code").await;
    type_back(window, "[data-recovery-code] .group", 1).await;
}

/// The same with the recovery kit of a shared desk; what was written down.
pub async fn keep_the_kit(window: &Window) -> String {
    window.see("[data-recovery-kit]").await;
    window.picture("recovery-kit").await;
    type_back(window, "[data-recovery-kit] .group", 0).await
}

/// `first` is what the page calls the first group. The groups.
async fn type_back(window: &Window, groups: &str, first: usize) -> String {
    let shown = format!("return [...document.querySelectorAll('{groups}')].map(group => group.textContent.trim())");
    let all = window.ask(&shown).await;
    window.press(&[], key::ENTER).await; // written down
    window.see("input[data-group]").await;
    let asked = window.ask("return Number(document.querySelector('input[data-group]').dataset.group)").await;
    let all: Vec<&str> = all.as_array().unwrap().iter().map(|group| group.as_str().unwrap()).collect();
    window.type_text(&all[asked.as_u64().unwrap() as usize - first].to_lowercase()).await;
    window.press(&[], key::ENTER).await;
    all.join(" ")
}

/// Opens the locked desk; `member` sits down.
pub async fn unlock(window: &Window, passphrase: &str, member: &str) {
    window.see("[data-act=unlock]").await;
    window.see("[data-field=passphrase]:focus").await;
    window.type_text(passphrase).await;
    window.press(&[], key::ENTER).await;
    window.see(&format!("[data-sitting={member}]")).await;
}
