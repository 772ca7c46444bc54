//! Keys of the desk: how the database key is kept, opened and never lost; the chain that makes the log tamper-evident.
//!
//! The database key is random and never leaves memory unwrapped. Three kinds of slots wrap it, as LUKS does: the
//! system's keyring, a passphrase (Argon2id) and a recovery code shown once. Any one of them opens the desk.
//! Nothing here ever makes a new key where a key file or a database already lies.

mod chain;
mod key;
mod recovery;
mod ring;
mod scram;
mod seal;
mod slots;
mod tries;

pub use chain::{Head, HeadFile, Link, content_hash};
pub use key::DatabaseKey;
pub use recovery::RecoveryCode;
pub use ring::{Ring, RingTrouble, SystemRing};
pub use scram::{random_password, scram_verifier};
pub use seal::Unsealable;
pub use slots::{KeyFile, KeysError, MIN_PASSPHRASE};
pub use tries::Tries;
