//! The indexes follow the log: merged once the writing pauses, and taken up again where a crash left them.

use super::*;
use chrono::{DateTime, Utc};
use kefu_domain::Change;
use kefu_domain::change::act;
use kefu_domain::decide::Draft;
use kefu_vault::DatabaseKey;
use serde_json::json;

use crate::sync::{Alone, Exchange, Intake, Received};
use crate::{DeviceInfo, Store};

async fn store(folder: &std::path::Path, key: &DatabaseKey) -> Store {
    Store::create(folder, key, DeviceInfo { id: Uuid::now_v7(), code: "T1".into() }).await.unwrap()
}

async fn register(store: &Store, description: String) {
    let mut door = store.door(DateTime::<Utc>::UNIX_EPOCH.fixed_offset()).await.unwrap();
    let values = [("description".to_string(), json!(description))].into();
    let draft = Draft::new(Uuid::now_v7(), kind::FORM, act::REGISTER).setting(values);
    door.write(draft, Uuid::nil()).await.unwrap();
    door.commit().await.unwrap();
}

/// Guards that the index does not grow by a segment per form for ever, and that merging loses nothing.
#[tokio::test]
async fn segments_are_merged_once_the_writing_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), &DatabaseKey::random().unwrap()).await;
    for nth in 0..30 {
        register(&store, format!("第 {nth} 次漏水")).await;
        assert_eq!(
            store.find("漏水", 100, Uuid::nil()).await.unwrap().0.rows.len(),
            nth + 1,
            "a reader waits for the index"
        );
    }
    let segments = async || {
        let sql = "SELECT count(DISTINCT segid) FROM search_idx";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&store.readers).await.unwrap()
    };
    let mut rounds = 0;
    while segments().await > 8 {
        rounds += 1;
        assert!(rounds < 200, "{} segments are left", segments().await);
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(store.find("漏水", 100, Uuid::nil()).await.unwrap().0.rows.len(), 30);
    store.close().await;
}

/// Guards that a crash between a change and its indexing loses nothing from lists and searches.
#[tokio::test]
async fn indexes_go_on_where_a_crash_left_them() {
    let folder = tempfile::tempdir().unwrap();
    let key = DatabaseKey::random().unwrap();
    let crashed = store(folder.path(), &key).await;
    for nth in 0..300 {
        register(&crashed, format!("第 {nth} 次漏水")).await;
    }
    // Whatever the task had done by then is undone, as if the machine had stopped right after the last commit.
    let mut writer = crashed.writer.lock().await;
    for sql in
        ["DELETE FROM forms", "INSERT INTO search (search) VALUES ('delete-all')", "UPDATE indexed SET place = 0"]
    {
        sqlx::query(sql).execute(writer.connection().unwrap()).await.unwrap();
    }
    let opened = Store::open(folder.path(), &key).await.unwrap();
    drop(writer);
    assert_eq!(opened.find("漏水", 500, Uuid::nil()).await.unwrap().0.rows.len(), 300);
    assert!(opened.verify().await.unwrap().findings.is_empty());
    opened.close().await;
    crashed.close().await;
}

/// Changes of another desk as an exchange brings them, from the log of its store.
async fn brought(store: &Store, after: i64) -> Vec<Received> {
    let sql = "SELECT place, bytes FROM changes WHERE place > ? ORDER BY place";
    let rows = sqlx::query(sql).bind(after).fetch_all(&store.readers).await.unwrap();
    let received = |row: &sqlx::sqlite::SqliteRow| {
        let (place, bytes): (i64, Vec<u8>) = (row.get(0), row.get(1));
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&place.to_be_bytes());
        Received {
            at: place as u64,
            digest,
            device: store.device().id,
            seq: place as u64,
            key: [7; 16],
            assignees: Vec::new(),
            change: Change::decode(&bytes).unwrap(),
            bytes,
            bare: Vec::new(),
        }
    };
    rows.iter().map(received).collect()
}

async fn taken(exchange: &mut Exchange, received: Vec<Received>, by: &By) {
    let alone = Alone::of(&received, Some(by));
    exchange.take(Intake { received, alone, ..Intake::default() }).await.unwrap();
}

/// Guards that what comes by the thousand is in the indexes with the commit that brings it, and that an entry which was
/// made ahead is not entered once its record is another, be it in the same transaction.
#[tokio::test]
async fn what_comes_by_the_thousand_is_indexed_with_its_commit() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let key = DatabaseKey::random().unwrap();
    let (there, here) = (store(folders[0].path(), &key).await, store(folders[1].path(), &key).await);
    let many = AT_ONCE as usize;
    for nth in 0..many {
        register(&there, format!("第 {nth} 次漏水")).await;
    }
    let (first, by) = (brought(&there, 0).await, here.indexed_by().await.unwrap());
    let changed = first[0].change.record;
    let mut door = there.door(DateTime::<Utc>::UNIX_EPOCH.fixed_offset()).await.unwrap();
    let values = [("description".to_string(), json!("显示屏不亮"))].into();
    door.write(Draft::new(changed, kind::FORM, act::CORRECT).setting(values), Uuid::nil()).await.unwrap();
    door.commit().await.unwrap();
    let then = brought(&there, many as i64).await;

    let mut exchange = here.exchange().await.unwrap();
    taken(&mut exchange, first, &by).await;
    taken(&mut exchange, then, &by).await;
    exchange.commit().await.unwrap();
    assert_eq!(here.progress.behind(), 0, "nobody has to wait for the index");
    let found = async |typed: &str| here.find(typed, 2000, Uuid::nil()).await.unwrap().0.rows;
    assert_eq!(found("漏水").await.len(), many - 1);
    assert_eq!(found("显示屏").await.iter().map(|row| row.id).collect::<Vec<_>>(), [changed]);
    assert!(here.verify().await.unwrap().findings.is_empty());
    there.close().await;
    here.close().await;
}

/// Guards that what cannot be indexed keeps nothing from the log: it is taken in, and the indexes wait.
#[tokio::test]
async fn what_cannot_be_indexed_is_taken_in() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let key = DatabaseKey::random().unwrap();
    let (there, here) = (store(folders[0].path(), &key).await, store(folders[1].path(), &key).await);
    for nth in 0..AT_ONCE {
        register(&there, format!("第 {nth} 次漏水")).await;
    }
    let mut writer = here.writer.lock().await;
    sqlx::query("ALTER TABLE parties RENAME TO away").execute(writer.connection().unwrap()).await.unwrap();
    drop(writer);
    let mut exchange = here.exchange().await.unwrap();
    taken(&mut exchange, brought(&there, 0).await, &here.indexed_by().await.unwrap()).await;
    exchange.commit().await.unwrap();
    assert_eq!(here.progress.behind(), AT_ONCE);

    let mut writer = here.writer.lock().await;
    sqlx::query("ALTER TABLE away RENAME TO parties").execute(writer.connection().unwrap()).await.unwrap();
    drop(writer);
    assert_eq!(here.find("漏水", 2000, Uuid::nil()).await.unwrap().0.rows.len(), AT_ONCE as usize);
    assert!(here.verify().await.unwrap().findings.is_empty());
    there.close().await;
    here.close().await;
}
