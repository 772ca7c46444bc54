//! The hash chain over a device's log, and the head that tells how long it was.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};

use crate::DatabaseKey;
use crate::seal::{open_bytes, seal_bytes};

/// A link of the chain: SHA-256 over the link before it and the bytes of the change.
pub type Link = [u8; 32];

/// SHA-256 of a file's content in lower-case hexadecimal, its address in the store.
pub fn content_hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// How far a device's log reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// Sequence of the last change; 0 for an empty log.
    pub seq: u64,
    /// Link of that change.
    pub link: Link,
}

impl Head {
    /// The head after one more change.
    #[must_use]
    pub fn then(self, bytes: &[u8]) -> Head {
        let link = Sha256::new().chain_update(self.link).chain_update(bytes).finalize();
        Head { seq: self.seq + 1, link: link.into() }
    }
}

/// The head written beside the database after every commit, sealed with the database key. It may lag behind the
/// database (a crash between the two) but never runs ahead: where it does, entries were cut off, for instance with
/// a write-ahead log that somebody removed, or an older copy of the file put in place.
#[derive(Debug)]
pub struct HeadFile {
    path: PathBuf,
    key: [u8; 32],
    file: Option<File>,
}

const PURPOSE: &str = "kefu head 1";

/// Beginning of the names under which heads are kept aside.
const LOST: &str = "head.lost-";

impl HeadFile {
    /// The head file of the database in `folder`.
    pub fn in_folder(folder: &Path, key: &DatabaseKey) -> Self {
        let mut own = [0; 32];
        // The output is as long as the hash: expansion cannot fail.
        let _ = Hkdf::<Sha256>::new(None, key.bytes()).expand(PURPOSE.as_bytes(), &mut own);
        HeadFile { path: folder.join("head"), key: own, file: None }
    }

    /// Writes the head. Not forced to disk: it only ever has to be a lower bound.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, head: Head) -> io::Result<()> {
        let mut plain = [0; 40];
        plain[..8].copy_from_slice(&head.seq.to_le_bytes());
        plain[8..].copy_from_slice(&head.link);
        let sealed = seal_bytes(&self.key, PURPOSE.as_bytes(), &plain).map_err(io::Error::other)?;
        let file = match self.file.take() {
            Some(file) => file,
            None => OpenOptions::new().create(true).truncate(false).write(true).open(&self.path)?,
        };
        let file = self.file.insert(file);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&sealed) // always the same length, in one write
    }

    /// The head as last written; None where the file is missing or altered.
    pub fn read(&self) -> Option<Head> {
        self.unseal(&self.path)
    }

    /// Keeps the present head beside the file before a shorter log writes over it: what it proves must not be lost with
    /// the next commit. A missing or altered one leaves a mark all the same.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn keep_aside(&self) -> io::Result<()> {
        let name = format!("{LOST}{}", self.read().map_or(0, |head| head.seq));
        let aside = self.path.with_file_name(name);
        match std::fs::copy(&self.path, &aside) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => File::create(aside).map(drop),
            Err(error) => Err(error),
        }
    }

    /// The heads kept aside: how far the log once reached, None where that cannot be read.
    pub fn kept_aside(&self) -> Vec<Option<Head>> {
        let entries = self.path.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
        let aside = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(LOST));
        aside.map(|entry| self.unseal(&entry.path())).collect()
    }

    fn unseal(&self, path: &Path) -> Option<Head> {
        let mut sealed = Vec::new();
        File::open(path).ok()?.read_to_end(&mut sealed).ok()?;
        let plain = open_bytes(&self.key, PURPOSE.as_bytes(), &sealed).ok()?;
        let (seq, link) = plain.split_first_chunk::<8>()?;
        Some(Head { seq: u64::from_le_bytes(*seq), link: link.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_depends_on_every_byte_and_their_order() {
        let chain = |all: &[&[u8]]| all.iter().fold(Head::default(), |head, bytes| head.then(bytes));
        let good = chain(&[b"a", b"b"]);
        assert_eq!(good.seq, 2);
        for other in [chain(&[b"b", b"a"]), chain(&[b"a", b"B"]), chain(&[b"b"]), chain(&[b"ab"])] {
            assert_ne!(good.link, other.link);
        }
    }

    #[test]
    fn the_head_is_read_back_only_unaltered() {
        let folder = tempfile::tempdir().unwrap();
        let key = DatabaseKey::random().unwrap();
        let mut file = HeadFile::in_folder(folder.path(), &key);
        assert_eq!(file.read(), None);
        let head = Head::default().then(b"x");
        file.write(Head::default()).unwrap();
        file.write(head).unwrap();
        assert_eq!(HeadFile::in_folder(folder.path(), &key).read(), Some(head));
        let mut bytes = std::fs::read(folder.path().join("head")).unwrap();
        bytes[30] ^= 1;
        std::fs::write(folder.path().join("head"), bytes).unwrap();
        assert_eq!(file.read(), None);
    }
}
