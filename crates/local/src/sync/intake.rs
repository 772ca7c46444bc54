//! Taking changes in: a page of what other devices wrote, with the records it gives and the cursor, in one transaction.
//!
//! Made for a first load of a hundred thousand: what is known is asked for once a page, rows go in by the hundred, and
//! a record with many changes in one page is folded and written once.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::{Change, Record, visits};

use super::erasure::Touched;
use super::{Alone, Device, Digest, Exchange, KeptKey, Quarantine, marks, status};
use crate::store::{ROWS, StoreError, drop_aside, execute_all, rows_of_marks};

/// Changes in one statement: a whole page is two of them.
const CHANGES: usize = 250;

/// A change of another device, verified and opened.
#[derive(Debug, Clone)]
pub struct Received {
    /// Place in the order of the workspace.
    pub at: u64,
    /// Digest of its envelope.
    pub digest: Digest,
    /// Device that sent it.
    pub device: Uuid,
    /// Number of the envelope there.
    pub seq: u64,
    /// Key it was sealed with.
    pub key: [u8; 16],
    /// Members who had the record in hand after it.
    pub assignees: Vec<Uuid>,
    /// The change.
    pub change: Change,
    /// Its bytes, as its author made them.
    pub bytes: Vec<u8>,
    /// Its envelope without ciphertext.
    pub bare: Vec<u8>,
}

/// All that comes in one step.
#[derive(Debug, Default)]
pub struct Intake {
    /// Changes, ascending by place.
    pub received: Vec<Received>,
    /// What they make of their records alone.
    pub alone: Alone,
    /// What did not verify or open.
    pub quarantined: Vec<Quarantine>,
    /// Record keys.
    pub keys: Vec<KeptKey>,
    /// Codes of devices in form numbers.
    pub codes: HashMap<Uuid, String>,
    /// Records that a technician's device holds from here on.
    pub held: Vec<Uuid>,
    /// What was in quarantine and is there no more.
    pub released: Vec<Digest>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Changes that were new here.
    pub fresh: u64,
    /// A key came that something in quarantine waits for.
    pub retry: bool,
}

/// A version that is known already.
#[derive(Debug, Clone, Copy)]
struct Known {
    place: i64,
    digest: Digest,
    status: i64,
    at: i64,
    held: bool,
}

impl Exchange {
    /// Takes in a page, a whole record, or what came out of quarantine.
    ///
    /// # Errors
    /// The disk is full, or the database does not answer; then nothing is taken.
    pub async fn take(&mut self, intake: Intake) -> Result<Taken, StoreError> {
        let touched = Touched::by(&intake);
        let mut taken = Taken { retry: self.put_keys(&intake.keys).await?, fresh: 0 };
        if taken.retry {
            self.set_retry(true, None).await?;
        }
        let field = !intake.held.is_empty();
        let eager = |one: &Received| field || one.change.kind == kind::SERVICE;
        for one in intake.received.iter().filter(|one| !one.change.add.is_empty()) {
            self.await_files(one, eager(one)).await?;
        }
        let known = self.known(intake.received.iter().map(|one| one.change.id)).await?;
        let mut fresh: Vec<Received> = Vec::with_capacity(intake.received.len());
        let mut doubled: HashSet<Uuid> = HashSet::new();
        let mut in_page: HashSet<Uuid> = HashSet::new();
        let mut greatest = None;
        for one in intake.received {
            greatest = greatest.max(Some(one.change.at));
            let versions = known.get(&one.change.id).map(Vec::as_slice).unwrap_or_default();
            if let Some(same) = versions.iter().find(|version| version.digest == one.digest) {
                self.stands_again(same, &one, versions.len() > 1).await?;
                if !same.held {
                    taken.fresh += 1;
                }
                continue;
            }
            if !versions.is_empty() || !in_page.insert(one.change.id) {
                doubled.insert(one.change.id);
            }
            fresh.push(one);
        }
        taken.fresh += fresh.len() as u64;
        self.insert(fresh, intake.alone, &intake.codes).await?;
        self.stamped(greatest, true).await?;
        for id in doubled {
            self.choose(id).await?;
        }
        self.release(&intake.released).await?;
        self.set_aside(&intake.quarantined).await?;
        self.hold(&intake.held).await?;
        self.follow_erasures(touched).await?;
        Ok(taken)
    }

    /// Versions known of these changes.
    async fn known(&mut self, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Vec<Known>>, StoreError> {
        let ids: Vec<Uuid> = ids.collect();
        let mut known: HashMap<Uuid, Vec<Known>> = HashMap::new();
        for some in ids.chunks(500) {
            let sql = format!(
                "SELECT e.change, e.place, e.digest, e.status, e.at, c.standing >= 0 FROM envelopes e \
                 JOIN changes c ON c.place = e.place WHERE e.change IN ({})",
                marks(some.len())
            );
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, id| query.bind(*id));
            for row in query.fetch_all(self.connection()?).await? {
                let digest: Vec<u8> = row.try_get(2)?;
                known.entry(row.try_get(0)?).or_default().push(Known {
                    place: row.try_get(1)?,
                    digest: digest.try_into().map_err(|_| StoreError::Unreadable)?,
                    status: row.try_get(3)?,
                    at: row.try_get(4)?,
                    held: row.try_get(5)?,
                });
            }
        }
        Ok(known)
    }

    /// A change that is here already stands in the shared database, at this place.
    async fn stands_again(&mut self, known: &Known, one: &Received, several: bool) -> Result<(), StoreError> {
        let (there, at) = (status::THERE, one.at.cast_signed());
        if (known.status, known.at, known.held) == (there, at, true) {
            return Ok(());
        }
        let sql = "UPDATE envelopes SET status = ?, at = ?, code = '', again = 1 WHERE place = ?";
        sqlx::query(sql).bind(there).bind(at).bind(known.place).execute(self.connection()?).await?;
        if !known.held {
            // It was purged with its record, which has come back.
            let sql = "UPDATE changes SET bytes = ?, standing = 1 WHERE place = ?; \
                       UPDATE envelopes SET bare = ? WHERE place = ?";
            let query = sqlx::query(sql).bind(&one.bytes).bind(known.place).bind(&one.bare).bind(known.place);
            query.execute(self.connection()?).await?;
            self.note_shown(std::slice::from_ref(one)).await?;
        }
        if several || !known.held || known.status == status::REFUSED {
            self.choose(one.change.id).await?;
            self.fold_record(one.change.record).await?;
        }
        Ok(())
    }

    /// Appends changes to the log and folds their records.
    async fn insert(
        &mut self,
        fresh: Vec<Received>,
        mut alone: Alone,
        codes: &HashMap<Uuid, String>,
    ) -> Result<(), StoreError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let sql = "SELECT (SELECT coalesce(max(place), 0) FROM changes), (SELECT coalesce(max(row), 0) FROM records)";
        let row = sqlx::query(sql).fetch_one(self.connection()?).await?;
        let (mut place, mut last_row): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let mut records = self.records(fresh.iter().map(|one| one.change.record)).await?;
        let mut of_record: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let (mut added, mut rows) = (Vec::new(), Vec::with_capacity(fresh.len()));
        for (index, one) in fresh.iter().enumerate() {
            let row = records.entry(one.change.record).or_insert_with(|| {
                last_row += 1;
                added.push((last_row, &one.change));
                (last_row, None)
            });
            of_record.entry(row.0).or_default().push(index);
            rows.push(row.0);
        }
        // Records first: the log refers to them. What is folded only then stands in them a moment later.
        let mut made: HashMap<i64, Record> = HashMap::with_capacity(added.len());
        let mut ready = Vec::new();
        let into_records = added.chunks(ROWS).map(|some| {
            let values = rows_of_marks(4, some.len());
            let sql = format!("INSERT INTO records (row, id, kind, body) VALUES {values}");
            some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (row, change)| {
                let query = query.bind(*row).bind(change.record).bind(change.kind.as_str());
                let Some(alone) = alone.take(change.record, of_record.get(row).map_or(0, Vec::len)) else {
                    return query.bind("{}");
                };
                made.insert(*row, alone.record);
                ready.extend(alone.ready.map(|ready| (*row, ready)));
                query.bind(alone.body)
            })
        });
        // Each change with its record and the device whose log it goes on.
        let (mut devices, mut logs, mut which) = (Vec::new(), HashMap::new(), Vec::with_capacity(fresh.len()));
        for (one, row) in fresh.iter().zip(rows) {
            let id = self.as_another(one.device);
            let log = *logs.entry(id).or_insert(devices.len());
            if log == devices.len() {
                devices.push(self.device_of(id, codes.get(&one.device).map_or("", String::as_str)).await?);
            }
            which.push((one, row, log));
        }
        let writer = self.writer.as_mut().ok_or(StoreError::Database(sqlx::Error::PoolClosed))?;
        execute_all(writer.connection()?, into_records).await?;
        ready.into_iter().for_each(|(row, ready)| writer.ahead.put(row, ready));
        let into_log = which.chunks(CHANGES).flat_map(|some| {
            let values = rows_of_marks(6, some.len());
            let sql = format!("INSERT INTO changes (place, device, seq, record, link, bytes) VALUES {values}");
            let mut changes = sqlx::query(AssertSqlSafe(sql));
            let values = vec!["(?, ?, ?, ?, ?, 1, ?, 1, ?)"; some.len()].join(", ");
            let sql = format!(
                "INSERT INTO envelopes (place, device, seq, digest, change, status, at, again, bare) VALUES {values}"
            );
            let mut envelopes = sqlx::query(AssertSqlSafe(sql));
            for (one, row, log) in some {
                let device: &mut Device = &mut devices[*log];
                place += 1;
                (device.head, device.moved) = (device.head.then(&one.bytes), true);
                changes = changes.bind(place).bind(device.no).bind(device.head.seq.cast_signed()).bind(*row);
                changes = changes.bind(device.head.link.to_vec()).bind(one.bytes.as_slice());
                envelopes = envelopes.bind(place).bind(device.no).bind(one.seq.cast_signed());
                envelopes = envelopes.bind(one.digest.to_vec()).bind(one.change.id).bind(one.at.cast_signed());
                envelopes = envelopes.bind(one.bare.as_slice());
            }
            [changes, envelopes]
        });
        execute_all(writer.connection()?, into_log).await?;
        self.devices.extend(logs.into_iter().map(|(id, log)| (id, devices[log])));
        self.place = Some(place);
        self.note_shown(&fresh).await?;
        let bodies: HashMap<i64, Option<String>> = records.into_values().collect();
        let standing = self.fold_in(&fresh, of_record, bodies, made).await?;
        drop_aside(standing);
        drop_aside(fresh);
        Ok(())
    }

    /// The device whose log a received change belongs to. Another branch of this very device, after its profile was copied,
    /// is another's all the same.
    pub(super) fn as_another(&self, device: Uuid) -> Uuid {
        if device == self.device { Uuid::new_v5(&device, b"twin") } else { device }
    }

    /// Row and body of the records that are here.
    async fn records(
        &mut self,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, (i64, Option<String>)>, StoreError> {
        let ids: Vec<Uuid> = ids.collect::<HashSet<_>>().into_iter().collect();
        let mut found = HashMap::with_capacity(ids.len());
        for some in ids.chunks(500) {
            let sql = format!("SELECT id, row, body FROM records WHERE id IN ({})", marks(some.len()));
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, id| query.bind(*id));
            for row in query.fetch_all(self.connection()?).await? {
                found.insert(row.try_get(0)?, (row.try_get(1)?, Some(row.try_get(2)?)));
            }
        }
        Ok(found)
    }

    /// Folds what came into its records: on top where it is later than all that is there, else all of it anew; `made` are
    /// those that stand as they are already, and most of them are given back. Return visits come last, for they are judged with their forms, and those of
    /// forms that others handled than was known are judged again.
    async fn fold_in(
        &mut self,
        fresh: &[Received],
        of_record: BTreeMap<i64, Vec<usize>>,
        bodies: HashMap<i64, Option<String>>,
        mut made: HashMap<i64, Record>,
    ) -> Result<Vec<(i64, Record)>, StoreError> {
        let (visits, others): (Vec<_>, Vec<_>) = of_record
            .into_iter()
            .partition(|(_, indexes)| indexes.iter().any(|at| fresh[*at].change.kind == kind::VISIT));
        let mut forms = Vec::new();
        let (mut standing, mut folded) = (Vec::with_capacity(made.len()), Vec::new());
        for (row, indexes) in others {
            let id = indexes.first().map(|index| fresh[*index].change.record).unwrap_or_default();
            let mut changed = |after: &Record| {
                if after.kind == kind::FORM && (!after.course.hands.is_empty() || !after.released.is_empty()) {
                    forms.push((id, after.course.reopened));
                }
            };
            if let Some(record) = made.remove(&row) {
                changed(&record);
                standing.push((row, record));
                continue;
            }
            let mut changes: Vec<&Change> = indexes.iter().map(|index| &fresh[*index].change).collect();
            changes.sort_by_key(|change| change.at);
            let body = bodies.get(&row).and_then(Option::as_ref);
            let before: Option<Record> = body.and_then(|body| serde_json::from_str(body).ok());
            let known = before.as_ref().map(|record| (record.course.hands.clone(), record.released.clone()));
            let (after, on_top) = match (before, body.is_some()) {
                (Some(mut record), _) if record.last < changes.first().map(|change| change.at) => {
                    changes.into_iter().for_each(|change| record.apply(change));
                    (record, true)
                }
                (None, false) => (Record::fold(changes), false),
                _ => (self.folded(row).await?, false),
            };
            let same = known.is_some_and(|known| known == (after.course.hands.clone(), after.released.clone()));
            if !(on_top && same) {
                changed(&after);
            }
            folded.push((row, after));
        }
        self.follow_bodies(&standing).await?;
        self.write_bodies(&folded).await?;
        let judged = self.fold_visits(fresh, visits, &bodies, made).await?;
        self.fold_visits_of(forms, &judged).await?;
        Ok(standing)
    }

    /// The same for return visits, after the forms that they ask after; gives their rows.
    async fn fold_visits(
        &mut self,
        fresh: &[Received],
        of_visit: Vec<(i64, Vec<usize>)>,
        bodies: &HashMap<i64, Option<String>>,
        mut made: HashMap<i64, Record>,
    ) -> Result<HashSet<i64>, StoreError> {
        let (mut standing, mut folded) = (Vec::with_capacity(made.len()), Vec::new());
        for (row, indexes) in of_visit {
            if let Some(record) = made.remove(&row) {
                standing.push((row, record));
                continue;
            }
            let changes: Vec<Change> = indexes.iter().map(|index| fresh[*index].change.clone()).collect();
            let plain = changes.iter().all(|change| !visits::by_others(&change.act));
            // One that was only planned, dropped or given names nobody who could have handled it.
            let after = match bodies.get(&row).is_some_and(Option::is_some) {
                false if plain => Record::fold(&changes),
                _ => self.folded(row).await?,
            };
            folded.push((row, after));
        }
        self.follow_bodies(&standing).await?;
        self.write_bodies(&folded).await?;
        Ok(standing.into_iter().chain(folded).map(|(row, _)| row).collect())
    }
}
