//! Folds forms anew that an earlier program folded: what it did not know of a form, its changes tell.

use std::collections::BTreeMap;

use sqlx::{Connection, Row, SqliteConnection};

use kefu_domain::change::kind;
use kefu_domain::{Change, Record};

use crate::store::StoreError;

/// Records folded in one transaction: a crash costs no more than that, and the file is free in between.
const BATCH: i64 = 500;

/// Folds what a migration has marked. Goes on where an earlier start was interrupted.
pub(crate) async fn anew(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    while step(connection).await? {}
    Ok(())
}

/// Folds the next records; false where none are left.
async fn step(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let folded: Option<i64> = sqlx::query_scalar("SELECT folded FROM indexed").fetch_one(&mut *connection).await?;
    let Some(folded) = folded else { return Ok(false) };
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let sql = "SELECT row, body FROM records WHERE row > ? AND kind = ? ORDER BY row LIMIT ?";
    let rows = sqlx::query(sql).bind(folded).bind(kind::FORM).bind(BATCH).fetch_all(&mut *transaction).await?;
    let end: Option<i64> = rows.last().map(|row| row.try_get(0)).transpose()?;
    if let Some(end) = end {
        let sql = "SELECT record, bytes FROM changes WHERE record > ? AND record <= ? AND standing = 1";
        let changes = sqlx::query(sql).bind(folded).bind(end).fetch_all(&mut *transaction).await?;
        // None where one of them cannot be read: that is for `verify` to report, and the record is left as it is.
        let mut of_record: BTreeMap<i64, Option<Vec<Change>>> = BTreeMap::new();
        for change in &changes {
            let all = of_record.entry(change.try_get(0)?).or_insert_with(|| Some(Vec::new()));
            match (all.as_mut(), Change::decode(change.try_get(1)?)) {
                (Some(all), Ok(read)) => all.push(read),
                _ => *all = None,
            }
        }
        for row in &rows {
            let (no, body): (i64, &str) = (row.try_get(0)?, row.try_get(1)?);
            let Some(Some(changes)) = of_record.get(&no) else { continue };
            let anew = serde_json::to_string(&Record::fold(changes))?;
            if anew != body {
                sqlx::query("UPDATE records SET body = ? WHERE row = ?")
                    .bind(anew)
                    .bind(no)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
    }
    let left = end.filter(|_| rows.len() as i64 == BATCH);
    sqlx::query("UPDATE indexed SET folded = ?").bind(left).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(left.is_some())
}
