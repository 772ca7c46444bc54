//! The indexes follow the log: what lists, counts and searches read is brought up to the records once the writing
//! pauses, or at once when somebody reads.
//!
//! A list entry, its counts and a search segment dirty three times as many pages as the change and its record. Written
//! in the change's own transaction they made the caller wait for all of them; here some dozens of forms share them. How
//! far the indexes have come stands beside them in the file, so that nothing is lost by a crash: whoever opens the desk
//! next goes on from there. Nobody sees the difference, because every reader of an index waits for it
//! ([`Store::indexed`]); but for that of visits, which is written with the change ([`services::follow`]).
//!
//! Where an exchange brings so much that the indexes would have a transaction of their own for it, they come with its own
//! ([`within`]), and what they keep of its forms was made before, beside the writing ([`Ahead`]).

mod ahead;
mod batch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::change::kind;

use crate::reader::Reader;
use crate::rules::{self, Ruled};
use crate::search::merging;
use crate::sight;
use crate::store::{ROWS, Store, StoreError, Writer, marks};
use crate::{board, services, visits};

pub(crate) use ahead::{Ahead, Ready};
pub use batch::By;
use batch::Kept;

/// How often the task looks whether the writing pauses.
const PAUSE: Duration = Duration::from_millis(25);
/// Changes indexed in one transaction, even while others follow; a write waits for one of them at most.
const BATCH: i64 = 2048;
/// So many that an exchange takes in at once are indexed in its own transaction: pages of the file that both write are then
/// written once.
const AT_ONCE: i64 = 1000;
/// Columns that [`Kept`] is read from.
const KEPT: &str = "r.row, r.id, r.body, f.search_sum, r.kind";
/// The changes that are not indexed yet; to be gone on with.
const LATEST: &str = "SELECT place, record FROM changes WHERE place > (SELECT place FROM indexed)";

/// How far the log and its indexes have come, as places of the log.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    committed: AtomicI64,
    indexed: AtomicI64,
    /// The board, or part of it, is timed by rules that were others.
    untimed: AtomicBool,
    /// Steps of exchanges: they may put entries right without a new change.
    exchanged: AtomicU64,
}

impl Progress {
    /// As the file has it.
    pub(crate) async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let sql = "SELECT (SELECT coalesce(max(place), 0) FROM changes), place, timed IS NOT NULL FROM indexed";
        let row = sqlx::query(sql).fetch_one(connection).await?;
        Ok(Progress {
            committed: AtomicI64::new(row.try_get(0)?),
            indexed: AtomicI64::new(row.try_get(1)?),
            untimed: AtomicBool::new(row.try_get(2)?),
            exchanged: AtomicU64::default(),
        })
    }

    pub(crate) fn committed(&self) -> i64 {
        self.committed.load(Ordering::Acquire)
    }

    pub(crate) fn exchanged(&self) -> u64 {
        self.exchanged.load(Ordering::Acquire)
    }

    /// A step of an exchange was committed.
    pub(crate) fn note_exchange(&self) {
        self.exchanged.fetch_add(1, Ordering::AcqRel);
    }

    /// The indexes hold all up to this place, as committed.
    pub(crate) fn note_indexed(&self, place: i64) {
        self.indexed.fetch_max(place, Ordering::AcqRel);
    }

    fn untimed(&self) -> bool {
        self.untimed.load(Ordering::Acquire)
    }

    fn behind(&self) -> i64 {
        self.committed.load(Ordering::Acquire) - self.indexed.load(Ordering::Acquire)
    }
}

/// What the writer knows of it.
#[derive(Default)]
pub(crate) struct Following {
    /// A task is under way.
    running: bool,
    /// Something was indexed since segments were last merged.
    unmerged: bool,
}

/// Called with the writer still held, after each commit; `place` is the last of the log.
pub(crate) fn after_commit(writer: OwnedMutexGuard<Writer>, place: i64) {
    writer.progress.committed.fetch_max(place, Ordering::AcqRel);
    begin(writer);
}

/// Indexes in the transaction that the writer is in, where much of the log up to `place` waits for it; how far the indexes
/// come with its commit. What cannot be indexed waits for [`follow`]: it must not keep from the log what came.
pub(crate) async fn within(writer: &mut Writer, place: i64) -> Result<Option<i64>, StoreError> {
    if place - writer.progress.indexed.load(Ordering::Acquire) < AT_ONCE {
        return Ok(None);
    }
    sqlx::query("SAVEPOINT indexing").execute(writer.connection()?).await?;
    let (progress, shared, mut ahead) = writer.indexing();
    let indexed = next(writer.connection()?, &shared, &progress, &mut ahead).await;
    let (undo, indexed) = match indexed {
        Ok(place) => ("", Some(place)),
        Err(error) => {
            tracing::warn!(%error, "not indexed in the transaction of an exchange");
            ("ROLLBACK TO indexing; ", None)
        }
    };
    sqlx::query(AssertSqlSafe(format!("{undo}RELEASE indexing"))).execute(writer.connection()?).await?;
    writer.ahead = ahead;
    Ok(indexed)
}

/// Lets the task run that follows the log, also for what an earlier program left to do.
pub(crate) fn begin(mut writer: OwnedMutexGuard<Writer>) {
    if writer.following.running {
        return;
    }
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        writer.following.running = true;
        runtime.spawn(follow(OwnedMutexGuard::mutex(&writer).clone()));
    }
}

async fn follow(writer: Arc<Mutex<Writer>>) {
    let mut seen = -1;
    loop {
        tokio::time::sleep(PAUSE).await;
        let mut writer = writer.lock().await;
        let committed = writer.progress.committed.load(Ordering::Acquire);
        if committed != seen && writer.progress.behind() < BATCH {
            seen = committed;
            continue;
        }
        let more = match writer.progress.behind() > 0 {
            true => step(&mut writer).await.is_ok(),
            false if writer.progress.untimed() => time(&mut writer).await.is_ok(),
            false => idle_step(&mut writer).await.unwrap_or(false),
        };
        // Full, closed, busy: the indexes stay as they are, and the next commit or reader tries again.
        if !more {
            writer.following = Following::default();
            return;
        }
    }
}

/// A little of what makes later reading faster; whether there was anything to do.
async fn idle_step(writer: &mut Writer) -> Result<bool, StoreError> {
    Ok(merging::step(writer).await? || sight::step(writer).await?)
}

/// Everything that is left, before the program ends.
pub(crate) async fn before_close(writer: &mut Writer) {
    while writer.progress.behind() > 0 {
        if step(writer).await.is_err() {
            return;
        }
    }
    // Programs that write one form and end would otherwise never merge.
    if std::mem::take(&mut writer.following.unmerged) {
        let _ = merging::step(writer).await;
    }
}

impl Writer {
    /// What indexing takes beside the connection.
    fn indexing(&mut self) -> (Arc<Progress>, rules::Shared, Ahead) {
        self.following.unmerged = true;
        (self.progress.clone(), self.ruled.clone(), std::mem::take(&mut self.ahead))
    }
}

impl Store {
    /// What entries of the indexes are made by, as the log has it now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn indexed_by(&self) -> Result<Arc<By>, StoreError> {
        let mut near = self.near().await?;
        let rules = rules::ruled(near.connection()?, &self.ruled).await?;
        By::with(rules, near.connection()?).await
    }

    /// Readers of the indexes, which hold everything committed by then. A full disk leaves them behind: then they are
    /// read as they are, for the log is whole and they follow it once there is room.
    pub(crate) async fn indexed(&self) -> &Reader {
        while self.progress.behind() > 0 {
            let mut writer = self.writer.lock().await;
            if writer.progress.behind() > 0
                && let Err(error) = step(&mut writer).await
            {
                tracing::warn!(%error, "the indexes are behind the log");
                break;
            }
        }
        &self.readers
    }

    /// Waits until the indexes hold everything committed by now, and nothing is left that is done while nobody writes.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn caught_up(&self) -> Result<(), StoreError> {
        self.indexed().await;
        while idle_step(&mut *self.writer.lock().await).await? {}
        Ok(())
    }

    /// Readers of the board, timed by the rules as the log has them: what another program wrote counts, too.
    pub(crate) async fn timed(&self) -> Result<&Reader, StoreError> {
        let readers = self.indexed().await;
        let sql = "SELECT rules, timed IS NULL FROM indexed";
        loop {
            let mut connection = readers.acquire().await?;
            let key = rules::key(&mut connection).await?;
            let row = sqlx::query(sql).fetch_one(&mut *connection).await?;
            if row.try_get::<i64, _>(0)? == key && row.try_get::<bool, _>(1)? {
                return Ok(readers);
            }
            drop(connection);
            if let Err(error) = time(&mut *self.writer.lock().await).await {
                tracing::warn!(%error, "the board is timed by earlier rules");
                return Ok(readers);
            }
        }
    }
}

/// Indexes the next changes of the log, in one transaction.
async fn step(writer: &mut Writer) -> Result<(), StoreError> {
    let (progress, shared, mut ahead) = writer.indexing();
    let mut transaction = writer.connection()?.begin_with("BEGIN IMMEDIATE").await?;
    let place = next(&mut transaction, &shared, &progress, &mut ahead).await?;
    transaction.commit().await?;
    writer.ahead = ahead;
    progress.note_indexed(place);
    Ok(())
}

/// Indexes the next changes of the log, in the transaction that `connection` is in; how far the indexes come with it.
async fn next(
    connection: &mut SqliteConnection,
    shared: &rules::Shared,
    progress: &Progress,
    ahead: &mut Ahead,
) -> Result<i64, StoreError> {
    let by = By::now(connection, shared, progress).await?;
    // The last of a whole batch; none where there are fewer.
    let sql = format!("{LATEST} ORDER BY place LIMIT 1 OFFSET {}", BATCH - 1);
    let last: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(&mut *connection).await?;
    // Read by record: what changed more than once is read and indexed once.
    let sql = format!(
        "SELECT {KEPT} FROM records r LEFT JOIN forms f ON f.row = r.row \
         WHERE r.row IN (SELECT record FROM ({LATEST} AND place <= ?)) AND r.kind IN (?, ?, ?, ?)"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(last.unwrap_or(i64::MAX)).bind(kind::FORM).bind(kind::VISIT);
    let query = services::KINDS.iter().fold(query, |query, kind| query.bind(*kind));
    let (mut made, mut kept) = (Vec::new(), Vec::new());
    for row in &query.fetch_all(&mut *connection).await? {
        let (at, id, body, sum, of): (i64, Uuid, &str, Option<i64>, &str) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        if of == kind::FORM {
            match ahead.take(at, id, body, &by) {
                Some(ready) => made.extend(ready.at(at, sum)),
                None => kept.push(Kept { row: at, id, body: body.to_owned(), sum, entered: Vec::new() }),
            }
            continue;
        }
        let record: Record = serde_json::from_str(body)?;
        if record.changes == 0 {
            continue; // refused, or taken off this device: it was taken out of the indexes then
        }
        match of {
            kind::VISIT => visits::index(&mut *connection, at, id, &record).await?,
            _ => services::index(&mut *connection, at, &record).await?,
        }
    }
    read_entered(connection, &mut kept).await?;
    batch::enter(connection, made, kept, &by).await?;
    let sql = "UPDATE indexed SET place = coalesce(?, (SELECT coalesce(max(place), 0) FROM changes)) RETURNING place";
    let place = sqlx::query_scalar(sql).bind(last).fetch_one(connection).await?;
    if last.is_none() {
        *ahead = Ahead::default(); // nothing follows
    }
    Ok(place)
}

/// Reads what people entered into those of these forms that were ever corrected.
async fn read_entered(connection: &mut SqliteConnection, forms: &mut [Kept]) -> Result<(), StoreError> {
    for some in forms.chunks_mut(ROWS) {
        let sql =
            format!("SELECT r.row FROM records r WHERE r.row IN ({}) AND {}", marks(some.len()), sight::CORRECTED);
        let query =
            some.iter().fold(sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)), |query, one| query.bind(one.row));
        for row in query.fetch_all(&mut *connection).await? {
            if let Some(one) = some.iter_mut().find(|one| one.row == row) {
                one.entered = sight::entered(connection, row).await?;
            }
        }
    }
    Ok(())
}

/// Indexes a form that was folded otherwise without a new change, or takes it out where nothing is left of it. Part of the
/// transaction that `connection` is in.
pub(crate) async fn anew(
    connection: &mut SqliteConnection,
    shared: &rules::Shared,
    progress: &Progress,
    row: i64,
) -> Result<(), StoreError> {
    let sql = format!("SELECT {KEPT} FROM records r LEFT JOIN forms f ON f.row = r.row WHERE r.row = ?");
    let found = sqlx::query(AssertSqlSafe(sql)).bind(row).fetch_optional(&mut *connection).await?;
    let Some(found) = found else { return Ok(()) };
    let (id, body, of): (Uuid, String, String) = (found.try_get(1)?, found.try_get(2)?, found.try_get(4)?);
    if of == kind::FORM {
        let by = By::now(connection, shared, progress).await?;
        let entered = sight::entered(connection, row).await?;
        let form = Kept { row, id, body, sum: found.try_get(3)?, entered };
        return batch::enter(connection, Vec::new(), vec![form], &by).await;
    }
    let record: Record = serde_json::from_str(&body)?;
    match of.as_str() {
        of if services::KINDS.contains(&of) && record.changes == 0 => services::take_out(connection, row).await,
        of if services::KINDS.contains(&of) => services::index(connection, row, &record).await,
        kind::VISIT => visits::anew(connection, row, id, &record).await,
        _ => Ok(()),
    }
}

/// The rules as the log has them. Where the board was timed by others, all of it is to be timed anew.
async fn current(
    connection: &mut SqliteConnection,
    shared: &rules::Shared,
    progress: &Progress,
) -> Result<Arc<Ruled>, StoreError> {
    let rules = rules::ruled(connection, shared).await?;
    let sql = "UPDATE indexed SET rules = ?, timed = (SELECT 0 WHERE EXISTS (SELECT 1 FROM board)) WHERE rules <> ?";
    let changed = sqlx::query(sql).bind(rules.key).bind(rules.key).execute(connection).await?.rows_affected() > 0;
    progress.untimed.fetch_or(changed, Ordering::AcqRel);
    Ok(rules)
}

/// Times the next forms of the board by the present rules, in one transaction.
async fn time(writer: &mut Writer) -> Result<(), StoreError> {
    let (progress, shared) = (writer.progress.clone(), writer.ruled.clone());
    let mut transaction = writer.connection()?.begin_with("BEGIN IMMEDIATE").await?;
    let rules = current(&mut transaction, &shared, &progress).await?;
    let sql = "SELECT b.row, r.body FROM board b JOIN records r ON r.row = b.row \
               WHERE b.row > (SELECT timed FROM indexed) ORDER BY b.row LIMIT ?";
    let rows = sqlx::query(sql).bind(BATCH).fetch_all(&mut *transaction).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        let record = serde_json::from_str(row.try_get(1)?)?;
        entries.push((row.try_get(0)?, board::Entry::of(&record, &rules.sets)));
    }
    board::index(&mut transaction, entries).await?;
    let last: Option<i64> = rows.last().filter(|_| rows.len() as i64 == BATCH).map(|row| row.try_get(0)).transpose()?;
    sqlx::query("UPDATE indexed SET timed = ?").bind(last).execute(&mut *transaction).await?;
    transaction.commit().await?;
    progress.untimed.store(last.is_some(), Ordering::Release);
    Ok(())
}

#[cfg(test)]
mod tests;
