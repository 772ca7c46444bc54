//! The exchange with the other devices: where one stands, what waits, what did not come through.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use super::Failure;

/// What needs somebody's eye. None of them stops the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StandingProblem {
    /// Own changes were refused for good; see `refused_changes`.
    Refused,
    /// Changes of others do not verify or open; see `quarantine`.
    Quarantined,
    /// The same field was written on two devices; see `conflicts`.
    Conflicts,
    /// Changes were in the shared database before it was put back, and it does not take them again.
    Astray,
    /// Own changes wait: the server's clock is behind what others wrote.
    ServerClock,
    /// This machine's clock is ahead; changes were stamped anew.
    OwnClock,
    /// This profile is a copy of another one and goes on as a device of its own, which has to be admitted anew.
    Copied,
}

/// A problem and how many changes or fields it is about; 0 where it is about none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct StandingEntry {
    /// Which.
    pub problem: StandingProblem,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// How far the first load has come. The desk can be used meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct Loading {
    /// Changes received in this exchange.
    #[ts(type = "number")]
    pub received: u64,
    /// Place in the order of the workspace that was reached.
    #[ts(type = "number")]
    pub reached: u64,
    /// The last place there was when it began.
    #[ts(type = "number")]
    pub last: u64,
}

/// Where one stands: facts, from which the interface makes its sentence.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Standing {
    /// The desk belongs to a workspace. Where it does not, nothing else here says anything.
    pub joined: bool,
    /// The last exchange came to its end.
    pub online: bool,
    /// An exchange is under way.
    pub busy: bool,
    /// Since when it does not, RFC 3339; none while online or where no exchange was tried yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub offline_since: Option<String>,
    /// When an exchange last came to its end, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_exchange: Option<String>,
    /// Own changes that the shared database has not acknowledged.
    #[ts(type = "number")]
    pub to_send: u64,
    /// Last place of the log on this machine. Where it moved without the window's own writing, lists are read again.
    #[ts(type = "number")]
    pub log: i64,
    /// Present while more than one page is being received.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub loading: Option<Loading>,
    /// Why the last exchange did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trouble: Option<Failure>,
    /// The gravest first.
    pub problems: Vec<StandingEntry>,
}

/// A change of another device that does not count here, or not yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Quarantined {
    /// SHA-256 of its envelope in hexadecimal: its name.
    pub digest: String,
    /// Place in the order of the workspace.
    #[ts(type = "number")]
    pub place: u64,
    /// Code of the device that sent it; empty where it is not known.
    pub device: String,
    /// Member who wrote it, as the envelope says; empty where he is not known.
    pub member: String,
    /// Kind of the record.
    pub kind: String,
    /// What was done.
    pub act: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why it does not count: `signature`, `unknown_seat`, `revoked`, `no_key`, `sealed`, `disagrees`, `newer`, `damaged`,
    /// `emptied`; of what is not there at all, `withheld` or `reordered`: then only the place is known.
    pub reason: String,
}

/// An own change that the shared database refused for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefusedChange {
    /// The change.
    pub id: Uuid,
    /// Record it belongs to.
    pub record: Uuid,
    /// Number of the form; empty for other records.
    pub number: String,
    /// Kind of the record.
    pub kind: String,
    /// What was done.
    pub act: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why: `role`, `unassigned`, `own_matter`, `rated`, `archived`, `seat`, `kind`, `size`, `malformed`, `no_key`, or of a newer
    /// server.
    pub code: String,
}

/// One of the values that stand against each other.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ConflictValue {
    /// The value; null: emptied.
    #[ts(type = "unknown")]
    pub value: Value,
    /// Who wrote it.
    pub member: String,
    /// Code of the device it was written on; empty where it is not known.
    pub device: String,
    /// When, RFC 3339.
    pub at: String,
    /// Its stamp, to be named when deciding.
    pub stamp: String,
    /// It is the one that counts until somebody decides.
    pub counts: bool,
}

/// A field that was written on two devices unseen of each other.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Conflict {
    /// Record.
    pub id: Uuid,
    /// Kind of the record.
    pub kind: String,
    /// Number of the form, or the name that the record goes by.
    pub title: String,
    /// Field.
    pub field: String,
    /// The one that counts first, then the others, newest first. Customers' data are masked for who may not see them.
    pub values: Vec<ConflictValue>,
    /// Who sits here may decide it.
    pub decidable: bool,
}

/// Decides a conflict: one of the values, or one made of them.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ResolveRequest {
    /// Record.
    pub id: Uuid,
    /// Field.
    pub field: String,
    /// Stamp of the value chosen; none where `value` is a new one.
    #[serde(default)]
    #[ts(optional)]
    pub choose: Option<String>,
    /// The new value.
    #[serde(default)]
    #[ts(optional, type = "unknown")]
    pub value: Option<Value>,
    /// Stamps of all values that were shown. A value that came in since stays a conflict.
    pub seen: Vec<String>,
}

/// A page to send to support: states, counts, versions; no data of customers or members.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Diagnosis {
    /// Text.
    pub text: String,
}
