//! S1: after-sales service rules, variant (1): answered within two hours, done within twenty-four.

use serde_json::json;

use crate::office::*;

#[tokio::test]
async fn two_hours_and_twenty_four_by_the_clock_on_the_wall() {
    let office = Office::with_rules("s1").await;
    office.at("2026-11-20T17:30"); // a Friday
    let id = office.registers(RECEPTION, json!({"kind": "repair"})).await;
    let form = office.sees(RECEPTION, id).await;
    assert_eq!(due(&form, "response"), "2026-11-20T19:30", "R51: a response within two hours, after closing too");
    assert_eq!(due(&form, "done"), "2026-11-21T17:30", "R52: done within twenty-four hours, Saturday or not");

    office.at("2026-11-20T19:00");
    let form = office.sees(RECEPTION, id).await;
    let response = form.clocks.iter().find(|c| c.id == "response").unwrap();
    assert!(!response.overdue && response.share.unwrap() > 0.7, "R62: progress is followed live");
    office.at("2026-11-20T19:31");
    assert_eq!(office.queue(SUPERVISOR, "overdue").await, [id], "R62: who is late is seen at once");
    let form = office.does(RECEPTION, id, "pass_on", json!({})).await;
    let response = form.clocks.iter().find(|c| c.id == "response").unwrap();
    assert!(response.stopped.is_some() && response.overdue, "R51: late stays late");

    office.does(RECORDS, id, "dispatch", to_technics(&office).await).await;
    office.does(HANDLER, id, "accept", json!({})).await;
    office.at("2026-11-21T09:00");
    office.does(HANDLER, id, "suspend", json!({"suspension": "waiting_customer"})).await;
    office.at("2026-11-21T21:00");
    let form = office.does(HANDLER, id, "resume", json!({})).await;
    assert_eq!(due(&form, "done"), "2026-11-22T05:30", "R52: waiting for the customer is credited, to the minute");
}

#[tokio::test]
async fn customer_and_product_are_known_and_the_right_one_is_sent() {
    let office = Office::with_rules("s1").await;
    office.at("2026-11-02T09:00");
    let product = json!({
        "kind": "repair", "category": "installation", "product.model": "DSZF-60", "product.serial": "SN20250615001",
        "product.purchased_on": "2025-06-15", "product.installed_on": "2025-06-20",
    });
    let id = office.registers(RECEPTION, product).await;
    let form = office.sees(RECEPTION, id).await;
    assert_eq!(text(&form, "product.serial"), "SN20250615001", "R32: product and dates are registered");
    assert_eq!(text(&form, "category"), "installation", "R37–R39: 技术支持 is divided into what was asked for");
    office.does(RECEPTION, id, "pass_on", json!({})).await;
    let form = office.does(RECORDS, id, "dispatch", to_technics(&office).await).await;
    assert_eq!(form.course.holder, HANDLER, "R42, R43: assigned to a department and to a person");
    let note = json!({"@process": {"action": "电话指导", "note": "客户已按指导复位"}});
    office.does(HANDLER, id, "accept", json!({})).await;
    let form = office.does(HANDLER, id, "note", note).await;
    assert_eq!(form.lists["process"][0].values["who"], json!(HANDLER), "R30, R75: every exchange is kept");
}
