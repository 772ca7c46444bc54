//! From the errors of the shared database and of what is signed in it to the one shape of the wire.

use kefu_shared::SharedError;
use kefu_vault::roster::{LogError, Unfit};
use kefu_vault::welcome::WelcomeError;
use kefu_vault::{InviteError, SealingError};

use crate::failure::logged;
use crate::wire::{Code, Failure};

impl From<SharedError> for Failure {
    fn from(error: SharedError) -> Self {
        match error {
            SharedError::Unreachable => Failure::new(Code::SharedUnreachable),
            SharedError::Tls => Failure::new(Code::SharedTls),
            SharedError::Login => Failure::new(Code::SharedLogin),
            SharedError::NoSeat => Failure::new(Code::SharedNoSeat),
            SharedError::Forbidden => Failure::new(Code::NotAllowed),
            SharedError::Missing => Failure::new(Code::NotFound),
            SharedError::Moved => Failure::new(Code::MovedOn),
            SharedError::InviteOver => Failure::new(Code::InviteOver),
            SharedError::Busy => Failure::new(Code::SharedBusy),
            SharedError::TooOld { .. } => Failure::new(Code::SharedTooOld),
            SharedError::Newer { .. } => Failure::new(Code::SharedOlder),
            SharedError::MayNotInstall => Failure::new(Code::SharedMayNotInstall),
            SharedError::Database(code) => Failure::new(Code::SharedFailed).with("code", code),
            SharedError::TooMuch | SharedError::Malformed | SharedError::Garbled | SharedError::Random => {
                logged(Code::Internal, &error)
            }
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let detail = match error {
            LogError::Unfit { why: Unfit::CodeKnown, .. } => return Failure::new(Code::DeviceCodeTaken),
            LogError::NotAllowed { .. } => "所写者无权",
            LogError::Shorter { .. } => "比本机已知的短",
            LogError::Gap { .. } => "缺少条目",
            LogError::Fork { .. } | LogError::Reordered { .. } => "与已知的不同",
            LogError::BadSignature { .. } => "签名不符",
            LogError::WrongRoot | LogError::OtherWorkspace { .. } => "属于另一个共享台",
            LogError::Unreadable { .. } | LogError::Unfit { .. } => "有不合规的条目",
        };
        Failure { detail_id: logged(Code::RosterFalse, &error).detail_id, ..Failure::new(Code::RosterFalse) }
            .with("detail", detail)
    }
}

impl From<InviteError> for Failure {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Unreadable => Failure::new(Code::InviteUnreadable),
            InviteError::Expired | InviteError::Used => Failure::new(Code::InviteOver),
            InviteError::OtherInvite | InviteError::Tampered => Failure::new(Code::RequestFalse),
            InviteError::TooLong => logged(Code::Internal, &error),
        }
    }
}

impl From<WelcomeError> for Failure {
    fn from(error: WelcomeError) -> Self {
        let detail = match error {
            WelcomeError::Tampered => "批准书不是给本机的，或被改动",
            WelcomeError::NotAllowed => "批准者不是管理员",
            WelcomeError::OtherLog => "批准书与成员记录不符",
        };
        Failure::new(Code::RosterFalse).with("detail", detail)
    }
}

impl From<SealingError> for Failure {
    fn from(error: SealingError) -> Self {
        logged(Code::Internal, &error)
    }
}
