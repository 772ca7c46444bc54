//! Member certificate: who signs for a seat, said by the workspace root or by an administrator's seat.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use uuid::Uuid;

use crate::frame::{Parts, frame, hex};
use crate::{SeatId, SeatKeys, SeatPublic, VerifyKey, WorkspaceRoot};

const TAG: &str = "kefu certificate 1";

/// Who signed a certificate, an entry of the member log or an answer to a join request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The workspace root.
    Root,
    /// A seat; whether it may is for the roster to say.
    Seat(SeatId),
}

/// An author together with the key he signs with.
#[derive(Debug, Clone, Copy)]
pub enum Issuer<'a> {
    /// The workspace root.
    Root(&'a WorkspaceRoot),
    /// A seat.
    Seat(SeatId, &'a SeatKeys),
}

impl Issuer<'_> {
    /// Who he is.
    pub fn author(&self) -> Author {
        match self {
            Issuer::Root(_) => Author::Root,
            Issuer::Seat(id, _) => Author::Seat(*id),
        }
    }

    /// Public half of the key he signs with.
    pub fn key(&self) -> VerifyKey {
        match self {
            Issuer::Root(root) => root.public(),
            Issuer::Seat(_, keys) => keys.sign.public(),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        match self {
            Issuer::Root(root) => root.0.sign(message),
            Issuer::Seat(_, keys) => keys.sign.sign(message),
        }
    }
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certified {
    /// Workspace.
    pub workspace: Uuid,
    /// The seat.
    pub seat: SeatId,
    /// Its public keys.
    pub keys: SeatPublic,
    /// Who says so.
    pub by: Author,
    /// When, seconds since 1970 UTC by his clock.
    pub at: i64,
}

/// A signed certificate. Its bytes are kept as they were signed, so that what a newer version says in them survives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What it says.
    pub says: Certified,
    body: Vec<u8>,
    signature: [u8; 64],
}

impl Certificate {
    /// Certifies `keys` for `seat`, at `at` seconds since 1970 UTC.
    ///
    /// # Errors
    /// It could not be encoded.
    pub fn issue(
        issuer: Issuer,
        workspace: Uuid,
        seat: SeatId,
        keys: SeatPublic,
        at: i64,
    ) -> Result<Self, serde_json::Error> {
        let says = Certified { workspace, seat, keys, by: issuer.author(), at };
        let body = serde_json::to_vec(&says)?;
        let signature = issuer.sign(&frame(TAG, &[&body]));
        Ok(Certificate { says, body, signature })
    }

    /// Whether `key` signed it.
    pub fn is_by(&self, key: &VerifyKey) -> bool {
        key.verifies(&frame(TAG, &[&self.body]), &self.signature)
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        frame(TAG, &[&self.body, &self.signature])
    }

    /// Reads its bytes; None where they are none. The signature is not checked here.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts::of(bytes, TAG)?;
        let body = parts.next()?.to_vec();
        let signature = parts.array()?;
        parts.end()?;
        Some(Certificate { says: serde_json::from_slice(&body).ok()?, body, signature })
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        hex::serialize(&self.encode(), serializer)
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: Vec<u8> = hex::deserialize(deserializer)?;
        Certificate::decode(&bytes).ok_or_else(|| D::Error::custom("not a certificate"))
    }
}
