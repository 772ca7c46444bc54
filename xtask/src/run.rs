//! `cargo xtask run`: from a bare machine to the open window.

use std::process::{Command, ExitCode};

use crate::process::{Outcome, not_started};
use crate::system::{self, Consent};
use crate::{build, toolchain, ui, workspace};

/// Installs what is missing, builds, and opens the desk with `arguments`; its exit status becomes ours.
pub fn run(consent: Consent, release: bool, arguments: &[String]) -> Outcome<ExitCode> {
    if cfg!(target_os = "linux") && !has_display() {
        return Err("there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set): \
                    start this from a desktop session, or with xvfb-run"
            .to_owned());
    }
    toolchain::require()?;
    system::ensure(system::RUN, consent)?;
    ui::install()?;
    ui::build_if_changed()?;
    println!("compiling the desk (some minutes the first time)");
    build::binaries(&["kefu-desk"], release)?;
    println!("opening 客服登记台");
    let mut desk = Command::new(workspace::binary("kefu-desk", release)?);
    desk.args(arguments);
    let status = desk.status().map_err(|error| not_started(&desk, &error))?;
    Ok(match status.code() {
        Some(0) => ExitCode::SUCCESS,
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => return Err(format!("the desk was ended by a signal ({status})")),
    })
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
