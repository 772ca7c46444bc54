//! The desk key: held by every office seat, wraps the record keys, and is turned when somebody leaves.
//!
//! A turned key seals the one before it. So who holds the newest reads back through all epochs, nothing is encrypted
//! anew, and who left holds only the keys up to his own.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::frame::{digest, frame};
use crate::seal::{open_bytes, seal_bytes};
use crate::sealed_box::{open_with, seal_to};
use crate::{ReceiveKey, SealingError, SeatId, SeatKeys, Unsealable, WrapKey};

/// Names a key and commits to it: the first 16 bytes of a SHA-256 over the key and all that it is for.
pub type KeyId = [u8; 16];

/// The id of a key, from a frame of the key and all that it is for.
pub(crate) fn key_id(tag: &str, parts: &[&[u8]]) -> KeyId {
    let mut id = [0; 16];
    id.copy_from_slice(&digest(tag, parts)[..16]);
    id
}

/// A key of one epoch. Never printed by Debug.
#[derive(Clone)]
pub struct DeskKey {
    workspace: Uuid,
    epoch: u32,
    id: KeyId,
    pub(crate) key: Zeroizing<[u8; 32]>,
}

impl DeskKey {
    /// The first desk key of a workspace, of epoch 1.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn first(workspace: Uuid) -> Result<Self, getrandom::Error> {
        Self::random(workspace, 1)
    }

    fn random(workspace: Uuid, epoch: u32) -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut())?;
        Ok(Self::of_bytes(workspace, epoch, key))
    }

    pub(crate) fn from_bytes(workspace: Uuid, epoch: u32, key: &[u8]) -> Option<Self> {
        Some(Self::of_bytes(workspace, epoch, Zeroizing::new(key.try_into().ok()?)))
    }

    fn of_bytes(workspace: Uuid, epoch: u32, key: Zeroizing<[u8; 32]>) -> Self {
        let id = key_id("kefu desk key 1", &[workspace.as_bytes(), &epoch.to_le_bytes(), key.as_ref()]);
        DeskKey { workspace, epoch, id, key }
    }

    /// Workspace.
    pub fn workspace(&self) -> Uuid {
        self.workspace
    }

    /// Epoch: 1, 2, 3, …
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Its id, as the member log names it.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key of the next epoch, and this one sealed under it, for the shared database to keep.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn turn(&self) -> Result<(DeskKey, Vec<u8>), getrandom::Error> {
        let next = Self::random(self.workspace, self.epoch.saturating_add(1))?;
        let sealed = next.seal_earlier(self)?;
        Ok((next, sealed))
    }

    /// The key of the epoch before, sealed under this one.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn seal_earlier(&self, earlier: &DeskKey) -> Result<Vec<u8>, getrandom::Error> {
        seal_bytes(&self.key, &self.history(), earlier.key.as_ref())
    }

    /// The key of the epoch before, from what [`DeskKey::seal_earlier`] gave; `id` is the one that the member log names.
    ///
    /// # Errors
    /// Another key's, altered, or not the key with that id.
    pub fn earlier(&self, id: &KeyId, sealed: &[u8]) -> Result<DeskKey, Unsealable> {
        let plain = open_bytes(&self.key, &self.history(), sealed)?;
        let epoch = self.epoch.checked_sub(1).ok_or(Unsealable)?;
        let earlier = Self::from_bytes(self.workspace, epoch, &plain).ok_or(Unsealable)?;
        (earlier.id() == *id).then_some(earlier).ok_or(Unsealable)
    }

    fn history(&self) -> Vec<u8> {
        frame("kefu earlier desk key 1", &[self.workspace.as_bytes(), &self.id()])
    }

    fn handing(workspace: Uuid, epoch: u32, id: &KeyId, to: SeatId) -> Vec<u8> {
        let parts: [&[u8]; 5] =
            [workspace.as_bytes(), &epoch.to_le_bytes(), id, to.member.as_bytes(), to.device.as_bytes()];
        frame("kefu desk key for a seat 1", &parts)
    }

    /// Seals the key to an office seat.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn seal_to(&self, to: SeatId, receive: &ReceiveKey) -> Result<Vec<u8>, SealingError> {
        let info = Self::handing(self.workspace, self.epoch, &self.id(), to);
        seal_to(&receive.0, &info, None, self.key.as_ref())
    }

    /// Opens a key sealed to `seat`. `epoch` and `id` come from the member log, so that a key which the shared database
    /// made up is never taken.
    ///
    /// # Errors
    /// Sealed to another, altered, or not the key with that id.
    pub fn open(
        workspace: Uuid,
        (epoch, id): (u32, KeyId),
        seat: SeatId,
        keys: &SeatKeys,
        sealed: &[u8],
    ) -> Result<Self, Unsealable> {
        let plain = open_with(&keys.receive, &Self::handing(workspace, epoch, &id, seat), None, sealed)?;
        let key = Self::from_bytes(workspace, epoch, &plain).ok_or(Unsealable)?;
        (key.id() == id).then_some(key).ok_or(Unsealable)
    }

    /// The key as it lies in the local database.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn wrap(&self, key: &WrapKey) -> Result<Vec<u8>, getrandom::Error> {
        let what = frame("kefu desk key here 1", &[self.workspace.as_bytes(), &self.epoch.to_le_bytes()]);
        key.wrap(&what, self.key.as_ref())
    }

    /// Reads back what [`DeskKey::wrap`] gave.
    ///
    /// # Errors
    /// Another desk's or epoch's, or altered.
    pub fn unwrap(key: &WrapKey, workspace: Uuid, epoch: u32, wrapped: &[u8]) -> Result<Self, Unsealable> {
        let what = frame("kefu desk key here 1", &[workspace.as_bytes(), &epoch.to_le_bytes()]);
        Ok(Self::of_bytes(workspace, epoch, key.unwrap(&what, wrapped)?))
    }
}

impl fmt::Debug for DeskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeskKey(epoch {}, …)", self.epoch)
    }
}

/// The desk keys of all epochs that a seat holds, by id.
#[derive(Debug, Clone, Default)]
pub struct DeskKeys(BTreeMap<KeyId, DeskKey>);

impl DeskKeys {
    /// Adds a key.
    pub fn add(&mut self, key: DeskKey) {
        self.0.insert(key.id(), key);
    }

    /// The key with this id.
    pub fn get(&self, id: &KeyId) -> Option<&DeskKey> {
        self.0.get(id)
    }

    /// The key of the greatest epoch.
    pub fn newest(&self) -> Option<&DeskKey> {
        self.0.values().max_by_key(|key| key.epoch)
    }
}
