//! The recurring checks of the channels by which customers reach the company (渠道检查, R23): how often each one is tried
//! and by whom, the log of what was found, and when the next check is due.
//!
//! One record for each channel, whose id follows from the channel's code: two devices that set one up or log a check write
//! to the same record. Checks are lines: two that were made on one day both stand. Nothing but the last check and
//! the interval says when the next one is due; there is no task that could be lost or made twice.

mod write;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Days, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use crate::Record;
use crate::calendar::{Calendar, NoData};
use crate::change::Line;
use crate::process::Actor;
use crate::process::condition::{column, standing};
use crate::process::role::{ADMIN, DISPATCHER, INSPECTOR, RECEPTION, RECORDS, SUPERVISOR};
use crate::visits::{Basis, due_day};

pub use write::{Found, log, set};

/// Code list that names the channels.
pub const LIST: &str = "channel";
/// List of the checks that were made.
pub const CHECKS: &str = "checks";
/// Who lays down how channels are checked.
pub const RULERS: &[&str] = &[RECORDS, SUPERVISOR, ADMIN];
/// Who checks them.
pub const CHECKERS: &[&str] = &[RECEPTION, RECORDS, DISPATCHER, SUPERVISOR, INSPECTOR];
/// Working days between two checks at most.
pub const MOST: u32 = 60;

/// A check found the channel in order (正常).
pub const NORMAL: &str = "normal";
/// A check found a fault (异常).
pub const FAULT: &str = "fault";

/// Field of the record: the channel's code.
pub const CODE: &str = "channel";
/// Working days that the suggestion leaves between two checks: S0 names no interval, we take a working week.
const SUGGESTED: u32 = 5;

/// Id of the record of a channel; the same on every device.
pub fn record_id(code: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kefu channel {code}").as_bytes())
}

/// How a channel is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Routine {
    /// Working days from one check to the next, 1 to 60; none: it is not checked.
    #[ts(optional)]
    pub every: Option<u32>,
    /// Who is asked: a role's code, a department or a member's name; empty: everybody who may check.
    pub who: String,
    /// What to try.
    pub how: String,
}

impl Routine {
    /// What we suggest for a channel: once a working week by the supervisors (S0). None for those at which there is nothing
    /// to try, as a customer who comes in person.
    pub fn suggested(code: &str) -> Option<Self> {
        // `every_suggestion_names_a_channel` reads it.
        static HOW: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../../templates/channel_checks.json")).unwrap_or_default()
        });
        let how = HOW.get(code)?.clone();
        Some(Routine { every: Some(SUGGESTED), who: SUPERVISOR.into(), how })
    }

    /// Whether `actor` is asked to check the channel.
    pub fn asks(&self, actor: &Actor) -> bool {
        let who = self.who.as_str();
        actor.holds(CHECKERS)
            && (who.is_empty() || actor.roles.contains(who) || actor.department == who || actor.name == who)
    }

    /// Whether `actor` is reminded of it: he is asked, or sees to it that others do it.
    pub fn concerns(&self, actor: &Actor) -> bool {
        self.asks(actor) || actor.holds(&[SUPERVISOR])
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Line it stands on.
    pub line: Uuid,
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Who.
    pub by: String,
    /// [`NORMAL`] or [`FAULT`]; a newer version may know more.
    pub result: String,
    /// What was found.
    pub note: String,
    /// What follows: the number of a form, or a measure in words.
    pub follow_up: String,
}

impl Check {
    /// None where it has no time: then it cannot be placed.
    fn read(line: &Line) -> Option<Self> {
        let text = |key: &str| column(line, key).and_then(Value::as_str).unwrap_or_default().to_string();
        let at = DateTime::parse_from_rfc3339(&text("at")).ok()?;
        let (by, result, note, follow_up) = (text("by"), text("result"), text("note"), text("follow_up"));
        Some(Check { line: line.id, at, by, result, note, follow_up })
    }
}

/// When a channel is to be checked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// By the end of this day.
    On(NaiveDate),
    /// Nobody can say, because the calendar of `year` is missing; surely not before `earliest`, since no more working days
    /// pass than days.
    Unknown {
        /// The year.
        year: i32,
        /// That day.
        earliest: NaiveDate,
    },
}

impl Next {
    /// Whether it is to be done on `today`, or may be: where the calendar does not reach, people are told rather than left
    /// in the dark.
    pub fn is_due(self, today: NaiveDate) -> bool {
        match self {
            Next::On(day) | Next::Unknown { earliest: day, .. } => day <= today,
        }
    }

    /// Whether it should have been done before `today`. Without a calendar nobody is late.
    pub fn is_overdue(self, today: NaiveDate) -> bool {
        matches!(self, Next::On(day) if day < today)
    }
}

/// A channel as its record tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channel {
    /// How it is checked.
    pub routine: Routine,
    /// Every check, the oldest first.
    pub checks: Vec<Check>,
    /// When its interval was laid down, in milliseconds since 1970 UTC.
    since: Option<u64>,
}

impl Channel {
    /// Reads the record of a channel; one that was never set up is empty.
    pub fn read(record: &Record) -> Self {
        let text = |key: &str| record.text(key).unwrap_or_default().to_string();
        let every = record.get("every").and_then(Value::as_u64).and_then(|days| u32::try_from(days).ok());
        let mut checks: Vec<Check> = standing(record, CHECKS).filter_map(Check::read).collect();
        checks.sort_by_key(|check| (check.at, check.line));
        Channel {
            routine: Routine { every: every.filter(|days| *days > 0), who: text("who"), how: text("how") },
            checks,
            since: record.fields.get("every").map(|cell| cell.at.ms),
        }
    }

    /// The last check.
    pub fn last(&self) -> Option<&Check> {
        self.checks.last()
    }

    /// The fault that stands: the first that was found since the channel was in order last.
    pub fn fault(&self) -> Option<&Check> {
        let after = self.checks.iter().rposition(|check| check.result == NORMAL).map_or(0, |at| at + 1);
        self.checks.get(after..)?.iter().find(|check| check.result == FAULT)
    }

    /// When it is to be checked next: so many working days after the last check, or after the interval was laid down where
    /// that came later. None where it is not checked.
    pub fn next(&self, calendar: &Calendar) -> Option<Next> {
        let working_days = self.routine.every?;
        let since = i64::try_from(self.since?).ok().and_then(DateTime::from_timestamp_millis)?;
        let since = since.with_timezone(&calendar.zone());
        let from = self.last().map_or(since, |last| since.max(last.at.with_timezone(&calendar.zone())));
        Some(match due_day(calendar, Basis { from, working_days }) {
            Ok(day) => Next::On(day),
            Err(NoData(year)) => {
                let day = from.date_naive();
                Next::Unknown { year, earliest: day.checked_add_days(Days::new(working_days.into())).unwrap_or(day) }
            }
        })
    }
}
