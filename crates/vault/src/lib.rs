//! Keys of the desk, and the only cryptography: how the database key is kept, who a member is to the other devices, and
//! how a change is sealed so that the shared database can read, invent and lose nothing unnoticed.
//!
//! The database key is random and never leaves memory unwrapped. Three kinds of slots wrap it, as LUKS does: the
//! system's keyring, a passphrase (Argon2id) and a recovery code shown once. Any one of them opens the desk.
//! Nothing here ever makes a new key where a key file or a database already lies.
//!
//! The hierarchy of keys, what is bound into what, and what is not protected: `README.md` beside this crate.

pub mod attachment;
pub mod certificate;
mod chain;
mod crockford;
pub mod desk_key;
pub mod envelopes;
mod exit;
mod frame;
pub mod grant;
mod identity;
pub mod invite;
pub mod join;
mod key;
pub mod record_key;
mod recovery;
mod ring;
pub mod roster;
mod scram;
mod seal;
mod sealed_box;
mod signature;
mod slots;
mod tries;
pub mod welcome;

pub use attachment::Attachment;
pub use certificate::{Author, Certificate, Issuer};
pub use chain::{Head, HeadFile, Link, content_hash};
pub use desk_key::{DeskKey, DeskKeys, KeyId};
pub use exit::no_clearing_up;
pub use grant::Grant;
pub use identity::{
    Fingerprint, KitError, ReceiveKey, RecoveryKit, SeatId, SeatKeys, SeatPublic, WorkspaceRoot, WrapKey,
};
pub use invite::{Invite, InviteError, Server};
pub use join::JoinRequest;
pub use key::DatabaseKey;
pub use record_key::{RecordEpoch, RecordKey, WrappedRecordKey};
pub use recovery::RecoveryCode;
pub use ring::{Ring, RingTrouble, SystemRing};
pub use roster::{Roster, Seat};
pub use scram::{random_password, scram_verifier};
pub use seal::{Unsealable, random_bits};
pub use sealed_box::SealingError;
pub use signature::{Signed, VerifyKey, bad_signatures};
pub use slots::{KeyFile, KeysError, MIN_PASSPHRASE};
pub use tries::Tries;
pub use welcome::Welcome;
