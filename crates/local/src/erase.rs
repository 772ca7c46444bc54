//! Erasure by law (个人信息保护法 47): the words are destroyed, the log stays whole.
//!
//! An entry of the log is replaced by what of it tells of nobody, marked as erased. Its link stays, but no longer follows
//! from its bytes; so the change that erases names, for each such entry, the link before it and the hash of what was
//! there. That change is in the chain itself: whoever marks an entry as erased without it, or alters what lies before
//! one, is found by [`Store::verify`] as before. It also holds what is left of each entry of the record, whether words
//! were destroyed in it or not: other devices do the same with it ([`crate::sync`]), where the links before are others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use kefu_domain::change::{Line, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::privacy::{ERASED, LEFT, ends, superseded};
use kefu_domain::process::role;
use kefu_domain::{Change, Record};
use kefu_vault::{Link, content_hash};

use crate::door::Door;
use crate::store::{Store, StoreError};
use crate::{hands, services};

/// Bytes of what is left of entries in one erasing change: sealed, it still is no larger than the shared database takes.
const ROOM: usize = 160_000;

/// What of an entry is left.
#[derive(Serialize, Deserialize)]
pub(crate) struct Left {
    /// What of the change tells of nobody.
    #[serde(flatten)]
    pub change: Change,
    /// SHA-256 of the entry as it was.
    pub erased: String,
}

/// What an entry says, and the SHA-256 of what it said before anything was destroyed in it.
pub(crate) fn as_it_was(bytes: &[u8]) -> Result<(Change, String), StoreError> {
    match serde_json::from_slice::<Left>(bytes) {
        Ok(left) => Ok((left.change, left.erased)),
        Err(_) => Ok((Change::decode(bytes)?, content_hash(bytes))),
    }
}

/// An entry that was erased, as it is found in the log or as the erasing change names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stub {
    record: Uuid,
    device: Uuid,
    pub(crate) seq: u64,
    /// Link before it.
    before: String,
    /// SHA-256 of what was there.
    hash: String,
}

impl Stub {
    /// The entry, if its bytes are what an erasure leaves.
    pub(crate) fn read(bytes: &[u8], before: &Link) -> Option<Stub> {
        let left: Left = serde_json::from_slice(bytes).ok()?;
        let Change { record, seq, at, .. } = left.change;
        Some(Stub { record, device: at.device, seq, before: hex(before), hash: left.erased })
    }

    /// The entries that a change names, if it is one that erases.
    pub(crate) fn named(change: &Change) -> impl Iterator<Item = Stub> + '_ {
        let lines = change.add.get(ERASED).filter(|_| change.act == act::ERASE).into_iter().flatten();
        lines.filter_map(|line| {
            let text = |key: &str| line.values.get(key).and_then(Value::as_str);
            Some(Stub {
                record: change.record,
                device: text("device")?.parse().ok()?,
                seq: line.values.get("seq")?.as_u64()?,
                before: text("before")?.into(),
                hash: text("hash")?.into(),
            })
        })
    }

    /// Whether this is `other`; of an erasure on another device, where another link lay before it, all but that.
    pub(crate) fn is(&self, other: &Stub, elsewhere: bool) -> bool {
        let before = elsewhere || self.before == other.before;
        before
            && (self.record, self.device, self.seq, &self.hash) == (other.record, other.device, other.seq, &other.hash)
    }

    fn line(&self, left: &Change) -> Result<Line, StoreError> {
        let values = [
            ("device", json!(self.device.to_string())),
            ("seq", json!(self.seq)),
            ("before", json!(self.before)),
            ("hash", json!(self.hash)),
            (LEFT, serde_json::to_value(left)?),
        ];
        let values = values.map(|(key, value)| (key.to_string(), value)).into();
        Ok(Line { id: Uuid::now_v7(), values, struck: false })
    }
}

fn hex(link: &[u8]) -> String {
    link.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a change gives its member a role that may erase. Members of a version without roles held every one.
pub(crate) fn authorises(change: &Change) -> bool {
    let may = |roles: &Value| {
        let codes = roles.as_array().into_iter().flatten().filter_map(Value::as_str);
        codes.into_iter().any(|code| [role::SUPERVISOR, role::ADMIN].contains(&code))
    };
    change.kind == kind::MEMBER
        && match change.set.get("roles") {
            Some(roles) => may(&roles.to),
            None => change.act == act::ENROL,
        }
}

/// What an erasure destroyed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// Entries of the log.
    pub entries: u32,
    /// Hashes of the files that the record named.
    pub files: Vec<String>,
}

impl Door {
    /// Writes the erasing change `draft` and destroys what its record's earlier changes hold beyond what `left` leaves
    /// of each. The files it named are for [`Door::destroy_files`], once every record is done.
    ///
    /// # Errors
    /// The database does not answer, or a change cannot be read; then nothing is destroyed.
    pub async fn erase(
        &mut self,
        mut draft: Draft,
        seat: Uuid,
        left: impl Fn(&Change) -> Change,
    ) -> Result<Destroyed, StoreError> {
        let (record, ended) = (draft.record, ends(draft.kind));
        let whole = self.record(record).await?.unwrap_or_default();
        let sql = "SELECT c.place, c.bytes, (SELECT b.link FROM changes b WHERE b.device = c.device AND b.seq = c.seq - 1), \
                   c.standing FROM changes c WHERE c.record = (SELECT row FROM records WHERE id = ?) AND c.standing >= 0 \
                   ORDER BY c.place";
        let rows = sqlx::query(sql).bind(record).fetch_all(self.connection().await?).await?;
        let mut kept = Vec::with_capacity(rows.len() + 1);
        let (mut stubs, mut lines, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            let (place, bytes): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
            if row.try_get::<i64, _>(3)? != 1 {
                gone.push(place); // without effect before, so nothing is left of it
                continue;
            }
            let (change, hash) = as_it_was(bytes)?;
            let erasing = change.act == act::ERASE;
            if erasing && ended {
                kept.push(change);
                continue;
            }
            let less = if erasing { superseded(&left(&change)) } else { left(&change) };
            let before: Option<Vec<u8>> = row.try_get(2)?;
            let before = hex(&before.unwrap_or_else(|| vec![0; 32]));
            let (device, seq) = (change.at.device, change.seq);
            lines.push(Stub { record, device, seq, before, hash: hash.clone() }.line(&less)?);
            if less != change {
                stubs.push((place, serde_json::to_vec(&Left { change: less.clone(), erased: hash })?));
            }
            kept.push(less);
        }
        let entries = (stubs.len() + gone.len()) as u32;
        let mut further = Draft { set: BTreeMap::new(), strike: Vec::new(), reason: None, ..draft.clone() };
        let mut parts = parted(lines)?.into_iter();
        draft.add.insert(ERASED.into(), parts.next().unwrap_or_default());
        kept.push(self.write(draft, seat).await?);
        for part in parts {
            further.add = BTreeMap::from([(ERASED.to_owned(), part)]);
            kept.push(self.write(further.clone(), seat).await?);
        }
        for (place, bytes) in stubs {
            let sql = "UPDATE changes SET bytes = ? WHERE place = ?; UPDATE envelopes SET wraps = NULL WHERE place = ?";
            sqlx::query(sql).bind(bytes).bind(place).bind(place).execute(self.connection().await?).await?;
        }
        for place in gone {
            sqlx::query(EMPTY).bind(place).bind(place).execute(self.connection().await?).await?;
        }
        let less = hands::fold(self.connection().await?, &kept).await?;
        let sql = "INSERT INTO erased (record) VALUES (?) ON CONFLICT DO UPDATE SET state = 1; \
                   UPDATE records SET body = ? WHERE id = ? RETURNING row";
        let query = sqlx::query_scalar(sql).bind(record).bind(serde_json::to_string(&less)?).bind(record);
        let row = query.fetch_one(self.connection().await?).await?;
        services::follow(self.connection().await?, row, None, services::Entry::of(&less)).await?;
        if ended {
            // The erasing change gets a key of its own when it is sealed; what goes on is read with the keys there were.
            let sql = "DELETE FROM record_keys WHERE record = ?1; DELETE FROM quarantine WHERE record = ?1; \
                       DELETE FROM pieces WHERE hash IN (SELECT hash FROM awaited WHERE record = ?1); \
                       DELETE FROM awaited WHERE record = ?1";
            sqlx::query(sql).bind(record).execute(self.connection().await?).await?;
        }
        self.forget(record);
        let until = kept.last().map_or(0, |change| change.at.ms);
        drop_drafts(self.connection().await?, record, &whole, until).await?;
        Ok(Destroyed { entries, files: files_of(&whole) })
    }

    /// Destroys files that no record and no draft names any more, and tells how many.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn destroy_files(&mut self, hashes: &[String]) -> Result<u32, StoreError> {
        let mut gone = 0;
        for hash in hashes {
            let sql = "DELETE FROM files WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM drafts WHERE body LIKE ?2) \
                       AND NOT EXISTS (SELECT 1 FROM records WHERE body LIKE ?2)";
            let done = sqlx::query(sql).bind(hash).bind(format!("%{hash}%")).execute(self.connection().await?).await?;
            gone += u32::from(done.rows_affected() > 0);
        }
        Ok(gone)
    }
}

/// Leaves nothing of an entry but its place; wants that twice.
pub(crate) const EMPTY: &str = "UPDATE changes SET bytes = x'', standing = -1 WHERE place = ?; \
                                UPDATE envelopes SET wraps = NULL, aside = 1 WHERE place = ?";

/// Lines in as many parts as they need, one at least.
fn parted(lines: Vec<Line>) -> Result<Vec<Vec<Line>>, StoreError> {
    let (mut parts, mut size) = (vec![Vec::new()], 0);
    for line in lines {
        let more = serde_json::to_vec(&line)?.len();
        if size > 0 && size + more > ROOM {
            parts.push(Vec::new());
            size = 0;
        }
        size += more;
        parts.last_mut().into_iter().for_each(|part| part.push(line.clone()));
    }
    Ok(parts)
}

/// Drafts that tell of an erased record: they name it, or its customer's telephone, and were saved before `until`.
pub(crate) async fn drop_drafts(
    connection: &mut SqliteConnection,
    id: Uuid,
    whole: &Record,
    until_ms: u64,
) -> Result<(), StoreError> {
    let phones = ["customer.phone", "customer.phone2"].into_iter().filter_map(|key| whole.text(key));
    let words = phones.filter(|phone| phone.len() >= 7).map(str::to_owned).chain([id.to_string()]);
    for word in words {
        let sql =
            "DELETE FROM drafts WHERE instr(body, ?) > 0 AND julianday(saved_at) <= julianday(? / 1000.0, 'unixepoch')";
        sqlx::query(sql).bind(word).bind(until_ms.cast_signed() + 1000).execute(&mut *connection).await?;
    }
    Ok(())
}

pub(crate) fn files_of(record: &Record) -> Vec<String> {
    let lines = record.lists.values().flatten();
    lines.filter_map(|line| line.values.get("sha256")?.as_str().map(str::to_string)).collect()
}

impl Store {
    /// Clears what was destroyed out of the file: words that the search index still carries of what was taken out of it,
    /// pages that are free, and the write-ahead log. Takes seconds on a large desk; called after an erasure.
    ///
    /// # Errors
    /// The database does not answer, or the disk has no room for a second copy of it: then it may be called again.
    pub async fn purge(&self) -> Result<(), StoreError> {
        self.indexed().await;
        let mut writer = self.writer.lock().await;
        let connection = writer.connection()?;
        sqlx::query("INSERT INTO search (search) VALUES ('optimize')").execute(&mut *connection).await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
        sqlx::query("UPDATE erased SET state = 2 WHERE state = 1").execute(&mut *connection).await?;
        Ok(())
    }

    /// Whether words were destroyed that [`Store::purge`] has not cleared out of the file yet.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn to_purge(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM erased WHERE state = 1)";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.readers).await?)
    }

    /// Everything in the database, table by table, as bytes: for tests that look for words that must be gone.
    ///
    /// # Errors
    /// The database does not answer.
    #[doc(hidden)]
    pub async fn dump(&self) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
        )
        .fetch_all(self.indexed().await)
        .await?;
        for table in tables {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
                .bind(&table)
                .fetch_all(&self.readers)
                .await?;
            for column in columns {
                let sql = format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\"");
                let values: Vec<Option<Vec<u8>>> =
                    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&self.readers).await?;
                values.into_iter().flatten().for_each(|value| {
                    bytes.extend(value);
                    bytes.push(b'\n');
                });
            }
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceInfo, Finding};
    use chrono::{DateTime, Utc};
    use kefu_vault::DatabaseKey;

    /// Guards that nobody passes an entry off as erased by law without the change that names it.
    #[tokio::test]
    async fn an_entry_marked_as_erased_without_a_change_that_says_so_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let key = DatabaseKey::random().unwrap();
        let device = DeviceInfo { id: Uuid::now_v7(), code: "T1".into() };
        let store = Store::create(folder.path(), &key, device).await.unwrap();
        let now = DateTime::<Utc>::UNIX_EPOCH.fixed_offset();
        let mut door = store.door(now).await.unwrap();
        let values = [("customer.name".to_string(), json!("陈秀英"))].into();
        let draft = Draft::new(Uuid::now_v7(), kind::FORM, act::REGISTER).setting(values);
        let change = door.write(draft, Uuid::nil()).await.unwrap();
        door.commit().await.unwrap();
        store.indexed().await;
        let mut less = change.clone();
        less.set.clear();
        let forged = Left { change: less.clone(), erased: content_hash(&change.encode().unwrap()) };
        let mut writer = store.writer.lock().await;
        let connection = writer.connection().unwrap();
        let bytes = serde_json::to_vec(&forged).unwrap();
        sqlx::query("UPDATE changes SET bytes = ?").bind(bytes).execute(&mut *connection).await.unwrap();
        let body = serde_json::to_string(&Record::fold([&less])).unwrap();
        sqlx::query("UPDATE records SET body = ?").bind(body).execute(connection).await.unwrap();
        drop(writer);
        let found = store.verify().await.unwrap();
        let altered = Finding::Altered { device: "T1".into(), seq: 1, form: None };
        assert!(found.findings.contains(&altered) && found.erased == 0, "{:?}", found.findings);
        store.close().await;
    }
}
