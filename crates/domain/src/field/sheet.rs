//! What a sheet says, as it is asked for everywhere: its state, its costs, its photos, its parts.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use serde_json::{Value, json};
use ts_rs::TS;

use super::{ENGINEER_SEAT, PARTS, PHOTOS, RETURNS, signature};
use crate::process::condition::standing;
use crate::{Line, Lists, Record, Values};

/// Where a visit stands. Never written: it follows from what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ServiceState")]
pub enum State {
    /// 待派: nobody goes yet.
    Planned,
    /// 已派: waits for the technician.
    Dispatched,
    /// 已接单.
    Accepted,
    /// 已出发.
    UnderWay,
    /// 服务中.
    Arrived,
    /// 已完成: the technician has left.
    Done,
    /// 已取消.
    Cancelled,
}

impl State {
    /// Its code, as the index keeps it.
    pub fn code(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Dispatched => "dispatched",
            State::Accepted => "accepted",
            State::UnderWay => "under_way",
            State::Arrived => "arrived",
            State::Done => "done",
            State::Cancelled => "cancelled",
        }
    }
}

/// When a sheet was cancelled; the field that makes it so.
pub const CANCELLED_AT: &str = "cancelled_at";

/// The four taps, in their order.
pub const TIMES: [&str; 4] = ["times.accepted", "times.set_out", "times.arrived", "times.left"];

/// Where a visit stands.
pub fn state(record: &Record) -> State {
    let has = |key: &str| record.get(key).is_some();
    match () {
        () if has(CANCELLED_AT) => State::Cancelled,
        () if has("times.left") => State::Done,
        () if has("times.arrived") => State::Arrived,
        () if has("times.set_out") => State::UnderWay,
        () if has("times.accepted") => State::Accepted,
        () if has(ENGINEER_SEAT) => State::Dispatched,
        () => State::Planned,
    }
}

/// A moment that a field holds.
pub fn moment_of(record: &Record, key: &str) -> Option<DateTime<FixedOffset>> {
    record.text(key).and_then(|text| DateTime::parse_from_rfc3339(text).ok())
}

/// The appointment: its beginning, and its end where that comes after it, else an hour later.
pub fn slot(record: &Record) -> Option<(DateTime<FixedOffset>, DateTime<FixedOffset>)> {
    let from = moment_of(record, "planned.from")?;
    let until = moment_of(record, "planned.until").filter(|until| *until > from);
    Some((from, until.unwrap_or(from + chrono::TimeDelta::hours(1))))
}

/// Parts used, with what became of the old ones: the last word on each counts.
pub fn parts(record: &Record) -> Vec<Line> {
    let mut parts: Vec<Line> = standing(record, PARTS).cloned().collect();
    for told in standing(record, RETURNS) {
        let of = told.values.get("of").and_then(Value::as_str).unwrap_or_default();
        if let Some(part) = parts.iter_mut().find(|part| part.id.to_string() == of) {
            for key in ["old", "tracking"] {
                part.values.extend(told.values.get(key).map(|value| (key.to_string(), value.clone())));
            }
        }
    }
    parts
}

/// Photos taken before, or after, the work.
pub fn photos<'a>(record: &'a Record, when: &'a str) -> impl Iterator<Item = &'a Line> {
    standing(record, PHOTOS).filter(move |line| line.values.get("when").and_then(Value::as_str) == Some(when))
}

/// What is shown and printed: the fields with the sums that follow from them, and the lists of the sheet. `hash` is that
/// of [`signature::content`]; `arrived` tells whether the bytes of a photo are here.
pub fn shown(record: &Record, hash: &str, arrived: impl Fn(&str) -> bool) -> (Values, Lists) {
    let mut values = record.values();
    if let Ok(costs) = super::Costs::of(&values, standing(record, PARTS)) {
        for (key, fen) in costs.shown() {
            values.insert(key.into(), json!(fen));
        }
    }
    for when in ["before", "after"] {
        let here = |line: &&Line| line.values.get("sha256").and_then(Value::as_str).is_some_and(&arrived);
        let (declared, here) = (photos(record, when).count(), photos(record, when).filter(here).count());
        if declared > 0 {
            values.insert(format!("photos.{when}"), json!(format!("{declared} 张，已到 {here} 张")));
        }
    }
    for party in signature::PARTIES {
        if let Some(shown) = signature::shown(record, party, hash) {
            values.insert(format!("sign.{party}"), shown);
        }
    }
    let parts = parts(record);
    let lists = if parts.is_empty() { Lists::new() } else { [(PARTS.to_string(), parts)].into() };
    (values, lists)
}
