//! Audits the dependency tree by `deny.toml` with cargo-deny, which is built once into the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::{Outcome, answer, not_started, run};
use crate::toolchain::Version;
use crate::workspace;

const VERSION: &str = "0.20.2";

/// How long the host of the advisories may take before it counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks licences, sources and bans always, known vulnerabilities where their database can be fetched.
pub fn check() -> Outcome {
    let deny = find_or_install()?;
    run(command(&deny).args(["check", "bans", "licenses", "sources"]))?;
    if fetch_advisories(&deny)? {
        run(command(&deny).args(["check", "--disable-fetch", "advisories"]))
    } else {
        println!("advisories not checked: their database is out of reach from here");
        Ok(())
    }
}

fn find_or_install() -> Outcome<PathBuf> {
    let tools = workspace::target()?.join("tools");
    let own = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for candidate in [PathBuf::from("cargo-deny"), own.clone()] {
        if recent_enough(&candidate) {
            return Ok(candidate);
        }
    }
    println!("building cargo-deny {VERSION}, once");
    let build = tools.join("build");
    // Its own release profile spends more than half of the build on the last second of a check.
    run(workspace::cargo()
        .args(["install", "cargo-deny", "--locked", "--version", VERSION, "--root"])
        .arg(&tools)
        .arg("--target-dir")
        .arg(&build)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"))?;
    // Only the program is wanted; where removing fails, some disk space is lost and nothing else.
    let _ = fs::remove_dir_all(build);
    Ok(own)
}

/// The audit started at the top of the repository, where `deny.toml` lies.
fn command(deny: &Path) -> Command {
    let mut command = Command::new(deny);
    command.current_dir(workspace::root());
    command
}

fn recent_enough(program: &Path) -> bool {
    let found = answer(Command::new(program).arg("--version")).and_then(|text| Version::find(&text));
    found.is_some() && found >= Version::find(VERSION)
}

/// Whether the database of advisories could be brought up to date within the time allowed.
fn fetch_advisories(deny: &Path) -> Outcome<bool> {
    let mut fetch = command(deny);
    fetch.args(["fetch", "db"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = fetch.spawn().map_err(|error| not_started(&fetch, &error))?;
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => sleep(Duration::from_millis(100)),
            Err(error) => return Err(format!("cargo-deny could not be waited for: {error}")),
        }
    }
    // Too late is as good as never; a failed kill means that it ended just now.
    let _ = child.kill();
    let _ = child.wait();
    Ok(false)
}
