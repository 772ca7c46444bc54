//! `cargo xtask bench`: measures the release build; figures are ratios to floors taken in the same run.

use std::process::Command;

use crate::process::{Outcome, answer, run};
use crate::session::Session;
use crate::system::{self, Consent};
use crate::{build, toolchain, ui, workspace};

/// Builds the programs for release and runs the benchmark of `tests/` with `arguments`.
pub fn bench(consent: Consent, arguments: &[String]) -> Outcome {
    toolchain::require()?;
    system::ensure(system::TEST, consent)?;
    ui::install()?;
    ui::build_if_changed()?;
    build::binaries(&["kefu-desk", "kefu", "bench"], true)?;
    let mut bench = Command::new(workspace::binary("bench", true)?);
    bench
        .args(arguments)
        .current_dir(workspace::root())
        .env("KEFU_DESK_BIN", workspace::binary("kefu-desk", true)?)
        .env("KEFU_BIN", workspace::binary("kefu", true)?);
    if !cfg!(target_os = "linux") || answer(Command::new("which").arg("xvfb-run")).is_none() {
        return run(&mut bench); // it says itself what it leaves out
    }
    // A screen nobody sees, and a keyring of its own that the desk may open by.
    let session = Session::new()?;
    run(&mut session.wrap(bench.env("KEFU_OWN_SESSION", "1")))
}
