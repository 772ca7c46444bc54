//! Years of public holidays and working weekends (调休) as data: one ships, further ones are imported from a file.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde_json::{Map, Value, json};

/// What a year's notice says. A day that it does not name follows the weekly pattern of the calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Year {
    /// Days off, weekends among them.
    pub off: BTreeSet<NaiveDate>,
    /// Saturdays and Sundays on which people work.
    pub working: BTreeSet<NaiveDate>,
}

/// Years with data, by number. A year that is not here is unknown, and whoever needs it says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Years(BTreeMap<i32, Year>);

/// What is wrong at a place of a file of years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearProblem {
    /// Not JSON.
    NotJson,
    /// Not of the shape that stands here: an object, a list, a text.
    WrongShape,
    /// No number of a year between 1990 and 2200.
    NotAYear,
    /// The same year stands twice in the file.
    YearTwice,
    /// Not a day of that year, written `01-31`, `2027-01-31` or `02-15..02-23`.
    NotADay,
    /// The day was named before.
    DayTwice,
    /// Named as a working day, although no weekend.
    NotAWeekend,
    /// No day off at all: surely not the whole notice.
    NoDayOff,
    /// Not a single year.
    NoYear,
}

/// A file of years cannot be used; nothing of it was taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar file, at {place}: {problem:?}")]
pub struct BadYears {
    /// Where, as `years[0].off[3]`; line and column where it is not JSON.
    pub place: String,
    /// What.
    pub problem: YearProblem,
}

fn bad(place: impl Into<String>, problem: YearProblem) -> BadYears {
    BadYears { place: place.into(), problem }
}

impl Years {
    /// The years the product ships with: 2026 (notice of the State Council, forms.md).
    pub fn shipped() -> Self {
        // Embedded and read by `the_shipped_year_is_the_notice`: an empty set cannot reach a user.
        Self::read(include_str!("2026.json")).unwrap_or_default()
    }

    /// Reads a file: one year `{"year": 2027, "off": ["01-01", "02-05..02-11"], "working": ["02-14"]}`, a list of such,
    /// or `{"years": [ … ]}`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read(text: &str) -> Result<Self, BadYears> {
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| bad(format!("line {}, column {}", error.line(), error.column()), YearProblem::NotJson))?;
        let (prefix, list) = match &value {
            Value::Array(list) => ("", list.as_slice()),
            Value::Object(members) => match members.get("years") {
                Some(Value::Array(list)) => ("years", list.as_slice()),
                Some(_) => return Err(bad("years", YearProblem::WrongShape)),
                None => return Ok(Years([one("", members)?].into())),
            },
            _ => return Err(bad("/", YearProblem::WrongShape)),
        };
        let mut years = BTreeMap::new();
        for (i, entry) in list.iter().enumerate() {
            let place = format!("{prefix}[{i}]");
            let members = entry.as_object().ok_or_else(|| bad(&place, YearProblem::WrongShape))?;
            let (number, year) = one(&format!("{place}."), members)?;
            if years.insert(number, year).is_some() {
                return Err(bad(format!("{place}.year"), YearProblem::YearTwice));
            }
        }
        if years.is_empty() {
            return Err(bad("/", YearProblem::NoYear));
        }
        Ok(Years(years))
    }

    /// These years and those of `newer`, which count where both have one (a notice was corrected).
    #[must_use]
    pub fn with(mut self, newer: Years) -> Self {
        self.0.extend(newer.0);
        self
    }

    /// What is known of `year`.
    pub fn get(&self, year: i32) -> Option<&Year> {
        self.0.get(&year)
    }

    /// The years that are known, in order.
    pub fn numbers(&self) -> impl Iterator<Item = i32> {
        self.0.keys().copied()
    }

    /// The years as a file that [`Years::read`] reads back, every day written out.
    pub fn to_json(&self) -> Value {
        let days = |set: &BTreeSet<NaiveDate>| set.iter().map(|d| d.format("%m-%d").to_string()).collect::<Vec<_>>();
        let year = |(n, y): (&i32, &Year)| json!({"year": n, "off": days(&y.off), "working": days(&y.working)});
        json!({ "years": self.0.iter().map(year).collect::<Vec<_>>() })
    }
}

/// Reads one year; `at` is the prefix of its members' places.
fn one(at: &str, members: &Map<String, Value>) -> Result<(i32, Year), BadYears> {
    let number = members
        .get("year")
        .and_then(Value::as_i64)
        .and_then(|n| i32::try_from(n).ok())
        .filter(|n| (1990..=2200).contains(n))
        .ok_or_else(|| bad(format!("{at}year"), YearProblem::NotAYear))?;
    let mut year = Year::default();
    let mut seen = BTreeSet::new();
    for (key, set) in [("off", &mut year.off), ("working", &mut year.working)] {
        let list = match members.get(key) {
            None => &Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(bad(format!("{at}{key}"), YearProblem::WrongShape)),
        };
        for (i, entry) in list.iter().enumerate() {
            let place = || format!("{at}{key}[{i}]");
            let text = entry.as_str().ok_or_else(|| bad(place(), YearProblem::WrongShape))?;
            for day in days(number, text).ok_or_else(|| bad(place(), YearProblem::NotADay))? {
                if !seen.insert(day) {
                    return Err(bad(place(), YearProblem::DayTwice));
                }
                if key == "working" && !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                    return Err(bad(place(), YearProblem::NotAWeekend));
                }
                set.insert(day);
            }
        }
    }
    if year.off.is_empty() {
        return Err(bad(format!("{at}off"), YearProblem::NoDayOff));
    }
    Ok((number, year))
}

/// The days that `"01-31"`, `"2027-01-31"` or `"02-15..02-23"` names in `year`.
fn days(year: i32, text: &str) -> Option<Vec<NaiveDate>> {
    let text = crate::text::to_half_width(text);
    let (first, last) = text.split_once("..").unwrap_or((&text, &text));
    let day = |part: &str| {
        let part = part.trim();
        let whole = if part.len() == 5 { format!("{year:04}-{part}") } else { part.to_string() };
        NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok().filter(|d| d.year() == year)
    };
    let (first, last) = (day(first)?, day(last)?);
    (first <= last).then(|| first.iter_days().take_while(|d| *d <= last).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[i32], (&str, YearProblem)>) {
        let found = Years::read(text);
        let found = found.as_ref().map(|y| y.numbers().collect::<Vec<_>>()).map_err(|e| (e.place.as_str(), e.problem));
        assert_eq!(found, expected.map(<[i32]>::to_vec), "{text}");
    }

    #[test]
    fn files_are_read_or_the_place_is_named() {
        use YearProblem as P;
        check(r#"{"year":2027,"off":["01-01","2027-01-02","02-05..02-11"],"working":["02-13"]}"#, Ok(&[2027]));
        check(r#"[{"year":2028,"off":["01-01"]},{"year":2027,"off":["01-01"]}]"#, Ok(&[2027, 2028]));
        check("\u{feff}{\"years\":[{\"year\":2027,\"off\":[\"０１-０１\"],\"note\":\"kept out\"}]}", Ok(&[2027]));
        check("{", Err(("line 1, column 1", P::NotJson)));
        check("7", Err(("/", P::WrongShape)));
        check("[]", Err(("/", P::NoYear)));
        check(r#"{"years":{}}"#, Err(("years", P::WrongShape)));
        check(r#"{"year":"2027","off":["01-01"]}"#, Err(("year", P::NotAYear)));
        check(r#"{"year":27,"off":["01-01"]}"#, Err(("year", P::NotAYear)));
        check(r#"{"year":2027}"#, Err(("off", P::NoDayOff)));
        check(r#"[{"year":2027,"off":["01-01"]},7]"#, Err(("[1]", P::WrongShape)));
        check(r#"[{"year":2027,"off":["01-01"]},{"year":2027,"off":["01-01"]}]"#, Err(("[1].year", P::YearTwice)));
        check(r#"{"years":[{"year":2027,"off":["01-01","02-29"]}]}"#, Err(("years[0].off[1]", P::NotADay)));
        check(r#"{"year":2027,"off":["2028-01-01"]}"#, Err(("off[0]", P::NotADay)));
        check(r#"{"year":2027,"off":["02-11..02-05"]}"#, Err(("off[0]", P::NotADay)));
        check(r#"{"year":2027,"off":["02-05..02-07","02-07"]}"#, Err(("off[1]", P::DayTwice)));
        check(r#"{"year":2027,"off":["02-06"],"working":["02-06"]}"#, Err(("working[0]", P::DayTwice)));
        check(r#"{"year":2027,"off":["01-01"],"working":["02-05"]}"#, Err(("working[0]", P::NotAWeekend)));
        check(r#"{"year":2027,"off":[101]}"#, Err(("off[0]", P::WrongShape)));
        check(r#"{"year":2027,"off":"01-01"}"#, Err(("off", P::WrongShape)));
    }

    #[test]
    fn the_shipped_year_is_the_notice() {
        let years = Years::shipped();
        assert_eq!(years.numbers().collect::<Vec<_>>(), [2026]);
        let year = years.get(2026).unwrap();
        // 3 + 9 + 3 + 5 + 3 + 3 + 7 days, counted in the notice.
        assert_eq!((year.off.len(), year.working.len()), (33, 6));
    }

    #[test]
    fn what_is_written_reads_back_and_the_newer_notice_counts() {
        let years = Years::shipped();
        assert_eq!(Years::read(&years.to_json().to_string()), Ok(years.clone()));
        let newer = Years::read(r#"[{"year":2026,"off":["01-01"]},{"year":2027,"off":["01-01"]}]"#).unwrap();
        let both = years.with(newer);
        assert_eq!(both.get(2026).map(|y| y.off.len()), Some(1));
        assert_eq!(both.numbers().collect::<Vec<_>>(), [2026, 2027]);
    }
}
