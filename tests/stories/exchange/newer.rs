//! A desk whose program knows less works on a form that a newer one filled, by the acts that it has: nothing of it is lost.

use std::collections::BTreeMap;

use chrono::Utc;
use kefu_app::wire::ActRequest;
use kefu_domain::change::kind;
use kefu_domain::decide::Draft;
use kefu_domain::{Line, Values};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::World;

#[tokio::test]
async fn an_older_desk_works_on_a_form_of_a_newer_one_and_no_field_is_lost() {
    let mut world = World::new().await;
    let (newer, older) = (world.desk("A1").await, world.desk("B1").await);
    // What an upgrade by the newer program says of its act; an older one knows nothing of it.
    let act = "INSERT INTO kefu.acts (kind, act, roles, archived, assigns, handles, spares, asks, once) \
               VALUES ('form', 'teleport', '{reception}', '{}', false, false, '{}', false, false)";
    world.server.sql("kefu", act);
    let form = newer.register(json!({"customer.name": "陈秀英"})).await;
    let field = |nth: usize| match nth % 4 {
        0 => json!(nth),
        1 => json!({"deep": [nth, null, {"er": "月球"}]}),
        2 => json!(["甲", true]),
        _ => json!("全息".repeat(nth)),
    };
    let unknown: Values = (0..40).map(|nth| (format!("x.{nth}"), field(nth))).collect();
    let values: BTreeMap<String, Value> = [("x.column".to_owned(), json!({"to": "moon"}))].into();
    let line = Line { id: Uuid::now_v7(), values, struck: false };
    let store = newer.store().await;
    let mut door = store.door(Utc::now().fixed_offset()).await.unwrap();
    let mut draft = Draft::new(form, kind::FORM, "teleport").setting(unknown.clone());
    draft.add.insert("x.lines".into(), vec![line.clone()]);
    door.write(draft, newer.seat.member).await.unwrap();
    door.commit().await.unwrap();
    store.close().await;
    newer.sync().await;
    older.sync().await;

    older.correct(form, json!({"product.name": "热水器", "product.model": "JSQ30-K"})).await;
    let note =
        json!({"id": form, "act": "note", "values": {}, "add": {"process": [{"note": "客户在家"}]}, "strike": []});
    older.desk.act(serde_json::from_value::<ActRequest>(note).unwrap()).await.unwrap();
    older.sync().await;
    newer.sync().await;
    let late = world.desk("C1").await;
    late.sync().await;
    for machine in [&newer, &older, &late] {
        let store = machine.store().await;
        let record = store.record(form).await.unwrap().unwrap();
        store.close().await;
        let lost: Vec<&String> =
            unknown.iter().filter(|(key, value)| record.get(key) != Some(*value)).map(|(key, _)| key).collect();
        assert_eq!(lost, Vec::<&String>::new());
        assert_eq!(record.lists["x.lines"], std::slice::from_ref(&line));
        let texts = ["customer.name", "product.name", "product.model"].map(|key| record.text(key));
        assert_eq!(texts, [Some("陈秀英"), Some("热水器"), Some("JSQ30-K")]);
        assert!(record.lists["process"].iter().any(|line| line.values["note"] == "客户在家"), "{:?}", record.lists);
        assert!(machine.desk.conflicts().await.unwrap().iter().all(|conflict| conflict.id != form));
        machine.sound().await;
    }
}
