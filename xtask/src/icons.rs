//! `cargo xtask icons`: makes the picture files of `icons/` from its two drawings. Needed only when a drawing changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, run};
use crate::system::{self, Consent};
use crate::workspace;

/// Up to this size the plainer drawing is used.
const SMALL: u32 = 48;

const PICTURES: [(&str, u32); 4] =
    [("32x32.png", 32), ("128x128.png", 128), ("128x128@2x.png", 256), ("icon.png", 512)];
const WINDOWS: [u32; 7] = [16, 24, 32, 48, 64, 128, 256];

/// Apple's type codes of entries that hold a PNG, with its width. (Apple Icon Image format)
const APPLE: [(&[u8; 4], u32); 8] = [
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

/// Draws every picture anew.
pub fn icons(consent: Consent) -> Outcome {
    system::ensure(&["librsvg2-bin", "imagemagick"], consent)?;
    let icons = workspace::root().join("icons");
    let scratch = workspace::target()?.join("icons");
    let failed = |error: std::io::Error| format!("icons: {error}");
    fs::create_dir_all(&scratch).map_err(failed)?;

    for (name, width) in PICTURES {
        draw(&icons, width, &icons.join(name))?;
    }
    let mut layers = Vec::new();
    for width in WINDOWS {
        layers.push(scratch_picture(&icons, &scratch, width)?);
    }
    // ImageMagick 6, as Debian and Ubuntu have it. It stores all but 256 uncompressed, as resource compilers demand.
    run(Command::new("/usr/bin/convert").args(&layers).arg(icons.join("icon.ico")))?;

    let mut entries = Vec::new();
    for (code, width) in APPLE {
        entries.push((code, fs::read(scratch_picture(&icons, &scratch, width)?).map_err(failed)?));
    }
    fs::write(icons.join("icon.icns"), apple_file(&entries)).map_err(failed)
}

fn scratch_picture(icons: &Path, scratch: &Path, width: u32) -> Outcome<PathBuf> {
    let path = scratch.join(format!("{width}.png"));
    draw(icons, width, &path)?;
    Ok(path)
}

fn draw(icons: &Path, width: u32, to: &Path) -> Outcome {
    let drawing = if width <= SMALL { "icon-small.svg" } else { "icon.svg" };
    let width = width.to_string();
    run(Command::new("rsvg-convert").args(["-w", &width, "-h", &width]).arg(icons.join(drawing)).arg("-o").arg(to))
}

/// `icns` and the length of all, then each entry as code, length with its own head, content; big-endian.
fn apple_file(entries: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let head = |code: &[u8; 4], content: usize| {
        let length = u32::try_from(content + 8).unwrap_or(u32::MAX);
        [*code, length.to_be_bytes()].concat()
    };
    let body: Vec<u8> =
        entries.iter().flat_map(|(code, content)| [head(code, content.len()), content.clone()].concat()).collect();
    [head(b"icns", body.len()), body].concat()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn an_apple_file_counts_its_heads() {
        let file = apple_file(&[(b"ic07", vec![1, 2, 3])]);
        assert_eq!(file, [b"icns".as_slice(), &[0, 0, 0, 19], b"ic07", &[0, 0, 0, 11], &[1, 2, 3]].concat());
    }

    #[test]
    fn the_committed_pictures_have_the_size_of_their_name() {
        let icons = workspace::root().join("icons");
        for (name, width) in PICTURES {
            let picture = fs::read(icons.join(name)).unwrap();
            assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n", "{name}");
            assert_eq!(&picture[16..24], [width.to_be_bytes(), width.to_be_bytes()].concat(), "{name}");
            assert_eq!(picture[25], 6, "{name}: Tauri takes RGBA only");
        }
        assert_eq!(&fs::read(icons.join("icon.ico")).unwrap()[..6], [0, 0, 1, 0, 7, 0]);
        let apple = fs::read(icons.join("icon.icns")).unwrap();
        assert_eq!(&apple[4..8], u32::try_from(apple.len()).unwrap().to_be_bytes());
    }
}
