//! Which version of a change counts, and the records that follow from it.

use std::collections::HashSet;
use std::str::FromStr;

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::envelope::counts;
use kefu_domain::{Cell, Change, Record, Stamp};

use super::{Digest, Exchange, marks, status};
use crate::store::{ROWS, StoreError, rows_of_marks};
use crate::{hands, indexing, services};

/// A change of another device that the shared database had and lost.
#[derive(Debug, Clone)]
pub struct AstrayEnvelope {
    /// Where it stood.
    pub at: u64,
    /// Digest of its envelope.
    pub digest: Digest,
    /// Its envelope without ciphertext.
    pub bare: Vec<u8>,
    /// The change.
    pub bytes: Vec<u8>,
    /// Its record was erased: what it said may be gone.
    pub erased: bool,
}

impl Exchange {
    /// Looks anew which version of a change counts, and folds its record where that is another than before.
    pub(super) async fn choose(&mut self, id: Uuid) -> Result<(), StoreError> {
        let sql = "SELECT e.place, e.status, c.standing, json_extract(CAST(c.bytes AS TEXT), '$.at'), c.record FROM envelopes e \
                   JOIN changes c ON c.place = e.place WHERE e.change = ? AND c.standing >= 0";
        let rows = sqlx::query(sql).bind(id).fetch_all(self.connection()?).await?;
        let mut versions = Vec::with_capacity(rows.len());
        let mut record = None;
        for row in &rows {
            let stamp: Option<String> = row.try_get(3)?;
            let stamp = stamp.and_then(|text| Stamp::from_str(&text).ok());
            versions.push((row.try_get::<i64, _>(0)?, row.try_get::<i64, _>(1)?, row.try_get::<i64, _>(2)?, stamp));
            record = Some(row.try_get::<i64, _>(4)?);
        }
        if versions.iter().any(|version| version.1 == status::THERE) {
            // What was lost in one envelope is there in another.
            for version in versions.iter_mut().filter(|v| [status::ASTRAY, status::STRANDED].contains(&v.1)) {
                version.1 = status::ELSEWHERE;
                let sql = "UPDATE envelopes SET status = ? WHERE place = ?";
                sqlx::query(sql).bind(status::ELSEWHERE).bind(version.0).execute(self.connection()?).await?;
            }
        }
        let key = |version: &(i64, i64, i64, Option<Stamp>)| version.3.map(|at| (version.1 == status::THERE, at));
        let standing = versions.iter().filter(|v| ![status::REFUSED, status::ELSEWHERE].contains(&v.1));
        let best = standing.filter_map(|version| Some((version.0, key(version)?)));
        let best = best.reduce(|best, next| if counts(next.1, best.1) { next } else { best }).map(|best| best.0);
        let mut changed = false;
        for (place, _, stood, _) in &versions {
            let stands = i64::from(best == Some(*place));
            if stands != *stood {
                changed = true;
                let sql = "UPDATE changes SET standing = ? WHERE place = ?";
                sqlx::query(sql).bind(stands).bind(place).execute(self.connection()?).await?;
            }
        }
        match record.filter(|_| changed) {
            Some(row) => self.fold_row(row).await,
            None => Ok(()),
        }
    }

    /// Folds a record from its changes and brings its indexes up to it.
    pub(super) async fn fold_record(&mut self, id: Uuid) -> Result<(), StoreError> {
        let sql = "SELECT row FROM records WHERE id = ?";
        match sqlx::query_scalar(sql).bind(id).fetch_optional(self.connection()?).await? {
            Some(row) => self.fold_row(row).await,
            None => Ok(()),
        }
    }

    pub(super) async fn fold_row(&mut self, row: i64) -> Result<(), StoreError> {
        let record = self.folded(row).await?;
        let reopened = Some(record.course.reopened).filter(|_| record.kind == kind::FORM);
        self.put_anew(row, record).await?;
        let Some(reopened) = reopened else { return Ok(()) };
        let id: Uuid =
            sqlx::query_scalar("SELECT id FROM records WHERE row = ?").bind(row).fetch_one(self.connection()?).await?;
        self.fold_visits_of(vec![(id, reopened)], &HashSet::new()).await
    }

    /// Folds the visits that ask after these forms, whose hands may be others now, but for those `judged` by them already.
    pub(super) async fn fold_visits_of(
        &mut self,
        forms: Vec<(Uuid, u32)>,
        judged: &HashSet<i64>,
    ) -> Result<(), StoreError> {
        let mut rows = hands::visits_of(self.connection()?, forms.into_iter()).await?;
        rows.retain(|row| !judged.contains(row));
        for row in rows {
            let body: String = sqlx::query_scalar("SELECT body FROM records WHERE row = ?")
                .bind(row)
                .fetch_one(self.connection()?)
                .await?;
            let record = self.folded(row).await?;
            if serde_json::from_str::<Record>(&body).ok().as_ref() != Some(&record) {
                self.put_anew(row, record).await?;
            }
        }
        Ok(())
    }

    async fn put_anew(&mut self, row: i64, record: Record) -> Result<(), StoreError> {
        self.write_bodies(&[(row, record)]).await?;
        let (ruled, progress) = (self.ruled.clone(), self.progress.clone());
        indexing::anew(self.connection()?, &ruled, &progress, row).await
    }

    /// A record as all its changes give it. One that cannot be read is left out: `verify` reports it.
    pub(super) async fn folded(&mut self, row: i64) -> Result<Record, StoreError> {
        let sql = "SELECT bytes FROM changes WHERE record = ? AND standing = 1";
        let rows = sqlx::query(sql).bind(row).fetch_all(self.connection()?).await?;
        let mut changes = Vec::with_capacity(rows.len());
        for row in &rows {
            changes.extend(Change::decode(row.try_get(0)?).ok());
        }
        hands::fold(self.connection()?, &changes).await
    }

    /// Writes folded records, and what follows from them.
    pub(super) async fn write_bodies(&mut self, folded: &[(i64, Record)]) -> Result<(), StoreError> {
        for some in folded.chunks(ROWS) {
            let values = rows_of_marks(2, some.len());
            let sql =
                format!("UPDATE records SET body = v.column2 FROM (VALUES {values}) v WHERE records.row = v.column1");
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (row, record) in some {
                query = query.bind(*row).bind(serde_json::to_string(record)?);
            }
            query.execute(self.connection()?).await?;
        }
        self.follow_bodies(folded).await
    }

    /// Enters what is written with records, and notes those in which two values stand against each other.
    pub(super) async fn follow_bodies(&mut self, folded: &[(i64, Record)]) -> Result<(), StoreError> {
        for (row, record) in folded {
            services::follow(self.connection()?, *row, None, services::Entry::of(record)).await?;
            if record.fields.values().any(Cell::is_contested) {
                let sql = "INSERT OR IGNORE INTO conflicts (row) VALUES (?)";
                sqlx::query(sql).bind(*row).execute(self.connection()?).await?;
            }
        }
        Ok(())
    }

    /// Goes back to the place `cursor`: what stood above it is astray, and what of quarantine stood there comes again.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn go_back(&mut self, cursor: u64) -> Result<(), StoreError> {
        let cursor = cursor.cast_signed();
        let sql = "SELECT DISTINCT change FROM envelopes WHERE change IN \
                   (SELECT change FROM envelopes WHERE status = 1 AND at > ?) GROUP BY change HAVING count(*) > 1";
        let several: Vec<Uuid> = sqlx::query_scalar(sql).bind(cursor).fetch_all(self.connection()?).await?;
        let sql = "UPDATE envelopes SET status = 2 WHERE status = 1 AND at > ?; \
                   DELETE FROM quarantine WHERE at > ?; DELETE FROM marks WHERE seq > ?";
        sqlx::query(sql).bind(cursor).bind(cursor).bind(cursor).execute(self.connection()?).await?;
        for id in several {
            self.choose(id).await?;
        }
        Ok(())
    }

    /// What others wrote of these changes and stands above the cursor came ahead of its page: until that has come it counts as
    /// astray, for the database may be put back before.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn came_ahead(&mut self, changes: &[Uuid]) -> Result<(), StoreError> {
        for some in changes.chunks(500) {
            let sql = format!(
                "UPDATE envelopes SET status = 2 WHERE status = 1 AND device <> 1 \
                 AND at > (SELECT coalesce(max(seq), 0) FROM marks) AND change IN ({})",
                marks(some.len())
            );
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, id| query.bind(*id));
            query.execute(self.connection()?).await?;
        }
        Ok(())
    }

    /// Changes of other devices that the shared database lost, by their former places, after `after`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn astray(&mut self, after: u64, limit: usize) -> Result<Vec<AstrayEnvelope>, StoreError> {
        let sql = "SELECT e.at, e.digest, e.bare, c.bytes, d.record IS NOT NULL FROM envelopes e \
                   JOIN changes c ON c.place = e.place JOIN records r ON r.row = c.record \
                   LEFT JOIN erased d ON d.record = r.id WHERE e.status = 2 AND e.at > ? AND e.device <> 1 \
                   AND (c.standing >= 0 OR d.record IS NOT NULL) ORDER BY e.at LIMIT ?";
        let query = sqlx::query(sql).bind(after.cast_signed()).bind(limit as i64);
        let rows = query.fetch_all(self.connection()?).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let digest: Vec<u8> = row.try_get(1)?;
            Ok(AstrayEnvelope {
                at: row.try_get::<i64, _>(0)?.cast_unsigned(),
                digest: digest.try_into().map_err(|_| StoreError::Unreadable)?,
                bare: row.try_get(2)?,
                bytes: row.try_get(3)?,
                erased: row.try_get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }
}
