//! Checks of the channels (渠道检查, R23): how each is checked, what is due, what was found.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

pub use kefu_domain::channels::Routine;

/// One check as it was logged.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ChannelCheck {
    /// Line of the log.
    pub id: Uuid,
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub by: String,
    /// `normal` 正常 or `fault` 异常.
    pub result: String,
    /// What was found.
    pub note: String,
    /// What follows: the number of a form, or a measure in words.
    pub follow_up: String,
    /// The form that follows, where its number stands there and it is known here.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Uuid>,
}

/// A channel with its routine and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ChannelRow {
    /// Code of the list `channel`.
    pub code: String,
    /// Its name.
    pub label: String,
    /// How it is checked.
    pub routine: Routine,
    /// Who sits here is asked, or sees to it that others are.
    pub mine: bool,
    /// The last check.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<ChannelCheck>,
    /// The fault that stands until a check finds the channel in order: the first one of it.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<ChannelCheck>,
    /// Day by whose end it is to be checked, `2026-11-09`; none where it is not checked, or nobody can say.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The year whose calendar is missing to say when.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_year: Option<i32>,
    /// To be checked today, or late, or perhaps so because nobody can say.
    pub is_due: bool,
    /// To be checked before today.
    pub overdue: bool,
}

/// Every channel of the company.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Channels {
    /// In the order of the code list.
    pub rows: Vec<ChannelRow>,
    /// Who sits here may lay down how channels are checked.
    pub may_set: bool,
    /// Who sits here may log a check.
    pub may_check: bool,
    /// Channels that the suggestion would set up: those it knows and nobody has laid anything down for.
    pub suggested: u32,
}

/// Lays down how a channel is checked.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct SaveChannelRequest {
    /// Code of the list `channel`, or its name.
    pub code: String,
    /// How.
    pub routine: Routine,
}

/// Logs a check.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct CheckChannelRequest {
    /// Code of the list `channel`, or its name.
    pub code: String,
    /// `normal` 正常 or `fault` 异常.
    pub result: String,
    /// What was found; a fault has to be described.
    pub note: String,
    /// What follows: the number of a form, or a measure in words.
    pub follow_up: String,
}

/// Asks for a part of the log of a channel.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct ChannelLogRequest {
    /// Code of the list `channel`, or its name.
    pub code: String,
    /// Only checks before this one, the last that is shown already.
    #[ts(optional)]
    pub before: Option<Uuid>,
    /// Checks wanted, at most 100.
    pub limit: u32,
}

/// A part of the log of a channel.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ChannelLog {
    /// The latest first.
    pub checks: Vec<ChannelCheck>,
    /// Older ones follow.
    pub more: bool,
}
