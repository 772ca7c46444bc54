//! Files on their way: which own ones the shared database has to get, which of others are awaited, and what of them came.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use kefu_domain::Change;

use super::{Exchange, Received};
use crate::store::{Store, StoreError};

/// How long one waits before asking again for a file that was not there, in milliseconds.
const PAUSE_MS: i64 = 15_000;

/// Words by which changes that name a file are found; the encoding writes no blanks.
pub(super) const NAMES_A_FILE: &str = "\"sha256\":\"";

/// Own files of one change.
#[derive(Debug, Clone)]
pub struct ToCarry {
    /// Number of its envelope.
    pub seq: u64,
    /// Record.
    pub record: Uuid,
    /// Its envelope without ciphertext.
    pub bare: Vec<u8>,
    /// SHA-256 and size in bytes of each file.
    pub files: Vec<(String, u64)>,
}

/// A file that a change of another device names.
#[derive(Debug, Clone)]
pub struct Awaited {
    /// SHA-256, hexadecimal.
    pub hash: String,
    /// Record.
    pub record: Uuid,
    /// Key of the change.
    pub key: [u8; 16],
    /// Bytes.
    pub size: u64,
}

/// Files that a change names, with their sizes.
fn named(change: &Change) -> Vec<(String, u64)> {
    let lines = change.add.values().flatten();
    let file = |values: &std::collections::BTreeMap<String, serde_json::Value>| {
        let hash = values.get("sha256")?.as_str().filter(|hash| hash.len() == 64)?;
        Some((hash.to_owned(), values.get("size")?.as_u64()?))
    };
    lines.filter_map(|line| file(&line.values)).collect()
}

fn awaited(row: &SqliteRow) -> Result<Awaited, StoreError> {
    let key: Vec<u8> = row.try_get(2)?;
    Ok(Awaited {
        hash: row.try_get(0)?,
        record: row.try_get(1)?,
        key: key.try_into().map_err(|_| StoreError::Unreadable)?,
        size: row.try_get::<i64, _>(3)?.cast_unsigned(),
    })
}

impl Store {
    /// Files that own accepted changes name and that were not seen to yet, in the order of their envelopes, and the number
    /// of the last envelope that was looked at.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn to_carry(&self, limit: usize) -> Result<(u64, Vec<ToCarry>), StoreError> {
        let (carried, acknowledged): (i64, i64) =
            sqlx::query_as("SELECT carried, acknowledged FROM exchange").fetch_one(&self.readers).await?;
        if carried >= acknowledged {
            return Ok((carried.cast_unsigned(), Vec::new()));
        }
        let sql = "SELECT e.seq, r.id, e.bare, c.bytes FROM envelopes e JOIN changes c ON c.place = e.place \
                   JOIN records r ON r.row = c.record WHERE e.device = 1 AND e.seq > ? AND e.seq <= ? AND e.status = 1 \
                   AND c.standing >= 0 AND instr(c.bytes, CAST(? AS BLOB)) > 0 ORDER BY e.seq LIMIT ?";
        let query = sqlx::query(sql).bind(carried).bind(acknowledged).bind(NAMES_A_FILE).bind(limit as i64);
        let rows = query.fetch_all(&self.readers).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let files = Change::decode(row.try_get(3)?).map(|change| named(&change)).unwrap_or_default();
            let seq = row.try_get::<i64, _>(0)?.cast_unsigned();
            all.push(ToCarry { seq, record: row.try_get(1)?, bare: row.try_get(2)?, files });
        }
        let to = if all.len() < limit { acknowledged.cast_unsigned() } else { all.last().map_or(0, |one| one.seq) };
        Ok((to, all))
    }

    /// The files of own envelopes up to `seq` are in the shared database.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn carried(&self, seq: u64) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let sql = "UPDATE exchange SET carried = ?1 WHERE carried < ?1";
        sqlx::query(sql).bind(seq.cast_signed()).execute(writer.connection()?).await?;
        Ok(())
    }

    /// Files to be fetched without anybody asking for them, those asked for longest ago first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn awaited(&self, now_ms: i64, limit: usize) -> Result<Vec<Awaited>, StoreError> {
        let sql = "SELECT hash, record, key, size FROM awaited WHERE eager = 1 AND asked NOT BETWEEN ?1 - ?2 AND ?1 \
                   ORDER BY asked LIMIT ?3";
        let query = sqlx::query(sql).bind(now_ms).bind(PAUSE_MS).bind(limit as i64);
        query.fetch_all(&self.readers).await?.iter().map(awaited).collect()
    }

    /// Where a file may be fetched from.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn awaited_as(&self, hash: &str) -> Result<Vec<Awaited>, StoreError> {
        let sql = "SELECT hash, record, key, size FROM awaited WHERE hash = ?";
        sqlx::query(sql).bind(hash).fetch_all(&self.readers).await?.iter().map(awaited).collect()
    }

    /// A file was not there, or not whole.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn asked_for(&self, one: &Awaited, now_ms: i64) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let sql = "UPDATE awaited SET asked = ? WHERE hash = ? AND record = ? AND key = ?";
        let query = sqlx::query(sql).bind(now_ms).bind(&one.hash).bind(one.record).bind(one.key.to_vec());
        query.execute(writer.connection()?).await?;
        Ok(())
    }

    /// Pieces of a file that came, ascending.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn pieces(&self, hash: &str) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT piece FROM pieces WHERE hash = ? ORDER BY piece";
        let pieces: Vec<i64> = sqlx::query_scalar(sql).bind(hash).fetch_all(&self.readers).await?;
        Ok(pieces.into_iter().map(i64::cast_unsigned).collect())
    }

    /// Keeps a piece of a file.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn keep_piece(&self, hash: &str, piece: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let sql = "INSERT OR REPLACE INTO pieces (hash, piece, bytes) VALUES (?, ?, ?)";
        let query = sqlx::query(sql).bind(hash).bind(piece.cast_signed()).bind(bytes);
        query.execute(writer.connection()?).await?;
        Ok(())
    }

    /// All pieces that came, one after the other.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn joined_pieces(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT bytes FROM pieces WHERE hash = ? ORDER BY piece";
        let pieces: Vec<Vec<u8>> = sqlx::query_scalar(sql).bind(hash).fetch_all(&self.readers).await?;
        Ok(pieces.concat())
    }

    /// Forgets the pieces of a file: it is `whole`, or they were not of it.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn forget_pieces(&self, hash: &str, whole: bool) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let sql = "DELETE FROM pieces WHERE hash = ?; UPDATE awaited SET eager = 0 WHERE hash = ? AND ?";
        let query = sqlx::query(sql).bind(hash).bind(hash).bind(whole);
        query.execute(writer.connection()?).await?;
        Ok(())
    }
}

impl Exchange {
    /// Notes the files that a change of another device names. Where they are fetched `eager`, nobody has to ask for them.
    pub(super) async fn await_files(&mut self, one: &Received, eager: bool) -> Result<(), StoreError> {
        for (hash, size) in named(&one.change) {
            let sql = "INSERT OR IGNORE INTO awaited (hash, record, key, size, eager) VALUES (?, ?, ?, ?, ?)";
            let query = sqlx::query(sql).bind(hash).bind(one.change.record).bind(one.key.to_vec());
            query.bind(size.min(i64::MAX as u64).cast_signed()).bind(eager).execute(self.connection()?).await?;
        }
        Ok(())
    }
}
