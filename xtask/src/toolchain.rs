//! Checks that Rust, Node and npm are there and new enough, and names the remedy where they are not.

use std::process::Command;

use crate::process::{Outcome, answer};
use crate::workspace;

/// The oldest Node that the UI's build tool accepts.
const NODE: Version = Version(20, 19, 0);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32, u32);

impl Version {
    /// The first version number in what a program answers to `--version`.
    pub fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let mut parts = word.trim_start_matches('v').split(['.', '-', '+']);
            let major = parts.next()?.parse().ok()?;
            let minor = parts.next()?.parse().ok()?;
            let patch = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
            Some(Self(major, minor, patch))
        })
    }
}

/// npm, which is a script on Windows.
pub fn npm() -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(workspace::root().join("ui"));
    npm
}

/// Refuses with a sentence where a tool is missing or too old.
pub fn require() -> Outcome {
    let rust = workspace::package_value("rust-version")?;
    let wanted = Version::find(&rust).ok_or_else(|| format!("Cargo.toml: `{rust}` is no Rust version"))?;
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    check("Rust", answer(Command::new(rustc).arg("--version")), wanted, "`rustup update` brings a newer one")?;
    let remedy = "install the current LTS from https://nodejs.org or with your version manager";
    check("Node", answer(Command::new("node").arg("--version")), NODE, remedy)?;
    if answer(npm().arg("--version")).is_none() {
        return Err(format!("npm is not on PATH; it comes with Node: {remedy}"));
    }
    // The linker is not asked for: without Visual Studio's or Xcode's tools this program would not have been built.
    if cfg!(windows) && answer(Command::new("perl").arg("--version")).is_none() {
        return Err("Perl is not on PATH; the encryption library is built with it: \
                    install Strawberry Perl (winget install StrawberryPerl.StrawberryPerl)"
            .to_owned());
    }
    Ok(())
}

fn check(tool: &str, found: Option<String>, wanted: Version, remedy: &str) -> Outcome {
    let Version(major, minor, _) = wanted;
    match found {
        None => Err(format!("{tool} is not on PATH; {major}.{minor} or newer is needed: {remedy}")),
        Some(text) => match Version::find(&text) {
            Some(version) if version >= wanted => Ok(()),
            _ => Err(format!("{tool} {major}.{minor} or newer is needed, found {text}: {remedy}")),
        },
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn versions_are_found_and_compared_as_numbers() {
        assert_eq!(Version::find("v20.19.5"), Some(Version(20, 19, 5)));
        assert_eq!(Version::find("rustc 1.95.0 (59807616e 2026-04-14)"), Some(Version(1, 95, 0)));
        assert_eq!(Version::find("cargo-deny 0.20.2"), Some(Version(0, 20, 2)));
        assert_eq!(Version::find("1.90"), Some(Version(1, 90, 0)));
        assert_eq!(Version::find("none"), None);
        assert!(Version(20, 9, 0) < Version(20, 19, 0));
    }

    #[test]
    fn the_sentence_names_what_was_found_and_the_remedy() {
        let error = check("Node", Some("v18.20.4".into()), NODE, "do this").unwrap_err();
        assert_eq!(error, "Node 20.19 or newer is needed, found v18.20.4: do this");
        let error = check("Node", None, NODE, "do this").unwrap_err();
        assert_eq!(error, "Node is not on PATH; 20.19 or newer is needed: do this");
        assert!(check("Node", Some("v22.0.0".into()), NODE, "").is_ok());
    }
}
