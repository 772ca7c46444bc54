//! Keeps the desk in step with the shared database for as long as the program runs, and tells the window after each exchange.

use kefu_app::Desk;
use tauri::{AppHandle, Emitter, Manager};

/// Event that carries a `Standing` to the window.
const STANDING: &str = "standing";

/// Begins; a desk that is locked, or belongs to no workspace, is asked again until it does.
pub(crate) fn start(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let Some(desk) = app.try_state::<Desk>() else { return };
        desk.keep_exchanging(|standing| {
            if let Err(error) = app.emit(STANDING, standing) {
                tracing::warn!(%error, "the window was not told");
            }
        })
        .await;
    });
}
