//! Attachments: a file in sealed chunks that are sent, fetched and taken up again one by one.
//!
//! The signed change names the file by hash and size; from these and the record key follow its address in the shared
//! database and the key of its chunks. Every chunk is bound to its place and to the number of all, so that none can be
//! left out, moved or taken from another file; the hash decides at the end.

use std::fmt;

use zeroize::Zeroizing;

use crate::content_hash;
use crate::envelopes::padding;
use crate::frame::frame;
use crate::record_key::RecordKey;
use crate::seal::{open_bytes, seal_bytes};

/// Bytes of a file in one chunk: with their length before them they are 64 KiB, so that one of them is through before a bad
/// line breaks, or 256 KiB where it would be too many of those.
const CHUNKS: [usize; 2] = [64 * 1024 - 4, 256 * 1024 - 4];
/// As many chunks as a file may have in the shared database.
const MOST: u64 = 100;

/// Why a chunk is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// The file has no such chunk, or the chunk is not as long as it has to be at its place.
    #[error("no such chunk, or not of its length")]
    Place,
    /// Altered, of another file, place or key.
    #[error("does not open at this place")]
    Unsealable,
    /// The system's random source failed.
    #[error("the system's random source failed")]
    Random,
}

/// A file as its record's devices exchange it. Never printed by Debug.
pub struct Attachment {
    content: String,
    size: u64,
    bound: Vec<u8>,
    address: [u8; 32],
    key: Zeroizing<[u8; 32]>,
}

impl Attachment {
    /// The file with this [`content_hash`] and size in bytes, among the attachments of the record that `key` is for.
    pub fn new(key: &RecordKey, content: &str, size: u64) -> Self {
        let [workspace, record, epoch] = key.of().parts();
        let parts: [&[u8]; 6] = [&workspace, &record, &epoch, &key.id(), content.as_bytes(), &size.to_le_bytes()];
        let bound = frame("kefu attachment 1", &parts);
        let address = *key.derive("kefu attachment address 1", &[&bound]);
        let key = key.derive("kefu attachment key 1", &[&bound]);
        Attachment { content: content.to_owned(), size, bound, address, key }
    }

    /// Where the shared database keeps its chunks. The same on every device, and tells nothing of the content.
    pub fn address(&self) -> [u8; 32] {
        self.address
    }

    /// Bytes of the file in each of its chunks but the last.
    pub fn chunk(&self) -> usize {
        let fits = |chunk: &usize| self.size <= *chunk as u64 * MOST;
        CHUNKS.into_iter().find(fits).unwrap_or(CHUNKS[1])
    }

    /// Number of chunks, at least 1: the count that is declared.
    pub fn chunks(&self) -> u64 {
        self.size.div_ceil(self.chunk() as u64).max(1)
    }

    /// Bytes of chunk `index`, counted from 0; None where there is none.
    fn length(&self, index: u64) -> Option<usize> {
        let chunk = self.chunk() as u64;
        let left = self.size.saturating_sub(index.checked_mul(chunk)?);
        (index < self.chunks()).then_some(left.min(chunk) as usize)
    }

    fn head(&self, index: u64) -> Vec<u8> {
        frame("kefu chunk 1", &[&self.bound, &index.to_le_bytes(), &self.chunks().to_le_bytes()])
    }

    /// Seals chunk `index`.
    ///
    /// # Errors
    /// [`ChunkError`].
    pub fn seal(&self, index: u64, bytes: &[u8]) -> Result<Vec<u8>, ChunkError> {
        if self.length(index) != Some(bytes.len()) {
            return Err(ChunkError::Place);
        }
        let padded = padding::pad(bytes).ok_or(ChunkError::Place)?;
        seal_bytes(&self.key, &self.head(index), &padded).map_err(|_| ChunkError::Random)
    }

    /// Opens chunk `index`.
    ///
    /// # Errors
    /// [`ChunkError`].
    pub fn open(&self, index: u64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChunkError> {
        let length = self.length(index).ok_or(ChunkError::Place)?;
        let padded = open_bytes(&self.key, &self.head(index), sealed).map_err(|_| ChunkError::Unsealable)?;
        let bytes = padding::unpad(&padded).filter(|bytes| bytes.len() == length).ok_or(ChunkError::Place)?;
        Ok(Zeroizing::new(bytes.to_vec()))
    }

    /// Whether `bytes` are the file that the change names.
    pub fn is(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.size && content_hash(bytes) == self.content
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({} chunks, …)", self.chunks())
    }
}
