//! Record keys as this device holds them: under a desk key as they travel, or wrapped for this machine.

use std::collections::HashSet;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::{Exchange, Received, marks};
use crate::store::{ROWS, Store, StoreError, execute_all, rows_of_marks};

/// A record key, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// Its id, as envelopes name it.
    pub key: [u8; 16],
    /// Record.
    pub record: Uuid,
    /// Epoch.
    pub epoch: u32,
    /// The key: as it travels under a desk key, or wrapped for this machine.
    pub sealed: Vec<u8>,
    /// Wrapped for this machine.
    pub here: bool,
    /// What this device writes may be sealed with it.
    pub writable: bool,
    /// Members who had the record in hand while it was in use.
    pub shown: Vec<Uuid>,
}

const COLUMNS: &str = "key, record, epoch, sealed, here, writable, shown";

fn read(row: &SqliteRow) -> Result<KeptKey, StoreError> {
    let (key, shown): (Vec<u8>, String) = (row.try_get(0)?, row.try_get(6)?);
    Ok(KeptKey {
        key: key.try_into().map_err(|_| StoreError::Unreadable)?,
        record: row.try_get(1)?,
        epoch: row.try_get(2)?,
        sealed: row.try_get(3)?,
        here: row.try_get(4)?,
        writable: row.try_get(5)?,
        shown: shown.split(' ').filter_map(|id| id.parse().ok()).collect(),
    })
}

impl Store {
    /// The keys with these ids, as far as this device holds them, in no order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn record_keys(&self, ids: &[[u8; 16]]) -> Result<Vec<KeptKey>, StoreError> {
        let mut keys = Vec::with_capacity(ids.len());
        for some in ids.chunks(500) {
            let sql = format!("SELECT {COLUMNS} FROM record_keys WHERE key IN ({})", marks(some.len()));
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, id| query.bind(id.to_vec()));
            for row in query.fetch_all(self.near().await?.connection()?).await? {
                keys.push(read(&row)?);
            }
        }
        Ok(keys)
    }

    /// Records that a member had in hand under one of their keys, as far as this device knows.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn shown_to(&self, member: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let sql = "SELECT DISTINCT record FROM record_keys WHERE instr(shown, ?) > 0";
        Ok(sqlx::query_scalar(sql).bind(member.to_string()).fetch_all(&self.readers).await?)
    }

    /// Which of these envelopes, by change and digest, are here already.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn known_envelopes(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, Vec<u8>)>, StoreError> {
        let mut known = Vec::new();
        for some in ids.chunks(500) {
            let sql = format!("SELECT change, digest FROM envelopes WHERE change IN ({})", marks(some.len()));
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, id| query.bind(*id));
            for row in query.fetch_all(&self.readers).await? {
                known.push((row.try_get(0)?, row.try_get(1)?));
            }
        }
        Ok(known)
    }
}

impl Exchange {
    /// Keys of records, of each the latest epoch first and within it always in the same order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn keys_of(&mut self, records: &[Uuid]) -> Result<Vec<KeptKey>, StoreError> {
        let mut keys = Vec::with_capacity(records.len());
        for some in records.chunks(512) {
            // Few texts whatever the number of records: each is compiled once. What is left unbound is null, and no record.
            let list = marks(some.len().next_power_of_two());
            let sql = format!("SELECT {COLUMNS} FROM record_keys WHERE record IN ({list}) ORDER BY epoch DESC, key");
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, record| query.bind(*record));
            for row in query.fetch_all(self.connection()?).await? {
                keys.push(read(&row)?);
            }
        }
        Ok(keys)
    }

    /// Keeps keys; those known stay as they are, but for becoming writable. Whether something in quarantine waits for one.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn put_keys(&mut self, keys: &[KeptKey]) -> Result<bool, StoreError> {
        let put = keys.chunks(ROWS).map(|some| {
            let values = rows_of_marks(7, some.len());
            let sql = format!(
                "INSERT INTO record_keys (key, record, epoch, sealed, here, writable, shown) VALUES {values} \
                 ON CONFLICT (key) DO UPDATE SET writable = 1 WHERE excluded.writable > record_keys.writable"
            );
            some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, key| {
                let query = query.bind(key.key.to_vec()).bind(key.record).bind(key.epoch).bind(key.sealed.as_slice());
                let shown: Vec<String> = key.shown.iter().map(Uuid::to_string).collect();
                query.bind(key.here).bind(key.writable).bind(shown.join(" "))
            })
        });
        execute_all(self.connection()?, put).await?;
        let waits: bool = match keys {
            [] => false,
            _ => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM quarantine)").fetch_one(self.connection()?).await?,
        };
        if !waits {
            return Ok(false);
        }
        for some in keys.chunks(500) {
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM quarantine WHERE reason = 'no_key' AND key IN ({}))",
                marks(some.len())
            );
            let query =
                some.iter().fold(sqlx::query_scalar(AssertSqlSafe(sql)), |query, key| query.bind(key.key.to_vec()));
            if query.fetch_one(self.connection()?).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes who had a record in hand while a key was in use.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn show_key(&mut self, key: &[u8; 16], members: &[Uuid]) -> Result<(), StoreError> {
        self.show_keys(members.iter().map(|member| (*key, *member)).collect()).await
    }

    /// The same of what came.
    pub(super) async fn note_shown(&mut self, received: &[Received]) -> Result<(), StoreError> {
        let pairs = |one: &Received| one.assignees.iter().map(|member| (one.key, *member)).collect::<Vec<_>>();
        self.show_keys(received.iter().flat_map(pairs).collect()).await
    }

    async fn show_keys(&mut self, mut shown: Vec<([u8; 16], Uuid)>) -> Result<(), StoreError> {
        let mut seen = HashSet::with_capacity(shown.len());
        shown.retain(|pair| seen.insert(*pair));
        for some in shown.chunks(ROWS) {
            let sql = "UPDATE record_keys SET shown = trim(shown || ' ' || ?) WHERE key = ? AND instr(shown, ?) = 0";
            let mut query = sqlx::query(AssertSqlSafe(vec![sql; some.len()].join("; ")));
            for (key, member) in some {
                query = query.bind(member.to_string()).bind(key.to_vec()).bind(member.to_string());
            }
            query.execute(self.connection()?).await?;
        }
        Ok(())
    }

    /// Whether this device has sealed a key to a seat before; from here on it has.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn gives_first(&mut self, key: &[u8; 16], member: Uuid, device: Uuid) -> Result<bool, StoreError> {
        let sql = "INSERT OR IGNORE INTO given_keys (key, member, device) VALUES (?, ?, ?)";
        let query = sqlx::query(sql).bind(key.to_vec()).bind(member).bind(device);
        Ok(query.execute(self.connection()?).await?.rows_affected() == 1)
    }

    /// A member has a record in hand no more: what was given to him goes with it, and is given anew should it come back.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn forget_given(&mut self, record: Uuid, member: Uuid) -> Result<(), StoreError> {
        let sql = "DELETE FROM given_keys WHERE member = ? AND key IN (SELECT key FROM record_keys WHERE record = ?)";
        sqlx::query(sql).bind(member).bind(record).execute(self.connection()?).await?;
        Ok(())
    }
}
