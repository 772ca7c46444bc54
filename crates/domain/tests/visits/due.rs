//! On which day a visit is due: a golden table over the holidays of 2026, made by another program than ours.

use kefu_domain::change::act;
use kefu_domain::visits;
use kefu_domain::{Record, Values};
use serde_json::json;

use crate::stage::{FORM, at, closed, house};

#[test]
fn every_closing_kind_gives_its_visit_on_the_right_working_day() {
    let rules = house();
    let mut rows = 0;
    for row in include_str!("../data/visits.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [moment, kind, category, occasion, due] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let form = closed(json!({"kind": kind, "category": category}));
        let closing = at(&format!("{moment}:00+08:00"));
        let draft = visits::of_closing(&rules, FORM, &form, None, &Record::default(), closing);
        let values: Values = draft.iter().flat_map(|d| &d.set).map(|(key, s)| (key.clone(), s.to.clone())).collect();
        let found = values.get("occasion").map_or("-", |o| o.as_str().unwrap());
        let missing = values.get("due_missing_year").map(|year| format!("no_data_{year}"));
        let day = values.get("due").map(|day| day.as_str().unwrap().to_string());
        assert_eq!((found, day.or(missing).as_deref().unwrap_or("-")), (occasion, due), "{row}");
        rows += 1;
    }
    assert_eq!(rows, 280);
}

#[test]
fn the_rules_decide_after_what_and_when() {
    let mut rules = house();
    rules.set.visits.arise.truncate(1);
    rules.set.visits.arise[0].working_days = 2;
    let closing = at("2026-02-13T16:00:00+08:00");
    let ask = |rules: &kefu_domain::rules::Rules, over| {
        visits::of_closing(rules, FORM, &closed(over), None, &Record::default(), closing)
    };
    // The Saturday is worked, then nine days off (R54).
    assert_eq!(ask(&rules, json!({})).unwrap().set["due"].to, json!("2026-02-24"));
    assert!(ask(&rules, json!({"kind": "repair"})).is_none());
}

#[test]
fn who_wants_no_visits_is_left_out_with_his_reason() {
    let (rules, closing) = (house(), at("2026-11-20T09:10:00+08:00"));
    let visit = |customer: Option<&Record>, form: &Record| {
        visits::of_closing(&rules, FORM, form, customer, &Record::default(), closing).unwrap()
    };
    let customer = uuid::Uuid::from_u128(3);
    let keep_out = visits::keep_out(customer, &Record::default(), &crate::stage::visitor(), "不愿被打扰", "2026-11-01");
    let mut refused = Record::default();
    refused.apply(&crate::stage::change(keep_out, 1, customer, customer));
    let draft = visit(Some(&refused), &closed(json!({})));
    assert_eq!((draft.act, draft.reason.as_deref()), (act::VISIT_SKIP, Some("不愿被打扰")));

    let mut form = closed(json!({}));
    let line = |given: bool, id| kefu_domain::Line {
        id: uuid::Uuid::from_u128(id),
        values: [("consent".to_string(), json!("visit")), ("given".to_string(), json!(given))].into(),
        struck: false,
    };
    form.lists.insert("consent_log".into(), vec![line(true, 1), line(false, 2)]);
    assert_eq!(visit(None, &form).reason.as_deref(), Some("consent_withdrawn"));
    form.lists.insert("consent_log".into(), vec![line(false, 1), line(true, 2)]);
    assert_eq!(visit(None, &form).act, act::VISIT_PLAN);
}

#[test]
fn a_periodic_plan_gives_one_visit_after_the_other() {
    let plan = |first: &str, months| visits::plan::Plan {
        customer: uuid::Uuid::from_u128(3),
        first: first.parse().ok(),
        months,
        ..Default::default()
    };
    let check = |plan: &visits::plan::Plan, after: Option<&str>, today: &str, expected: Option<&str>| {
        let found = plan.next(after.map(|day| day.parse().unwrap()), today.parse().unwrap());
        assert_eq!(found.map(|day| day.to_string()).as_deref(), expected, "{plan:?} after {after:?} on {today}");
    };
    let monthly = plan("2026-01-31", 1);
    check(&monthly, None, "2026-01-05", Some("2026-01-31"));
    check(&monthly, Some("2026-01-31"), "2026-02-01", Some("2026-02-28"));
    check(&monthly, Some("2026-02-28"), "2026-03-01", Some("2026-03-31")); // and not the 28th for ever
    check(&monthly, Some("2026-01-31"), "2026-06-15", Some("2026-05-31")); // what was missed is not made up for
    check(&monthly, Some("2026-05-31"), "2026-06-15", Some("2026-06-30"));
    let ended = visits::plan::Plan { until: "2026-03-01".parse().ok(), ..monthly.clone() };
    check(&ended, Some("2026-02-28"), "2026-03-01", None);
    check(&visits::plan::Plan { stopped: true, ..monthly }, None, "2026-01-05", None);

    // 2026-10-03 is a holiday: due on the first working day after it.
    let rules = house();
    let golden = plan("2026-10-03", 6);
    let id = uuid::Uuid::from_u128(9);
    let draft = golden.visit(id, golden.first.unwrap(), rules.calendar(""), &Record::default(), None).unwrap();
    assert_eq!(draft.set["due"].to, json!("2026-10-08"));
}
