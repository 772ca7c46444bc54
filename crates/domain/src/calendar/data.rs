//! A calendar as it is stored in a rule set and edited in the settings: plain data, checked when it is put to use.

use std::collections::BTreeMap;

use chrono::{Datelike, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use super::hours::Interval;
use super::years::Years;

/// Opening hours of one day; none: closed.
pub type Hours = Vec<Interval>;

/// Opening hours by weekday. A weekday without hours is no working day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Week {
    /// 星期一.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(type = "string[]", optional)]
    pub mon: Hours,
    /// 星期二.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(type = "string[]", optional)]
    pub tue: Hours,
    /// 星期三.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(type = "string[]", optional)]
    pub wed: Hours,
    /// 星期四.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(type = "string[]", optional)]
    pub thu: Hours,
    /// 星期五.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(type = "string[]", optional)]
    pub fri: Hours,
    /// 星期六.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(type = "string[]", optional)]
    pub sat: Hours,
    /// 星期日.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(type = "string[]", optional)]
    pub sun: Hours,
}

impl Week {
    /// Monday to Sunday.
    pub fn days(&self) -> [&Hours; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }
}

/// A working calendar of a company or of one of its departments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarData {
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Offset from UTC in minutes, 480 for Beijing time. A fixed one: rules of summer time are not available offline,
    /// and China has none; a desk elsewhere keeps one calendar for each offset.
    #[serde(default = "beijing")]
    pub zone: i32,
    /// The weekly pattern.
    pub week: Week,
    /// Hours of a working weekend (调休上班日). Absent: those of the first weekday that has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "string[]", optional)]
    pub makeup: Option<Hours>,
    /// Whether public holidays and working weekends count. A desk that never closes (R17) sets false, and needs no data
    /// of any year.
    #[serde(default = "yes")]
    pub holidays: bool,
    /// The company's own days: other hours, or none for closed. They outrank everything else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(type = "Record<string, string[]>", optional)]
    pub days: BTreeMap<NaiveDate, Hours>,
    /// Members of a newer version.
    #[serde(flatten)]
    #[ts(skip)]
    pub other: Map<String, Value>,
}

fn beijing() -> i32 {
    480
}

fn yes() -> bool {
    true
}

/// Why a calendar cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarProblem {
    /// The offset lies outside −12:00 … +14:00.
    Zone,
    /// The hours of a day overlap or do not stand in order.
    Overlap,
    /// No weekday has hours.
    NeverOpen,
}

/// A calendar that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar {calendar}, at {place}: {problem:?}")]
pub struct BadCalendar {
    /// Id of the calendar.
    pub calendar: String,
    /// Where: `zone`, `week.mon`, `makeup`, `days.2026-02-13`.
    pub place: String,
    /// What.
    pub problem: CalendarProblem,
}

const WEEKDAYS: [&str; 7] = ["week.mon", "week.tue", "week.wed", "week.thu", "week.fri", "week.sat", "week.sun"];

impl CalendarData {
    /// The offset, where everything else is sound, too.
    pub(super) fn check(&self) -> Result<FixedOffset, BadCalendar> {
        let bad = |place: String, problem| BadCalendar { calendar: self.id.clone(), place, problem };
        let zone = Some(self.zone).filter(|z| (-720..=840).contains(z)).and_then(|z| FixedOffset::east_opt(z * 60));
        let zone = zone.ok_or_else(|| bad("zone".into(), CalendarProblem::Zone))?;
        let week = WEEKDAYS.into_iter().map(String::from).zip(self.week.days());
        let makeup = self.makeup.iter().map(|hours| ("makeup".into(), hours));
        let days = self.days.iter().map(|(day, hours)| (format!("days.{day}"), hours));
        for (place, hours) in week.chain(makeup).chain(days) {
            if hours.windows(2).any(|pair| pair[0].close() > pair[1].open()) {
                return Err(bad(place, CalendarProblem::Overlap));
            }
        }
        if self.week.days().iter().all(|hours| hours.is_empty()) {
            return Err(bad("week".into(), CalendarProblem::NeverOpen));
        }
        Ok(zone)
    }

    /// Hours of `day`, given what is known of its year.
    pub(super) fn hours(&self, day: NaiveDate, years: &Years) -> &[Interval] {
        if let Some(own) = self.days.get(&day) {
            return own;
        }
        let week = self.week.days();
        let usual = week[day.weekday().num_days_from_monday() as usize];
        match years.get(day.year()).filter(|_| self.holidays) {
            Some(year) if year.off.contains(&day) => &[],
            // A department that is open on Saturdays anyway keeps its Saturday hours.
            Some(year) if year.working.contains(&day) && usual.is_empty() => {
                let first = || week.into_iter().find(|hours| !hours.is_empty());
                self.makeup.as_ref().or_else(first).map_or(&[], Vec::as_slice)
            }
            _ => usual,
        }
    }
}
