//! Opens and creates the encrypted file, and tells the ways in which that can fail apart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqlStr, Sqlite};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use kefu_vault::{DatabaseKey, Head, HeadFile};

use crate::folding;
use crate::indexing::{self, Ahead, Following, Progress};
use crate::list::LastWalked;
use crate::reader::{Lease, Reader};
use crate::rules;

/// Every landed migration, in order; one is never edited afterwards. Named one by one rather than by sqlx's macro,
/// which would compile a second SQLite just to read the folder.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let one = |version, name: &'static str, sql| {
        Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations(vec![
        one(1, "start", include_str!("../../../migrations/local/0001_start.sql")),
        one(2, "fast lists", include_str!("../../../migrations/local/0002_fast_lists.sql")),
        one(3, "forms whole", include_str!("../../../migrations/local/0003_forms_whole.sql")),
        one(4, "following indexes", include_str!("../../../migrations/local/0004_following_indexes.sql")),
        one(5, "board", include_str!("../../../migrations/local/0005_board.sql")),
        one(6, "parties", include_str!("../../../migrations/local/0006_parties.sql")),
        one(7, "workspace", include_str!("../../../migrations/local/0007_workspace.sql")),
        one(8, "exchange", include_str!("../../../migrations/local/0008_exchange.sql")),
        one(9, "visits", include_str!("../../../migrations/local/0009_visits.sql")),
        one(10, "field service", include_str!("../../../migrations/local/0010_field_service.sql")),
        one(11, "seen", include_str!("../../../migrations/local/0011_seen.sql")),
        one(12, "carried", include_str!("../../../migrations/local/0012_carried.sql")),
        one(13, "hands", include_str!("../../../migrations/local/0013_hands.sql")),
        one(14, "erased", include_str!("../../../migrations/local/0014_erased.sql")),
        one(15, "customer types", include_str!("../../../migrations/local/0015_customer_types.sql")),
        one(16, "queries", include_str!("../../../migrations/local/0016_queries.sql")),
        one(17, "serials at hand", include_str!("../../../migrations/local/0017_serials_at_hand.sql")),
        one(18, "gates", include_str!("../../../migrations/local/0018_gates.sql")),
    ])
});

/// A statement, or several in one text: each trip to the connection's thread costs as much as a small statement.
pub(crate) type Statement<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// Rows in one statement, where many are written: each trip to the connection's thread costs, and so does each statement of
/// another length, which is compiled anew.
pub(crate) const ROWS: usize = 64;

/// Executes statements in their order; each is put together while the one before is carried out, on a thread of its own.
pub(crate) async fn execute_all<'q>(
    connection: &mut SqliteConnection,
    mut statements: impl Iterator<Item = Statement<'q>>,
) -> Result<(), StoreError> {
    let mut next = statements.next();
    while let Some(statement) = next {
        let done;
        (done, next) = tokio::join!(statement.execute(&mut *connection), async { statements.next() });
        done?;
    }
    Ok(())
}

/// Lets go of what hundreds of changes hold beside the writing: it takes as long as to write some of them.
pub(crate) fn drop_aside<T: Send + 'static>(spent: Vec<T>) {
    if spent.len() > ROWS {
        tokio::task::spawn_blocking(move || drop(spent));
    }
}

/// `count` question marks.
pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// `rows` rows of `width` question marks each, for VALUES.
pub(crate) fn rows_of_marks(width: usize, rows: usize) -> String {
    vec![format!("({})", marks(width)); rows].join(", ")
}

/// Name of the database in the desk's folder.
const FILE: &str = "desk.db";

/// Cache of the connection for what takes seconds: it reads most pages once. 16 MB.
const ASIDE: &str = "-16384";

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
    /// The system's random source failed.
    #[error("the system's random source failed")]
    Random,
    /// The kept member log does not hold together.
    #[error("the member log kept here: {0}")]
    Roster(kefu_vault::roster::LogError),
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
    /// For what takes milliseconds.
    pub(crate) readers: Reader,
    /// For what takes seconds, so that nobody waits for it.
    pub(crate) aside: Reader,
    pub(crate) writer: Arc<Mutex<Writer>>,
    /// For reading; the writer has its own.
    pub(crate) heads: Arc<HeadFile>,
    pub(crate) device: Arc<RwLock<DeviceInfo>>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) ruled: rules::Shared,
    pub(crate) walked: LastWalked,
    _unclosed: Arc<Unclosed>,
}

/// What a store leaves open that is dropped without [`Store::close`]. Dropped, its connections would close in threads of
/// their own that nobody waits for, and where the program ends meanwhile, in a library already torn down: it would die of
/// that. Left alone, they end with the program.
struct Unclosed {
    readers: Reader,
    aside: Reader,
    writer: Arc<Mutex<Writer>>,
}

impl Drop for Unclosed {
    fn drop(&mut self) {
        if !self.readers.is_closed() {
            std::mem::forget((self.readers.clone(), self.aside.clone(), self.writer.clone()));
        }
    }
}

/// The one connection that writes, with the head file and the indexes that follow it.
pub(crate) struct Writer {
    /// None once the store is closed.
    connection: Option<SqliteConnection>,
    pub(crate) head_file: HeadFile,
    pub(crate) progress: Arc<Progress>,
    pub(crate) ruled: rules::Shared,
    pub(crate) following: Following,
    /// Entries of forms that the indexes come to next.
    pub(crate) ahead: Ahead,
}

impl Writer {
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.connection.as_mut().ok_or(StoreError::Database(sqlx::Error::PoolClosed))
    }
}

/// A connection to read through.
pub(crate) enum Near<'a> {
    Writers(MutexGuard<'a, Writer>),
    Readers(Lease),
}

impl Near<'_> {
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        match self {
            Near::Writers(writer) => writer.connection(),
            Near::Readers(connection) => Ok(connection),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("device", &self.device()).finish_non_exhaustive()
    }
}

fn options(path: &Path, key: &DatabaseKey, create: bool) -> SqliteConnectOptions {
    // Never print these: they hold the key. Statement logging is off because PRAGMA key is a statement.
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .pragma("key", format!("\"x'{}'\"", key.hex().as_str()))
        .pragma("cache_size", "-131072")
        .pragma("temp_store", "MEMORY") // SQLite's temporary files would be in clear
        .pragma("wal_autocheckpoint", "4000") // 16 MB: the same pages of the indexes are then written back less often
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .row_buffer_size(256) // a whole page of rows, without waiting in between for who reads them
        .disable_statement_logging()
}

impl Store {
    /// Whether a database lies in `folder`. A folder that cannot be looked into may hold one.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).try_exists().unwrap_or(true)
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
        Ok(Self::with(folder, key, connection, device, Progress::default()))
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
        let mut head_file = HeadFile::in_folder(folder, key);
        let anchor = head_file.read(); // before the database is looked at: it never runs ahead of it
        let mut connection = connect(folder, key, false).await?;
        match Self::brought_up(&mut connection, &mut head_file, anchor).await {
            Ok((device, progress)) => {
                let store = Self::with(folder, key, connection, device, progress);
                indexing::begin(store.writer.clone().lock_owned().await);
                Ok(store)
            }
            Err(refused) => {
                let _ = connection.close().await; // why it is refused is what counts
                Err(refused)
            }
        }
    }

    /// Brings an opened database up to this program's schema; who writes it, and how far its indexes are.
    async fn brought_up(
        connection: &mut SqliteConnection,
        head_file: &mut HeadFile,
        anchor: Option<Head>,
    ) -> Result<(DeviceInfo, Progress), StoreError> {
        let newest = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
        let found: (i64, i64) = sqlx::query_as("SELECT coalesce(max(version), 0), count(*) FROM _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await
            .map_err(|_| StoreError::Unreadable)?;
        if found.0 > newest {
            return Err(StoreError::Newer);
        }
        if found.1 < MIGRATIONS.iter().count() as i64 {
            MIGRATIONS.run_direct(None, &mut *connection, false).await.map_err(from_migrate)?;
        }
        let row = sqlx::query("SELECT id, code FROM devices WHERE no = 1").fetch_one(&mut *connection).await?;
        let device = DeviceInfo { id: row.try_get(0)?, code: row.try_get(1)? };
        guard_the_end(connection, head_file, anchor).await?;
        folding::anew(connection).await?;
        let progress = Progress::read(connection).await?;
        Ok((device, progress))
    }

    fn with(
        folder: &Path,
        key: &DatabaseKey,
        connection: SqliteConnection,
        device: DeviceInfo,
        progress: Progress,
    ) -> Self {
        let (progress, ruled) = (Arc::new(progress), rules::Shared::default());
        let options = options(&folder.join(FILE), key, false);
        let (readers, aside) = (Reader::new(options.clone()), Reader::new(options.pragma("cache_size", ASIDE)));
        let writer = Arc::new(Mutex::new(Writer {
            connection: Some(connection),
            head_file: HeadFile::in_folder(folder, key),
            progress: progress.clone(),
            ruled: ruled.clone(),
            following: Following::default(),
            ahead: Ahead::default(),
        }));
        let unclosed = Unclosed { readers: readers.clone(), aside: aside.clone(), writer: writer.clone() };
        let device = Arc::new(RwLock::new(device));
        let heads = Arc::new(HeadFile::in_folder(folder, key));
        Store {
            readers,
            aside,
            writer,
            heads,
            device,
            progress,
            ruled,
            walked: LastWalked::default(),
            _unclosed: Arc::new(unclosed),
        }
    }

    /// The writer's own connection while nobody writes, for what is read beside each act: every commit makes the cache of
    /// all other connections worthless, and their next read decrypts its pages anew.
    pub(crate) async fn near(&self) -> Result<Near<'_>, StoreError> {
        match self.writer.try_lock() {
            Ok(writer) => Ok(Near::Writers(writer)),
            Err(_) => Ok(Near::Readers(self.readers.acquire().await?)),
        }
    }

    /// This installation. It becomes another one where its profile turns out to be a copy.
    pub fn device(&self) -> DeviceInfo {
        self.device.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Closes all connections, for every clone of this store, and folds the write-ahead log back into the file. To be
    /// called before the program ends: a connection that is still closing then meets a library already torn down.
    pub async fn close(&self) {
        self.readers.close().await;
        self.aside.close().await;
        // Waits for a door that is still open.
        let mut writer = self.writer.lock().await;
        indexing::before_close(&mut writer).await;
        let connection = writer.connection.take();
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

/// Where the log is shorter than the head file says (an older copy of the database, a write-ahead log that is gone),
/// keeps the proof aside for `verify`, and leaves out as many numbers as there may have been forms.
async fn guard_the_end(
    connection: &mut SqliteConnection,
    head_file: &mut HeadFile,
    anchor: Option<Head>,
) -> Result<(), StoreError> {
    let row =
        sqlx::query("SELECT seq, (SELECT link FROM changes WHERE device = 1 AND seq = ?) FROM devices WHERE no = 1")
            .bind(anchor.map_or(0, |head| head.seq as i64))
            .fetch_one(&mut *connection)
            .await?;
    let (seq, link): (i64, Option<Vec<u8>>) = (row.try_get(0)?, row.try_get(1)?);
    let whole = match anchor {
        None => seq == 0,
        Some(head) => head.seq == 0 || link.is_some_and(|link| link == head.link),
    };
    if whole {
        return Ok(());
    }
    tracing::warn!(seq, "the log is shorter than its head file says");
    head_file.keep_aside().map_err(|error| StoreError::Database(error.into()))?;
    let lost = anchor.map_or(0, |head| head.seq.saturating_sub(seq as u64)) as i64;
    let sql = "UPDATE serials SET last = last + ?; UPDATE devices SET serial = serial + ? WHERE no = 1";
    sqlx::query(sql).bind(lost).bind(lost).execute(&mut *connection).await?;
    sqlx::query("INSERT OR REPLACE INTO preferences (key, value) VALUES ('serial_skip', ?)")
        .bind(lost.to_string())
        .execute(&mut *connection)
        .await?;
    let head = sqlx::query("SELECT seq, link FROM devices WHERE no = 1").fetch_one(&mut *connection).await?;
    let link: Vec<u8> = head.try_get(1)?;
    let head = Head { seq: seq as u64, link: link.try_into().map_err(|_| StoreError::Unreadable)? };
    // From here on the file speaks of the log as it is now, so that this is kept aside once.
    head_file.write(head).map_err(|error| StoreError::Database(error.into()))
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
    kefu_vault::no_clearing_up();
    silence_sqlcipher().await?;
    let mut connection = options(&folder.join(FILE), key, create).connect().await?;
    let cipher: Option<String> = sqlx::query_scalar("PRAGMA cipher_version").fetch_optional(&mut connection).await?;
    if cipher.is_none_or(|version| version.is_empty()) {
        return Err(StoreError::NotEncrypting);
    }
    Ok(connection)
}

impl Store {
    /// Limits the file to `pages` pages beyond which SQLite answers as it does on a full disk; None lifts the limit.
    /// Gives the limit that holds from here on: never less than the file has. For tests of exactly that.
    ///
    /// # Errors
    /// The database does not answer.
    #[doc(hidden)]
    pub async fn limit_pages(&self, pages: Option<u32>) -> Result<u32, StoreError> {
        let mut writer = self.writer.lock().await;
        let sql = format!("PRAGMA max_page_count = {}", pages.unwrap_or(u32::MAX - 1));
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(writer.connection()?).await?)
    }
}

/// SQLCipher would write to the terminal of its own accord; errors come back as codes. The setting holds for the whole
/// process, and must stand before the first page is read with a wrong key.
async fn silence_sqlcipher() -> Result<(), StoreError> {
    static SILENT: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    let silence = async || {
        let memory = SqliteConnectOptions::new().in_memory(true).pragma("cipher_log_level", "NONE");
        memory.disable_statement_logging().connect().await?.close().await
    };
    SILENT.get_or_try_init(silence).await?;
    Ok(())
}
