//! What can be wrong with a member log, each with its name and place.

/// Why an entry, signed by one who may, still does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The workspace was founded already.
    #[error("founded already")]
    Founded,
    /// The certificate is of another workspace or author, or its signature is bad.
    #[error("the certificate does not hold")]
    Certificate,
    /// This seat was admitted before; a device that comes back takes a new identity.
    #[error("this seat was admitted before")]
    SeatKnown,
    /// A key of it belongs, or belonged, to another seat or to the root.
    #[error("a key is in use elsewhere")]
    KeyKnown,
    /// Another device has this code in its form numbers, or had it.
    #[error("the device's code is in use")]
    CodeKnown,
    /// 管理 is granted apart, by the root.
    #[error("the administrator's role is granted apart")]
    AdminAsRole,
    /// No such member.
    #[error("no such member")]
    NoMember,
    /// No seat to revoke fits.
    #[error("nothing to revoke")]
    NothingToRevoke,
    /// The last sequence that counts is missing for a device concerned.
    #[error("the last sequence that counts is missing")]
    NoUntil,
    /// Not the epoch after the last, or an id used before.
    #[error("not the next desk key")]
    Epoch,
}

/// Why a log, or an entry of it, is not taken. Nothing of it has then taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// No entry, or one that cannot be read; counted from 1 in what was handed over.
    #[error("entry {place} of those handed over cannot be read")]
    Unreadable {
        /// Its place.
        place: u64,
    },
    /// The log does not begin with the root that the fingerprint names.
    #[error("not the root that the fingerprint names")]
    WrongRoot,
    /// It belongs to another workspace.
    #[error("entry {seq} belongs to another workspace")]
    OtherWorkspace {
        /// Its sequence.
        seq: u64,
    },
    /// Entries are missing.
    #[error("entries {expected} to {found} are missing, the last not included")]
    Gap {
        /// The next that was expected.
        expected: u64,
        /// The one that came.
        found: u64,
    },
    /// All entries are there, but not in their order.
    #[error("entry {seq} is out of order")]
    Reordered {
        /// The first that is.
        seq: u64,
    },
    /// There are two histories: another entry is known at this place, or the one before it is another.
    #[error("two histories at entry {seq}")]
    Fork {
        /// The first place where they differ, as far as can be told.
        seq: u64,
    },
    /// It ends before what is known here: the shared database shows an older log.
    #[error("the log ends at {found}, {known} entries are known")]
    Shorter {
        /// Entries known.
        known: u64,
        /// Entries shown.
        found: u64,
    },
    /// The signature is not its author's.
    #[error("entry {seq} is not signed by its author")]
    BadSignature {
        /// Its sequence.
        seq: u64,
    },
    /// Its author had no right to it at this place.
    #[error("the author of entry {seq} may not do this")]
    NotAllowed {
        /// Its sequence.
        seq: u64,
    },
    /// It contradicts the entries before it.
    #[error("entry {seq}: {why}")]
    Unfit {
        /// Its sequence.
        seq: u64,
        /// How.
        why: Unfit,
    },
}
