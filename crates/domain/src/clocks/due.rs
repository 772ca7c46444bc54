//! When a clock falls due: its limit from its start, plus what pauses are worth in the clock's own measure.
//!
//! Minutes are credited as minutes of the same sort: a pause over a weekend is worth no working time. Days are credited
//! for whole days: a day counts as paused only where all of it (its opening hours, for working days) was.
//! A pause that begins when the clock is due already, or later, is worth nothing.

use super::definition::Limit;
use crate::calendar::{Calendar, DayEnd, NoData};

/// Milliseconds of a minute and of a day.
const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

/// Why a clock has no due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDue {
    /// A year without calendar data is in the way; it has to be imported first.
    #[error(transparent)]
    NoData(#[from] NoData),
    /// The limit is of a sort that a newer version invented.
    #[error("a limit of a newer version")]
    UnknownLimit,
}

/// Pauses as half-open stretches in milliseconds: sorted, merged, within the clock's life.
pub(super) type Stretches = Vec<(i64, i64)>;

/// Sorts and merges `pauses` and cuts them to `start` … `end`.
pub(super) fn merged(pauses: impl Iterator<Item = (i64, i64)>, start: i64, end: i64) -> Stretches {
    let mut cut: Stretches =
        pauses.map(|(from, to)| (from.max(start), to.min(end))).filter(|(from, to)| from < to).collect();
    cut.sort_unstable();
    cut.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    cut
}

/// Due time of `limit` from `start`; `promised` is the moment that its field names.
pub(super) fn due(
    limit: &Limit,
    end: DayEnd,
    calendar: &Calendar,
    start: i64,
    promised: Option<i64>,
    pauses: &[(i64, i64)],
) -> Result<i64, NoDue> {
    match limit {
        Limit::NaturalMinutes(n) => Ok(natural(start + i64::from(*n) * MINUTE, pauses)),
        Limit::Field(_) => promised.map(|at| natural(at, pauses)).ok_or(NoDue::UnknownLimit),
        Limit::WorkingMinutes(n) => {
            let mut due = calendar.add_open_ms(start, i64::from(*n) * MINUTE)?;
            for &(from, to) in pauses {
                if from >= due {
                    break;
                }
                due = calendar.add_open_ms(due, calendar.open_ms(from, to)?)?;
            }
            Ok(due)
        }
        // Nought days end with the day; one that was over at the start would be due before it.
        Limit::SameDay | Limit::CalendarDays(0) => same_day(calendar, start, end, pauses),
        Limit::WorkingDays(0) if end == DayEnd::Closing => same_day(calendar, start, end, pauses),
        Limit::WorkingDays(n) => working_days(calendar, start, *n as usize, end, pauses),
        Limit::CalendarDays(n) => calendar_days(calendar, start, i64::from(*n), end, pauses),
        Limit::Other(_) => Err(NoDue::UnknownLimit),
    }
}

fn natural(mut due: i64, pauses: &[(i64, i64)]) -> i64 {
    for &(from, to) in pauses {
        if from < due {
            due += to - from;
        }
    }
    due
}

fn same_day(calendar: &Calendar, start: i64, end: DayEnd, pauses: &[(i64, i64)]) -> Result<i64, NoDue> {
    let mut due = calendar.end_of_day_ms(start, end)?;
    for &(from, to) in pauses {
        // The day ended while nobody could go on: the day on which the pause ended is given instead.
        if from < due && to >= due {
            due = calendar.end_of_day_ms(to, end)?;
        }
    }
    Ok(due)
}

fn working_days(calendar: &Calendar, start: i64, n: usize, end: DayEnd, pauses: &[(i64, i64)]) -> Result<i64, NoDue> {
    let day = calendar.day_of(start);
    let mut total = n;
    for &(from, to) in pauses {
        // A paused day is worth one where it comes no later than the day that was due before it.
        let due = calendar.working_date(day, total)?;
        total += match calendar.working_days_within(day, from, to) {
            Some((first, count)) if first <= due => count,
            _ => 0,
        };
    }
    Ok(calendar.working_days_ms(day, total, end)?)
}

fn calendar_days(calendar: &Calendar, start: i64, n: i64, end: DayEnd, pauses: &[(i64, i64)]) -> Result<i64, NoDue> {
    let day = calendar.day_of(start);
    let mut due = day + n;
    for &(from, to) in pauses {
        // The first whole day, and the one after the last.
        let first = calendar.day_of(from + DAY - 1).max(day + 1);
        let after = calendar.day_of(to);
        if first <= due {
            due += (after - first).max(0);
        }
    }
    Ok(match end {
        DayEnd::Midnight => calendar.midnight_after(due),
        // Closed on that day: the next working day's closing.
        DayEnd::Closing => calendar.working_days_ms(due, 0, end)?,
    })
}
