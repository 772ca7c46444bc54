//! An erasure that comes from another device, or that something comes after: the words of its record are destroyed here as
//! well. What is left of each entry stands in the erasing change, so that every device comes to the same record, also one
//! that gets emptied places only; what the erasing change does not name has no effect any more.
//!
//! The shared database empties what was sealed: such a place carries the digest of what it was. It lies in quarantine until an
//! erasing change explains it, whose author may erase and which it stood before, and for good where none does.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::envelope::Envelope;
use kefu_domain::privacy::{ends, remainders};
use kefu_domain::{Change, Record, Stamp};
use kefu_vault::envelopes;

use super::{EMPTIED, Exchange, Intake, marks, status};
use crate::erase::{EMPTY, Left, as_it_was, authorises, drop_drafts, files_of};
use crate::store::StoreError;

/// An entry of the log, of a record that was erased.
struct Entry {
    place: i64,
    /// Change and the hash of what it was; none where only the place is left.
    said: Option<(Change, String)>,
    bytes: Vec<u8>,
    standing: i64,
    /// Id of the change.
    id: Option<Uuid>,
    /// Place in the order of the workspace where it is there, else beyond all.
    at: i64,
    bare: Vec<u8>,
    has_envelope: bool,
}

/// What the erasing changes of a record say together.
#[derive(Default)]
struct Erasure {
    /// The record ended with them.
    ends: bool,
    /// Where they lie in the log.
    places: HashSet<i64>,
    /// Place of the last in the order of the workspace, and its stamp.
    at: i64,
    stamp: Option<Stamp>,
    /// What is left of each change, and the hash of what it was.
    left: HashMap<Uuid, (Change, String)>,
    /// Codes of devices in form numbers, as far as they came along.
    codes: HashMap<Uuid, String>,
}

impl Erasure {
    fn code(&self, device: Uuid) -> &str {
        self.codes.get(&device).map_or("", String::as_str)
    }

    /// Whether an entry that is not named has no effect any more.
    fn takes(&self, entry: &Entry) -> bool {
        let said = entry.said.as_ref().map(|(change, _)| change);
        let earlier = said.map(|change| change.at) < self.stamp || entry.at < self.at;
        if self.ends { said.is_none_or(|change| change.act != act::ERASE) } else { earlier }
    }
}

/// What was destroyed.
#[derive(Default)]
struct Destroyed {
    any: bool,
    files: Vec<String>,
}

impl Destroyed {
    fn of(&mut self, entry: &Entry) {
        self.any = true;
        let lines = entry.said.iter().flat_map(|(change, _)| change.add.values().flatten());
        self.files.extend(lines.filter_map(|line| line.values.get("sha256")?.as_str().map(str::to_owned)));
    }
}

/// What of a step touches erasures.
#[derive(Default)]
pub(super) struct Touched {
    records: BTreeSet<Uuid>,
    erasing: BTreeSet<Uuid>,
    members: bool,
    /// Codes of devices in form numbers.
    codes: HashMap<Uuid, String>,
}

impl Touched {
    pub(super) fn by(intake: &Intake) -> Self {
        let received = intake.received.iter().map(|one| &one.change);
        Touched {
            records: received.clone().map(|c| c.record).chain(intake.quarantined.iter().map(|q| q.record)).collect(),
            erasing: received.clone().filter(|c| c.act == act::ERASE).map(|c| c.record).collect(),
            members: received.into_iter().any(|c| c.kind == kind::MEMBER),
            codes: intake.codes.clone(),
        }
    }
}

impl Exchange {
    /// Destroys what a step brought of records that are erased.
    pub(super) async fn follow_erasures(&mut self, touched: Touched) -> Result<(), StoreError> {
        let Touched { records, mut erasing, members, codes } = touched;
        let records: Vec<Uuid> = records.into_iter().collect();
        for some in records.chunks(500) {
            let sql = format!("SELECT record FROM erased WHERE record IN ({})", marks(some.len()));
            let query = sqlx::query_scalar::<_, Uuid>(AssertSqlSafe(sql));
            let query = some.iter().fold(query, |query, id| query.bind(*id));
            erasing.extend(query.fetch_all(self.connection()?).await?);
        }
        if members {
            // Somebody may be known now to be one who may.
            let waiting = sqlx::query_scalar::<_, Uuid>("SELECT record FROM erased WHERE state = 0");
            erasing.extend(waiting.fetch_all(self.connection()?).await?);
        }
        for record in erasing {
            self.erase_received(record, &codes).await?;
        }
        Ok(())
    }

    async fn erase_received(&mut self, id: Uuid, codes: &HashMap<Uuid, String>) -> Result<(), StoreError> {
        let sql = "SELECT row, kind, body FROM records WHERE id = ?";
        let Some(found) = sqlx::query(sql).bind(id).fetch_optional(self.connection()?).await? else { return Ok(()) };
        let (row, kind): (i64, String) = (found.try_get(0)?, found.try_get(1)?);
        let before: Record = serde_json::from_str(found.try_get(2)?).unwrap_or_default();
        let mut entries = self.entries(row).await?;
        let Some(mut erasure) = self.erasure(id, &kind, &entries).await? else { return Ok(()) };
        erasure.codes.clone_from(codes);
        let destroyed = self.leave_remainders(&erasure, &mut entries).await?;
        self.explain_emptied(id, row, &erasure, &mut entries).await?;
        for (left, hash) in erasure.left.values() {
            if !entries.iter().any(|entry| entry.id == Some(left.id)) {
                let bytes = serde_json::to_vec(&Left { change: left.clone(), erased: hash.clone() })?;
                self.append((left.at.device, erasure.code(left.at.device)), row, &bytes, 1).await?;
            }
        }
        let files: BTreeSet<String> = files_of(&before).into_iter().chain(destroyed.files).collect();
        self.fold_row(row).await?;
        if erasure.ends {
            self.forget_keys(id, &erasure, &entries).await?;
            let sql = "DELETE FROM awaited WHERE record = ?1; DELETE FROM conflicts WHERE row = ?2";
            sqlx::query(sql).bind(id).bind(row).execute(self.connection()?).await?;
            for hash in files {
                let sql = "DELETE FROM pieces WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM awaited WHERE hash = ?1); \
                           DELETE FROM files WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM drafts WHERE body LIKE ?2) \
                           AND NOT EXISTS (SELECT 1 FROM records WHERE body LIKE ?2)";
                let like = format!("%{hash}%");
                sqlx::query(sql).bind(&hash).bind(&like).execute(self.connection()?).await?;
            }
        }
        drop_drafts(self.connection()?, id, &before, erasure.stamp.map_or(0, |at| at.ms)).await?;
        let sql =
            "INSERT INTO erased (record, state) VALUES (?, 1) ON CONFLICT DO UPDATE SET state = 1 WHERE ? OR state = 0";
        sqlx::query(sql).bind(id).bind(destroyed.any).execute(self.connection()?).await?;
        Ok(())
    }

    async fn entries(&mut self, row: i64) -> Result<Vec<Entry>, StoreError> {
        let sql = "SELECT c.place, c.bytes, c.standing, e.change, e.status, e.at, e.bare FROM changes c \
                   LEFT JOIN envelopes e ON e.place = c.place WHERE c.record = ? ORDER BY c.standing DESC, c.place";
        let rows = sqlx::query(sql).bind(row).fetch_all(self.connection()?).await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let bytes: Vec<u8> = row.try_get(1)?;
            let said = as_it_was(&bytes).ok();
            let known: Option<Uuid> = row.try_get(3)?;
            let there = row.try_get::<Option<i64>, _>(4)? == Some(status::THERE);
            entries.push(Entry {
                place: row.try_get(0)?,
                standing: row.try_get(2)?,
                id: known.or(said.as_ref().map(|(change, _)| change.id)),
                at: if there { row.try_get(5)? } else { i64::MAX },
                bare: row.try_get::<Option<Vec<u8>>, _>(6)?.unwrap_or_default(),
                has_envelope: known.is_some(),
                said,
                bytes,
            });
        }
        Ok(entries)
    }

    /// The erasing changes of a record that are in effect, as one.
    async fn erasure(&mut self, id: Uuid, kind: &str, entries: &[Entry]) -> Result<Option<Erasure>, StoreError> {
        let mut all = Vec::new();
        let mut unknown = false;
        for entry in entries.iter().filter(|entry| entry.standing == 1) {
            let Some((change, _)) = &entry.said else { continue };
            let Some(left) = remainders(change) else { continue };
            match self.may_erase(change.seat).await? {
                true => all.push((entry, change, left)),
                false => unknown = true,
            }
        }
        let ends = ends(kind);
        if !ends {
            // What goes on is as the last one says; it names those before it.
            let last = all.iter().max_by_key(|(entry, change, _)| (entry.at, change.at)).map(|(entry, ..)| entry.place);
            all.retain(|(entry, ..)| Some(entry.place) == last);
        }
        if all.is_empty() {
            let sql = "INSERT OR IGNORE INTO erased (record, state) SELECT ?, 0 WHERE ?";
            sqlx::query(sql).bind(id).bind(unknown).execute(self.connection()?).await?;
            return Ok(None);
        }
        all.sort_by_key(|(_, change, _)| change.at);
        let mut erasure = Erasure { ends, ..Erasure::default() };
        for (entry, change, left) in all {
            erasure.places.insert(entry.place);
            erasure.at = entry.at;
            erasure.stamp = Some(change.at);
            erasure.left.extend(left.into_iter().map(|(left, hash)| (left.id, (left, hash))));
        }
        Ok(Some(erasure))
    }

    /// Whether a member ever held a role that may erase, as the log here has it.
    async fn may_erase(&mut self, seat: Uuid) -> Result<bool, StoreError> {
        let sql = "SELECT bytes FROM changes WHERE record = (SELECT row FROM records WHERE id = ?) AND standing = 1";
        let rows = sqlx::query(sql).bind(seat).fetch_all(self.connection()?).await?;
        for row in &rows {
            if Change::decode(row.try_get(0)?).is_ok_and(|change| authorises(&change)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Puts what is left into the place of each entry that is here.
    async fn leave_remainders(&mut self, erasure: &Erasure, entries: &mut [Entry]) -> Result<Destroyed, StoreError> {
        let mut destroyed = Destroyed::default();
        let mut met: HashSet<Uuid> = HashSet::new();
        for entry in entries.iter_mut().filter(|entry| !erasure.places.contains(&entry.place)) {
            let named = entry.id.and_then(|id| erasure.left.get(&id)).filter(|(left, _)| met.insert(left.id));
            let Some((left, hash)) = named else {
                if erasure.takes(entry) && (entry.standing >= 0 || !entry.bytes.is_empty()) {
                    destroyed.of(entry);
                    sqlx::query(EMPTY).bind(entry.place).bind(entry.place).execute(self.connection()?).await?;
                    (entry.said, entry.standing, entry.bytes) = (None, -1, Vec::new());
                }
                continue;
            };
            let untouched = entry.said.as_ref().is_some_and(|(change, was)| change == left && was == hash);
            let bytes = match untouched {
                true => entry.bytes.clone(),
                false => serde_json::to_vec(&Left { change: left.clone(), erased: hash.clone() })?,
            };
            if bytes != entry.bytes || entry.standing != 1 {
                destroyed.of(entry);
                let sql = "UPDATE changes SET bytes = ?, standing = 1 WHERE place = ?; \
                           UPDATE envelopes SET wraps = NULL WHERE place = ?";
                let query = sqlx::query(sql).bind(&bytes).bind(entry.place).bind(entry.place);
                query.execute(self.connection()?).await?;
                (entry.said, entry.standing, entry.bytes) = (Some((left.clone(), hash.clone())), 1, bytes);
            }
        }
        Ok(destroyed)
    }

    /// Takes emptied places out of quarantine that the erasure explains, so that this device can give them back, and destroys
    /// what else lies there of the record.
    async fn explain_emptied(
        &mut self,
        id: Uuid,
        row: i64,
        erasure: &Erasure,
        entries: &mut Vec<Entry>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT digest, at, reason, bytes FROM quarantine WHERE record = ? ORDER BY at";
        let rows = sqlx::query(sql).bind(id).fetch_all(self.connection()?).await?;
        for found in &rows {
            let (digest, at, reason): (Vec<u8>, i64, String) =
                (found.try_get(0)?, found.try_get(1)?, found.try_get(2)?);
            let Some(envelope) = envelopes::decode(found.try_get(3)?) else { continue };
            if envelope.act == act::ERASE && reason != EMPTIED {
                continue; // another erasing change, which may open once its key is here
            }
            let named = erasure.left.get(&envelope.change);
            if !erasure.ends && named.is_none() && at >= erasure.at {
                continue;
            }
            if let Some(was) = envelopes::emptied_digest(&envelope)
                && let Some(bare) = envelopes::bare(&envelope)
            {
                let code = erasure.code(envelope.device);
                self.known_emptied(row, (at, was), (&envelope, &bare, code), named, entries).await?;
            }
            let sql = "DELETE FROM quarantine WHERE digest = ?";
            sqlx::query(sql).bind(digest).execute(self.connection()?).await?;
        }
        Ok(())
    }

    async fn known_emptied(
        &mut self,
        row: i64,
        (at, digest): (i64, [u8; 32]),
        (envelope, bare, code): (&Envelope, &[u8], &str),
        named: Option<&(Change, String)>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE envelopes SET status = ?, at = ?, code = '', again = 1 WHERE change = ? AND digest = ?";
        let query = sqlx::query(sql).bind(status::THERE).bind(at).bind(envelope.change).bind(digest.to_vec());
        if query.execute(self.connection()?).await?.rows_affected() > 0 {
            return Ok(());
        }
        let bare_place = entries.iter().find(|entry| entry.id == Some(envelope.change) && !entry.has_envelope);
        let here = entries.iter().any(|entry| entry.id == Some(envelope.change));
        let (place, no) = match bare_place.map(|entry| entry.place) {
            Some(place) => {
                let sql = "SELECT device FROM changes WHERE place = ?";
                (place, sqlx::query_scalar(sql).bind(place).fetch_one(self.connection()?).await?)
            }
            None => {
                let left =
                    named.filter(|_| !here).map(|(change, hash)| Left { change: change.clone(), erased: hash.clone() });
                let bytes = left.as_ref().map(serde_json::to_vec).transpose()?.unwrap_or_default();
                let standing = if left.is_some() { 1 } else { -1 };
                let (place, no) = self.append((envelope.device, code), row, &bytes, standing).await?;
                entries.push(Entry {
                    place,
                    said: left.map(|left| (left.change, left.erased)),
                    bytes,
                    standing,
                    id: Some(envelope.change),
                    at,
                    bare: bare.to_vec(),
                    has_envelope: true,
                });
                (place, no)
            }
        };
        let sql = "INSERT INTO envelopes (place, device, seq, digest, change, status, at, again, bare) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)";
        let query = sqlx::query(sql).bind(place).bind(no).bind(envelope.seq.cast_signed()).bind(digest.to_vec());
        let query = query.bind(envelope.change).bind(status::THERE).bind(at).bind(bare);
        query.execute(self.connection()?).await?;
        entries.iter_mut().filter(|entry| entry.place == place).for_each(|entry| entry.has_envelope = true);
        Ok(())
    }

    /// Appends an entry of another device to the log; gives its place, and the number of the device.
    async fn append(
        &mut self,
        (device, code): (Uuid, &str),
        row: i64,
        bytes: &[u8],
        standing: i64,
    ) -> Result<(i64, i64), StoreError> {
        let id = self.as_another(device);
        let mut device = self.device_of(id, code).await?;
        device.head = device.head.then(bytes);
        device.moved = true;
        self.devices.insert(id, device);
        let sql = "INSERT INTO changes (device, seq, record, link, bytes, standing) VALUES (?, ?, ?, ?, ?, ?)";
        let query = sqlx::query(sql).bind(device.no).bind(device.head.seq.cast_signed()).bind(row);
        let query = query.bind(device.head.link.to_vec()).bind(bytes).bind(standing);
        let place = query.execute(self.connection()?).await?.last_insert_rowid();
        self.place = Some(place);
        Ok((place, device.no))
    }

    /// Destroys the keys of a record that ended, but those of the erasing changes themselves.
    async fn forget_keys(&mut self, id: Uuid, erasure: &Erasure, entries: &[Entry]) -> Result<(), StoreError> {
        let erasing = entries.iter().filter(|entry| erasure.places.contains(&entry.place));
        let keys: Vec<[u8; 16]> =
            erasing.filter_map(|entry| envelopes::bare_head(&entry.bare).map(|head| head.key)).collect();
        for from in
            ["given_keys WHERE key IN (SELECT key FROM record_keys WHERE record = ?)", "record_keys WHERE record = ?"]
        {
            let sql = format!("DELETE FROM {from} AND key NOT IN ({})", marks(keys.len()));
            let query = sqlx::query(AssertSqlSafe(sql)).bind(id);
            let query = keys.iter().fold(query, |query, key| query.bind(key.to_vec()));
            query.execute(self.connection()?).await?;
        }
        Ok(())
    }
}
