//! The system's keyring (钥匙串), behind a trait so that tests can lose, lock and change it.

use data_encoding::BASE64;
use zeroize::Zeroizing;

/// Why the keyring did not give or take a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RingTrouble {
    /// This machine offers none.
    #[error("no keyring on this machine")]
    Missing,
    /// It is there, but locked, or it refused.
    #[error("the keyring is locked or refused")]
    Locked,
    /// It has no such entry. A locked keyring may say the same, so this never proves that no key exists.
    #[error("the keyring has no entry for this desk")]
    NoEntry,
    /// It has an entry that is none of ours.
    #[error("the keyring's entry does not fit this desk")]
    Wrong,
}

/// Keeps one 32-byte key per desk.
pub trait Ring: Send + Sync {
    /// The key kept for `desk`.
    ///
    /// # Errors
    /// Why there is none to be had.
    fn get(&self, desk: &str) -> Result<Zeroizing<[u8; 32]>, RingTrouble>;

    /// Keeps `key` for `desk`, in place of an earlier one.
    ///
    /// # Errors
    /// Why it cannot be kept.
    fn set(&self, desk: &str, key: &[u8; 32]) -> Result<(), RingTrouble>;
}

/// The keyring of the operating system: Credential Manager, Keychain, Secret Service.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRing;

const SERVICE: &str = "kefu-desk";

impl Ring for SystemRing {
    fn get(&self, desk: &str) -> Result<Zeroizing<[u8; 32]>, RingTrouble> {
        let text = Zeroizing::new(entry(desk)?.get_password().map_err(trouble)?);
        let bytes = Zeroizing::new(BASE64.decode(text.as_bytes()).map_err(|_| RingTrouble::Wrong)?);
        Ok(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| RingTrouble::Wrong)?))
    }

    fn set(&self, desk: &str, key: &[u8; 32]) -> Result<(), RingTrouble> {
        let text = Zeroizing::new(BASE64.encode(key));
        entry(desk)?.set_password(&text).map_err(trouble)
    }
}

fn entry(desk: &str) -> Result<keyring::Entry, RingTrouble> {
    keyring::Entry::new(SERVICE, desk).map_err(trouble)
}

fn trouble(error: keyring::Error) -> RingTrouble {
    match error {
        keyring::Error::NoEntry => RingTrouble::NoEntry,
        keyring::Error::NoStorageAccess(_) => RingTrouble::Locked,
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) | keyring::Error::Ambiguous(_) => {
            RingTrouble::Wrong
        }
        _ => RingTrouble::Missing,
    }
}
