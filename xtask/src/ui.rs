//! The interface's own chores: its packages, its checks, its build into `ui/dist`, which the desk embeds.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::process::{Outcome, run};
use crate::toolchain::npm;
use crate::workspace;

/// A copy of the lockfile that `ui/node_modules` was installed from; installing again is needed where they differ.
const STAMP: &str = "node_modules/.installed-from";

/// Installs the packages of the lockfile, once per lockfile.
pub fn install() -> Outcome {
    let ui = workspace::root().join("ui");
    let lockfile = fs::read(ui.join("package-lock.json"))
        .map_err(|error| format!("ui/package-lock.json could not be read: {error}"))?;
    let stamp = ui.join(STAMP);
    if fs::read(&stamp).is_ok_and(|installed| installed == lockfile) {
        return Ok(());
    }
    println!("installing the interface's packages");
    // Warnings are for who chooses the packages, not for who installs what the lockfile names.
    run(npm().args(["ci", "--loglevel=error"]))?;
    fs::write(stamp, lockfile).map_err(|error| format!("ui/{STAMP} could not be written: {error}"))
}

/// Runs a script of `ui/package.json`.
pub fn script(name: &str) -> Outcome {
    run(npm().args(["run", "--silent", name]))
}

/// Builds `ui/dist` where a source is newer; the desk is compiled again whenever `ui/dist` is written.
pub fn build_if_changed() -> Outcome {
    let ui = workspace::root().join("ui");
    let built = fs::metadata(ui.join("dist/index.html")).and_then(|data| data.modified());
    if built.is_ok_and(|built| newest(&ui).is_some_and(|source| source < built)) {
        return Ok(());
    }
    println!("building the interface");
    script("build")
}

/// The time of the last change below `folder`. Folders count too: a deleted file changes only them.
fn newest(folder: &Path) -> Option<SystemTime> {
    let mut latest = None;
    for entry in fs::read_dir(folder).ok()?.flatten() {
        if entry.file_name() == "node_modules" || entry.file_name() == "dist" {
            continue;
        }
        let metadata = entry.metadata().ok()?;
        latest = latest.max(metadata.modified().ok());
        if metadata.is_dir() {
            latest = latest.max(newest(&entry.path()));
        }
    }
    latest
}
