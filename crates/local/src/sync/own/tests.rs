//! What became of a batch is noted the same, whether its envelopes follow one another or stand alone.

use super::*;
use chrono::{DateTime, Utc};
use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_vault::DatabaseKey;
use serde_json::json;

use crate::{DeviceInfo, Store};

/// The envelope with this number, as what became of it is told.
fn settled(sealed: &[Sealed], device: Uuid, number: u64, fate: Fate) -> Settled {
    let one = &sealed[number as usize - 1];
    let digest = one.envelope.as_ref().unwrap().digest;
    Settled { change: one.change, device, seq: number, digest, at: Stamp { ms: number, n: 0, device }, fate }
}

type Row = (i64, i64, bool, bool, i64);

/// Of each own envelope: status, place, whether it was accepted once, whether keys wait with it, whether its change counts.
async fn rows(exchange: &mut Exchange) -> Vec<Row> {
    let sql = "SELECT e.status, e.at, e.again, e.wraps IS NOT NULL, c.standing FROM envelopes e \
               JOIN changes c ON c.place = e.place ORDER BY e.seq";
    sqlx::query_as(sql).fetch_all(exchange.connection().unwrap()).await.unwrap()
}

#[tokio::test]
async fn what_became_of_a_batch_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let device = Uuid::now_v7();
    let info = DeviceInfo { id: device, code: "T1".into() };
    let store = Store::create(folder.path(), &DatabaseKey::random().unwrap(), info).await.unwrap();
    let mut sealed = Vec::new();
    for number in 1..=6 {
        let mut door = store.door(DateTime::<Utc>::UNIX_EPOCH.fixed_offset()).await.unwrap();
        let values = [("description".to_string(), json!("漏水"))].into();
        let draft = Draft::new(Uuid::now_v7(), kind::FORM, act::REGISTER).setting(values);
        let change = door.write(draft, Uuid::nil()).await.unwrap().id;
        door.commit().await.unwrap();
        let envelope =
            SealedEnvelope { seq: number, digest: [number as u8; 32], bare: vec![1], wraps: Some(b"[]".to_vec()) };
        sealed.push(Sealed { place: number as i64, number, change, had: None, envelope: Some(envelope) });
    }
    let mut exchange = store.exchange().await.unwrap();
    assert!(exchange.put_sealed(&sealed).await.unwrap().is_empty());
    let waits: Row = (status::MINE, 0, false, true, 1);
    let there = |at| (status::THERE, at, true, false, 1);
    assert_eq!(rows(&mut exchange).await, [waits; 6]);

    let accepted = |number: u64, at: u64| settled(&sealed, device, number, Fate::Accepted(at));
    let refused = settled(&sealed, device, 4, Fate::Refused("role".into()));
    let all = [accepted(1, 10), accepted(2, 11), accepted(3, 12), refused, accepted(5, 14)];
    exchange.settle(&all).await.unwrap();
    let without = (status::REFUSED, 0, false, true, 0);
    assert_eq!(rows(&mut exchange).await, [there(10), there(11), there(12), without, there(14), waits]);
    assert_eq!(exchange.position().await.unwrap().acknowledged, 5);

    // Of another queue, or of another device: none of these.
    let mut others = vec![accepted(5, 30), accepted(6, 31)];
    others[1].digest = [9; 32];
    exchange.settle(&others[1..]).await.unwrap();
    let another = Uuid::now_v7();
    let foreign = [accepted(5, 40), accepted(6, 41)].map(|one| Settled { device: another, ..one });
    exchange.settle(&foreign).await.unwrap();
    assert_eq!(
        exchange.position().await.unwrap().acknowledged,
        5,
        "what others sent is not acknowledged to this device"
    );
    exchange.settle(&others).await.unwrap();
    assert_eq!(rows(&mut exchange).await[4..], [there(30), there(41)], "the last is not what was sent, the other is");

    // What was refused is taken after all, and counts again.
    exchange.settle(&[accepted(4, 50), accepted(5, 51), accepted(6, 52)]).await.unwrap();
    let all = [there(10), there(11), there(12), there(50), there(51), there(52)];
    assert_eq!(rows(&mut exchange).await, all);
    assert_eq!(exchange.position().await.unwrap().acknowledged, 6);
    exchange.commit().await.unwrap();
    store.close().await;
}
