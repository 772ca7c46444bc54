//! Compiles our programs: one selection of packages and features for every command, so that nothing is built twice.

use std::process::Command;

use crate::process::{Outcome, run};
use crate::workspace;

/// The features of shared crates are the union over the selected packages: `-p kefu-desk` here and `--workspace`
/// there would compile some 120 crates a second time. So every chore selects the whole workspace, with the
/// interface embedded in the desk, and narrows by target.
const SELECTION: [&str; 3] = ["--workspace", "--features", "kefu-desk/custom-protocol"];

/// A cargo command over the common selection.
pub fn cargo(command: &str) -> Command {
    let mut cargo = workspace::cargo();
    cargo.arg(command).args(SELECTION);
    cargo
}

/// Compiles programs by name.
pub fn binaries(names: &[&str], release: bool) -> Outcome {
    let mut build = cargo("build");
    for name in names {
        build.args(["--bin", name]);
    }
    if release {
        build.arg("--release");
    }
    run(&mut build)
}
