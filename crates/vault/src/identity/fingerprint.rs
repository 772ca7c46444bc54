//! Fingerprints: a public key, or a whole join request, as something that two people compare on two screens.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::frame::{digest, hex};
use crate::{VerifyKey, crockford};

/// SHA-256 of what it stands for, with its purpose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(#[serde(with = "hex")] [u8; 32]);

impl Fingerprint {
    /// Of a workspace root.
    pub fn of_root(root: &VerifyKey) -> Self {
        Fingerprint(digest("kefu root fingerprint 1", &[root.as_bytes()]))
    }

    pub(crate) fn of_frame(tag: &str, parts: &[&[u8]]) -> Self {
        Fingerprint(digest(tag, parts))
    }

    /// A fingerprint as it was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Fingerprint(bytes)
    }

    /// All of it, to be kept.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// To print and to compare letter by letter: five groups of five characters, 125 bits.
    pub fn groups(&self) -> String {
        crockford::grouped(&crockford::encode(&self.0)[..25], 5)
    }

    /// To read out on the telephone or compare on two screens: six groups of five digits, nearly 100 bits.
    pub fn digits(&self) -> String {
        let group = |bytes: &[u8]| bytes.iter().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte)) % 100_000;
        let groups: Vec<String> = self.0[..30].chunks(5).map(|bytes| format!("{:05}", group(bytes))).collect();
        groups.join(" ")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.groups())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", self.groups())
    }
}
