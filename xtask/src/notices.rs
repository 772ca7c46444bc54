//! Collects the licences of everything that the programs embed: their authors grant use on condition that these texts
//! travel with each copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Outcome, output};
use crate::toolchain::npm;
use crate::workspace;

/// One text: each library with its licence, then every licence text once, headed by the libraries that it covers.
pub fn collect() -> Outcome<String> {
    let mut libraries = crates()?;
    libraries.extend(npm_packages()?);
    let mut notices = String::from("Libraries that the programs of Kefu Desk embed, and their licences.\n\n");
    let mut texts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for library in &libraries {
        // Writing to a String cannot fail.
        let _ = writeln!(notices, "{}  {}", library.name, library.licence);
        for text in licence_texts(&library.folder) {
            texts.entry(text).or_default().push(&library.name);
        }
    }
    for (text, names) in &texts {
        let rule = "-".repeat(100);
        let _ = write!(notices, "\n{rule}\n{}\n{rule}\n{}\n", names.join(", "), text.trim_end());
    }
    Ok(notices)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Library {
    name: String,
    licence: String,
    folder: PathBuf,
}

/// The crates that are linked into the programs, without those that only build or test them.
fn crates() -> Outcome<BTreeSet<Library>> {
    let metadata = output(workspace::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let folders: BTreeMap<String, PathBuf> = manifests(&metadata).map(|path| (folder_name(&path), path)).collect();
    let tree = output(workspace::cargo().args([
        "tree",
        "--package=kefu-desk",
        "--package=kefu-cli",
        "--edges=normal",
        "--prefix=none",
        "--format={p}|{l}",
    ]))?;
    Ok(tree
        .lines()
        .filter_map(listed)
        .filter_map(|(name, licence)| {
            let folder = folders.get(&name)?.clone();
            Some(Library { name, licence, folder })
        })
        .collect())
}

/// `serde v1.0.0|MIT (*)` → `serde-1.0.0` and `MIT`; nothing for a crate of ours, which has a path behind its version.
fn listed(line: &str) -> Option<(String, String)> {
    let (package, licence) = line.split_once('|')?;
    let (name, version) = package.trim_end_matches(" (proc-macro)").split_once(" v")?;
    (!version.contains(' ')).then(|| (format!("{name}-{version}"), licence.trim_end_matches(" (*)").to_owned()))
}

fn manifests(metadata: &str) -> impl Iterator<Item = PathBuf> + '_ {
    let paths = metadata.split("\"manifest_path\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    paths.filter_map(|path| Path::new(path).parent()).map(Path::to_path_buf)
}

/// The packages of the interface that its build may take in, without its tools.
fn npm_packages() -> Outcome<BTreeSet<Library>> {
    let listing = output(npm().args(["ls", "--omit=dev", "--all", "--parseable", "--long"]))?;
    let mut libraries = BTreeSet::new();
    for line in listing.lines().skip(1) {
        // `/path/ui/node_modules/vue:vue@3.5.45:…`
        let mut parts = line.split(':');
        let (Some(path), Some(package)) = (parts.next(), parts.next()) else {
            continue;
        };
        let folder = PathBuf::from(path);
        let manifest = fs::read_to_string(folder.join("package.json")).unwrap_or_default();
        let licence =
            manifest.split("\"license\"").nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap_or("see below");
        libraries.insert(Library { name: package.to_owned(), licence: licence.to_owned(), folder });
    }
    Ok(libraries)
}

/// The texts in a library's folder and one level below, where bundled C sources keep theirs.
fn licence_texts(folder: &Path) -> BTreeSet<String> {
    let mut folders = vec![folder.to_path_buf()];
    folders.extend(entries(folder).filter(|path| path.is_dir() && !path.ends_with("node_modules")));
    let files = folders.iter().flat_map(|folder| entries(folder)).filter(|path| is_licence(path));
    files.filter_map(|path| fs::read_to_string(path).ok()).map(|text| text.replace("\r\n", "\n")).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn is_licence(path: &Path) -> bool {
    let name = folder_name(path).to_ascii_uppercase();
    let begins = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"].iter().any(|start| name.starts_with(start));
    begins && path.is_file() && ![".RS", ".JS", ".TS", ".HTML"].iter().any(|end| name.ends_with(end))
}

fn folder_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn our_own_crates_are_not_third_parties() {
        assert_eq!(listed("kefu-app v0.1.0 (/somewhere/crates/app)|Apache-2.0"), None);
        let found = listed("serde_derive v1.0.229 (proc-macro)|MIT OR Apache-2.0 (*)");
        assert_eq!(found, Some(("serde_derive-1.0.229".into(), "MIT OR Apache-2.0".into())));
    }

    #[test]
    fn manifests_are_read_from_metadata() {
        let metadata =
            r#"{"packages":[{"manifest_path":"/r/serde-1.0.0/Cargo.toml"},{"manifest_path":"/r/a-2.0.0/Cargo.toml"}]}"#;
        let names: Vec<_> = manifests(metadata).map(|path| folder_name(&path)).collect();
        assert_eq!(names, ["serde-1.0.0", "a-2.0.0"]);
    }

    #[test]
    fn the_programs_list_their_own_libraries_with_a_text() {
        let libraries = crates().unwrap();
        let sqlcipher = libraries.iter().find(|library| library.name.starts_with("libsqlite3-sys-")).unwrap();
        assert!(licence_texts(&sqlcipher.folder).iter().any(|text| text.contains("ZETETIC")));
    }
}
