//! What did not verify or open: kept as it came, named by its digest, tried again when keys or the program change.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::{Digest, Exchange, marks};
use crate::store::{Store, StoreError};

/// Why an envelope lies here whose sealed bytes are gone, and that no erasure explains (yet).
pub const EMPTIED: &str = "emptied";

/// Why an envelope lies here that is not as its author signed it.
pub const SIGNATURE: &str = "signature";

/// Why there is a note without an envelope: the server did not show what stands from this place on.
pub const WITHHELD: &str = "withheld";

/// Why there is a note without an envelope: what the server showed up to this place does not lead to the chain there.
pub const REORDERED: &str = "reordered";

/// A change that does not count here, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// Digest of its envelope.
    pub digest: Digest,
    /// Place in the order of the workspace.
    pub at: u64,
    /// Record it says it belongs to.
    pub record: Uuid,
    /// Key it names.
    pub key: [u8; 16],
    /// Why.
    pub reason: String,
    /// The envelope; empty for a note.
    pub bytes: Vec<u8>,
}

fn read(row: &SqliteRow) -> Result<Quarantine, StoreError> {
    let (digest, key): (Vec<u8>, Vec<u8>) = (row.try_get(0)?, row.try_get(3)?);
    Ok(Quarantine {
        digest: digest.try_into().map_err(|_| StoreError::Unreadable)?,
        at: row.try_get::<i64, _>(1)?.cast_unsigned(),
        record: row.try_get(2)?,
        key: key.try_into().map_err(|_| StoreError::Unreadable)?,
        reason: row.try_get(4)?,
        bytes: row.try_get(5)?,
    })
}

impl Store {
    /// What lies in quarantine after the place `after`, ascending.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn quarantine(&self, after: u64, limit: usize) -> Result<Vec<Quarantine>, StoreError> {
        let sql = "SELECT digest, at, record, key, reason, bytes FROM quarantine WHERE at > ? ORDER BY at LIMIT ?";
        let query = sqlx::query(sql).bind(after.cast_signed()).bind(limit as i64);
        query.fetch_all(&self.readers).await?.iter().map(read).collect()
    }
}

impl Exchange {
    /// The first place that a note speaks of ([`WITHHELD`], [`REORDERED`]).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn first_noted(&mut self) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT min(at) FROM quarantine WHERE reason IN (?, ?)";
        let first: Option<i64> =
            sqlx::query_scalar(sql).bind(WITHHELD).bind(REORDERED).fetch_one(self.connection()?).await?;
        Ok(first.map(i64::cast_unsigned))
    }

    /// Puts changes into quarantine. A copy whose signature is bad never takes the place of one that may yet open: their
    /// digest is the same.
    pub(super) async fn set_aside(&mut self, all: &[Quarantine]) -> Result<(), StoreError> {
        for some in all.chunks(100) {
            let values = vec!["(?, ?, ?, ?, ?, ?)"; some.len()].join(", ");
            let sql = format!(
                "INSERT INTO quarantine (digest, at, record, key, reason, bytes) VALUES {values} \
                 ON CONFLICT (digest) DO UPDATE SET (at, reason, bytes) = (excluded.at, excluded.reason, excluded.bytes) \
                 WHERE excluded.reason <> '{SIGNATURE}' OR excluded.bytes = quarantine.bytes"
            );
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, one| {
                let query = query.bind(one.digest.to_vec()).bind(one.at.cast_signed()).bind(one.record);
                query.bind(one.key.to_vec()).bind(one.reason.as_str()).bind(one.bytes.as_slice())
            });
            query.execute(self.connection()?).await?;
        }
        Ok(())
    }

    /// Takes changes out of quarantine.
    pub(super) async fn release(&mut self, digests: &[Digest]) -> Result<(), StoreError> {
        for some in digests.chunks(500) {
            let sql = format!("DELETE FROM quarantine WHERE digest IN ({})", marks(some.len()));
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, digest| query.bind(digest.to_vec()));
            query.execute(self.connection()?).await?;
        }
        Ok(())
    }
}
