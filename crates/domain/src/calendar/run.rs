//! Consecutive years with data, laid out in sorted arrays, so that every question of a calendar is a binary search.
//!
//! All moments are milliseconds since 1970-01-01 UTC, all days are days since 1970-01-01 in the calendar's zone.

use super::NoData;
use super::hours::Interval;

/// Milliseconds of a minute.
pub(super) const MINUTE: i64 = 60_000;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 24 * 60 * MINUTE;

/// A stretch of opening without a gap.
#[derive(Debug, Clone, Copy)]
struct Span {
    open: i64,
    close: i64,
    /// Open time of the run before this span.
    before: i64,
}

/// A working day.
#[derive(Debug, Clone, Copy)]
pub(super) struct WorkingDay {
    /// Its date.
    pub day: i64,
    /// First opening.
    pub open: i64,
    /// Last closing, on the next morning for a night shift.
    pub close: i64,
}

/// Years without a gap between them.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// First year, last year.
    pub years: (i32, i32),
    /// First moment about which enough is known: a night shift of the unknown 31 December before may reach into it.
    from: i64,
    /// The moment at which the first unknown year begins.
    to: i64,
    spans: Vec<Span>,
    days: Vec<WorkingDay>,
}

impl Run {
    /// Lays out `days`, which are all days of `years` in order, each with its hours. `spill` is the longest reach of any
    /// hours of the calendar into the following day, `offset` the zone, both in milliseconds.
    pub fn new<'a>(
        years: (i32, i32),
        offset: i64,
        spill: i64,
        days: impl Iterator<Item = (i64, &'a [Interval])>,
    ) -> Self {
        let mut run = Run { years, from: 0, to: 0, spans: Vec::new(), days: Vec::new() };
        let mut first = None;
        for (day, hours) in days {
            let midnight = day * DAY - offset;
            first.get_or_insert(midnight);
            run.to = midnight + DAY;
            for interval in hours {
                run.add(
                    midnight + i64::from(interval.open()) * MINUTE,
                    midnight + i64::from(interval.close()) * MINUTE,
                );
            }
            if let (Some(head), Some(tail)) = (hours.first(), hours.last()) {
                // Never before yesterday's closing, so that the closings are sorted, too.
                let late = run.days.last().map_or(i64::MIN, |d| d.close);
                run.days.push(WorkingDay {
                    day,
                    open: midnight + i64::from(head.open()) * MINUTE,
                    close: (midnight + i64::from(tail.close()) * MINUTE).max(late),
                });
            }
        }
        run.from = first.unwrap_or(run.to) + spill;
        run.cut();
        run
    }

    /// Adds opening hours that do not begin before the last ones; those that touch or overlap become one span.
    fn add(&mut self, open: i64, close: i64) {
        match self.spans.last_mut() {
            Some(last) if open <= last.close => last.close = last.close.max(close),
            last => {
                let before = last.map_or(0, |l| l.before + l.close - l.open);
                self.spans.push(Span { open, close, before });
            }
        }
    }

    /// Cuts off what reaches into the unknown year: nothing is promised about it.
    fn cut(&mut self) {
        if let Some(last) = self.spans.last_mut() {
            last.close = last.close.min(self.to);
        }
    }

    /// The year that is missing after this run.
    pub fn next(&self) -> NoData {
        NoData(self.years.1 + 1)
    }

    /// Whether enough is known about the moment `at`; `Err` names the year that is missing.
    pub fn knows(&self, at: i64) -> Result<(), NoData> {
        match at {
            _ if at < self.from => Err(NoData(self.years.0 - 1)),
            _ if at > self.to => Err(self.next()),
            _ => Ok(()),
        }
    }

    /// Open time from the beginning of the run up to `at`.
    pub fn open_time(&self, at: i64) -> i64 {
        let after = self.spans.partition_point(|s| s.open <= at);
        after.checked_sub(1).map_or(0, |i| self.spans[i].before + at.min(self.spans[i].close) - self.spans[i].open)
    }

    /// The first moment at which `open` of open time has passed.
    pub fn moment(&self, open: i64) -> Result<i64, NoData> {
        let after = self.spans.partition_point(|s| s.before < open);
        let Some(i) = after.checked_sub(1) else { return Ok(self.from) };
        let (span, rest) = (self.spans[i], open - self.spans[i].before);
        // More than the last span has left: the end of what is known comes first.
        if rest <= span.close - span.open { Ok(span.open + rest) } else { Err(self.next()) }
    }

    /// `at` where that is open, else the next opening.
    pub fn next_open(&self, at: i64) -> Result<i64, NoData> {
        let i = self.spans.partition_point(|s| s.close <= at);
        self.spans.get(i).map(|s| s.open.max(at)).ok_or(self.next())
    }

    /// The `n`th working day after `day`; for 0 the first that is not before it.
    pub fn working_day(&self, day: i64, n: usize) -> Result<WorkingDay, NoData> {
        let i = match n.checked_sub(1) {
            Some(further) => self.days.partition_point(|d| d.day <= day).saturating_add(further),
            None => self.days.partition_point(|d| d.day < day),
        };
        self.days.get(i).copied().ok_or(self.next())
    }

    /// Whether `day` is a working day.
    pub fn is_working_day(&self, day: i64) -> bool {
        self.days.binary_search_by_key(&day, |d| d.day).is_ok()
    }

    /// The first closing of a working day after `at`.
    pub fn closing_after(&self, at: i64) -> Result<i64, NoData> {
        let i = self.days.partition_point(|d| d.close <= at);
        self.days.get(i).map(|d| d.close).ok_or(self.next())
    }

    /// Working days after `day` whose hours lie wholly within `from` … `to`: the first such date, and how many.
    pub fn days_within(&self, day: i64, from: i64, to: i64) -> Option<(i64, usize)> {
        let first = self.days.partition_point(|d| d.open < from || d.day <= day);
        let end = self.days.partition_point(|d| d.close <= to);
        let count = end.checked_sub(first).filter(|n| *n > 0)?;
        self.days.get(first).map(|d| (d.day, count))
    }
}
