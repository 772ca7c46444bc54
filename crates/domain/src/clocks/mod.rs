//! The clocks of a form: several at once, each with its due time, what is left, and whom to alert when (R51–R62).
//!
//! Nothing here is stored: the clocks of a form follow from its [`Facts`], the rules and the moment of asking, and cost
//! microseconds, so that a board computes them anew instead of keeping them up to date.

mod definition;
mod due;
mod escalation;
mod facts;
mod of_record;

use std::cmp::Ordering;

use chrono::{DateTime, FixedOffset, TimeDelta};

pub use definition::{Clock, Condition, Limit, clock_kind};
pub use due::NoDue;
pub use escalation::{Escalation, Step, escalations};
pub use facts::{ENDINGS, Event, Facts, Pause, event, pause};

use crate::calendar::{Calendar, DayEnd, millis};
use due::{due, merged};

/// What a clock runs under.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Id of the rule set that defines it.
    pub rules: &'a str,
    /// Version of that rule set.
    pub version: u32,
    /// The calendar by which it counts.
    pub calendar: &'a Calendar,
    /// The calendar of the people it alerts.
    pub desk: &'a Calendar,
    /// Whom it alerts when.
    pub steps: &'a [Escalation],
}

/// A clock that has started on a form.
#[derive(Debug, Clone)]
pub struct Running<'a> {
    /// Its definition.
    pub clock: &'a Clock,
    /// What it runs under.
    pub terms: Terms<'a>,
    /// When it started, in the calendar's zone like the other moments.
    pub started: DateTime<FixedOffset>,
    /// When it falls due. Of a paused clock: as if the pause ended now.
    pub due: Result<DateTime<FixedOffset>, NoDue>,
    /// When what it waits for was done.
    pub stopped: Option<DateTime<FixedOffset>>,
    /// Whether a pause that is credited to it lasts.
    pub paused: bool,
    /// What is left by the wall clock; negative when overdue; at the stop, where it has stopped.
    pub remaining: Option<TimeDelta>,
    /// What is left in open hours; none where the calendar does not reach.
    pub remaining_open: Option<TimeDelta>,
    /// Used share of the limit, in the clock's own measure: 0 at the start, 1 when nothing is left, more when overdue.
    pub share: Option<f64>,
    /// Past its due time now, or when it stopped.
    pub overdue: bool,
}

/// The clock on a form with `facts`, as it stands at `now`; none where it is not for this form, or has not started.
///
/// A form that was dispatched to another department counts by that one's calendar from its start on.
pub fn run<'a>(clock: &'a Clock, terms: Terms<'a>, facts: &Facts, now: DateTime<FixedOffset>) -> Option<Running<'a>> {
    let calendar = terms.calendar;
    let start = millis(*facts.events.get(&clock.starts)?);
    if !clock.when.holds(facts) {
        return None;
    }
    let promised = match &clock.limit {
        // No promise, no clock. One that lies before its start counts from itself: what was entered stands.
        Limit::Field(key) => Some(millis(*facts.promised.get(key)?)),
        _ => None,
    };
    let start = promised.map_or(start, |at| start.min(at));
    // A stop before the start (clocks of two machines) is a stop at the start.
    let stopping = facts.events.iter().filter(|(name, _)| clock.stopped_by(name)).map(|(_, at)| millis(*at)).min();
    let stop = stopping.map(|at| at.max(start));
    let at = stop.unwrap_or(i64::MAX).min(millis(now)).max(start);

    let counts = |p: &&Pause| clock.pauses.contains(&p.reason);
    let credited = facts.pauses.iter().filter(counts);
    let pauses = merged(credited.map(|p| (millis(p.from), p.to.map_or(i64::MAX, millis))), start, at);
    let lasts = |p: &Pause| p.to.is_none_or(|to| millis(to) > at) && millis(p.from) <= at;
    let due = due(&clock.limit, clock.day_end(), calendar, start, promised, &pauses);

    let known = due.ok();
    let overdue = known.is_some_and(|due| at > due);
    Some(Running {
        clock,
        terms,
        started: calendar.moment(start),
        due: due.map(|ms| calendar.moment(ms)),
        stopped: stop.map(|ms| calendar.moment(ms)),
        paused: stop.is_none() && facts.pauses.iter().filter(counts).any(lasts),
        remaining: known.map(|due| TimeDelta::milliseconds(due - at)),
        remaining_open: known.and_then(|due| calendar.open_ms(at, due).ok()).map(TimeDelta::milliseconds),
        share: known.map(|due| {
            let used = share(clock, calendar, start, at, due, &pauses);
            if overdue { used.max(1.0) } else { used }
        }),
        overdue,
    })
}

/// Used share of the time between `start` and `due`, pauses left out. Limits in working days are measured in open
/// hours, so that half of them is not over in the middle of a holiday.
fn share(clock: &Clock, calendar: &Calendar, start: i64, at: i64, due: i64, pauses: &[(i64, i64)]) -> f64 {
    let open = match clock.limit {
        Limit::WorkingMinutes(_) | Limit::WorkingDays(_) => true,
        Limit::SameDay => clock.day_end() == DayEnd::Closing,
        _ => false,
    };
    let by = |measure: &dyn Fn(i64, i64) -> Option<i64>| {
        let active = |to: i64| {
            let paused = |sum: i64, p: &(i64, i64)| Some(sum + measure(p.0.min(to), p.1.min(to))?);
            Some(measure(start, to)? - pauses.iter().try_fold(0, paused)?)
        };
        let (used, whole) = (active(at)?, active(due)?);
        // Milliseconds of centuries fit a double.
        (whole > 0).then(|| used as f64 / whole as f64)
    };
    let natural = || by(&|a, b| Some(b - a));
    let used = if open { by(&|a, b| calendar.open_ms(a, b).ok()).or_else(natural) } else { natural() };
    used.unwrap_or(if at < due { 0.0 } else { 1.0 })
}

/// Order in which clocks are shown: running before stopped ones, earliest due first, a statutory clock before a house
/// clock of the same moment (R14), unknown due times after the known ones.
pub fn strictest_first(a: &Running<'_>, b: &Running<'_>) -> Ordering {
    let key = |r: &Running<'_>| (r.stopped.is_some(), r.due.is_err(), r.due.ok(), !r.clock.statutory());
    key(a).cmp(&key(b))
}
