//! What the exchange with the shared database keeps: envelopes, keys, how far it has come. Plain rooms of SQL; what is
//! sealed, verified and said to whom is decided above.
//!
//! Every step of an exchange is one transaction of an [`Exchange`]. It passes the same gate as the door: one writer at a
//! time, and the indexes follow what it brought, or come with it where it brought much.

mod alone;
mod erasure;
mod files;
mod intake;
mod keys;
mod own;
mod purge;
mod quarantine;
mod reissue;
mod standing;
mod unsealed;
mod versions;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use kefu_domain::Stamp;
use kefu_vault::Head;

use crate::indexing::{self, Progress};
use crate::rules;
use crate::store::{DeviceInfo, Store, StoreError, Writer, marks};

pub use crate::indexing::By;
pub use alone::Alone;
pub use files::{Awaited, ToCarry};
pub use intake::{Intake, Received, Taken};
pub use keys::KeptKey;
pub use own::{Fate, OwnEnvelope, Sealed, SealedEnvelope, Settled};
pub use purge::Kept;
pub use quarantine::{EMPTIED, Quarantine, REORDERED, SIGNATURE, WITHHELD};
pub use standing::{Counts, RefusedChange};
pub use unsealed::{Folding, Part, Reading, ToSeal};
pub use versions::AstrayEnvelope;

/// SHA-256 of an envelope.
pub type Digest = [u8; 32];

/// What is known of where a version of a change stands.
pub(crate) mod status {
    pub const MINE: i64 = 0;
    pub const THERE: i64 = 1;
    pub const ASTRAY: i64 = 2;
    pub const REFUSED: i64 = 3;
    pub const STRANDED: i64 = 4;
    /// It is there in another envelope.
    pub const ELSEWHERE: i64 = 5;
    /// Its envelope was given up, it gets another.
    pub const ANEW: i64 = 6;
}

/// How far this device has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// Epoch of the workspace as last heard.
    pub epoch: u64,
    /// Last of the device's envelopes that was answered for good.
    pub acknowledged: u64,
    /// Places of the workspace with the hash there, the greatest, which is the cursor, first.
    pub marks: Vec<(u64, Digest)>,
    /// A key came that something in quarantine waits for.
    pub retry: bool,
    /// Program with which the quarantine was last tried.
    pub tried: String,
    /// Server's clock less ours, in milliseconds.
    pub offset_ms: i64,
}

/// An open transaction of the exchange. Dropping it undoes everything.
pub struct Exchange {
    /// Taken on commit and on drop.
    writer: Option<OwnedMutexGuard<Writer>>,
    device: Uuid,
    progress: Arc<Progress>,
    ruled: rules::Shared,
    /// Number, head and identity of the devices, as this transaction has them.
    devices: HashMap<Uuid, Device>,
    /// Last place of the log that this transaction wrote.
    place: Option<i64>,
    /// The head of this device's own log, where it was written anew.
    head: Option<Head>,
    /// Who this device is from here on, where that changed.
    renewed: Option<DeviceInfo>,
    /// Who it is for whoever asks the store.
    info: Arc<RwLock<DeviceInfo>>,
}

#[derive(Debug, Clone, Copy)]
struct Device {
    no: i64,
    head: Head,
    moved: bool,
}

impl Store {
    /// Opens a transaction of the exchange. Other writers wait until it is closed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn exchange(&self) -> Result<Exchange, StoreError> {
        let writer = self.writer.clone().lock_owned().await;
        let mut exchange = Exchange {
            writer: Some(writer),
            device: Uuid::nil(),
            progress: self.progress.clone(),
            ruled: self.ruled.clone(),
            devices: HashMap::new(),
            place: None,
            head: None,
            renewed: None,
            info: self.device.clone(),
        };
        let sql = "BEGIN IMMEDIATE; SELECT no, id, seq, link FROM devices";
        let rows = sqlx::query(sql).fetch_all(exchange.connection()?).await?;
        for row in &rows {
            let (no, id, seq, link): (i64, Uuid, i64, Vec<u8>) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
            let link = link.try_into().map_err(|_| StoreError::Unreadable)?;
            if no == 1 {
                exchange.device = id;
            }
            let head = Head { seq: seq.cast_unsigned(), link };
            exchange.devices.insert(id, Device { no, head, moved: false });
        }
        Ok(exchange)
    }
}

impl Exchange {
    fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let writer = self.writer.as_mut().ok_or(StoreError::Database(sqlx::Error::PoolClosed))?;
        writer.connection()
    }

    /// Identity under which this device writes.
    pub fn device(&self) -> Uuid {
        self.device
    }

    /// How far this device has come.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn position(&mut self) -> Result<Position, StoreError> {
        let sql = "SELECT epoch, acknowledged, retry, tried, offset_ms FROM exchange";
        let row = sqlx::query(sql).fetch_one(self.connection()?).await?;
        let mut position = Position {
            epoch: row.try_get::<i64, _>(0)?.cast_unsigned(),
            acknowledged: row.try_get::<i64, _>(1)?.cast_unsigned(),
            marks: Vec::new(),
            retry: row.try_get(2)?,
            tried: row.try_get(3)?,
            offset_ms: row.try_get(4)?,
        };
        let rows = sqlx::query("SELECT seq, hash FROM marks ORDER BY seq DESC").fetch_all(self.connection()?).await?;
        for row in &rows {
            let (seq, hash): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            position.marks.push((seq.cast_unsigned(), hash.try_into().map_err(|_| StoreError::Unreadable)?));
        }
        Ok(position)
    }

    /// Keeps these marks and no others, the cursor among them.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn set_marks(&mut self, marks: &[(u64, Digest)]) -> Result<(), StoreError> {
        let kept: Vec<String> = marks.iter().map(|(seq, _)| seq.to_string()).collect();
        let values = vec!["(?, ?)"; marks.len()].join(", ");
        let mut sql = format!("DELETE FROM marks WHERE seq NOT IN ({})", kept.join(", "));
        if !marks.is_empty() {
            sql = format!("{sql}; INSERT OR IGNORE INTO marks (seq, hash) VALUES {values}");
        }
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (seq, hash) in marks {
            query = query.bind(seq.cast_signed()).bind(hash.to_vec());
        }
        query.execute(self.connection()?).await?;
        Ok(())
    }

    /// Takes over what follows from a hello: the server's clock and epoch. `fresh` where what was noted of assignments does
    /// not hold any more.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn heard(&mut self, epoch: u64, offset_ms: i64, fresh: bool) -> Result<(), StoreError> {
        // Unchanged most times: then nothing is written, and the disk stays quiet.
        let sql = "UPDATE exchange SET epoch = ?1, offset_ms = ?2 \
                   WHERE epoch <> ?1 OR abs(offset_ms - ?2) > 250";
        sqlx::query(sql).bind(epoch.cast_signed()).bind(offset_ms).execute(self.connection()?).await?;
        if fresh {
            // Files may be lost with what they belong to, and are looked at again.
            let sql = "UPDATE held SET since = 0; UPDATE exchange SET carried = 0";
            sqlx::query(sql).execute(self.connection()?).await?;
        }
        Ok(())
    }

    /// Notes whether the quarantine has to be tried, or with which program it was.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn set_retry(&mut self, retry: bool, tried: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE exchange SET retry = ?, tried = coalesce(?, tried)";
        sqlx::query(sql).bind(retry).bind(tried).execute(self.connection()?).await?;
        Ok(())
    }

    /// Number and head of a device in the local log; a row of its own where it is new here.
    async fn device_of(&mut self, id: Uuid, code: &str) -> Result<Device, StoreError> {
        if let Some(known) = self.devices.get(&id) {
            return Ok(*known);
        }
        let sql = "INSERT INTO devices (no, id, code, link) SELECT max(no) + 1, ?, ?, zeroblob(32) FROM devices \
                   RETURNING no";
        let no = sqlx::query_scalar(sql).bind(id).bind(code).fetch_one(self.connection()?).await?;
        let device = Device { no, head: Head::default(), moved: false };
        self.devices.insert(id, device);
        Ok(device)
    }

    /// Later stamps of this device come after `stamp`; the shared database has taken it where `seen`.
    async fn stamped(&mut self, stamp: Option<Stamp>, seen: bool) -> Result<(), StoreError> {
        let Some(stamp) = stamp else { return Ok(()) };
        // The text of a stamp sorts as the stamp.
        let mut sql = String::from("UPDATE devices SET last = ?1 WHERE no = 1 AND (last IS NULL OR last < ?1)");
        if seen {
            sql += "; UPDATE exchange SET seen = ?1 WHERE seen IS NULL OR seen < ?1";
        }
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(stamp.to_string());
        if seen {
            query = query.bind(stamp.to_string());
        }
        query.execute(self.connection()?).await?;
        Ok(())
    }

    async fn last_stamps(&mut self) -> Result<[Option<Stamp>; 2], StoreError> {
        let sql = "SELECT last, (SELECT seen FROM exchange) FROM devices WHERE no = 1";
        let row = sqlx::query(sql).fetch_one(self.connection()?).await?;
        let read = |text: Option<String>| text.and_then(|text| Stamp::from_str(&text).ok());
        Ok([read(row.try_get(0)?), read(row.try_get(1)?)])
    }

    /// Commits. When this returns, everything is on disk.
    ///
    /// # Errors
    /// The disk is full or fails; then nothing was written.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let moved: Vec<Device> = self.devices.values().filter(|device| device.moved).copied().collect();
        for device in moved {
            let sql = "UPDATE devices SET seq = ?, link = ? WHERE no = ?";
            let query = sqlx::query(sql).bind(device.head.seq.cast_signed()).bind(device.head.link.to_vec());
            query.bind(device.no).execute(self.connection()?).await?;
        }
        let rewritten = self.head.is_some();
        if rewritten && let Some(writer) = self.writer.as_mut() {
            // A log that is written anew is shorter or another for a moment: the file must not speak of the old one.
            let _ = writer.head_file.write(Head::default());
        }
        let indexed = match (self.place, self.writer.as_mut()) {
            (Some(place), Some(writer)) => indexing::within(writer, place).await?,
            _ => None,
        };
        sqlx::query("COMMIT").execute(self.connection()?).await?;
        if let Some(place) = indexed {
            self.progress.note_indexed(place);
        }
        self.progress.note_exchange();
        if let Some(renewed) = self.renewed.take() {
            *self.info.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        }
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        if let Some(head) = self.head
            && let Err(error) = writer.head_file.write(head)
        {
            tracing::warn!(kind = ?error.kind(), "head file not written");
        }
        if let Some(place) = self.place {
            indexing::after_commit(writer, place);
        }
        Ok(())
    }
}

impl Drop for Exchange {
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
