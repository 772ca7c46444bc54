//! Installs the system packages that Debian and Ubuntu lack; other systems bring their web view themselves.

use std::fs;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::process::Command;

use crate::process::{Outcome, answer, run};

/// What building and opening the desk needs.
pub const RUN: &[&str] =
    &["build-essential", "pkg-config", "libssl-dev", "libwebkit2gtk-4.1-dev", "librsvg2-dev", "fonts-noto-cjk"];

/// What the tests need: a window nobody sees, a keyring of its own, readers for PDF and pictures, and a server.
pub const TEST: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "fonts-noto-cjk",
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "gnome-keyring",
    "libsecret-tools",
    "poppler-utils",
    "x11-utils",
    "xdotool",
    "imagemagick",
    "postgresql", // a cluster of their own in a temporary folder
    "openssl",    // its certificates
    "pgbouncer",  // a pool before it
];

/// Whether packages may be installed without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    Given,
    Ask,
}

impl Consent {
    /// Given by `--yes`, by CI, and by root where nobody sits at a terminal who could be asked.
    pub fn new(yes: bool) -> Self {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        if yes || ci || (!stdin().is_terminal() && is_root()) { Self::Given } else { Self::Ask }
    }
}

/// Installs what is missing of `packages`. Says nothing and runs nothing where nothing is missing.
pub fn ensure(packages: &[&str], consent: Consent) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !is_debian_family(&release) || answer(Command::new("apt-get").arg("--version")).is_none() {
        return advise(packages);
    }
    let missing = missing(packages)?;
    if missing.is_empty() {
        return Ok(());
    }
    println!("These system packages are missing and will be installed with apt-get:\n  {}", missing.join(" "));
    if consent == Consent::Ask && !asked()? {
        return Err(format!(
            "nothing was installed. Answer y, give --yes, or run\n  sudo apt-get install --no-install-recommends {}",
            missing.join(" ")
        ));
    }
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "--no-install-recommends", "-y"]).args(&missing))
}

/// Other distributions name their packages otherwise; ours are named so that theirs can be found.
fn advise(packages: &[&str]) -> Outcome {
    let libraries = ["--exists", "webkit2gtk-4.1", "libcrypto"];
    if answer(Command::new("pkg-config").args(libraries)).is_none() {
        println!(
            "This is not Debian or Ubuntu: please install your system's counterparts of\n  {}",
            packages.join(" ")
        );
    }
    Ok(())
}

fn asked() -> Outcome<bool> {
    if !stdin().is_terminal() {
        return Ok(false);
    }
    print!("Install them now? [y/N] ");
    let mut line = String::new();
    stdout().flush().and_then(|()| stdin().read_line(&mut line)).map_err(|error| format!("no answer: {error}"))?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

fn apt_get() -> Command {
    let mut command = Command::new(if is_root() { "env" } else { "sudo" });
    if !is_root() {
        command.arg("env");
    }
    // A fresh desktop is often busy with its own updates: wait for them.
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]);
    command
}

fn is_root() -> bool {
    cfg!(unix) && answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// The packages among `wanted` that are not installed. dpkg-query fails for a name that it has never seen, yet
/// reports on all others, so its exit status says nothing here.
fn missing<'a>(wanted: &[&'a str]) -> Outcome<Vec<&'a str>> {
    let output = Command::new("dpkg-query")
        .args(["-W", "-f=${Package} ${Status}\\n"])
        .args(wanted)
        .output()
        .map_err(|error| format!("dpkg-query could not be started: {error}"))?;
    Ok(not_listed(&String::from_utf8_lossy(&output.stdout), wanted))
}

fn not_listed<'a>(listing: &str, wanted: &[&'a str]) -> Vec<&'a str> {
    let installed = |name: &str| {
        listing.lines().any(|line| {
            line.split_once(' ').is_some_and(|(package, status)| package == name && status == "install ok installed")
        })
    };
    wanted.iter().copied().filter(|name| !installed(name)).collect()
}

fn is_debian_family(os_release: &str) -> bool {
    os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim().trim_matches(['"', '\'']).split_whitespace())
        .any(|id| id == "debian" || id == "ubuntu")
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn debian_and_its_children_are_known() {
        assert!(is_debian_family("NAME=\"Debian\"\nID=debian\n"));
        assert!(is_debian_family("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(is_debian_family("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian_family("ID=fedora\nVERSION_ID=debian\n"));
    }

    #[test]
    fn only_fully_installed_packages_count() {
        let listing = "xvfb install ok installed\nxauth deinstall ok config-files\nxauth-extra install ok installed\n";
        assert_eq!(not_listed(listing, &["xvfb", "xauth", "dbus"]), ["xauth", "dbus"]);
    }

    #[test]
    fn tests_need_all_that_running_needs() {
        assert!(RUN.iter().all(|package| TEST.contains(package)));
    }
}
