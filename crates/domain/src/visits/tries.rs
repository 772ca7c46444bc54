//! Tries: three unanswered ones on different half-days make a customer out of reach; at what hour he was reached before.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, Timelike};
use serde_json::Value;

use crate::process::condition::{column, standing};
use crate::visits::{ATTEMPTS, outcome, state};
use crate::{Line, Record};

/// Tries on so many half-days are enough where the record names no other number.
const TRIES: usize = 3;
/// Field of a visit: how many its rules ask for.
pub const NEEDED: &str = "tries_needed";

/// A half-day as people at work count them: before noon and after it, in the zone in which the try was noted.
fn half_day(at: DateTime<FixedOffset>) -> (NaiveDate, bool) {
    (at.date_naive(), at.hour() >= 12)
}

fn at(line: &Line) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(column(line, "at")?.as_str()?).ok()
}

fn outcome_of(line: &Line) -> &str {
    column(line, "outcome").and_then(Value::as_str).unwrap_or_default()
}

/// On how many half-days nobody answered since a time was last agreed with the customer.
pub fn counted(record: &Record) -> usize {
    let mut tries: Vec<(DateTime<FixedOffset>, &str)> =
        standing(record, ATTEMPTS).filter_map(|line| Some((at(line)?, outcome_of(line)))).collect();
    tries.sort_by_key(|(at, _)| *at); // of the same minute in the order of writing
    let since = tries.iter().rposition(|(_, outcome)| *outcome == outcome::AGREED).map_or(0, |last| last + 1);
    let unanswered = tries[since..].iter().filter(|(_, what)| [outcome::NO_ANSWER, outcome::OFF].contains(what));
    unanswered.map(|(at, _)| half_day(*at)).collect::<BTreeSet<_>>().len()
}

/// What the tries make of a visit, after each change of it. Derived from the lines and not written by one act, so that
/// tries noted on several devices count together.
pub(crate) fn after(record: &mut Record) {
    let needed = record.get(NEEDED).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(TRIES);
    if record.state == state::PLANNED && counted(record) >= needed.max(1) {
        record.state = state::UNREACHABLE.into();
    }
}

/// Hours at which earlier visits reached somebody, as `[from, to)` of the day, best first; at most two. Each hour is
/// judged by how often it reached and how often it did not, so that one success among ten failures is no hint.
pub fn best_hours<'a>(earlier: impl IntoIterator<Item = &'a Record>) -> Vec<(u32, u32)> {
    let (mut reached, mut missed) = ([0u32; 24], [0u32; 24]);
    for line in earlier.into_iter().flat_map(|record| standing(record, ATTEMPTS)) {
        let Some(hour) = at(line).and_then(|at| usize::try_from(at.hour()).ok()) else { continue };
        match outcome_of(line) {
            outcome::REACHED => reached[hour] += 1,
            outcome::NO_ANSWER | outcome::OFF => missed[hour] += 1,
            _ => {}
        }
    }
    let mut hours: Vec<usize> = (0..24).filter(|hour| reached[*hour] > missed[*hour]).collect();
    hours.sort_by_key(|hour| (std::cmp::Reverse(reached[*hour] - missed[*hour]), *hour));
    hours.into_iter().take(2).filter_map(|hour| u32::try_from(hour).ok()).map(|hour| (hour, hour + 1)).collect()
}

/// The earliest half-day on which another try counts, as words for the list: the day and whether after noon.
pub fn next_half_day(record: &Record, now: DateTime<FixedOffset>) -> (NaiveDate, bool) {
    let taken: BTreeSet<(NaiveDate, bool)> = standing(record, ATTEMPTS).filter_map(at).map(half_day).collect();
    let (day, after_noon) = half_day(now);
    let tomorrow = day.checked_add_days(Days::new(1)).unwrap_or(day);
    match (taken.contains(&(day, after_noon)), after_noon) {
        (false, _) => (day, after_noon),
        (true, false) => (day, true),
        (true, true) => (tomorrow, false),
    }
}
