//! The process on a desk with a staff: both paths, who is refused and why, what waits for whom, what follows by itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod office;

use kefu_app::wire::{Code, QueueRequest};
use office::{Office, why};
use serde_json::json;

fn page(key: &str) -> QueueRequest {
    QueueRequest { key: key.into(), offset: 0, limit: 50 }
}

/// R63: explained, accepted, recorded, closed by the desk, filed.
#[tokio::test]
async fn path_a_is_settled_at_the_desk() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    let id = office.register(json!({"kind": "consult", "category": "product_consult"})).await;
    let settle = json!({"settled_on_spot": true, "outcome.result": "营业厅有现货，客户认可",
        "outcome.response": ["information"], "outcome.told_means": "phone"});
    let view = office.act(id, "settle", settle).await.unwrap();
    assert_eq!((view.state.as_str(), view.course.undoable.as_deref()), ("informed", Some("settle")));
    assert_eq!(why(office.act(id, "file", json!({})).await), "wrong_state");
    assert_eq!(office.queues().await, "to_close 1/0/0 following 1/0/0");
    office.act(id, "close", json!({})).await.unwrap();
    let file = json!({"filing.retention": "y3"});
    assert_eq!(why(office.act(id, "file", file.clone()).await), "wrong_role", "R5: filing is not the desk's");

    office.sits("何平").await;
    assert_eq!(office.queues().await, "to_file 1/0/0");
    let view = office.act(id, "file", file).await.unwrap();
    assert_eq!((view.state.as_str(), office.queues().await.as_str()), ("archived", ""));
    let acts: Vec<_> = view.timeline.iter().map(|e| (e.act.as_str(), e.member.as_str())).collect();
    assert_eq!(acts, [("file", "何平"), ("close", "孙丽"), ("settle", "孙丽"), ("register", "孙丽")]);
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}

/// R44–R50, R55, R64–R67: told, dispatched, accepted, answered the same day, carried out, handed back, told, closed, filed.
#[tokio::test]
async fn path_b_goes_round_the_house_and_back() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    let id = office.register(json!({"demands": ["exchange"], "product.purchased_on": "2026-06-01"})).await;
    let view = office.act(id, "pass_on", json!({})).await.unwrap();
    assert_eq!(view.state, "to_dispatch");
    let clocks: Vec<_> = view.clocks.iter().map(|c| (c.id.as_str(), c.due.as_deref().unwrap())).collect();
    // R55: a solution the same day; and the law's fifteen days beside it (R14).
    assert_eq!(clocks, [("answer", "2026-11-03T00:00:00+08:00"), ("delay", "2026-11-18T00:00:00+08:00")]);
    assert!(view.statutory.iter().any(|hint| hint.article == "23"), "six months: who has to prove the fault");
    assert_eq!(why(office.act(id, "dispatch", json!({"dispatch.department": "技术支持部"})).await), "wrong_role");

    office.sits("何平").await;
    office.waits(20);
    assert_eq!(office.queues().await, "to_dispatch 1/0/1 due_today 1/0/1", "15 minutes undispatched are marked");
    let rows = office.desk.queue(page("to_dispatch")).await.unwrap();
    assert_eq!((rows.total, rows.rows[0].mark.as_deref()), (1, Some("undispatched")));
    assert_eq!(rows.rows[0].clock.as_ref().map(|clock| clock.id.as_str()), Some("answer"));
    let view = office
        .act(id, "dispatch", json!({"dispatch.department": "技术支持部", "dispatch.handler": "周工"}))
        .await
        .unwrap();
    assert_eq!((view.state.as_str(), view.course.holder.as_str()), ("dispatched", "周工"), "the name found its seat");

    office.sits("吴工").await;
    assert_eq!(why(office.act(id, "accept", json!({})).await), "not_assigned");
    assert_eq!(office.queues().await, "due_today 1/0/0", "his department is concerned, he himself is not asked");
    office.sits("周工").await;
    assert_eq!(office.queues().await, "to_accept 1/0/0 due_today 1/0/0");
    office.act(id, "accept", json!({})).await.unwrap();
    // R47–R50: handed over with its key points, and only who takes it over has it.
    let over = json!({"transfer.to": "吴工", "transfer.points": "已换点火针，等主板", "reason": "明日外出"});
    let view = office.act(id, "transfer", over).await.unwrap();
    assert_eq!((view.course.holder.as_str(), view.course.offered_to.as_str()), ("周工", "吴工"));

    office.sits("吴工").await;
    assert_eq!(office.queues().await, "due_today 1/0/0 offered 1/0/0");
    office.act(id, "accept", json!({})).await.unwrap();
    let answer = json!({"handling.solution": "更换主板", "handling.replied_means": "phone",
        "handling.promised_at": "2026-11-04T12:00:00+08:00"});
    let view = office.act(id, "answer", answer).await.unwrap();
    assert_eq!(view.clocks[0].id, "promise", "the promise runs from now on, the answer has stopped");
    let answered = view.clocks.iter().find(|clock| clock.id == "answer").unwrap();
    assert!(answered.stopped.is_some() && !answered.overdue);
    office.goes_to("2026-11-04T12:30:00+08:00");
    assert_eq!(office.queues().await, "mine 1/1/0 overdue 1/1/0", "what was promised is late");

    office.sits("何平").await;
    let chase = json!({"list": "chases", "line": {"whom": "吴工", "content": "客户在等"}});
    let view = office.act(id, "chase", chase).await.unwrap();
    let line = view.lists["chases"][0].id.to_string();
    office.sits("吴工").await;
    assert_eq!(office.queues().await, "mine 1/1/0 overdue 1/1/0 chased 1/1/0");
    let reply = json!({"list": "chases", "line": {"answer": "今天装"}, "strike": line});
    office.act(id, "answer_chase", reply).await.unwrap();
    assert_eq!(why(office.act(id, "close", json!({})).await), "wrong_state");
    let done = json!({"outcome.result": "主板已更换，试机正常", "outcome.response": ["rework"]});
    assert_eq!(office.act(id, "hand_back", done).await.unwrap().state, "to_inform");
    assert_eq!(why(office.act(id, "inform", json!({})).await), "wrong_role", "the desk tells the customer (R66)");

    office.sits("孙丽").await;
    assert_eq!(office.queues().await, "to_inform 1/0/0 following 1/0/0");
    assert_eq!(why(office.act(id, "unfollow", json!({})).await), "customer_not_told", "R50");
    assert_eq!(why(office.act(id, "inform", json!({})).await), "InvalidFields");
    office.act(id, "inform", json!({"outcome.told_means": "phone"})).await.unwrap();
    assert_eq!(office.act(id, "close", json!({})).await.unwrap().state, "closed");
    office.sits("何平").await;
    let file = json!({"filing.retention": "y5"});
    let view = office.act(id, "file", file).await.unwrap();
    assert_eq!((view.state.as_str(), office.queues().await.as_str()), ("archived", ""));
    let shown = serde_json::to_string(&view.timeline).unwrap();
    for seat in office::STAFF.iter().map(|(name, ..)| office.seat(name).to_string()) {
        assert!(!shown.contains(&seat), "people read names, not seats");
    }
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}

/// R70: the third time of the same fault, and the second reopening, are brought to a higher level by themselves.
#[tokio::test]
async fn what_comes_again_is_escalated_by_itself() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    let heater = |text: &str, at: &str| {
        json!({"customer.phone": "138 0013 8021", "product.serial": "LN16-2409-003817", "product.name": "燃气热水器",
            "description": {"text": text, "marks": []}, "received_at": at})
    };
    let text = "热水器打开后火焰突然熄灭，显示 E1";
    let first = office.register(heater(text, "2026-11-02T08:41:00+08:00")).await;
    let second = office.register(heater("上次修过，还是 E1", "2026-11-02T08:50:00+08:00")).await;
    let other = office.register(heater("想问保修期到几时", "2026-11-02T08:52:00+08:00")).await;
    // Right after one another, before any index holds them.
    let third = office.register(heater("第三次打电话！还是 E1！", "2026-11-02T08:55:00+08:00")).await;
    office.desk.settle().await.unwrap();
    let level = async |id| office.desk.show(id).await.unwrap().course.level;
    assert_eq!((level(first).await, level(second).await, level(other).await), (0, 0, 0));
    let view = office.desk.show(third).await.unwrap();
    assert_eq!((view.course.level, view.timeline[0].act.as_str()), (1, "escalate"));
    assert_eq!(view.timeline[0].reason.as_deref(), Some("90 天内同一故障第 3 次，自动升级"));

    let settle = json!({"settled_on_spot": true, "outcome.result": "已说明", "outcome.response": ["information"],
        "outcome.told_means": "phone"});
    office.act(first, "settle", settle).await.unwrap();
    let view = office.act(first, "reopen", json!({"reason": "客户来电说没有解决"})).await.unwrap();
    assert_eq!((view.course.level, view.course.reopened), (0, 1));
    office.sits("何平").await;
    office.act(first, "dispatch", json!({"dispatch.department": "技术支持部"})).await.unwrap();
    office.sits("周工").await;
    office.act(first, "accept", json!({})).await.unwrap();
    let answer = json!({"handling.solution": "更换主板", "handling.replied_means": "phone",
        "handling.promised_at": "2026-11-04T12:00:00+08:00"});
    office.act(first, "answer", answer).await.unwrap();
    office.act(first, "hand_back", json!({"outcome.result": "已更换", "outcome.response": ["rework"]})).await.unwrap();
    office.sits("孙丽").await;
    office.act(first, "inform", json!({"outcome.told_means": "phone"})).await.unwrap();
    let view = office.act(first, "reopen", json!({"reason": "又坏了"})).await.unwrap();
    assert_eq!((view.course.level, view.course.reopened, view.timeline[0].act.as_str()), (1, 2, "escalate"));
}

#[tokio::test]
async fn refusals_name_what_stands_in_the_way() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    let (id, into) = (office.register(json!({})).await, office.register(json!({})).await);
    let number = office.desk.show(into).await.unwrap().number;
    let settle = json!({"settled_on_spot": true, "outcome.result": "已说明", "outcome.response": ["information"],
        "outcome.told_means": "phone"});
    office.act(into, "settle", settle).await.unwrap();
    let emptied = json!({"outcome.result": null, "reason": "写错了表"});
    office.act(into, "correct", emptied).await.unwrap();
    let refused = office.act(into, "close", json!({})).await.unwrap_err();
    assert_eq!((refused.code, refused.params["why"].as_str()), (Code::Denied, "guard_missing"));
    assert_eq!(refused.fields[0].field, "outcome.result");

    assert_eq!(why(office.act(id, "teleport", json!({})).await), "unknown_act");
    assert_eq!(why(office.act(id, "merge", json!({"merged_into": "KF-20261102-A03-9999"})).await), "InvalidFields");
    assert_eq!(why(office.act(id, "merge", json!({"merged_into": id.to_string()})).await), "same_form");
    let view = office.act(id, "merge", json!({"merged_into": number})).await.unwrap();
    assert_eq!((view.state.as_str(), view.course.merged_into.as_deref()), ("merged", Some(number.as_str())));
    let entry = &view.timeline[0].fields[0];
    assert_eq!((entry.field.as_str(), &entry.to), ("merged_into", &json!(number)), "a number, not an id");
    office.sits("郑洁").await;
    let request = kefu_app::wire::RegisterRequest {
        draft: None,
        values: kefu_testkit::form(json!({})),
        attachments: vec![],
        call: None,
    };
    assert_eq!(why(office.desk.register(request).await), "wrong_role");
    assert_eq!(why(office.desk.queue(page("to_inform")).await), "NotFound");
}
