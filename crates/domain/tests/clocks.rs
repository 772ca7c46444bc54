//! The golden table of due times: `data/clocks.tsv`, worked out by hand, guards what the desk promises customers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};
use kefu_domain::calendar::{Calendar, CalendarData, Years};
use kefu_domain::clocks::{Clock, Condition, Facts, Limit, NoDue, Pause, Terms, event, run};
use serde_json::json;

/// Calendars of the table: holidays of 2026, unless said otherwise.
fn calendars() -> BTreeMap<&'static str, Calendar> {
    let working = |hours: &[&str]| json!({"mon": hours, "tue": hours, "wed": hours, "thu": hours, "fri": hours});
    let office = working(&["09:00-12:00", "13:00-18:00"]);
    let all = ["00:00-24:00"];
    let whole = json!({"mon": all, "tue": all, "wed": all, "thu": all, "fri": all, "sat": all, "sun": all});
    let own = json!({"2026-02-14": ["09:00-12:00"], "2026-11-20": [], "2026-11-22": ["09:00-12:00"]});
    let shipped = Years::shipped;
    let imported = |text: &str| shipped().with(Years::read(text).unwrap());
    let next = || imported(r#"{"year": 2027, "off": ["01-01..01-03"]}"#);
    let after_a_gap = || imported(r#"{"year": 2029, "off": ["01-01"]}"#);
    let none = Years::default;
    let list = [
        ("office", json!({"week": office}), shipped()),
        ("office27", json!({"week": office}), next()),
        ("office29", json!({"week": office}), after_a_gap()),
        ("plant", json!({"week": office, "days": own}), shipped()),
        ("night", json!({"week": working(&["22:00-06:00"])}), shipped()),
        ("late", json!({"week": working(&["14:00-18:00", "20:00-02:00"])}), shipped()),
        ("tokyo", json!({"week": working(&["09:00-18:00"]), "zone": 540, "holidays": false}), none()),
        ("newyork", json!({"week": working(&["09:00-17:00"]), "zone": -300, "holidays": false}), none()),
        ("urumqi", json!({"week": working(&["10:00-14:00", "15:30-19:30"]), "zone": 360}), shipped()),
        ("always", json!({"week": whole, "holidays": false}), none()),
    ];
    let made = list.map(|(name, mut data, years)| {
        data["id"] = json!(name);
        data["name"] = json!(name);
        (name, Calendar::new(serde_json::from_value::<CalendarData>(data).unwrap(), &years).unwrap())
    });
    made.into()
}

/// A moment of the table: local unless it carries an offset; 24:00 is the midnight that ends the day.
fn moment(text: &str, zone: FixedOffset) -> DateTime<FixedOffset> {
    if text.len() > 16 {
        return DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").unwrap();
    }
    let late = text.ends_with("T24:00");
    let local = NaiveDateTime::parse_from_str(&text.replace("T24:00", "T00:00"), "%Y-%m-%dT%H:%M").unwrap();
    local.and_local_timezone(zone).unwrap() + TimeDelta::days(i64::from(late))
}

fn clock(limit: &str, end: &str) -> Clock {
    let count = || limit[1..].parse().unwrap();
    Clock {
        id: "clock".into(),
        kind: "done".into(),
        name: "处理完毕".into(),
        when: Condition::default(),
        starts: event::RECEIVED.into(),
        stops: vec![event::DONE.into()],
        limit: match &limit[..1] {
            _ if ["same", "next"].contains(&limit) => Limit::SameDay,
            "n" => Limit::NaturalMinutes(count()),
            "w" => Limit::WorkingMinutes(count()),
            "d" => Limit::WorkingDays(count()),
            "c" => Limit::CalendarDays(count()),
            _ => panic!("limit {limit}"),
        },
        day_end: end.into(),
        pauses: vec!["waiting".into()],
        article: None,
        source: None,
        other: serde_json::Map::new(),
    }
}

fn check(calendar: &Calendar, [limit, end, start, pauses]: [&str; 4], expected: &str) -> Result<(), String> {
    let zone = calendar.zone();
    let start = moment(start, zone);
    let mut now = start + TimeDelta::days(400);
    let mut facts = Facts { events: [(event::RECEIVED.to_string(), start)].into(), ..Facts::default() };
    for pause in pauses.split(' ').filter(|p| *p != "-") {
        let (from, to) = pause.split_once('/').unwrap();
        let to = match to.strip_prefix('@') {
            Some(asked) => {
                now = moment(asked, zone);
                None
            }
            None => Some(moment(to, zone)),
        };
        facts.pauses.push(Pause { from: moment(from, zone), to, reason: "waiting".into() });
    }
    let clock = clock(limit, end);
    let terms = Terms { rules: "test", version: 1, calendar, desk: calendar, steps: &[] };
    let found = match limit {
        "next" => calendar.next_open(start).map_err(NoDue::from),
        _ => run(&clock, terms, &facts, now).unwrap().due,
    };
    let wanted = match expected.strip_prefix("no ") {
        Some(year) => Err(NoDue::NoData(kefu_domain::calendar::NoData(year.parse().unwrap()))),
        None => Ok(moment(expected, zone)),
    };
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}")) }
}

#[test]
fn golden_table() {
    let calendars = calendars();
    let mut rows = 0;
    let mut wrong = Vec::new();
    for line in include_str!("data/clocks.tsv").lines().filter(|l| !l.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [calendar, limit, end, start, pauses, due, why] = columns[..] else { panic!("seven columns: {line}") };
        assert!(!why.is_empty());
        rows += 1;
        if let Err(found) = check(&calendars[calendar], [limit, end, start, pauses], due) {
            wrong.push(format!("{line}\n    {found}"));
        }
    }
    assert!(rows >= 120, "only {rows} rows");
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}
