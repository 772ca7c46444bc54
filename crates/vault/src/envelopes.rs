//! Envelopes: a change sealed under its record's key, bound to its head, signed by its author and chained by device.
//!
//! Order of checking: place in the device's chain, then the proof that its author signed it (in batches), then the seal,
//! then that the change says what the head says. What fails goes to quarantine with its name; nothing here ends a sync.

mod emptied;
mod encoding;
pub mod padding;
mod proof;
mod tail;

use kefu_domain::envelope::{Envelope, SUITE};
use kefu_domain::{Change, visits};
use zeroize::Zeroizing;

pub use emptied::{emptied, emptied_digest};
pub use encoding::{bare, bare_head, decode, encode, restore};
pub use proof::sign;
pub use tail::{ChainBreak, Tail};

use crate::frame::digest;
use crate::record_key::RecordKey;
use crate::roster::{NotCounted, Roster};
use crate::seal::{open_bytes, seal_bytes};
use crate::signature::{Signed, VerifyKey, bad_signatures};
use crate::{SealingError, SeatId};
use proof::Claim;

/// SHA-256 by which an envelope is known and chained.
pub type Digest = [u8; 32];

/// The suite before this one, in which every envelope was signed by itself. What was sealed with it stays good.
const FIRST: u8 = 1;

/// Why an envelope does not count here, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// A suite of algorithms that this program does not know.
    #[error("suite {0} is not known here")]
    Suite(u8),
    /// Another workspace's.
    #[error("another workspace's")]
    OtherWorkspace,
    /// Its clock names another device than its author's.
    #[error("the clock is another device's")]
    OtherClock,
    /// Its author does not count.
    #[error(transparent)]
    NotCounted(#[from] NotCounted),
    /// The signature is not its author's: head, sealed bytes or signature were altered.
    #[error("not signed by its author")]
    BadSignature,
    /// It names another key than the one given.
    #[error("sealed under another key")]
    OtherKey,
    /// It does not open: its author bound it to another head.
    #[error("does not open")]
    Unsealable,
    /// It opens to something that is not padded as it has to be.
    #[error("not padded as it has to be")]
    Padding,
    /// The change says something else than the head, in this field.
    #[error("change and head differ in `{0}`")]
    Disagrees(&'static str),
}

/// Seals `change`, the bytes that were made once, under `key` and binds them to `head`, whose suite, key, sealed bytes
/// and signature are filled in or emptied here.
///
/// # Errors
/// [`SealingError::TooLarge`] beyond [`padding::LARGEST`], [`SealingError::Random`].
pub fn seal(key: &RecordKey, head: Envelope, change: &[u8]) -> Result<Envelope, SealingError> {
    let mut envelope = Envelope { suite: SUITE, key: key.id(), sealed: Vec::new(), signature: Vec::new(), ..head };
    let padded = padding::pad(change).ok_or(SealingError::TooLarge)?;
    envelope.sealed = seal_bytes(key.for_envelopes(), &envelope.head(), &padded)?;
    Ok(envelope)
}

/// Digest of head and sealed bytes: what is signed of the envelope, and what the next one of its device names as
/// `previous`. In the first suite it was made of the signature as well.
pub fn hash(envelope: &Envelope) -> Digest {
    match envelope.suite {
        FIRST => digest("kefu envelope hash 1", &[&proof::of_first(envelope), &envelope.signature]),
        _ => digest("kefu envelope hash 2", &[&envelope.head(), &envelope.sealed]),
    }
}

/// The seat that an envelope says it is from.
pub fn author(envelope: &Envelope) -> SeatId {
    SeatId { member: envelope.seat, device: envelope.device }
}

/// What must hold before the signature is looked at; gives what to look at.
fn claim(envelope: &Envelope, digest: &Digest, roster: &Roster) -> Result<(VerifyKey, Claim), EnvelopeError> {
    known(envelope)?;
    if envelope.workspace != roster.workspace() {
        return Err(EnvelopeError::OtherWorkspace);
    }
    if envelope.at.device != envelope.device {
        return Err(EnvelopeError::OtherClock);
    }
    let key = roster.author(author(envelope), envelope.seq)?;
    Ok((key, Claim::of(envelope, digest).ok_or(EnvelopeError::BadSignature)?))
}

fn known(envelope: &Envelope) -> Result<(), EnvelopeError> {
    if [FIRST, SUITE].contains(&envelope.suite) { Ok(()) } else { Err(EnvelopeError::Suite(envelope.suite)) }
}

/// Verifies one envelope against the roster.
///
/// # Errors
/// [`EnvelopeError`].
pub fn verify(envelope: &Envelope, roster: &Roster) -> Result<(), EnvelopeError> {
    let (key, claim) = claim(envelope, &hash(envelope), roster)?;
    if claim.holds(&key) { Ok(()) } else { Err(EnvelopeError::BadSignature) }
}

/// Verifies many, in batches; gives of each its digest and the same answer as [`verify`].
pub fn verify_all(envelopes: &[Envelope], roster: &Roster) -> Vec<(Digest, Result<(), EnvelopeError>)> {
    let mut all: Vec<_> = envelopes.iter().map(|envelope| (hash(envelope), Ok(()))).collect();
    let mut claims = Vec::<(VerifyKey, Claim, Vec<usize>)>::new();
    for (place, (envelope, (digest, verified))) in envelopes.iter().zip(&mut all).enumerate() {
        match (claim(envelope, digest, roster), claims.last_mut()) {
            (Err(error), _) => *verified = Err(error),
            // What was signed together comes together: one look is enough.
            (Ok((key, claim)), Some(last)) if (key, &claim) == (last.0, &last.1) => last.2.push(place),
            (Ok((key, claim)), _) => claims.push((key, claim, vec![place])),
        }
    }
    let signed =
        claims.iter().map(|(key, claim, _)| Signed { key: *key, message: &claim.message, signature: claim.signature });
    for place in bad_signatures(&signed.collect::<Vec<_>>()).into_iter().flat_map(|at| &claims[at].2) {
        all[*place].1 = Err(EnvelopeError::BadSignature);
    }
    all
}

/// The active seat whose key signed `envelope`, whatever device it names: by this a copied profile under its new identity
/// is known for whose it is.
pub fn whose(envelope: &Envelope, roster: &Roster) -> Option<SeatId> {
    let claim = Claim::of(envelope, &hash(envelope))?;
    let mut active = roster.seats().iter().filter(|(_, seat)| seat.until.is_none());
    active.find(|(_, seat)| claim.holds(&seat.keys.sign)).map(|(id, _)| *id)
}

/// Opens a verified envelope: the bytes of the change as its author made them.
///
/// # Errors
/// [`EnvelopeError::OtherKey`], [`EnvelopeError::Unsealable`], [`EnvelopeError::Padding`].
pub fn open(key: &RecordKey, envelope: &Envelope) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    known(envelope)?;
    // The id commits to the key: no envelope opens to two texts under two keys.
    if envelope.key != key.id() || envelope.workspace != key.of().workspace {
        return Err(EnvelopeError::OtherKey);
    }
    let padded =
        open_bytes(key.for_envelopes(), &envelope.head(), &envelope.sealed).map_err(|_| EnvelopeError::Unsealable)?;
    padding::unpad(&padded).map(|change| Zeroizing::new(change.to_vec())).ok_or(EnvelopeError::Padding)
}

/// Holds an opened change against its head: the shared database allowed what the head says, and that has to be what is
/// done.
///
/// # Errors
/// [`EnvelopeError::Disagrees`] with the first field that differs.
pub fn agrees(envelope: &Envelope, change: &Change) -> Result<(), EnvelopeError> {
    let fields = [
        ("schema", envelope.schema == change.v),
        ("change", envelope.change == change.id),
        ("at", envelope.at == change.at),
        ("seat", envelope.seat == change.seat),
        ("record", envelope.record == change.record),
        ("kind", envelope.kind == change.kind),
        ("act", envelope.act == change.act),
        // A visit that named another form in clear would be held against the hands of that one.
        ("about", visits::given_matter(change).is_none_or(|form| envelope.clear.about == Some(form))),
    ];
    match fields.iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(EnvelopeError::Disagrees(field)),
        None => Ok(()),
    }
}
