//! Who somebody is to the other devices: the workspace root, and a seat's keys to sign and to receive.
//!
//! Private halves never leave the device but for the printed recovery kit. They lie in the local database, wrapped
//! under a key that comes from the database key, so that every way to open the desk opens them, too.

mod fingerprint;
mod kit;

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use fingerprint::Fingerprint;
pub use kit::{KitError, RecoveryKit};

use crate::frame::{derive, frame, hex};
use crate::seal::{open_bytes, seal_bytes};
use crate::sealed_box::public_of;
use crate::signature::SignKey;
use crate::{DatabaseKey, Unsealable, VerifyKey};

/// A seat: a member on a device. The same member on two devices has two seats with keys of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeatId {
    /// Member's record id: the `seat` of an envelope.
    pub member: Uuid,
    /// Device.
    pub device: Uuid,
}

/// Public half of a receiving key (X25519).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReceiveKey(#[serde(with = "hex")] pub(crate) [u8; 32]);

impl fmt::Debug for ReceiveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiveKey({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// Public halves of a seat's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatPublic {
    /// Its signatures are checked with this.
    pub sign: VerifyKey,
    /// Keys are sealed to this.
    pub receive: ReceiveKey,
}

/// The key that private halves are wrapped under in the local database. It follows from the database key and opens
/// nothing else.
pub struct WrapKey(Zeroizing<[u8; 32]>);

impl WrapKey {
    /// The wrap key of the desk with this database key.
    pub fn of(key: &DatabaseKey) -> Self {
        WrapKey(derive(key.bytes(), "kefu wrap key 1", &[]))
    }

    pub(crate) fn wrap(&self, what: &[u8], secret: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
        seal_bytes(&self.0, what, secret)
    }

    pub(crate) fn unwrap<const N: usize>(&self, what: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; N]>, Unsealable> {
        let plain = open_bytes(&self.0, what, wrapped)?;
        Ok(Zeroizing::new(plain.as_slice().try_into().map_err(|_| Unsealable)?))
    }
}

impl fmt::Debug for WrapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrapKey(…)")
    }
}

/// The workspace root: admits the first administrators and grants that right. Held by the founding administrator's
/// seat and by the printed kit. Never printed by Debug.
#[derive(Clone)]
pub struct WorkspaceRoot(pub(crate) SignKey);

impl WorkspaceRoot {
    /// A new random root. Made once, when a workspace is created.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn random() -> Result<Self, getrandom::Error> {
        SignKey::random().map(WorkspaceRoot)
    }

    /// Its public half.
    pub fn public(&self) -> VerifyKey {
        self.0.public()
    }

    /// What an invite names and the member log is checked against.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_root(&self.public())
    }

    /// The root, to be printed.
    pub fn kit(&self) -> RecoveryKit {
        RecoveryKit::of(self.0.seed())
    }

    /// The root of a printed kit.
    pub fn from_kit(kit: &RecoveryKit) -> Self {
        WorkspaceRoot(SignKey::from_seed(&kit.seed()))
    }

    /// The root as it lies in the local database of `workspace`.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn wrap(&self, key: &WrapKey, workspace: Uuid) -> Result<Vec<u8>, getrandom::Error> {
        key.wrap(&frame("kefu root 1", &[workspace.as_bytes()]), self.0.seed())
    }

    /// Reads back what [`WorkspaceRoot::wrap`] gave.
    ///
    /// # Errors
    /// Another desk's or workspace's, or altered.
    pub fn unwrap(key: &WrapKey, workspace: Uuid, wrapped: &[u8]) -> Result<Self, Unsealable> {
        let seed = key.unwrap(&frame("kefu root 1", &[workspace.as_bytes()]), wrapped)?;
        Ok(WorkspaceRoot(SignKey::from_seed(&seed)))
    }
}

impl fmt::Debug for WorkspaceRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkspaceRoot(…)")
    }
}

/// Private halves of a seat's keys. Made on the device, wiped when dropped, never printed by Debug.
#[derive(Clone)]
pub struct SeatKeys {
    pub(crate) sign: SignKey,
    pub(crate) receive: Zeroizing<[u8; 32]>,
}

impl SeatKeys {
    /// New random keys.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut receive = Zeroizing::new([0; 32]);
        getrandom::fill(receive.as_mut())?;
        Ok(SeatKeys { sign: SignKey::random()?, receive })
    }

    /// The public halves.
    pub fn public(&self) -> SeatPublic {
        SeatPublic { sign: self.sign.public(), receive: ReceiveKey(public_of(&self.receive)) }
    }

    fn what(seat: SeatId) -> Vec<u8> {
        frame("kefu seat keys 1", &[seat.member.as_bytes(), seat.device.as_bytes()])
    }

    /// The keys as they lie in the local database.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn wrap(&self, key: &WrapKey, seat: SeatId) -> Result<Vec<u8>, getrandom::Error> {
        let both = Zeroizing::new([*self.sign.seed(), *self.receive].concat());
        key.wrap(&Self::what(seat), &both)
    }

    /// Reads back what [`SeatKeys::wrap`] gave.
    ///
    /// # Errors
    /// Another desk's or seat's, or altered.
    pub fn unwrap(key: &WrapKey, seat: SeatId, wrapped: &[u8]) -> Result<Self, Unsealable> {
        let both = key.unwrap::<64>(&Self::what(seat), wrapped)?;
        let (sign, receive) = both.split_at(32);
        let sign = SignKey::from_seed(sign.try_into().map_err(|_| Unsealable)?);
        Ok(SeatKeys { sign, receive: Zeroizing::new(receive.try_into().map_err(|_| Unsealable)?) })
    }
}

impl fmt::Debug for SeatKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeatKeys(…)")
    }
}

#[cfg(test)]
mod tests;
