//! Plans, surveys, the questionnaire, years without data, paper and erasure.

use kefu_app::preview;
use kefu_app::wire::*;
use kefu_domain::visits::plan::Plan;
use serde_json::json;

use crate::office::{Office, why};
use crate::stage::{closed, list, record};

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

/// 《客户回访记录表》 is printed and counted; on his demand what the customer said is destroyed, his ratings still count.
#[tokio::test]
async fn a_visit_is_printed_and_erased() {
    let office = Office::new().await;
    closed(&office, json!({})).await;
    let id = list(&office, VisitFilter::Open).await[0].id;
    office.desk.record_visit(record(id, json!({"answer.speed": 4, "answer.use": "水温忽冷忽热"}))).await.unwrap();
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

    office.sits("钱敏").await;
    let customer = view.customer_id.unwrap();
    let erase = EraseRequest { id: customer, reason: "客户要求删除".into(), although_kept: true };
    office.desk.erase(erase).await.unwrap();
    let left = office.desk.visit(id).await.unwrap();
    assert_eq!((left.values["answer.speed"].clone(), left.values.get("answer.use")), (json!(4), None));
    let bytes = office.desk.dump_for_tests().await;
    assert!(!bytes.windows(9).any(|part| part == "水温忽".as_bytes()), "nothing of it is left in the file");
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}
