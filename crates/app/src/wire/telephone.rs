//! The telephone: calls that a softphone announces.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A call that a softphone announced by `kefu://call?…`, or `kefu call` did.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Call {
    /// Number of the caller as the softphone gave it; empty where it is withheld.
    pub from: String,
    /// Rings before it was picked up, 0–60; none where the softphone does not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rings: Option<u32>,
    /// Number that was called; empty where the softphone does not say.
    #[serde(default)]
    pub to: String,
    /// When it was picked up, RFC 3339.
    pub at: String,
}

/// Without the numbers: whatever prints a call must not tell who called.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("rings", &self.rings).finish_non_exhaustive()
    }
}

/// How many calls wait for the desk to be opened. Told while it is locked, too: a count names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct CallsWaiting {
    /// Calls.
    pub count: u32,
}
