//! Both paths of the procedure, step by step (R63–R67).

use kefu_domain::change::act;
use kefu_domain::fold::state;
use kefu_domain::process::{Actor, offers, role};
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, HANDLER, RECEPTION, RECORDS, SUPERVISOR, person};

/// Acts that move a form along its path; what is beside it is left out here.
const PATH: [&str; 12] = [
    act::SETTLE,
    act::PASS_ON,
    act::DISPATCH,
    act::DECLINE,
    act::ACCEPT,
    act::ANSWER,
    act::CARRY_OUT,
    act::HAND_BACK,
    act::INFORM,
    act::CLOSE,
    act::FILE,
    act::REOPEN,
];

/// What the path offers to each of the four, as `接待 / 文档管理 / 部门处理 / 主管`.
fn offered(desk: &Desk) -> String {
    let of = |actor: Actor| {
        let all = offers(&actor, &desk.record);
        let possible = all.iter().filter(|o| o.verdict.is_ok() && PATH.contains(&o.act));
        possible.map(|o| o.act).collect::<Vec<_>>().join(" ")
    };
    let four = [
        person(RECEPTION, &[role::RECEPTION]),
        person(RECORDS, &[role::RECORDS]),
        person(HANDLER, &[role::HANDLER]),
        person(SUPERVISOR, &[role::SUPERVISOR]),
    ];
    four.map(of).join(" / ")
}

#[track_caller]
fn check(desk: &Desk, state: &str, expected: &str) {
    assert_eq!((desk.record.state.as_str(), offered(desk).as_str()), (state, expected));
}

#[test]
fn path_a_is_settled_at_the_desk_closed_and_filed() {
    let (reception, records) = (person(RECEPTION, &[role::RECEPTION]), person(RECORDS, &[role::RECORDS]));
    let mut desk = Desk::new();
    check(&desk, state::REGISTERED, "settle pass_on /  /  / ");
    desk.does(&reception, act::SETTLE);
    check(&desk, state::INFORMED, "close reopen /  /  / reopen");
    assert_eq!(desk.record.get("settled_on_spot"), Some(&json!(true)));
    assert_eq!(desk.record.text("outcome.told_by"), Some("员工1"));
    assert_eq!(desk.record.text("outcome.told_at"), Some("2026-11-02T09:01:00+08:00"));
    desk.does(&reception, act::CLOSE);
    check(&desk, state::CLOSED, "reopen / file /  / reopen");
    assert_eq!(desk.record.text("closing.by"), Some("员工1"));
    desk.does(&records, act::FILE);
    check(&desk, state::ARCHIVED, "reopen /  /  / reopen");
    assert_eq!(desk.record.text("filing.by"), Some("员工2"));
    assert_eq!(desk.record.text("filing.at"), Some("2026-11-02T09:03:00+08:00"));
    assert_eq!(desk.record.out_of_place, []);
}

#[test]
fn path_b_goes_through_the_department_and_back_to_the_desk() {
    let (reception, records) = (person(RECEPTION, &[role::RECEPTION]), person(RECORDS, &[role::RECORDS]));
    let handler = person(HANDLER, &[role::HANDLER]);
    let mut desk = Desk::new();
    desk.does(&reception, act::PASS_ON);
    check(&desk, state::TO_DISPATCH, " / dispatch /  / dispatch");
    assert_eq!(desk.record.get("informed"), Some(&json!(true)), "R46: the customer knows");
    assert_eq!(desk.record.text("passed_on_at"), Some("2026-11-02T09:01:00+08:00"));

    desk.gives(&records, act::DISPATCH, json!({"dispatch.co_handlers": "质量部"}));
    check(&desk, state::DISPATCHED, " / dispatch / decline accept / dispatch");
    assert_eq!(desk.record.text("dispatch.by"), Some("员工2"));
    assert_eq!(desk.record.text("dispatch.at"), Some("2026-11-02T09:02:00+08:00"));
    desk.does(&handler, act::DECLINE);
    check(&desk, state::TO_DISPATCH, " / dispatch /  / dispatch");
    desk.does(&records, act::DISPATCH);
    assert_eq!(desk.record.get("dispatch.co_handlers"), None, "a new dispatch leaves nothing of the old one");

    desk.does(&handler, act::ACCEPT);
    check(&desk, state::HANDLING, " / dispatch / answer / dispatch");
    assert_eq!(desk.record.text("dispatch.accepted_at"), Some("2026-11-02T09:05:00+08:00"));
    assert_eq!(desk.record.text("dispatch.handler"), Some("员工3"), "who accepts is the handler");
    assert_eq!(desk.record.course.holder, Some(Uuid::from_u128(HANDLER)));

    desk.does(&handler, act::ANSWER);
    check(&desk, state::ANSWERED, " /  / answer carry_out hand_back / ");
    assert_eq!(desk.record.text("handling.replied_by"), Some("员工3"));
    assert_eq!(desk.record.text("handling.replied_at"), Some("2026-11-02T09:06:00+08:00"));
    desk.does(&handler, act::CARRY_OUT);
    check(&desk, state::CARRYING_OUT, " /  / hand_back / ");
    desk.does(&handler, act::HAND_BACK);
    check(&desk, state::TO_INFORM, "inform /  /  / ");
    desk.does(&reception, act::INFORM);
    check(&desk, state::INFORMED, "close reopen /  /  / reopen");
    assert_eq!(desk.record.text("outcome.result"), Some("点火器已更换，试机正常"));
    desk.does(&reception, act::CLOSE);
    desk.does(&records, act::FILE);
    check(&desk, state::ARCHIVED, "reopen /  /  / reopen");
    assert_eq!(desk.record.out_of_place, []);

    desk.does(&reception, act::REOPEN);
    check(&desk, state::TO_DISPATCH, " / dispatch /  / dispatch");
    desk.does(&records, act::DISPATCH);
    check(&desk, state::DISPATCHED, " / dispatch / decline accept / dispatch");
    assert_eq!(desk.record.course.holder, None, "the second round begins with nobody");
}
