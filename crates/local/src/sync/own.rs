//! This device's own queue: its changes in their order, sealed once, and what became of them.

use std::collections::{HashMap, HashSet};

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use kefu_domain::Stamp;

use super::{Digest, Exchange, marks, status};
use crate::store::{StoreError, execute_all};

/// A change that was sealed.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Place of the change in the local log.
    pub place: i64,
    /// Number of the change in this device's log.
    pub number: u64,
    /// The change.
    pub change: Uuid,
    /// As [`ToSeal::had`].
    pub had: Option<bool>,
    /// What was made of it; none where this device has no key for its record, and it stays here.
    pub envelope: Option<SealedEnvelope>,
}

impl Sealed {
    /// Its number in the queue. One that cannot be sealed has none: below zero they are none of the queue's.
    fn in_queue(&self) -> i64 {
        self.envelope.as_ref().map_or(-self.place, |envelope| envelope.seq.cast_signed())
    }
}

/// An envelope that was made.
#[derive(Debug, Clone)]
pub struct SealedEnvelope {
    /// Its number in what this device sends.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
    /// It without ciphertext.
    pub bare: Vec<u8>,
    /// Keys that travel with it.
    pub wraps: Option<Vec<u8>>,
}

/// An envelope of this device's queue.
#[derive(Debug, Clone)]
pub struct OwnEnvelope {
    /// Its number.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
    /// Was accepted once.
    pub again: bool,
    /// Without ciphertext, or whole where `bytes` are none.
    pub bare: Vec<u8>,
    /// The change; empty where it is not held here any more.
    pub bytes: Vec<u8>,
    /// Keys that travel with it.
    pub wraps: Option<Vec<u8>>,
    /// Its record was erased: what it said may be gone.
    pub erased: bool,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It stands at this place.
    Accepted(u64),
    /// Refused for good, with this code.
    Refused(String),
}

/// What became of one envelope.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Change.
    pub change: Uuid,
    /// Device that sent it first.
    pub device: Uuid,
    /// Its number there.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
    /// Its stamp.
    pub at: Stamp,
    /// What became of it.
    pub fate: Fate,
}

/// An envelope that was sent, as it stands.
struct Sent {
    place: i64,
    no: i64,
    seq: i64,
    was: i64,
    versions: i64,
}

/// Whether two accepted envelopes of one device stand one after the other, in its queue and in the workspace.
fn follows(one: &Settled, next: &Settled) -> bool {
    let (Fate::Accepted(at), Fate::Accepted(then)) = (&one.fate, &next.fate) else { return false };
    one.device == next.device && one.seq + 1 == next.seq && at + 1 == *then
}

/// Rows in one statement: as many as are sealed at a time.
const ROWS: usize = 250;

fn digest(row: &SqliteRow, at: usize) -> Result<Digest, StoreError> {
    row.try_get::<Vec<u8>, _>(at)?.try_into().map_err(|_| StoreError::Unreadable)
}

impl Exchange {
    /// Digests of own envelopes with these numbers, in the order asked for; those that are not there are left out.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn heads(&mut self, seqs: &[u64]) -> Result<Vec<(u64, Digest)>, StoreError> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT seq, digest FROM envelopes WHERE device = 1 AND seq IN ({}) ORDER BY seq DESC",
            marks(seqs.len())
        );
        let query = seqs.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, seq| query.bind(seq.cast_signed()));
        let rows = query.fetch_all(self.connection()?).await?;
        rows.iter().map(|row| Ok((row.try_get::<i64, _>(0)?.cast_unsigned(), digest(row, 1)?))).collect()
    }

    /// Number and digest of this device's last envelope; 0 and zeros before the first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn own_tail(&mut self) -> Result<(u64, Digest), StoreError> {
        let sql = "SELECT seq, digest FROM envelopes WHERE device = 1 AND seq > 0 ORDER BY seq DESC LIMIT 1";
        let row = sqlx::query(sql).fetch_optional(self.connection()?).await?;
        row.map_or(Ok((0, [0; 32])), |row| Ok((row.try_get::<i64, _>(0)?.cast_unsigned(), digest(&row, 1)?)))
    }

    /// Own envelopes after the number `after`, in their order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn own(&mut self, after: u64, limit: usize) -> Result<Vec<OwnEnvelope>, StoreError> {
        let sql = "SELECT e.seq, e.digest, e.again, e.bare, c.bytes, e.wraps, d.record IS NOT NULL FROM envelopes e \
                   JOIN changes c ON c.place = e.place JOIN records r ON r.row = c.record \
                   LEFT JOIN erased d ON d.record = r.id WHERE e.device = 1 AND e.seq > ? ORDER BY e.seq LIMIT ?";
        let query = sqlx::query(sql).bind(after.cast_signed()).bind(limit as i64);
        let rows = query.fetch_all(self.connection()?).await?;
        let read = |row: &SqliteRow| {
            Ok(OwnEnvelope {
                seq: row.try_get::<i64, _>(0)?.cast_unsigned(),
                digest: digest(row, 1)?,
                again: row.try_get(2)?,
                bare: row.try_get(3)?,
                bytes: row.try_get(4)?,
                wraps: row.try_get(5)?,
                erased: row.try_get(6)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Keeps what was sealed: from here on these are the bytes. Gives the changes of which another envelope was accepted
    /// once.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn put_sealed(&mut self, sealed: &[Sealed]) -> Result<HashSet<Uuid>, StoreError> {
        let mut accepted = HashSet::new();
        let Some(last) = sealed.iter().map(|one| one.number).max() else { return Ok(accepted) };
        let had: Vec<i64> = sealed.iter().filter(|one| one.had.is_some()).map(|one| one.place).collect();
        let given_up = had.chunks(ROWS).map(|some| {
            let sql = format!("DELETE FROM envelopes WHERE place IN ({})", marks(some.len()));
            some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, place| query.bind(*place))
        });
        execute_all(self.connection()?, given_up).await?;
        for some in sealed.chunks(ROWS) {
            let values = vec!["(?, 1, ?, ?, ?, ?, ?, ?, ?, ?)"; some.len()].join(", ");
            let sql = format!(
                "INSERT INTO envelopes (place, device, seq, digest, change, status, code, again, bare, wraps) \
                 VALUES {values}"
            );
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, one| {
                let (state, code) =
                    if one.envelope.is_some() { (status::MINE, "") } else { (status::REFUSED, "no_key") };
                let digest = one.envelope.as_ref().map_or([0; 32], |envelope| envelope.digest);
                let bare = one.envelope.as_ref().map_or(&[][..], |envelope| envelope.bare.as_slice());
                let wraps = one.envelope.as_ref().and_then(|envelope| envelope.wraps.as_deref());
                let query =
                    query.bind(one.place).bind(one.in_queue()).bind(digest.to_vec()).bind(one.change).bind(state);
                query.bind(code).bind(one.had == Some(true)).bind(bare).bind(wraps)
            });
            accepted.extend(some.iter().filter(|one| one.had == Some(true)).map(|one| one.change));
            query.execute(self.connection()?).await?;
        }
        for run in sealed.chunk_by(|one, next| one.in_queue() + 1 == next.in_queue()) {
            let Some((first, last)) = run.first().zip(run.last()) else { continue };
            for change in self.in_several(first.in_queue(), last.in_queue()).await? {
                self.choose(change).await?;
            }
        }
        let sql = "UPDATE exchange SET sealed = max(sealed, ?)";
        sqlx::query(sql).bind(last.cast_signed()).execute(self.connection()?).await?;
        Ok(accepted)
    }

    /// Notes what became of envelopes that were sent.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn settle(&mut self, settled: &[Settled]) -> Result<(), StoreError> {
        let (mut unclear, mut rest) = (Vec::new(), Vec::new());
        for run in settled.chunk_by(follows) {
            if !self.accept_run(run, &mut unclear).await? {
                rest.extend(run);
            }
        }
        self.settle_each(&rest, &mut unclear).await?;
        for change in unclear {
            self.choose(change).await?;
        }
        Ok(())
    }

    /// Notes own envelopes, one after the other in their queue as in the workspace, as accepted; `unclear` are changes of
    /// which another version may count now. False, and nothing noted, where these are not the envelopes of the queue.
    async fn accept_run(&mut self, run: &[Settled], unclear: &mut Vec<Uuid>) -> Result<bool, StoreError> {
        let [first, .., last] = run else { return Ok(false) };
        let Fate::Accepted(at) = first.fate else { return Ok(false) };
        // Each names the digest of the one before it: where the last is the one that was sent, so are all.
        let (from, to) = (first.seq.cast_signed(), last.seq.cast_signed());
        if first.device != self.device || self.heads(&[last.seq]).await? != [(last.seq, last.digest)] {
            return Ok(false);
        }
        unclear.extend(self.in_several(from, to).await?);
        let sql = "SELECT change FROM envelopes WHERE device = 1 AND seq BETWEEN ? AND ? AND status = 3";
        let refused = sqlx::query_scalar::<_, Uuid>(sql).bind(from).bind(to);
        unclear.extend(refused.fetch_all(self.connection()?).await?);
        let sql = "UPDATE envelopes SET status = 1, at = seq + ?, code = '', again = 1, wraps = NULL \
                   WHERE device = 1 AND seq BETWEEN ? AND ?; \
                   UPDATE exchange SET acknowledged = max(acknowledged, ?)";
        let query = sqlx::query(sql).bind(at.cast_signed() - from).bind(from).bind(to).bind(to);
        query.execute(self.connection()?).await?;
        self.stamped(run.iter().map(|one| one.at).max(), true).await?;
        Ok(true)
    }

    /// Changes of own envelopes with these numbers that are in other envelopes as well.
    async fn in_several(&mut self, from: i64, to: i64) -> Result<Vec<Uuid>, StoreError> {
        let sql = "SELECT e.change FROM envelopes e WHERE e.device = 1 AND e.seq BETWEEN ? AND ? \
                   AND EXISTS (SELECT 1 FROM envelopes o WHERE o.change = e.change AND o.place <> e.place)";
        let query = sqlx::query_scalar(sql).bind(from).bind(to);
        Ok(query.fetch_all(self.connection()?).await?)
    }

    /// Notes what became of envelopes one by one.
    async fn settle_each(&mut self, settled: &[&Settled], unclear: &mut Vec<Uuid>) -> Result<(), StoreError> {
        if settled.is_empty() {
            return Ok(());
        }
        let sent = self.sent(settled).await?;
        let (mut acknowledged, mut seen) = (0, None);
        for one in settled {
            let Some(sent) = sent.get(&(one.change, one.digest)) else { continue };
            let own = sent.no == 1 && one.device == self.device && sent.seq.cast_unsigned() == one.seq;
            if own {
                acknowledged = acknowledged.max(sent.seq);
            }
            let state = match &one.fate {
                Fate::Accepted(_) => status::THERE,
                Fate::Refused(_) if own => status::REFUSED,
                Fate::Refused(_) => status::STRANDED,
            };
            let query = match &one.fate {
                Fate::Accepted(at) => {
                    seen = seen.max(own.then_some(one.at));
                    let sql =
                        "UPDATE envelopes SET status = ?, at = ?, code = '', again = 1, wraps = NULL WHERE place = ?";
                    sqlx::query(sql).bind(state).bind(at.cast_signed())
                }
                Fate::Refused(code) => {
                    // Of an erased record there is nothing left that somebody could deal with.
                    let sql = "UPDATE envelopes SET status = ?, code = ?, aside = max(aside, ?) WHERE place = ?";
                    sqlx::query(sql).bind(state).bind(code.as_str()).bind(code == "erased")
                }
            };
            query.bind(sent.place).execute(self.connection()?).await?;
            if sent.versions > 1 || state == status::REFUSED || sent.was == status::REFUSED {
                unclear.push(one.change);
            }
        }
        let sql = "UPDATE exchange SET acknowledged = max(acknowledged, ?)";
        sqlx::query(sql).bind(acknowledged).execute(self.connection()?).await?;
        self.stamped(seen, true).await
    }

    /// The envelopes that are settled, as they stand until then, by change and digest.
    async fn sent(&mut self, settled: &[&Settled]) -> Result<HashMap<(Uuid, Digest), Sent>, StoreError> {
        let mut sent = HashMap::with_capacity(settled.len());
        for some in settled.chunks(ROWS) {
            let sql = format!(
                "SELECT e.change, e.digest, e.place, e.device, e.seq, e.status, \
                 (SELECT count(*) FROM envelopes o WHERE o.change = e.change) FROM envelopes e WHERE e.change IN ({})",
                marks(some.len())
            );
            let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, one| query.bind(one.change));
            for row in query.fetch_all(self.connection()?).await? {
                let one = Sent {
                    place: row.try_get(2)?,
                    no: row.try_get(3)?,
                    seq: row.try_get(4)?,
                    was: row.try_get(5)?,
                    versions: row.try_get(6)?,
                };
                sent.insert((row.try_get(0)?, digest(&row, 1)?), one);
            }
        }
        Ok(sent)
    }

    /// The shared database has own envelopes up to `own` only: those after it are to be sent again, as they are.
    ///
    /// # Errors
    /// The disk is full.
    pub async fn send_again_from(&mut self, own: u64) -> Result<(), StoreError> {
        let sql = "SELECT acknowledged FROM exchange";
        let acknowledged: i64 = sqlx::query_scalar(sql).fetch_one(self.connection()?).await?;
        if acknowledged <= own.cast_signed() {
            return Ok(());
        }
        let sql = "UPDATE envelopes SET status = 0, code = '', aside = 0 WHERE device = 1 AND seq > ? RETURNING change";
        let changes: Vec<Uuid> = sqlx::query_scalar(sql).bind(own.cast_signed()).fetch_all(self.connection()?).await?;
        let sql = "UPDATE exchange SET acknowledged = ?";
        sqlx::query(sql).bind(own.cast_signed()).execute(self.connection()?).await?;
        for change in changes {
            self.choose(change).await?; // what was refused may be taken this time, and counts until then
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
