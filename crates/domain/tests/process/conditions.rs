//! What must hold besides role and state: each condition met and not met.

use kefu_domain::Line;
use kefu_domain::change::act;
use kefu_domain::decide::Refusal;
use kefu_domain::fold::state;
use kefu_domain::process::condition::CLOSE_GUARD;
use kefu_domain::process::{Actor, Why, permit, role};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::desk::{Desk, HANDLER, OTHER, RECEPTION, RECORDS, SUPERVISOR, person, usual};

fn reception() -> Actor {
    person(RECEPTION, &[role::RECEPTION])
}

fn handler() -> Actor {
    person(HANDLER, &[role::HANDLER])
}

fn supervisor() -> Actor {
    person(SUPERVISOR, &[role::SUPERVISOR])
}

fn other(role: &str) -> Actor {
    person(OTHER, &[role])
}

#[track_caller]
fn check(desk: &mut Desk, actor: &Actor, act: &str, expected: Option<Why>) {
    let verdict = desk.tries(actor, act, json!({})).map(|_| ());
    assert_eq!(verdict, expected.map_or(Ok(()), |why| Err(Refusal::Denied(why))), "{act} by {}", actor.name);
}

#[test]
fn a_receptionist_voids_only_what_he_registered() {
    let mut desk = Desk::at(state::TO_DISPATCH);
    check(&mut desk, &other(role::RECEPTION), act::VOID, Some(Why::NotYourForm));
    check(&mut desk, &reception(), act::VOID, None);
    check(&mut desk, &supervisor(), act::VOID, None);
}

#[test]
fn a_form_is_accepted_in_its_department_by_whom_it_was_sent_to() {
    let mut elsewhere = other(role::HANDLER);
    elsewhere.department = "质量部".into();
    let mut nowhere = elsewhere.clone();
    nowhere.department.clear();
    let named = json!({"dispatch.handler": "员工3", "dispatch.handler_seat": Uuid::from_u128(HANDLER)});
    for (over, mate) in [
        (json!({}), None),
        (json!({"dispatch.handler": "员工3"}), Some(Why::NotAssigned)),
        (named, Some(Why::NotAssigned)),
    ] {
        let mut desk = Desk::at(state::TO_DISPATCH);
        desk.gives(&usual(act::DISPATCH), act::DISPATCH, over);
        for act in [act::ACCEPT, act::DECLINE] {
            check(&mut desk, &handler(), act, None);
            check(&mut desk, &other(role::HANDLER), act, mate.clone());
            check(&mut desk, &other(role::TECHNICIAN), act, mate.clone());
            check(&mut desk, &elsewhere, act, Some(Why::NotYourDepartment));
            check(&mut desk, &nowhere, act, Some(Why::NotYourDepartment));
        }
    }
    let mut desk = Desk::at(state::TO_DISPATCH);
    desk.gives(&usual(act::DISPATCH), act::DISPATCH, json!({"dispatch.handler_seat": Uuid::from_u128(HANDLER)}));
    assert_eq!(desk.record.course.holder, Some(handler().seat), "whom it was sent to has it");
    desk.does(&handler(), act::DECLINE);
    assert_eq!(desk.record.course.holder, None, "until he sends it back");

    let mut desk = Desk::at(state::HANDLING);
    for act in [act::ANSWER, act::TRANSFER, act::SUSPEND] {
        check(&mut desk, &other(role::HANDLER), act, Some(Why::NotAssigned));
        desk.tries(&handler(), act, json!({})).unwrap();
    }
    check(&mut desk, &elsewhere, act::CORRECT, Some(Why::NotYourDepartment));
}

#[test]
fn a_transfer_takes_effect_when_it_is_accepted() {
    let mut desk = Desk::at(state::HANDLING);
    check(&mut desk, &other(role::HANDLER), act::ACCEPT, Some(Why::NotAddressee));
    let mut to_me = other(role::HANDLER);
    to_me.seat = Uuid::from_u128(OTHER);
    check(&mut desk, &Actor { roles: handler().roles, ..to_me.clone() }, act::TRANSFER, Some(Why::NotAssigned));
    desk.does(&handler(), act::TRANSFER);
    check(&mut desk, &handler(), act::ACCEPT, Some(Why::NotAddressee));
    check(&mut desk, &handler(), act::ANSWER, None); // R48: it stays his until it is taken over
    desk.does(&to_me, act::DECLINE);
    assert_eq!(desk.record.course.holder, Some(handler().seat));

    desk.does(&handler(), act::TRANSFER);
    to_me.department = "质量部".into();
    desk.does(&to_me, act::ACCEPT);
    assert_eq!(desk.record.state, state::HANDLING);
    assert_eq!(desk.record.text("dispatch.handler"), Some("员工5"));
    assert_eq!(desk.record.text("dispatch.department"), Some("质量部"));
    assert!(desk.record.get("transfer.accepted_at").is_some());
    check(&mut desk, &handler(), act::ANSWER, Some(Why::NotAssigned));
    check(&mut desk, &to_me, act::ANSWER, None);
    check(&mut desk, &to_me, act::TRANSFER, Some(Why::SamePerson));

    // Whoever lets an offer lie cannot take it up when the department no longer has the form.
    let mut desk = Desk::at(state::HANDLING);
    desk.does(&handler(), act::TRANSFER);
    for act in [act::ANSWER, act::CARRY_OUT] {
        desk.does(&handler(), act);
        check(&mut desk, &other(role::HANDLER), act::ACCEPT, None);
    }
    desk.does(&handler(), act::SUSPEND);
    desk.does(&handler(), act::RESUME);
    check(&mut desk, &other(role::HANDLER), act::ACCEPT, None);
    desk.does(&handler(), act::HAND_BACK);
    check(&mut desk, &other(role::RECEPTION), act::ACCEPT, Some(Why::NotAddressee));
}

#[test]
fn the_first_agent_follows_until_the_customer_was_told() {
    let mut desk = Desk::new();
    let second = other(role::RECEPTION);
    check(&mut desk, &second, act::TRANSFER, Some(Why::NotFollower));
    desk.does(&reception(), act::TRANSFER);
    desk.does(&second, act::ACCEPT);
    assert_eq!(desk.record.course.followers, [reception().seat, second.seat]);
    assert_eq!(desk.record.state, state::REGISTERED);
    check(&mut desk, &reception(), act::UNFOLLOW, Some(Why::CustomerNotTold));
    check(&mut desk, &second, act::UNFOLLOW, None);
    assert_eq!(desk.tries(&second, act::FOLLOW, json!({})), Err(Refusal::NothingChanged));
    desk.does(&second, act::SETTLE);
    desk.does(&reception(), act::UNFOLLOW);
    assert_eq!(desk.record.course.followers, [second.seat]);
    check(&mut desk, &reception(), act::UNFOLLOW, Some(Why::NotFollower));

    let mut desk = Desk::at(state::HANDLING);
    check(&mut desk, &second, act::CHASE, Some(Why::NotFollower)); // R49: the follower helps when it is late
    check(&mut desk, &reception(), act::CHASE, None);
}

#[test]
fn nothing_is_closed_before_the_customer_was_told_and_only_by_the_desk() {
    for key in CLOSE_GUARD {
        let mut desk = Desk::at(state::INFORMED);
        check(&mut desk, &reception(), act::CLOSE, None);
        let mut asked = desk.asked(act::CORRECT);
        asked.values = [(key.to_string(), Value::Null)].into();
        let draft = desk.decide(&reception(), asked).unwrap();
        desk.write(draft, reception().seat);
        let why = Why::GuardMissing { fields: vec![key.into()] };
        check(&mut desk, &reception(), act::CLOSE, Some(why.clone()));
        desk.does(&supervisor(), act::DELEGATE_CLOSE);
        check(&mut desk, &other(role::RECORDS), act::CLOSE, Some(why.clone()));
        let wire = json!({"code": "guard_missing", "fields": [key]});
        assert_eq!(serde_json::to_value(why).unwrap(), wire);
    }
    let mut desk = Desk::at(state::INFORMED);
    for role in role::EVERY.iter().filter(|r| **r != role::RECEPTION) {
        check(&mut desk, &other(role), act::CLOSE, Some(Why::NotDelegated));
    }
    desk.does(&supervisor(), act::DELEGATE_CLOSE);
    check(&mut desk, &other(role::RECORDS), act::CLOSE, None);
    check(&mut desk, &handler(), act::CLOSE, Some(Why::NotDelegated));
    let me = Actor { seat: Uuid::from_u128(OTHER), ..supervisor() };
    check(&mut desk, &me, act::DELEGATE_CLOSE, Some(Why::SamePerson)); // R67: nobody lets himself close
}

#[test]
fn what_the_last_round_told_does_not_close_the_next_one() {
    let mut desk = Desk::at(state::CLOSED);
    desk.does(&reception(), act::REOPEN);
    for key in CLOSE_GUARD {
        assert_eq!(desk.record.get(key), None, "{key}");
    }
    for act in [act::DISPATCH, act::ACCEPT] {
        desk.does(&usual(act), act);
    }
    assert!(desk.record.get("handling.solution").is_some(), "what was found out stays");
    let asked = kefu_domain::decide::Asked { act: act::ANSWER.into(), ..Default::default() };
    match desk.decide(&handler(), asked) {
        Err(Refusal::Fields(errors)) => {
            let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
            assert_eq!(fields, ["handling.promised_at", "handling.replied_means"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_chase_is_open_until_it_is_answered() {
    let mut desk = Desk::at(state::HANDLING);
    check(&mut desk, &handler(), act::ANSWER_CHASE, Some(Why::NothingOpen));
    desk.does(&person(RECORDS, &[role::RECORDS]), act::CHASE);
    let asked = desk.asked(act::ANSWER_CHASE);
    let question = asked.strike[0];
    let mut elsewhere = other(role::HANDLER);
    elsewhere.department = "质量部".into();
    assert_eq!(desk.decide(&elsewhere, asked.clone()), Err(Refusal::Denied(Why::NotYourDepartment)));
    let draft = desk.decide(&handler(), asked).unwrap();
    desk.write(draft, handler().seat);
    let lines: Vec<&Line> = desk.record.lists["chases"].iter().filter(|l| !l.struck).collect();
    let expected = json!({"at": "2026-11-02T09:04:00+08:00", "whom": "维修部", "content": "请今天答复客户",
        "by": "员工2", "answer": "下午上门", "answered_by": "员工3", "answered_at": "2026-11-02T09:05:00+08:00",
        "of": question.to_string()});
    assert_eq!(lines.iter().map(|l| json!(l.values)).collect::<Vec<_>>(), [expected]);
    check(&mut desk, &handler(), act::ANSWER_CHASE, Some(Why::NothingOpen));
}

#[test]
fn what_is_not_sure_is_checked_before_the_customer_is_told() {
    for (state, act, who) in [
        (state::REGISTERED, act::SETTLE, reception()),
        (state::HANDLING, act::ANSWER, handler()),
        (state::ANSWERED, act::ANSWER, handler()),
        (state::TO_INFORM, act::INFORM, reception()),
    ] {
        let mut desk = Desk::at(state);
        check(&mut desk, &who, act, None);
        desk.does(&who, act::QUERY);
        check(&mut desk, &who, act, Some(Why::QueryOpen)); // R71
        let told = desk.clone();
        desk.does(&reception(), act::QUERY_ANSWER);
        check(&mut desk, &who, act, None);
        let lines: Vec<&Line> = desk.record.lists["queries"].iter().filter(|l| !l.struck).collect();
        assert_eq!((lines.len(), &lines[0].values["source"]), (1, &json!("说明书第 21 页")), "R71: on what it rests");

        // A colleague out of reach of the question told him: that stands, and the question with it.
        let mut apart = Desk::at(state);
        let asked = apart.asked(act);
        let draft = apart.decide(&who, asked).unwrap();
        let mut desk = told;
        desk.write(draft, who.seat);
        assert_eq!(desk.record.out_of_place, [], "{act} in {state}");
        desk.does(&reception(), act::QUERY_ANSWER);
    }
    let mut desk = Desk::at(state::REGISTERED);
    desk.does(&reception(), act::QUERY);
    desk.does(&reception(), act::PASS_ON); // that it goes on may be said at any time
}

#[test]
fn a_query_is_answered_by_the_office_the_department_and_whom_it_asks() {
    let elsewhere = |department: &str| Actor { department: department.into(), ..other(role::HANDLER) };
    let asks = |whom: &str, seat: Option<u128>| {
        let mut desk = Desk::at(state::HANDLING);
        check(&mut desk, &reception(), act::QUERY_ANSWER, Some(Why::NothingOpen));
        let mut asked = desk.asked(act::QUERY);
        let line = &mut asked.add.get_mut("queries").unwrap()[0];
        line.values.insert("whom".into(), json!(whom));
        line.values.extend(seat.map(|seat| ("whom_seat".to_string(), json!(Uuid::from_u128(seat).to_string()))));
        let draft = desk.decide(&reception(), asked).unwrap();
        desk.write(draft, reception().seat);
        desk
    };
    let mut desk = asks("质量部", None);
    for actor in [reception(), handler(), supervisor(), elsewhere("质量部")] {
        check(&mut desk, &actor, act::QUERY_ANSWER, None);
    }
    check(&mut desk, &elsewhere("物流部"), act::QUERY_ANSWER, Some(Why::NotYourDepartment));
    let inspector = other(role::INSPECTOR);
    check(&mut desk, &inspector, act::QUERY_ANSWER, Some(Why::NotAssigned));
    check(&mut asks("员工5", None), &inspector, act::QUERY_ANSWER, None);
    check(&mut asks("员工5", Some(OTHER)), &inspector, act::QUERY_ANSWER, None);
    check(&mut asks("员工5", Some(77)), &inspector, act::QUERY_ANSWER, Some(Why::NotAssigned)); // a namesake

    // Who may answer one line may not answer another that asks somebody else.
    let mut desk = asks("质量部", None);
    desk.does(&reception(), act::QUERY);
    check(&mut desk, &elsewhere("质量部"), act::QUERY_ANSWER, Some(Why::NotAssigned));
    let mut asked = desk.asked(act::QUERY_ANSWER);
    asked.strike = vec![desk.record.lists["queries"][0].id];
    let draft = desk.decide(&elsewhere("质量部"), asked).unwrap();
    desk.write(draft, other(role::HANDLER).seat);
    check(&mut desk, &reception(), act::INFORM, Some(Why::WrongState));
    check(&mut desk, &handler(), act::ANSWER, Some(Why::QueryOpen));
}

#[test]
fn co_handlers_take_part_without_having_it_in_hand() {
    let mut mate = other(role::HANDLER);
    mate.department = "质量部".into();
    for (named, involved) in
        [("质量部", true), ("物流部、质量部", true), ("员工5; 员工7", true), ("质量", false), ("", false)]
    {
        let mut desk = Desk::at(state::TO_DISPATCH);
        desk.gives(&usual(act::DISPATCH), act::DISPATCH, json!({"dispatch.co_handlers": named}));
        desk.does(&usual(act::CHASE), act::CHASE);
        let stranger = (!involved).then_some(Why::NotYourDepartment);
        check(&mut desk, &mate, act::ANSWER_CHASE, stranger.clone());
        check(&mut desk, &mate, act::MEASURE_ADD, stranger.clone());
        check(&mut desk, &mate, act::ACCEPT, Some(stranger.unwrap_or(Why::NotAssigned)));
    }
}

#[test]
fn a_measure_is_verified_by_another_person() {
    let records = person(RECORDS, &[role::RECORDS, role::SUPERVISOR]);
    let owner = person(HANDLER, &[role::HANDLER, role::INSPECTOR]);
    for reports in [&owner, &records] {
        let mut desk = Desk::at(state::CLOSED);
        desk.does(&records, act::MEASURE_ADD);
        check(&mut desk, &other(role::INSPECTOR), act::MEASURE_VERIFY, Some(Why::NothingOpen));
        check(&mut desk, &other(role::HANDLER), act::MEASURE_DONE, Some(Why::NotAssigned));
        desk.does(reports, act::MEASURE_DONE);
        check(&mut desk, reports, act::MEASURE_DONE, Some(Why::NothingOpen));
        check(&mut desk, &owner, act::MEASURE_VERIFY, Some(Why::SamePerson));
        let by_reporter = (reports.seat == records.seat).then_some(Why::SamePerson);
        check(&mut desk, &records, act::MEASURE_VERIFY, by_reporter);
        desk.does(&other(role::INSPECTOR), act::MEASURE_VERIFY);
        let line = desk.record.lists["measures"].iter().find(|l| !l.struck).unwrap();
        assert_eq!(line.values["verifier"], "员工5");
        check(&mut desk, &supervisor(), act::MEASURE_VERIFY, Some(Why::NothingOpen));
    }
    // A namesake of the owner is another person where the seat is known.
    let mut desk = Desk::at(state::HANDLING);
    let mut asked = desk.asked(act::MEASURE_ADD);
    let line = &mut asked.add.get_mut("measures").unwrap()[0];
    line.values.insert("owner_seat".into(), json!(owner.seat));
    let draft = desk.decide(&records, asked).unwrap();
    desk.write(draft, records.seat);
    let namesake = Actor { seat: Uuid::from_u128(77), ..owner.clone() };
    check(&mut desk, &namesake, act::MEASURE_DONE, Some(Why::NotAssigned));
    check(&mut desk, &owner, act::MEASURE_DONE, None);
}

#[test]
fn third_parties_get_nothing_without_consent() {
    let mut desk = Desk::at(state::HANDLING);
    check(&mut desk, &reception(), act::DISCLOSE, Some(Why::NoConsent));
    desk.does(&reception(), act::CONSENT);
    check(&mut desk, &reception(), act::DISCLOSE, Some(Why::NoConsent)); // that was for return visits
    let consent = json!({"consents": {"disclosure": "2026-11-02T09:00:00+08:00"}});
    desk.gives(&reception(), act::CONSENT, consent);
    desk.does(&reception(), act::DISCLOSE);
    desk.gives(&reception(), act::WITHDRAW_CONSENT, json!({"consent": "disclosure"}));
    check(&mut desk, &reception(), act::DISCLOSE, Some(Why::NoConsent));
    assert_eq!(desk.record.get("consents"), Some(&json!({"visit": "2026-11-02T08:50:00+08:00"})));
    let again = desk.tries(&reception(), act::WITHDRAW_CONSENT, json!({"consent": "disclosure"}));
    assert_eq!(again, Err(Refusal::NothingChanged));
    let log: Vec<_> =
        desk.record.lists["consent_log"].iter().map(|l| (&l.values["consent"], &l.values["given"])).collect();
    let expected = [("visit", true), ("disclosure", true), ("disclosure", false)].map(|(c, g)| (json!(c), json!(g)));
    assert_eq!(log, expected.iter().map(|(c, g)| (c, g)).collect::<Vec<_>>());
}

#[test]
fn a_suspended_form_waits_and_goes_on_where_it_was() {
    let mut desk = Desk::at(state::SUSPENDED);
    check(&mut desk, &handler(), act::ANSWER, Some(Why::Suspended));
    check(&mut desk, &handler(), act::INFORM, Some(Why::WrongState));
    check(&mut desk, &other(role::HANDLER), act::RESUME, Some(Why::NotAssigned));
    desk.does(&handler(), act::RESUME);
    assert_eq!((desk.record.state.as_str(), desk.record.get("suspension")), (state::HANDLING, None));
    check(&mut desk, &handler(), act::ANSWER, None);
    let mut desk = Desk::at(state::REGISTERED);
    let same = desk.tries(&reception(), act::MERGE, json!({"merged_into": crate::desk::FORM}));
    assert_eq!(same, Err(Refusal::Denied(Why::SameForm)));
    assert!(permit(&reception(), &desk.record, act::MERGE).is_ok());
}
