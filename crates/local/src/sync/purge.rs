//! A technician's device: what it holds, and taking a record off it.
//!
//! What is left of a purged record is its place in the log: no words, no values, no key. So the log stays whole and the record
//! can come back.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use kefu_domain::Record;

use super::Exchange;
use super::files::NAMES_A_FILE;
use crate::erase::files_of;
use crate::indexing;
use crate::store::{Store, StoreError};

/// An own envelope of a record that is about to go, to be kept whole.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its place in the local log.
    pub place: i64,
    /// Without ciphertext; whole once it was restored.
    pub bare: Vec<u8>,
    /// The change.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Records that this device holds, each with the place at which it was last given; 0: not fetched whole yet.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn held_records(&self) -> Result<Vec<(Uuid, u64)>, StoreError> {
        let rows = sqlx::query("SELECT record, since FROM held ORDER BY record").fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.cast_unsigned()))).collect()
    }
}

impl Exchange {
    /// These records are held here from now on.
    pub(super) async fn hold(&mut self, records: &[Uuid]) -> Result<(), StoreError> {
        for record in records {
            let sql = "INSERT OR IGNORE INTO held (record, since) VALUES (?, 0)";
            sqlx::query(sql).bind(*record).execute(self.connection()?).await?;
        }
        Ok(())
    }

    /// A record was fetched whole.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn hold_since(&mut self, record: Uuid, since: u64) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO held (record, since) VALUES (?, ?)";
        sqlx::query(sql).bind(record).bind(since.cast_signed()).execute(self.connection()?).await?;
        Ok(())
    }

    /// Whether a record has own changes that were never acknowledged, or files of such that were not seen to: it waits until
    /// they are.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn has_unsent(&mut self, record: Uuid) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM records r JOIN changes c ON c.record = r.row \
                   LEFT JOIN envelopes e ON e.place = c.place \
                   WHERE r.id = ? AND c.device = 1 AND c.standing >= 0 \
                   AND (e.place IS NULL OR (e.status IN (0, 6) AND e.again = 0) \
                   OR (e.status = 1 AND e.seq > (SELECT carried FROM exchange) \
                   AND instr(c.bytes, CAST(? AS BLOB)) > 0)))";
        Ok(sqlx::query_scalar(sql).bind(record).bind(NAMES_A_FILE).fetch_one(self.connection()?).await?)
    }

    /// Own envelopes of a record that can only be made again from its changes.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn own_of(&mut self, record: Uuid) -> Result<Vec<Kept>, StoreError> {
        let sql = "SELECT e.place, e.bare, c.bytes FROM records r JOIN changes c ON c.record = r.row \
                   JOIN envelopes e ON e.place = c.place WHERE r.id = ? AND c.device = 1 AND c.standing >= 0 AND e.seq > 0";
        let rows = sqlx::query(sql).bind(record).fetch_all(self.connection()?).await?;
        let read = |row: &SqliteRow| Ok(Kept { place: row.try_get(0)?, bare: row.try_get(1)?, bytes: row.try_get(2)? });
        rows.iter().map(read).collect()
    }

    /// Takes a record off this device: its words, its folded form, its keys, what of it lies in quarantine. `whole` are its
    /// own envelopes, which stay: without their key nobody here reads them.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn purge(&mut self, record: Uuid, whole: &[Kept]) -> Result<(), StoreError> {
        for kept in whole {
            let sql = "UPDATE envelopes SET bare = ? WHERE place = ?";
            sqlx::query(sql).bind(kept.bare.as_slice()).bind(kept.place).execute(self.connection()?).await?;
        }
        let sql = "DELETE FROM quarantine WHERE record = ?; DELETE FROM record_keys WHERE record = ?; \
                   DELETE FROM held WHERE record = ?; \
                   DELETE FROM pieces WHERE hash IN (SELECT hash FROM awaited WHERE record = ?); \
                   DELETE FROM awaited WHERE record = ?";
        sqlx::query(sql)
            .bind(record)
            .bind(record)
            .bind(record)
            .bind(record)
            .bind(record)
            .execute(self.connection()?)
            .await?;
        let sql = "SELECT row, body FROM records WHERE id = ?";
        let Some(found) = sqlx::query(sql).bind(record).fetch_optional(self.connection()?).await? else {
            return Ok(());
        };
        let row: i64 = found.try_get(0)?;
        let files = serde_json::from_str::<Record>(found.try_get(1)?).map(|body| files_of(&body)).unwrap_or_default();
        let sql = "UPDATE changes SET bytes = x'', standing = -1 WHERE record = ?; \
                   UPDATE records SET body = ? WHERE row = ?; DELETE FROM conflicts WHERE row = ?";
        let empty = serde_json::to_string(&Record::default())?;
        sqlx::query(sql).bind(row).bind(empty).bind(row).bind(row).execute(self.connection()?).await?;
        for hash in files {
            let sql = "DELETE FROM files WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM drafts WHERE body LIKE ?2) \
                       AND NOT EXISTS (SELECT 1 FROM records WHERE body LIKE ?2)";
            sqlx::query(sql).bind(&hash).bind(format!("%{hash}%")).execute(self.connection()?).await?;
        }
        let (ruled, progress) = (self.ruled.clone(), self.progress.clone());
        indexing::anew(self.connection()?, &ruled, &progress, row).await
    }
}
