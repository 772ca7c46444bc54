//! S4: telephone service: three rings, transfers with a follower, promises, polite words.

use kefu_app::preview;
use kefu_app::wire::{
    Code, Filter, KnowledgeEntry, KnowledgeRequest, ListRequest, ReplyRequest, ReserveRequest, Sheet, SortKey,
    SpoilRequest,
};
use serde_json::json;

use crate::office::*;

#[tokio::test]
async fn picked_up_within_three_rings() {
    let office = Office::with_rules("s4").await;
    for (rings, in_time) in [(3, true), (4, false)] {
        let id = office.registers(RECEPTION, json!({"ring_count": rings})).await;
        let form = office.sees(RECEPTION, id).await;
        assert_eq!(form.values["picked_in_three"], json!(in_time), "R61: the third ring is in time, the fourth is not");
    }
    office.sits(RECEPTION).await;
    let late = kefu_app::wire::ScriptsRequest {
        act: "intake".into(),
        values: serde_json::from_value(json!({"ring_count": 5})).unwrap(),
        ..Default::default()
    };
    let scripts = office.desk.scripts(late).await.unwrap();
    let first = scripts.scripts.iter().find(|s| Some(&s.id) == scripts.suggested.first()).unwrap();
    assert!(first.say.iter().any(|line| line.contains("久等")), "R61, R83: later needs an apology: {first:?}");
}

#[tokio::test]
async fn who_took_the_call_follows_it_until_the_customer_knows() {
    let office = Office::with_rules("s4").await;
    let id = office.registers(RECEPTION, json!({})).await;
    let transfer = json!({
        "transfer.to": COLLEAGUE, "transfer.to_seat": office.seat(COLLEAGUE).await,
        "transfer.points": "客户要求今天内上门", "reason": "客户住址归周敏负责",
    });
    let form = office.does(RECEPTION, id, "transfer", transfer).await;
    assert_eq!(form.course.offered_to, COLLEAGUE, "R47: handed over with reason and target");
    assert_eq!(text(&form, "transfer.points"), "客户要求今天内上门", "R48: and with the key points");
    assert_eq!(office.queue(COLLEAGUE, "offered").await, [id], "R48: the target must take over");
    let form = office.does(COLLEAGUE, id, "accept", json!({})).await;
    assert!(!text(&form, "transfer.accepted_at").is_empty(), "R48: and is seen to have done so");
    assert_eq!(form.course.followers[0], RECEPTION, "R49: the first agent keeps following");
    assert_eq!(
        office.refused(RECEPTION, id, "unfollow", json!({})).await,
        "customer_not_told",
        "R50: and cannot drop off before the customer was told"
    );
    let mut result = told();
    result["settled_on_spot"] = json!(true);
    office.does(RECEPTION, id, "settle", result).await;
    let form = office.does(RECEPTION, id, "unfollow", json!({})).await;
    assert!(!form.course.followers.contains(&RECEPTION.to_string()), "R50");
}

#[tokio::test]
async fn the_paper_book_is_registered_later() {
    let office = Office::with_rules("s4").await;
    office.at("2026-11-02T18:00");
    office.sits(RECEPTION).await;
    let reserved = office.desk.reserve_forms(ReserveRequest { sheets: 2 }).await.unwrap();
    let pdf = preview(&office.desk, Sheet::Printing(reserved.printing)).await.unwrap();
    assert!(pdf.starts_with(b"%PDF"), "R24: forms to write on when no computer is at hand");
    office.at("2026-11-03T08:30");
    let waiting = || async { office.desk.board().await.unwrap().queues.into_iter().find(|queue| queue.key == "paper") };
    let board = waiting().await.unwrap();
    assert_eq!((board.count, board.overdue), (2, 2), "R24: the book is asked for until it is filed");
    let written = json!({"number": reserved.numbers[1], "received_at": "2026-11-02T20:15:00+08:00"});
    let id = office.registers(RECEPTION, written).await;
    let form = office.sees(RECEPTION, id).await;
    assert_eq!(form.number, reserved.numbers[1], "R24: under the number on the paper");
    assert_eq!(text(&form, "received_at"), "2026-11-02T20:15:00+08:00", "R24: and its time");
    assert!(text(&form, "registered_at").starts_with("2026-11-03T08:30"), "R24: also when it was entered");
    let spoil = SpoilRequest { number: reserved.numbers[0].clone(), reason: "写坏了".into() };
    assert!(office.desk.spoil_form(spoil).await.unwrap().is_empty(), "R24: a spoiled form is accounted for");
    assert!(waiting().await.is_none());
}

#[tokio::test]
async fn archived_by_type_of_customer_and_business_category() {
    let office = Office::with_rules("s4").await;
    let kinds = [("organisation", "price", "单位 · 价格收费"), ("person", "price", "个人 · 价格收费")];
    for (customer, category, class) in kinds {
        let over = json!({"customer.name": customer, "customer.type": customer, "category": category});
        let id = office.registers(RECEPTION, over).await;
        let mut result = told();
        result["settled_on_spot"] = json!(true);
        office.does(RECEPTION, id, "settle", result).await;
        office.does(RECEPTION, id, "close", json!({})).await;
        let form = office.does(RECORDS, id, "file", json!({"filing.retention": "y3"})).await;
        assert_eq!(text(&form, "filing.class"), class, "R41: filed by type of customer and business category");
    }
    let filter = Filter {
        states: vec!["archived".into()],
        customer_types: vec!["organisation".into()],
        categories: vec!["price".into()],
        ..Filter::default()
    };
    let request = ListRequest { filter, sort: SortKey::ReceivedAt, descending: true, offset: 0, limit: 50 };
    let found = office.desk.list(request).await.unwrap();
    assert_eq!((found.total, found.rows[0].category.as_str()), (1, "price"), "R41: and found by both");
}

#[tokio::test]
async fn calls_are_logged_key_statements_marked_replies_polite() {
    let office = Office::with_rules("s4").await;
    let id = office.registers(RECEPTION, json!({})).await;
    let call = json!({"@calls": {"direction": "out", "number": "13800138021", "outcome": "reached"}});
    let form = office.does(RECEPTION, id, "log_call", call).await;
    assert_eq!(form.lists["calls"][0].values["who"], json!(RECEPTION), "R30: every exchange is kept");
    assert_eq!(form.values["description"]["marks"], json!([[0, 5]]), "R29: key statements are marked");
    let check = |text: &str| office.desk.check_reply(&ReplyRequest { text: text.into() }).len();
    assert!(check("这不归我管，你自己看着办。") > 0, "R89: cold words are noticed");
    assert_eq!(check("给您添麻烦了，我们今天下午上门处理。"), 0, "R89: polite ones pass");
    assert_eq!(
        office.desk.find(kefu_app::wire::FindRequest { query: "漏水".into(), limit: 9 }).await.unwrap().rows.len(),
        1,
        "R31: quick to query"
    );
}

#[tokio::test]
async fn who_does_not_know_for_sure_checks_before_he_answers() {
    let office = Office::with_rules("s4").await;
    let id = office.registers(RECEPTION, json!({"product.name": "电热水器"})).await;
    let question =
        json!({"@queries": {"question": "内胆漏水是否在保修内", "whom": SALES, "due": "2026-11-02T11:00:00+08:00"}});
    let form = office.does(RECEPTION, id, "query", question).await;
    assert_eq!(form.lists["queries"][0].values["by"], json!(RECEPTION), "R71: what is not sure is put down");
    let mut result = told();
    result["settled_on_spot"] = json!(true);
    assert_eq!(office.refused(RECEPTION, id, "settle", result.clone()).await, "query_open", "R71: and not told yet");
    let offered = form.offers.iter().find(|offer| offer.act == "settle").unwrap();
    assert_eq!(serde_json::to_value(&offered.why).unwrap(), json!({"code": "query_open"}), "R71: the window says so");

    // Whom it asks sees it, although the form is none of his department's; nobody else does.
    assert_eq!(office.queue(SALES, "queried").await, [id], "R71: it waits for whom it asks");
    assert_eq!(office.queue(RECEPTION, "queried").await, [id], "R71: and who asked sees that it is open");
    let board = async |name: &str| {
        office.sits(name).await;
        office.desk.board().await.unwrap().queues.into_iter().any(|queue| queue.key == "queried")
    };
    assert!(!board(HANDLER).await, "R71: another department is left alone");
    let line = form.lists["queries"][0].id;
    let mut answer = json!({"strike": [line], "@queries": {"answer": "在，内胆保修六年"}});
    assert_eq!(office.refused(HANDLER, id, "query_answer", answer.clone()).await, "not_your_department");
    assert_eq!(
        office.refused(SALES, id, "query_answer", answer.clone()).await,
        "InvalidFields",
        "R71: on what it rests"
    );
    answer["@queries"]["source"] = json!("说明书第 21 页");
    let form = office.does(SALES, id, "query_answer", answer).await;
    let line = form.lists["queries"].iter().find(|line| !line.struck).unwrap();
    assert_eq!((&line.values["answered_by"], &line.values["by"]), (&json!(SALES), &json!(RECEPTION)), "R71");
    assert!(!board(SALES).await, "R71: nothing is open any more");
    let form = office.does(RECEPTION, id, "settle", result).await;
    assert_eq!(form.state, "informed", "R71: what is checked is told");
    let shown = serde_json::to_string(&form.timeline).unwrap();
    assert!(!shown.contains(&office.seat(SALES).await.to_string()), "people read names, not seats");
}

#[tokio::test]
async fn what_was_checked_once_is_known_to_everybody() {
    let office = Office::with_rules("s4").await;
    let entry = KnowledgeEntry {
        title: "内胆漏水在保修内吗".into(),
        answer: "在，内胆保修六年。".into(),
        category: "product_fault".into(),
        products: vec!["热水器".into()],
        source: "说明书第 21 页".into(),
        valid_until: Some("2026-11-30".parse().unwrap()),
        ..Default::default()
    };
    office.sits(RECEPTION).await;
    let denied = office.desk.save_knowledge(entry.clone()).await.unwrap_err();
    assert_eq!(denied.code, Code::Denied, "R71: not everybody says what is checked");
    office.sits(RECORDS).await;
    let saved = office.desk.save_knowledge(entry).await.unwrap().entries.remove(0);
    assert_eq!((saved.verified_by.as_str(), saved.version), (RECORDS, 1), "R71: who verified it is named");

    office.sits(RECEPTION).await;
    let asked = |query: &str, values| KnowledgeRequest {
        query: query.into(),
        values: serde_json::from_value(values).unwrap(),
        all: false,
    };
    let form = json!({"kind": "complaint", "category": "product_fault", "product.name": "电热水器"});
    let shown = office.desk.knowledge(asked("", form.clone())).await.unwrap();
    assert_eq!(
        (shown.suggested.as_slice(), shown.stale.len()),
        (&[saved.id][..], 0),
        "R71: what fits the form comes first"
    );
    for (query, found) in [("内胆 六年", 1), ("loushui", 1), ("rsq", 1), ("压缩机", 0)] {
        let shown = office.desk.knowledge(asked(query, json!({}))).await.unwrap();
        assert_eq!(shown.entries.len(), found, "R71: {query}");
    }

    office.at("2026-12-01T08:30");
    let shown = office.desk.knowledge(asked("", form.clone())).await.unwrap();
    assert_eq!(shown.stale, [saved.id], "R71: past its day it does not count as checked");
    office.sits(SUPERVISOR).await;
    let again = KnowledgeEntry { answer: "在，内胆保修八年。".into(), ..saved.clone() };
    let refused = office.desk.save_knowledge(again.clone()).await.unwrap_err();
    assert_eq!(refused.fields[0].field, "valid_until", "R71: verifying anew needs a new day");
    let again = KnowledgeEntry { valid_until: None, ..again };
    office.desk.save_knowledge(again.clone()).await.unwrap();
    assert_eq!(office.desk.save_knowledge(again.clone()).await.unwrap_err().code, Code::NothingChanged);
    let retired = KnowledgeEntry { retired: true, ..again };
    let all = office.desk.save_knowledge(retired).await.unwrap();
    assert_eq!((all.entries[0].version, all.entries[0].verified_by.as_str()), (3, SUPERVISOR));
    assert!(office.desk.knowledge(asked("", form)).await.unwrap().entries.is_empty(), "R71: put away, not gone");
    let versions = office.desk.knowledge_versions(saved.id).await.unwrap();
    let told: Vec<_> = versions.iter().map(|v| (v.entry.version, v.member.as_str(), v.entry.answer.as_str())).collect();
    let expected = [
        (3, SUPERVISOR, "在，内胆保修八年。"),
        (2, SUPERVISOR, "在，内胆保修八年。"),
        (1, RECORDS, "在，内胆保修六年。"),
    ];
    assert_eq!(told, expected, "R71: every version stays");
    assert_eq!(
        office
            .desk
            .check_knowledge(&KnowledgeEntry { answer: "请打 13800138021".into(), ..versions[0].entry.clone() })
            .personal,
        ["answer"],
        "R120: a customer's number is noticed"
    );
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}
