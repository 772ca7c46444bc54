//! Ed25519 signatures, with one answer for a signature whether it is checked alone or among many.
//!
//! Two checks are in use elsewhere that do not agree: the strict one compares `R` itself, the library's batch a random
//! combination. A signer who adds a point of small order to `R` is refused by the first and passes the second every few
//! times, by chance; one change would then count on one device and lie in quarantine on another. Here a signature is
//! good where RFC 8032 §5.1.7 says so, `[8][S]B = [8]R + [8][k]A`: what the strict check accepts fulfils that, what it
//! refuses is decided by it, and a batch is the sum of just these equations. `S` has to be reduced and keys of small order
//! are refused, so nobody but the signer can make a second signature out of a first.

use std::collections::HashMap;
use std::fmt;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, ED25519_BASEPOINT_TABLE};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

/// Most signatures checked at once. Beyond it a batch gains little, and finding a bad one costs more.
const BATCH: usize = 256;

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
        let Terms { s, r, k } = self.terms(message, signature)?;
        let rest = ED25519_BASEPOINT_TABLE * &s - self.0.to_edwards() * k - r;
        Some(rest.mul_by_cofactor().is_identity())
    }

    fn terms(&self, message: &[u8], signature: &Signature) -> Option<Terms> {
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(*signature.s_bytes()))?;
        let r = CompressedEdwardsY(*signature.r_bytes()).decompress()?;
        let hash = Sha512::new().chain_update(signature.r_bytes()).chain_update(self.as_bytes()).chain_update(message);
        Some(Terms { s, r, k: Scalar::from_bytes_mod_order_wide(&hash.finalize().into()) })
    }
}

/// What stands in the equation beside the base point and the key.
struct Terms {
    s: Scalar,
    r: EdwardsPoint,
    k: Scalar,
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
    if all.is_empty() || all_fulfil(all).unwrap_or_default() {
        return Vec::new();
    }
    let (left, right) = all.split_at(all.len() / 2);
    [bad_among(left, start), bad_among(right, start + left.len())].concat()
}

/// The sum of all their equations, each times 128 bits that nobody could foresee: it holds where each of them does, and
/// otherwise once in 2¹²⁸ times. Those of one key share its point, so that what one device wrote costs half as much as the
/// library's batch. None where one of them has no equation, or there is no random.
fn all_fulfil(all: &[Signed]) -> Option<bool> {
    let mut random = vec![0; 16 * all.len()];
    getrandom::fill(&mut random).ok()?;
    let (mut scalars, mut points) = (Vec::with_capacity(all.len() + 2), Vec::with_capacity(all.len() + 2));
    let (mut of_base, mut of_keys) = (Scalar::ZERO, HashMap::<[u8; 32], (EdwardsPoint, Scalar)>::new());
    for (one, random) in all.iter().zip(random.chunks_exact(16)) {
        let z = Scalar::from(u128::from_le_bytes(random.try_into().ok()?));
        let Terms { s, r, k } = one.key.terms(one.message, &Signature::from_bytes(&one.signature))?;
        of_base -= z * s;
        of_keys.entry(*one.key.as_bytes()).or_insert_with(|| (one.key.0.to_edwards(), Scalar::ZERO)).1 += z * k;
        scalars.push(z);
        points.push(r);
    }
    let keys = of_keys.into_values().chain([(ED25519_BASEPOINT_POINT, of_base)]);
    keys.for_each(|(point, scalar)| {
        scalars.push(scalar);
        points.push(point);
    });
    Some(EdwardsPoint::vartime_multiscalar_mul(scalars, points).mul_by_cofactor().is_identity())
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
