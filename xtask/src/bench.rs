//! `cargo xtask bench`: measures the release build; figures are ratios to floors taken in the same run.

use std::process::Command;

use crate::process::{Outcome, run};
use crate::system::{self, Consent};
use crate::{build, toolchain, ui, workspace};

/// Builds the programs for release and runs the benchmark of `tests/` with `arguments`.
pub fn bench(consent: Consent, arguments: &[String]) -> Outcome {
    toolchain::require()?;
    system::ensure(system::TEST, consent)?;
    ui::install()?;
    ui::build_if_changed()?;
    build::binaries(&["kefu-desk", "kefu", "bench"], true)?;
    run(Command::new(workspace::binary("bench", true)?)
        .args(arguments)
        .current_dir(workspace::root())
        .env("KEFU_DESK_BIN", workspace::binary("kefu-desk", true)?)
        .env("KEFU_BIN", workspace::binary("kefu", true)?))
}
