//! Every role × act × state against an expectation written by hand (`matrix.txt`), and the fold against the rules.

use std::collections::BTreeMap;

use kefu_domain::Record;
use kefu_domain::change::{Setting, act};
use kefu_domain::decide::{Draft, Refusal};
use kefu_domain::fold::state;
use kefu_domain::process::{TABLE, Why, offers, permit, role};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, FORM, ME, mine, person};

const ROLES: [(char, &str); 9] = [
    ('R', role::RECEPTION),
    ('W', role::RECORDS),
    ('D', role::DISPATCHER),
    ('F', role::FILER),
    ('H', role::HANDLER),
    ('T', role::TECHNICIAN),
    ('S', role::SUPERVISOR),
    ('Q', role::INSPECTOR),
    ('A', role::ADMIN),
];

const STATES: [(&str, &str); 13] = [
    ("reg", state::REGISTERED),
    ("tod", state::TO_DISPATCH),
    ("dis", state::DISPATCHED),
    ("han", state::HANDLING),
    ("ans", state::ANSWERED),
    ("car", state::CARRYING_OUT),
    ("toi", state::TO_INFORM),
    ("inf", state::INFORMED),
    ("clo", state::CLOSED),
    ("arc", state::ARCHIVED),
    ("sus", state::SUSPENDED),
    ("mer", state::MERGED),
    ("voi", state::VOIDED),
];

fn full(short: &str) -> &'static str {
    STATES.iter().find(|(s, _)| *s == short).unwrap_or_else(|| panic!("no state {short}")).1
}

/// What a change does to a record apart from being counted.
fn effect(record: &Record) -> Record {
    Record { changes: 0, last: None, out_of_place: vec![], ..record.clone() }
}

#[test]
fn every_role_in_every_state_may_do_what_the_matrix_says_and_nothing_else() {
    let text = include_str!("matrix.txt");
    let mut rows = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(|l| l.split_whitespace());
    let head: Vec<&str> = rows.next().unwrap().skip(2).collect();
    assert_eq!(head, STATES.map(|(short, _)| short));
    let mut desks: BTreeMap<&str, Desk> = STATES.iter().map(|(_, s)| (*s, Desk::at(s))).collect();
    let (mut acts, mut cells) = (Vec::new(), 0);
    for mut row in rows {
        let (act, to) = (row.next().unwrap(), row.next().unwrap());
        acts.push(act);
        for ((_, state), cell) in STATES.into_iter().zip(row) {
            for (letter, role) in ROLES {
                let mut desk = desks.get_mut(state).unwrap().clone();
                mine(&mut desk, act);
                let actor = person(ME, &[role]);
                let asked = desk.asked(act);
                let verdict = desk.decide(&actor, asked);
                let expected = match cell {
                    "." => Some(Why::WrongState),
                    "~" => Some(Why::Suspended),
                    "*" => None,
                    letters => (!letters.contains(letter)).then_some(Why::WrongRole),
                };
                let place = format!("{act} by {role} in {state}");
                let permitted = permit(&actor, &desk.record, act).map(|_| ());
                assert_eq!(permitted, expected.clone().map_or(Ok(()), Err), "{place}");
                let offer = offers(&actor, &desk.record).into_iter().find(|o| o.act == act).unwrap();
                assert_eq!(offer.verdict, permitted, "{place}: what is offered is what is permitted");
                match (verdict, expected) {
                    (Ok(draft), None) => takes_effect(&mut desk, draft, to, &place),
                    (Err(Refusal::Denied(why)), Some(expected)) => {
                        assert_eq!(why, expected, "{place}");
                        if why != Why::WrongRole {
                            has_no_effect(&mut desk, act, &place);
                        }
                    }
                    (verdict, expected) => panic!("{place}: {verdict:?}, expected {expected:?}"),
                }
                cells += 1;
            }
        }
    }
    let mut known: Vec<&str> = TABLE.iter().map(|row| row.act).collect();
    known.dedup();
    assert_eq!(
        {
            known.sort();
            known.dedup();
            known
        },
        {
            acts.sort();
            acts
        },
        "the matrix speaks of every act"
    );
    assert_eq!(cells, 42 * 13 * 9);
}

/// Act and short names of the states → what the cells of the matrix say.
fn matrix() -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let rows = include_str!("matrix.txt").lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    rows.skip(1)
        .map(|line| {
            let mut row = line.split_whitespace();
            let act = row.next().unwrap();
            (act, STATES.map(|(short, _)| short).into_iter().zip(row.skip(1)).collect())
        })
        .collect()
}

#[test]
fn a_stranger_to_the_form_may_do_no_more_than_is_written() {
    let exceptions: Vec<[&str; 4]> = include_str!("strangers.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.split_whitespace().collect::<Vec<_>>().try_into().unwrap())
        .collect();
    let (mut used, mut asked) = (vec![0; exceptions.len()], 0);
    for (short, state) in STATES {
        let desk = Desk::at(state);
        for (act, cells) in matrix() {
            let cell = cells.iter().find(|(s, _)| *s == short).unwrap().1;
            for (letter, role) in ROLES.into_iter().filter(|(l, _)| cell == "*" || cell.contains(*l)) {
                let mut stranger = person(99, &[role]);
                stranger.department = "外地部".into();
                let expected = exceptions.iter().position(|[of, roles, states, _]| {
                    *of == act && roles.contains(letter) && (*states == "all" || states.split(',').any(|s| s == short))
                });
                let code = match permit(&stranger, &desk.record, act) {
                    Ok(_) => None,
                    Err(why) => serde_json::to_value(why).unwrap()["code"].as_str().map(str::to_string),
                };
                assert_eq!(code.as_deref(), expected.map(|i| exceptions[i][3]), "{act} by {role} in {state}");
                expected.into_iter().for_each(|i| used[i] += 1);
                asked += 1;
            }
        }
    }
    assert!(used.iter().all(|n| *n > 0), "a line that nothing meets: {used:?}");
    assert!(asked > 1000, "only {asked}");
}

/// What the rules allow, the fold does.
fn takes_effect(desk: &mut Desk, draft: Draft, to: &str, place: &str) {
    let before = desk.record.clone();
    let act = draft.act;
    let change = desk.change(draft, Uuid::from_u128(ME));
    let mut after = before.clone();
    after.apply(&change);
    let expected = match (to, act, before.state.as_str()) {
        (_, act::ACCEPT, state::DISPATCHED) => state::HANDLING,
        (_, act::DECLINE, state::DISPATCHED) => state::TO_DISPATCH,
        ("=" | "?", ..) => &before.state,
        ("<", ..) => before.course.back_to.as_deref().unwrap(),
        (to, ..) => full(to),
    };
    assert_eq!(after.state, expected, "{place}");
    assert_eq!(after.out_of_place, before.out_of_place, "{place}: legal");
    assert_ne!(effect(&after), effect(&before), "{place}: an act leaves a trace");
}

/// What the rules refuse for the state, the fold keeps without effect when another device sends it.
fn has_no_effect(desk: &mut Desk, act: &str, place: &str) {
    let before = desk.record.clone();
    let mut draft = Draft::new(FORM, "form", "print");
    draft.set.insert("outcome.result".into(), Setting { to: json!("从别处来"), was: vec![] });
    let mut change = desk.change(draft, Uuid::from_u128(ME));
    change.act = act.into();
    let mut after = before.clone();
    after.apply(&change);
    assert_eq!(effect(&after), effect(&before), "{place}");
    assert_eq!(after.out_of_place.last().map(|o| (o.change, o.act.as_str())), Some((change.id, act)), "{place}");
    assert_eq!(after.changes, before.changes + 1, "{place}: it is kept");
}

#[test]
fn an_unknown_act_is_refused_here_and_kept_when_it_comes_from_elsewhere() {
    let desk = Desk::new();
    let everything: Vec<&str> = role::EVERY.to_vec();
    assert_eq!(permit(&person(ME, &everything), &desk.record, "teleport").err(), Some(Why::UnknownAct));
    assert_eq!(permit(&person(ME, &["wizard"]), &desk.record, act::PRINT).err(), Some(Why::WrongRole));
    let empty = Record::default();
    assert!(permit(&person(ME, &[role::RECEPTION]), &empty, act::REGISTER).is_ok());
    assert_eq!(permit(&person(ME, &[role::HANDLER]), &empty, act::REGISTER).err(), Some(Why::WrongRole));
}
