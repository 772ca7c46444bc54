//! Reads the whole log again: finds every entry that was altered, removed or cut off, and every record that is not
//! what its changes give.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use kefu_domain::{Change, Record, change::kind};
use kefu_vault::Head;

use crate::erase::{Stub, authorises};
use crate::forms::{Entry, TEXTS};
use crate::store::{Store, StoreError};
use crate::{board, hands, rules};

/// Something that is not as it was written. Named by number and place, never by what a customer said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Change `seq` of device `device` is not what was chained.
    Altered {
        /// Device code.
        device: String,
        /// Its sequence.
        seq: u64,
        /// Number of the form, where it still can be read.
        form: Option<String>,
    },
    /// Changes `from` to `to` are gone.
    Removed {
        /// Device code.
        device: String,
        /// First missing.
        from: u64,
        /// Last missing.
        to: u64,
    },
    /// The log ends at `found`, but reached to `expected`.
    CutOff {
        /// Device code.
        device: String,
        /// Last change found.
        found: u64,
        /// Last change that there was.
        expected: u64,
    },
    /// The log once reached to `expected`, was found shorter when the desk was opened, and has gone on since.
    Shortened {
        /// Device code.
        device: String,
        /// Last change that there was.
        expected: u64,
    },
    /// The file that tells how far the log reached is missing or altered.
    HeadLost,
    /// A record is not what its changes give.
    RecordDiffers {
        /// Its id.
        record: Uuid,
        /// Number of the form, where it has one.
        form: Option<String>,
    },
    /// A form stands in the lists, or on the board, otherwise than in its record.
    IndexDiffers {
        /// Number of the form.
        form: String,
    },
    /// A page of the file does not carry its seal.
    Page(String),
}

/// What was read and what was found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// Changes read.
    pub changes: u64,
    /// Records folded.
    pub records: u64,
    /// Entries whose words were destroyed by law; what is left of them is as the erasing change says.
    pub erased: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Pages named one by one before the rest is only counted.
const NAMED: usize = 20;

impl Store {
    /// Verifies the log, the records and the file.
    ///
    /// # Errors
    /// The database does not answer at all.
    pub async fn verify(&self) -> Result<Verified, StoreError> {
        // A snapshot: writers go on meanwhile. The head is read before it, and so never runs ahead of it.
        let (head, aside) = (self.heads.read(), self.heads.kept_aside());
        self.timed().await?;
        let mut connection = self.aside.acquire().await?;
        sqlx::query("BEGIN").execute(&mut *connection).await?;
        let verified = verify(&mut connection, &self.ruled, head).await;
        sqlx::query("ROLLBACK").execute(&mut *connection).await?;
        let mut verified = verified?;
        for lost in aside {
            verified.findings.push(match lost {
                Some(head) => Finding::Shortened { device: self.device().code, expected: head.seq },
                None => Finding::HeadLost,
            });
        }
        Ok(verified)
    }
}

async fn verify(
    connection: &mut sqlx::SqliteConnection,
    shared: &rules::Shared,
    anchor: Option<Head>,
) -> Result<Verified, StoreError> {
    let mut out = Verified::default();
    let pages: Vec<String> = sqlx::query_scalar("PRAGMA cipher_integrity_check").fetch_all(&mut *connection).await?;
    out.findings.extend(pages.into_iter().take(NAMED).map(Finding::Page));

    let devices =
        sqlx::query("SELECT no, code, seq, link FROM devices ORDER BY no").fetch_all(&mut *connection).await?;
    let mut erasure = Erasure::default();
    for device in &devices {
        let no: i64 = device.try_get(0)?;
        let link: Vec<u8> = device.try_get(3)?;
        let seq: i64 = device.try_get(2)?;
        let stored = Head { seq: seq as u64, link: link.try_into().unwrap_or_default() };
        chain(connection, no, device.try_get(1)?, stored, anchor.filter(|_| no == 1), &mut out, &mut erasure).await?;
        if no == 1 && anchor.is_none() && stored.seq > 0 {
            out.findings.push(Finding::HeadLost);
        }
    }
    erasure.settle(&mut out);
    records(connection, shared, &mut out).await?;
    Ok(out)
}

/// What the log says of erasures, gathered while it is read: an entry may be erased by a change of another device.
#[derive(Default)]
struct Erasure {
    /// Device code and entry.
    found: Vec<(String, Stub)>,
    /// By whom, which, and whether on another device.
    named: Vec<(Uuid, Stub, bool)>,
    /// Members who held a role that may erase.
    authorised: BTreeSet<Uuid>,
}

impl Erasure {
    fn listen(&mut self, bytes: &[u8], elsewhere: bool) {
        let Ok(change) = Change::decode(bytes) else { return };
        if authorises(&change) {
            self.authorised.insert(change.record);
        }
        self.named.extend(Stub::named(&change).map(|stub| (change.seat, stub, elsewhere)));
    }

    /// An erased entry stands only where an authorised member's change names it, with what lay before it.
    fn settle(self, out: &mut Verified) {
        for (device, stub) in self.found {
            let mut named = self.named.iter().filter(|(_, named, elsewhere)| stub.is(named, *elsewhere));
            if named.any(|(seat, ..)| self.authorised.contains(seat)) {
                out.erased += 1;
            } else {
                out.findings.push(Finding::Altered { device, seq: stub.seq, form: None });
            }
        }
    }
}

/// How many rows are read at a time.
const BATCH: i64 = 2000;

async fn chain(
    connection: &mut sqlx::SqliteConnection,
    no: i64,
    device: String,
    stored: Head,
    anchor: Option<Head>,
    out: &mut Verified,
    erasure: &mut Erasure,
) -> Result<(), StoreError> {
    let mut head = Head::default();
    let mut at_anchor = None;
    loop {
        let sql = "SELECT seq, link, bytes, standing FROM changes WHERE device = ? AND seq > ? ORDER BY seq LIMIT ?";
        let rows = sqlx::query(sql).bind(no).bind(head.seq as i64).bind(BATCH).fetch_all(&mut *connection).await?;
        for row in &rows {
            let seq: i64 = row.try_get(0)?;
            let (seq, link, bytes): (u64, &[u8], &[u8]) = (seq as u64, row.try_get(1)?, row.try_get(2)?);
            out.changes += 1;
            let next = head.then(bytes);
            if seq > next.seq {
                out.findings.push(Finding::Removed { device: device.clone(), from: next.seq, to: seq - 1 });
            } else if row.try_get::<i64, _>(3)? < 0 {
                // Taken off this device with its record: only its place is left.
            } else if next.link != link
                && let Some(stub) = Stub::read(bytes, &head.link).filter(|stub| no != 1 || stub.seq == seq)
            {
                erasure.found.push((device.clone(), stub));
            } else if next.link != link
                || Change::decode(bytes).map(|c| c.seq).ok().is_none_or(|found| no == 1 && found != seq)
            {
                out.findings.push(Finding::Altered { device: device.clone(), seq, form: number_in(bytes) });
            }
            erasure.listen(bytes, no != 1);
            // Go on from the link as stored, so that one fault is reported once.
            head = Head { seq, link: link.try_into().unwrap_or_default() };
            if anchor.is_some_and(|a| a.seq == seq) {
                at_anchor = Some(head.link);
            }
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    let expected = stored.seq.max(anchor.map_or(0, |a| a.seq));
    if head.seq < expected {
        out.findings.push(Finding::CutOff { device, found: head.seq, expected });
    } else if head != stored || anchor.zip(at_anchor).is_some_and(|(anchor, link)| anchor.link != link) {
        out.findings.push(Finding::Altered { device, seq: head.seq, form: None });
    }
    Ok(())
}

fn number_in(bytes: &[u8]) -> Option<String> {
    let change = Change::decode(bytes).ok()?;
    Some(change.set.get("number")?.to.as_str()?.to_string())
}

async fn records(
    connection: &mut sqlx::SqliteConnection,
    shared: &rules::Shared,
    out: &mut Verified,
) -> Result<(), StoreError> {
    // What was written since is in the snapshot already, but not in its indexes.
    let indexed: i64 = sqlx::query_scalar("SELECT place FROM indexed").fetch_one(&mut *connection).await?;
    // Where the board is still timed by earlier rules it follows in a moment, and is not compared.
    let timed = sqlx::query("SELECT rules, timed IS NULL FROM indexed").fetch_one(&mut *connection).await?;
    let key: i64 = timed.try_get(0)?;
    let rules = rules::ruled(connection, shared).await?;
    let rules = Some(rules).filter(|rules| rules.key == key && timed.try_get(1).unwrap_or(false));
    let mut last = 0i64;
    loop {
        let sql = "SELECT row, id, body FROM records WHERE row > ? ORDER BY row LIMIT ?";
        let rows = sqlx::query(sql).bind(last).bind(BATCH).fetch_all(&mut *connection).await?;
        let Some(end) = rows.last() else { return Ok(()) };
        let end: i64 = end.try_get(0)?;
        let sql = "SELECT record, bytes, place FROM changes WHERE record > ? AND record <= ? AND standing = 1";
        let changes = sqlx::query(sql).bind(last).bind(end).fetch_all(&mut *connection).await?;
        let mut of_record: BTreeMap<i64, Vec<Change>> = BTreeMap::new();
        let mut not_yet = BTreeSet::new();
        for change in &changes {
            if change.try_get::<i64, _>(2)? > indexed {
                not_yet.insert(change.try_get::<i64, _>(0)?);
            }
            // What cannot be read was reported with the chain.
            if let Ok(read) = Change::decode(change.try_get(1)?) {
                of_record.entry(change.try_get(0)?).or_default().push(read);
            }
        }
        let sql = format!("SELECT row, {} FROM board WHERE row > ? AND row <= ?", board::ENTRY);
        let on_board = sqlx::query(AssertSqlSafe(sql)).bind(last).bind(end).fetch_all(&mut *connection).await?;
        let on_board: BTreeMap<i64, board::Entry> = on_board
            .iter()
            .map(|b| Ok((b.try_get(0)?, board::Entry::read(b, 1)?)))
            .collect::<Result<_, sqlx::Error>>()?;
        let sql = format!("SELECT row, received, customer_key, {TEXTS} FROM forms WHERE row > ? AND row <= ?");
        let forms = sqlx::query(AssertSqlSafe(sql)).bind(last).bind(end).fetch_all(&mut *connection).await?;
        let forms: BTreeMap<i64, _> =
            forms.iter().map(|f| Ok((f.try_get(0)?, f))).collect::<Result<_, sqlx::Error>>()?;
        for row in &rows {
            let (no, id): (i64, Uuid) = (row.try_get(0)?, row.try_get(1)?);
            out.records += 1;
            let folded = hands::fold(connection, of_record.get(&no).map(Vec::as_slice).unwrap_or_default()).await?;
            let form = folded.text("number").map(str::to_string);
            if serde_json::from_str::<Record>(row.try_get(2)?).ok().as_ref() != Some(&folded) {
                out.findings.push(Finding::RecordDiffers { record: id, form });
            } else if folded.kind == kind::FORM && !not_yet.contains(&no) {
                let entry = Entry::of(&folded);
                let same = match forms.get(&no) {
                    None => false,
                    Some(f) => {
                        let texts = (0..entry.texts.len())
                            .map(|i| f.try_get::<String, _>(i + 3))
                            .collect::<Result<Vec<_>, _>>()?;
                        f.try_get::<i64, _>(1)? == entry.received
                            && f.try_get::<String, _>(2)? == entry.customer_key
                            && texts == entry.texts
                    }
                };
                let placed = rules
                    .as_ref()
                    .is_none_or(|rules| board::Entry::of(&folded, &rules.sets).as_ref() == on_board.get(&no));
                if !same || !placed {
                    out.findings.push(Finding::IndexDiffers { form: form.unwrap_or_default() });
                }
            }
        }
        last = end;
    }
}
