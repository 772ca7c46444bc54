//! S3: an operator's service rules: working days, identity, supervision, and law above the house's own rules.

use serde_json::json;

use crate::office::*;

#[tokio::test]
async fn working_days_over_the_national_holiday() {
    let office = Office::with_rules("s3").await;
    office.at("2026-09-30T17:00");
    let consult = json!({"kind": "consult", "category": "product_consult", "received_at": "2026-09-30T17:00:00+08:00"});
    let id = office.registers(RECEPTION, consult).await;
    let form = office.sees(RECEPTION, id).await;
    let dues: Vec<&str> = form.clocks.iter().filter_map(|c| c.due.as_deref()).collect();
    assert!(
        dues.iter().any(|due| due.starts_with("2026-10-08") || due.starts_with("2026-10-09T00:00")),
        "R53: {dues:?}"
    );

    office.at("2026-10-09T10:00");
    let id = office.registers(RECEPTION, json!({"received_at": "2026-10-09T10:00:00+08:00"})).await;
    let form = office.sees(RECEPTION, id).await;
    let dues: Vec<&str> = form.clocks.iter().filter_map(|c| c.due.as_deref()).collect();
    // The working Saturday counts: Friday the 9th, then the 10th and Monday the 12th.
    assert!(
        dues.iter().any(|due| due.starts_with("2026-10-12") || due.starts_with("2026-10-13T00:00")),
        "R54: {dues:?}"
    );
}

#[tokio::test]
async fn law_outranks_the_house_and_rules_have_an_issuer_and_a_day() {
    let office = Office::with_rules("s3").await;
    office.sits(ADMIN).await;
    let rules = office.desk.rules().await.unwrap();
    let set = rules.sets.iter().find(|set| set.id == "s3").unwrap();
    assert_eq!(set.approver, SUPERVISOR, "R15: rules have an approver");
    assert_eq!(set.effective_from.to_string(), "2026-01-06", "R15: and an effective date");
    let refund = json!({
        "kind": "return", "category": "product_quality", "demands": ["return", "refund"],
        "product.purchased_on": "2026-10-30", "channel": "app",
    });
    let id = office.registers(RECEPTION, refund).await;
    let form = office.sees(RECEPTION, id).await;
    assert!(!form.statutory.is_empty(), "R14: what the law says stands on the form");
    assert!(form.statutory.iter().all(|hint| !hint.article.is_empty()), "R14: and names the article");
}

#[tokio::test]
async fn identity_is_confirmed_and_the_complainant_knows_the_procedure() {
    let office = Office::with_rules("s3").await;
    let id = office.registers(RECEPTION, json!({})).await;
    let form = office.does(RECEPTION, id, "verify_identity", json!({"identity": "order_number"})).await;
    assert_eq!(text(&form, "identity_by"), RECEPTION, "R33, R79: identity confirmed, with who and how");
    let form = office.does(RECEPTION, id, "pass_on", json!({"reply_by": "2026-11-03T18:00:00+08:00"})).await;
    assert_eq!(form.values["informed"], json!(true), "R33: told how the procedure runs");
    assert_eq!(due(&form, "reply_by").is_empty(), form.clocks.iter().all(|c| c.id != "reply_by"), "R57");

    let wrong = json!({"@disclosures": {"recipient": "第三方物流", "purpose": "上门取件"}});
    assert_eq!(
        office.refused(RECEPTION, id, "disclose", wrong.clone()).await,
        "no_consent",
        "R121: not without consent"
    );
    office.does(RECEPTION, id, "consent", json!({"consents": {"disclosure": "2026-11-02T08:30:00+08:00"}})).await;
    let form = office.does(RECEPTION, id, "disclose", wrong.clone()).await;
    assert_eq!(form.lists["disclosures"].len(), 1, "R121: logged with recipient and purpose");
    office.does(RECEPTION, id, "withdraw_consent", json!({"consent": "disclosure"})).await;
    assert_eq!(office.refused(RECEPTION, id, "disclose", wrong).await, "no_consent", "R121: consent can be withdrawn");
}

#[tokio::test]
async fn the_supervisor_looks_in_and_has_faults_put_right() {
    let office = Office::with_rules("s3").await;
    let id = office.registers(RECEPTION, json!({})).await;
    let form = office.does(SUPERVISOR, id, "escalate", json!({"escalation.level": 2, "reason": "涉及安全"})).await;
    assert_eq!(form.course.level, 2, "R7: supervised and escalated");
    let measure =
        json!({"@measures": {"type": "preventive", "content": "复核话术", "owner": RECEPTION, "due": "2026-11-10"}});
    office.does(SUPERVISOR, id, "measure_add", measure).await;
    assert_eq!(office.queue(SUPERVISOR, "measures").await, [id], "R7: open measures stay in sight");
}
