//! The one shape in which an operation says no.

use serde::Serialize;
use ts_rs::TS;

pub use kefu_domain::validate::{FieldError, Problem};

/// Why an operation was refused. The interface turns each code into a Chinese sentence; a code exists only while some
/// operation gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No desk lies in the folder yet.
    NotSetUp,
    /// A database lies in the folder already; nothing was written.
    AlreadySetUp,
    /// The desk is locked; sign in first.
    Locked,
    /// The passphrase does not open this desk.
    WrongPassphrase,
    /// The recovery code does not open this desk.
    WrongRecoveryCode,
    /// Too many wrong tries; `params.seconds` until the next.
    TooSoon,
    /// The passphrase is shorter than eight characters.
    WeakPassphrase,
    /// The device code is not one to four of A–Z and 0–9.
    BadDeviceCode,
    /// The file of key slots is missing or damaged; the database is untouched.
    KeysUnreadable,
    /// The database does not open with its key, or is damaged; nothing was written.
    DatabaseUnreadable,
    /// The database was written by a newer version of the program; it was left untouched.
    DatabaseNewer,
    /// The disk is full; what was not acknowledged is not saved.
    DiskFull,
    /// Another error of the disk or the database.
    Storage,
    /// Fields are missing or wrong; see `fields`.
    InvalidFields,
    /// The desk already holds forms, and this writes only to one that holds none; nothing was written.
    NotEmpty,
    /// No record with this id or number.
    NotFound,
    /// Whoever sits here has no role that allows this; nothing was changed.
    NotAllowed,
    /// The member is not here, is retired, or has no sign-in on this machine.
    NoSeat,
    /// The member's own passphrase is needed first.
    PassphraseRequired,
    /// No active administrator who can sign in here would be left.
    LastAdmin,
    /// Several members fit the name; `params.member` is it.
    SeveralMembers,
    /// The state of the form does not allow this.
    NotNow,
    /// The process does not allow it to this person in this state; `params.why` is the code of `Why`, and `fields`
    /// name what has to be filled in first.
    Denied,
    /// A reason is required.
    ReasonRequired,
    /// Data of the customer are masked for who sits here; revealing them is an act of its own.
    Masked,
    /// The form `params.number` is still open: nothing of its customer is erased.
    StillOpen,
    /// The form `params.number` is to be kept until `params.day` (empty: for ever); to be confirmed.
    StillKept,
    /// Nothing was changed, so nothing was written.
    NothingChanged,
    /// The attachment is larger than 20 MB.
    AttachmentTooLarge,
    /// The input is not readable JSON; `params.place` says where.
    BadJson,
    /// The PDF could not be drawn.
    PaperFailed,
    /// This machine has no printing system or it refused the job; `params.detail` is its own word.
    PrinterUnavailable,
    /// The input could not be read; `params.detail` says why.
    FileNotRead,
    /// The file could not be written; `params.detail` says why.
    FileNotWritten,
    /// The shared database is out of reach, or the line broke; nothing here is lost.
    SharedUnreachable,
    /// The server's certificate does not hold; no password was sent.
    SharedTls,
    /// The database does not accept the login or its password.
    SharedLogin,
    /// This device has no place in the workspace: not admitted yet, or revoked.
    SharedNoSeat,
    /// Others hold the database; to be tried again soon.
    SharedBusy,
    /// The schema of the shared database asks for a newer program; it was left untouched.
    SharedTooOld,
    /// The shared database has no schema, or an older one; an administrator has to install.
    SharedOlder,
    /// The login may not do what installing needs; nothing was changed.
    SharedMayNotInstall,
    /// The shared database failed with PostgreSQL's code `params.code`.
    SharedFailed,
    /// This desk belongs to no workspace.
    NoWorkspace,
    /// This desk belongs to a workspace already; nothing was changed.
    AlreadyShared,
    /// The text is no invite, or not wholly copied.
    InviteUnreadable,
    /// The invite has run out, was used, or was taken back.
    InviteOver,
    /// The invite is for another member or workspace than this device's.
    InviteOther,
    /// The recovery kit holds a slip, in line `params.detail` where that is known.
    KitWrong,
    /// The recovery kit is that of another workspace.
    KitOther,
    /// The request was not made with the invite that was given out here, or was altered on the way.
    RequestFalse,
    /// Another device has, or had, the code `params.code`.
    DeviceCodeTaken,
    /// The member log that the database shows does not hold together or is another than before; `params.detail`.
    RosterFalse,
    /// Somebody else changed the members at the same moment; nothing was written.
    MovedOn,
    /// A device does not take itself out.
    OwnDevice,
    /// A defect of the program; the log has the details under `detail_id`.
    Internal,
}

/// An operation said no. Holds no personal data, except what the caller sent itself.
#[derive(Debug, Clone, PartialEq, Serialize, TS, thiserror::Error)]
#[error("{code:?}")]
pub struct Failure {
    /// Why.
    pub code: Code,
    /// The fields concerned, if any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<FieldError>>")]
    pub fields: Vec<FieldError>,
    /// Words to put into the sentence, by name.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    #[ts(optional, as = "Option<std::collections::BTreeMap<String, String>>")]
    pub params: std::collections::BTreeMap<String, String>,
    /// Where the log tells more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail_id: Option<String>,
}

impl Failure {
    /// A failure that its code says all of.
    pub fn new(code: Code) -> Self {
        Failure { code, fields: Vec::new(), params: std::collections::BTreeMap::new(), detail_id: None }
    }

    /// With a word for the sentence.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.into(), value.to_string());
        self
    }

    /// With the fields that stand in the way.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        Failure { fields, ..Failure::new(Code::InvalidFields) }
    }
}
