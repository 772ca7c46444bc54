//! Rule sets as a company uses them: the presets by their regulation's limits, a change of rules mid-way, routes, marks,
//! escalation. `data/forms.tsv` was worked out by hand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};
use kefu_domain::CodeLists;
use kefu_domain::calendar::Years;
use kefu_domain::clocks::{Facts, NoDue, Pause, Running, escalations};
use kefu_domain::rules::{MarkKind, PRESETS, RuleProblem, RuleSet, RuleSets, Rules, preset};
use serde_json::{Value, json};

/// A moment in Beijing time; 24:00 is the midnight that ends the day.
fn at(text: &str) -> DateTime<FixedOffset> {
    let late = text.ends_with("T24:00");
    let local = NaiveDateTime::parse_from_str(&text.replace("T24:00", "T00:00"), "%Y-%m-%dT%H:%M").unwrap();
    let zone = FixedOffset::east_opt(8 * 3600).unwrap();
    local.and_local_timezone(zone).unwrap() + TimeDelta::days(i64::from(late))
}

/// Rule sets as the table writes them: `s3>!2026-11-20:s1 statutory`.
fn sets(text: &str) -> RuleSets {
    let mut all = Vec::new();
    for line in text.split(' ') {
        for (version, part) in (1..).zip(line.split('>')) {
            let (from, id) = part.split_once(':').map_or((None, part), |(from, id)| (Some(from), id));
            let mut set = preset(id).unwrap();
            set.version = version;
            if let Some(from) = from {
                set.reaches_open_forms = from.starts_with('!');
                set.effective_from = from.trim_start_matches('!').parse().unwrap();
            }
            all.push(set);
        }
    }
    RuleSets::new(all, &Years::shipped()).unwrap()
}

/// A form as the table writes it: codes, events, moments of fields.
fn facts(form: &str, events: &str, promised: &str) -> Facts {
    let pairs = |text: &str, mark: char| -> Vec<(String, String)> {
        let parts = text.split(mark).filter(|p| *p != "-" && !p.is_empty());
        parts.map(|p| p.split_once('=').unwrap()).map(|(k, v)| (k.into(), v.into())).collect()
    };
    let moments = |text| pairs(text, ' ').into_iter().map(|(name, time)| (name, at(&time))).collect();
    let mut facts = Facts { events: moments(events), promised: moments(promised), ..Facts::default() };
    for (key, code) in pairs(form, ';') {
        match key.as_str() {
            "kind" => facts.kind = code,
            "category" => facts.category = code,
            "channel" => facts.channel = code,
            "department" => facts.department = code,
            "demand" => facts.demands.push(code),
            _ => panic!("{key}"),
        }
    }
    facts
}

fn shown(running: &[Running<'_>]) -> String {
    let one = |r: &Running<'_>| {
        let due = match r.due {
            Ok(due) if due.time() == chrono::NaiveTime::MIN => {
                // The table writes the midnight that ends a day as such, except where the limit is natural hours.
                let day = (due - TimeDelta::days(1)).format("%Y-%m-%dT24:00").to_string();
                if r.clock.runs_by_night() { due.format("%Y-%m-%dT%H:%M").to_string() } else { day }
            }
            Ok(due) => due.format("%Y-%m-%dT%H:%M").to_string(),
            Err(NoDue::NoData(year)) => format!("no {}", year.0),
            Err(NoDue::UnknownLimit) => "?".into(),
        };
        format!("{}{}.{}={due}", if r.stopped.is_some() { "~" } else { "" }, r.terms.rules, r.clock.id)
    };
    let all: Vec<String> = running.iter().map(one).collect();
    if all.is_empty() { "-".into() } else { all.join(" ") }
}

#[test]
fn forms_under_their_rules() {
    let mut wrong = Vec::new();
    for line in include_str!("data/forms.tsv").lines().filter(|l| !l.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [rules, form, events, promised, expected, _why] = columns[..] else { panic!("six columns: {line}") };
        let sets = sets(rules);
        let facts = facts(form, events, promised);
        let found = shown(&sets.running(&facts, at("2026-11-20T16:30")));
        if found != expected {
            wrong.push(format!("{line}\n    found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn presets_are_sound() {
    let codes = CodeLists::shipped();
    for (id, text) in PRESETS {
        let set = preset(id).unwrap_or_else(|| panic!("{id}: {:?}", serde_json::from_str::<RuleSet>(text).err()));
        assert_eq!((set.id.as_str(), set.faults(&codes)), (id, vec![]));
        let written: RuleSet = serde_json::from_value(serde_json::to_value(&set).unwrap()).unwrap();
        assert_eq!(written, set, "{id} does not read back");
        assert!(set.other.is_empty() && set.calendars.default.other.is_empty(), "{id}: a member is misspelt");
        assert!(set.clocks.iter().all(|c| c.other.is_empty()), "{id}: a member of a clock is misspelt");
        let fields = kefu_domain::Template::registration();
        for key in set.required.values().flatten() {
            assert!(fields.field(key).is_some(), "{id}: no field {key}");
        }
        for code in set.retention.values() {
            assert!(codes.list("retention").unwrap().offers(code), "{id}: {code}");
        }
        assert!(Rules::new(set, &Years::shipped()).is_ok());
    }
}

fn fault(pointer: &str, to: Value, expected: (&str, RuleProblem)) {
    let mut set = serde_json::to_value(preset("s2").unwrap()).unwrap();
    *set.pointer_mut(pointer).unwrap() = to;
    let faults = serde_json::from_value::<RuleSet>(set).unwrap().faults(&CodeLists::shipped());
    let found: Vec<_> = faults.iter().map(|f| (f.place.as_str(), f.problem)).collect();
    assert!(found.contains(&expected), "{pointer}: {found:?}");
}

#[test]
fn slips_are_named_with_their_place() {
    fault("/name", json!(" "), ("name", RuleProblem::Empty));
    fault("/clocks/1/id", json!("answer"), ("clocks[1].id", RuleProblem::Twice));
    fault("/clocks/0/limit", json!({"working_days": 0}), ("clocks[0].limit", RuleProblem::Nought));
    fault("/clocks/0/limit", json!({"moons": 3}), ("clocks[0].limit", RuleProblem::UnknownLimit));
    fault("/clocks/0/day_end", json!("noon"), ("clocks[0].day_end", RuleProblem::UnknownDayEnd));
    fault("/clocks/0/stops", json!([]), ("clocks[0].stops", RuleProblem::Empty));
    fault("/clocks/0/kind", json!("statutory"), ("clocks[0].article", RuleProblem::NoArticle));
    fault("/clocks/0/when/kinds/0", json!("moan"), ("clocks[0].when.kinds: moan", RuleProblem::UnknownCode));
    fault("/escalation/1/percent", json!(50), ("escalation", RuleProblem::NotRising));
    fault("/escalation/0/roles", json!([]), ("escalation[0].roles", RuleProblem::Empty));
    fault("/routing/0/department", json!(""), ("routing[0].department", RuleProblem::Empty));
    let hours = json!(["09:00-12:00", "11:00-18:00"]);
    fault("/calendars/default/week/mon", hours, ("calendars.default.week.mon", RuleProblem::BadCalendar));
    fault("/calendars/default/zone", json!(4800), ("calendars.default.zone", RuleProblem::BadCalendar));
    fault("/calendars/default/week", json!({}), ("calendars.default.week", RuleProblem::BadCalendar));
}

#[test]
fn what_a_newer_version_wrote_survives_and_gives_no_due_time() {
    let mut written = serde_json::to_value(preset("s1").unwrap()).unwrap();
    written["moon"] = json!({"phase": [1, 2]});
    written["clocks"][0]["limit"] = json!({"moons": 2, "tide": "low"});
    written["clocks"][0]["colour"] = json!("red");
    written["calendars"]["default"]["weather"] = json!("rain");
    written["routing"][0]["hours"] = json!("full_moon");
    let set: RuleSet = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(&set).unwrap(), written);

    let sets = RuleSets::new([set], &Years::shipped()).unwrap();
    let form = facts("kind=complaint;category=product_fault", "received=2026-11-20T09:10", "-");
    let now = at("2026-11-20T09:20");
    assert_eq!(shown(&sets.running(&form, now)), "s1.done=2026-11-21T09:10 s1.response=?");
    let rules = sets.in_force(now.date_naive()).unwrap();
    assert_eq!(rules.route(&form, now), Ok(None), "a route that is not understood sends nothing anywhere");
}

#[test]
fn versions_by_day() {
    let sets = sets("s3>2026-11-20:s1 statutory");
    let on = |day: &str| sets.in_force(day.parse().unwrap()).map(|r| r.set.id.clone());
    assert_eq!(on("2019-12-31"), None);
    assert_eq!(on("2020-01-01").as_deref(), Some("s3"));
    assert_eq!(on("2026-11-19").as_deref(), Some("s3"));
    assert_eq!(on("2026-11-20").as_deref(), Some("s1"));
    assert_eq!(sets.statutory_in_force("2015-03-14".parse().unwrap()).map(|r| &r.set.id), None);
    assert!(sets.statutory_in_force("2015-03-15".parse().unwrap()).is_some());
    assert_eq!(sets.all().count(), 3);
}

/// Steps of the first clock, as `50 80 100 overdue`.
fn steps(rules: &str, facts: &Facts, now: &str) -> String {
    let sets = sets(rules);
    let running = sets.running(facts, at(now));
    let steps = escalations(&running[..1], at(now));
    let names = steps.iter().map(|s| s.percent.map_or("overdue".into(), |p| p.to_string()));
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn escalation_by_share_and_hours() {
    let complaint = facts("kind=complaint", "received=2026-11-19T22:00", "-");
    for (now, expected) in [
        ("2026-11-19T22:59", ""),
        ("2026-11-19T23:00", "50"),
        ("2026-11-19T23:35", "50"),
        ("2026-11-19T23:36", "50 80"),
        ("2026-11-20T00:00", "50 80 100"),
        ("2026-11-20T00:01", "50 80 100 overdue"),
    ] {
        assert_eq!(steps("s1", &complaint, now), expected, "natural hours, by night: {now}");
    }
    // Two working days from Fri 16:00: 2 h on Friday, the worked Saturday's 8 h, then 8 h on Tue 24: 18 h of opening.
    let complaint = facts("kind=complaint", "received=2026-02-13T16:00", "-");
    for (now, expected) in [
        ("2026-02-14T16:59", ""),
        ("2026-02-14T17:00", "50"),
        ("2026-02-14T19:00", ""),
        ("2026-02-18T12:00", ""),
        ("2026-02-24T09:00", "50"),
        ("2026-02-24T14:23", "50"),
        ("2026-02-24T14:24", "50 80"),
        ("2026-02-24T17:59", "50 80"),
        ("2026-02-24T22:00", ""),
        ("2026-02-25T09:00", "50 80 100 overdue"),
        ("2026-02-25T12:30", ""),
    ] {
        assert_eq!(steps("s3", &complaint, now), expected, "working days, in hours only: {now}");
    }
    let done = facts("kind=complaint", "received=2026-02-13T16:00 accepted=2026-02-25T09:00", "-");
    assert_eq!(steps("s3", &done, "2026-02-25T10:00"), "", "a clock that has stopped alerts nobody");
    let mut waiting = facts("kind=complaint", "received=2026-11-20T09:00 responded=2026-11-20T09:05", "-");
    assert_eq!(steps("s1", &waiting, "2026-11-20T21:00"), "50");
    waiting.pauses.push(Pause { from: at("2026-11-20T20:00"), to: None, reason: "waiting_customer".into() });
    assert_eq!(steps("s1", &waiting, "2026-11-20T21:00"), "", "nor does one that waits for the customer");
}

#[test]
fn figures_of_a_clock() {
    let sets = sets("s3");
    let form = facts("kind=complaint", "received=2026-11-20T16:00", "-");
    let running = sets.running(&form, at("2026-11-23T10:00"));
    let start = &running[0];
    // Due Tue 24th, 24:00; open: Fri 2 h, Mon 8 h, Tue 8 h = 18 h, of which 3 h are over.
    assert_eq!(start.remaining, Some(TimeDelta::hours(38)));
    assert_eq!(start.remaining_open, Some(TimeDelta::hours(15)));
    assert_eq!(start.share, Some(3.0 / 18.0));
    assert_eq!((start.overdue, start.paused, start.stopped), (false, false, None));

    let late = sets.running(&form, at("2026-11-25T08:00"));
    assert_eq!((late[0].remaining, late[0].overdue), (Some(TimeDelta::hours(-8)), true));
    assert_eq!(late[0].share, Some(1.0), "the night after it is no opening");

    let done = facts("kind=complaint", "received=2026-11-20T16:00 accepted=2026-11-25T09:00", "-");
    let kept = sets.running(&done, at("2027-03-01T10:00"));
    assert_eq!((kept[0].stopped, kept[0].overdue), (Some(at("2026-11-25T09:00")), true), "done late stays late");
    assert_eq!(kept[0].remaining, Some(TimeDelta::hours(-9)), "figures stay as they were at the stop");

    let early = facts("kind=complaint", "received=2026-11-20T16:00 accepted=2026-11-20T15:58", "-");
    assert_eq!(sets.running(&early, at("2026-11-20T16:01"))[0].stopped, Some(at("2026-11-20T16:00")), "two clocks");
}

#[test]
fn only_named_reasons_pause() {
    let sets = sets("s1");
    let mut form = facts("kind=complaint", "received=2026-11-20T09:00", "-");
    let now = at("2026-11-20T13:00");
    for (reason, due) in [("waiting_parts", "2026-11-21T09:00"), ("waiting_customer", "2026-11-21T11:00")] {
        form.pauses =
            vec![Pause { from: at("2026-11-20T10:00"), to: Some(at("2026-11-20T12:00")), reason: reason.into() }];
        let running = sets.running(&form, now);
        assert_eq!(running[0].due, Ok(at("2026-11-20T11:00")), "the first response waits for nobody");
        assert_eq!(running[1].due, Ok(at(due)), "{reason}");
    }
}

#[test]
fn departments_keep_their_own_hours_and_routes_follow_them() {
    let mut set = preset("s3").unwrap();
    let mut night = set.calendars.default.clone();
    night.id = "night".into();
    night.holidays = false;
    night.week = serde_json::from_value(json!({"fri": ["18:00-08:00"], "sat": ["00:00-24:00"]})).unwrap();
    set.calendars.departments.insert("夜班".into(), night);
    set.routing = serde_json::from_value(json!([
        {"when": {"kinds": ["repair"]}, "hours": "open", "department": "技术支持部", "person": "王强"},
        {"when": {"kinds": ["repair"]}, "hours": "closed", "hours_of": "技术支持部", "department": "夜班"},
        {"department": "客户服务中心"}
    ]))
    .unwrap();
    let sets = RuleSets::new([set], &Years::shipped()).unwrap();
    let rules = sets.in_force("2026-11-20".parse().unwrap()).unwrap();
    let (repair, praise) = (facts("kind=repair", "-", "-"), facts("kind=praise", "-", "-"));
    let to =
        |facts, when| rules.route(facts, at(when)).map(|r| r.map(|r| (r.department.as_str(), r.person.as_deref())));
    assert_eq!(to(&repair, "2026-11-20T10:00"), Ok(Some(("技术支持部", Some("王强")))));
    assert_eq!(to(&repair, "2026-11-20T12:00"), Ok(Some(("夜班", None))), "lunch");
    assert_eq!(to(&praise, "2027-01-01T12:00"), Ok(Some(("客户服务中心", None))));
    assert!(to(&repair, "2027-01-01T12:00").is_err(), "who is open in an unknown year is unknown");

    // A complaint of Fri 16:00: two working days by the night desk's calendar are Sat and the next Fri.
    let form = facts("kind=complaint;department=夜班", "received=2026-11-20T16:00", "-");
    assert_eq!(sets.running(&form, at("2026-11-20T17:00"))[0].due, Ok(at("2026-11-27T24:00")));
}

fn waits(events: &str, expected: Option<(MarkKind, &str)>) {
    let sets = sets("s1");
    let rules = sets.in_force("2026-11-20".parse().unwrap()).unwrap();
    let found = rules.waiting(&facts("kind=complaint", events, "-")).map(|m| (m.kind, m.from));
    assert_eq!(found, expected.map(|(kind, from)| (kind, Ok(at(from)))), "{events}");
}

#[test]
fn waiting_forms_are_marked() {
    use MarkKind::{Unaccepted, Undispatched};
    waits("received=2026-11-20T09:00", None);
    waits("passed_on=2026-11-20T09:00", Some((Undispatched, "2026-11-20T09:15")));
    waits("passed_on=2026-11-20T17:50", Some((Undispatched, "2026-11-23T09:05")));
    waits("passed_on=2026-11-20T09:00 dispatched=2026-11-20T11:45", Some((Unaccepted, "2026-11-20T13:15")));
    waits("passed_on=2026-11-20T09:00 dispatched=2026-11-20T09:10 accepted=2026-11-20T09:20", None);
    waits("passed_on=2026-11-20T09:00 voided=2026-11-20T09:01", None);
}
