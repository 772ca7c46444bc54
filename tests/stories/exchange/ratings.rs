//! Whose rating it is (R94), against a program that was tampered with: what a handler writes about his own matter past all
//! checks of his own machine is refused by the server, and where that lets it through it has no effect on any other desk.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use kefu_app::wire::*;
use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::visits::Origin;
use kefu_testkit::form;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Machine, World};

async fn does(machine: &Machine, id: Uuid, act: &str, values: Value) {
    let request = json!({"id": id, "act": act, "values": values, "add": {}, "strike": []});
    machine.desk.act(serde_json::from_value(request).unwrap()).await.unwrap();
}

/// What a program writes that was changed so that it asks nobody, stamped `back` minutes ago.
async fn forges(machine: &Machine, back: i64, drafts: Vec<Draft>) {
    let store = machine.store().await;
    let now: DateTime<FixedOffset> = Utc::now().fixed_offset() - TimeDelta::minutes(back);
    let mut door = store.door(now).await.unwrap();
    if back > 0 {
        door.bring_in();
    }
    for draft in drafts {
        door.write(draft, machine.seat.member).await.unwrap();
    }
    door.commit().await.unwrap();
    store.close().await;
}

fn draft(id: Uuid, kind: &'static str, act: &'static str, values: Value) -> Draft {
    Draft::new(id, kind, act).setting(serde_json::from_value(values).unwrap())
}

fn praise(visit: Uuid, act: &'static str) -> Draft {
    draft(visit, kind::VISIT, act, json!({"answer.overall": "very_satisfied", "answer.solved": "yes"}))
}

fn visit_of(form: Uuid) -> Uuid {
    Origin::Closing { form, round: 0 }.id()
}

/// A form that `handler` handled and `desk` closed, known to both.
async fn closed(desk: &Machine, handler: &Machine, name: &str) -> Uuid {
    let form = desk.register(json!({"customer.phone": "138 0013 8021", "identity": "number_match"})).await;
    does(desk, form, "pass_on", json!({})).await;
    let given = json!({"dispatch.department": "客服部", "dispatch.handler": name,
        "dispatch.handler_seat": handler.seat.member.to_string()});
    does(desk, form, "dispatch", given).await;
    desk.sync().await;
    handler.sync().await;
    does(handler, form, "accept", json!({})).await;
    let promised = (Utc::now() + TimeDelta::days(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, false);
    let answer = json!({"handling.solution": "更换点火针", "handling.replied_means": "phone",
        "handling.promised_at": promised});
    does(handler, form, "answer", answer).await;
    does(handler, form, "hand_back", json!({"outcome.result": "试机正常", "outcome.response": ["rework"]})).await;
    handler.sync().await;
    desk.sync().await;
    does(desk, form, "inform", json!({"outcome.told_means": "phone"})).await;
    does(desk, form, "close", json!({})).await;
    desk.sync().await;
    handler.sync().await;
    form
}

/// The codes with which the server refused what this machine sent.
async fn refusals(machine: &Machine) -> Vec<(String, String)> {
    let refused = machine.desk.refused_changes().await.unwrap();
    refused.into_iter().map(|one| (one.act, one.code)).collect()
}

fn refused(acts: &[&str]) -> Vec<(String, String)> {
    acts.iter().map(|act| (act.to_string(), "own_matter".to_string())).collect()
}

/// What a desk lists as without effect: the visit, and the acts.
async fn out_of_place(machine: &Machine) -> Vec<(Uuid, Vec<String>)> {
    let request = VisitsRequest { filter: VisitFilter::OutOfPlace, visitor: None, offset: 0, limit: 50 };
    let mut found = Vec::new();
    for row in machine.desk.visits(request).await.unwrap().rows {
        let timeline = machine.desk.visit(row.id).await.unwrap().timeline;
        found.push((row.id, timeline.into_iter().filter(|entry| entry.out_of_place).map(|entry| entry.act).collect()));
    }
    found
}

#[tokio::test]
async fn a_handlers_tampered_program_gets_no_rating_past_the_server() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    for machine in [&one, &two, &one] {
        machine.sync().await;
    }
    let form = closed(&one, &two, "孙B1").await;
    let visit = visit_of(form);
    let values = |overall: &str| json!({"means": "phone", "answer.solved": "yes", "answer.overall": overall});
    let request = |overall: &str| RecordVisitRequest {
        id: visit,
        values: serde_json::from_value(values(overall)).unwrap(),
        ..Default::default()
    };
    assert_eq!(two.desk.record_visit(request("very_satisfied")).await.unwrap_err().code, Code::Denied);

    forges(&two, 0, vec![praise(visit, act::VISIT_RECORD)]).await;
    two.sync().await;
    assert_eq!(refusals(&two).await, refused(&["visit_record"]));
    assert_eq!(
        two.text(visit, "answer.overall").await,
        None,
        "what was refused does not count where it was made either"
    );
    one.sync().await;
    one.desk.record_visit(request("dissatisfied")).await.unwrap();
    one.sync().await;
    two.sync().await;

    forges(&two, 0, vec![praise(visit, act::VISIT_CORRECT), draft(visit, kind::VISIT, act::VISIT_EXCUSE, json!({}))])
        .await;
    two.sync().await;
    assert_eq!(refusals(&two).await.len(), 3);
    let stored = format!("SELECT count(*) FROM kefu.changes WHERE record = '{visit}' AND seat = '{}'", two.seat.member);
    assert_eq!(world.server.sql("kefu", &stored), "0");
    // Where it is a task's result that he sends, the server takes it, for it cannot read that it touches the rating.
    forges(&two, 0, vec![praise(visit, act::VISIT_TASK_DONE)]).await;
    two.sync().await;
    one.sync().await;
    for machine in [&one, &two] {
        assert_eq!(machine.text(visit, "answer.overall").await, Some(json!("dissatisfied")));
        assert_eq!(out_of_place(machine).await, [(visit, vec!["visit_task_done".to_string()])]);
        machine.sound().await;
    }
    // A rating that stands is corrected by somebody else.
    let correct =
        json!({"id": visit, "act": "visit_correct", "values": {"answer.overall": "neutral"}, "reason": "听录音"});
    one.desk.act_visit(serde_json::from_value(correct).unwrap()).await.unwrap();
    one.sync().await;
    two.sync().await;
    assert_eq!(two.text(visit, "answer.overall").await, Some(json!("neutral")));
}

#[tokio::test]
async fn where_the_server_cannot_tell_every_desk_does() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    for machine in [&one, &two, &one] {
        machine.sync().await;
    }
    // He settles and closes a form, and plans its visit as if nobody had handled it.
    let matter = |form: Uuid| {
        vec![
            draft(form, kind::FORM, act::REGISTER, json!(form_values(form))),
            draft(form, kind::FORM, act::SETTLE, json!({"outcome.result": "当场解释"})),
            draft(form, kind::FORM, act::CLOSE, json!({})),
        ]
    };
    let visited = |form: Uuid| {
        let plan = json!({"form": form.to_string(), "hands": [], "occasion": "after_complaint", "number": "HF-1"});
        vec![draft(visit_of(form), kind::VISIT, act::VISIT_PLAN, plan), praise(visit_of(form), act::VISIT_RECORD)]
    };
    let (first, second, third) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    forges(&two, 0, [matter(first), visited(first)].concat()).await;
    two.sync().await;
    assert_eq!(refusals(&two).await, refused(&["visit_record"]), "the server has seen him settle it");

    // The rating comes first; that he had handled the matter an hour before comes only when it is there.
    forges(&two, 0, visited(second)).await;
    two.sync().await;
    one.sync().await;
    assert_eq!(
        one.text(visit_of(second), "answer.overall").await,
        Some(json!("very_satisfied")),
        "nobody can know yet"
    );
    forges(&two, 60, matter(second)).await;
    two.sync().await;
    one.sync().await;
    assert_eq!(refusals(&two).await.len(), 1);
    let recorded = vec!["visit_record".to_string()];
    assert_eq!(one.text(visit_of(second), "answer.overall").await, None);
    let state = one.desk.visit(visit_of(second)).await.unwrap().row.state;
    assert_eq!(state, "planned", "it waits for somebody else");
    assert_eq!(out_of_place(&one).await, [(visit_of(second), recorded.clone())]);

    // A server that asks nothing at all.
    world.server.sql("kefu", "UPDATE kefu.acts SET asks = false");
    forges(&two, 0, [matter(third), visited(third)].concat()).await;
    two.sync().await;
    assert_eq!(refusals(&two).await.len(), 1);
    let late = world.desk("C1").await;
    for machine in [&one, &late] {
        machine.sync().await;
        let mut listed = out_of_place(machine).await;
        listed.sort();
        let mut both = [(visit_of(second), recorded.clone()), (visit_of(third), recorded.clone())];
        both.sort();
        assert_eq!(listed, both);
        assert_eq!(machine.text(visit_of(third), "answer.overall").await, None);
    }
    for machine in [&one, &late] {
        machine.sound().await;
    }
}

/// A complaint as it is registered.
fn form_values(id: Uuid) -> kefu_domain::Values {
    let mut values = form(json!({"number": format!("KF-20261102-B1-{}", id.as_u128() % 10_000)}));
    values.insert("received_at".into(), json!(Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, false)));
    values
}
