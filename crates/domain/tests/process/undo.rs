//! Taking the last act back: everything is as it was, and what stands for good stands.

use kefu_domain::change::act;
use kefu_domain::decide::Refusal;
use kefu_domain::fold::state;
use kefu_domain::process::{TABLE, Why, permit, role};
use kefu_domain::{Record, Values};
use serde_json::json;

use crate::desk::{Desk, ME, OTHER, RECEPTION, SUPERVISOR, mine, person, usual};

/// Lines that stand, by list, without their ids: a line that is put back is a new one.
fn lines(record: &Record) -> Vec<(&String, Vec<&Values>)> {
    let lists = record.lists.iter().filter(|(key, _)| *key != "undone");
    let standing = lists.map(|(key, lines)| (key, lines.iter().filter(|l| !l.struck).map(|l| &l.values).collect()));
    standing.filter(|(_, lines): &(_, Vec<_>)| !lines.is_empty()).collect()
}

#[test]
fn every_act_that_can_be_taken_back_leaves_nothing_behind() {
    let actor = person(ME, role::EVERY);
    let mut tried = 0;
    for row in TABLE.iter().filter(|row| row.undo) {
        for from in row.from {
            let mut desk = Desk::at(from);
            mine(&mut desk, row.act);
            let before = desk.record.clone();
            desk.does(&actor, row.act);
            let done = desk.log.last().unwrap().id;
            if desk.record.state == state::ARCHIVED {
                let place = permit(&actor, &desk.record, act::UNDO).err();
                assert_eq!(place, Some(Why::WrongState), "{} in the archive stays", row.act);
                continue;
            }
            desk.does(&actor, act::UNDO);
            let place = format!("{} in {from}", row.act);
            let after = &desk.record;
            assert_eq!(after.state, before.state, "{place}");
            assert_eq!(after.values(), before.values(), "{place}");
            assert_eq!(after.course, before.course, "{place}");
            assert_eq!(lines(after), lines(&before), "{place}");
            assert_eq!(after.out_of_place, [], "{place}");
            let undone = &after.lists["undone"].last().unwrap().values;
            assert_eq!((&undone["act"], &undone["of"]), (&json!(row.act), &json!(done)), "{place}");
            assert!(after.undoable.is_none(), "{place}: once");
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried}");
}

#[test]
fn what_stands_for_good_cannot_be_taken_back() {
    let supervisor = person(SUPERVISOR, &[role::SUPERVISOR, role::RECORDS, role::RECEPTION]);
    let fast: Vec<&str> = TABLE.iter().filter(|row| !row.undo).map(|row| row.act).collect();
    let known =
        ["register", "print", "file", "consent", "withdraw_consent", "disclose", "reveal", "hand_out", "erase", "undo"];
    assert_eq!(fast, known, "evidence, paper and archive");
    for act in [act::PRINT, act::CONSENT, act::REVEAL] {
        let mut desk = Desk::at(state::HANDLING);
        assert!(permit(&supervisor, &desk.record, act::UNDO).is_ok(), "the acceptance could be");
        desk.does(&supervisor, act);
        assert_eq!(permit(&supervisor, &desk.record, act::UNDO).err(), Some(Why::NothingToUndo), "after {act}");
    }
    assert_eq!(permit(&supervisor, &Desk::new().record, act::UNDO).err(), Some(Why::NothingToUndo));
}

#[test]
fn only_its_author_or_a_supervisor_takes_an_act_back() {
    let mut desk = Desk::at(state::TO_DISPATCH);
    for (actor, expected) in [
        (person(RECEPTION, &[role::RECEPTION]), None),
        (person(OTHER, &[role::RECEPTION]), Some(Why::NotAuthor)),
        (person(OTHER, &[role::INSPECTOR]), Some(Why::NotAuthor)),
        (person(SUPERVISOR, &[role::SUPERVISOR]), None),
        (person(RECEPTION, &[role::ADMIN]), Some(Why::WrongRole)),
    ] {
        let verdict = desk.tries(&actor, act::UNDO, json!({})).map(|_| ());
        assert_eq!(verdict, expected.map_or(Ok(()), |why| Err(Refusal::Denied(why))), "{actor:?}");
    }
}

#[test]
fn an_undo_that_something_came_before_has_no_effect() {
    let mut desk = Desk::at(state::TO_DISPATCH);
    let reception = person(RECEPTION, &[role::RECEPTION]);
    let asked = desk.asked(act::UNDO);
    let undo = desk.decide(&reception, asked).unwrap();
    desk.does(&usual(act::DISPATCH), act::DISPATCH); // on another device
    desk.write(undo, reception.seat);
    assert_eq!(desk.record.state, state::DISPATCHED);
    assert!(desk.record.get("passed_on_at").is_some());
    assert_eq!(desk.record.out_of_place.len(), 1);
}

#[test]
fn a_decision_between_two_values_is_not_taken_back() {
    let mut desk = Desk::new();
    let (left, right) = (person(RECEPTION, &[role::RECEPTION]), person(OTHER, &[role::RECEPTION]));
    let drafts =
        ["陈秀瑛", "陈秀英子"].map(|name| desk.tries(&left, act::CORRECT, json!({"customer.name": name})).unwrap());
    for draft in drafts {
        desk.write(draft, left.seat);
    }
    assert_eq!(desk.record.fields["customer.name"].rivals.len(), 1);
    let conflict = desk.clone();
    desk.does(&left, act::UNDO);
    assert_eq!(desk.record.text("customer.name"), Some("陈秀瑛"), "taking the second one back leaves the first");
    let mut desk = conflict;
    desk.gives(&right, act::CORRECT, json!({"customer.name": "陈秀英子"}));
    assert!(desk.record.fields["customer.name"].rivals.is_empty());
    assert_eq!(permit(&right, &desk.record, act::UNDO).err(), Some(Why::NothingToUndo));
}
