//! Whose rating it is, judged again by every device that folds a visit (R94): what a program that was tampered with has
//! written, and had sent, has no effect anywhere and is listed.

use std::collections::BTreeMap;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::visits::{self, Hand, Pending};
use kefu_domain::{Change, Record, Stamp, Values};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{FORM, HANDLER, Stage, at, change, closed, house, visitor};

const DEVICE: Uuid = Uuid::from_u128(0xd);

fn seat(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A change that no honest program writes.
fn forged(record: Uuid, act: &'static str, set: Value, ms: u64, by: u128) -> Change {
    let values: Values = serde_json::from_value(set).unwrap();
    change(Draft::new(record, kind::VISIT, act).setting(values), ms, seat(by), DEVICE)
}

/// A visit, recorded by the desk as dissatisfied at 2.
fn recorded() -> Stage {
    let mut stage = Stage::planned();
    let given = json!({"means": "phone", "answer.solved": "yes", "answer.overall": "dissatisfied"});
    stage.act(&visitor(), act::VISIT_RECORD, given).unwrap();
    stage
}

#[track_caller]
fn check(stage: &Stage, forged: Vec<Change>, hands: &[Hand], out: &[&str]) -> Record {
    let mut all = stage.log.clone();
    all.extend(forged);
    let folded = Record::fold_among(&all, hands);
    all.reverse();
    assert_eq!(Record::fold_among(&all, hands), folded, "whatever the order of arrival");
    assert_eq!(folded.out_of_place.iter().map(|out| out.act.as_str()).collect::<Vec<_>>(), out);
    folded
}

#[test]
fn what_a_handler_writes_about_his_own_matter_has_no_effect() {
    let stage = recorded();
    let praise = json!({"answer.overall": "very_satisfied"});
    for act in [act::VISIT_RECORD, act::VISIT_CORRECT, act::VISIT_EXCUSE, act::VISIT_TAKE] {
        let set = if act == act::VISIT_EXCUSE { json!({"excuse.by": "周工"}) } else { praise.clone() };
        let record = check(&stage, vec![forged(stage.id, act, set, 9, HANDLER)], &[], &[act]);
        assert_eq!(record.text("answer.overall"), Some("dissatisfied"));
        assert_eq!(visits::pending(&record), [Pending::Dissatisfied]);
    }
    // Nor by an act that records none, nor by one that nobody knows, nor by whoever else sends it.
    for (act, by) in [(act::VISIT_TASK_DONE, HANDLER), (act::VISIT_FOLLOW, 5), ("beam", HANDLER), (act::ERASE, 5)] {
        let record = check(&stage, vec![forged(stage.id, act, praise.clone(), 9, by)], &[], &[act]);
        assert_eq!(record.text("answer.overall"), Some("dissatisfied"), "{act}");
    }
    // A correction by somebody else has its effect, and what is erased is gone.
    let record = check(&stage, vec![forged(stage.id, act::VISIT_CORRECT, praise, 9, 5)], &[], &[]);
    assert_eq!(record.text("answer.overall"), Some("very_satisfied"));
    let gone = forged(stage.id, act::ERASE, json!({"answer.suggestion": null}), 9, 5);
    check(&stage, vec![gone], &[], &[]);
}

#[test]
fn he_cannot_take_himself_out_nor_point_elsewhere() {
    let stage = Stage::planned();
    let rating = |ms| forged(stage.id, act::VISIT_RECORD, json!({"answer.overall": "satisfied"}), ms, HANDLER);
    let elsewhere = Uuid::from_u128(0xf1).to_string();
    for act in [act::VISIT_PLAN, act::VISIT_GIVE, "beam"] {
        let set = json!({"hands": [], "form": elsewhere});
        let record = check(&stage, vec![forged(stage.id, act, set, 8, HANDLER), rating(9)], &[], &[act::VISIT_RECORD]);
        assert_eq!(visits::matter(&record), Some(FORM), "{act}");
        assert!(visits::handled_by(&record, seat(HANDLER)));
    }
    // Others may be added: who closed it on another device knew of more.
    let more = json!({"hands": [seat(HANDLER).to_string(), seat(1).to_string()]});
    let record = check(&stage, vec![forged(stage.id, act::VISIT_PLAN, more, 8, 2)], &[], &[]);
    assert_eq!(visits::hands(&record).collect::<Vec<_>>(), [seat(HANDLER), seat(1)]);
    // Before there was a visit there was nothing to rate.
    let mut late = stage.log.clone();
    late[0].at.ms = 20;
    let early = forged(stage.id, act::VISIT_RECORD, json!({"answer.overall": "satisfied"}), 9, 5);
    let record = Record::fold(late.iter().chain([&early]));
    assert_eq!((record.text("answer.overall"), record.out_of_place.len(), record.state.as_str()), (None, 1, "planned"));
}

#[test]
fn a_hand_that_the_visit_does_not_name_is_found_on_its_form() {
    let stage = recorded();
    let stamp = |ms| Stamp { ms, n: 0, device: DEVICE };
    let hand = |from, until: Option<u64>| [Hand { seat: seat(6), from: stamp(from), until: until.map(stamp) }];
    let correction = || vec![forged(stage.id, act::VISIT_CORRECT, json!({"answer.overall": "satisfied"}), 9, 6)];
    check(&stage, correction(), &hand(5, None), &[act::VISIT_CORRECT]);
    check(&stage, correction(), &hand(5, Some(12)), &[act::VISIT_CORRECT]);
    // He took it on only afterwards, or had taken that back: then it was not his matter.
    check(&stage, correction(), &hand(12, None), &[]);
    check(&stage, correction(), &hand(5, Some(7)), &[]);
}

#[test]
fn hands_are_told_by_the_acts_that_handle() {
    let made = |nth: u64, act: &'static str, by: u128, set: Value| {
        let values: Values = serde_json::from_value(set).unwrap();
        change(Draft::new(FORM, kind::FORM, act).setting(values), nth, seat(by), DEVICE)
    };
    let mut all = vec![
        made(1, act::REGISTER, 1, json!({"number": "KF-1"})),
        made(2, act::PASS_ON, 1, json!({})),
        made(3, act::DISPATCH, 2, json!({"dispatch.handler_seat": seat(7).to_string()})),
        made(4, act::ACCEPT, 7, json!({})),
    ];
    let mut undo = made(5, act::UNDO, 7, json!({}));
    let of = BTreeMap::from([("of".to_string(), json!(all[3].id.to_string()))]);
    undo.add.insert("undone".into(), vec![kefu_domain::Line { id: seat(99), values: of, struck: false }]);
    all.extend([undo, made(6, act::ACCEPT, 8, json!({})), made(7, act::ANSWER, 9, json!({}))]);
    all.reverse();
    let stamp = |ms| Stamp { ms, n: 0, device: DEVICE };
    let hand = |n, from, until: Option<u64>| Hand { seat: seat(n), from: stamp(from), until: until.map(stamp) };
    assert_eq!(visits::hands_of(&all), [hand(7, 4, Some(5)), hand(8, 6, None), hand(9, 7, None)]);
    let form = Record::fold(&all);
    assert_eq!((form.course.hands, form.released), (vec![seat(8), seat(9)], vec![seat(7)]));
}

/// A rating on a service sheet is the customer's, given once on the device that the technician hands him.
#[test]
fn a_rating_on_a_sheet_is_given_once() {
    let sheet = Uuid::from_u128(0x5e);
    let made = |nth: u64, act: &'static str, set: Value| {
        let values: Values = serde_json::from_value(set).unwrap();
        change(Draft::new(sheet, kind::SERVICE, act).setting(values), nth, seat(HANDLER), DEVICE)
    };
    let rate = |nth, what: &str| made(nth, kefu_domain::field::act::RATE, json!({"rating.overall": what}));
    let mut all = vec![made(1, act::DISPATCH, json!({"number": "FW-1"})), rate(2, "dissatisfied")];
    for (act, set) in [
        (kefu_domain::field::act::RATE, json!({"rating.overall": "satisfied"})),
        (kefu_domain::field::act::FILL, json!({"findings": "x", "rating.overall": "satisfied"})),
        (act::CORRECT, json!({"rating.remark": "很好"})),
    ] {
        let record = Record::fold(all.iter().chain([&made(3, act, set)]));
        assert_eq!((record.text("rating.overall"), record.out_of_place.len()), (Some("dissatisfied"), 1), "{act}");
    }
    all.push(made(3, act::ERASE, json!({"rating.overall": null, "rating.remark": null})));
    assert_eq!(Record::fold(&all).get("rating.overall"), None);
}

/// The visit of a survey asks after no form, and keeps away who handled the customer's latest.
#[test]
fn what_a_visit_is_judged_by() {
    let of = |set: Value| visits::matter(&Record::fold([&forged(seat(3), act::VISIT_PLAN, set, 1, 1)]));
    let (one, two) = (seat(0xa1), seat(0xa2));
    assert_eq!(of(json!({"form": one.to_string(), "matter": two.to_string()})), Some(one));
    assert_eq!(of(json!({"matter": two.to_string()})), Some(two));
    assert_eq!(of(json!({"occasion": "survey"})), None);
    let closing = at("2026-11-20T09:10:00+08:00");
    let draft = visits::of_closing(&house(), FORM, &closed(json!({})), None, &Record::default(), closing).unwrap();
    assert_eq!(visits::given_matter(&change(draft, 1, seat(1), DEVICE)), Some(FORM));
}
