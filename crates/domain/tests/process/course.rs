//! What the record keeps for boards and clocks, and what asks for escalation (R70).

use kefu_domain::change::act;
use kefu_domain::fold::state;
use kefu_domain::process::course::must;
use kefu_domain::process::{Pause, must_escalate, role};
use kefu_domain::{Change, Record};
use serde_json::json;

use crate::desk::{Desk, RECEPTION, RECORDS, SUPERVISOR, person, usual};

/// Minutes after registration at which each state and milestone was first reached.
fn minutes(desk: &Desk, of: &std::collections::BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let start = desk.log[0].at.ms;
    let mut all: Vec<_> = of.iter().map(|(key, ms)| (key.clone(), (ms - start) / 60_000)).collect();
    all.sort_by_key(|(key, minute)| (*minute, key.clone()));
    all
}

#[test]
fn milestones_keep_their_first_time_and_a_new_round_its_own() {
    let mut desk = Desk::at(state::INFORMED);
    let owned = |list: &[(&str, u64)]| list.iter().map(|(k, m)| (k.to_string(), *m)).collect::<Vec<_>>();
    let first = owned(&[
        ("registered", 0),
        ("passed_on", 1),
        ("responded", 1),
        ("to_dispatch", 1),
        ("dispatched", 2),
        ("handling", 3),
        ("answered", 4),
        ("carrying_out", 5),
        ("to_inform", 6),
        ("informed", 7),
    ]);
    assert_eq!(minutes(&desk, &desk.record.course.entered), first);
    assert_eq!(desk.record.course.round(), &desk.record.course.entered);
    desk.does(&usual(act::REOPEN), act::REOPEN);
    desk.does(&usual(act::DISPATCH), act::DISPATCH);
    desk.does(&usual(act::DISPATCH), act::DISPATCH);
    let again = owned(&[("reopened", 8), ("to_dispatch", 8), ("dispatched", 9)]);
    assert_eq!(minutes(&desk, desk.record.course.round()), again);
    let entered = minutes(&desk, &desk.record.course.entered);
    assert_eq!(entered, [first, owned(&[("reopened", 8)])].concat(), "the first times stay");
}

#[test]
fn pauses_have_a_beginning_an_end_and_a_reason() {
    let mut desk = Desk::at(state::SUSPENDED);
    let from = desk.record.last.unwrap().ms;
    let open = Pause { from, to: None, reason: "waiting_parts".into() };
    assert_eq!(desk.record.course.pauses, std::slice::from_ref(&open));
    desk.does(&usual(act::NOTE), act::NOTE);
    desk.does(&usual(act::RESUME), act::RESUME);
    let closed = Pause { to: Some(from + 120_000), ..open };
    assert_eq!(desk.record.course.pauses, std::slice::from_ref(&closed));
    desk.gives(&person(RECORDS, &[role::RECORDS]), act::SUSPEND, json!({"suspension": "waiting_customer"}));
    desk.does(&person(SUPERVISOR, &[role::SUPERVISOR]), act::VOID);
    let second = Pause { from: from + 180_000, to: Some(from + 240_000), reason: "waiting_customer".into() };
    assert_eq!(desk.record.course.pauses, [closed, second], "a void form waits for nothing");
}

#[test]
fn a_second_reopening_or_the_third_same_fault_asks_for_escalation() {
    let reception = person(RECEPTION, &[role::RECEPTION]);
    let again = |times: usize| {
        let mut desk = Desk::new();
        for _ in 0..times {
            if desk.record.state == state::REGISTERED {
                desk.does(&reception, act::SETTLE);
            }
            desk.does(&reception, act::REOPEN);
            for act in [act::DISPATCH, act::ACCEPT, act::ANSWER, act::HAND_BACK, act::INFORM] {
                desk.does(&usual(act), act);
            }
        }
        desk
    };
    for (reopened, same_fault, expected) in [
        (0, 0, None),
        (0, 2, None),
        (0, 3, Some(must::SAME_FAULT_THRICE)),
        (0, 7, Some(must::SAME_FAULT_THRICE)),
        (1, 2, None),
        (1, 3, Some(must::SAME_FAULT_THRICE)),
        (2, 0, Some(must::REOPENED_TWICE)),
        (3, 9, Some(must::REOPENED_TWICE)),
    ] {
        let mut desk = again(reopened);
        assert_eq!(desk.record.course.reopened as usize, reopened);
        assert_eq!(must_escalate(&desk.record, same_fault), expected, "{reopened} {same_fault}");
        desk.does(&reception, act::ESCALATE);
        assert_eq!(must_escalate(&desk.record, same_fault), None, "it is escalated");
        if reopened == 2 {
            desk.does(&reception, act::REOPEN);
            assert_eq!(must_escalate(&desk.record, 0), Some(must::REOPENED_TWICE), "and again in the next round");
        }
    }
}

#[test]
fn what_is_out_of_place_is_listed_for_the_supervisor() {
    // Two handlers accept without seeing each other: the first counts.
    let mut desk = Desk::at(state::DISPATCHED);
    let (mut left, right) = (person(6, &[role::HANDLER]), person(7, &[role::HANDLER]));
    left.name = "先到".into();
    let asked = desk.asked(act::ACCEPT);
    let drafts = [&left, &right].map(|actor| desk.decide(actor, asked.clone()).unwrap());
    for (draft, actor) in drafts.into_iter().zip([&left, &right]) {
        desk.write(draft, actor.seat);
    }
    assert_eq!(desk.record.course.holder, Some(left.seat));
    assert_eq!(desk.record.text("dispatch.handler"), Some("先到"), "its fields have no effect either");
    let out = &desk.record.out_of_place;
    assert_eq!(out.len(), 1);
    assert_eq!((out[0].act.as_str(), out[0].seat, out[0].at), (act::ACCEPT, right.seat, desk.log[4].at));
    assert_eq!(desk.record.changes, 5);
}

#[test]
fn records_of_the_former_version_are_read_and_go_on() {
    let old = r#"{"kind":"form","state":"registered","fields":{},"copies":1,"last":null,"changes":2}"#;
    let record: Record = serde_json::from_str(old).unwrap();
    assert!(record.course.is_empty() && record.undoable.is_none() && record.out_of_place.is_empty());
    let again = serde_json::to_string(&record).unwrap();
    assert!(!again.contains("course"), "what is not there takes no room");
    let mut desk = Desk::new();
    desk.record = record;
    desk.does(&person(RECEPTION, &[role::RECEPTION]), act::PASS_ON);
    assert_eq!(desk.record.state, state::TO_DISPATCH);
}

#[test]
fn the_course_of_a_whole_path_is_small() {
    let desk = Desk::at(state::ARCHIVED);
    let text = serde_json::to_string(&desk.record).unwrap();
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), desk.record);
    let course = serde_json::to_string(&desk.record.course).unwrap();
    assert!(course.len() < 700, "{} bytes: {course}", course.len());
    for change in &desk.log {
        assert_eq!(&Change::decode(&change.encode().unwrap()).unwrap(), change);
    }
}
