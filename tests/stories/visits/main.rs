//! Return visits on a desk with a staff: they make themselves, another person makes them, and what they find goes on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../office/mod.rs"]
mod office;
mod regular;
mod stage;

use kefu_app::wire::*;
use kefu_domain::visits::Pending;
use office::{Office, why};
use serde_json::json;
use stage::{closed, goes_round, list, record, request, values};

/// R91–R94: closing makes the visit; who handled it has no hand in it; not solved reopens, dissatisfied is improved and
/// verified by another.
#[tokio::test]
async fn a_visit_from_closing_to_the_verified_improvement() {
    let office = Office::new().await;
    let form = closed(&office, json!({})).await;
    let open = list(&office, VisitFilter::Open).await;
    assert_eq!(open.len(), 1);
    let row = &open[0];
    assert_eq!(
        (row.occasion.as_str(), row.due.as_deref(), row.form),
        ("after_complaint", Some("2026-11-23"), Some(form))
    );
    assert!(row.number.starts_with("HF-20261120-A03-"), "{}", row.number);
    assert!(list(&office, VisitFilter::Due).await.is_empty(), "not before Monday");
    let id = row.id;
    assert_eq!(office.desk.visit_of_number(&row.number.to_lowercase()).await.unwrap(), id);

    office.goes_to("2026-11-23T09:30:00+08:00");
    assert!(office.queues().await.contains("visits 1/0/0"), "{}", office.queues().await);
    let view = office.desk.visit(id).await.unwrap();
    assert_eq!((view.dial.as_slice(), view.masked), (&["138 0013 8021".to_string()][..], false));
    let matter = view.matter.unwrap();
    assert_eq!((matter.hands.as_slice(), matter.result.contains("已更换")), (&["周工".to_string()][..], true));
    assert_eq!((view.history.len(), view.questionnaire.questions.len()), (1, 10));

    // The department has no hand in it; nor has who handled it, whatever else he is.
    office.sits("周工").await;
    assert_eq!(why(office.desk.record_visit(record(id, json!({}))).await), "wrong_role");
    assert!(office.desk.visit(id).await.unwrap().row.own_matter);

    office.sits("孙丽").await;
    let no_answer =
        |at: &str| request(id, "visit_try", json!({"line": {"outcome": "no_answer", "at": at, "means": "phone"}}));
    let view = office.desk.act_visit(no_answer("2026-11-23T09:30:00+08:00")).await.unwrap();
    assert_eq!((view.row.tries, view.row.state.as_str()), (1, "planned"));
    let agree = request(id, "visit_agree", json!({"agreed_at": "2026-11-24T15:00:00+08:00", "line": {"note": "开会"}}));
    office.desk.act_visit(agree).await.unwrap();
    assert!(list(&office, VisitFilter::Due).await.is_empty());
    let agreed = list(&office, VisitFilter::Agreed).await;
    assert_eq!(agreed[0].agreed_at.as_deref(), Some("2026-11-24T15:00:00+08:00"));
    office.goes_to("2026-11-25T09:00:00+08:00");
    assert!(list(&office, VisitFilter::Overdue).await[0].overdue);

    // Not solved, and dissatisfied: reopened at once; the rest waits for the supervisor.
    let mut asked = record(
        id,
        json!({"answer.solved": "no", "answer.overall": "dissatisfied", "answer.speed": 2,
        "answer.suggestion": "上门前先来电话", "respondent": "陈秀英", "relation": "本人"}),
    );
    asked.unsolved = Some(Unsolved::Reopen);
    asked.tasks = vec![values(json!({"type": "suggestion", "content": "上门前先来电话", "department": "技术支持部",
        "due": "2026-12-01"}))];
    let view = office.desk.record_visit(asked).await.unwrap();
    assert_eq!(
        (view.row.state.as_str(), view.row.pending.as_slice()),
        ("done", &[Pending::Dissatisfied, Pending::Task][..])
    );
    let reopened = office.desk.show(form).await.unwrap();
    assert_eq!((reopened.state.as_str(), reopened.course.reopened), ("to_dispatch", 1));

    office.sits("钱敏").await;
    assert_eq!(list(&office, VisitFilter::Pending).await.len(), 1);
    let improve =
        json!({"line": {"type": "improvement", "content": "派工前核对备件", "owner": "周工", "due": "2026-12-01"}});
    let view = office.desk.act_visit(request(id, "visit_task", improve)).await.unwrap();
    assert_eq!(view.row.pending, [Pending::Task]);
    let line = |view: &VisitView, kind: &str| {
        let mut lines = view.lists["tasks"].iter().filter(|l| !l.struck && l.values["type"] == json!(kind));
        lines.next().unwrap().id.to_string()
    };
    office.sits("周工").await;
    assert_eq!(list(&office, VisitFilter::Tasks).await.len(), 1, "his own, and his department's");
    let view = office.desk.visit(id).await.unwrap();
    assert_eq!((view.masked, view.dial.as_slice()), (true, &["138****8021".to_string()][..]));
    assert!(!view.values.contains_key("answer.suggestion") && view.values["answer.speed"] == json!(2));
    for kind in ["suggestion", "improvement"] {
        let view = office.desk.visit(id).await.unwrap();
        let done = json!({"line": {"result": "已写入派工单"}, "strike": line(&view, kind)});
        office.desk.act_visit(request(id, "visit_task_done", done)).await.unwrap();
    }
    office.sits("郑洁").await;
    let view = office.desk.visit(id).await.unwrap();
    assert_eq!(view.row.pending, [Pending::Verify]);
    let verify = json!({"line": {"effective": true}, "strike": line(&view, "improvement")});
    let view = office.desk.act_visit(request(id, "visit_task_verify", verify)).await.unwrap();
    assert_eq!(view.row.pending, []);

    // A changed rating keeps the old one with its author.
    let better = json!({"answer.speed": 3, "reason": "听录音更正"});
    let view = office.desk.act_visit(request(id, "visit_correct", better)).await.unwrap();
    let changed = &view.changed[0];
    assert_eq!((&changed.from, changed.from_member.as_str()), (&json!(2), "孙丽"));
    assert_eq!((&changed.to, changed.to_member.as_str()), (&json!(3), "郑洁"));

    // The second round ends, and gives a visit of its own.
    goes_round(&office, form).await;
    let again = list(&office, VisitFilter::Open).await;
    assert_eq!((again.len(), again[0].number.ends_with("-2"), again[0].id == id), (1, true, false));
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}

/// Who settles at the desk has handled it, too; a colleague makes the visit, and a new form goes on with it.
#[tokio::test]
async fn the_desk_does_not_rate_itself() {
    let office = Office::new().await;
    office.goes_to("2026-11-20T09:00:00+08:00");
    office.sits("孙丽").await;
    let id = office
        .register(json!({"kind": "consult", "category": "product_consult", "customer.phone": "13800138021",
            "received_at": "2026-11-20T08:41:00+08:00"}))
        .await;
    let settle = json!({"settled_on_spot": true, "outcome.result": "告知门店地址", "outcome.response": ["information"],
        "outcome.told_means": "phone"});
    office.act(id, "settle", settle).await.unwrap();
    office.act(id, "close", json!({})).await.unwrap();
    office.goes_to("2026-11-23T10:00:00+08:00");
    let due = list(&office, VisitFilter::Due).await;
    let visit = due[0].id;
    assert!(due[0].own_matter && !due[0].free);
    for act in ["visit_take", "visit_refuse"] {
        assert_eq!(why(office.desk.act_visit(request(visit, act, json!({"reason": "x"}))).await), "own_matter");
    }
    assert_eq!(why(office.desk.record_visit(record(visit, json!({}))).await), "own_matter");
    // Neither is what only the program writes a way around it.
    assert_eq!(why(office.desk.act_visit(request(visit, "visit_plan", json!({}))).await), "unknown_act");

    office.sits("钱敏").await;
    let give = |to: &str| request(visit, "visit_give", json!({"visitor": to}));
    assert_eq!(why(office.desk.act_visit(give("孙丽")).await), "own_matter", "nor is it given to her");
    let row = &list(&office, VisitFilter::Due).await[0];
    assert!(row.phone.contains('*') && row.free, "{row:?}");
    let view = office.desk.act_visit(request(visit, "visit_take", json!({}))).await.unwrap();
    assert_eq!(
        (view.dial.as_slice(), view.masked),
        (&["13800138021".to_string()][..], false),
        "taking it shows the number"
    );
    assert_eq!(list(&office, VisitFilter::Mine).await.len(), 1);
    let view = office.desk.record_visit(record(visit, json!({"answer.solved": "no"}))).await.unwrap();
    assert_eq!(view.row.pending, [Pending::Unsolved]);
    let follow = FollowVisitRequest { id: visit, unsolved: Unsolved::NewForm };
    assert_eq!(why(office.desk.follow_visit(follow.clone()).await), "wrong_role", "the desk registers");
    office.sits("孙丽").await;
    let view = office.desk.follow_visit(follow.clone()).await.unwrap();
    assert_eq!(view.row.pending, []);
    assert_eq!(why(office.desk.follow_visit(follow).await), "NothingChanged");
    let number = view.values["follow.number"].as_str().unwrap().to_string();
    let new = office.desk.show_number(&number).await.unwrap();
    let old = office.desk.show(id).await.unwrap();
    assert_eq!((new.values["related.number"].as_str(), new.state.as_str()), (Some(old.number.as_str()), "registered"));
    assert!(new.values["customer.phone"].as_str().unwrap().ends_with("8021"), "the same customer, masked for her");
    assert!(old.lists["process"].iter().any(|line| line.values["note"].as_str().unwrap().contains(&number)));
}

/// What is opened again is not asked after: reopening and taking the closing back drop the visit that waits.
#[tokio::test]
async fn a_form_that_is_open_again_has_no_visit_waiting() {
    let office = Office::new().await;
    let id = closed(&office, json!({})).await;
    let first = list(&office, VisitFilter::Open).await[0].id;
    office.act(id, "undo", json!({})).await.unwrap();
    assert!(list(&office, VisitFilter::Open).await.is_empty());
    office.act(id, "close", json!({})).await.unwrap();
    let again = list(&office, VisitFilter::Open).await;
    assert_eq!((again.len(), again[0].id), (1, first), "one closing, one visit");
    office.act(id, "reopen", json!({"reason": "客户来电"})).await.unwrap();
    assert!(list(&office, VisitFilter::Open).await.is_empty());
    assert_eq!(list(&office, VisitFilter::Over).await[0].state, "cancelled");
    office.act(id, "undo", json!({})).await.unwrap();
    let back = list(&office, VisitFilter::Open).await;
    assert_eq!((back[0].id, back[0].due.as_deref()), (first, Some("2026-11-23")), "due as it was");
}

/// A customer who refuses is left out from then on, with the reason, until he is let in again.
#[tokio::test]
async fn who_refuses_is_left_out() {
    let office = Office::new().await;
    closed(&office, json!({})).await;
    office.goes_to("2026-11-23T10:00:00+08:00");
    let visit = list(&office, VisitFilter::Due).await[0].id;
    assert_eq!(why(office.desk.act_visit(request(visit, "visit_refuse", json!({}))).await), "ReasonRequired");
    let view = office.desk.act_visit(request(visit, "visit_refuse", json!({"reason": "不愿被打扰"}))).await.unwrap();
    assert_eq!((view.row.state.as_str(), view.no_visits.as_deref()), ("refused", Some("不愿被打扰")));
    let customer = view.customer_id.unwrap();
    let known = office.desk.customer(customer).await.unwrap();
    assert!(known.corrected.is_empty(), "it is no correction of his data");

    closed(&office, json!({"description": {"text": "遥控器没有反应", "marks": []}})).await;
    assert!(list(&office, VisitFilter::Open).await.is_empty());
    let left_out = list(&office, VisitFilter::Over).await.into_iter().find(|row| row.state == "left_out").unwrap();
    let view = office.desk.visit(left_out.id).await.unwrap();
    assert_eq!(view.timeline[0].reason.as_deref(), Some("不愿被打扰"));

    let allow = AllowVisitsRequest { customer, reason: "客户来电同意回访".into() };
    assert_eq!(why(office.desk.allow_visits(allow.clone()).await), "wrong_role");
    office.sits("钱敏").await;
    office.desk.allow_visits(allow).await.unwrap();
    closed(&office, json!({"description": {"text": "水压不够", "marks": []}})).await;
    assert_eq!(list(&office, VisitFilter::Open).await.len(), 1);
}
