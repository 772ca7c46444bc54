//! The desktop shell of 客服登记台: one window over the use cases of `kefu-app`. The only crate that knows Tauri.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod log;
mod printing;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use kefu_app::Desk;
use tauri::Manager;

fn main() -> ExitCode {
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::raise(app)))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands::handler())
        .setup(|app| {
            let folder = folder(app.handle())?;
            std::fs::create_dir_all(&folder)?;
            app.manage(log::start(&folder));
            printing::sweep(&folder);
            app.manage(Desk::at(&folder));
            window::open(app.handle())?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| {
                // Closed in order before the process ends; what was acknowledged is on disk already.
                if let tauri::RunEvent::Exit = event {
                    tauri::async_runtime::block_on(app.state::<Desk>().lock());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            // No window to say it in: the terminal, or the log of whoever started us.
            eprintln!("客服登记台未能启动：{error}");
            ExitCode::FAILURE
        }
    }
}

/// The desk's folder: what follows `--data`, else the application's own folder of this user.
fn folder(app: &tauri::AppHandle) -> tauri::Result<PathBuf> {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != "--data").skip(1);
    match arguments.next() {
        Some(folder) => Ok(folder.into()),
        None => app.path().app_data_dir(),
    }
}
