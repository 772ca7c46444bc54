//! What a newer program writes, on a desk that knows nothing of it: it edits beside it and gives all of it back.

use std::collections::BTreeMap;

use kefu_domain::change::{ENCODING, act};
use kefu_domain::{Change, Line};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{Kept, World};

/// The bytes of a change as a newer program encodes it, with members that nobody knows here: at the top, and in each field.
fn newer(change: &Change) -> Vec<u8> {
    let mut bytes = serde_json::to_value(change).unwrap();
    bytes["beam"] = json!({"to": "moon"});
    for setting in bytes["set"].as_object_mut().unwrap().values_mut() {
        setting["how"] = json!(["by", "voice"]);
    }
    serde_json::to_vec(&bytes).unwrap()
}

#[tokio::test]
async fn what_a_newer_program_wrote_is_edited_and_given_back_whole() {
    let mut world = World::new();
    let (author, older) = (world.desk("N1").await, world.desk("B1").await);
    let (form, other) = (Uuid::now_v7(), Uuid::now_v7());
    let registered =
        json!({"number": "KF-1", "customer.name": "陈秀英", "x.new": [1, {"deep": true}], "x.kept": "全息"});
    let mut all = vec![
        author.says(0, form, act::REGISTER, registered).await,
        author.says(1, form, "teleport", json!({"x.later": {"at": "月球"}})).await,
        author.says(2, other, "appear", json!({"x.only": 1})).await,
    ];
    all.iter_mut().for_each(|change| change.v = ENCODING + 1);
    let values: BTreeMap<String, Value> = [("x.column".to_owned(), json!("一行"))].into();
    let line = Line { id: Uuid::now_v7(), values, struck: false };
    all[1].add.insert("x.lines".into(), vec![line.clone()]);
    all[2].kind = "hologram".into();
    let mut written = Vec::new();
    for change in &all {
        written.push(world.plant(&author, change, &newer(change)).await);
    }
    let report = world.exchange(&older).await;
    assert_eq!(report.quarantined, 0, "{report:?}");

    // It edits what it knows, over the name that the newer one wrote.
    older.write(form, act::CORRECT, json!({"customer.name": "陈秀瑛", "product.name": "热水器"})).await;
    world.exchange(&older).await;
    // Of the shared database nothing is left, and the newer machine is lost: all there is comes from the older one.
    let before = std::mem::take(&mut *world.server.0.lock().unwrap()).rows.len();
    for _ in 0..2 {
        world.exchange(&older).await;
    }
    {
        let Kept { rows, .. } = &*world.server.0.lock().unwrap();
        assert_eq!(rows.len(), before);
        let there = |digest: &[u8; 32]| rows.iter().filter(|(out, _)| out.digest == *digest).count();
        assert_eq!(written.iter().map(there).collect::<Vec<_>>(), [1, 1, 1], "to the byte, or they were other digests");
    }

    let again = world.desk("N2").await;
    let report = world.exchange(&again).await;
    assert_eq!(report.quarantined, 0, "{report:?}");
    let record = again.desk.open().unwrap().store.record(form).await.unwrap().unwrap();
    let lost: Vec<&String> = all[..2]
        .iter()
        .flat_map(|change| &change.set)
        .filter(|(key, setting)| *key != "customer.name" && record.get(key) != Some(&setting.to))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(lost, Vec::<&String>::new());
    assert_eq!((record.text("customer.name"), record.text("product.name")), (Some("陈秀瑛"), Some("热水器")));
    assert_eq!(record.lists["x.lines"], [line]);
    assert!(record.fields.values().all(|cell| cell.rivals.is_empty()), "{record:?}");
    assert_eq!(older.desk.open().unwrap().store.record(form).await.unwrap().unwrap(), record);
    let unknown = again.desk.open().unwrap().store.record(other).await.unwrap().unwrap();
    assert_eq!((unknown.kind.as_str(), unknown.get("x.only")), ("hologram", Some(&json!(1))));
    let dump = again.desk.open().unwrap().store.dump().await.unwrap();
    let holds = |words: &[u8]| dump.windows(words.len()).any(|window| window == words);
    assert!(
        holds(br#""beam":{"to":"moon"}"#) && holds(br#"["by","voice"]"#),
        "members that nobody knows stay in the bytes"
    );
    for seated in [&older, &again] {
        seated.sound().await;
    }
}
