//! An envelope as one piece of bytes, for export and for storing what was refused; read back in one way only. And without
//! its ciphertext, for a device that holds the change itself: the rest follows from the two and the key.

use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, Envelope};
use uuid::Uuid;

use crate::envelopes::padding;
use crate::frame::{Parts, frame};
use crate::record_key::RecordKey;
use crate::seal::{NONCE, seal_with};

const TAG: &str = "kefu envelope encoded 1";
const BARE: &str = "kefu envelope bare 1";
/// The tag that [`Envelope::head`] begins with.
const HEAD: &str = "kefu envelope";

/// Head, sealed bytes and signature, each with its length.
pub fn encode(envelope: &Envelope) -> Vec<u8> {
    frame(TAG, &[&envelope.head(), &envelope.sealed, &envelope.signature])
}

/// Reads what [`encode`] gave. None where the bytes are none, or write the same head in another way. Nothing is verified
/// here, and nothing panics.
pub fn decode(bytes: &[u8]) -> Option<Envelope> {
    let mut parts = Parts::of(bytes, TAG)?;
    let head = parts.next()?;
    let (sealed, signature) = (parts.next()?.to_vec(), parts.next()?.to_vec());
    parts.end()?;
    let envelope = Envelope { sealed, signature, ..read_head(head)? };
    (envelope.head() == head).then_some(envelope)
}

/// Head, nonce and signature: what has to be kept beside a change and its key to have the envelope again, byte for byte. None
/// where nothing is sealed in it.
pub fn bare(envelope: &Envelope) -> Option<Vec<u8>> {
    let (nonce, _) = envelope.sealed.split_first_chunk::<NONCE>()?;
    Some(frame(BARE, &[&envelope.head(), nonce, &envelope.signature]))
}

/// The head of what [`bare`] gave: an envelope without its sealed bytes.
pub fn bare_head(bytes: &[u8]) -> Option<Envelope> {
    read_bare(bytes).map(|(envelope, _)| envelope)
}

/// The envelope again, from what [`bare`] gave of it, its key and the bytes of its change. There is one padded form and one
/// ciphertext under a nonce, so with the same bytes it is the same envelope; with others it is one whose signature is bad.
pub fn restore(bytes: &[u8], key: &RecordKey, change: &[u8]) -> Option<Envelope> {
    let (envelope, nonce) = read_bare(bytes)?;
    let padded = padding::pad(change)?;
    let sealed = seal_with(key.for_envelopes(), &envelope.head(), &padded, nonce);
    (envelope.key == key.id()).then_some(Envelope { sealed, ..envelope })
}

fn read_bare(bytes: &[u8]) -> Option<(Envelope, [u8; NONCE])> {
    let mut parts = Parts::of(bytes, BARE)?;
    let head = parts.next()?;
    let (nonce, signature) = (parts.array()?, parts.next()?.to_vec());
    parts.end()?;
    Some((Envelope { signature, ..read_head(head)? }, nonce))
}

/// An envelope with this head, without sealed bytes and signature.
fn read_head(head: &[u8]) -> Option<Envelope> {
    let mut parts = Parts::of(head, HEAD)?;
    let envelope = Envelope {
        suite: parts.array::<1>()?[0],
        workspace: id(&mut parts)?,
        change: id(&mut parts)?,
        device: id(&mut parts)?,
        seq: u64::from_le_bytes(parts.array()?),
        previous: parts.array()?,
        at: parts.text()?.parse::<Stamp>().ok()?,
        seat: id(&mut parts)?,
        record: id(&mut parts)?,
        kind: parts.text()?,
        act: parts.text()?,
        schema: u32::from_le_bytes(parts.array()?),
        key: parts.array()?,
        clear: read_clear(&mut parts)?,
        sealed: Vec::new(),
        signature: Vec::new(),
    };
    parts.end()?;
    Some(envelope)
}

fn read_clear(parts: &mut Parts) -> Option<Clear> {
    let (state, department) = (parts.text()?, parts.text()?);
    let count = u32::from_le_bytes(parts.array()?);
    let assignees = (0..count).map_while(|_| id(parts)).collect::<Vec<_>>();
    if assignees.len() != count as usize {
        return None;
    }
    let (received, due) = (moment(parts)?, moment(parts)?);
    let about = if parts.end().is_some() { None } else { Some(id(parts)?) };
    Some(Clear { state, department, assignees, received, due, about })
}

fn id(parts: &mut Parts) -> Option<Uuid> {
    Some(Uuid::from_bytes(parts.array()?))
}

fn moment(parts: &mut Parts) -> Option<Option<i64>> {
    match parts.next()? {
        [] => Some(None),
        seconds => Some(Some(i64::from_le_bytes(seconds.try_into().ok()?))),
    }
}
