//! Where the desk lies on disk: chosen once at the start, and the same for all who need it.

use std::path::PathBuf;

use kefu_app::in_words;
use tauri::{AppHandle, Manager};

/// The desk's folder, for the commands.
pub(crate) struct Folder(pub(crate) PathBuf);

/// The desk's folder, made if it is not there: what follows `--data`, else the application's own folder of this user.
/// Where it cannot be had, the sentence that says so.
pub(crate) fn find(app: &AppHandle) -> Result<PathBuf, String> {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != "--data").skip(1);
    let folder = match arguments.next() {
        Some(folder) => PathBuf::from(folder),
        None => app.path().app_data_dir().map_err(|_| {
            "系统没有给出本用户的数据文件夹，客服登记台没有启动，数据未作改动。请用 --data 指定一个文件夹后重新启动。".to_string()
        })?,
    };
    std::fs::create_dir_all(&folder).map_err(|error| {
        let (place, why) = (folder.display(), in_words(error.kind()));
        format!("数据文件夹“{place}”无法使用（{why}），客服登记台没有启动，数据未作改动。请检查该位置和它的读写权限，或换一个文件夹，再重新启动。")
    })?;
    Ok(folder)
}
