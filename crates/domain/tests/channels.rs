//! Checks of the channels (R23): when the next is due over the holidays of 2026, what stands, and who may do what.
#![allow(clippy::unwrap_used, reason = "tests")]

use chrono::{DateTime, FixedOffset, NaiveDate};
use kefu_domain::calendar::Years;
use kefu_domain::channels::{self, CHECKERS, Channel, FAULT, Found, NORMAL, Next, RULERS, Routine};
use kefu_domain::decide::Draft;
use kefu_domain::process::{Actor, Why, role};
use kefu_domain::rules::{Rules, preset};
use kefu_domain::validate::Problem;
use kefu_domain::{Change, CodeLists, Record, Refusal, Stamp};
use uuid::Uuid;

fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(&format!("{text}:00+08:00")).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The change that a draft becomes.
fn written(draft: Draft, at: DateTime<FixedOffset>, device: u128) -> Change {
    let Draft { record, kind, act, reason, set, add, strike } = draft;
    let stamp = Stamp { ms: at.timestamp_millis() as u64, n: 0, device: Uuid::from_u128(device) };
    let (id, seat, kind, act) = (Uuid::from_u128(device), Uuid::from_u128(7), kind.into(), act.into());
    Change { v: 1, id, seq: 1, at: stamp, zone: 480, seat, record, kind, act, reason, set, add, strike, seen: None }
}

fn actor(name: &str, department: &str, roles: &[&str]) -> Actor {
    let roles = roles.iter().map(|role| role.to_string()).collect();
    Actor { seat: Uuid::new_v5(&Uuid::nil(), name.as_bytes()), name: name.into(), department: department.into(), roles }
}

fn supervisor() -> Actor {
    actor("钱敏", "客服部", &[role::SUPERVISOR])
}

fn routine(every: u32) -> Routine {
    Routine { every: Some(every), ..Routine::default() }
}

fn set(every: u32, moment: &str) -> Change {
    let (actor, codes) = (supervisor(), CodeLists::shipped());
    let draft = channels::set(&actor, &codes, &[], "hotline", &Record::default(), &routine(every)).unwrap();
    written(draft, at(moment), 1)
}

fn check(moment: &str, result: &str, line: u128) -> Change {
    let found = Found { result, note: "占线", follow_up: "" };
    let (codes, record) = (CodeLists::shipped(), Record::default());
    let line = Uuid::from_u128(line);
    written(
        channels::log(&supervisor(), at(moment), &codes, ("hotline", &record), line, &found).unwrap(),
        at(moment),
        2,
    )
}

/// Due day of a channel that was set up, or checked, at a moment: `2026-11-09`, or the year without data and the first day
/// on which it may be due.
fn due(changes: &[Change]) -> String {
    let rules = Rules::new(preset("s2").unwrap(), &Years::shipped()).unwrap();
    match Channel::read(&Record::fold(changes)).next(rules.calendar("")) {
        Some(Next::On(day)) => day.to_string(),
        Some(Next::Unknown { year, earliest }) => format!("{year}? from {earliest}"),
        None => "-".into(),
    }
}

#[test]
fn the_next_check_is_due_at_the_end_of_a_working_day() {
    // From the notice for 2026, made by another program than ours: 02-14, 02-28, 05-09, 09-20, 10-10 are worked, 02-15..02-23
    // and 10-01..10-07 are off.
    let rows = [
        // Plain weeks: five working days are a week, one is the next day.
        ("2026-11-02T09:00", 5, "2026-11-09"),
        ("2026-11-02T23:59", 1, "2026-11-03"),
        ("2026-11-06T17:59", 1, "2026-11-09"),
        // Set up or checked on a day off, as by who is on weekend duty.
        ("2026-11-07T10:00", 1, "2026-11-09"),
        ("2026-11-08T10:00", 5, "2026-11-13"),
        // Spring Festival: the Saturday before it is worked, and the one after it.
        ("2026-02-13T16:00", 1, "2026-02-14"),
        ("2026-02-13T16:00", 2, "2026-02-24"),
        ("2026-02-14T16:00", 1, "2026-02-24"),
        ("2026-02-10T09:00", 5, "2026-02-24"),
        ("2026-02-13T16:00", 5, "2026-02-27"),
        ("2026-02-13T16:00", 6, "2026-02-28"),
        ("2026-02-27T09:00", 1, "2026-02-28"),
        ("2026-02-27T09:00", 2, "2026-03-02"),
        // Labour Day, the working Sunday before National Day, and the Saturday after it.
        ("2026-04-30T09:00", 1, "2026-05-06"),
        ("2026-05-08T09:00", 1, "2026-05-09"),
        ("2026-09-18T09:00", 1, "2026-09-20"),
        ("2026-09-30T09:00", 1, "2026-10-08"),
        ("2026-09-30T09:00", 3, "2026-10-10"),
        // The longest interval.
        ("2026-01-05T09:00", 60, "2026-04-03"),
        // The year's end: nothing is known of 2027, so nothing is guessed.
        ("2026-12-24T09:00", 5, "2026-12-31"),
        ("2026-12-25T09:00", 5, "2027? from 2026-12-30"),
        ("2026-12-31T09:00", 1, "2027? from 2027-01-01"),
        ("2027-01-04T09:00", 5, "2027? from 2027-01-09"),
    ];
    for (moment, every, expected) in rows {
        assert_eq!(due(&[set(every, moment)]), expected, "set up {moment}, every {every}");
        let early = set(every, "2025-12-01T09:00");
        assert_eq!(due(&[early, check(moment, NORMAL, 9)]), expected, "checked {moment}, every {every}");
    }
}

#[test]
fn the_interval_counts_from_the_last_check_or_from_when_it_was_laid_down() {
    let (begun, checked) = (set(5, "2026-11-02T09:00"), check("2026-11-04T09:00", NORMAL, 9));
    assert_eq!(due(&[begun.clone(), checked.clone()]), "2026-11-11");
    let record = Record::fold([&begun, &checked]);
    let (codes, staff) = (CodeLists::shipped(), [supervisor()]);
    let change = |record: &Record, routine: &Routine, moment: &str| {
        written(channels::set(&supervisor(), &codes, &staff, "hotline", record, routine).unwrap(), at(moment), 3)
    };
    // Who is asked does not move the day; another interval counts from when it was laid down.
    let by = change(&record, &Routine { who: "钱敏".into(), ..routine(5) }, "2026-11-05T09:00");
    assert_eq!(due(&[begun.clone(), checked.clone(), by]), "2026-11-11");
    let often = change(&record, &routine(1), "2026-11-05T09:00");
    assert_eq!(due(&[begun.clone(), checked.clone(), often]), "2026-11-06");
    // Stopped; taken up again nobody is late at once.
    let stopped = change(&record, &Routine::default(), "2026-11-05T09:00");
    assert_eq!(due(&[begun.clone(), checked.clone(), stopped.clone()]), "-");
    let record = Record::fold([&begun, &checked, &stopped]);
    let again = change(&record, &routine(5), "2026-12-07T09:00");
    assert_eq!(due(&[begun, checked, stopped, again]), "2026-12-14");
}

#[test]
fn due_late_and_unknown() {
    let on = Next::On(day("2026-11-09"));
    let told = |next: Next, today: &str| (next.is_due(day(today)), next.is_overdue(day(today)));
    assert_eq!(told(on, "2026-11-08"), (false, false));
    assert_eq!(told(on, "2026-11-09"), (true, false), "until the end of that day");
    assert_eq!(told(on, "2026-11-10"), (true, true));
    let unknown = Next::Unknown { year: 2027, earliest: day("2027-01-04") };
    assert_eq!(told(unknown, "2027-01-03"), (false, false), "no more working days pass than days");
    assert_eq!(told(unknown, "2027-01-04"), (true, false));
    assert_eq!(told(unknown, "2027-06-01"), (true, false), "without a calendar nobody is late");
}

#[test]
fn a_fault_stands_until_a_check_finds_none() {
    let seen = |changes: &[Change]| {
        let channel = Channel::read(&Record::fold(changes));
        (channel.checks.len(), channel.fault().map(|check| check.at.to_rfc3339()))
    };
    let good = check("2026-11-02T09:00", NORMAL, 1);
    let first = check("2026-11-03T09:00", FAULT, 2);
    let second = check("2026-11-04T09:00", FAULT, 3);
    let mended = check("2026-11-05T09:00", NORMAL, 4);
    assert_eq!(seen(std::slice::from_ref(&good)), (1, None));
    let since = Some("2026-11-03T09:00:00+08:00".to_string());
    assert_eq!(seen(&[good.clone(), first.clone(), second.clone()]), (3, since), "since the first of them");
    // Whatever the order in which they come from two desks.
    assert_eq!(seen(&[mended.clone(), second, good, first.clone()]), (4, None));
    assert_eq!(seen(&[first, mended]), (2, None));
}

#[test]
fn two_devices_write_to_one_record_and_every_check_stands() {
    let (mut one, mut two) = (set(5, "2026-11-02T09:00"), set(5, "2026-11-02T09:05"));
    (one.at.device, two.at.device) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let both = [check("2026-11-04T09:00", NORMAL, 1), check("2026-11-04T09:00", FAULT, 2)];
    assert!([&two, &both[0], &both[1]].iter().all(|change| change.record == one.record));
    assert_eq!(one.record, channels::record_id("hotline"));
    assert_ne!(one.record, channels::record_id("email"));
    let record = Record::fold([&one, &two, &both[0], &both[1]]);
    assert!(record.fields.values().all(|cell| !cell.is_contested()), "who says the same agrees");
    assert_eq!(Channel::read(&record).checks.len(), 2);
}

#[test]
fn who_is_asked_and_who_may() {
    let by = |who: &str| Routine { who: who.into(), ..routine(5) };
    let clerk = actor("孙丽", "客服部", &[role::RECEPTION]);
    let handler = actor("周工", "技术支持部", &[role::HANDLER]);
    let asks = |who: &str, actor: &Actor| (by(who).asks(actor), by(who).concerns(actor));
    assert_eq!(asks("", &clerk), (true, true), "nobody named: whoever may check");
    for who in ["reception", "客服部", "孙丽"] {
        assert_eq!(asks(who, &clerk), (true, true), "{who}");
    }
    assert_eq!(asks("inspector", &clerk), (false, false));
    assert_eq!(asks("inspector", &supervisor()), (false, true), "supervisors see to it");
    assert_eq!(asks("技术支持部", &handler), (false, false), "a department's handlers log no checks");

    let codes = CodeLists::shipped();
    for who in role::EVERY {
        let one = actor("某某", "", &[who]);
        let laid = channels::set(&one, &codes, &[], "hotline", &Record::default(), &routine(5));
        assert_eq!(laid.is_ok(), RULERS.contains(who), "{who}");
        let found = Found { result: NORMAL, ..Found::default() };
        let record = Record::default();
        let logged = channels::log(&one, at("2026-11-02T09:00"), &codes, ("hotline", &record), Uuid::nil(), &found);
        assert_eq!(logged.is_ok(), CHECKERS.contains(who), "{who}");
        if let Err(refusal) = logged {
            assert_eq!(refusal, Refusal::Denied(Why::WrongRole));
        }
    }
}

#[test]
fn slips_are_named() {
    let (codes, staff, record) = (CodeLists::shipped(), [supervisor()], Record::default());
    let faults = |refusal: Refusal| match refusal {
        Refusal::Fields(errors) => errors.into_iter().map(|error| (error.field, error.problem)).collect::<Vec<_>>(),
        other => vec![(format!("{other:?}"), Problem::Required)],
    };
    let laid = |code: &str, routine: &Routine| {
        channels::set(&supervisor(), &codes, &staff, code, &record, routine).map_or_else(faults, |_| Vec::new())
    };
    let one = |field: &str, problem| vec![(field.to_string(), problem)];
    assert_eq!(laid("beacon", &routine(5)), one("channel", Problem::UnknownOption));
    assert_eq!(laid("hotline", &routine(0)), one("every", Problem::OutOfRange));
    assert_eq!(laid("hotline", &routine(61)), one("every", Problem::OutOfRange));
    let by = |who: &str| Routine { who: who.into(), ..routine(60) };
    assert_eq!(laid("hotline", &by("钱 敏")), one("who", Problem::UnknownOption), "nobody would ever be reminded");
    assert_eq!(laid("hotline", &by(" 钱敏 ")), []);
    assert_eq!(laid("hotline", &Routine { how: "试".repeat(401), ..routine(5) }), one("how", Problem::TooLong));
    let nothing = channels::set(&supervisor(), &codes, &staff, "hotline", &record, &Routine::default());
    assert_eq!(nothing, Err(Refusal::NothingChanged));

    let logged = |result: &str, note: &str| {
        let found = Found { result, note, follow_up: "" };
        let now = at("2026-11-02T09:00");
        channels::log(&supervisor(), now, &codes, ("hotline", &record), Uuid::nil(), &found)
            .map_or_else(faults, |_| Vec::new())
    };
    assert_eq!(logged(FAULT, " "), one("note", Problem::Required), "a fault has to be described");
    assert_eq!(logged(NORMAL, ""), []);
    assert_eq!(logged("", ""), one("result", Problem::Required));
    assert_eq!(logged("so_so", ""), one("result", Problem::UnknownOption));
}

#[test]
fn every_suggestion_names_a_channel() {
    let text = include_str!("../templates/channel_checks.json");
    let how: std::collections::BTreeMap<String, String> = serde_json::from_str(text).unwrap();
    let codes = CodeLists::shipped();
    let known = codes.list(channels::LIST).unwrap();
    assert_eq!(how.len(), 8);
    for code in how.keys() {
        assert!(known.offers(code), "{code}");
        let routine = Routine::suggested(code).unwrap();
        assert_eq!((routine.every, routine.who.as_str()), (Some(5), role::SUPERVISOR), "S0, R23: once a working week");
        let laid = channels::set(&supervisor(), &codes, &[supervisor()], code, &Record::default(), &routine);
        assert!(laid.is_ok());
    }
    assert_eq!(Routine::suggested("visit"), None);
}
