//! Warranty state (保修状态) of a product on a given day, and the windows that consumer law counts from delivery.
//!
//! Terms are counted as 民法典 201 and 202 count them: the day they start on is left out, a term of months ends with
//! the same day of its last month, or with that month's last day where it has no such day; the last day belongs to it.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// From which day the warranty counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The latest of the days that are known: never to the customer's disadvantage.
    #[default]
    Latest,
    /// The day of purchase.
    Purchase,
    /// The day of delivery.
    Delivery,
    /// The day of installation.
    Installation,
}

/// What was agreed for one product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Terms {
    /// 购买日期.
    #[ts(type = "string | null")]
    pub purchased: Option<NaiveDate>,
    /// Day on which the customer received it.
    #[ts(type = "string | null")]
    pub delivered: Option<NaiveDate>,
    /// 安装日期.
    #[ts(type = "string | null")]
    pub installed: Option<NaiveDate>,
    /// Which of these days counts.
    pub start: Start,
    /// Months of the maker's warranty.
    pub months: Option<u32>,
    /// Months of an extended warranty (延保), which follows the maker's without a gap.
    pub extended: Option<u32>,
    /// Maintenance contract (合同维保), if any.
    pub contract: Option<Contract>,
}

/// A maintenance contract: first and last day, both included. Without a last day it is in force until ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contract {
    /// First day.
    #[ts(type = "string")]
    pub from: NaiveDate,
    /// Last day.
    #[ts(type = "string | null")]
    pub until: Option<NaiveDate>,
}

/// Codes of the list `warranty`.
pub mod code {
    /// 保内.
    pub const IN: &str = "in";
    /// 保外.
    pub const OUT: &str = "out";
    /// 延保.
    pub const EXTENDED: &str = "extended";
    /// 合同维保.
    pub const CONTRACT: &str = "contract";
    /// 待核实.
    pub const UNKNOWN: &str = "unknown";
}

/// Where a product stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct Standing {
    /// One of [`code`].
    pub code: &'static str,
    /// Last day on which this holds; for 保外 the last day that was covered, where it is known.
    #[ts(type = "string | null")]
    pub until: Option<NaiveDate>,
}

/// `months` after `start`: the same day, or the month's last day where there is none. None beyond the calendar.
pub fn months_after(start: NaiveDate, months: u32) -> Option<NaiveDate> {
    start.checked_add_months(Months::new(months))
}

impl Terms {
    /// The day from which the warranty counts, where it is known.
    pub fn counted_from(&self) -> Option<NaiveDate> {
        match self.start {
            Start::Purchase => self.purchased,
            Start::Delivery => self.delivered,
            Start::Installation => self.installed,
            Start::Latest => [self.purchased, self.delivered, self.installed].into_iter().flatten().max(),
        }
    }

    /// The state on `day`. The maker's warranty comes before an extended one, and that before a contract: whoever
    /// pays first is named. 待核实 where the days or the months are not known, or the product was not yet the
    /// customer's on `day`: nothing is guessed.
    pub fn on(&self, day: NaiveDate) -> Standing {
        let from = self.counted_from().filter(|from| *from <= day);
        let maker = from.zip(self.months).and_then(|(from, months)| months_after(from, months));
        if let Some(until) = maker.filter(|until| day <= *until) {
            return Standing { code: code::IN, until: Some(until) };
        }
        // Both terms are counted together from the first day: 01-31 and one month, then one more, is 03-31.
        let both = self.months.zip(self.extended).and_then(|(months, more)| months.checked_add(more));
        let extended = from.zip(both).and_then(|(from, months)| months_after(from, months));
        if let Some(until) = extended.filter(|until| day <= *until) {
            return Standing { code: code::EXTENDED, until: Some(until) };
        }
        if let Some(contract) = self.contract.filter(|c| c.from <= day && c.until.is_none_or(|until| day <= until)) {
            return Standing { code: code::CONTRACT, until: contract.until };
        }
        match maker {
            Some(maker) => {
                let ended = self.contract.and_then(|c| c.until).filter(|until| *until < day);
                Standing { code: code::OUT, until: [Some(maker), extended, ended].into_iter().flatten().max() }
            }
            None => Standing { code: code::UNKNOWN, until: None },
        }
    }
}

/// Windows that consumer law counts from the day the customer received the goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct Windows {
    /// 消费者权益保护法 24 and 25: last of the seven days for returning.
    #[ts(type = "string")]
    pub seven_days: NaiveDate,
    /// 消费者权益保护法 23: last day of the six months in which the trader bears the burden of proof.
    #[ts(type = "string")]
    pub six_months: NaiveDate,
}

/// The windows of goods received on `received`. None beyond the calendar. A last day that is a public holiday moves
/// on by 民法典 203, which this does not know: whoever holds the calendar applies it.
pub fn windows(received: NaiveDate) -> Option<Windows> {
    Some(Windows { seven_days: received.checked_add_days(Days::new(7))?, six_months: months_after(received, 6)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        (text != "-").then(|| text.parse().unwrap())
    }

    /// purchased, delivered, installed, months, extended, contract from, contract until | day, code, until
    const TABLE: &str = "
        2025-11-28 - - 12 - - -          | 2025-11-27 unknown -           # not yet bought
        2025-11-28 - - 12 - - -          | 2025-11-28 in 2026-11-28       # first day
        2025-11-28 - - 12 - - -          | 2026-11-28 in 2026-11-28       # last day included
        2025-11-28 - - 12 - - -          | 2026-11-29 out 2026-11-28
        2025-01-31 - - 1 - - -           | 2025-02-28 in 2025-02-28       # no 31 February
        2025-01-31 - - 1 - - -           | 2025-03-01 out 2025-02-28
        2024-01-31 - - 1 - - -           | 2024-02-29 in 2024-02-29       # leap year
        2024-01-31 - - 1 - - -           | 2024-03-01 out 2024-02-29
        2024-02-29 - - 12 - - -          | 2025-02-28 in 2025-02-28
        2024-02-29 - - 12 - - -          | 2025-03-01 out 2025-02-28
        2024-02-29 - - 48 - - -          | 2028-02-29 in 2028-02-29       # leap to leap
        2025-08-31 - - 1 - - -           | 2025-09-30 in 2025-09-30
        2025-12-31 - - 2 - - -           | 2026-02-28 in 2026-02-28       # over the year's end
        2025-01-31 - - 1 1 - -           | 2025-03-01 extended 2025-03-31 # counted together, no drift
        2025-01-31 - - 1 1 - -           | 2025-03-31 extended 2025-03-31
        2025-01-31 - - 1 1 - -           | 2025-04-01 out 2025-03-31
        2025-01-10 2025-02-01 2025-02-20 12 - - - | 2026-02-20 in 2026-02-20 # latest day counts
        2025-01-10 2025-02-01 2025-02-20 12 - - - | 2026-02-21 out 2026-02-20
        2025-01-10 2025-02-01 - 12 - - - | 2026-02-01 in 2026-02-01
        - - - 12 - - -                   | 2026-02-01 unknown -           # no date
        2025-01-10 - - - - - -           | 2026-02-01 unknown -           # no term
        2025-01-10 - - - 24 - -          | 2026-02-01 unknown -           # extends what is not known
        2025-01-10 - - 0 - - -           | 2025-01-10 in 2025-01-10
        2025-01-10 - - 0 - - -           | 2025-01-11 out 2025-01-10
        2020-01-10 - - 12 - 2026-01-01 2026-12-31 | 2025-12-31 out 2021-01-10 # contract not begun
        2020-01-10 - - 12 - 2026-01-01 2026-12-31 | 2026-01-01 contract 2026-12-31
        2020-01-10 - - 12 - 2026-01-01 2026-12-31 | 2026-12-31 contract 2026-12-31
        2020-01-10 - - 12 - 2026-01-01 2026-12-31 | 2027-01-01 out 2026-12-31
        2020-01-10 - - 12 - 2026-01-01 - | 2030-01-01 contract -          # until ended
        - - - - - 2026-01-01 2026-12-31  | 2026-06-01 contract 2026-12-31 # contract alone is enough
        - - - - - 2026-01-01 2026-12-31  | 2027-01-01 unknown -           # was there a warranty besides?
        2026-01-10 - - 12 - 2026-01-01 2026-12-31 | 2026-06-01 in 2027-01-10 # maker pays first
        2025-01-10 - - 12 24 2026-01-01 2026-12-31 | 2026-06-01 extended 2028-01-10
        2025-01-10 - - 4294967295 - - -  | 2026-06-01 unknown -           # beyond the calendar
    ";

    #[test]
    fn states_at_their_boundary_days() {
        for row in TABLE.lines().map(str::trim).filter(|r| !r.is_empty()) {
            let (given, expected) = row.split_once('|').unwrap();
            let given: Vec<&str> = given.split_whitespace().collect();
            let expected: Vec<&str> = expected.split_whitespace().take(3).collect();
            let number = |text: &str| text.parse::<u32>().ok();
            let terms = Terms {
                purchased: day(given[0]),
                delivered: day(given[1]),
                installed: day(given[2]),
                start: Start::Latest,
                months: number(given[3]),
                extended: number(given[4]),
                contract: day(given[5]).map(|from| Contract { from, until: day(given[6]) }),
            };
            let found = terms.on(day(expected[0]).unwrap());
            assert_eq!((found.code, found.until), (expected[1], day(expected[2])), "{row}");
        }
    }

    #[test]
    fn the_day_that_counts_can_be_chosen() {
        let check = |start, expected: &str| {
            let (purchased, delivered, installed) = (day("2025-01-10"), day("2025-02-01"), None);
            let terms = Terms { purchased, delivered, installed, start, months: Some(12), ..Terms::default() };
            assert_eq!(terms.on(day("2025-06-01").unwrap()).until, day(expected), "{start:?}");
        };
        check(Start::Purchase, "2026-01-10");
        check(Start::Delivery, "2026-02-01");
        check(Start::Latest, "2026-02-01");
        check(Start::Installation, "-");
    }

    #[test]
    fn statutory_windows() {
        let check = |received: &str, seven: &str, six: &str| {
            let found = windows(day(received).unwrap()).unwrap();
            assert_eq!((Some(found.seven_days), Some(found.six_months)), (day(seven), day(six)), "{received}");
        };
        check("2026-11-01", "2026-11-08", "2027-05-01");
        check("2026-08-31", "2026-09-07", "2027-02-28");
        check("2027-08-31", "2027-09-07", "2028-02-29");
        check("2026-12-28", "2027-01-04", "2027-06-28");
        assert_eq!(windows(NaiveDate::MAX), None);
    }
}
