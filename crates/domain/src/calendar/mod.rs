//! The working calendar: which days are worked, when a desk is open, and what a limit counted in either comes to.
//!
//! A calendar is data ([`CalendarData`]) over years of data ([`Years`]). A year that is not known is never guessed:
//! every answer that needs one, or only crosses into one, is [`NoData`] with its number.
//! Answers are exact to the millisecond and stand in the calendar's zone, whatever zone the question stood in.

mod data;
mod hours;
mod run;
mod years;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Utc};

pub use data::{BadCalendar, CalendarData, CalendarProblem, Hours, Week};
pub use hours::{Interval, NotAnInterval};
pub use years::{BadYears, Year, YearProblem, Years};

use run::{DAY, MINUTE, Run};

/// Nothing is known about this year; its notice has to be imported first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no calendar data for the year {0}")]
pub struct NoData(pub i32);

/// When a day that a limit names is over. Our default where the sources are silent: midnight (requirements.md).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DayEnd {
    /// 24:00 local time.
    #[default]
    Midnight,
    /// The last closing of the day; of a night shift that is the next morning.
    Closing,
}

/// Years over which a calendar that knows no holidays is laid out; beyond them it says [`NoData`] as any other.
const EVERLASTING: (i32, i32) = (2000, 2079);

/// Days from 0001-01-01 (day 1) to 1970-01-01.
const EPOCH: i64 = 719_163;

/// A calendar ready for use.
#[derive(Debug, Clone)]
pub struct Calendar {
    data: CalendarData,
    zone: FixedOffset,
    runs: Vec<Run>,
}

impl Calendar {
    /// Lays `data` out over the years that are known.
    ///
    /// # Errors
    /// What is wrong with `data`, with its place.
    pub fn new(data: CalendarData, years: &Years) -> Result<Self, BadCalendar> {
        let zone = data.check()?;
        let offset = i64::from(data.zone) * MINUTE;
        let all = data.week.days().into_iter().chain(&data.makeup).chain(data.days.values()).flatten();
        let spill = (all.map(|i| i64::from(i.close()) * MINUTE).max().unwrap_or(0) - DAY).max(0);
        let mut stretches: Vec<(i32, i32)> = Vec::new();
        if data.holidays {
            for year in years.numbers() {
                match stretches.last_mut() {
                    Some(last) if last.1 + 1 == year => last.1 = year,
                    _ => stretches.push((year, year)),
                }
            }
        } else {
            stretches.push(EVERLASTING);
        }
        let lay = |stretch: (i32, i32)| {
            let days = NaiveDate::from_yo_opt(stretch.0, 1).into_iter().flat_map(|d| d.iter_days());
            let days = days.take_while(|d| d.year() <= stretch.1);
            Run::new(stretch, offset, spill, days.map(|d| (number(d), data.hours(d, years))))
        };
        let runs = stretches.into_iter().map(lay).collect();
        Ok(Calendar { zone, runs, data })
    }

    /// The data it was made from.
    pub fn data(&self) -> &CalendarData {
        &self.data
    }

    /// Its zone.
    pub fn zone(&self) -> FixedOffset {
        self.zone
    }

    /// Whether `day` is a working day.
    ///
    /// # Errors
    /// Its year has no data.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, NoData> {
        Ok(self.year(day.year())?.is_working_day(number(day)))
    }

    /// Whether the desk is open at `at`; at the moment of closing it is not.
    ///
    /// # Errors
    /// The year has no data.
    pub fn is_open(&self, at: DateTime<FixedOffset>) -> Result<bool, NoData> {
        let at = millis(at);
        Ok(self.run(at)?.next_open(at).is_ok_and(|next| next == at))
    }

    /// `at` where that is open, else the next opening.
    ///
    /// # Errors
    /// A year has no data.
    pub fn next_open(&self, at: DateTime<FixedOffset>) -> Result<DateTime<FixedOffset>, NoData> {
        let ms = millis(at);
        self.run(ms)?.next_open(ms).map(|next| self.moment(next))
    }

    /// The end of the `n`th working day that follows the day of `start` (R53, R54: the day of receipt is not counted).
    /// For 0 working days, the end of the first working day that is not over yet.
    ///
    /// # Errors
    /// A year has no data.
    pub fn add_working_days(
        &self,
        start: DateTime<FixedOffset>,
        n: u32,
        end: DayEnd,
    ) -> Result<DateTime<FixedOffset>, NoData> {
        let start = millis(start);
        let ms = match (n, end) {
            (0, DayEnd::Closing) => self.end_of_day_ms(start, end)?,
            _ => self.working_days_ms(self.day_of(start), n as usize, end)?,
        };
        Ok(self.moment(ms))
    }

    /// The end of the day of `at`: 24:00 of that day; or, by closing time, the first closing of a working day after
    /// `at`, so that what comes in after closing or on a day off belongs to the next working day.
    ///
    /// # Errors
    /// By closing time, a year without data. Midnight needs none.
    pub fn end_of_day(&self, at: DateTime<FixedOffset>, end: DayEnd) -> Result<DateTime<FixedOffset>, NoData> {
        self.end_of_day_ms(millis(at), end).map(|ms| self.moment(ms))
    }

    /// The first moment by which `open` has passed since `start`, counting only while the desk is open. Nought, or less,
    /// is `start` itself.
    ///
    /// # Errors
    /// A year has no data.
    pub fn add_working_time(
        &self,
        start: DateTime<FixedOffset>,
        open: TimeDelta,
    ) -> Result<DateTime<FixedOffset>, NoData> {
        self.add_open_ms(millis(start), open.num_milliseconds()).map(|ms| self.moment(ms))
    }

    /// Open time from `a` to `b`; negative where `b` comes first.
    ///
    /// # Errors
    /// A year has no data, be it one between them.
    pub fn working_time_between(
        &self,
        a: DateTime<FixedOffset>,
        b: DateTime<FixedOffset>,
    ) -> Result<TimeDelta, NoData> {
        self.open_ms(millis(a), millis(b)).map(TimeDelta::milliseconds)
    }

    /// [`Calendar::add_working_time`] in milliseconds.
    pub(crate) fn add_open_ms(&self, start: i64, open: i64) -> Result<i64, NoData> {
        let run = self.run(start)?;
        if open <= 0 {
            return Ok(start);
        }
        run.moment(run.open_time(start).saturating_add(open))
    }

    /// [`Calendar::working_time_between`] in milliseconds.
    pub(crate) fn open_ms(&self, a: i64, b: i64) -> Result<i64, NoData> {
        if b < a {
            return self.open_ms(b, a).map(|ms| -ms);
        }
        let run = self.run(a)?;
        run.knows(b)?;
        Ok(run.open_time(b) - run.open_time(a))
    }

    /// End of the `n`th working day after `day`.
    pub(crate) fn working_days_ms(&self, day: i64, n: usize, end: DayEnd) -> Result<i64, NoData> {
        let found = self.year(year_of(day))?.working_day(day, n)?;
        Ok(match end {
            DayEnd::Midnight => self.midnight_after(found.day),
            DayEnd::Closing => found.close,
        })
    }

    /// Working days after `day` that lie wholly within `from` … `to`, as far as they can be known.
    pub(crate) fn working_days_within(&self, day: i64, from: i64, to: i64) -> Option<(i64, usize)> {
        self.year(year_of(day)).ok()?.days_within(day, from, to)
    }

    /// Date of the `n`th working day after `day`.
    pub(crate) fn working_date(&self, day: i64, n: usize) -> Result<i64, NoData> {
        self.year(year_of(day))?.working_day(day, n).map(|d| d.day)
    }

    /// [`Calendar::end_of_day`] in milliseconds.
    pub(crate) fn end_of_day_ms(&self, at: i64, end: DayEnd) -> Result<i64, NoData> {
        match end {
            DayEnd::Midnight => Ok(self.midnight_after(self.day_of(at))),
            DayEnd::Closing => self.run(at)?.closing_after(at),
        }
    }

    /// 24:00 of `day`.
    pub(crate) fn midnight_after(&self, day: i64) -> i64 {
        (day + 1) * DAY - self.offset()
    }

    /// Local date of a moment.
    pub(crate) fn day_of(&self, at: i64) -> i64 {
        (at + self.offset()).div_euclid(DAY)
    }

    /// A moment in the calendar's zone.
    pub(crate) fn moment(&self, ms: i64) -> DateTime<FixedOffset> {
        // Out of chrono's reach only beyond the year 262 000.
        DateTime::from_timestamp_millis(ms).unwrap_or(DateTime::<Utc>::MAX_UTC).with_timezone(&self.zone)
    }

    fn offset(&self) -> i64 {
        i64::from(self.zone.local_minus_utc()) * 1000
    }

    /// The run that knows about the moment `at`.
    fn run(&self, at: i64) -> Result<&Run, NoData> {
        let run = self.year(year_of(self.day_of(at)))?;
        run.knows(at).map(|()| run)
    }

    /// The run that `year` belongs to.
    fn year(&self, year: i32) -> Result<&Run, NoData> {
        let i = self.runs.partition_point(|r| r.years.1 < year);
        self.runs.get(i).filter(|r| r.years.0 <= year).ok_or(NoData(year))
    }
}

/// Milliseconds since 1970 of a moment, rounded up, so that no due time comes before the start it was counted from.
pub(crate) fn millis(at: DateTime<FixedOffset>) -> i64 {
    at.timestamp_millis() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000_000))
}

/// Days since 1970-01-01.
fn number(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce()) - EPOCH
}

/// Year of a day since 1970-01-01.
fn year_of(day: i64) -> i32 {
    i32::try_from(day + EPOCH).ok().and_then(NaiveDate::from_num_days_from_ce_opt).map_or(i32::MAX, |d| d.year())
}
