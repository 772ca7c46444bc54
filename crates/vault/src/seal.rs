//! Authenticated encryption: XChaCha20-Poly1305 with the purpose bound in; keys from what a person types.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A sealed secret as the key file keeps it: base64 of a 24-byte nonce and the ciphertext with its tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sealed(String);

/// The key does not open this, or it was altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key does not open this, or it was altered")]
pub struct Unsealable;

pub(crate) const NONCE: usize = 24;

pub(crate) fn seal_bytes(key: &[u8; 32], purpose: &[u8], secret: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce)?;
    Ok(seal_with(key, purpose, secret, nonce))
}

/// Seals under a nonce that is random, or that sealed exactly this under this key before.
pub(crate) fn seal_with(key: &[u8; 32], purpose: &[u8], secret: &[u8], nonce: [u8; NONCE]) -> Vec<u8> {
    let payload = Payload { msg: secret, aad: purpose };
    // Encryption fails only for messages of 256 GiB and more.
    let sealed = XChaCha20Poly1305::new(key.into()).encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
    [nonce.as_slice(), &sealed].concat()
}

pub(crate) fn open_bytes(key: &[u8; 32], purpose: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(Unsealable)?;
    let payload = Payload { msg: sealed, aad: purpose };
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| Unsealable)
}

/// 128 random bits, for identities and for pauses.
///
/// # Errors
/// The system's random source failed.
pub fn random_bits() -> Result<u128, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

impl Sealed {
    pub(crate) fn new(key: &[u8; 32], purpose: &str, secret: &[u8]) -> Result<Self, getrandom::Error> {
        Ok(Sealed(BASE64.encode(&seal_bytes(key, purpose.as_bytes(), secret)?)))
    }

    pub(crate) fn open(&self, key: &[u8; 32], purpose: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let bytes = BASE64.decode(self.0.as_bytes()).map_err(|_| Unsealable)?;
        open_bytes(key, purpose.as_bytes(), &bytes)
    }
}

/// Work of Argon2id: memory in KiB, passes, lanes. Compiled in (sync.md), so that no file can lower it.
const ARGON2: (u32, u32, u32) = (64 * 1024, 3, 4);

/// A key from something a person types. Takes about a fifth of a second and 64 MiB on purpose.
pub(crate) fn stretch(typed: &str, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, argon2::Error> {
    let params = Params::new(ARGON2.0, ARGON2.1, ARGON2.2, Some(32))?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
        typed.as_bytes(),
        salt,
        key.as_mut_slice(),
    )?;
    Ok(key)
}
