//! Guards the shape of the house: crates depend downwards only, each kind of outside library has one room, and so it is
//! with the interface's imports. Reads `cargo metadata` and the sources, so it needs nothing built.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "arrows/interface.rs"]
mod interface;

/// Every crate of the workspace and those of ours that it may depend on. What may be depended on in tests only is in
/// [`TESTS_ONLY`].
const PLACES: &[(&str, &[&str])] = &[
    ("kefu-domain", &[]),
    ("kefu-vault", &["kefu-domain"]),
    ("kefu-local", &["kefu-domain", "kefu-vault"]),
    ("kefu-sync", &["kefu-domain"]),
    ("kefu-shared", &["kefu-domain", "kefu-sync", "kefu-vault"]),
    ("kefu-paper", &["kefu-domain"]),
    ("kefu-app", &["kefu-domain", "kefu-local", "kefu-paper", "kefu-shared", "kefu-sync", "kefu-vault"]),
    ("kefu-cli", &["kefu-app"]),
    ("kefu-desk", &["kefu-app"]),
    ("kefu-testkit", &["kefu-domain", "kefu-local", "kefu-vault"]),
    (
        "kefu-stories",
        &[
            "kefu-app",
            "kefu-domain",
            "kefu-local",
            "kefu-paper",
            "kefu-shared",
            "kefu-sync",
            "kefu-testkit",
            "kefu-vault",
        ],
    ),
    ("kefu-e2e", &["kefu-app", "kefu-domain", "kefu-testkit"]),
    ("xtask", &[]),
];

/// May be a dev-dependency of any crate above it.
const TESTS_ONLY: &str = "kefu-testkit";

/// Outside libraries with a room of their own: names (a trailing `*` matches any ending), the crates that may use
/// them, and what is lost otherwise.
const ROOMS: &[(&[&str], &[&str], &str)] = &[
    (&["tauri", "tauri-*", "wry", "tao"], &["kefu-desk"], "use cases must run without a window"),
    (
        &["sqlx", "sqlx-*", "libsqlite3-sys", "rusqlite"],
        // The benchmark's floor is a bare SQLCipher transaction.
        &["kefu-local", "kefu-shared", "kefu-stories"],
        "one door for every write",
    ),
    (
        &[
            "aes*",
            "argon2",
            "blake*",
            "chacha20*",
            "curve25519*",
            "ed25519*",
            "getrandom",
            "hkdf",
            "hmac",
            "hpke",
            "keyring*",
            "openssl*",
            "rand",
            "rand_*",
            "ring",
            "rustls",
            "scrypt",
            "sha1",
            "sha2",
            "sha3",
            "x25519*",
        ],
        &["kefu-vault"],
        "keys and what is done with them are reviewed in one place",
    ),
    (&["printpdf", "subsetter", "ttf-parser", "qrcode"], &["kefu-paper"], "one drawing of the sheet"),
    (
        &["tokio", "async-*", "futures*", "tempfile", "tracing*", "reqwest", "hyper"],
        &[
            "kefu-vault",
            "kefu-local",
            "kefu-shared",
            "kefu-paper",
            "kefu-app",
            "kefu-cli",
            "kefu-desk",
            "kefu-testkit",
            "kefu-stories",
            "kefu-e2e",
        ],
        "the rules of the trade do no I/O, and the chores start at once",
    ),
];

#[derive(Debug, Clone, PartialEq)]
struct Edge {
    from: String,
    to: String,
    dev: bool,
}

fn edge(from: &str, to: &str, dev: bool) -> Edge {
    Edge { from: from.into(), to: to.into(), dev }
}

/// What is wrong with an edge between crates, if anything.
fn crate_fault(edge: &Edge) -> Option<String> {
    let Edge { from, to, dev } = edge;
    let Some((_, may)) = PLACES.iter().find(|(name, _)| name == from) else {
        return Some(unplaced(from));
    };
    if PLACES.iter().any(|(name, _)| name == to) {
        let in_tests = *dev && (to == TESTS_ONLY || to == from) && !may_be_below(TESTS_ONLY, from);
        let allowed = may.contains(&to.as_str()) || in_tests;
        return (!allowed).then(|| format!("{from} must not depend on {to}: arrows point down only"));
    }
    let room = ROOMS.iter().find(|(libraries, _, _)| libraries.iter().any(|pattern| matches(pattern, to)));
    room.filter(|(_, owners, _)| !owners.contains(&from.as_str()))
        .map(|(_, owners, reason)| format!("{from} must not use {to}, only {} may: {reason}", owners.join(", ")))
}

/// A crate that testkit itself stands on cannot use it, not even in tests: its types would exist twice.
fn may_be_below(above: &str, name: &str) -> bool {
    PLACES.iter().any(|(place, may)| *place == above && may.contains(&name))
}

fn unplaced(name: &str) -> String {
    format!("{name} has no place yet: name it in PLACES of tests/arrows.rs, with the crates that it may depend on")
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every crate's name with its direct dependencies of all kinds and systems.
fn workspace() -> BTreeMap<String, Vec<Edge>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let package = |package: &serde_json::Value| {
        let from = text(&package["name"]);
        let edges = package["dependencies"].as_array().unwrap().iter();
        let edges = edges.map(|to| edge(&from, &text(&to["name"]), to["kind"] == "dev")).collect();
        (from.clone(), edges)
    };
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

#[test]
fn crates_depend_downwards_only() {
    let crates = workspace();
    assert!(crates.len() >= PLACES.len(), "cargo metadata shows {} crates only", crates.len());
    let strangers =
        crates.keys().filter(|name| !PLACES.iter().any(|(place, _)| place == name)).map(|name| unplaced(name));
    let faults: Vec<String> = strangers.chain(crates.values().flatten().filter_map(crate_fault)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn places_themselves_have_no_circle() {
    // The list is written from the bottom up, testkit and the tests last: each names only what stands before it.
    for (index, (name, may)) in PLACES.iter().enumerate() {
        for below in *may {
            let at = PLACES.iter().position(|(place, _)| place == below);
            assert!(at.is_some_and(|at| at < index), "{name} may depend on {below}, which stands above it or nowhere");
        }
    }
}

#[test]
fn a_bad_arrow_is_seen() {
    let bad = [
        edge("kefu-domain", "kefu-vault", false),
        edge("kefu-domain", "kefu-testkit", true),
        edge("kefu-paper", "kefu-local", true),
        edge("kefu-cli", "kefu-local", false),
        edge("kefu-app", "kefu-testkit", false),
        edge("kefu-app", "tauri", false),
        edge("kefu-app", "tauri-plugin-dialog", true),
        edge("kefu-desk", "sqlx", false),
        edge("kefu-local", "sha2", false),
        edge("kefu-cli", "printpdf", false),
        edge("kefu-domain", "tokio", true),
        edge("xtask", "tokio", false),
    ];
    for edge in bad {
        assert!(crate_fault(&edge).is_some(), "{edge:?} was let through");
    }
    for edge in
        [edge("kefu-app", "kefu-testkit", true), edge("kefu-desk", "tauri", false), edge("kefu-local", "sqlx", false)]
    {
        assert_eq!(crate_fault(&edge), None);
    }
    let sentence = crate_fault(&edge("kefu-new", "serde", false)).unwrap();
    assert!(sentence.contains("kefu-new has no place yet: name it in PLACES"), "{sentence}");
}
