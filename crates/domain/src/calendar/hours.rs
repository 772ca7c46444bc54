//! Opening hours of a day as written by people, `"08:30-12:00"`: several a day give the lunch break, and one that closes
//! before it opens runs on over midnight.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// One stretch of opening, from `open` up to and without `close`, in minutes after the midnight that begins its day.
///
/// It belongs to the day on which it opens: the night shift `22:00-06:00` of a Friday closes on Saturday morning, and a
/// holiday on Saturday does not cut it short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    open: u16,
    close: u16,
}

/// The text is not an interval such as `"08:30-12:00"`, `"22:00-06:00"` or `"00:00-24:00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("opening hours are written as 08:30-12:00")]
pub struct NotAnInterval;

impl Interval {
    /// Minutes after its day's midnight at which it opens, 0–1439.
    pub fn open(self) -> u16 {
        self.open
    }

    /// Minutes after its day's midnight at which it closes, 1–2879; above 1440 it closes on the following day.
    pub fn close(self) -> u16 {
        self.close
    }
}

/// Minutes of `"08:30"`; `"24:00"` is the midnight that ends the day.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    (minute < 60).then_some(hour * 60 + minute).filter(|m| *m <= DAY)
}

impl FromStr for Interval {
    type Err = NotAnInterval;

    fn from_str(text: &str) -> Result<Self, NotAnInterval> {
        let text = crate::text::to_half_width(text);
        let (open, close) = text.split_once('-').ok_or(NotAnInterval)?;
        let (open, close) = (minutes(open).ok_or(NotAnInterval)?, minutes(close).ok_or(NotAnInterval)?);
        // Equal ends could mean nothing or a whole day; whoever wants the day writes 00:00-24:00.
        if open == DAY || open == close {
            return Err(NotAnInterval);
        }
        Ok(Interval { open, close: if close < open { close + DAY } else { close } })
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let close = if self.close > DAY { self.close - DAY } else { self.close };
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.open / 60, self.open % 60, close / 60, close % 60)
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u16, u16)>) {
        assert_eq!(text.parse::<Interval>().ok().map(|i| (i.open(), i.close())), expected, "{text}");
    }

    #[test]
    fn hours_are_read_as_written() {
        check("08:30-12:00", Some((510, 720)));
        check("22:00-06:00", Some((1320, 1800)));
        check("00:00-24:00", Some((0, 1440)));
        check("０８：００－１７：００", Some((480, 1020)));
        check(" 09:00 - 18:00 ", Some((540, 1080)));
        for bad in
            ["", "8:30-12:00", "09:00", "09:00-09:00", "24:00-06:00", "09:60-10:00", "25:00-26:00", "ab:cd-10:00"]
        {
            check(bad, None);
        }
    }

    #[test]
    fn hours_are_written_as_read() {
        for text in ["08:30-12:00", "22:00-06:00", "00:00-24:00", "18:00-00:00"] {
            let interval: Interval = text.parse().unwrap();
            let again = interval.to_string();
            assert_eq!(again.parse::<Interval>(), Ok(interval), "{text} became {again}");
        }
    }
}
