//! Marks of the desk: forms that wait too long to be dispatched or accepted, and the bounds of other warnings.

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::calendar::{Calendar, NoData};
use crate::clocks::{ENDINGS, Facts, event};

/// Bounds of a rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Marks {
    /// Open minutes after which a form that is to be dispatched is marked 待分发.
    pub undispatched_minutes: u32,
    /// Open minutes after which a dispatched form that nobody accepted is marked 待接收.
    pub unaccepted_minutes: u32,
    /// Days within which a similar form counts as a likely duplicate.
    pub duplicate_days: u32,
    /// Rings within which a call is to be answered (R61).
    pub rings: u8,
}

impl Default for Marks {
    fn default() -> Self {
        Marks { undispatched_minutes: 15, unaccepted_minutes: 30, duplicate_days: 30, rings: 3 }
    }
}

/// What a form waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// Passed on, not dispatched (待分发).
    Undispatched,
    /// Dispatched, not accepted (待接收).
    Unaccepted,
}

/// A form waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// For what.
    pub kind: MarkKind,
    /// Since when.
    pub since: DateTime<FixedOffset>,
    /// From when on it is marked.
    pub from: Result<DateTime<FixedOffset>, NoData>,
}

impl Marks {
    /// What a form waits for by `calendar`: at most one of the two, marked or not yet. Closed forms wait for nothing.
    pub fn waiting(&self, facts: &Facts, calendar: &Calendar) -> Option<Mark> {
        let at = |name: &str| facts.events.get(name).copied();
        if ENDINGS.iter().chain(&[event::SETTLED, event::DONE, event::INFORMED]).any(|e| at(e).is_some()) {
            return None;
        }
        let (kind, since, minutes) = match (at(event::PASSED_ON), at(event::DISPATCHED), at(event::ACCEPTED)) {
            (_, Some(since), None) => (MarkKind::Unaccepted, since, self.unaccepted_minutes),
            (Some(since), None, None) => (MarkKind::Undispatched, since, self.undispatched_minutes),
            _ => return None,
        };
        Some(Mark { kind, since, from: calendar.add_working_time(since, TimeDelta::minutes(i64::from(minutes))) })
    }
}
