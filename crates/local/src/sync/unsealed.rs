//! This device's changes that have no envelope yet: read part by part, and folded as far as each for what is in clear of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};

use kefu_domain::change::Unreadable;
use kefu_domain::{Change, Record};

use super::Exchange;
use crate::board;
use crate::rules::{self, Ruled};
use crate::store::StoreError;

/// A change of this device that has no envelope yet.
#[derive(Debug, Clone)]
pub struct ToSeal<T> {
    /// Its place in the local log.
    pub place: i64,
    /// Its number in this device's log.
    pub number: u64,
    /// The change.
    pub change: Change,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What was asked for of its record as it stood after it.
    pub after: T,
    /// Keys that travelled with an envelope of it that was given up before anybody took it.
    pub wraps: Option<Vec<u8>>,
    /// It had an envelope, which was accepted once or was not.
    pub had: Option<bool>,
}

/// How far this device's changes were read to be sealed, within one transaction.
#[derive(Debug)]
pub struct Reading {
    /// So many are still to be read.
    left: usize,
    /// The number of the last.
    after: i64,
    /// Records of which all changes were read.
    known: BTreeSet<i64>,
}

impl Reading {
    /// Of so many at most.
    pub fn of(most: usize) -> Self {
        Reading { left: most, after: 0, known: BTreeSet::new() }
    }
}

/// Some of this device's changes that have no envelope yet, as they were read.
#[derive(Debug)]
pub struct Part {
    own: Vec<Own>,
    /// All that count of their records, where these come for the first time.
    counting: Vec<Counting<()>>,
}

/// A change of this device, as it was read.
#[derive(Debug)]
struct Own {
    place: i64,
    number: u64,
    record: i64,
    wraps: Option<Vec<u8>>,
    had: Option<bool>,
    /// Its bytes, where it does not count.
    bytes: Option<Vec<u8>>,
}

/// The records of changes that are sealed in one transaction, folded as far as these have come.
#[derive(Debug)]
pub struct Folding {
    rules: Arc<Ruled>,
    histories: HashMap<i64, History>,
    /// Changes that cannot be read, by place.
    unreadable: HashMap<i64, Unreadable>,
}

impl Folding {
    /// Gives these changes, each with what `view` makes of its record as it stood after it, and of when the strictest clock
    /// of that falls due (milliseconds since 1970 UTC).
    ///
    /// # Errors
    /// A change cannot be read.
    pub fn see<T>(
        &mut self,
        part: Part,
        view: impl Fn(&Record, Option<i64>) -> T,
    ) -> Result<Vec<ToSeal<T>>, StoreError> {
        let mut fresh: HashMap<i64, Vec<Counting<Change>>> = HashMap::new();
        for Counting { record, place, number, bytes, .. } in part.counting {
            match Change::decode(&bytes) {
                Ok(change) => fresh.entry(record).or_default().push(Counting { record, place, number, bytes, change }),
                Err(error) => drop(self.unreadable.insert(place, error)),
            }
        }
        for (record, mut changes) in fresh {
            changes.sort_by_key(|one| one.change.at);
            self.histories.entry(record).or_default().rest = changes.into_iter();
        }
        let mut seen = Vec::with_capacity(part.own.len());
        for Own { place, number, record, wraps, had, bytes } in part.own {
            let history = self.histories.entry(record).or_default();
            let apart = bytes.map(|bytes| Ok::<_, StoreError>((Change::decode(&bytes)?, bytes))).transpose()?;
            let Some((change, bytes)) = history.after(place, number, apart) else {
                return Err(self.unreadable.remove(&place).map_or(StoreError::Unreadable, StoreError::from));
            };
            let due = board::due(&history.record, &self.rules.sets);
            seen.push(ToSeal { place, number, change, bytes, after: view(&history.record, due), wraps, had });
        }
        Ok(seen)
    }
}

/// A record as far as it was folded.
#[derive(Debug, Default)]
struct History {
    record: Record,
    /// The changes that follow, in the order of their stamps.
    rest: std::vec::IntoIter<Counting<Change>>,
    /// Own ones that were folded before their turn came.
    passed: Vec<Counting<Change>>,
}

impl History {
    /// Folds all up to the change at `place`, and gives that: from among these, unless it stands `apart` because it does not
    /// count.
    fn after(&mut self, place: i64, number: u64, apart: Option<(Change, Vec<u8>)>) -> Option<(Change, Vec<u8>)> {
        let mut own = apart;
        if let Some(at) = self.passed.iter().position(|one| one.place == place) {
            let Counting { change, bytes, .. } = self.passed.swap_remove(at);
            own = Some((change, bytes));
        }
        let next = self.rest.as_slice().iter().find(|next| next.place == place);
        let at = next.map(|next| next.change.at).or(own.as_ref().map(|(change, _)| change.at))?;
        while self.rest.as_slice().first().is_some_and(|next| next.change.at <= at)
            && let Some(next) = self.rest.next()
        {
            self.record.apply(&next.change);
            if next.place == place {
                own = Some((next.change, next.bytes));
            } else if next.number > Some(number) {
                self.passed.push(next);
            }
        }
        own
    }
}

/// A change that counts.
#[derive(Debug)]
struct Counting<T> {
    record: i64,
    place: i64,
    /// In this device's log; none where another wrote it.
    number: Option<u64>,
    bytes: Vec<u8>,
    /// The change, once it was read from them.
    change: T,
}

impl Exchange {
    /// What the records of changes are folded with, by the rules as they are now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn folding(&mut self) -> Result<Folding, StoreError> {
        let shared = self.ruled.clone();
        let rules = rules::ruled(self.connection()?, &shared).await?;
        Ok(Folding { rules, histories: HashMap::new(), unreadable: HashMap::new() })
    }

    /// This device's next changes that have no envelope yet, in their order, at most `limit`; after them those that there was
    /// no key for, where one has come. None once all were read.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn to_seal(&mut self, reading: &mut Reading, limit: usize) -> Result<Option<Part>, StoreError> {
        let limit = limit.min(reading.left);
        if limit == 0 {
            return Ok(None);
        }
        let columns = "c.place, c.seq, c.record, o.wraps, o.again, CASE c.standing WHEN 1 THEN NULL ELSE c.bytes END \
                       FROM changes c LEFT JOIN envelopes o ON o.place = c.place";
        let sql = format!(
            "SELECT {columns} WHERE c.device = 1 AND c.seq > max(?, (SELECT sealed FROM exchange)) \
             AND c.standing >= 0 ORDER BY c.seq LIMIT ?"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(reading.after).bind(limit as i64);
        let mut rows = query.fetch_all(self.connection()?).await?;
        reading.left -= rows.len();
        if let Some(last) = rows.last() {
            reading.after = last.try_get(1)?;
        }
        // What waits for the first time comes first: a key that does not open must not hold it up.
        if rows.len() < limit {
            reading.left = 0;
            let sql = format!(
                "SELECT {columns} WHERE c.place IN (SELECT e.place FROM envelopes e WHERE e.device = 1 \
                 AND e.status = 3 AND e.aside = 0 AND e.seq < 0 AND e.code = 'no_key') \
                 AND c.seq <= (SELECT sealed FROM exchange) AND c.standing >= 0 \
                 AND EXISTS (SELECT 1 FROM records r JOIN record_keys k ON k.record = r.id \
                 WHERE r.row = c.record AND k.writable = 1) ORDER BY c.seq LIMIT ?"
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind((limit - rows.len()) as i64);
            rows.extend(query.fetch_all(self.connection()?).await?);
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let own = |row: &SqliteRow| {
            Ok(Own {
                place: row.try_get(0)?,
                number: row.try_get::<i64, _>(1)?.cast_unsigned(),
                record: row.try_get(2)?,
                wraps: row.try_get(3)?,
                had: row.try_get(4)?,
                bytes: row.try_get(5)?,
            })
        };
        let own: Vec<Own> = rows.iter().map(own).collect::<Result<_, StoreError>>()?;
        let fresh: BTreeSet<i64> =
            own.iter().map(|one| one.record).filter(|record| reading.known.insert(*record)).collect();
        Ok(Some(Part { own, counting: self.counting(&fresh).await? }))
    }

    /// The changes of these records that count, in no order.
    async fn counting(&mut self, records: &BTreeSet<i64>) -> Result<Vec<Counting<()>>, StoreError> {
        // One text whatever the number of records: another for each list would be compiled each time.
        let sql = "SELECT record, place, CASE device WHEN 1 THEN seq END, bytes FROM changes \
                   WHERE record IN (SELECT value FROM json_each(?)) AND standing = 1";
        let query = sqlx::query(sql).bind(serde_json::to_string(records)?);
        let rows = query.fetch_all(self.connection()?).await?;
        let read = |row: &SqliteRow| {
            let number: Option<i64> = row.try_get(2)?;
            Ok(Counting {
                record: row.try_get(0)?,
                place: row.try_get(1)?,
                number: number.map(i64::cast_unsigned),
                bytes: row.try_get(3)?,
                change: (),
            })
        };
        rows.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests;
