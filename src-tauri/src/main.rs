//! The desktop shell of 客服登记台: one window over the use cases of `kefu-app`. The only crate that knows Tauri.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod calls;
mod commands;
mod exchange;
mod folder;
mod log;
mod notices;
mod printing;
mod tray;
mod window;

use std::io::Write;
use std::process::ExitCode;

use kefu_app::Desk;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};

use folder::Folder;

fn main() -> ExitCode {
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            window::raise(app);
            calls::answer(app, arguments);
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(commands::handler())
        .setup(|app| {
            // An error given back here would end in a panic inside Tauri, in English and out of sight.
            if let Err(sentence) = start(app.handle()) {
                refuse(app.handle(), sentence);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| {
                // Closed in order before the process ends; what was acknowledged is on disk already.
                if let tauri::RunEvent::Exit = event {
                    if let Some(desk) = app.try_state::<Desk>() {
                        tauri::async_runtime::block_on(desk.lock());
                    }
                    if let Some(folder) = app.try_state::<Folder>() {
                        printing::sweep(&folder.0);
                    }
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            // No window to say it in.
            complain(&format!("客服登记台未能启动：{error}"));
            ExitCode::FAILURE
        }
    }
}

/// Opens the desk's folder and the window over it; else the sentence that says why not.
fn start(app: &AppHandle) -> Result<(), String> {
    let folder = folder::find(app)?;
    app.manage(log::start(&folder));
    printing::sweep(&folder);
    app.manage(Desk::at(&folder));
    app.manage(Folder(folder));
    calls::listen(app);
    calls::answer(app, std::env::args().skip(1));
    window::open(app).map_err(|error| {
        format!("客服登记台的窗口未能打开（{error}），数据未作改动。请重新启动；仍然出错请告诉管理员。")
    })?;
    tray::open(app);
    notices::start(app);
    exchange::start(app);
    Ok(())
}

/// Shows why the program cannot start, and ends it with 1 once that was read.
fn refuse(app: &AppHandle, sentence: String) {
    complain(&sentence);
    let ended = app.clone();
    // Not the blocking kind: this is the thread that has to draw it.
    app.dialog()
        .message(sentence)
        .title("客服登记台未能启动")
        .kind(MessageDialogKind::Error)
        .buttons(MessageDialogButtons::OkCustom("退出".into()))
        .show(move |_| ended.exit(1));
}

/// For the terminal, or the log of whoever started us.
fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{sentence}");
}
