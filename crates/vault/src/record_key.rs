//! Record key: random for every root record (a form, a customer, a visit with its parts) and epoch.
//!
//! It is wrapped once under the desk key and granted to each technician who has the record in hand. After somebody was
//! taken off a record, the next change begins a new epoch.

use std::fmt;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::desk_key::{DeskKey, DeskKeys, KeyId, key_id};
use crate::frame::{Parts, derive, frame};
use crate::seal::{open_bytes, seal_bytes};
use crate::{Unsealable, WrapKey};

/// What a record key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordEpoch {
    /// Workspace.
    pub workspace: Uuid,
    /// Root record.
    pub record: Uuid,
    /// Epoch: 1, 2, 3, … Two devices may begin the same epoch unseen of each other; the ids tell their keys apart.
    pub epoch: u32,
}

impl RecordEpoch {
    pub(crate) fn parts(&self) -> [Vec<u8>; 3] {
        [self.workspace.as_bytes().to_vec(), self.record.as_bytes().to_vec(), self.epoch.to_le_bytes().to_vec()]
    }

    pub(crate) fn read(parts: &mut Parts) -> Option<Self> {
        let (workspace, record) = (Uuid::from_bytes(parts.array()?), Uuid::from_bytes(parts.array()?));
        Some(RecordEpoch { workspace, record, epoch: u32::from_le_bytes(parts.array()?) })
    }
}

/// The key of one record and epoch, with what every envelope under it needs. Never printed by Debug.
#[derive(Clone)]
pub struct RecordKey {
    of: RecordEpoch,
    id: KeyId,
    key: Zeroizing<[u8; 32]>,
    /// What envelopes are sealed with.
    envelopes: Zeroizing<[u8; 32]>,
}

/// A record key under a desk key, as the shared database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedRecordKey {
    /// What it is for.
    pub of: RecordEpoch,
    /// Id of the record key.
    pub key: KeyId,
    /// Id of the desk key.
    pub under: KeyId,
    /// Nonce and ciphertext.
    pub sealed: Vec<u8>,
}

impl RecordKey {
    /// A new random key.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn random(of: RecordEpoch) -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut())?;
        Ok(Self::of_bytes(of, key))
    }

    fn of_bytes(of: RecordEpoch, key: Zeroizing<[u8; 32]>) -> Self {
        let [workspace, record, epoch] = of.parts();
        let id = key_id("kefu record key 1", &[&workspace, &record, &epoch, key.as_ref()]);
        let envelopes = derive(key.as_ref(), "kefu envelope key 1", &[]);
        RecordKey { of, id, key, envelopes }
    }

    /// A new key for the next epoch of the same record.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn next(&self) -> Result<Self, getrandom::Error> {
        Self::random(RecordEpoch { epoch: self.of.epoch.saturating_add(1), ..self.of })
    }

    /// The key from bytes that somebody handed over. None where they are not the key with this id.
    pub(crate) fn committed(of: RecordEpoch, id: &KeyId, key: &[u8]) -> Option<Self> {
        let key = Self::of_bytes(of, Zeroizing::new(key.try_into().ok()?));
        (key.id == *id).then_some(key)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// What it is for.
    pub fn of(&self) -> RecordEpoch {
        self.of
    }

    /// Its id, as envelopes name it. It follows from the key, so no second key opens what names it.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key that envelopes are sealed with.
    pub(crate) fn for_envelopes(&self) -> &[u8; 32] {
        &self.envelopes
    }

    /// A key for one purpose within the record.
    pub(crate) fn derive(&self, tag: &str, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        derive(self.bytes(), tag, parts)
    }

    /// Wraps the key under the desk key.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn wrap(&self, desk: &DeskKey) -> Result<WrappedRecordKey, getrandom::Error> {
        let (key, under) = (self.id(), desk.id());
        let sealed = seal_bytes(&desk.key, &wrapping(&under, &key), self.bytes())?;
        Ok(WrappedRecordKey { of: self.of, key, under, sealed })
    }

    /// The key as it lies in the local database of a technician's device, who has no desk key.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn wrap_here(&self, key: &WrapKey) -> Result<Vec<u8>, getrandom::Error> {
        key.wrap(&frame("kefu record key here 1", &[&self.id()]), self.bytes())
    }

    /// Reads back what [`RecordKey::wrap_here`] gave for the key with this id.
    ///
    /// # Errors
    /// Another desk's or record's, or altered.
    pub fn unwrap_here(key: &WrapKey, of: RecordEpoch, id: &KeyId, wrapped: &[u8]) -> Result<Self, Unsealable> {
        let plain = key.unwrap::<32>(&frame("kefu record key here 1", &[id]), wrapped)?;
        Self::committed(of, id, plain.as_ref()).ok_or(Unsealable)
    }
}

impl WrappedRecordKey {
    /// Opens it with the desk key that it names.
    ///
    /// # Errors
    /// None of `keys`, altered, or not the key with its id.
    pub fn unwrap(&self, keys: &DeskKeys) -> Result<RecordKey, Unsealable> {
        let desk = keys.get(&self.under).filter(|desk| desk.workspace() == self.of.workspace).ok_or(Unsealable)?;
        let plain = open_bytes(&desk.key, &wrapping(&self.under, &self.key), &self.sealed)?;
        RecordKey::committed(self.of, &self.key, &plain).ok_or(Unsealable)
    }
}

impl WrappedRecordKey {
    /// Its bytes, as they are stored and sent.
    pub fn encode(&self) -> Vec<u8> {
        let [workspace, record, epoch] = self.of.parts();
        frame(TAG, &[&workspace, &record, &epoch, &self.key, &self.under, &self.sealed])
    }

    /// Reads its bytes; None where they are none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts::of(bytes, TAG)?;
        let of = RecordEpoch::read(&mut parts)?;
        let (key, under, sealed) = (parts.array()?, parts.array()?, parts.next()?.to_vec());
        parts.end()?;
        Some(WrappedRecordKey { of, key, under, sealed })
    }
}

const TAG: &str = "kefu record key encoded 1";

fn wrapping(under: &KeyId, key: &KeyId) -> Vec<u8> {
    frame("kefu wrapped record key 1", &[under, key])
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordKey({} epoch {}, …)", self.of.record, self.of.epoch)
    }
}
