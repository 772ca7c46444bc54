//! The indexes follow the log: what lists, counts and searches read is brought up to the records once the writing
//! pauses, or at once when somebody reads.
//!
//! A list entry, its counts and a search segment dirty three times as many pages as the change and its record. Written
//! in the change's own transaction they made the caller wait for all of them; here some dozens of forms share them. How
//! far the indexes have come stands beside them in the file, so that nothing is lost by a crash: whoever opens the desk
//! next goes on from there. Nobody sees the difference, because every reader of an index waits for it
//! ([`Store::indexed`]); but for that of visits, which is written with the change ([`services::follow`]).

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
use crate::sight::{self, Masking};
use crate::store::{Store, StoreError, Writer};
use crate::{board, forms, parties, search, services, visits};

/// How often the task looks whether the writing pauses.
const PAUSE: Duration = Duration::from_millis(25);
/// So many changes are indexed even while others follow.
const MANY: i64 = 64;
/// Changes indexed in one transaction; a write waits for one of them at most.
const BATCH: i64 = 256;
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
        if committed != seen && writer.progress.behind() < MANY {
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

impl Store {
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

/// A record to be indexed.
struct Changed {
    id: Uuid,
    record: Record,
    /// What the search index holds of it; none: nothing yet.
    sum: Option<i64>,
    /// Somebody entered what it does not show, [`sight::CORRECTED`].
    corrected: bool,
}

/// Indexes the next changes of the log, in one transaction.
async fn step(writer: &mut Writer) -> Result<(), StoreError> {
    let (progress, shared) = (writer.progress.clone(), writer.ruled.clone());
    writer.following.unmerged = true;
    let mut transaction = writer.connection()?.begin_with("BEGIN IMMEDIATE").await?;
    let rules = current(&mut transaction, &shared, &progress).await?;
    let template = sight::template(&mut transaction).await?;
    let masking = Masking::by(&template);
    // The last of a whole batch; none where there are fewer.
    let sql = format!("{LATEST} ORDER BY place LIMIT 1 OFFSET {}", BATCH - 1);
    let last: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(&mut *transaction).await?;
    // Read by record: what changed more than once is read and indexed once.
    let sql = format!(
        "SELECT r.row, r.id, r.body, f.search_sum, {} FROM records r LEFT JOIN forms f ON f.row = r.row \
         WHERE r.row IN (SELECT record FROM ({LATEST} AND place <= ?)) AND r.kind IN (?, ?, ?, ?)",
        sight::CORRECTED
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(last.unwrap_or(i64::MAX)).bind(kind::FORM).bind(kind::VISIT);
    let query = services::KINDS.iter().fold(query, |query, kind| query.bind(*kind));
    for row in &query.fetch_all(&mut *transaction).await? {
        let (id, record, sum) = (row.try_get(1)?, serde_json::from_str(row.try_get(2)?)?, row.try_get(3)?);
        let changed = Changed { id, record, sum, corrected: row.try_get(4)? };
        if changed.record.changes == 0 {
            continue; // refused, or taken off this device: it was taken out of the indexes then
        }
        enter(&mut transaction, row.try_get(0)?, &changed, &rules, masking).await?;
    }
    let place: i64 = sqlx::query_scalar(
        "UPDATE indexed SET place = coalesce(?, (SELECT coalesce(max(place), 0) FROM changes)) RETURNING place",
    )
    .bind(last)
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    progress.indexed.fetch_max(place, Ordering::AcqRel);
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
    let sql =
        "SELECT r.id, r.body, f.search_sum, r.kind FROM records r LEFT JOIN forms f ON f.row = r.row WHERE r.row = ?";
    let Some(found) = sqlx::query(sql).bind(row).fetch_optional(&mut *connection).await? else { return Ok(()) };
    let (id, record, of): (Uuid, Record, String) =
        (found.try_get(0)?, serde_json::from_str(found.try_get(1)?)?, found.try_get(3)?);
    if services::KINDS.contains(&of.as_str()) {
        return match record.changes {
            0 => services::take_out(connection, row).await,
            _ => services::index(connection, row, &record).await,
        };
    }
    if of == kind::VISIT {
        return visits::anew(connection, row, id, &record).await;
    }
    if of != kind::FORM {
        return Ok(());
    }
    let form = Changed { id, record, sum: found.try_get(2)?, corrected: true };
    let rules = current(connection, shared, progress).await?;
    let template = sight::template(connection).await?;
    index(connection, row, &form, &rules, Masking::by(&template)).await?;
    if form.record.changes == 0 {
        let sql = "DELETE FROM forms WHERE row = ?; DELETE FROM search WHERE rowid = ?; DELETE FROM board WHERE row = ?; \
                   DELETE FROM parties WHERE row = ?";
        sqlx::query(sql).bind(row).bind(row).bind(row).bind(row).execute(connection).await?;
    }
    Ok(())
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
    for row in &rows {
        place(&mut transaction, row.try_get(0)?, &serde_json::from_str(row.try_get(1)?)?, &rules).await?;
    }
    let last: Option<i64> = rows.last().filter(|_| rows.len() as i64 == BATCH).map(|row| row.try_get(0)).transpose()?;
    sqlx::query("UPDATE indexed SET timed = ?").bind(last).execute(&mut *transaction).await?;
    transaction.commit().await?;
    progress.untimed.store(last.is_some(), Ordering::Release);
    Ok(())
}

/// Puts a form onto the board, or takes it off.
async fn place(connection: &mut SqliteConnection, row: i64, record: &Record, rules: &Ruled) -> Result<(), StoreError> {
    let query = match board::Entry::of(record, &rules.sets) {
        Some(entry) => board::bind(sqlx::query(board::PUT), row, entry),
        None => sqlx::query(board::TAKE_OFF).bind(row),
    };
    query.execute(connection).await?;
    Ok(())
}

/// What a record is found by, by its kind.
async fn enter(
    connection: &mut SqliteConnection,
    row: i64,
    changed: &Changed,
    rules: &Ruled,
    masking: Masking<'_>,
) -> Result<(), StoreError> {
    match changed.record.kind.as_str() {
        kind::VISIT => visits::index(connection, row, changed.id, &changed.record).await,
        kind if services::KINDS.contains(&kind) => services::index(connection, row, &changed.record).await,
        _ => index(connection, row, changed, rules, masking).await,
    }
}

/// Most acts leave the words of a form as they are: then the search index is left alone.
async fn index(
    connection: &mut SqliteConnection,
    row: i64,
    form: &Changed,
    rules: &Ruled,
    masking: Masking<'_>,
) -> Result<(), StoreError> {
    let on_board = board::Entry::of(&form.record, &rules.sets);
    let entry = search::Entry::of(&form.record);
    let sum = entry.sum();
    let mut statements = vec![forms::INDEX];
    let words = form.sum != Some(sum);
    if words {
        statements.extend(form.sum.is_some().then_some(search::TAKE_OUT));
        statements.push(search::INDEX);
    }
    statements.push(if on_board.is_some() { board::PUT } else { board::TAKE_OFF });
    let mut query = sqlx::query(AssertSqlSafe(statements.join("; ")));
    let seen = masking.seen(connection, (row, &form.record), form.corrected).await?;
    let seen = (serde_json::to_string(&seen.gate)?, serde_json::to_string(&seen.masked)?, masking.key);
    query = forms::bind_index(query, (row, form.id), &form.record, sum, seen);
    if words {
        query = if form.sum.is_some() { query.bind(row) } else { query };
        query = search::bind_index(query, row, entry);
    }
    query = match on_board {
        Some(entry) => board::bind(query, row, entry),
        None => query.bind(row),
    };
    query.execute(&mut *connection).await?;
    parties::index(connection, row, &form.record, form.sum.is_none()).await
}

#[cfg(test)]
mod tests;
