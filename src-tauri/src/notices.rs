//! Notifications of the system and the tray's counts: asks the desk every half minute what is new for who sits there.
//! What they say is made by `kefu_app::notice` and names nobody.

use std::time::Duration;

use kefu_app::{Desk, notice};
use tauri::{AppHandle, Manager};
use tauri_plugin_notification::NotificationExt;

use crate::tray;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_secs(30);

/// Looks after the desk for as long as the program runs.
pub(crate) fn start(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            look(&app).await;
            tokio::time::sleep(PAUSE).await;
        }
    });
}

async fn look(app: &AppHandle) {
    let Some(desk) = app.try_state::<Desk>() else { return };
    // A locked desk tells nothing; other failures are in the log already and may pass.
    let alerts = desk.alerts().await.ok();
    if let Some((title, body)) = alerts.as_ref().and_then(|alerts| notice(&alerts.alerts)) {
        let shown = app.notification().builder().title(title).body(body).show();
        if let Err(error) = shown {
            tracing::warn!(%error, "no notification");
        }
    }
    tray::show(app, alerts.as_ref());
}
