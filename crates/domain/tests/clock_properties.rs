//! What must hold of every calendar, clock and pause, whatever the figures: guards the arithmetic beyond the golden table.
#![allow(clippy::unwrap_used, reason = "tests")]

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use kefu_domain::calendar::{Calendar, CalendarData, DayEnd, NoData, Years};
use kefu_domain::clocks::{Clock, Condition, Facts, Limit, NoDue, Pause, Running, Terms, event, run};
use proptest::prelude::*;
use serde_json::json;

/// Calendars of every sort: lunch, halves of a day, nights, a whole week, other zones, years with a gap.
fn calendar(which: usize) -> Calendar {
    let working = |hours: &[&str]| json!({"mon": hours, "tue": hours, "wed": hours, "thu": hours, "fri": hours});
    let all = ["00:00-24:00"];
    let data = match which {
        0 => json!({"week": working(&["09:00-12:00", "13:00-18:00"])}),
        1 => json!({"week": working(&["22:00-06:00"])}),
        2 => json!({"week": working(&["08:17-11:59", "14:00-18:00", "20:00-02:30"]), "zone": 360}),
        3 => json!({"week": {"sat": all, "sun": all}, "zone": -300, "holidays": false}),
        _ => json!({"week": {"tue": ["00:00-08:00", "22:00-12:00"], "wed": ["06:00-24:00"], "sun": ["23:00-01:00"]},
                    "zone": 840, "makeup": ["10:00-11:00"], "days": {"2026-06-01": ["03:00-04:00"], "2026-06-02": []}}),
    };
    let mut data: serde_json::Value = data;
    data["id"] = json!("any");
    data["name"] = json!("any");
    let years = Years::shipped().with(Years::read(r#"{"year": 2027, "off": ["01-01..01-03"]}"#).unwrap());
    Calendar::new(serde_json::from_value::<CalendarData>(data).unwrap(), &years).unwrap()
}

/// The same by counting minutes one after another: slow and simple.
fn counted(calendar: &Calendar, from: DateTime<FixedOffset>, to: DateTime<FixedOffset>) -> i64 {
    let data = calendar.data();
    let years = Years::shipped().with(Years::read(r#"{"year": 2027, "off": ["01-01..01-03"]}"#).unwrap());
    let hours = |day: NaiveDate| {
        use chrono::Datelike;
        let year = years.get(day.year()).unwrap();
        let usual = data.week.days()[day.weekday().num_days_from_monday() as usize].clone();
        let makeup = || data.makeup.clone().unwrap_or_else(|| data.week.days()[0].clone());
        match data.days.get(&day) {
            Some(own) => own.clone(),
            None if data.holidays && year.off.contains(&day) => vec![],
            None if data.holidays && year.working.contains(&day) && usual.is_empty() => makeup(),
            None => usual,
        }
    };
    let is_open = |at: DateTime<FixedOffset>| {
        use chrono::Timelike;
        let local = at.with_timezone(&calendar.zone());
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let (today, before) = (local.date_naive(), local.date_naive().pred_opt().unwrap());
        hours(today).iter().any(|h| (h.open()..h.close()).contains(&minute))
            || hours(before).iter().any(|h| (h.open()..h.close()).contains(&(minute + 1440)))
    };
    let minutes = (to - from).num_minutes();
    (0..minutes).filter(|i| is_open(from + TimeDelta::minutes(*i))).count() as i64
}

/// A minute of 2026 after its second day, so that every calendar knows about it.
fn moment() -> impl Strategy<Value = DateTime<FixedOffset>> {
    (2_880i64..525_600).prop_map(|minute| {
        let start = DateTime::parse_from_rfc3339("2026-01-01T00:00:00+08:00").unwrap();
        start + TimeDelta::minutes(minute)
    })
}

fn limit() -> impl Strategy<Value = (Limit, DayEnd)> {
    let limit = prop_oneof![
        (0u32..6_000).prop_map(Limit::NaturalMinutes),
        (0u32..6_000).prop_map(Limit::WorkingMinutes),
        (0u32..20).prop_map(Limit::WorkingDays),
        (0u32..20).prop_map(Limit::CalendarDays),
        Just(Limit::SameDay),
    ];
    (limit, prop_oneof![Just(DayEnd::Midnight), Just(DayEnd::Closing)])
}

fn clock((limit, end): (Limit, DayEnd)) -> Clock {
    Clock {
        id: "any".into(),
        kind: "done".into(),
        name: "any".into(),
        when: Condition::default(),
        starts: event::RECEIVED.into(),
        stops: vec![event::DONE.into()],
        limit,
        day_end: if end == DayEnd::Closing { "closing".into() } else { "midnight".into() },
        pauses: vec!["waiting".into()],
        article: None,
        source: None,
        other: serde_json::Map::new(),
    }
}

fn running<'a>(
    clock: &'a Clock,
    calendar: &'a Calendar,
    start: DateTime<FixedOffset>,
    pauses: &[(i64, i64)],
    now: DateTime<FixedOffset>,
) -> Running<'a> {
    let pause = |(after, minutes): &(i64, i64)| {
        let from = start + TimeDelta::minutes(*after);
        Pause { from, to: Some(from + TimeDelta::minutes(*minutes)), reason: "waiting".into() }
    };
    let facts = Facts {
        events: [(event::RECEIVED.to_string(), start)].into(),
        pauses: pauses.iter().map(pause).collect(),
        ..Facts::default()
    };
    run(clock, Terms { rules: "any", version: 1, calendar, desk: calendar, steps: &[] }, &facts, now).unwrap()
}

/// Minutes after the start, and length.
fn pauses() -> impl Strategy<Value = Vec<(i64, i64)>> {
    proptest::collection::vec((-2_000i64..10_000, 1i64..12_000), 0..5)
}

proptest! {
    #[test]
    fn open_time_is_what_counting_gives(which in 0usize..5, from in moment(), minutes in 0i64..6_000) {
        let calendar = calendar(which);
        let to = from + TimeDelta::minutes(minutes);
        let found = calendar.working_time_between(from, to).unwrap();
        prop_assert_eq!(found.num_minutes(), counted(&calendar, from, to));
        prop_assert_eq!(calendar.working_time_between(to, from).unwrap(), -found);
    }

    #[test]
    fn adding_twice_is_adding_the_sum(which in 0usize..5, start in moment(), m in 0i64..5_000, n in 0i64..5_000) {
        let calendar = calendar(which);
        let add = |at, minutes| calendar.add_working_time(at, TimeDelta::minutes(minutes));
        prop_assert_eq!(add(start, m).and_then(|at| add(at, n)), add(start, m + n));
    }

    #[test]
    fn adding_and_measuring_are_inverse(which in 0usize..5, start in moment(), seconds in 0i64..300_000) {
        let calendar = calendar(which);
        let time = TimeDelta::seconds(seconds);
        let end = calendar.add_working_time(start, time).unwrap();
        prop_assert_eq!(calendar.working_time_between(start, end), Ok(time));
        // And it is the first such moment.
        let before = end - TimeDelta::milliseconds(1);
        prop_assert!(end == start || calendar.working_time_between(start, before).unwrap() < time);
    }

    #[test]
    fn the_next_opening_is_open_and_nothing_before_it_is(which in 0usize..5, at in moment()) {
        let calendar = calendar(which);
        let next = calendar.next_open(at).unwrap();
        prop_assert_eq!(calendar.is_open(next), Ok(true));
        prop_assert_eq!(calendar.working_time_between(at, next), Ok(TimeDelta::zero()));
        prop_assert_eq!(next == at, calendar.is_open(at).unwrap());
    }

    #[test]
    fn working_days_are_counted_one_by_one(which in 0usize..5, start in moment(), n in 1u32..30) {
        let calendar = calendar(which);
        let found = calendar.add_working_days(start, n, DayEnd::Midnight).unwrap();
        let mut day = start.with_timezone(&calendar.zone()).date_naive();
        let mut left = n;
        while left > 0 {
            day = day.succ_opt().unwrap();
            left -= u32::from(calendar.is_working_day(day).unwrap());
        }
        prop_assert_eq!(found.date_naive(), day.succ_opt().unwrap());
        prop_assert_eq!(found.time(), chrono::NaiveTime::MIN);
    }

    #[test]
    fn never_due_before_the_start_and_later_for_a_later_start(
        which in 0usize..5, limit in limit(), start in moment(), later in 0i64..4_000, nanos in 0i64..2_000_000_000,
    ) {
        let (calendar, clock) = (calendar(which), clock(limit));
        let start = start + TimeDelta::nanoseconds(nanos);
        let now = start + TimeDelta::days(600);
        let due = |at| running(&clock, &calendar, at, &[], now).due.unwrap();
        prop_assert!(due(start) >= start);
        prop_assert!(due(start + TimeDelta::minutes(later)) >= due(start));
    }

    #[test]
    fn pausing_never_shortens(
        which in 0usize..5, limit in limit(), start in moment(), all in pauses(), keep in 0usize..5, asked in 0i64..40_000,
    ) {
        let (calendar, clock) = (calendar(which), clock(limit));
        let now = start + TimeDelta::minutes(asked);
        let due = |pauses: &[(i64, i64)]| running(&clock, &calendar, start, pauses, now).due;
        let (none, some, more) = (due(&[]), due(&all[..keep.min(all.len())]), due(&all));
        // An unknown year lies behind every known moment.
        let late = |due: Result<DateTime<FixedOffset>, NoDue>| due.map_or(i64::MAX, |d| d.timestamp_millis());
        prop_assert!(late(none) <= late(some) && late(some) <= late(more), "{none:?} {some:?} {more:?}");
    }

    #[test]
    fn a_paused_minute_is_worth_a_minute_of_the_same_sort(
        which in 0usize..5, working in any::<bool>(), limit in 1u32..5_000, start in moment(), all in pauses(),
    ) {
        let calendar = calendar(which);
        let limit = if working { Limit::WorkingMinutes(limit) } else { Limit::NaturalMinutes(limit) };
        let clock = clock((limit.clone(), DayEnd::Midnight));
        let now = start + TimeDelta::days(200);
        let due = running(&clock, &calendar, start, &all, now).due;
        prop_assume!(due.is_ok());
        let due = due.unwrap();
        // What is neither paused nor past is the limit. Minutes: every moment here is whole.
        let measure = |from, to| match working {
            true => calendar.working_time_between(from, to).unwrap().num_minutes(),
            false => (to - from).num_minutes(),
        };
        let mut free = 0;
        let mut at = start;
        let mut sorted: Vec<_> = all.iter().map(|(a, n)| (start + TimeDelta::minutes(*a), TimeDelta::minutes(*n))).collect();
        sorted.sort();
        for (from, length) in sorted {
            free += if from > at { measure(at, from.min(due).max(at)) } else { 0 };
            at = at.max((from + length).min(due));
        }
        free += measure(at, due.max(at));
        let whole = match limit { Limit::WorkingMinutes(n) | Limit::NaturalMinutes(n) => i64::from(n), _ => 0 };
        prop_assert_eq!(free, whole);
    }

    #[test]
    fn shares_rise_from_nought_and_overdue_is_all(
        which in 0usize..5, limit in limit(), start in moment(), asked in 0i64..40_000, further in 0i64..5_000,
    ) {
        let (calendar, clock) = (calendar(which), clock(limit));
        let at = |minutes| running(&clock, &calendar, start, &[], start + TimeDelta::minutes(minutes));
        let (early, late) = (at(asked), at(asked + further));
        prop_assert!((0.0..).contains(&early.share.unwrap()));
        prop_assert!(late.share >= early.share);
        prop_assert_eq!(early.overdue, early.remaining.unwrap() < TimeDelta::zero());
        prop_assert!(!early.overdue || early.share >= Some(1.0));
    }
}

#[test]
fn a_missing_year_is_named_from_either_side() {
    let calendar = calendar(0);
    let at = |text| DateTime::parse_from_rfc3339(text).unwrap();
    let (known, beyond, before) =
        (at("2026-06-01T10:00:00+08:00"), at("2028-06-01T10:00:00+08:00"), at("2025-06-01T10:00:00+08:00"));
    assert_eq!(calendar.working_time_between(known, beyond), Err(NoData(2028)));
    assert_eq!(calendar.working_time_between(beyond, known), Err(NoData(2028)));
    assert_eq!(calendar.working_time_between(before, known), Err(NoData(2025)));
    assert_eq!(calendar.is_open(beyond), Err(NoData(2028)));
    assert_eq!(calendar.is_working_day("2028-01-01".parse().unwrap()), Err(NoData(2028)));
    assert_eq!(calendar.add_working_days(known, 4_000, DayEnd::Midnight), Err(NoData(2028)));
    assert_eq!(calendar.add_working_time(known, TimeDelta::MAX), Err(NoData(2028)));
}

#[test]
fn a_fraction_of_a_millisecond_is_never_lost() {
    let calendar = calendar(0);
    let start = DateTime::parse_from_rfc3339("2026-11-20T10:00:00.0000004+08:00").unwrap();
    let whole = DateTime::parse_from_rfc3339("2026-11-20T10:00:00.001+08:00").unwrap();
    for limit in [Limit::NaturalMinutes(0), Limit::WorkingMinutes(0)] {
        let clock = clock((limit, DayEnd::Midnight));
        assert_eq!(running(&clock, &calendar, start, &[], start).due, Ok(whole));
    }
}
