//! The icon in the system's tray: what is to do and what is overdue at a glance, show, hide, quit. Counts only.

use kefu_app::Alerts;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

use crate::window;

/// The icon with the menu line that shows the counts.
pub(crate) struct Tray {
    icon: TrayIcon<Wry>,
    counts: MenuItem<Wry>,
}

const NAME: &str = "客服登记台";

/// Puts the icon up, where the system has a tray.
pub(crate) fn open(app: &AppHandle) {
    if !available() {
        tracing::info!("no tray on this system");
        return;
    }
    match build(app) {
        Ok(tray) => drop(app.manage(tray)),
        Err(error) => tracing::warn!(%error, "no tray"),
    }
}

fn build(app: &AppHandle) -> tauri::Result<Tray> {
    let counts = MenuItem::with_id(app, "counts", words(None), false, None::<&str>)?;
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
    let (show, hide, quit) = (item("show", "显示窗口")?, item("hide", "隐藏窗口")?, item("quit", "退出")?);
    let line = || PredefinedMenuItem::separator(app);
    let menu = Menu::with_items(app, &[&counts, &line()?, &show, &hide, &line()?, &quit])?;
    let mut icon = TrayIconBuilder::with_id("desk").tooltip(NAME).menu(&menu).show_menu_on_left_click(false);
    if let Some(picture) = app.default_window_icon() {
        icon = icon.icon(picture.clone());
    }
    let icon = icon
        .on_menu_event(|app, event| match event.id().as_ref() {
            "show" => window::raise(app),
            "hide" => window::hide(app),
            "quit" => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|icon, event| {
            let pressed = matches!(
                event,
                TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
            );
            if pressed {
                window::raise(icon.app_handle());
            }
        })
        .build(app)?;
    Ok(Tray { icon, counts })
}

/// Shows the counts; none while the desk is locked.
pub(crate) fn show(app: &AppHandle, alerts: Option<&Alerts>) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let text = words(alerts);
    let _ = tray.icon.set_tooltip(Some(format!("{NAME} · {text}")));
    // A number beside the icon, where the system draws one.
    let busy = alerts.map(|a| a.overdue + a.to_do).filter(|n| *n > 0);
    let _ = tray.icon.set_title(busy.map(|n| n.to_string()));
    let _ = tray.counts.set_text(text);
}

fn words(alerts: Option<&Alerts>) -> String {
    match alerts {
        None => "已锁定".into(),
        Some(Alerts { overdue: 0, to_do: 0, .. }) => "没有待办".into(),
        Some(Alerts { overdue: 0, to_do, .. }) => format!("待办 {to_do} 份"),
        Some(Alerts { overdue, to_do, .. }) => format!("待办 {to_do} 份，超时 {overdue} 份"),
    }
}

/// Whether the system can show one. On Linux the library that does is found at run time, and the toolkit ends the
/// program where it is missing; so it is looked for before.
fn available() -> bool {
    #[cfg(target_os = "linux")]
    {
        let named = |name: &std::ffi::OsStr| {
            let name = name.to_string_lossy();
            name.starts_with("libayatana-appindicator3.so") || name.starts_with("libappindicator3.so")
        };
        let lies_in = |folder: &std::path::Path| {
            std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| named(&entry.file_name())))
        };
        let tops = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64"];
        let triplet = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        tops.into_iter().chain([triplet.as_str()]).any(|folder| lies_in(std::path::Path::new(folder)))
    }
    #[cfg(not(target_os = "linux"))]
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tray_tells_counts_in_words() {
        let told = |to_do, overdue| words(Some(&Alerts { to_do, overdue, alerts: Vec::new() }));
        assert_eq!(told(0, 0), "没有待办");
        assert_eq!(told(3, 0), "待办 3 份");
        assert_eq!(told(3, 1), "待办 3 份，超时 1 份");
        assert_eq!(words(None), "已锁定");
    }
}
