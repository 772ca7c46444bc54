//! What the store promises: encrypted, whole or not at all, never over an existing one, and telling when it was touched.
#![allow(clippy::unwrap_used, reason = "tests")]

use kefu_domain::decide;
use kefu_local::{Finding, FormFilter, FormSort, KeptDraft, Store, StoreError};
use kefu_testkit::{SEAT, TempStore, now};
use kefu_vault::DatabaseKey;
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

/// Runs a statement on the file as somebody would who has stolen the key.
async fn tamper(desk: &TempStore, sql: &str) {
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(Store::path(desk.folder.path()))
        .pragma("key", format!("\"x'{}'\"", desk.key.hex().as_str()))
        .connect()
        .await
        .unwrap();
    sqlx::query(AssertSqlSafe(sql.to_string())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn with_forms(count: usize) -> TempStore {
    let desk = TempStore::new().await;
    for _ in 0..count {
        desk.register(json!({})).await;
    }
    assert_eq!(desk.store.verify().await.unwrap().findings, []);
    desk
}

#[tokio::test]
async fn the_file_is_encrypted_from_its_first_byte() {
    let desk = with_forms(2).await;
    let bytes = std::fs::read(Store::path(desk.folder.path())).unwrap();
    assert_ne!(&bytes[..15], b"SQLite format 3");
    let needles = ["陈秀英".as_bytes(), "火焰".as_bytes(), b"CREATE TABLE"];
    assert!(needles.iter().all(|needle| !bytes.windows(needle.len()).any(|w| w == *needle)));
}

#[tokio::test]
async fn a_wrong_key_opens_nothing_and_changes_nothing() {
    let TempStore { folder, store, .. } = with_forms(1).await;
    store.close().await;
    let before = std::fs::read(Store::path(folder.path())).unwrap();
    let other = DatabaseKey::random().unwrap();
    assert!(matches!(Store::open(folder.path(), &other).await, Err(StoreError::Unreadable)));
    let device = kefu_local::DeviceInfo { id: Uuid::nil(), code: "X".into() };
    assert!(matches!(Store::create(folder.path(), &other, device).await, Err(StoreError::Exists)));
    assert!(std::fs::read(Store::path(folder.path())).unwrap() == before, "the file was touched");
}

#[tokio::test]
async fn truncated_and_flipped_files_are_refused_or_named() {
    let TempStore { folder, store, key } = with_forms(40).await;
    store.close().await;
    let path = Store::path(folder.path());
    let whole = std::fs::read(&path).unwrap();
    for (damage, cut) in [(whole[..whole.len() / 2].to_vec(), true), (whole.clone(), false)] {
        let mut damaged = damage;
        if !cut {
            // the middle of some page in the middle of the file
            let at = damaged.len() / 2 / 4096 * 4096 + 2000;
            damaged[at] ^= 0x10;
        }
        std::fs::write(&path, &damaged).unwrap();
        let told = match Store::open(folder.path(), &key).await {
            Err(error) => matches!(error, StoreError::Unreadable),
            Ok(store) => {
                let told = match store.verify().await {
                    Ok(verified) => !verified.findings.is_empty(),
                    Err(error) => matches!(error, StoreError::Unreadable),
                };
                store.close().await;
                told
            }
        };
        assert!(told, "cut: {cut}");
    }
    std::fs::write(&path, b"").unwrap();
    assert!(Store::open(folder.path(), &key).await.is_err(), "an empty file is no desk");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0, "and is left as it was");
}

#[tokio::test]
async fn a_newer_schema_is_left_untouched() {
    let desk = with_forms(1).await;
    tamper(&desk, "INSERT INTO _sqlx_migrations VALUES (9999, 'future', '2030-01-01', 1, x'00', 0)").await;
    let TempStore { folder, store, key } = desk;
    store.close().await;
    let before = std::fs::read(Store::path(folder.path())).unwrap();
    assert!(matches!(Store::open(folder.path(), &key).await, Err(StoreError::Newer)));
    assert!(std::fs::read(Store::path(folder.path())).unwrap() == before, "the file was touched");
}

#[tokio::test]
async fn a_full_disk_refuses_whole_and_goes_on_when_there_is_room() {
    let desk = with_forms(3).await;
    // The writer's own limit of pages makes SQLite answer as a full disk does.
    desk.store.limit_pages(Some(1)).await.unwrap();
    let mut door = desk.store.door(now()).await.unwrap();
    let mut draft = decide::print(Uuid::now_v7());
    draft.set.insert("x".into(), kefu_domain::change::Setting { to: json!("长".repeat(200_000)), was: vec![] });
    let refused = match door.write(draft, SEAT).await {
        Err(error) => {
            drop(door);
            error
        }
        Ok(_) => door.commit().await.unwrap_err(),
    };
    assert!(matches!(refused, StoreError::Full), "{refused:?}");
    desk.store.limit_pages(None).await.unwrap();
    desk.register(json!({})).await;
    let verified = desk.store.verify().await.unwrap();
    assert_eq!((verified.changes, verified.findings), (4, vec![]));
}

#[tokio::test]
async fn an_abandoned_door_leaves_nothing() {
    let desk = with_forms(1).await;
    let mut door = desk.store.door(now()).await.unwrap();
    assert_eq!(door.next_serial(now().date_naive()).await.unwrap(), 2);
    door.write(decide::print(Uuid::now_v7()), SEAT).await.unwrap();
    drop(door);
    let (_, number) = desk.register(json!({})).await;
    assert_eq!(number, "KF-20261112-T1-0002", "a number that nobody was told is given again");
    assert_eq!(desk.store.verify().await.unwrap().changes, 2);
}

/// Tampers with three forms and checks what `verify` says.
async fn check(sql: &str, expected: &[Finding]) {
    let desk = with_forms(3).await;
    tamper(&desk, sql).await;
    assert_eq!(desk.store.verify().await.unwrap().findings, expected, "{sql}");
}

#[tokio::test]
async fn verify_names_every_entry_that_was_touched() {
    let device = || "T1".to_string();
    let form = |n: u32| Some(format!("KF-20261112-T1-{n:04}"));
    let altered = |seq, form| Finding::Altered { device: device(), seq, form };
    let desk = with_forms(3).await;
    let record = sqlx_id(&desk, 2).await;

    // One character of a name in the log.
    let sql = "UPDATE changes SET bytes = CAST(replace(CAST(bytes AS TEXT), '陈秀英', '陈秀瑛') AS BLOB) WHERE seq = 2";
    tamper(&desk, sql).await;
    let found = desk.store.verify().await.unwrap().findings;
    assert_eq!(found, [altered(2, form(2)), Finding::RecordDiffers { record, form: form(2) }]);

    let gone = "DELETE FROM changes WHERE seq = 2; DELETE FROM forms WHERE row = 2; DELETE FROM records WHERE row = 2";
    check(gone, &[Finding::Removed { device: device(), from: 2, to: 2 }]).await;
    let cut = "DELETE FROM changes WHERE seq = 3; DELETE FROM forms WHERE row = 3; DELETE FROM records WHERE row = 3";
    check(cut, &[Finding::CutOff { device: device(), found: 2, expected: 3 }]).await;
    check("UPDATE forms SET customer = '别人' WHERE row = 1", &[Finding::IndexDiffers { form: form(1).unwrap() }])
        .await;
    check("DELETE FROM forms WHERE row = 1", &[Finding::IndexDiffers { form: form(1).unwrap() }]).await;
}

#[tokio::test]
async fn a_whole_log_cut_short_with_its_head_is_still_noticed() {
    let desk = with_forms(3).await;
    // Somebody with the key makes the database consistent again; only the head file beside it remembers.
    tamper(
        &desk,
        "DELETE FROM changes WHERE seq = 3; DELETE FROM forms WHERE row = 3; DELETE FROM records WHERE row = 3; \
         UPDATE devices SET seq = 2, link = (SELECT link FROM changes WHERE seq = 2)",
    )
    .await;
    let cut = Finding::CutOff { device: "T1".into(), found: 2, expected: 3 };
    assert_eq!(desk.store.verify().await.unwrap().findings, [cut]);
    std::fs::remove_file(desk.folder.path().join("head")).unwrap();
    assert_eq!(desk.store.verify().await.unwrap().findings, [Finding::HeadLost]);
}

async fn sqlx_id(desk: &TempStore, nth: u32) -> Uuid {
    desk.store.form_by_number(&format!("KF-20261112-T1-{nth:04}")).await.unwrap().unwrap()
}

#[tokio::test]
async fn lists_filter_sort_and_count() {
    let desk = TempStore::new().await;
    for (name, kind, day) in [("单雄信", "complaint", 2), ("陈秀英", "consult", 4), ("阿依古丽", "complaint", 3)]
    {
        let at = format!("2026-11-{day:02}T09:00:00+08:00");
        desk.register(json!({"customer.name": name, "kind": kind, "received_at": at})).await;
    }
    let list = async |filter: FormFilter, sort, descending, offset, limit| {
        let page = desk.store.list(&filter, sort, descending, offset, limit).await.unwrap();
        (page.rows.iter().map(|r| r.customer.clone()).collect::<Vec<_>>(), page.total)
    };
    let all = FormFilter::default;
    assert_eq!(list(all(), FormSort::Received, true, 0, 2).await, (vec!["陈秀英".into(), "阿依古丽".into()], 3));
    assert_eq!(list(all(), FormSort::Received, true, 2, 2).await, (vec!["单雄信".into()], 3));
    assert_eq!(list(all(), FormSort::Customer, false, 0, 9).await.0, ["阿依古丽", "陈秀英", "单雄信"]);
    assert_eq!(list(all(), FormSort::Number, false, 0, 9).await.0, ["单雄信", "陈秀英", "阿依古丽"]);
    let complaints = FormFilter { kinds: vec!["complaint".into()], ..all() };
    assert_eq!(list(complaints, FormSort::Received, false, 0, 9).await, (vec!["单雄信".into(), "阿依古丽".into()], 2));
    let from = chrono::DateTime::parse_from_rfc3339("2026-11-03T00:00:00+08:00").unwrap().timestamp();
    let one_day = FormFilter { from: Some(from), before: Some(from + 86_400), ..all() };
    assert_eq!(list(one_day, FormSort::Received, false, 0, 9).await, (vec!["阿依古丽".into()], 1));
    assert_eq!(desk.store.receivers().await.unwrap(), ["孙丽"]);
    desk.register(json!({"customer.name": "钱塘社区", "customer.type": "organisation"})).await;
    let bodies = FormFilter { customer_types: vec!["organisation".into()], ..all() };
    assert_eq!(list(bodies, FormSort::Received, false, 0, 9).await, (vec!["钱塘社区".into()], 1));
}

#[tokio::test]
async fn drafts_and_files_are_kept_and_forgotten() {
    let desk = TempStore::new().await;
    let hash = desk.store.keep_file(&vec![7; 700_000]).await.unwrap();
    let draft = KeptDraft { id: Uuid::now_v7(), saved_at: "2026".into(), body: format!("{{\"file\":\"{hash}\"}}") };
    desk.store.save_draft(&draft).await.unwrap();
    desk.store.forget_unused_files(std::slice::from_ref(&hash)).await.unwrap();
    assert_eq!(desk.store.file(&hash).await.unwrap(), vec![7; 700_000], "a draft still names it");
    desk.store.discard_draft(draft.id).await.unwrap();
    desk.store.forget_unused_files(std::slice::from_ref(&hash)).await.unwrap();
    assert!(desk.store.file(&hash).await.is_err());
    assert!(desk.store.drafts().await.unwrap().is_empty());
    assert!(desk.store.keep_file(&vec![0; kefu_local::FILE_LIMIT + 1]).await.is_err());
}

#[tokio::test]
async fn an_older_copy_of_the_database_is_remembered_and_its_numbers_stay_used() {
    let TempStore { folder, store, key } = with_forms(2).await;
    store.close().await;
    let path = Store::path(folder.path());
    let older = std::fs::read(&path).unwrap();
    let desk = TempStore { store: Store::open(folder.path(), &key).await.unwrap(), folder, key };
    for _ in 0..3 {
        desk.register(json!({})).await;
    }
    let TempStore { folder, store, key } = desk;
    store.close().await;
    std::fs::write(&path, older).unwrap();

    let desk = TempStore { store: Store::open(folder.path(), &key).await.unwrap(), folder, key };
    let (_, number) = desk.register(json!({})).await;
    assert_eq!(number, "KF-20261112-T1-0006", "3 to 5 were given to people");
    let shortened = [Finding::Shortened { device: "T1".into(), expected: 5 }];
    assert_eq!(desk.store.verify().await.unwrap().findings, shortened, "also after the log has gone on");
    let TempStore { folder, store, key } = desk;
    store.close().await;
    let store = Store::open(folder.path(), &key).await.unwrap();
    assert_eq!(store.verify().await.unwrap().findings, shortened, "and after the next start");

    store.close().await;
    std::fs::remove_file(folder.path().join("head")).unwrap();
    let store = Store::open(folder.path(), &key).await.unwrap();
    assert!(store.verify().await.unwrap().findings.contains(&Finding::HeadLost), "a removed head leaves a mark");
}

#[tokio::test]
async fn verifying_keeps_nobody_from_writing() {
    let desk = with_forms(30).await;
    let verifying = tokio::spawn({
        let store = desk.store.clone();
        async move { store.verify().await.unwrap() }
    });
    let door = desk.store.door(now()).await.unwrap();
    assert_eq!(verifying.await.unwrap().findings, [], "with a door wide open");
    drop(door);
}
