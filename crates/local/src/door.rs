//! The one door for every write: a change and its folded record, in one transaction; the indexes follow.

use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use kefu_domain::change::{Change, ENCODING, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::{Record, Stamp, merged, visits};
use kefu_vault::Head;

use crate::store::{Statement, Store, StoreError, Writer};
use crate::{hands, history, indexing, services};

const UPDATE: &str = "UPDATE records SET body = ? WHERE row = ?; \
                      INSERT INTO changes (record, device, seq, link, bytes) VALUES (?, 1, ?, ?, ?)";
const INSERT: &str = "INSERT INTO records (body, id, kind) VALUES (?, ?, ?); \
                      INSERT INTO changes (record, device, seq, link, bytes) VALUES (last_insert_rowid(), 1, ?, ?, ?)";

/// An open write transaction. Nothing of it is seen or kept until [`Door::commit`]; dropping it undoes everything.
pub struct Door {
    /// Taken on commit and on drop.
    writer: Option<OwnedMutexGuard<Writer>>,
    device: Uuid,
    head: Head,
    last: Option<Stamp>,
    /// Of the stamps that [`Door::bring_in`] went back behind.
    greatest: Option<Stamp>,
    now: DateTime<FixedOffset>,
    /// Server's clock less ours, in milliseconds: a stamp is by the clock that all devices share.
    offset_ms: i64,
    /// Numbers to leave out on the first day after the log was found cut short; see `Store::open`.
    skip: Option<i64>,
    serial: Serial,
    pending: Option<Pending>,
    /// Place of the last change written.
    place: Option<i64>,
    /// The records that were read or written last, at most [`KEPT`], as they stand inside this transaction: an act reads
    /// what it writes, and often several follow each other.
    kept: Vec<Kept>,
}

/// So many records are kept at hand.
const KEPT: usize = 2;

/// A change that goes to the database with whatever is asked of it next: most often that is the commit, which is one trip
/// less.
struct Pending {
    /// None for the first of its record.
    row: Option<i64>,
    record: Uuid,
    kind: String,
    body: String,
    head: Head,
    bytes: Vec<u8>,
}

impl Pending {
    fn sql(&self) -> &'static str {
        if self.row.is_some() { UPDATE } else { INSERT }
    }

    /// Binds what [`Pending::sql`] wants.
    fn bind(self, query: Statement<'_>) -> Statement<'_> {
        let query = query.bind(self.body);
        let query = match self.row {
            Some(row) => query.bind(row).bind(row),
            None => query.bind(self.record).bind(self.kind),
        };
        query.bind(self.head.seq as i64).bind(self.head.link.to_vec()).bind(self.bytes)
    }
}

struct Kept {
    id: Uuid,
    /// None right after it began.
    row: Option<i64>,
    record: Record,
}

/// The last 流水 of the day at hand, as this transaction has it; empty where none was ever given.
#[derive(Default)]
struct Serial {
    day: String,
    last: i64,
}

/// The head of this device's log; wants its sequence, its link, the last stamp and the last serial of the day at hand.
const KEEP_HEAD: &str = "UPDATE devices SET seq = ?, link = ?, last = ?, serial = ? WHERE no = 1";

/// Another day is at hand; wants the last serial of the day before it, and twice itself. Answers its last serial.
const TURN: &str = "INSERT INTO serials (day, last) SELECT day, ? FROM devices WHERE no = 1 AND day <> '' \
                    ON CONFLICT (day) DO UPDATE SET last = excluded.last; \
                    UPDATE devices SET day = ?, serial = coalesce((SELECT last FROM serials WHERE day = ?), 0) \
                    WHERE no = 1 RETURNING serial";

impl Store {
    /// Opens the door. Other writers, in this process and others, wait until it is closed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn door(&self, now: DateTime<FixedOffset>) -> Result<Door, StoreError> {
        self.door_with(now, [Uuid::nil(); KEPT]).await
    }

    /// The same, with the records that are asked for first read on the way.
    ///
    /// # Errors
    /// The database does not answer, or the record cannot be read.
    pub async fn door_with(&self, now: DateTime<FixedOffset>, ids: [Uuid; KEPT]) -> Result<Door, StoreError> {
        let writer = self.writer.clone().lock_owned().await;
        let mut door = Door {
            writer: Some(writer),
            device: Uuid::nil(), // as the file has it, below
            head: Head::default(),
            last: None,
            greatest: None,
            now,
            offset_ms: 0,
            skip: None,
            serial: Serial::default(),
            pending: None,
            place: None,
            kept: Vec::with_capacity(KEPT),
        };
        let sql = "BEGIN IMMEDIATE; \
                   SELECT seq, link, last, (SELECT value FROM preferences WHERE key = 'serial_skip'), \
                   d.day, d.serial, d.id, (SELECT offset_ms FROM exchange), a.row, a.body, b.row, b.body \
                   FROM devices d LEFT JOIN records a ON a.id = ? LEFT JOIN records b ON b.id = ? WHERE no = 1";
        let row = ids.into_iter().fold(sqlx::query(sql), |query, id| query.bind(id)).fetch_one(door.bare()?).await?;
        let link: Vec<u8> = row.try_get(1)?;
        let seq: i64 = row.try_get(0)?;
        door.head = Head { seq: seq as u64, link: link.try_into().map_err(|_| StoreError::Unreadable)? };
        let last: Option<String> = row.try_get(2)?;
        door.last = last.and_then(|text| Stamp::from_str(&text).ok());
        let skip: Option<String> = row.try_get(3)?;
        door.skip = skip.and_then(|text| text.parse().ok());
        door.serial = Serial { day: row.try_get(4)?, last: row.try_get(5)? };
        (door.device, door.offset_ms) = (row.try_get(6)?, row.try_get(7)?);
        for (id, column) in ids.into_iter().zip((8..).step_by(2)) {
            if let Some(body) = row.try_get::<Option<&str>, _>(column + 1)? {
                door.keep(Kept { id, row: row.try_get(column)?, record: serde_json::from_str(body)? });
            }
        }
        Ok(door)
    }
}

impl Door {
    /// With everything written that was to be.
    pub(crate) async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if let Some(pending) = self.pending.take() {
            let query = sqlx::query(pending.sql());
            let written = pending.bind(query).execute(self.bare()?).await?;
            self.place = Some(written.last_insert_rowid());
        }
        self.bare()
    }

    fn bare(&mut self) -> Result<&mut SqliteConnection, StoreError> {
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
        let Some(kept) = self.take(id).await? else { return Ok(None) };
        let record = kept.record.clone();
        self.keep(kept);
        Ok(Some(record))
    }

    /// The record was folded otherwise: it is read again by whoever asks next.
    pub(crate) fn forget(&mut self, id: Uuid) {
        self.kept.retain(|kept| kept.id != id);
    }

    /// Puts a record to those at hand.
    fn keep(&mut self, kept: Kept) {
        self.kept.truncate(KEPT - 1);
        self.kept.insert(0, kept);
    }

    /// Takes a record from those at hand, or reads it; none where it has not begun.
    async fn take(&mut self, id: Uuid) -> Result<Option<Kept>, StoreError> {
        if let Some(at) = self.kept.iter().position(|kept| kept.id == id) {
            return Ok(Some(self.kept.remove(at)));
        }
        let sql = "SELECT row, body FROM records WHERE id = ?";
        let found = sqlx::query(sql).bind(id).fetch_optional(self.connection().await?).await?;
        let kept = |row: SqliteRow| -> Result<Kept, StoreError> {
            Ok(Kept { id, row: Some(row.try_get(0)?), record: serde_json::from_str(row.try_get(1)?)? })
        };
        found.map(kept).transpose()
    }

    /// The next serial of `day`. It counts as given only when this transaction is committed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next_serial(&mut self, day: NaiveDate) -> Result<u32, StoreError> {
        let day = day.to_string();
        if day != self.serial.day {
            let turn = sqlx::query_scalar(TURN).bind(self.serial.last).bind(&day).bind(&day);
            let last = turn.fetch_one(self.connection().await?).await?;
            self.serial = Serial { day, last };
        }
        if let Some(lost) = self.skip.take() {
            self.serial.last = self.serial.last.max(lost);
            sqlx::query("DELETE FROM preferences WHERE key = 'serial_skip'").execute(self.connection().await?).await?;
        }
        self.serial.last += 1;
        Ok(self.serial.last as u32)
    }

    /// Stamps what follows by the clock of [`Door::set_now`], although the log has later stamps already: for made-up
    /// data, of records that nobody else knows. Later doors go on after the greatest stamp as ever.
    pub fn bring_in(&mut self) {
        self.greatest = self.greatest.max(self.last.take());
    }

    /// Writes a change: encodes it once, appends it to the log and folds it into its record. What the disk has against it is
    /// told with the next question, at the latest by [`Door::commit`].
    ///
    /// # Errors
    /// The database does not answer, or the disk is full.
    pub async fn write(&mut self, draft: Draft, seat: Uuid) -> Result<Change, StoreError> {
        let seen = match merged::tells(draft.kind, draft.act) {
            true => Some(merged::seen(&history::changes_of(self.connection().await?, draft.record).await?)),
            false => None,
        };
        let at = Stamp::next(
            self.last,
            self.now.timestamp_millis().saturating_add(self.offset_ms).max(0) as u64,
            self.device,
        );
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
            seen,
        };
        let bytes = change.encode()?;
        let head = self.head.then(&bytes);

        // A registration begins its record; every other act may find one.
        let found = match change.act == act::REGISTER {
            true => None,
            false => self.take(change.record).await?,
        };
        let (mut row, mut record) = match found {
            Some(Kept { row: None, record, .. }) => (Some(self.row_of(change.record).await?), record),
            Some(Kept { row, record, .. }) => (row, record),
            None => (None, Record::default()),
        };
        let entered = services::Entry::of(&record);
        // A local change is always the latest: its stamp is greater than all seen here.
        if change.kind == kind::VISIT && visits::by_others(&change.act) {
            let hands = hands::of(self.connection().await?, &record, &[change.seat].into()).await?;
            record.apply_among(&change, &hands);
        } else {
            record.apply(&change);
        }
        self.connection().await?;
        let (body, kind) = (serde_json::to_string(&record)?, change.kind.clone());
        self.pending = Some(Pending { row, record: change.record, kind, body, head, bytes });
        let entry = services::Entry::of(&record);
        if entry != entered {
            let at = match row {
                Some(row) => row,
                None => self.row_of(change.record).await?,
            };
            services::follow(self.connection().await?, at, entered, entry).await?;
            row = Some(at);
        }
        self.head = head;
        self.last = Some(at);
        self.keep(Kept { id: change.record, row, record });
        Ok(change)
    }

    async fn row_of(&mut self, record: Uuid) -> Result<i64, StoreError> {
        let query = sqlx::query_scalar("SELECT row FROM records WHERE id = ?").bind(record);
        Ok(query.fetch_one(self.connection().await?).await?)
    }

    /// Commits. When this returns, everything written is on disk.
    ///
    /// # Errors
    /// The disk is full or fails; then nothing was written.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let (head, last) = (self.head, self.last.max(self.greatest).map(|at| at.to_string()));
        let (serial, pending) = (self.serial.last, self.pending.take());
        let wrote_last = pending.is_some();
        let wrote = wrote_last || self.place.is_some();
        // The change last of what is inserted: its place is the last row id.
        let parts = [pending.as_ref().map(Pending::sql), wrote.then_some(KEEP_HEAD), Some("COMMIT")];
        let sql = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let mut commit = sqlx::query(AssertSqlSafe(sql));
        if let Some(pending) = pending {
            commit = pending.bind(commit);
        }
        if wrote {
            commit = commit.bind(head.seq as i64).bind(head.link.to_vec()).bind(last).bind(serial);
        }
        let written = commit.execute(self.bare()?).await?;
        if wrote_last {
            self.place = Some(written.last_insert_rowid());
        }
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
