//! Guards attachments: chunks in any order and after any interruption, and none that was altered, moved or left out.
#![allow(clippy::unwrap_used, reason = "tests")]

mod workspace;

use std::collections::BTreeMap;

use kefu_vault::attachment::ChunkError;
use kefu_vault::{Attachment, content_hash};
use workspace::record_key;

/// Bytes of a file in one chunk, unless there were more than a hundred of them; and then.
const CHUNK: usize = 64 * 1024 - 4;
const LARGE: usize = 256 * 1024 - 4;

fn file(size: usize) -> Vec<u8> {
    (0..size as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn sealed(attachment: &Attachment, bytes: &[u8]) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = if bytes.is_empty() { vec![&[]] } else { bytes.chunks(attachment.chunk()).collect() };
    pieces.iter().zip(0..).map(|(piece, index)| attachment.seal(index, piece).unwrap()).collect()
}

#[test]
fn a_file_of_any_size_comes_back() {
    let key = record_key(5);
    let check = |size: usize, chunks: u64| {
        let bytes = file(size);
        let attachment = Attachment::new(&key, &content_hash(&bytes), size as u64);
        assert_eq!(attachment.chunks(), chunks, "{size}");
        let all = sealed(&attachment, &bytes);
        let most = if size <= 100 * CHUNK { 64 * 1024 + 40 } else { 256 * 1024 + 40 };
        assert_eq!(all.len() as u64, chunks);
        assert!(all.iter().all(|chunk| (chunk.len() - 40).is_power_of_two() && chunk.len() <= most));
        let opened: Vec<u8> =
            all.iter().zip(0..).flat_map(|(chunk, index)| attachment.open(index, chunk).unwrap().to_vec()).collect();
        assert!(attachment.is(&opened), "{size}");
    };
    check(0, 1);
    check(1, 1);
    check(CHUNK, 1);
    check(CHUNK + 1, 2);
    check(3 * CHUNK - 1, 3);
    check(100 * CHUNK, 100);
    check(100 * CHUNK + 1, (100 * CHUNK + 1).div_ceil(LARGE) as u64);
}

#[test]
fn an_interrupted_file_is_taken_up_again() {
    let bytes = file(4 * CHUNK + 100);
    let hash = content_hash(&bytes);
    let key = record_key(5);
    let sender = Attachment::new(&key, &hash, bytes.len() as u64);
    let mut server: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for (index, chunk) in (0..).zip(sealed(&sender, &bytes)).take(2) {
        server.insert(index, chunk);
    }
    // The program starts anew and knows only what the change says.
    let again = Attachment::new(&key, &hash, bytes.len() as u64);
    assert_eq!(again.address(), sender.address());
    let missing: Vec<u64> = (0..again.chunks()).filter(|index| !server.contains_key(index)).collect();
    assert_eq!(missing, [2, 3, 4]);
    for index in missing.into_iter().rev() {
        let start = index as usize * CHUNK;
        let piece = &bytes[start..bytes.len().min(start + CHUNK)];
        server.insert(index, again.seal(index, piece).unwrap());
    }
    let opened: Vec<u8> =
        server.iter().flat_map(|(index, chunk)| again.open(*index, chunk).unwrap().to_vec()).collect();
    assert!(again.is(&opened));
}

#[test]
fn chunks_fit_only_their_place_file_and_key() {
    let bytes = file(2 * CHUNK);
    let (key, hash) = (record_key(5), content_hash(&bytes));
    let size = bytes.len() as u64;
    let own = Attachment::new(&key, &hash, size);
    let chunks = sealed(&own, &bytes);
    let check = |attachment: &Attachment, index: u64, chunk: &[u8], expected: ChunkError| {
        assert_eq!(attachment.open(index, chunk).err(), Some(expected));
    };
    check(&own, 1, &chunks[0], ChunkError::Unsealable);
    check(&own, 2, &chunks[0], ChunkError::Place);
    check(&own, u64::MAX, &chunks[0], ChunkError::Place);
    check(&own, 0, &chunks[0][..10], ChunkError::Unsealable);
    check(&own, 0, &[], ChunkError::Unsealable);
    check(&Attachment::new(&key, &hash, size + 1), 0, &chunks[0], ChunkError::Unsealable);
    check(&Attachment::new(&key, &content_hash(b""), size), 0, &chunks[0], ChunkError::Unsealable);
    check(&Attachment::new(&record_key(5), &hash, size), 0, &chunks[0], ChunkError::Unsealable);
    assert_eq!(own.seal(0, &bytes[1..CHUNK]), Err(ChunkError::Place));
    assert_eq!(own.seal(2, &[]), Err(ChunkError::Place));
    assert!(!own.is(&bytes[1..]) && !own.is(&file(2 * CHUNK - 1)));

    let small = Attachment::new(&key, &content_hash(b"abc"), 3);
    let chunk = small.seal(0, b"abc").unwrap();
    for bit in 0..chunk.len() * 8 {
        let mut altered = chunk.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(small.open(0, &altered).is_err(), "bit {bit}");
    }
    assert_eq!(format!("{own:?}"), "Attachment(2 chunks, …)");
}

#[test]
fn the_address_tells_nothing_that_two_records_share() {
    let (one, other) = (record_key(5), record_key(6));
    let hash = content_hash(b"the same photograph");
    assert_ne!(Attachment::new(&one, &hash, 19).address(), Attachment::new(&other, &hash, 19).address());
}
