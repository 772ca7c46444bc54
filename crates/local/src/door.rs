//! The one door for every write: a change and its folded record, in one transaction; the indexes follow.

use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::{Row, SqliteConnection};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use kefu_domain::change::{Change, ENCODING};
use kefu_domain::decide::Draft;
use kefu_domain::{Record, Stamp};
use kefu_vault::Head;

use crate::indexing;
use crate::store::{Store, StoreError, Writer};

const UPDATE: &str = "UPDATE records SET body = ? WHERE row = ?; \
                      INSERT INTO changes (device, seq, record, link, bytes) VALUES (1, ?, ?, ?, ?)";
const INSERT: &str = "INSERT INTO records (body, id, kind, row) VALUES (?, ?, ?, ?); \
                      INSERT INTO changes (device, seq, record, link, bytes) VALUES (1, ?, ?, ?, ?)";

/// An open write transaction. Nothing of it is seen or kept until [`Door::commit`]; dropping it undoes everything.
pub struct Door {
    /// Taken on commit and on drop.
    writer: Option<OwnedMutexGuard<Writer>>,
    device: Uuid,
    head: Head,
    last: Option<Stamp>,
    now: DateTime<FixedOffset>,
    /// Numbers to leave out on the first day after the log was found cut short; see `Store::open`.
    skip: Option<i64>,
    /// Place of the last change written.
    place: Option<i64>,
}

impl Store {
    /// Opens the door. Other writers, in this process and others, wait until it is closed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn door(&self, now: DateTime<FixedOffset>) -> Result<Door, StoreError> {
        let writer = self.writer.clone().lock_owned().await;
        let mut door = Door {
            writer: Some(writer),
            device: self.device.id,
            head: Head::default(),
            last: None,
            now,
            skip: None,
            place: None,
        };
        let sql = "BEGIN IMMEDIATE; \
                   SELECT seq, link, last, (SELECT value FROM preferences WHERE key = 'serial_skip') FROM devices WHERE no = 1";
        let row = sqlx::query(sql).fetch_one(door.connection()?).await?;
        let link: Vec<u8> = row.try_get(1)?;
        let seq: i64 = row.try_get(0)?;
        door.head = Head { seq: seq as u64, link: link.try_into().map_err(|_| StoreError::Unreadable)? };
        let last: Option<String> = row.try_get(2)?;
        door.last = last.and_then(|text| Stamp::from_str(&text).ok());
        let skip: Option<String> = row.try_get(3)?;
        door.skip = skip.and_then(|text| text.parse().ok());
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
        let first = 1 + self.skip.unwrap_or(0);
        let sql = "INSERT INTO serials (day, last) VALUES (?, ?) \
                   ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last";
        let serial: i64 =
            sqlx::query_scalar(sql).bind(day.to_string()).bind(first).fetch_one(self.connection()?).await?;
        if self.skip.take().is_some() {
            sqlx::query("DELETE FROM preferences WHERE key = 'serial_skip'").execute(self.connection()?).await?;
        }
        Ok(serial as u32)
    }

    /// Writes a change: encodes it once, appends it to the log and folds it into its record.
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

        // Rows are counted up as SQLite would itself: records are never deleted.
        let sql = "SELECT row, body, (SELECT coalesce(max(row), 0) + 1 FROM records) \
                   FROM (SELECT ? AS wanted) LEFT JOIN records ON id = wanted";
        let found = sqlx::query(sql).bind(change.record).fetch_one(&mut *connection).await?;
        let known: Option<i64> = found.try_get(0)?;
        let mut record = match found.try_get::<Option<&str>, _>(1)? {
            Some(body) => serde_json::from_str(body)?,
            None => Record::default(),
        };
        record.apply(&change); // a local change is always the latest: its stamp is greater than all seen here
        let body = serde_json::to_string(&record)?;
        let row = known.map_or_else(|| found.try_get(2), Ok)?;
        // One trip for both; the binds follow the order of the statements.
        let query = match known {
            Some(_) => sqlx::query(UPDATE).bind(body),
            None => sqlx::query(INSERT).bind(body).bind(change.record).bind(change.kind.clone()),
        };
        let query = query.bind(row).bind(head.seq as i64).bind(row).bind(head.link.to_vec()).bind(bytes);
        self.place = Some(query.execute(&mut *connection).await?.last_insert_rowid());
        self.head = head;
        self.last = Some(at);
        Ok(change)
    }

    /// Commits. When this returns, everything written is on disk.
    ///
    /// # Errors
    /// The disk is full or fails; then nothing was written.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let (head, last) = (self.head, self.last.map(|at| at.to_string()));
        let commit = match self.place {
            Some(_) => sqlx::query("UPDATE devices SET seq = ?, link = ?, last = ? WHERE no = 1; COMMIT")
                .bind(head.seq as i64)
                .bind(head.link.to_vec())
                .bind(last),
            None => sqlx::query("COMMIT"),
        };
        commit.execute(self.connection()?).await?;
        if let (Some(mut writer), Some(place)) = (self.writer.take(), self.place) {
            if let Err(error) = writer.head_file.write(self.head) {
                // The change is safe; only the lower bound for `verify` stays where it was.
                tracing::warn!(kind = ?error.kind(), "head file not written");
            }
            indexing::after_commit(writer, place);
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
