//! A desk driven through the built `kefu`.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "tests; each uses some of it")]

pub mod company;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Passphrase of test desks.
pub const PASSPHRASE: &str = "测试用的口令 8";

/// A desk in a temporary folder, with a folder for temporary files of its own beside it.
pub struct Desk {
    pub top: TempDir,
}

/// What a command answered.
pub struct Answer {
    pub status: i32,
    pub lines: Vec<Value>,
    pub refusals: Vec<Value>,
    pub errors: String,
}

impl Desk {
    /// An empty folder; nothing is set up.
    pub fn bare() -> Self {
        let top = tempfile::tempdir().unwrap();
        std::fs::create_dir(top.path().join("tmp")).unwrap();
        Desk { top }
    }

    /// A desk set up by `kefu init`.
    pub fn new() -> Self {
        let desk = Self::bare();
        let answer = desk.kefu(&["init", "--company", "良渚电器有限公司", "--member", "孙丽", "--device-code", "A03"]);
        assert_eq!(answer.status, 0, "{}", answer.errors);
        desk
    }

    pub fn data(&self) -> PathBuf {
        self.top.path().join("data")
    }

    /// The command, ready to run on this desk.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kefu"));
        command.arg(arguments[0]).arg("--data").arg(self.data()).args(&arguments[1..]);
        command.env("KEFU_PASSPHRASE", PASSPHRASE).env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
        for name in ["TMPDIR", "TMP", "TEMP", "SQLITE_TMPDIR"] {
            command.env(name, self.top.path().join("tmp"));
        }
        command
    }

    pub fn kefu(&self, arguments: &[&str]) -> Answer {
        answer(self.command(arguments).output().unwrap())
    }

    /// Runs with `input` on standard input.
    pub fn kefu_with(&self, arguments: &[&str], input: &str) -> Answer {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        answer(child.wait_with_output().unwrap())
    }
}

/// Runs a command that was made ready.
pub fn answered(command: &mut Command) -> Answer {
    answer(command.output().unwrap())
}

fn answer(output: Output) -> Answer {
    let json = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<Value>>()
    };
    Answer {
        status: output.status.code().unwrap_or(-1),
        lines: json(&output.stdout),
        refusals: json(&output.stderr),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The complaints as a desk receives them.
pub fn complaints() -> (PathBuf, Vec<Value>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/complaints.json");
    let forms = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    (path, forms)
}

/// All files below a folder with their bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => all.extend(files(&entry.path())),
            // A file may go away while we look.
            _ => all.extend(std::fs::read(entry.path()).ok().map(|bytes| (entry.path(), bytes))),
        }
    }
    all
}

/// Whether `needle` lies anywhere in `bytes`.
pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.map(|(at, _)| &bytes[at..]).any(|rest| rest.starts_with(needle))
}
