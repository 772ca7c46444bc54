//! Changes are given in their order, each with its record as it stood after it, whatever became of the change meanwhile.

use super::*;
use chrono::{DateTime, Utc};
use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_vault::DatabaseKey;
use serde_json::json;
use uuid::Uuid;

use crate::{DeviceInfo, Store};

async fn write(store: &Store, record: Uuid, act: &'static str, description: &str) {
    let mut door = store.door(DateTime::<Utc>::UNIX_EPOCH.fixed_offset()).await.unwrap();
    let values = [("description".to_string(), json!(description))].into();
    door.write(Draft::new(record, kind::FORM, act).setting(values), Uuid::nil()).await.unwrap();
    door.commit().await.unwrap();
}

/// What is to be sealed, by parts of `limit`: numbers, and what the record said after each.
async fn seen(exchange: &mut Exchange, limit: usize) -> Result<Vec<(u64, String)>, StoreError> {
    let (mut reading, mut folding) = (Reading::of(100), exchange.folding().await?);
    let mut all = Vec::new();
    while let Some(part) = exchange.to_seal(&mut reading, limit).await? {
        let told = |record: &Record, _| record.text("description").unwrap_or_default().to_owned();
        all.extend(folding.see(part, told)?.into_iter().map(|one| (one.number, one.after)));
    }
    Ok(all)
}

/// Guards that one which does not count is sealed with the others, also where its record has no other, and that one which
/// cannot be read is told, not passed over.
#[tokio::test]
async fn none_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let info = DeviceInfo { id: Uuid::now_v7(), code: "T1".into() };
    let store = Store::create(folder.path(), &DatabaseKey::random().unwrap(), info).await.unwrap();
    let (one, two) = (Uuid::now_v7(), Uuid::now_v7());
    write(&store, one, act::REGISTER, "漏水").await;
    write(&store, two, act::REGISTER, "不热").await;
    write(&store, one, act::CORRECT, "不漏").await;
    let said = |number: u64, text: &str| (number, text.to_owned());
    for limit in [1, 2, 100] {
        let mut exchange = store.exchange().await.unwrap();
        let all = seen(&mut exchange, limit).await.unwrap();
        assert_eq!(all, [said(1, "漏水"), said(2, "不热"), said(3, "不漏")]);

        for (sql, after) in [("standing = 0 WHERE seq = 2", "漏水"), ("standing = 0 WHERE seq = 1", "")] {
            let sql = AssertSqlSafe(format!("UPDATE changes SET {sql}"));
            sqlx::query(sql).execute(exchange.connection().unwrap()).await.unwrap();
            let all = seen(&mut exchange, limit).await.unwrap();
            assert_eq!(all, [said(1, after), said(2, ""), said(3, "不漏")], "no record but what counts");
        }
        sqlx::query("UPDATE changes SET bytes = x'00' WHERE seq = 3")
            .execute(exchange.connection().unwrap())
            .await
            .unwrap();
        assert!(matches!(seen(&mut exchange, limit).await, Err(StoreError::Change(_))));
    }
    store.close().await;
}
