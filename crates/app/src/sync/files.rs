//! Files that records name, beside the exchange of changes: own ones go up, those of others come down, piece by sealed piece.
//! What broke off goes on at the next piece, for whoever sends asks first which arrived, and whoever fetches keeps what came.

use kefu_local::sync::Awaited;
use kefu_shared::{Shared, SharedError};
use kefu_vault::{Attachment, RecordKey, envelopes};

use super::Identity;
use crate::desk::{Desk, Open};
use crate::failure::logged;
use crate::wire::{Code, Failure};
use crate::workspace::connect;

/// Changes whose files are looked at in one go, and files that are fetched in one exchange.
const SOME: usize = 20;
/// Pieces fetched in one exchange: changes must not wait long behind pictures.
const PIECES: usize = 64;

/// What keeps a file from going on, if not the line.
fn passes(error: SharedError) -> Result<(), Failure> {
    match error {
        // It is in other hands by now, or the record is not there again yet.
        SharedError::Forbidden | SharedError::Missing => Ok(()),
        error => Err(error.into()),
    }
}

/// Sends the files that own changes name and fetches what nobody has to ask for.
pub(crate) async fn carry(open: &Open, identity: &Identity, shared: &mut Shared, now_ms: i64) -> Result<(), Failure> {
    send(open, identity, shared).await?;
    let mut left = PIECES;
    for one in open.store.awaited(now_ms, SOME).await? {
        if !fetch(open, identity, shared, &one, &mut left).await? {
            open.store.asked_for(&one, now_ms).await?;
        }
        if left == 0 {
            break;
        }
    }
    Ok(())
}

async fn key(open: &Open, identity: &Identity, id: [u8; 16]) -> Result<Option<RecordKey>, Failure> {
    let kept = open.store.record_keys(&[id]).await?;
    Ok(kept.first().and_then(|kept| identity.open_key(kept)))
}

async fn send(open: &Open, identity: &Identity, shared: &mut Shared) -> Result<(), Failure> {
    loop {
        let (to, some) = open.store.to_carry(SOME).await?;
        for one in &some {
            if let Some(head) = envelopes::bare_head(&one.bare)
                && let Some(key) = key(open, identity, head.key).await?
            {
                for (hash, size) in &one.files {
                    // What was erased meanwhile has nothing left to send.
                    let Ok(bytes) = open.store.file(hash).await else { continue };
                    let file = Attachment::new(&key, hash, *size);
                    if file.is(&bytes) {
                        send_one(open, shared, one.record, &file, &bytes).await.or_else(passes)?;
                    }
                }
            }
            open.store.carried(one.seq).await?;
        }
        open.store.carried(to).await?;
        if some.len() < SOME {
            return Ok(());
        }
    }
}

async fn send_one(
    open: &Open,
    shared: &mut Shared,
    record: uuid::Uuid,
    file: &Attachment,
    bytes: &[u8],
) -> Result<(), SharedError> {
    let address = file.address();
    let (there, _) = shared.chunks(record, &address).await?;
    let pieces = u16::try_from(file.chunks()).map_err(|_| SharedError::TooMuch)?;
    for piece in (0..pieces).filter(|piece| !there.contains(piece)) {
        let from = (usize::from(piece) * file.chunk()).min(bytes.len());
        let to = (from + file.chunk()).min(bytes.len());
        let sealed = file.seal(u64::from(piece), &bytes[from..to]).map_err(|_| SharedError::Random)?;
        shared.put_chunk(record, &address, piece, pieces, &sealed).await?;
        open.exchanges.stride.stepped();
    }
    Ok(())
}

/// Fetches a file as far as it is there and `left` allows. Whether it went on.
async fn fetch(
    open: &Open,
    identity: &Identity,
    shared: &mut Shared,
    one: &Awaited,
    left: &mut usize,
) -> Result<bool, Failure> {
    let hash = one.hash.as_str();
    if !open.store.files_here(&[hash.to_owned()]).await?.is_empty() {
        open.store.forget_pieces(hash, true).await?;
        return Ok(true);
    }
    if one.size > kefu_local::FILE_LIMIT as u64 {
        return Ok(false);
    }
    let Some(key) = key(open, identity, one.key).await? else { return Ok(false) };
    let file = Attachment::new(&key, hash, one.size);
    let here = open.store.pieces(hash).await?;
    for piece in (0..file.chunks()).filter(|piece| !here.contains(piece)) {
        if *left == 0 {
            return Ok(true);
        }
        let number = u16::try_from(piece).unwrap_or(u16::MAX);
        let sealed = match shared.get_chunk(one.record, &file.address(), number).await {
            Ok(Some(sealed)) => sealed,
            Ok(None) => return Ok(false),
            Err(error) => return passes(error).map(|()| false),
        };
        *left -= 1;
        let Ok(bytes) = file.open(piece, &sealed) else {
            tracing::warn!(piece, "a piece of a file does not open");
            return Ok(false);
        };
        open.store.keep_piece(hash, piece, &bytes).await?;
        open.exchanges.stride.stepped();
    }
    let bytes = open.store.joined_pieces(hash).await?;
    let whole = file.is(&bytes);
    if whole {
        open.store.keep_file(&bytes).await?;
    }
    open.store.forget_pieces(hash, whole).await?;
    Ok(whole)
}

impl Desk {
    /// Fetches a file that a change of another device names.
    ///
    /// # Errors
    /// [`Code::NotFound`] where nobody has named it, or its device has not sent all of it yet; what the server says.
    pub(crate) async fn fetch_file(&self, sha256: &str) -> Result<Vec<u8>, Failure> {
        let open = self.open()?;
        let not_found = || Failure::new(Code::NotFound);
        let awaited = open.store.awaited_as(sha256).await?;
        let identity = Identity::read(&open).await?.filter(|_| !awaited.is_empty()).ok_or_else(not_found)?;
        let mut shared = connect(&identity.workspace).await?;
        for one in &awaited {
            match fetch(&open, &identity, &mut shared, one, &mut usize::MAX.clone()).await {
                Ok(true) => break,
                Ok(false) => {}
                Err(failure) => {
                    shared.close().await;
                    return Err(failure);
                }
            }
        }
        shared.close().await;
        open.store.file(sha256).await.map_err(|error| match error {
            kefu_local::FileError::Missing => not_found(),
            error => logged(Code::Internal, &error),
        })
    }
}
