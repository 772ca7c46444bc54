//! `cargo xtask package`: the `.deb` with both programs, the menu entry, icons and licences, made with Debian's own
//! tools from a staging tree below the target folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, answer, output, run};
use crate::system::{self, Consent};
use crate::{build, notices, toolchain, ui, workspace};

const CONTROL: &str = include_str!("../package/control");
const DESKTOP: &str = include_str!("../package/kefu-desk.desktop");
const COPYRIGHT: &str = include_str!("../package/copyright");

/// Programs under /usr/bin.
const PROGRAMS: [&str; 2] = ["kefu-desk", "kefu"];

/// Files of `icons/` and the size folder that each goes to.
const ICONS: [(&str, &str); 5] = [
    ("32x32.png", "32x32"),
    ("128x128.png", "128x128"),
    ("128x128@2x.png", "256x256"),
    ("icon.png", "512x512"),
    ("icon.svg", "scalable"),
];

/// Builds everything for release and leaves the package in `<target>/package/`.
pub fn package(consent: Consent) -> Outcome {
    if answer(Command::new("dpkg-deb").arg("--version")).is_none() {
        return Err(
            "the .deb is made on Debian or Ubuntu; on Windows and macOS `cargo tauri build` makes an installer"
                .to_owned(),
        );
    }
    toolchain::require()?;
    system::ensure(system::RUN, consent)?;
    ui::install()?;
    ui::script("build")?;
    build::binaries(&PROGRAMS, true)?;

    let version = workspace::package_value("version")?;
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))?.trim().to_owned();
    let home = workspace::target()?.join("package");
    let stage = home.join("root");
    let bytes = stage_files(&stage).map_err(|error| format!("the package's files could not be laid out: {error}"))?;
    let values = [
        ("{version}", version.clone()),
        ("{architecture}", architecture.clone()),
        ("{installed-size}", bytes.div_ceil(1024).to_string()),
        ("{depends}", depends(&home, &stage)?),
    ];
    let control = values.iter().fold(CONTROL.to_owned(), |text, (key, value)| text.replace(key, value));
    put(&stage, "DEBIAN/control", control.as_bytes(), 0o644).map_err(|error| format!("control file: {error}"))?;

    let deb = home.join(format!("kefu-desk_{version}_{architecture}.deb"));
    run(Command::new("dpkg-deb").args(["--build", "--root-owner-group"]).arg(&stage).arg(&deb))?;
    run(Command::new("dpkg-deb").arg("--info").arg(&deb))?;
    run(Command::new("dpkg-deb").arg("--contents").arg(&deb))?;
    println!("{}", deb.display());
    Ok(())
}

/// Lays out the installed tree anew and gives its size in bytes.
fn stage_files(stage: &Path) -> io::Result<u64> {
    if stage.exists() {
        fs::remove_dir_all(stage)?;
    }
    let root = workspace::root();
    let mut bytes = 0;
    for name in PROGRAMS {
        let program = fs::read(workspace::binary(name, true).map_err(io::Error::other)?)?;
        bytes += put(stage, &format!("usr/bin/{name}"), &program, 0o755)?;
    }
    for (file, size) in ICONS {
        let extension = file.rsplit('.').next().unwrap_or_default();
        let target = format!("usr/share/icons/hicolor/{size}/apps/kefu-desk.{extension}");
        bytes += put(stage, &target, &fs::read(root.join("icons").join(file))?, 0o644)?;
    }
    bytes += put(stage, "usr/share/applications/kefu-desk.desktop", DESKTOP.as_bytes(), 0o644)?;
    let doc = "usr/share/doc/kefu-desk";
    bytes += put(stage, &format!("{doc}/copyright"), COPYRIGHT.as_bytes(), 0o644)?;
    bytes += put(stage, &format!("{doc}/LICENSE"), &fs::read(root.join("LICENSE"))?, 0o644)?;
    let notices = notices::collect().map_err(io::Error::other)?;
    bytes += put(stage, &format!("{doc}/THIRD-PARTY-NOTICES"), notices.as_bytes(), 0o644)?;
    for licence in font_licences(&root)? {
        let name = licence.file_name().unwrap_or_default().to_string_lossy().into_owned();
        bytes += put(stage, &format!("{doc}/{name}"), &fs::read(&licence)?, 0o644)?;
    }
    Ok(bytes)
}

/// The licences of the fonts that the programs embed lie beside them as `LICENSE-*`; fonts must not be shipped bare.
fn font_licences(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut licences = Vec::new();
    for entry in fs::read_dir(root.join("crates/paper/fonts"))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("LICENSE")) {
            licences.push(path);
        }
    }
    licences.sort();
    if licences.is_empty() { Err(io::Error::other("crates/paper/fonts holds no LICENSE")) } else { Ok(licences) }
}

/// What the programs link to, as this system's packages name it. dpkg-shlibdeps wants a source package around it.
fn depends(home: &Path, stage: &Path) -> Outcome<String> {
    let control = "Source: kefu-desk\n\nPackage: kefu-desk\nArchitecture: any\n";
    put(home, "debian/control", control.as_bytes(), 0o644).map_err(|error| format!("debian/control: {error}"))?;
    let mut command = Command::new("dpkg-shlibdeps");
    command.arg("-O").args(PROGRAMS.map(|name| stage.join("usr/bin").join(name))).current_dir(home);
    let line = output(&mut command)?;
    match line.trim().split_once("shlibs:Depends=") {
        Some((_, packages)) if !packages.is_empty() => Ok(packages.to_owned()),
        _ => Err(format!("dpkg-shlibdeps found no libraries: {line}")),
    }
}

fn put(stage: &Path, path: &str, content: &[u8], mode: u32) -> io::Result<u64> {
    let target = stage.join(path);
    let folder = target.parent().unwrap_or(stage);
    fs::create_dir_all(folder)?;
    fs::write(&target, content)?;
    set_mode(&target, mode)?;
    Ok(content.len() as u64)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
