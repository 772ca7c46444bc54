//! What acts ask for: missing, wrong, not for people to fill in.

use kefu_domain::change::act;
use kefu_domain::decide::Refusal;
use kefu_domain::fold::state;
use kefu_domain::process::{TABLE, demand, offers, role};
use kefu_domain::validate::Problem;
use kefu_domain::{CodeLists, FieldKind, Template, process};
use serde_json::{Value, json};

use crate::desk::{Desk, HANDLER, RECEPTION, RECORDS, SUPERVISOR, person, usual};

/// `act` in `state`, with `over` laid over what it is given: the first field that is refused.
#[track_caller]
fn check(state: &str, act: &str, over: Value, expected: Option<(&str, Problem)>) {
    let mut desk = Desk::at(state);
    let verdict = desk.tries(&usual(act), act, over.clone());
    let refused = match &verdict {
        Ok(_) => None,
        Err(Refusal::Fields(errors)) => errors.first().map(|e| (e.field.as_str(), e.problem)),
        Err(other) => panic!("{act} {over}: {other:?}"),
    };
    assert_eq!(refused, expected, "{act} {over}");
}

/// R41: the class of the archive follows from who the customer is and what the matter was, unless a person names one.
#[test]
fn what_is_filed_has_its_class() {
    for (given, class) in [(json!({}), "个人 · 产品故障"), (json!({"filing.class": "2026 投诉卷"}), "2026 投诉卷")]
    {
        let mut desk = Desk::at(state::CLOSED);
        desk.gives(&usual(act::FILE), act::FILE, given);
        assert_eq!(desk.record.text("filing.class"), Some(class));
        assert_eq!(desk.record.text("customer.type"), Some("person"));
    }
}

#[test]
fn acts_refuse_what_is_missing_wrong_or_not_theirs() {
    use Problem::*;
    let told = "outcome.told_means";
    check(state::REGISTERED, act::SETTLE, json!({}), None);
    check(state::REGISTERED, act::SETTLE, json!({"settled_on_spot": null}), Some(("settled_on_spot", Required)));
    check(state::REGISTERED, act::SETTLE, json!({"settled_on_spot": false}), Some(("settled_on_spot", Required)));
    check(state::REGISTERED, act::SETTLE, json!({"outcome.result": " "}), Some(("outcome.result", Required)));
    check(state::REGISTERED, act::SETTLE, json!({told: "telepathy"}), Some((told, UnknownOption)));
    let later = json!({"outcome.told_at": "2026-11-02T10:00:00+08:00"});
    check(state::REGISTERED, act::SETTLE, later, Some(("outcome.told_at", InTheFuture)));
    let earlier = json!({"outcome.told_at": "2026-11-02T08:45:00+08:00"});
    check(state::REGISTERED, act::SETTLE, earlier, None);
    check(state::REGISTERED, act::SETTLE, json!({"closing.by": "我"}), Some(("closing.by", UnknownField)));
    check(
        state::TO_DISPATCH,
        act::DISPATCH,
        json!({"dispatch.department": ""}),
        Some(("dispatch.department", Required)),
    );
    check(state::TO_DISPATCH, act::DISPATCH, json!({"dispatch.by": "我"}), Some(("dispatch.by", NotYours)));
    let seat = "dispatch.handler_seat";
    check(state::TO_DISPATCH, act::DISPATCH, json!({seat: "员工3"}), Some((seat, WrongKind)));
    let promised = "handling.promised_at";
    check(state::HANDLING, act::ANSWER, json!({promised: null}), Some((promised, Required)));
    let before = json!({promised: "2026-11-01T09:00:00+08:00"});
    check(state::HANDLING, act::ANSWER, before, Some((promised, OutOfRange)));
    check(
        state::INFORMED,
        act::CLOSE,
        json!({"closing.at": "2026-11-02T09:00:00+08:00"}),
        Some(("closing.at", NotYours)),
    );
    check(state::CLOSED, act::FILE, json!({"filing.retention": null}), Some(("filing.retention", Required)));
    check(state::CLOSED, act::FILE, json!({"customer.type": null}), Some(("customer.type", Required)));
    check(state::CLOSED, act::FILE, json!({"category": null}), Some(("category", Required)));
    check(state::REGISTERED, act::SUSPEND, json!({"suspension": "tired"}), Some(("suspension", UnknownOption)));
    check(state::REGISTERED, act::ESCALATE, json!({"escalation.level": 0}), Some(("escalation.level", OutOfRange)));
    check(state::REGISTERED, act::ESCALATE, json!({"escalation.level": 10}), Some(("escalation.level", OutOfRange)));
    check(
        state::REGISTERED,
        act::VERIFY_IDENTITY,
        json!({"identity": "unverified"}),
        Some(("identity", UnknownOption)),
    );
    let ahead = json!({"consents": {"visit": "2026-11-03T09:00:00+08:00"}});
    check(state::REGISTERED, act::CONSENT, ahead, Some(("consents", InTheFuture)));
    check(
        state::REGISTERED,
        act::CONSENT,
        json!({"consents": {"x": "2026-11-02T08:00:00+08:00"}}),
        Some(("consents", UnknownOption)),
    );
    check(state::REGISTERED, act::WITHDRAW_CONSENT, json!({"consent": null}), Some(("consent", Required)));
}

#[test]
fn acts_of_one_line_take_exactly_one() {
    use Problem::*;
    let mut desk = Desk::at(state::HANDLING);
    let reception = person(RECEPTION, &[role::RECEPTION]);
    let one = desk.asked(act::NOTE);
    let check = |asked, field: &str, problem| match desk.decide(&reception, asked) {
        Err(Refusal::Fields(errors)) => assert_eq!((errors[0].field.as_str(), errors[0].problem), (field, problem)),
        other => panic!("{field}: {other:?}"),
    };
    let change = |edit: &dyn Fn(&mut kefu_domain::decide::Asked)| {
        let mut asked = one.clone();
        edit(&mut asked);
        asked
    };
    check(change(&|a| a.add.clear()), "process", Required);
    check(change(&|a| a.add.get_mut("process").unwrap().extend(one.add["process"].clone())), "process", Repeated);
    check(change(&|a| a.strike.push(uuid::Uuid::nil())), "strike", UnknownField);
    check(change(&|a| drop(a.add.insert("chases".into(), vec![]))), "chases", UnknownField);
    let column = |key: &str, value: Value| {
        change(&|a| drop(a.add.get_mut("process").unwrap()[0].values.insert(key.into(), value.clone())))
    };
    check(column("note", json!("")), "process.note", Required);
    check(column("who", json!("别人")), "process.who", NotYours);
    check(column("mood", json!("好")), "process.mood", UnknownField);
    check(column("at", json!("2026-11-03T09:00:00+08:00")), "process.at", InTheFuture);
    let draft = desk.decide(&reception, one.clone()).unwrap();
    desk.write(draft, reception.seat);
    assert!(matches!(desk.decide(&reception, one), Err(Refusal::Fields(_))), "a line is written once");
}

#[test]
fn reasons_are_asked_for_where_somebody_is_turned_away() {
    for (state, act) in [
        (state::REGISTERED, act::VOID),
        (state::DISPATCHED, act::DECLINE),
        (state::HANDLING, act::TRANSFER),
        (state::INFORMED, act::DELEGATE_CLOSE),
        (state::CLOSED, act::REOPEN),
        (state::MERGED, act::UNMERGE),
        (state::REGISTERED, act::ESCALATE),
        (state::REGISTERED, act::CORRECT),
    ] {
        let mut desk = Desk::at(state);
        let mut asked = desk.asked(act);
        asked.reason = "  ".into();
        assert_eq!(desk.decide(&usual(act), asked), Err(Refusal::ReasonRequired), "{act}");
        let asked = desk.asked(act);
        assert_eq!(desk.decide(&usual(act), asked).unwrap().reason.as_deref(), Some("按规定办理"), "{act}");
    }
    let mut desk = Desk::at(state::HANDLING);
    desk.does(&usual(act::ESCALATE), act::ESCALATE);
    let same = desk.tries(&usual(act::ESCALATE), act::ESCALATE, json!({"escalation.level": 1}));
    assert_eq!(same, Err(Refusal::NothingChanged));
}

#[test]
fn a_correction_does_not_move_a_form_past_the_table() {
    let mut desk = Desk::at(state::HANDLING);
    let records = person(RECORDS, &[role::RECORDS]);
    for (key, value) in
        [("dispatch.handler", "员工5"), ("closing.by", "我"), ("filing.at", "2026-11-02T08:00:00+08:00")]
    {
        let refused = desk.tries(&records, act::CORRECT, json!({key: value}));
        assert!(matches!(refused, Err(Refusal::Fields(e)) if e[0].problem == Problem::NotYours), "{key}");
    }
    let mut asked = desk.asked(act::MEASURE_ADD);
    asked.act = act::CORRECT.into();
    desk.decide(&records, asked.clone()).unwrap();
    asked.add.get_mut("measures").unwrap()[0].values.insert("verifier".into(), json!("员工2"));
    assert!(matches!(desk.decide(&records, asked), Err(Refusal::Fields(_))));
    let fresh = Desk::new().tries(&records, act::CORRECT, json!({"dispatch.handler": "员工5"}));
    assert!(fresh.is_ok(), "a form that takes no path yet is filled in by hand as before");
}

#[test]
fn every_field_of_an_act_is_known_and_offered() {
    let (sheet, unseen, codes) = (Template::registration(), Template::process(), CodeLists::shipped());
    assert!(unseen.fields().count() > 15, "the embedded file did not parse");
    for field in unseen.fields().chain(unseen.fields().flat_map(|f| &f.columns)) {
        assert!(field.list.as_ref().is_none_or(|l| codes.list(l).is_some()), "{}", field.key);
    }
    for field in unseen.fields().filter(|f| f.kind != FieldKind::Lines) {
        assert!(sheet.field(&field.key).is_none(), "{} stands twice", field.key);
    }
    let own = [act::REGISTER, act::CORRECT, act::PRINT, act::UNDO];
    for row in TABLE.iter().filter(|row| !own.contains(&row.act)) {
        let demand = demand::of(row.act).unwrap_or_else(|| panic!("{} has no demand", row.act));
        for (key, _) in demand.fields {
            assert!(sheet.field(key).or(unseen.field(key)).is_some(), "{}: {key}", row.act);
        }
        for (key, _) in demand.line.iter().flat_map(|l| l.columns) {
            let list = demand.line.as_ref().unwrap().list;
            let columns = [&sheet, &unseen].into_iter().filter_map(|t| t.field(list)).flat_map(|f| &f.columns);
            assert_eq!(columns.filter(|c| c.key == *key).count(), 1, "{}: {list}.{key}", row.act);
        }
    }
    for (list, expected) in [("state", state::ALL), ("role", role::EVERY)] {
        let items = &codes.list(list).unwrap().items;
        assert_eq!(items.iter().map(|i| i.code.as_str()).collect::<Vec<_>>(), expected, "{list}");
    }
}

#[test]
fn the_window_learns_what_an_act_needs() {
    let needs = |desk: &Desk, actor: &process::Actor, act: &str| {
        let all = offers(actor, &desk.record);
        let offer = all.into_iter().find(|o| o.act == act).unwrap();
        offer
            .needs
            .iter()
            .map(|n| format!("{}{}", n.field, if n.required { "!" } else { "" }))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (reception, handler) = (person(RECEPTION, &[role::RECEPTION]), person(HANDLER, &[role::HANDLER]));
    let desk = Desk::at(state::TO_INFORM);
    let inform = "outcome.result outcome.response outcome.told_at outcome.told_means! outcome.told_by outcome.reaction";
    assert_eq!(needs(&desk, &reception, act::INFORM), inform, "result and response came with the form");
    assert_eq!(needs(&desk, &handler, act::INFORM), "", "nothing is asked of who may not");
    assert_eq!(needs(&desk, &person(SUPERVISOR, &[role::SUPERVISOR]), act::ESCALATE), "escalation.level! reason!");
    assert_eq!(needs(&desk, &reception, act::NOTE), "process.at process.action process.note!");
    let mut desk = Desk::at(state::HANDLING);
    desk.does(&reception, act::CHASE);
    assert_eq!(needs(&desk, &handler, act::ANSWER_CHASE), "chases! chases.answer!");
    let query = "queries.question! queries.whom! queries.whom_seat queries.due";
    assert_eq!(needs(&desk, &handler, act::QUERY), query);
    desk.does(&reception, act::QUERY);
    assert_eq!(needs(&desk, &handler, act::QUERY_ANSWER), "queries! queries.answer! queries.source!");
}
