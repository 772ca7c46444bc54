//! From the errors of the rooms below to the one shape of the wire. Details go to the log, never personal data.

use std::io::ErrorKind;

use kefu_domain::Refusal;
use kefu_domain::member::MemberRefusal;
use kefu_domain::process::Why;
use kefu_domain::validate::{FieldError, Problem};
use kefu_local::{FileError, StoreError};
use kefu_paper::PaperError;
use kefu_vault::{KeysError, RingTrouble};

use crate::wire::{Code, Failure, KeyringTrouble};

/// A failure whose cause only the log tells.
pub(crate) fn logged(code: Code, error: &dyn std::error::Error) -> Failure {
    let detail_id = uuid::Uuid::now_v7().simple().to_string();
    tracing::error!(%detail_id, %error, ?code, "operation failed");
    Failure { detail_id: Some(detail_id), ..Failure::new(code) }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists => Failure::new(Code::AlreadySetUp),
            StoreError::Missing => Failure::new(Code::NotSetUp),
            StoreError::Newer => Failure::new(Code::DatabaseNewer),
            StoreError::Full => Failure::new(Code::DiskFull),
            StoreError::Unreadable => logged(Code::DatabaseUnreadable, &error),
            StoreError::NotEncrypting | StoreError::Random | StoreError::Roster(_) => logged(Code::Internal, &error),
            StoreError::Data(_) | StoreError::Change(_) | StoreError::Database(_) => logged(Code::Storage, &error),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge => Failure::new(Code::AttachmentTooLarge),
            FileError::Missing => Failure::new(Code::NotFound),
            FileError::Store(error) => error.into(),
        }
    }
}

impl From<KeysError> for Failure {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Missing | KeysError::Unreadable => Failure::new(Code::KeysUnreadable),
            KeysError::Exists => Failure::new(Code::AlreadySetUp),
            KeysError::WrongPassphrase => Failure::new(Code::WrongPassphrase),
            KeysError::WrongRecoveryCode => Failure::new(Code::WrongRecoveryCode),
            KeysError::Io(error) => file_not_written(&error),
            KeysError::Ring(_) | KeysError::System(_) => logged(Code::Internal, &error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fields(fields) => Failure::fields(fields),
            Refusal::NotNow => Failure::new(Code::NotNow),
            Refusal::Denied(why) => denied(&why),
            Refusal::ReasonRequired => Failure::new(Code::ReasonRequired),
            Refusal::NothingChanged => Failure::new(Code::NothingChanged),
        }
    }
}

impl From<MemberRefusal> for Failure {
    fn from(refusal: MemberRefusal) -> Self {
        match refusal {
            MemberRefusal::Fields(fields) => Failure::fields(fields),
            MemberRefusal::LastAdmin => Failure::new(Code::LastAdmin),
            MemberRefusal::NothingChanged => Failure::new(Code::NothingChanged),
        }
    }
}

/// Why as its code, so that the window has one sentence for each; what a guard misses as fields.
fn denied(why: &Why) -> Failure {
    let code = serde_json::to_value(why).ok().and_then(|why| Some(why.get("code")?.as_str()?.to_string()));
    let missing = match why {
        Why::GuardMissing { fields } => fields.iter().map(|key| FieldError::new(key, Problem::Required)).collect(),
        _ => Vec::new(),
    };
    Failure { fields: missing, ..Failure::new(Code::Denied).with("why", code.unwrap_or_default()) }
}

impl From<PaperError> for Failure {
    fn from(error: PaperError) -> Self {
        logged(Code::PaperFailed, &error)
    }
}

impl From<RingTrouble> for KeyringTrouble {
    fn from(trouble: RingTrouble) -> Self {
        match trouble {
            RingTrouble::Missing => KeyringTrouble::Missing,
            RingTrouble::Locked => KeyringTrouble::Locked,
            RingTrouble::NoEntry => KeyringTrouble::NoEntry,
            RingTrouble::Wrong => KeyringTrouble::Wrong,
        }
    }
}

/// A file of the desk's folder, or one that the person named, could not be written.
pub(crate) fn file_not_written(error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::StorageFull => Failure::new(Code::DiskFull),
        kind => Failure::new(Code::FileNotWritten).with("detail", in_words(kind)),
    }
}

/// What the system said of a file, in the language of the sentences it is put into.
pub fn in_words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "不存在",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已有同名文件",
        ErrorKind::IsADirectory => "是文件夹",
        ErrorKind::NotADirectory => "上级不是文件夹",
        ErrorKind::InvalidData => "不是 UTF-8 文本",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::ReadOnlyFilesystem => "文件只读",
        _ => "系统拒绝",
    }
}
