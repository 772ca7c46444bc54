//! The one door for every write: a change, its folded record and its indexes, in one transaction.

use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::{Row, SqliteConnection};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use kefu_domain::change::{Change, ENCODING, kind};
use kefu_domain::decide::Draft;
use kefu_domain::{Record, Stamp};
use kefu_vault::Head;

use crate::store::{Store, StoreError, Writer};
use crate::{forms, search};

/// An open write transaction. Nothing of it is seen or kept until [`Door::commit`]; dropping it undoes everything.
pub struct Door {
    /// Taken on commit and on drop.
    writer: Option<OwnedMutexGuard<Writer>>,
    device: Uuid,
    head: Head,
    last: Option<Stamp>,
    now: DateTime<FixedOffset>,
    dirty: bool,
}

impl Store {
    /// Opens the door. Other writers, in this process and others, wait until it is closed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn door(&self, now: DateTime<FixedOffset>) -> Result<Door, StoreError> {
        let mut writer = self.writer.clone().lock_owned().await;
        sqlx::query("BEGIN IMMEDIATE").execute(writer.connection()?).await?;
        let mut door =
            Door { writer: Some(writer), device: self.device.id, head: Head::default(), last: None, now, dirty: false };
        let row = sqlx::query("SELECT seq, link, last FROM devices WHERE no = 1").fetch_one(door.connection()?).await?;
        let link: Vec<u8> = row.try_get(1)?;
        let seq: i64 = row.try_get(0)?;
        door.head = Head { seq: seq as u64, link: link.try_into().map_err(|_| StoreError::Unreadable)? };
        let last: Option<String> = row.try_get(2)?;
        door.last = last.and_then(|text| Stamp::from_str(&text).ok());
        Ok(door)
    }
}

impl Door {
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let writer = self.writer.as_mut().ok_or(StoreError::Database(sqlx::Error::PoolClosed))?;
        writer.connection()
    }

    /// Now, as this transaction sees it.
    pub fn now(&self) -> DateTime<FixedOffset> {
        self.now
    }

    /// Moves this transaction's clock, for data that is brought in as of another time.
    pub fn set_now(&mut self, now: DateTime<FixedOffset>) {
        self.now = now;
    }

    /// The record as it stands inside this transaction.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn record(&mut self, id: Uuid) -> Result<Option<Record>, StoreError> {
        let body: Option<String> = sqlx::query_scalar("SELECT body FROM records WHERE id = ?")
            .bind(id)
            .fetch_optional(self.connection()?)
            .await?;
        body.map(|text| serde_json::from_str(&text)).transpose().map_err(Into::into)
    }

    /// The next serial of `day`. It counts as given only when this transaction is committed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next_serial(&mut self, day: NaiveDate) -> Result<u32, StoreError> {
        let serial: i64 = sqlx::query_scalar(
            "INSERT INTO serials (day, last) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last",
        )
        .bind(day.to_string())
        .fetch_one(self.connection()?)
        .await?;
        Ok(serial as u32)
    }

    /// Writes a change: encodes it once, appends it to the log, folds it into its record and brings the indexes along.
    ///
    /// # Errors
    /// The database does not answer, or the disk is full.
    pub async fn write(&mut self, draft: Draft, seat: Uuid) -> Result<Change, StoreError> {
        let at = Stamp::next(self.last, self.now.timestamp_millis().max(0) as u64, self.device);
        let change = Change {
            v: ENCODING,
            id: Uuid::now_v7(),
            seq: self.head.seq + 1,
            at,
            zone: self.now.offset().local_minus_utc() / 60,
            seat,
            record: draft.record,
            kind: draft.kind.into(),
            act: draft.act.into(),
            reason: draft.reason,
            set: draft.set,
            add: draft.add,
            strike: draft.strike,
        };
        let bytes = change.encode()?;
        let head = self.head.then(&bytes);
        let connection = self.connection()?;

        let found = sqlx::query("SELECT row, body FROM records WHERE id = ?")
            .bind(change.record)
            .fetch_optional(&mut *connection)
            .await?;
        let (row, mut record) = match &found {
            Some(found) => (Some(found.try_get::<i64, _>(0)?), serde_json::from_str(found.try_get(1)?)?),
            None => (None, Record::default()),
        };
        record.apply(&change); // a local change is always the latest: its stamp is greater than all seen here
        let body = serde_json::to_string(&record)?;
        let row = match row {
            Some(row) => {
                sqlx::query("UPDATE records SET body = ? WHERE row = ?")
                    .bind(&body)
                    .bind(row)
                    .execute(&mut *connection)
                    .await?;
                row
            }
            None => sqlx::query("INSERT INTO records (id, kind, body) VALUES (?, ?, ?)")
                .bind(change.record)
                .bind(&change.kind)
                .bind(&body)
                .execute(&mut *connection)
                .await?
                .last_insert_rowid(),
        };
        sqlx::query("INSERT INTO changes (device, seq, record, link, bytes) VALUES (1, ?, ?, ?, ?)")
            .bind(head.seq as i64)
            .bind(row)
            .bind(head.link.as_slice())
            .bind(bytes)
            .execute(&mut *connection)
            .await?;
        // A print changes nothing that lists or searches show.
        if change.kind == kind::FORM && change.act != kefu_domain::change::act::PRINT {
            forms::index(connection, row, &record).await?;
            search::index(connection, row, &record, found.is_some()).await?;
        }
        self.head = head;
        self.last = Some(at);
        self.dirty = true;
        Ok(change)
    }

    /// Commits. When this returns, everything written is on disk.
    ///
    /// # Errors
    /// The disk is full or fails; then nothing was written.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if self.dirty {
            let head = self.head;
            let last = self.last.map(|at| at.to_string());
            sqlx::query("UPDATE devices SET seq = ?, link = ?, last = ? WHERE no = 1")
                .bind(head.seq as i64)
                .bind(head.link.as_slice())
                .bind(last)
                .execute(self.connection()?)
                .await?;
        }
        sqlx::query("COMMIT").execute(self.connection()?).await?;
        if let Some(mut writer) = self.writer.take()
            && self.dirty
            && let Err(error) = writer.head_file.write(self.head)
        {
            // The change is safe; only the lower bound for `verify` stays where it was.
            tracing::warn!(kind = ?error.kind(), "head file not written");
        }
        Ok(())
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let (Some(mut writer), Ok(runtime)) = (self.writer.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                if let Ok(connection) = writer.connection() {
                    let _ = sqlx::query("ROLLBACK").execute(connection).await;
                }
            });
        }
    }
}
