//! S0: customer communication: every route leads to one form, everything is recorded at once, results come back in time.

use kefu_app::wire::{CheckChannelRequest, Filter, ListRequest, Routine, SaveChannelRequest, SortKey};
use serde_json::json;

use crate::office::*;

#[tokio::test]
async fn every_channel_leads_to_the_same_form() {
    let office = Office::with_rules("s2").await;
    let channels = ["hotline", "online_chat", "email", "wechat", "weibo", "visit"];
    for (nth, channel) in channels.into_iter().enumerate() {
        let ring_count = if channel == "hotline" { json!(1) } else { json!(null) };
        let over = json!({"channel": channel, "customer.phone": format!("1380013{nth:04}"), "ring_count": ring_count});
        office.registers(RECEPTION, over).await;
    }
    let request = |filter| ListRequest { filter, sort: SortKey::ReceivedAt, descending: true, offset: 0, limit: 50 };
    let all = office.desk.list(request(Filter::default())).await.unwrap();
    assert_eq!(all.total, 6, "R9, R17–R22: one form for every channel");
    let mail = Filter { channels: vec!["email".into()], ..Default::default() };
    assert_eq!(office.desk.list(request(mail)).await.unwrap().total, 1, "R31: and counted by channel");
}

#[tokio::test]
async fn recorded_at_once_and_told_in_time() {
    let office = Office::with_rules("s2").await;
    let id = office.registers(RECEPTION, json!({"category": "attitude"})).await;
    let form = office.sees(RECEPTION, id).await;
    for key in ["customer.name", "customer.phone", "received_at", "registered_at"] {
        assert!(!text(&form, key).is_empty(), "R25–R28: {key} is recorded");
    }
    let members = office.desk.members().await.unwrap().members;
    assert!(members.iter().all(|m| !m.department.is_empty()), "R1: everyone has a department and a post");
    let mut result = told();
    result["settled_on_spot"] = json!(true);
    let form = office.does(RECEPTION, id, "settle", result).await;
    assert_eq!(text(&form, "outcome.told_means"), "phone", "R68, R69: the result is fed back, with when and how");
    assert_eq!(text(&form, "outcome.reaction"), "接受", "R35: and how the customer took it");
}

#[tokio::test]
async fn the_channels_are_checked_regularly() {
    let office = Office::with_rules("s2").await;
    office.sits(SUPERVISOR).await;
    let suggested = office.desk.suggest_channels().await.unwrap();
    for row in suggested.rows.iter().filter(|row| row.routine.every.is_some()) {
        assert_eq!(row.due.as_deref(), Some("2026-11-09"), "R23: {} once a working week", row.code);
    }
    let routine = Routine { every: Some(1), who: COLLEAGUE.into(), how: "从官网发一条消息".into() };
    office.desk.save_channel(SaveChannelRequest { code: "online_chat".into(), routine }).await.unwrap();

    office.at("2026-11-03T10:00");
    office.sits(COLLEAGUE).await;
    let due = async || {
        let board = office.desk.board().await.unwrap();
        board.queues.into_iter().find(|queue| queue.key == "channels").map(|queue| (queue.count, queue.overdue))
    };
    assert_eq!(due().await, Some((1, 0)), "R23: who is asked is told on the day");
    let found = CheckChannelRequest {
        code: "online_chat".into(),
        result: "fault".into(),
        note: "五分钟没有应答".into(),
        follow_up: "增派一人值守".into(),
    };
    let after = office.desk.check_channel(found).await.unwrap();
    let chat = after.rows.into_iter().find(|row| row.code == "online_chat").unwrap();
    let fault = chat.fault.unwrap();
    assert_eq!(
        (fault.by.as_str(), fault.follow_up.as_str()),
        (COLLEAGUE, "增派一人值守"),
        "R23: logged, and it stands"
    );
    assert_eq!(due().await, Some((0, 0)));
    office.at("2026-11-06T10:00");
    assert_eq!(due().await, Some((1, 1)), "R23: and what was left undone shows");
}
