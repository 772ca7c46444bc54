//! Opens and creates the encrypted file, and tells the ways in which that can fail apart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqlStr, SqlitePool};
use tokio::sync::Mutex;
use uuid::Uuid;

use kefu_vault::{DatabaseKey, HeadFile};

/// Every landed migration, in order; one is never edited afterwards. Named one by one rather than by sqlx's macro,
/// which would compile a second SQLite just to read the folder.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let one = |version, name: &'static str, sql| {
        Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations(vec![one(1, "start", include_str!("../../../migrations/local/0001_start.sql"))])
});

/// Name of the database in the desk's folder.
const FILE: &str = "desk.db";

/// Bytes of a page as SQLCipher lays them out.
const FIRST_PAGE: u64 = 4096;

/// Why the store says no.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A database lies here already.
    #[error("a database lies here already")]
    Exists,
    /// No database lies here.
    #[error("no database lies here")]
    Missing,
    /// The key does not fit, or the file is damaged.
    #[error("the key does not fit, or the file is damaged")]
    Unreadable,
    /// A newer program wrote it.
    #[error("a newer version of the program wrote this database")]
    Newer,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// This build carries plain SQLite: nothing would be encrypted.
    #[error("this build does not encrypt")]
    NotEncrypting,
    /// A stored record cannot be read. The cause is not printed: it may quote what a customer said.
    #[error("a stored record cannot be read")]
    Data(#[from] serde_json::Error),
    /// A stored change cannot be read.
    #[error(transparent)]
    Change(#[from] kefu_domain::change::Unreadable),
    /// Anything else from the database. Statements carry no values, so neither does this.
    #[error("database: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()).and_then(|c| c.parse::<u32>().ok());
        // The low byte is SQLite's primary result code.
        match code.map(|c| c & 0xff) {
            Some(11 | 26) => StoreError::Unreadable, // CORRUPT, NOTADB
            Some(13) => StoreError::Full,
            Some(14) => StoreError::Missing, // CANTOPEN
            _ => StoreError::Database(error),
        }
    }
}

/// This installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Identity of the device.
    pub id: Uuid,
    /// Its code in form numbers.
    pub code: String,
}

/// The open database of one desk.
#[derive(Clone)]
pub struct Store {
    pub(crate) readers: SqlitePool,
    pub(crate) writer: Arc<Mutex<Writer>>,
    pub(crate) device: DeviceInfo,
}

/// The one connection that writes, with the head file that follows it.
pub(crate) struct Writer {
    /// None once the store is closed.
    connection: Option<SqliteConnection>,
    pub(crate) head_file: HeadFile,
}

impl Writer {
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.connection.as_mut().ok_or(StoreError::Database(sqlx::Error::PoolClosed))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("device", &self.device).finish_non_exhaustive()
    }
}

fn options(path: &Path, key: &DatabaseKey, create: bool) -> SqliteConnectOptions {
    // Never print these: they hold the key. Statement logging is off because PRAGMA key is a statement.
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .pragma("key", format!("\"x'{}'\"", key.hex().as_str()))
        .pragma("cipher_log_level", "NONE") // errors come back as codes; nothing goes to the terminal
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "MEMORY") // SQLite's temporary files would be in clear
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .disable_statement_logging()
}

impl Store {
    /// Whether a database lies in `folder`.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Creates the database of a new desk.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where one lies already; nothing is touched then.
    pub async fn create(folder: &Path, key: &DatabaseKey, device: DeviceInfo) -> Result<Self, StoreError> {
        if Self::exists(folder) {
            return Err(StoreError::Exists);
        }
        let mut connection = connect(folder, key, true).await?;
        MIGRATIONS.run_direct(None, &mut connection, false).await.map_err(from_migrate)?;
        sqlx::query("INSERT INTO devices (no, id, code, link) VALUES (1, ?, ?, zeroblob(32))")
            .bind(device.id)
            .bind(&device.code)
            .execute(&mut connection)
            .await?;
        Ok(Self::with(folder, key, connection, device))
    }

    /// Opens the database in `folder` and brings its schema up to this program's.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Unreadable`], [`StoreError::Newer`] (left untouched).
    pub async fn open(folder: &Path, key: &DatabaseKey) -> Result<Self, StoreError> {
        if !Self::exists(folder) {
            return Err(StoreError::Missing);
        }
        // SQLite would take a file shorter than its first page for a new one and write into it.
        if std::fs::metadata(folder.join(FILE)).is_ok_and(|file| file.len() < FIRST_PAGE) {
            return Err(StoreError::Unreadable);
        }
        let mut connection = connect(folder, key, false).await?;
        let newest = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
        let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await
            .map_err(|_| StoreError::Unreadable)?;
        if found > newest {
            return Err(StoreError::Newer);
        }
        if found < newest {
            MIGRATIONS.run_direct(None, &mut connection, false).await.map_err(from_migrate)?;
        }
        let row = sqlx::query("SELECT id, code FROM devices WHERE no = 1").fetch_one(&mut connection).await?;
        let device = DeviceInfo { id: row.try_get(0)?, code: row.try_get(1)? };
        Ok(Self::with(folder, key, connection, device))
    }

    fn with(folder: &Path, key: &DatabaseKey, connection: SqliteConnection, device: DeviceInfo) -> Self {
        let readers = SqlitePoolOptions::new()
            .max_connections(3)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options(&folder.join(FILE), key, false));
        let writer = Writer { connection: Some(connection), head_file: HeadFile::in_folder(folder, key) };
        Store { readers, writer: Arc::new(Mutex::new(writer)), device }
    }

    /// This installation.
    pub fn device(&self) -> &DeviceInfo {
        &self.device
    }

    /// Closes all connections, for every clone of this store, and folds the write-ahead log back into the file. To be
    /// called before the program ends: a connection that is still closing then meets a library already torn down.
    pub async fn close(&self) {
        self.readers.close().await;
        // Waits for a door that is still open.
        let connection = self.writer.lock().await.connection.take();
        if let Some(connection) = connection {
            // What is acknowledged is on disk already; a failing close loses nothing.
            let _ = connection.close().await;
        }
    }

    /// Path of the database in `folder`, for messages to an administrator.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }
}

fn from_migrate(error: sqlx::migrate::MigrateError) -> StoreError {
    match error {
        sqlx::migrate::MigrateError::Execute(error) => error.into(),
        sqlx::migrate::MigrateError::VersionMissing(_) | sqlx::migrate::MigrateError::VersionTooNew(..) => {
            StoreError::Newer
        }
        _ => StoreError::Unreadable,
    }
}

async fn connect(folder: &Path, key: &DatabaseKey, create: bool) -> Result<SqliteConnection, StoreError> {
    let mut connection = options(&folder.join(FILE), key, create).connect().await?;
    let cipher: Option<String> = sqlx::query_scalar("PRAGMA cipher_version").fetch_optional(&mut connection).await?;
    if cipher.is_none_or(|version| version.is_empty()) {
        return Err(StoreError::NotEncrypting);
    }
    Ok(connection)
}

impl Store {
    /// Limits the file to `pages` pages beyond which SQLite answers as it does on a full disk; None lifts the limit.
    /// For tests of exactly that.
    ///
    /// # Errors
    /// The database does not answer.
    #[doc(hidden)]
    pub async fn limit_pages(&self, pages: Option<u32>) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let sql = format!("PRAGMA max_page_count = {}", pages.unwrap_or(u32::MAX - 1));
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(writer.connection()?).await?;
        Ok(())
    }
}
