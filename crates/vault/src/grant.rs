//! Grant: a record key sealed to the one technician (外勤) who has the record in hand, signed by the seat that gives it.
//!
//! The seal alone says nothing about who made it, and the shared database could seal a key of its own and so read what
//! the technician writes next. Reading is safe with any key, since an envelope names its key by an id that commits to
//! it. Writing asks for more: see [`Grant::is_current`].

use crate::desk_key::KeyId;
use crate::frame::{Parts, frame};
use crate::record_key::{RecordEpoch, RecordKey};
use crate::sealed_box::{open_with, seal_to};
use crate::{ReceiveKey, Roster, SealingError, SeatId, SeatKeys};
use uuid::Uuid;

const TAG: &str = "kefu grant encoded 1";

/// A record key on its way to a seat, as the shared database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What the key is for.
    pub of: RecordEpoch,
    /// Id of the record key.
    pub key: KeyId,
    /// Who gets it.
    pub to: SeatId,
    /// Who gives it.
    pub by: SeatId,
    /// HPKE: one-time public key and ciphertext.
    pub sealed: Vec<u8>,
    /// Ed25519 of the giver over all of the above.
    pub signature: [u8; 64],
}

/// Why a grant gives no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// It is sealed to another seat.
    #[error("sealed to another seat")]
    OtherSeat,
    /// The member log knows no such giver.
    #[error("the member log knows no such giver")]
    UnknownGiver,
    /// The signature is not the giver's.
    #[error("not signed by its giver")]
    BadSignature,
    /// The seal does not open, or not to the key with that id.
    #[error("the seal does not open to the key that it names")]
    Unsealable,
}

impl Grant {
    /// Seals `key` to the seat `to`.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn seal(
        key: &RecordKey,
        to: SeatId,
        receive: &ReceiveKey,
        by: SeatId,
        keys: &SeatKeys,
    ) -> Result<Self, SealingError> {
        let mut grant = Grant { of: key.of(), key: key.id(), to, by, sealed: Vec::new(), signature: [0; 64] };
        grant.sealed = seal_to(&receive.0, &grant.info(), None, key.bytes())?;
        grant.signature = keys.sign.sign(&grant.signed());
        Ok(grant)
    }

    fn info(&self) -> Vec<u8> {
        let [workspace, record, epoch] = self.of.parts();
        let seats = [self.to.member, self.to.device, self.by.member, self.by.device].map(|id| *id.as_bytes());
        let parts: [&[u8]; 8] = [&workspace, &record, &epoch, &self.key, &seats[0], &seats[1], &seats[2], &seats[3]];
        frame("kefu grant 1", &parts)
    }

    fn signed(&self) -> Vec<u8> {
        frame("kefu grant signed 1", &[&self.info(), &self.sealed])
    }

    /// Opens the key for reading. A giver who has since left still counts, or the record would become unreadable.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn open(&self, own: SeatId, keys: &SeatKeys, roster: &Roster) -> Result<RecordKey, GrantError> {
        if self.to != own || self.of.workspace != roster.workspace() {
            return Err(GrantError::OtherSeat);
        }
        let giver = roster.seats().get(&self.by).ok_or(GrantError::UnknownGiver)?;
        if !giver.keys.sign.verifies(&self.signed(), &self.signature) {
            return Err(GrantError::BadSignature);
        }
        let plain = open_with(&keys.receive, &self.info(), None, &self.sealed).map_err(|_| GrantError::Unsealable)?;
        RecordKey::committed(self.of, &self.key, &plain).ok_or(GrantError::Unsealable)
    }

    /// Its bytes, as they are stored and sent.
    pub fn encode(&self) -> Vec<u8> {
        let [workspace, record, epoch] = self.of.parts();
        let [to, to_device, by, by_device] = [self.to.member, self.to.device, self.by.member, self.by.device];
        let ids = [to.as_bytes(), to_device.as_bytes(), by.as_bytes(), by_device.as_bytes()];
        let parts: [&[u8]; 10] =
            [&workspace, &record, &epoch, &self.key, ids[0], ids[1], ids[2], ids[3], &self.sealed, &self.signature];
        frame(TAG, &parts)
    }

    /// Reads its bytes; None where they are none. Nothing is verified here.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts::of(bytes, TAG)?;
        let (of, key) = (RecordEpoch::read(&mut parts)?, parts.array()?);
        let mut seat =
            || Some(SeatId { member: Uuid::from_bytes(parts.array()?), device: Uuid::from_bytes(parts.array()?) });
        let (to, by) = (seat()?, seat()?);
        let (sealed, signature) = (parts.next()?.to_vec(), parts.array()?);
        parts.end()?;
        Some(Grant { of, key, to, by, sealed, signature })
    }

    /// Whether a technician may seal his next change under this key: its giver is an office seat today. Otherwise a desk
    /// has to grant it anew first.
    pub fn is_current(&self, roster: &Roster) -> bool {
        roster.holds_desk_key(self.by)
    }
}
