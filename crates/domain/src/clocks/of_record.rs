//! The facts of a registered form, read out of its record: what its clocks run on, and when what it waits for began.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Offset, Utc};
use serde_json::Value;

use super::{Facts, Pause, event};
use crate::Record;
use crate::process::course::milestone;
use crate::process::state;

/// Milestone of the course → event of the clocks → field in which a person may have put an earlier moment. The paper
/// keeps its own time (R24): what was told at 23:50 and written down after midnight was told that day.
const MILESTONES: [(&str, &str, &str); 9] = [
    (state::REGISTERED, event::REGISTERED, "registered_at"),
    (milestone::RESPONDED, event::RESPONDED, ""),
    (milestone::PASSED_ON, event::PASSED_ON, "passed_on_at"),
    (state::DISPATCHED, event::DISPATCHED, ""),
    (state::HANDLING, event::ACCEPTED, ""),
    (state::HANDLING, event::STARTED, ""),
    (state::ANSWERED, event::ANSWERED, "handling.replied_at"),
    (state::TO_INFORM, event::DONE, ""),
    (state::INFORMED, event::INFORMED, "outcome.told_at"),
];

impl Facts {
    /// The facts of the form that stands as `record`. Of one that was reopened, the customer's coming back counts as
    /// the call of the present round.
    pub fn of(record: &Record) -> Facts {
        let course = &record.course;
        let text = |key: &str| record.text(key).unwrap_or_default().to_string();
        let received = moment(record, "received_at");
        let zone = received.map_or_else(utc, |at| *at.offset());
        let at = |ms: u64| stamp(ms, zone);
        let round = course.round();
        let mut events = BTreeMap::new();
        for (reached, event, field) in MILESTONES {
            let Some(ms) = round.get(reached) else { continue };
            let entered = moment(record, field).filter(|at| *at < stamp(*ms, zone));
            events.insert(event.to_string(), entered.unwrap_or_else(|| at(*ms)));
        }
        // Whoever told something told it in time for having answered.
        let first = [event::PASSED_ON, event::ANSWERED, event::INFORMED].iter().filter_map(|e| events.get(*e)).min();
        if let Some(first) = first.copied()
            && let Some(responded) = events.get_mut(event::RESPONDED)
        {
            *responded = first.min(*responded);
        }
        if record.get("settled_on_spot") == Some(&Value::Bool(true))
            && let Some(informed) = events.get(event::INFORMED).copied()
        {
            events.insert(event::SETTLED.into(), informed);
        }
        // What holds only while the form stands there: it may be taken apart again, or the act taken back.
        let ended = match record.state.as_str() {
            state::CLOSED | state::ARCHIVED => Some((event::CLOSED, round.get(state::CLOSED).copied())),
            state::VOIDED => Some((event::VOIDED, None)),
            state::MERGED => Some((event::MERGED, None)),
            _ => None,
        };
        if let Some((event, ms)) = ended
            && let Some(ms) = ms.or(course.since)
        {
            events.insert(event.to_string(), at(ms));
        }
        let reopened = round.get(milestone::REOPENED).map(|ms| at(*ms));
        if let Some(received) = reopened.or(received).or_else(|| events.get(event::REGISTERED).copied()) {
            events.insert(event::RECEIVED.into(), received);
        }
        let pause = |p: &crate::process::Pause| Pause { from: at(p.from), to: p.to.map(at), reason: p.reason.clone() };
        let demands = record.get("demands").and_then(Value::as_array).into_iter().flatten();
        Facts {
            kind: text("kind"),
            category: text("category"),
            severity: text("severity"),
            channel: text("channel"),
            demands: demands.filter_map(|d| d.as_str().map(str::to_string)).collect(),
            department: text("dispatch.department"),
            events,
            pauses: course.pauses.iter().map(pause).collect(),
            promised: promised(record),
        }
    }

    /// What [`Marks::waiting`](crate::rules::Marks::waiting) looks at: since when the form waits now for being
    /// dispatched or accepted, not when it first did. None where it waits for neither.
    pub fn waiting(record: &Record) -> Option<Facts> {
        let since = stamp(record.course.since?, moment(record, "received_at").map_or_else(utc, |at| *at.offset()));
        let event = match record.state.as_str() {
            state::TO_DISPATCH => event::PASSED_ON,
            state::DISPATCHED => event::DISPATCHED,
            _ => return None,
        };
        Some(Facts { events: [(event.to_string(), since)].into(), ..Facts::default() })
    }
}

/// Every field that holds a moment, for limits that name one.
fn promised(record: &Record) -> BTreeMap<String, DateTime<FixedOffset>> {
    let moments = record.fields.iter().filter_map(|(key, cell)| Some((key.clone(), parsed(cell.value.as_str()?)?)));
    moments.collect()
}

fn moment(record: &Record, key: &str) -> Option<DateTime<FixedOffset>> {
    record.text(key).and_then(parsed)
}

/// `2026-11-02T08:41:00+08:00`; the first look spares most texts the parser.
fn parsed(text: &str) -> Option<DateTime<FixedOffset>> {
    let shaped = (20..=35).contains(&text.len()) && text.as_bytes().get(10) == Some(&b'T');
    shaped.then(|| DateTime::parse_from_rfc3339(text).ok()).flatten()
}

fn stamp(ms: u64, zone: FixedOffset) -> DateTime<FixedOffset> {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    DateTime::from_timestamp_millis(ms).unwrap_or(DateTime::<Utc>::MAX_UTC).with_timezone(&zone)
}

fn utc() -> FixedOffset {
    Utc.fix()
}
