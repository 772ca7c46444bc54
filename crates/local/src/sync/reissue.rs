//! Issuing changes anew that nobody else has: with later stamps after the clock was wrong, under a new identity after the
//! profile turned out to be a copy. What they say of one another follows.

use std::collections::{BTreeSet, HashMap};

use sqlx::Row;
use uuid::Uuid;

use kefu_domain::{Change, Stamp};
use kefu_vault::Head;

use super::{Device, Exchange, status};
use crate::store::{DeviceInfo, StoreError};

/// A change that gets another number or stamp.
struct Tail {
    place: i64,
    row: i64,
    /// As it was; none where its words are gone with their record, and it keeps what it has.
    change: Option<Change>,
    bytes: Vec<u8>,
}

impl Exchange {
    /// The clock was ahead: own changes from the first on that was never taken and is stamped later than `above_ms` get
    /// stamps after everything that the shared database has taken, with `now_ms` for the wall clock.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn restamp(&mut self, above_ms: u64, now_ms: u64) -> Result<(), StoreError> {
        let sql = "SELECT c.seq, c.bytes FROM changes c LEFT JOIN envelopes e ON e.place = c.place \
                   WHERE c.device = 1 AND c.standing >= 0 AND (e.place IS NULL OR e.status IN (0, 6)) \
                   AND coalesce(e.again, 0) = 0 ORDER BY c.seq";
        let rows = sqlx::query(sql).fetch_all(self.connection()?).await?;
        let ahead = |bytes: &[u8]| Change::decode(bytes).is_ok_and(|change| change.at.ms > above_ms);
        let mut first = None;
        for row in &rows {
            if ahead(row.try_get(1)?) {
                first = Some(row.try_get::<i64, _>(0)?);
                break;
            }
        }
        let Some(first) = first else { return Ok(()) };
        let [_, seen] = self.last_stamps().await?;
        let sql = "SELECT bytes FROM changes WHERE device = 1 AND standing >= 0 AND seq < ? ORDER BY seq DESC LIMIT 1";
        let before: Option<Vec<u8>> = sqlx::query_scalar(sql).bind(first).fetch_optional(self.connection()?).await?;
        let before = before.and_then(|bytes| Change::decode(&bytes).ok()).map(|change| change.at);
        let device = self.device;
        let mut last = seen.max(before);
        let last = self
            .issue_anew(first, first, move |_| {
                let at = Stamp::next(last, now_ms, device);
                last = Some(at);
                at
            })
            .await?;
        let last = last.max(seen).map(|at| at.to_string());
        sqlx::query("UPDATE devices SET last = ? WHERE no = 1").bind(last).execute(self.connection()?).await?;
        Ok(())
    }

    /// This profile is a copy of one that went on: from its envelope `from` on its changes are issued anew as those of
    /// `device`, under the code `code`. What came before stays, as that of the device it was. The seat that
    /// it was admitted as stays, with its keys: an administrator's device says in the member log whose they are.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn renew(&mut self, from: u64, device: Uuid, code: &str) -> Result<(), StoreError> {
        let sql = "SELECT c.seq FROM envelopes e JOIN changes c ON c.place = e.place WHERE e.device = 1 AND e.seq = ?";
        let first: Option<i64> =
            sqlx::query_scalar(sql).bind(from.cast_signed()).fetch_optional(self.connection()?).await?;
        let first = match first {
            Some(first) => first,
            None => {
                sqlx::query_scalar("SELECT seq + 1 FROM devices WHERE no = 1").fetch_one(self.connection()?).await?
            }
        };
        let old = self.device;
        let sql = "SELECT link FROM changes WHERE device = 1 AND seq = ? - 1";
        let link: Option<Vec<u8>> = sqlx::query_scalar(sql).bind(first).fetch_optional(self.connection()?).await?;
        let link = link.and_then(|link| link.try_into().ok()).unwrap_or_default();
        let head = Head { seq: (first - 1).cast_unsigned(), link };
        // This device's row takes the new identity before another one takes the old.
        let sql = "UPDATE devices SET id = ?, code = ? WHERE no = 1";
        sqlx::query(sql).bind(device).bind(code).execute(self.connection()?).await?;
        self.renewed = Some(DeviceInfo { id: device, code: code.to_owned() });
        self.devices.remove(&old);
        let former = Device { moved: true, head, ..self.device_of(old, "").await? };
        self.devices.insert(old, former);
        for sql in [
            "UPDATE envelopes SET device = ? WHERE device = 1 AND place IN \
             (SELECT place FROM changes WHERE device = 1 AND seq < ?)",
            "UPDATE changes SET device = ? WHERE device = 1 AND seq < ?",
        ] {
            sqlx::query(sql).bind(former.no).bind(first).execute(self.connection()?).await?;
        }
        self.device = device;
        sqlx::query("UPDATE exchange SET acknowledged = 0").execute(self.connection()?).await?;
        self.issue_anew(first, 1, move |change| Stamp { device, ..change.at }).await?;
        Ok(())
    }

    /// Own changes from number `first` on become those from `number` on, stamped by `stamp`; gives the last stamp. Their
    /// envelopes are made anew when they are sent.
    async fn issue_anew(
        &mut self,
        first: i64,
        number: i64,
        mut stamp: impl FnMut(&Change) -> Stamp,
    ) -> Result<Option<Stamp>, StoreError> {
        let sql = "SELECT place, record, bytes, standing FROM changes WHERE device = 1 AND seq >= ? ORDER BY seq";
        let rows = sqlx::query(sql).bind(first).fetch_all(self.connection()?).await?;
        let mut tails = Vec::with_capacity(rows.len());
        for row in &rows {
            let bytes: Vec<u8> = row.try_get(2)?;
            let change = Change::decode(&bytes).ok();
            tails.push(Tail { place: row.try_get(0)?, row: row.try_get(1)?, change, bytes });
        }
        let sql = "SELECT link FROM changes WHERE device = 1 AND seq = ?";
        let link: Option<Vec<u8>> = sqlx::query_scalar(sql).bind(number - 1).fetch_optional(self.connection()?).await?;
        let link = link.and_then(|link| link.try_into().ok()).unwrap_or_default();
        let mut head = Head { seq: (number - 1).cast_unsigned(), link };
        let mut stamps: HashMap<Stamp, Stamp> = HashMap::new();
        let (mut last, mut records) = (None, BTreeSet::new());
        for tail in tails {
            let bytes = match tail.change {
                Some(mut change) => {
                    let before = change.at;
                    change.seq = head.seq + 1;
                    change.at = stamp(&change);
                    stamps.insert(before, change.at);
                    for was in change.set.values_mut().flat_map(|setting| &mut setting.was) {
                        *was = *stamps.get(was).unwrap_or(was);
                    }
                    // Beside the old one: under its former identity the device had written what came before, too.
                    if let Some(seen) = &mut change.seen {
                        let anew: Vec<Stamp> = seen.iter().filter_map(|at| stamps.get(at).copied()).collect();
                        seen.extend(anew);
                    }
                    last = Some(change.at);
                    records.insert(tail.row);
                    change.encode()?
                }
                None => tail.bytes,
            };
            head = head.then(&bytes);
            let sql = "UPDATE changes SET seq = ?, link = ?, bytes = ?, standing = CASE WHEN standing = 0 AND \
                       (SELECT count(*) FROM envelopes o WHERE o.change = \
                       (SELECT e.change FROM envelopes e WHERE e.place = changes.place)) = 1 THEN 1 ELSE standing END \
                       WHERE place = ?; \
                       UPDATE envelopes SET status = ?, seq = -place, bare = x'', digest = zeroblob(32) \
                       WHERE place = ?";
            sqlx::query(sql)
                .bind(head.seq.cast_signed())
                .bind(head.link.to_vec())
                .bind(bytes)
                .bind(tail.place)
                .bind(status::ANEW)
                .bind(tail.place)
                .execute(self.connection()?)
                .await?;
        }
        let sql = "UPDATE devices SET seq = ?, link = ? WHERE no = 1; UPDATE exchange SET sealed = ?";
        let query = sqlx::query(sql).bind(head.seq.cast_signed()).bind(head.link.to_vec());
        query.bind(number - 1).execute(self.connection()?).await?;
        self.devices.insert(self.device, Device { no: 1, head, moved: false });
        self.head = Some(head);
        for row in records {
            self.fold_row(row).await?;
        }
        Ok(last)
    }
}
