//! The knowledge base (知识库, R71).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use kefu_domain::Values;
pub use kefu_domain::knowledge::Entry as KnowledgeEntry;

/// Asks for the entries that fit, or that are looked for.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct KnowledgeRequest {
    /// The form as far as it is filled in.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Looks for these characters, or for their sound; empty: no search.
    pub query: String,
    /// Retired ones included, for editing.
    pub all: bool,
}

/// Entries of the knowledge base.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Knowledge {
    /// All that are offered, or found.
    pub entries: Vec<KnowledgeEntry>,
    /// Ids of those that fit the form, best first.
    pub suggested: Vec<Uuid>,
    /// Ids of those past their day: 待复核, not to be taken for checked.
    pub stale: Vec<Uuid>,
}

/// What should be looked at again before an entry is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct KnowledgeCheck {
    /// Fields in which something looks like a customer's telephone, number or address.
    pub personal: Vec<String>,
}

/// A version of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct KnowledgeVersion {
    /// When it was saved, RFC 3339.
    pub at: String,
    /// By whom.
    pub member: String,
    /// As it was saved.
    pub entry: KnowledgeEntry,
}
