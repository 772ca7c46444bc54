//! What the bar and the lists say of the exchange: what waits, what was refused, where two values stand against each other.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use kefu_domain::{Cell, Change, Record};

use super::marks;
use crate::store::{Store, StoreError};

/// So many waiting changes are counted one by one.
const COUNTED: u64 = 1000;

/// What the bar counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Own changes not acknowledged.
    pub to_send: u64,
    /// Own changes refused for good and not dealt with.
    pub refused: u64,
    /// Changes in quarantine.
    pub quarantined: u64,
    /// Changes that the shared database had and lost.
    pub astray: u64,
    /// Records in which somebody may have to decide.
    pub conflicts: u64,
}

/// An own change that was refused for good.
#[derive(Debug, Clone)]
pub struct RefusedChange {
    /// The change.
    pub change: Change,
    /// Why.
    pub code: String,
}

/// Own changes that are not acknowledged: `c` is in `changes`, `e` its envelope if it has one. An envelope whose refusal came
/// from this device itself has no number and does not wait.
const WAITS: &str = "c.device = 1 AND c.standing >= 0 AND (e.place IS NULL OR e.status IN (0, 6))";

impl Store {
    /// Whether this device belongs to a workspace and was admitted there.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn joined(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM workspace WHERE joining IS NULL)";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.readers).await?)
    }

    /// Last place of the log that this program has committed: it moves with every change, own or received.
    pub fn committed(&self) -> i64 {
        self.progress.committed()
    }

    /// Counts what waits and what did not come through. Where more than [`COUNTED`] wait, how many is told from their
    /// numbers: of a whole backlog each look would read every page anew that was written since.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn exchange_counts(&self) -> Result<Counts, StoreError> {
        let sql = format!(
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM envelopes WHERE device = 1 AND seq > x.acknowledged AND status = 0 \
             LIMIT {COUNTED})) + (SELECT count(*) FROM (SELECT 1 FROM changes WHERE device = 1 AND seq > x.sealed \
             AND standing >= 0 LIMIT {COUNTED})), \
             (SELECT count(*) FROM envelopes WHERE status = 3 AND aside = 0), (SELECT count(*) FROM quarantine), \
             (SELECT count(*) FROM envelopes WHERE status = 2), (SELECT count(*) FROM conflicts), \
             (SELECT coalesce(max(seq), 0) FROM envelopes WHERE device = 1) - x.acknowledged \
             + (SELECT seq FROM devices WHERE no = 1) - x.sealed FROM exchange x"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&self.readers).await?;
        let count = |at| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(at)?.max(0).cast_unsigned());
        let waiting = count(0)?;
        Ok(Counts {
            to_send: if waiting < COUNTED { waiting } else { waiting.max(count(5)?) },
            refused: count(1)?,
            quarantined: count(2)?,
            astray: count(3)?,
            conflicts: count(4)?,
        })
    }

    /// Which of these records have own changes that nobody else has yet.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn unsent(&self, records: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
        let mut unsent = HashSet::new();
        for some in records.chunks(500) {
            let sql = format!(
                "SELECT r.id FROM records r WHERE r.id IN ({}) AND EXISTS (SELECT 1 FROM changes c \
                 LEFT JOIN envelopes e ON e.place = c.place WHERE c.record = r.row AND {WAITS})",
                marks(some.len())
            );
            let query =
                some.iter().fold(sqlx::query_scalar::<_, Uuid>(AssertSqlSafe(sql)), |query, id| query.bind(*id));
            unsent.extend(query.fetch_all(&self.readers).await?);
        }
        Ok(unsent)
    }

    /// Own changes that were refused for good and not dealt with, newest first, so many at most.
    ///
    /// # Errors
    /// The database does not answer, or a change cannot be read.
    pub async fn refused_changes(&self, limit: usize) -> Result<Vec<RefusedChange>, StoreError> {
        let sql = "SELECT c.bytes, e.code FROM envelopes e JOIN changes c ON c.place = e.place \
                   WHERE e.status = 3 AND e.aside = 0 AND c.standing >= 0 ORDER BY e.place DESC LIMIT ?";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = sqlx::query(sql).bind(limit).fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| Ok(RefusedChange { change: Change::decode(row.try_get(0)?)?, code: row.try_get(1)? }))
            .collect()
    }

    /// Notes that somebody has dealt with a refusal; the change stays in the log, without effect.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn dismiss_refused(&self, change: Uuid) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let sql = "UPDATE envelopes SET aside = 1 WHERE change = ? AND status = 3";
        sqlx::query(sql).bind(change).execute(writer.connection()?).await?;
        Ok(())
    }

    /// Records in which values stand against each other, with their ids. Those that were decided since are forgotten.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn conflicts(&self) -> Result<Vec<(Uuid, Record)>, StoreError> {
        let sql =
            "SELECT r.row, r.id, r.body FROM conflicts x JOIN records r ON r.row = x.row ORDER BY r.row LIMIT 1000";
        let rows = sqlx::query(sql).fetch_all(&self.readers).await?;
        let (mut open, mut decided) = (Vec::new(), Vec::new());
        for row in &rows {
            let record: Record = serde_json::from_str(row.try_get(2)?)?;
            match record.fields.values().any(Cell::is_contested) {
                true => open.push((row.try_get(1)?, record)),
                false => decided.push(row.try_get::<i64, _>(0)?),
            }
        }
        if !decided.is_empty() {
            let mut writer = self.writer.lock().await;
            let sql = format!("DELETE FROM conflicts WHERE row IN ({})", marks(decided.len()));
            let query = decided.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, row| query.bind(*row));
            query.execute(writer.connection()?).await?;
        }
        Ok(open)
    }
}
