//! The floor: SQLCipher through sqlx and nothing of ours between, opened as the store opens it.

use std::path::Path;
use std::time::Duration;

use kefu_vault::DatabaseKey;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row};

use crate::Outcome;

/// A connection with the options of the store, so that the difference is our work and not a setting.
pub(crate) async fn connect(path: &Path, key: &DatabaseKey) -> Outcome<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .pragma("key", format!("\"x'{}'\"", key.hex().as_str()))
        .pragma("cipher_log_level", "NONE")
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", "4000")
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .row_buffer_size(256)
        .disable_statement_logging();
    Ok(options.connect().await?)
}

/// A file of one table that holds `rows` rows of `bytes` bytes: what a bare transaction appends to.
pub(crate) struct Blobs(SqliteConnection);

impl Blobs {
    /// Makes the file, or goes on with the one of an earlier run.
    pub(crate) async fn ready(path: &Path, key: &DatabaseKey, rows: u32, bytes: usize) -> Outcome<Self> {
        let mut connection = connect(path, key).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS blobs (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
            .execute(&mut connection)
            .await?;
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM blobs").fetch_one(&mut connection).await?;
        for missing in (there..i64::from(rows)).step_by(10_000) {
            sqlx::query(
                "WITH RECURSIVE nth (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM nth WHERE n < ?) \
                 INSERT INTO blobs (bytes) SELECT zeroblob(?) FROM nth",
            )
            .bind((i64::from(rows) - missing).min(10_000))
            .bind(bytes as i64)
            .execute(&mut connection)
            .await?;
        }
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        Ok(Blobs(connection))
    }

    /// One bare transaction: the bytes are on disk when this returns.
    pub(crate) async fn append(&mut self, bytes: &[u8]) -> Outcome {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut self.0).await?;
        sqlx::query("INSERT INTO blobs (bytes) VALUES (?)").bind(bytes).execute(&mut self.0).await?;
        sqlx::query("COMMIT").execute(&mut self.0).await?;
        Ok(())
    }

    pub(crate) async fn close(self) -> Outcome {
        Ok(self.0.close().await?)
    }
}

/// Pages in the write-ahead log of the file, after what it holds was written back; `empty` also begins it anew.
pub(crate) async fn logged_pages(connection: &mut SqliteConnection, empty: bool) -> Outcome<i64> {
    let sql = if empty { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
    Ok(sqlx::query(sql).fetch_one(connection).await?.try_get(1)?)
}
