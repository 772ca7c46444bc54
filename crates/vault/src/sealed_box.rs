//! Sealing to a seat: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.

use std::convert::Infallible;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeR, OpModeS, PskBundle, Serializable};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Unsealable;

type Suite = X25519HkdfSha256;

/// Length of what goes before the ciphertext: the sender's one-time public key.
const ENCAPSULATED: usize = 32;

/// A secret that both sides hold beforehand, at least 32 bytes, and its name.
pub(crate) type Shared<'a> = (&'a [u8; 32], &'a [u8]);

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The system's random source failed.
    #[error("the system's random source failed")]
    Random,
    /// The receiver's key is not one that can be sealed to.
    #[error("the receiver's key is not one that can be sealed to")]
    Receiver,
    /// More than fits into one piece.
    #[error("more than fits into one piece")]
    TooLarge,
}

impl From<getrandom::Error> for SealingError {
    fn from(_: getrandom::Error) -> Self {
        SealingError::Random
    }
}

/// Random bytes drawn before they are needed: HPKE asks for a source that cannot fail, the system's can.
struct Drawn {
    seed: Zeroizing<[u8; 32]>,
    block: u64,
}

impl Drawn {
    fn new() -> Result<Self, getrandom::Error> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut())?;
        Ok(Drawn { seed, block: 0 })
    }
}

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for part in out.chunks_mut(32) {
            let hash = Sha256::new().chain_update(b"kefu drawn").chain_update(self.seed.as_ref());
            part.copy_from_slice(&hash.chain_update(self.block.to_le_bytes()).finalize()[..part.len()]);
            self.block += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

/// Public half of a receiving key.
pub(crate) fn public_of(private: &[u8; 32]) -> [u8; 32] {
    *x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(*private)).as_bytes()
}

/// Seals `secret` to the holder of `receiver`; `info` is a frame that says what it is and between whom.
pub(crate) fn seal_to(
    receiver: &[u8; 32],
    info: &[u8],
    shared: Option<Shared>,
    secret: &[u8],
) -> Result<Vec<u8>, SealingError> {
    let key = <Suite as Kem>::PublicKey::from_bytes(receiver).map_err(|_| SealingError::Receiver)?;
    let mode = match shared {
        Some((psk, name)) => OpModeS::Psk(PskBundle::new(psk, name).map_err(|_| SealingError::Receiver)?),
        None => OpModeS::Base,
    };
    let (encapsulated, sealed) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &mode,
        &key,
        info,
        secret,
        &[],
        &mut Drawn::new()?,
    )
    .map_err(|_| SealingError::Receiver)?;
    Ok([encapsulated.to_bytes().as_slice(), &sealed].concat())
}

/// Opens what was sealed to the public half of `private` with the same `info` and shared secret.
pub(crate) fn open_with(
    private: &[u8; 32],
    info: &[u8],
    shared: Option<Shared>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
    let (encapsulated, sealed) = sealed.split_at_checked(ENCAPSULATED).ok_or(Unsealable)?;
    let key = <Suite as Kem>::PrivateKey::from_bytes(private).map_err(|_| Unsealable)?;
    let encapsulated = <Suite as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| Unsealable)?;
    let mode = match shared {
        Some((psk, name)) => OpModeR::Psk(PskBundle::new(psk, name).map_err(|_| Unsealable)?),
        None => OpModeR::Base,
    };
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(&mode, &key, &encapsulated, info, sealed, &[])
        .map(Zeroizing::new)
        .map_err(|_| Unsealable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_receiver_opens_and_only_in_the_same_frame() {
        let (own, other) = ([7; 32], [8; 32]);
        let (psk, wrong): ([u8; 32], [u8; 32]) = ([1; 32], [2; 32]);
        for shared in [None, Some((&psk, &b"name"[..]))] {
            let sealed = seal_to(&public_of(&own), b"info", shared, b"secret").unwrap();
            assert_ne!(sealed, seal_to(&public_of(&own), b"info", shared, b"secret").unwrap());
            assert_eq!(open_with(&own, b"info", shared, &sealed).unwrap().as_slice(), b"secret");
            assert!(open_with(&other, b"info", shared, &sealed).is_err());
            assert!(open_with(&own, b"else", shared, &sealed).is_err());
            assert!(open_with(&own, b"info", Some((&wrong, b"name")), &sealed).is_err());
            for bit in 0..sealed.len() * 8 {
                // RFC 7748: the highest bit of a public key is not looked at; the rest of the seal binds it all the same.
                let mut altered = sealed.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                assert!(open_with(&own, b"info", shared, &altered).is_err(), "bit {bit}");
            }
        }
        assert_eq!(seal_to(&[0; 32], b"", None, b"x"), Err(SealingError::Receiver));
    }
}
