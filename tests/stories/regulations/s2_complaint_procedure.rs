//! S2: the complaint procedure with the 《客服登记表》, by both of its paths.

use serde_json::json;

use crate::office::*;

#[tokio::test]
async fn path_b_a_complaint_that_cannot_be_solved_at_first() {
    let office = Office::with_rules("s2").await;
    office.at("2026-11-02T09:10");
    let id = office.registers(RECEPTION, json!({"customer.type": "person", "severity": "serious"})).await;
    let form = office.sees(RECEPTION, id).await;
    assert_eq!(text(&form, "receiver.name"), RECEPTION, "R4: the receptionist receives and records");
    assert_eq!(text(&form, "customer.type"), "person", "R8: customer types are a code list");
    assert_eq!(text(&form, "severity"), "serious", "R10: measures in proportion to severity");
    assert_eq!(due(&form, "answer"), "2026-11-03T00:00", "R55: a solution is offered the same day");

    assert_eq!(
        office.refused(RECORDS, id, "dispatch", to_technics(&office).await).await,
        "wrong_state",
        "R46: nothing is passed on before the customer was told so"
    );
    let form = office.does(RECEPTION, id, "pass_on", json!({})).await;
    assert_eq!(form.state, "to_dispatch", "R64: what cannot be solved goes to 待分发");
    assert_eq!(text(&form, "passed_on_at"), "2026-11-02T09:10:00+08:00", "R46: told at once, with the time");
    assert_eq!(form.values["informed"], json!(true), "R33: and told how the procedure runs");

    assert_eq!(office.queue(RECORDS, "to_dispatch").await, [id], "R44: 文档管理 dispatches");
    for (name, why) in [(RECEPTION, "wrong_role"), (HANDLER, "wrong_role"), (ADMIN, "wrong_role")] {
        let refused = office.refused(name, id, "dispatch", to_technics(&office).await).await;
        assert_eq!(refused, why, "R5: {name} does not dispatch");
    }
    let form = office.does(RECORDS, id, "dispatch", to_technics(&office).await).await;
    assert_eq!(text(&form, "dispatch.department"), "技术支持部", "R40: the type decides the department");
    assert_eq!(text(&form, "dispatch.by"), RECORDS, "R44");

    assert_eq!(office.refused(SALES, id, "accept", json!({})).await, "not_your_department", "R6");
    assert_eq!(office.queue(HANDLER, "to_accept").await, [id], "R6: the responsible department finds it waiting");
    office.does(HANDLER, id, "accept", json!({})).await;

    let chase = json!({"@chases": {"whom": HANDLER, "content": "客户催问，请今日答复"}});
    let form = office.does(RECORDS, id, "chase", chase).await;
    let line = form.lists["chases"][0].id;
    assert_eq!(office.queue(HANDLER, "chased").await, [id], "R65: 文档管理 chases, the department sees it");
    let answer = json!({"strike": [line], "@chases": {"answer": "配件已到，下午上门"}});
    office.does(HANDLER, id, "answer_chase", answer).await;
    assert!(office.queue(HANDLER, "chased").await.is_empty(), "R65: and answers");

    let solution = json!({
        "handling.cause": "内胆焊缝渗漏", "handling.cause_code": "manufacture", "handling.advice": "更换内胆",
        "handling.solution": "上门更换内胆", "handling.promised_at": "2026-11-04T18:00:00+08:00",
        "handling.replied_means": "phone",
    });
    let form = office.does(HANDLER, id, "answer", solution).await;
    assert_eq!(text(&form, "handling.advice"), "更换内胆", "R2, R3: investigated, measures proposed");
    assert_eq!(due(&form, "promise"), "2026-11-04T18:00", "R56: carried out in the period it names");
    assert!(form.clocks.iter().any(|c| c.id == "answer" && c.stopped.is_some() && !c.overdue), "R55: kept");

    office.does(HANDLER, id, "carry_out", json!({})).await;
    office.at("2026-11-04T16:00");
    let form = office.does(HANDLER, id, "hand_back", json!({"outcome.result": "更换内胆，试机正常"})).await;
    assert_eq!(form.state, "to_inform", "R66: the result goes back, not straight to the customer's file");
    assert_eq!(office.queue(RECEPTION, "to_inform").await, [id], "R66: and reaches the desk");
    assert_eq!(office.refused(HANDLER, id, "inform", told()).await, "wrong_role", "R66: the desk tells the customer");
    assert_eq!(office.refused(RECEPTION, id, "close", json!({})).await, "wrong_state", "R67: told before closed");
    let form = office.does(RECEPTION, id, "inform", told()).await;
    assert_eq!(text(&form, "outcome.told_by"), RECEPTION, "R66");

    for name in [HANDLER, RECORDS, SUPERVISOR, ADMIN] {
        let refused = office.refused(name, id, "close", json!({})).await;
        assert!(
            ["wrong_role", "not_delegated"].contains(&refused.as_str()),
            "R67: nobody else closes, {name}: {refused}"
        );
    }
    let form = office.does(RECEPTION, id, "close", json!({})).await;
    assert_eq!(text(&form, "closing.by"), RECEPTION, "R4, R67: the receptionist closes");
    assert_eq!(office.queue(RECORDS, "to_file").await, [id], "R5: then it waits for the archive");
    let filing = json!({"filing.retention": "y5", "filing.cabinet": "2"});
    assert_eq!(office.refused(RECEPTION, id, "file", filing.clone()).await, "wrong_role", "R5: 文档管理 files");
    let form = office.does(RECORDS, id, "file", filing).await;
    assert_eq!((form.state.as_str(), text(&form, "filing.by")), ("archived", RECORDS), "R66");

    let acts: Vec<&str> = form.timeline.iter().rev().map(|entry| entry.act.as_str()).collect();
    assert_eq!(
        acts.join(" "),
        "register pass_on dispatch accept chase answer_chase answer carry_out hand_back inform close file",
        "R25, R30: everything that was done is kept, with who and when"
    );
}

#[tokio::test]
async fn path_a_explained_apologised_accepted() {
    let office = Office::with_rules("s2").await;
    office.at("2026-11-03T10:00");
    let id = office.registers(RECEPTION, json!({"kind": "consult", "category": "product_consult"})).await;
    let mut result = told();
    result["settled_on_spot"] = json!(false);
    assert_eq!(
        office.refused(RECEPTION, id, "settle", result.clone()).await,
        "InvalidFields",
        "R63: only where the customer accepts"
    );
    result["settled_on_spot"] = json!(true);
    result["outcome.response"] = json!(["information"]);
    let form = office.does(RECEPTION, id, "settle", result).await;
    assert_eq!(form.state, "informed", "R63: the receptionist records the result");
    office.does(RECEPTION, id, "close", json!({})).await;
    let filing = json!({"filing.retention": "y3"});
    assert_eq!(office.does(RECORDS, id, "file", filing).await.state, "archived", "R63: then it is filed");
}

#[tokio::test]
async fn the_same_trouble_must_not_come_back_unnoticed() {
    let office = Office::with_rules("s2").await;
    office.at("2026-11-03T10:00");
    let id = office.registers(RECEPTION, json!({})).await;
    let mut result = told();
    result["settled_on_spot"] = json!(true);
    for round in 1..=2 {
        office.does(RECEPTION, id, "settle", result.clone()).await;
        let form = office.does(RECEPTION, id, "reopen", json!({"reason": "第二天又漏"})).await;
        assert_eq!(form.course.reopened, round, "R70: a fault that returns reopens the form");
        if round == 1 {
            // The second round settles again only after the department had it: here it is taken back to the desk.
            office.does(RECORDS, id, "dispatch", to_technics(&office).await).await;
            office.does(HANDLER, id, "accept", json!({})).await;
            let solution = json!({
                "handling.solution": "换新阀", "handling.promised_at": "2026-11-04T18:00:00+08:00",
                "handling.replied_means": "phone",
            });
            office.does(HANDLER, id, "answer", solution).await;
            office.does(HANDLER, id, "hand_back", json!({"outcome.result": "换新阀"})).await;
            office.does(RECEPTION, id, "inform", told()).await;
            let form = office.does(RECEPTION, id, "reopen", json!({"reason": "仍漏"})).await;
            assert!(form.course.level >= 1, "R70: the second reopening escalates by itself");
            break;
        }
    }
    let due = json!({"@measures": {"type": "corrective", "content": "更换焊接批次", "owner": HANDLER,
        "owner_seat": office.seat(HANDLER).await, "due": "2026-11-20"}});
    let form = office.does(RECORDS, id, "measure_add", due).await;
    let line = form.lists["measures"].last().unwrap().id;
    let done = json!({"strike": [line], "@measures": {"result": "已更换批次"}});
    let form = office.does(HANDLER, id, "measure_done", done).await;
    let line = form.lists["measures"].last().unwrap().id;
    let verified = json!({"strike": [line], "@measures": {"effective": true}});
    assert_eq!(
        office.refused(HANDLER, id, "measure_verify", verified.clone()).await,
        "wrong_role",
        "R10: a measure is verified by another person than its owner"
    );
    office.does(RECORDS, id, "measure_verify", verified).await;
}

#[tokio::test]
async fn scripts_of_the_telephone() {
    let office = Office::with_rules("s2").await;
    office.sits(RECEPTION).await;
    let scripts = office.desk.scripts(Default::default()).await.unwrap().scripts;
    let all = |what: &str| scripts.iter().filter(|s| s.say.iter().any(|line| line.contains(what))).count();
    assert!(all("晨曦") > 0 && all("108") > 0, "R80: the greeting names company and agent");
    let silent = scripts.iter().find(|s| s.steps.iter().filter(|step| step.seconds == Some(5)).count() >= 3);
    assert!(silent.is_some(), "R82: the silent call is stepped through with five seconds each");
    let named = kefu_app::wire::ScriptsRequest {
        act: "inform".into(),
        values: serde_json::from_value(json!({"customer.name": "陈秀英", "customer.salutation": "ms"})).unwrap(),
        ..Default::default()
    };
    let named = office.desk.scripts(named).await.unwrap().scripts;
    assert!(
        named.iter().any(|s| s.say.iter().any(|line| line.contains("陈女士"))),
        "R81: once known, the customer is addressed by surname"
    );
}
