//! Where the repository and its build output lie, and a cargo that starts from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::Outcome;

/// The top of the repository. Asked at run time, for a target folder may be shared by several clones.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}

/// The folder of build output, whatever CARGO_TARGET_DIR or a configuration made of it: this program runs from
/// `<target>/debug/`.
pub fn target() -> Outcome<PathBuf> {
    let program = std::env::current_exe().map_err(|error| format!("own path unknown: {error}"))?;
    let target = program.parent().and_then(Path::parent).map(Path::to_path_buf);
    target.ok_or_else(|| "the build folder could not be found".to_owned())
}

/// A built program of ours.
pub fn binary(name: &str, release: bool) -> Outcome<PathBuf> {
    let profile = if release { "release" } else { "debug" };
    Ok(target()?.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Cargo at the top of the repository, without the variables that cargo set for xtask itself: build scripts that
/// watch them would otherwise run again each time xtask and a person's own cargo take turns. Where nothing is compiled a
/// second time, under `CI`, it keeps no notes for that: they would be a third of what it writes.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    if std::env::var_os("CI").is_some() {
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// A value of `[workspace.package]`, such as `version`.
pub fn package_value(key: &str) -> Outcome<String> {
    let path = root().join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("Cargo.toml could not be read: {error}"))?;
    find_value(&text, key).ok_or_else(|| format!("Cargo.toml names no `{key}` under [workspace.package]"))
}

fn find_value(manifest: &str, key: &str) -> Option<String> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[workspace.package]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn values_come_from_their_own_section() {
        let manifest = "[a]\nversion = \"9\"\n[workspace.package]\nversion = \"1.2.3\"\n[b]\nedition = \"2024\"\n";
        assert_eq!(find_value(manifest, "version").as_deref(), Some("1.2.3"));
        assert_eq!(find_value(manifest, "edition"), None);
    }

    #[test]
    fn the_real_manifest_answers() {
        assert!(package_value("rust-version").is_ok());
        assert!(root().join("Cargo.lock").is_file());
    }
}
