//! The indexes follow the log: merged once the writing pauses, and taken up again where a crash left them.

use super::*;
use chrono::{DateTime, Utc};
use kefu_domain::change::act;
use kefu_domain::decide::Draft;
use kefu_vault::DatabaseKey;
use serde_json::json;

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
