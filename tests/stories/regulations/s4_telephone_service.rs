//! S4: telephone service: three rings, transfers with a follower, promises, polite words.

use kefu_app::wire::ReplyRequest;
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
