//! Ed25519 signatures, with one answer for a signature whether it is checked alone or among many.
//!
//! Two checks are in use elsewhere that do not agree: the strict one compares `R` itself, a batch compares a random
//! combination. A signer who adds a point of small order to `R` is refused by the first and passes the second every few
//! times, by chance; one change would then count on one device and lie in quarantine on another. Here a signature is
//! good where RFC 8032 §5.1.7 says so, `[8][S]B = [8]R + [8][k]A`: what the strict check or a batch accepts fulfils
//! that, and what both refuse is decided by it. `S` has to be reduced and keys of small order are refused, so nobody
//! but the signer can make a second signature out of a first.

use std::fmt;

use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

/// Most signatures checked at once. Beyond it a batch gains little, and finding a bad one costs more.
const BATCH: usize = 128;

/// The private half of a signing key. Wiped when dropped, never printed.
#[derive(Clone)]
pub(crate) struct SignKey(SigningKey);

impl SignKey {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut())?;
        Ok(Self::from_seed(&seed))
    }

    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        SignKey(SigningKey::from_bytes(seed))
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(crate) fn public(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// The public half of a signing key: 32 bytes that are a point of the curve and not one of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyKey(VerifyingKey);

impl VerifyKey {
    /// The key with these bytes; None where they are no point, or a weak one.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak()).map(VerifyKey)
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether `signature` over `message` is this key's.
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        // The strict check is the quicker of the two and holds for whatever this program signed.
        self.0.verify_strict(message, &signature).is_ok() || self.fulfils(message, &signature).unwrap_or_default()
    }

    /// The equation of RFC 8032 §5.1.7; None where `S` is not reduced or `R` is no point.
    fn fulfils(&self, message: &[u8], signature: &Signature) -> Option<bool> {
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(*signature.s_bytes()))?;
        let r = CompressedEdwardsY(*signature.r_bytes()).decompress()?;
        let hash = Sha512::new().chain_update(signature.r_bytes()).chain_update(self.as_bytes()).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let rest = ED25519_BASEPOINT_TABLE * &s - self.0.to_edwards() * k - r;
        Some(rest.mul_by_cofactor().is_identity())
    }
}

/// One signature to be checked among many.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// Whose it should be.
    pub key: VerifyKey,
    /// What was signed.
    pub message: &'a [u8],
    /// The signature.
    pub signature: [u8; 64],
}

/// Places of the bad ones among `all`, ascending; empty where all are good. One bad one never spoils the others.
pub fn bad_signatures(all: &[Signed]) -> Vec<usize> {
    let starts = (0..all.len()).step_by(BATCH);
    starts.flat_map(|start| bad_among(&all[start..all.len().min(start + BATCH)], start)).collect()
}

/// Halves what does not hold until the bad ones stand alone.
fn bad_among(all: &[Signed], start: usize) -> Vec<usize> {
    if let [one] = all {
        return if one.key.verifies(one.message, &one.signature) { Vec::new() } else { vec![start] };
    }
    let messages: Vec<&[u8]> = all.iter().map(|one| one.message).collect();
    let signatures: Vec<Signature> = all.iter().map(|one| Signature::from_bytes(&one.signature)).collect();
    let keys: Vec<VerifyingKey> = all.iter().map(|one| one.key.0).collect();
    if all.is_empty() || ed25519_dalek::verify_batch(&messages, &signatures, &keys).is_ok() {
        return Vec::new();
    }
    let (left, right) = all.split_at(all.len() / 2);
    [bad_among(left, start), bad_among(right, start + left.len())].concat()
}

impl fmt::Debug for VerifyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyKey({})", HEXLOWER.encode(self.as_bytes()))
    }
}

impl Serialize for VerifyKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::frame::hex::serialize(self.as_bytes(), serializer)
    }
}

impl<'de> Deserialize<'de> for VerifyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: [u8; 32] = crate::frame::hex::deserialize(deserializer)?;
        VerifyKey::from_bytes(&bytes).ok_or_else(|| D::Error::custom("not a key"))
    }
}

#[cfg(test)]
mod tests;
