//! What the stories of return visits share: requests, a complaint that was handled and closed, the list.

use kefu_app::wire::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::office::Office;

pub fn values(value: Value) -> kefu_domain::Values {
    serde_json::from_value(value).unwrap()
}

pub fn request(id: Uuid, act: &str, given: Value) -> VisitActRequest {
    let mut given = values(given);
    let reason = given.remove("reason").map(|r| r.as_str().unwrap().to_string()).unwrap_or_default();
    let line = given.remove("line").map(|line| serde_json::from_value(line).unwrap());
    let strike = given.remove("strike").map(|id| id.as_str().unwrap().parse().unwrap());
    VisitActRequest { id, act: act.into(), values: given, line, strike, reason }
}

pub fn record(id: Uuid, over: Value) -> RecordVisitRequest {
    let mut all = json!({"means": "phone", "answer.solved": "yes", "answer.overall": "satisfied"});
    all.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
    RecordVisitRequest { id, values: values(all), ..Default::default() }
}

/// A complaint that 周工 handled, closed on Friday 2026-11-20.
pub async fn closed(office: &Office, over: Value) -> Uuid {
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
pub async fn goes_round(office: &Office, id: Uuid) {
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

pub async fn list(office: &Office, filter: VisitFilter) -> Vec<VisitRow> {
    let page = office.desk.visits(VisitsRequest { filter, visitor: None, offset: 0, limit: 50 }).await.unwrap();
    assert_eq!(page.rows.len() as u32, page.total);
    let code = serde_json::to_value(filter).unwrap();
    assert_eq!(page.counts[code.as_str().unwrap()], page.total, "{filter:?}");
    page.rows
}
