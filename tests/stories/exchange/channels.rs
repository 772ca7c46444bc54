//! Checks of the channels (R23) on several devices: what two desks logged stands on both, and a technician has no hand in it.

use chrono::Utc;
use kefu_app::wire::*;
use kefu_domain::change::{act, kind};
use kefu_domain::channels::{CHECKS, record_id};
use kefu_domain::decide::Draft;
use kefu_domain::{Line, Values};
use serde_json::json;
use uuid::Uuid;

use crate::stage::{Machine, World};

async fn checks(machine: &Machine, code: &str, result: &str, note: &str) {
    let request = json!({"code": code, "result": result, "note": note});
    machine.desk.check_channel(serde_json::from_value(request).unwrap()).await.unwrap();
}

async fn log(machine: &Machine, code: &str) -> Vec<String> {
    let request = ChannelLogRequest { code: code.into(), before: None, limit: 50 };
    let mut notes: Vec<String> =
        machine.desk.channel_log(request).await.unwrap().checks.into_iter().map(|check| check.note).collect();
    notes.sort();
    notes
}

#[tokio::test]
async fn two_desks_log_to_one_channel_and_a_technician_to_none() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let phone = world.technician(&one, "F1", "周工").await;
    // Cut off from each other they set up the same and check on the same day.
    for (machine, result, note) in [(&one, "normal", "两声接起"), (&two, "fault", "占线")] {
        machine.desk.suggest_channels().await.unwrap();
        checks(machine, "hotline", result, note).await;
    }
    for machine in [&one, &two, &one] {
        machine.sync().await;
    }
    for machine in [&one, &two] {
        assert_eq!(log(machine, "hotline").await, ["两声接起", "占线"], "R23: both stand");
        assert_eq!(machine.desk.conflicts().await.unwrap(), [], "who says the same agrees");
        let hotline =
            machine.desk.channels().await.unwrap().rows.into_iter().find(|row| row.code == "hotline").unwrap();
        assert_eq!(hotline.fault.unwrap().note, "占线", "R23: the later of the two found it");
    }

    // A program that asks nobody: a technician's device is given nothing of it, and has no key to write to it.
    let store = phone.store().await;
    let mut door = store.door(Utc::now().fixed_offset()).await.unwrap();
    let mut forged = Draft::new(record_id("hotline"), kind::CHANNEL, act::CHECK_CHANNEL);
    let values: Values =
        serde_json::from_value(json!({"at": Utc::now().to_rfc3339(), "result": "normal", "note": "好了"})).unwrap();
    forged.add.insert(CHECKS.into(), vec![Line { id: Uuid::now_v7(), values, struck: false }]);
    let every: Values = serde_json::from_value(json!({"every": 60})).unwrap();
    let stretched = Draft::new(record_id("weibo"), kind::CHANNEL, act::CONFIGURE).setting(every);
    for draft in [forged, stretched] {
        door.write(draft, phone.seat.member).await.unwrap();
    }
    door.commit().await.unwrap();
    store.close().await;
    phone.sync().await;
    let refused: Vec<(String, String)> =
        phone.desk.refused_changes().await.unwrap().into_iter().map(|one| (one.act, one.code)).collect();
    for act in [act::CHECK_CHANNEL, act::CONFIGURE] {
        assert!(refused.contains(&(act.to_string(), "no_key".to_string())), "{act}: {refused:?}");
    }
    one.sync().await;
    assert_eq!(log(&one, "hotline").await, ["两声接起", "占线"]);
    assert_eq!(log(&phone, "hotline").await, ["好了"], "what desks found is no matter of his");
    for machine in [&one, &two, &phone] {
        machine.sound().await;
    }
}
