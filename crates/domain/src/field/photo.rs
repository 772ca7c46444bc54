//! Photos of a visit: what of a file is kept. The place where a photo was taken, and everything else that a camera writes
//! beside the picture, stays behind unless the customer agreed to it (个人信息保护法 28, 29).
//!
//! The picture itself is not touched: JPEG and PNG are read by their segments, which name their lengths. What does not
//! read as one of the two is refused, because what cannot be read cannot be cleaned.

/// Longest side of a photo, in pixels; the window scales larger ones down before they come here.
pub const LONGEST_SIDE: u32 = 1600;

/// A photo as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// The file.
    pub bytes: Vec<u8>,
    /// `image/jpeg` or `image/png`.
    pub mime: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Why a photo is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPhoto {
    /// Neither a JPEG nor a PNG, or damaged.
    #[error("neither JPEG nor PNG")]
    Unreadable,
    /// A side is longer than [`LONGEST_SIDE`].
    #[error("larger than {LONGEST_SIDE} pixels")]
    TooLarge,
}

/// Reads a photo and leaves out what was written beside the picture; with `location` that stays.
///
/// # Errors
/// [`BadPhoto`].
pub fn read(bytes: &[u8], location: bool) -> Result<Photo, BadPhoto> {
    let photo = match bytes {
        [0xff, 0xd8, ..] => jpeg(bytes, location),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => png(bytes, location),
        _ => None,
    };
    let photo = photo.filter(|photo| photo.width > 0 && photo.height > 0).ok_or(BadPhoto::Unreadable)?;
    if photo.width.max(photo.height) > LONGEST_SIDE { Err(BadPhoto::TooLarge) } else { Ok(photo) }
}

fn pair(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn four(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// JPEG: SOI, segments of marker and length, scans in between, EOI; what cameras put behind that is left out.
fn jpeg(bytes: &[u8], location: bool) -> Option<Photo> {
    let mut out = vec![0xff, 0xd8];
    let (mut at, mut size) = (2, None);
    loop {
        // Any number of 0xff may fill the room before a marker.
        while bytes.get(at) == Some(&0xff) && bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let marker = match bytes.get(at..at + 2)? {
            [0xff, marker] => *marker,
            _ => return None,
        };
        if marker == 0xd9 {
            out.extend_from_slice(&[0xff, 0xd9]);
            let (width, height) = size?;
            return Some(Photo { bytes: out, mime: "image/jpeg", width, height });
        }
        let length = pair(bytes, at + 2).filter(|length| *length >= 2)?;
        let segment = bytes.get(at..at + 2 + length)?;
        let body = &segment[4..];
        if (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker) {
            size = Some((pair(body, 3)? as u32, pair(body, 1)? as u32));
        }
        if kept(marker, body) || location {
            out.extend_from_slice(segment);
        } else if let Some(turned) = orientation(marker, body) {
            out.extend_from_slice(&upright(turned));
        }
        at += segment.len();
        if marker == 0xda {
            // The scan: up to the next marker that is neither stuffed nor a restart.
            let begins = at;
            while !matches!(bytes.get(at..at + 2)?, [0xff, next] if *next != 0 && !(0xd0..=0xd7).contains(next)) {
                at += 1;
            }
            out.extend_from_slice(&bytes[begins..at]);
        }
    }
}

/// Whether a segment belongs to the picture: neither a comment nor an application's, but for those that say how its
/// colours are meant.
fn kept(marker: u8, body: &[u8]) -> bool {
    match marker {
        0xe0 | 0xee => true, // JFIF, Adobe
        0xe2 => body.starts_with(b"ICC_PROFILE\0"),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

/// How the picture is to be turned (TIFF 6.0, tag 274), where EXIF says so.
fn orientation(marker: u8, body: &[u8]) -> Option<u16> {
    let tiff = body.strip_prefix(b"Exif\0\0").filter(|_| marker == 0xe1)?;
    let little = tiff.starts_with(b"II");
    let two = |at: usize| -> Option<u16> {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let offset = tiff.get(4..8)?.try_into().ok()?;
    let first = if little { u32::from_le_bytes(offset) } else { u32::from_be_bytes(offset) } as usize;
    (0..usize::from(two(first)?)).find_map(|nth| {
        let entry = first.checked_add(2 + nth * 12)?;
        (two(entry)? == 274).then(|| two(entry + 8)).flatten()
    })
}

/// An EXIF segment that says how the picture is to be turned, and nothing else.
fn upright(turned: u16) -> Vec<u8> {
    let mut body = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    body.extend_from_slice(&turned.to_be_bytes());
    body.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
    let mut out = vec![0xff, 0xe1];
    out.extend_from_slice(&((body.len() + 2) as u16).to_be_bytes());
    out.extend(body);
    out
}

/// PNG: chunks of length, name, data and checksum.
fn png(bytes: &[u8], location: bool) -> Option<Photo> {
    let mut out = bytes[..8].to_vec();
    let (mut at, mut size) = (8, None);
    loop {
        let length = four(bytes, at)? as usize;
        let chunk = bytes.get(at..at.checked_add(12)?.checked_add(length)?)?;
        let name = &chunk[4..8];
        if name == b"IHDR" {
            size = Some((four(chunk, 8)?, four(chunk, 12)?));
        }
        if location || ![&b"eXIf"[..], b"tEXt", b"iTXt", b"zTXt", b"tIME"].contains(&name) {
            out.extend_from_slice(chunk);
        }
        at += chunk.len();
        if name == b"IEND" {
            let (width, height) = size?;
            return Some(Photo { bytes: out, mime: "image/png", width, height });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![0xff, marker];
        out.extend_from_slice(&((body.len() + 2) as u16).to_be_bytes());
        out.extend_from_slice(body);
        out
    }

    /// A file laid out as cameras do: EXIF with orientation 6 and a place, XMP, comment, frame, scan with stuffing and
    /// restarts, and a second picture behind the end.
    fn camera(width: u16, height: u16) -> Vec<u8> {
        let mut exif = b"Exif\0\0II\x2a\0\x08\0\0\0\x02\0".to_vec();
        exif.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        exif.extend_from_slice(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0GPS-30.3N-120.0E");
        let mut frame = vec![8];
        frame.extend_from_slice(&height.to_be_bytes());
        frame.extend_from_slice(&width.to_be_bytes());
        frame.extend_from_slice(&[1, 1, 0x11, 0]);
        let mut out = vec![0xff, 0xd8];
        out.extend(segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
        out.extend(segment(0xe1, &exif));
        out.extend(segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0GPSLatitude"));
        out.extend(segment(0xed, b"Photoshop 3.0\0City"));
        out.extend(segment(0xfe, b"shot at home"));
        out.extend(segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"));
        out.extend(segment(0xc0, &frame));
        out.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
        out.extend_from_slice(b"scan\xff\x00more\xff\xd0data");
        out.extend_from_slice(&[0xff, 0xd9]);
        out.extend_from_slice(b"\xff\xd8second GPS-30.3N");
        out
    }

    fn has(bytes: &[u8], words: &[u8]) -> bool {
        bytes.windows(words.len()).any(|window| window == words)
    }

    #[test]
    fn the_place_stays_behind_and_the_picture_does_not() {
        let file = camera(1600, 1200);
        let photo = read(&file, false).unwrap();
        assert_eq!((photo.width, photo.height, photo.mime), (1600, 1200, "image/jpeg"));
        for gone in [&b"GPS"[..], b"xap", b"City", b"home", b"second"] {
            assert!(!has(&photo.bytes, gone), "{}", String::from_utf8_lossy(gone));
        }
        for stays in [&b"scan\xff\x00more\xff\xd0data\xff\xd9"[..], b"ICC_PROFILE", b"JFIF"] {
            assert!(has(&photo.bytes, stays), "{}", String::from_utf8_lossy(stays));
        }
        // It is still turned the right way, and what was cleaned stays as it is.
        let again = read(&photo.bytes, false).unwrap();
        assert_eq!(again.bytes, photo.bytes);
        let exif = photo.bytes.windows(6).position(|window| window == b"Exif\0\0").unwrap();
        assert_eq!(orientation(0xe1, &photo.bytes[exif..]), Some(6));
        assert!(has(&read(&file, true).unwrap().bytes, b"GPS-30.3N"), "agreed");
    }

    #[test]
    fn what_is_no_photo_is_refused() {
        assert_eq!(read(&camera(1601, 4), false), Err(BadPhoto::TooLarge));
        assert_eq!(read(&camera(4, 4000), true), Err(BadPhoto::TooLarge));
        let whole = camera(8, 8);
        for end in 0..whole.len() - 19 {
            assert_eq!(read(&whole[..end], false), Err(BadPhoto::Unreadable), "cut at {end}");
        }
        assert_eq!(read(b"GIF89a", false), Err(BadPhoto::Unreadable));
    }

    #[test]
    fn chunks_beside_the_picture_are_left_out() {
        let chunk = |name: &[u8], body: &[u8]| {
            let mut out = (body.len() as u32).to_be_bytes().to_vec();
            out.extend_from_slice(name);
            out.extend_from_slice(body);
            out.extend_from_slice(&[1, 2, 3, 4]);
            out
        };
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.extend(chunk(b"IHDR", b"\0\0\0\x0a\0\0\0\x14\x08\x02\0\0\0"));
        file.extend(chunk(b"eXIf", b"GPS"));
        file.extend(chunk(b"tEXt", b"GPS"));
        file.extend(chunk(b"IDAT", b"picture"));
        file.extend(chunk(b"IEND", b""));
        let photo = read(&file, false).unwrap();
        assert_eq!((photo.width, photo.height, has(&photo.bytes, b"GPS")), (10, 20, false));
        assert!(has(&photo.bytes, b"picture"));
    }
}
