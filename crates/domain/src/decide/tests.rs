//! Registering, correcting, voiding: the acts with functions of their own.

use super::*;
use crate::FormNumber;
use crate::change::{Change, ENCODING};
use crate::fold::state;
use crate::{Act, Stamp};

fn rules<'a>(template: &'a Template, codes: &'a CodeLists) -> Rules<'a> {
    Rules { template, codes, now: DateTime::parse_from_rfc3339("2026-11-02T09:00:00+08:00").unwrap() }
}

fn values() -> Values {
    serde_json::from_value(json!({
        "received_at": "2026-11-02T08:41:00+08:00", "channel": "hotline", "customer.name": "陈秀英",
        "kind": "complaint", "description": {"text": "E1", "marks": []}, "ring_count": 4, "mood": "",
    }))
    .unwrap()
}

fn registered() -> Record {
    let (template, codes) = (Template::registration(), CodeLists::shipped());
    let number = FormNumber { day: "2026-11-02".parse().unwrap(), device: "A".parse().unwrap(), serial: 1 };
    let receiver = Receiver { name: "孙丽", employee_number: "108", department: "" };
    let draft = register(rules(&template, &codes), Uuid::nil(), &number, receiver, values(), vec![]).unwrap();
    let mut record = Record::default();
    record.apply(&change(draft, 1));
    record
}

fn change(draft: Draft, ms: u64) -> Change {
    Change {
        v: ENCODING,
        id: Uuid::from_u128(ms.into()),
        seq: ms,
        at: Stamp { ms, n: 0, device: Uuid::nil() },
        zone: 480,
        seat: Uuid::nil(),
        record: draft.record,
        kind: draft.kind.into(),
        act: Act::from(draft.act),
        reason: draft.reason,
        set: draft.set,
        add: draft.add,
        strike: draft.strike,
        seen: None,
    }
}

#[test]
fn registering_adds_what_the_program_knows() {
    let record = registered();
    assert_eq!(record.state, state::REGISTERED);
    assert_eq!(record.text("number"), Some("KF-20261102-A-0001"));
    assert_eq!(record.text("registered_at"), Some("2026-11-02T09:00:00+08:00"));
    assert_eq!(record.get("picked_in_three"), Some(&json!(false)), "the fourth ring is too late");
    assert!(!record.fields.contains_key("mood") && !record.fields.contains_key("receiver.department"));
}

#[test]
fn moments_are_kept_in_one_writing() {
    let (template, codes) = (Template::registration(), CodeLists::shipped());
    let number = FormNumber { day: "2026-11-02".parse().unwrap(), device: "A".parse().unwrap(), serial: 1 };
    let receiver = Receiver { name: "孙丽", employee_number: "", department: "" };
    let mut asked = values();
    asked.insert("received_at".into(), json!("2026-11-02 00:41:00.250z"));
    asked.insert("occurred_at".into(), json!("2026-11-01t22:00:00+09:00"));
    asked.insert("consents".into(), json!({"visit": "2026-11-02T08:45:00.5+08:00"}));
    let draft = register(rules(&template, &codes), Uuid::nil(), &number, receiver, asked, vec![]).unwrap();
    assert_eq!(draft.set["received_at"].to, json!("2026-11-02T00:41:00+00:00"));
    assert_eq!(draft.set["occurred_at"].to, json!("2026-11-01T22:00:00+09:00"), "the offset entered stays");
    assert_eq!(draft.set["consents"].to, json!({"visit": "2026-11-02T08:45:00+08:00"}));

    let mut record = Record::default();
    record.apply(&change(draft, 1));
    let line = |at: &str| Line { id: Uuid::nil(), values: [("at".into(), json!(at))].into(), struck: false };
    let asked = Correction {
        values: [
            ("occurred_at".into(), json!("2026-11-01 22:00:00.9+09:00")),
            ("reply_by".into(), json!("2026-11-03 08:00:00z")),
        ]
        .into(),
        add: [("process".into(), vec![line("2026-11-02 08:50:00+08:00")])].into(),
        reason: "补记".into(),
        ..Default::default()
    };
    let draft = correct(rules(&template, &codes), Uuid::nil(), &record, asked).unwrap();
    assert!(!draft.set.contains_key("occurred_at"), "the same moment is no correction");
    assert_eq!(draft.set["reply_by"].to, json!("2026-11-03T08:00:00+00:00"));
    assert_eq!(draft.add["process"][0].values["at"], json!("2026-11-02T08:50:00+08:00"));
}

#[test]
fn a_correction_needs_a_reason_and_a_difference() {
    let (template, codes) = (Template::registration(), CodeLists::shipped());
    let record = registered();
    let ask = |key: &str, value: Value, reason: &str| {
        let asked = Correction { values: [(key.into(), value)].into(), reason: reason.into(), ..Default::default() };
        correct(rules(&template, &codes), Uuid::nil(), &record, asked)
    };
    assert_eq!(ask("customer.name", json!("陈秀瑛"), " "), Err(Refusal::ReasonRequired));
    assert_eq!(ask("customer.name", json!("陈秀英"), "无"), Err(Refusal::NothingChanged));
    assert!(matches!(ask("customer.name", json!(""), "无"), Err(Refusal::Fields(_))), "a required field stays filled");
    assert!(matches!(ask("number", json!("KF-2"), "无"), Err(Refusal::Fields(_))), "a number never changes");
    let draft = ask("ring_count", json!(2), "听录音更正").unwrap();
    assert_eq!(draft.set["ring_count"].was, record.stamps("ring_count"));
    assert_eq!(draft.set["picked_in_three"].to, json!(true));
}

#[test]
fn a_void_form_is_left_alone() {
    let mut record = registered();
    assert_eq!(void(Uuid::nil(), &record, ""), Err(Refusal::ReasonRequired));
    record.apply(&change(void(Uuid::nil(), &record, "重复登记").unwrap(), 2));
    assert_eq!(void(Uuid::nil(), &record, "再次"), Err(Refusal::NotNow));
    assert_eq!(record.state, state::VOIDED);
}
