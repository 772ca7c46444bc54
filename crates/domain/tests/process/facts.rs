//! What the clocks are told of a form that took its path.

use kefu_domain::change::act;
use kefu_domain::clocks::{Facts, event};
use kefu_domain::fold::state;
use kefu_domain::process::role;
use serde_json::json;

use crate::desk::{Desk, HANDLER, person, usual};

/// Events as `name hh:mm`, in the order of their names.
fn events(desk: &Desk) -> String {
    let facts = Facts::of(&desk.record);
    facts.events.iter().map(|(name, at)| format!("{name} {}", at.format("%H:%M"))).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_milestone_is_an_event() {
    let mut desk = Desk::new();
    assert_eq!(events(&desk), "received 08:41 registered 09:00");
    desk.gives(&usual(act::SETTLE), act::SETTLE, json!({"outcome.told_at": "2026-11-02T08:50:00+08:00"}));
    // What was told earlier than it was written down counts from when it was told (R24).
    assert_eq!(events(&desk), "informed 08:50 received 08:41 registered 09:00 responded 08:50 settled 08:50");

    let desk = Desk::at(state::ARCHIVED);
    assert_eq!(
        events(&desk),
        "accepted 09:04 answered 09:04 closed 09:09 dispatched 09:03 done 09:07 informed 09:07 passed_on 09:01 \
         received 08:41 registered 09:00 responded 09:01 started 09:04"
    );
    let facts = Facts::of(&desk.record);
    assert_eq!((facts.kind.as_str(), facts.department.as_str()), ("complaint", "维修部"));
    assert_eq!(facts.promised["handling.promised_at"].to_rfc3339(), "2026-11-09T18:00:00+08:00");
    assert_eq!(events(&Desk::at(state::MERGED)), "merged 09:02 received 08:41 registered 09:00");
}

#[test]
fn a_reopened_form_begins_a_round_of_its_own() {
    let mut desk = Desk::at(state::CLOSED);
    desk.does(&usual(act::REOPEN), act::REOPEN);
    assert_eq!(events(&desk), "received 09:10");
    desk.does(&usual(act::DISPATCH), act::DISPATCH);
    assert_eq!(events(&desk), "dispatched 09:11 received 09:10");
}

#[test]
fn what_is_waited_for_began_with_the_present_state() {
    let since = |desk: &Desk| {
        let facts = Facts::waiting(&desk.record)?;
        facts.events.iter().map(|(name, at)| format!("{name} {}", at.format("%H:%M"))).next()
    };
    let mut desk = Desk::at(state::DISPATCHED);
    assert_eq!(since(&desk).as_deref(), Some("dispatched 09:03"));
    desk.does(&usual(act::DECLINE), act::DECLINE);
    assert_eq!(since(&desk).as_deref(), Some("passed_on 09:04"), "sent back: it waits for another department");
    desk.does(&usual(act::DISPATCH), act::DISPATCH);
    desk.does(&usual(act::DISPATCH), act::DISPATCH);
    assert_eq!(since(&desk).as_deref(), Some("dispatched 09:06"), "the one who has it now has had it since then");
    assert_eq!(event::DISPATCHED, "dispatched");
    assert_eq!(since(&Desk::at(state::HANDLING)), None);
    let mut desk = Desk::at(state::SUSPENDED);
    assert_eq!(Facts::of(&desk.record).pauses.len(), 1);
    desk.does(&person(HANDLER, &[role::HANDLER]), act::RESUME);
    assert!(Facts::of(&desk.record).pauses[0].to.is_some());
}
