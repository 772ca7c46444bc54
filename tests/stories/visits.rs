//! Return visits on a desk with a staff: they make themselves, another person makes them, and what they find goes on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod office;

use kefu_app::preview;
use kefu_app::wire::*;
use kefu_domain::visits::{Pending, plan::Plan};
use office::{Office, why};
use serde_json::{Value, json};
use uuid::Uuid;

fn values(value: Value) -> kefu_domain::Values {
    serde_json::from_value(value).unwrap()
}

fn request(id: Uuid, act: &str, given: Value) -> VisitActRequest {
    let mut given = values(given);
    let reason = given.remove("reason").map(|r| r.as_str().unwrap().to_string()).unwrap_or_default();
    let line = given.remove("line").map(|line| serde_json::from_value(line).unwrap());
    let strike = given.remove("strike").map(|id| id.as_str().unwrap().parse().unwrap());
    VisitActRequest { id, act: act.into(), values: given, line, strike, reason }
}

fn record(id: Uuid, over: Value) -> RecordVisitRequest {
    let mut all = json!({"means": "phone", "answer.solved": "yes", "answer.overall": "satisfied"});
    all.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
    RecordVisitRequest { id, values: values(all), ..Default::default() }
}

/// A complaint that 周工 handled, closed on Friday 2026-11-20.
async fn closed(office: &Office, over: Value) -> Uuid {
    office.goes_to("2026-11-20T09:00:00+08:00");
    office.sits("孙丽").await;
    let mut all = json!({"customer.phone": "138 0013 8021", "product.name": "燃气热水器", "identity": "number_match",
        "received_at": "2026-11-20T08:41:00+08:00"});
    all.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
    let id = office.register(all).await;
    office.act(id, "pass_on", json!({})).await.unwrap();
    goes_round(office, id).await;
    id
}

/// From 待分发 to 已关闭.
async fn goes_round(office: &Office, id: Uuid) {
    office.sits("何平").await;
    let dispatch = json!({"dispatch.department": "技术支持部", "dispatch.handler": "周工"});
    office.act(id, "dispatch", dispatch).await.unwrap();
    office.sits("周工").await;
    office.act(id, "accept", json!({})).await.unwrap();
    let answer = json!({"handling.solution": "更换点火针", "handling.replied_means": "phone",
        "handling.promised_at": "2026-11-30T12:00:00+08:00"});
    office.act(id, "answer", answer).await.unwrap();
    office
        .act(id, "hand_back", json!({"outcome.result": "已更换，试机正常", "outcome.response": ["rework"]}))
        .await
        .unwrap();
    office.sits("孙丽").await;
    office.act(id, "inform", json!({"outcome.told_means": "phone"})).await.unwrap();
    office.act(id, "close", json!({})).await.unwrap();
}

async fn list(office: &Office, filter: VisitFilter) -> Vec<VisitRow> {
    let page = office.desk.visits(VisitsRequest { filter, visitor: None, offset: 0, limit: 50 }).await.unwrap();
    assert_eq!(page.rows.len() as u32, page.total);
    let code = serde_json::to_value(filter).unwrap();
    assert_eq!(page.counts[code.as_str().unwrap()], page.total, "{filter:?}");
    page.rows
}

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

/// A plan gives one visit after the other, on working days.
#[tokio::test]
async fn plans_give_periodic_visits() {
    let office = Office::new().await;
    closed(&office, json!({})).await;
    let customer = office.desk.customers(CustomersRequest { query: String::new(), offset: 0, limit: 5 }).await.unwrap();
    let plan = Plan {
        customer: customer.rows[0].id,
        content: "使用情况".into(),
        first: "2026-11-21".parse().ok(),
        months: 1,
        ..Plan::default()
    };
    let plans = office.desk.save_visit_plan(VisitPlanRequest { id: None, plan: plan.clone() }).await.unwrap();
    let next = plans[0].next.clone().unwrap();
    assert_eq!((next.occasion.as_str(), next.due.as_deref()), ("periodic", Some("2026-11-23")), "Saturday is off");
    assert_eq!((plans[0].customer.as_str(), next.phone.as_str()), ("陈秀英", "138 0013 8021"));
    office.goes_to("2026-11-23T10:00:00+08:00");
    // 定期 asks no question about a matter.
    let answers = record(next.id, json!({"answer.solved": "yes"}));
    assert_eq!(why(office.desk.record_visit(answers).await), "InvalidFields");
    let mut answers = record(next.id, json!({"answer.use": "良好"}));
    answers.values.remove("answer.solved");
    office.desk.record_visit(answers).await.unwrap();
    let following = office.desk.visit_plans().await.unwrap()[0].next.clone().unwrap();
    assert_eq!(following.due.as_deref(), Some("2026-12-21"));
    let id = plans[0].id;
    let stopped = Plan { stopped: true, ..plan };
    let plans = office.desk.save_visit_plan(VisitPlanRequest { id: Some(id), plan: stopped }).await.unwrap();
    assert!(plans[0].next.is_none());
}

/// A visit due in a year without data waits for the notice and is not guessed.
#[tokio::test]
async fn a_year_without_data_is_said() {
    let office = Office::new().await;
    office.goes_to("2026-12-31T10:00:00+08:00");
    office.sits("孙丽").await;
    let id = office.register(json!({"kind": "consult", "received_at": "2026-12-31T09:00:00+08:00"})).await;
    let settle = json!({"settled_on_spot": true, "outcome.result": "已说明", "outcome.response": ["information"],
        "outcome.told_means": "phone"});
    office.act(id, "settle", settle).await.unwrap();
    office.act(id, "close", json!({})).await.unwrap();
    let due = list(&office, VisitFilter::Due).await;
    assert_eq!((due[0].due.as_deref(), due[0].missing_year), (None, Some(2027)), "it is on the list of every day");
    office.sits("钱敏").await;
    let text = json!({"years": [{"year": 2027, "off": ["01-01..01-03"], "working": []}]}).to_string();
    office.desk.import_years(ImportYearsRequest { text }).await.unwrap();
    let open = list(&office, VisitFilter::Open).await;
    assert_eq!((open[0].due.as_deref(), open[0].missing_year), (Some("2027-01-04"), None));
}

/// R104: a stratified sample of the quarter, the same for the same seed, with response rate and n.
#[tokio::test]
async fn a_quarter_is_surveyed() {
    let office = Office::new().await;
    office.goes_to("2026-11-20T09:00:00+08:00");
    office.sits("孙丽").await;
    for nth in 0..12 {
        let kind = if nth < 8 { "complaint" } else { "consult" };
        let over = json!({"kind": kind, "customer.name": format!("客户{nth}"), "customer.phone": format!("1380013{nth:04}"),
            "identity": "number_match", "received_at": "2026-11-19T08:41:00+08:00"});
        office.register(over).await;
    }
    let draw = DrawRequest { quarter: "2026Q4".into(), seed: 7, size: 6 };
    assert_eq!(why(office.desk.draw_visits(draw.clone()).await), "wrong_role");
    office.sits("郑洁").await;
    let round = office.desk.draw_visits(draw.clone()).await.unwrap();
    assert_eq!((round.population, round.drawn, round.response_rate), (12, 6, 0));
    let strata: Vec<_> = round.strata.iter().map(|s| (s.key.as_str(), s.population, s.drawn)).collect();
    assert_eq!(strata, [("complaint", 8, 4), ("consult", 4, 2)]);
    assert_eq!(why(office.desk.draw_visits(draw).await), "NothingChanged", "a quarter is drawn once");
    let open = list(&office, VisitFilter::Open).await;
    assert_eq!(open.len(), 6);
    assert!(open.iter().all(|row| row.occasion == "survey" && row.number.starts_with("HF-2026Q4-00")));
    for (row, overall) in open.iter().zip(["very_satisfied", "satisfied", "satisfied"]) {
        let mut answers = record(row.id, json!({"answer.overall": overall, "answer.quality": 4}));
        answers.values.remove("answer.solved");
        office.desk.record_visit(answers).await.unwrap();
    }
    let round = &office.desk.visit_rounds().await.unwrap()[0];
    assert_eq!((round.done, round.waiting, round.response_rate), (3, 3, 5000));
    let quality = round.questions.iter().find(|question| question.key == "quality").unwrap();
    assert_eq!((quality.n, quality.mean_hundredths), (3, Some(400)));
    let overall = round.questions.iter().find(|question| question.key == "overall").unwrap();
    assert_eq!((overall.n, overall.counts["satisfied"]), (3, 2));
}

/// The questionnaire is data: a new version asks otherwise, what was answered keeps its own.
#[tokio::test]
async fn the_questionnaire_is_edited_by_versions() {
    let office = Office::new().await;
    closed(&office, json!({})).await;
    let visit = list(&office, VisitFilter::Open).await[0].id;
    office.desk.record_visit(record(visit, json!({"answer.speed": 5}))).await.unwrap();
    let mut set = office.desk.questionnaires().await.unwrap().current;
    set.questions.retain(|question| question.key != "speed");
    assert_eq!(why(office.desk.save_questionnaire(set.clone()).await), "wrong_role");
    office.sits("钱敏").await;
    let saved = office.desk.save_questionnaire(set.clone()).await.unwrap();
    assert_eq!((saved.current.version, saved.versions.len()), (2, 2));
    assert_eq!(why(office.desk.save_questionnaire(set.clone()).await), "NothingChanged");
    set.questions.retain(|question| question.key != "overall");
    assert_eq!(why(office.desk.save_questionnaire(set).await), "InvalidFields");
    let answered = office.desk.visit(visit).await.unwrap();
    assert_eq!((answered.questionnaire.version, answered.values["answer.speed"].clone()), (1, json!(5)));
    closed(&office, json!({"description": {"text": "另一件事", "marks": []}})).await;
    let next = list(&office, VisitFilter::Open).await[0].id;
    assert_eq!(office.desk.visit(next).await.unwrap().questionnaire.version, 2);
    assert_eq!(why(office.desk.record_visit(record(next, json!({"answer.speed": 5}))).await), "InvalidFields");
}

/// 《客户回访记录表》 is printed and counted.
#[tokio::test]
async fn a_visit_is_printed() {
    let office = Office::new().await;
    closed(&office, json!({})).await;
    let id = list(&office, VisitFilter::Open).await[0].id;
    office.desk.record_visit(record(id, json!({"answer.speed": 4, "answer.use": "正常"}))).await.unwrap();
    assert!(preview(&office.desk, Sheet::Visit(id)).await.unwrap().starts_with(b"%PDF"));
    let out = office.folder.path().join("visit.pdf");
    let printed = office
        .desk
        .copy_out(Sheet::Visit(id), |pdf| std::fs::write(&out, pdf).map_err(|_| Failure::new(Code::FileNotWritten)));
    assert_eq!(printed.await.unwrap().copy, Some(1));
    let view = office.desk.visit(id).await.unwrap();
    assert_eq!((view.copies, view.row.state.as_str()), (1, "done"));
    if let Ok(folder) = std::env::var("KEFU_PICTURES") {
        std::fs::copy(&out, std::path::Path::new(&folder).join("visit.pdf")).unwrap();
    }
    // Who does not see the customer in clear prints nothing of him.
    office.sits("何平").await;
    assert_eq!(why(preview(&office.desk, Sheet::Visit(id)).await), "Masked");
}
