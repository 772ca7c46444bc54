//! The store as an exchange sees it: each step one transaction, what is sealed and opened around it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kefu_domain::change::kind;
use kefu_local::Store;
use kefu_local::sync::{self as kept, Digest, Exchange, Intake, Settled};
use kefu_sync::wire::{Assigned, Greeting, Head, Mark, Outgoing, Page, Row, Whole, Wrap};
use kefu_sync::{Applied, Fate, Greeted, Known, Local, Restamp, Settlement, marks};
use kefu_vault::envelopes;
use uuid::Uuid;

use super::sending::{Kept, Sending};
use super::stride::Stride;
use super::wraps::Keys;
use super::writing::{Ready, Writing};
use super::{Identity, opening, withheld};
use crate::desk::Clock;
use crate::wire::Failure;

/// Version of the program, for the quarantine: another one may open what this one could not.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// Changes of which a few seconds are enough to load them all.
const FEW: u64 = 2_000;
/// What else is part of the step that takes rows in.
pub(super) enum Finish {
    /// They lay in quarantine under these names, and go back where they still do not open.
    Tried(Vec<Digest>),
    /// The cursor stands here.
    Cursor(Mark),
    /// The record was fetched whole, into a technician's hands.
    Whole(Uuid, u64),
    /// It was fetched ahead of the pages in which it comes again.
    Ahead,
}

/// Envelopes of quarantine tried at a time.
const TRIED: usize = 500;

/// What changes of others came for.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Kinds of records.
    pub kinds: BTreeSet<String>,
    /// Sheets of visits.
    pub sheets: BTreeSet<Uuid>,
}

/// This device's side of an exchange.
pub(crate) struct OwnSide {
    pub store: Store,
    pub identity: Arc<Identity>,
    pub clock: Clock,
    /// What changes came for.
    pub touched: Mutex<Touched>,
    /// How much goes at a time.
    pub stride: Arc<Stride>,
    /// What this device sends.
    pub sending: Sending,
    /// Pages that are being written.
    pub writing: Writing,
    /// What the server did not show was asked for once more since the desk was opened.
    pub asked_again: Arc<AtomicBool>,
    /// Some of the newest came ahead of the pages since the desk was opened.
    pub begun: Arc<AtomicBool>,
    /// The last place there was at the hello.
    pub last: AtomicU64,
    /// How far this exchange has come: changes received, the cursor, and where it will end.
    pub progress: Box<dyn Fn(u64, u64, u64) + Send + Sync>,
}

impl OwnSide {
    /// Takes rows in, with the keys that came with them.
    async fn take(&self, rows: Vec<Row>, came: &[Wrap], finish: Finish) -> Result<Applied, Failure> {
        let (intake, _) = self.ready(rows, came, &[]).await?;
        let mut exchange = self.store.exchange().await?;
        let applied = take_in(&mut exchange, intake, finish).await?;
        exchange.commit().await?;
        Ok(applied)
    }

    /// Verifies and opens rows; gives all that is kept of them, and the keys that came with them, open. `recent` are keys
    /// that the store may not have yet.
    async fn ready(&self, rows: Vec<Row>, came: &[Wrap], recent: &[Arc<Keys>]) -> Result<(Intake, Keys), Failure> {
        let identity = &self.identity;
        let (mut fresh, mut kept_keys) = (Keys::new(), Vec::new());
        for (kept, key) in came.iter().filter_map(|wrap| identity.receive(wrap)) {
            fresh.extend(key.map(|key| (kept.key, key)));
            kept_keys.push(kept);
        }
        let wanted: HashSet<[u8; 16]> = rows.iter().map(|row| row.envelope.key).collect();
        let recent = |key: &[u8; 16]| recent.iter().find_map(|keys| keys.get(key));
        let here = |key: &[u8; 16]| Some((*key, fresh.get(key).or_else(|| recent(key))?.clone()));
        let mut keys: Keys = wanted.iter().filter_map(here).collect();
        let missing: Vec<[u8; 16]> = wanted.into_iter().filter(|key| !keys.contains_key(key)).collect();
        for kept in self.store.record_keys(&missing).await? {
            keys.extend(identity.open_key(&kept).map(|key| (kept.key, key)));
        }
        let field = !identity.office();
        let held: BTreeSet<Uuid> = rows.iter().map(|row| row.envelope.record).filter(|_| field).collect();
        let devices: HashSet<Uuid> = rows.iter().map(|row| row.envelope.device).collect();
        let codes: HashMap<Uuid, String> = devices.into_iter().map(|id| (id, identity.code_of(id))).collect();
        let by = if rows.len() > opening::WORTH { Some(self.store.indexed_by().await?) } else { None };
        let opened = opening::open(identity, keys, rows, by).await?;
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        for one in &opened.received {
            if !touched.kinds.contains(&one.change.kind) {
                touched.kinds.insert(one.change.kind.clone());
            }
            if one.change.kind == kind::SERVICE {
                touched.sheets.insert(one.change.record);
            }
        }
        let intake = Intake {
            received: opened.received,
            alone: opened.alone,
            quarantined: opened.quarantined,
            keys: kept_keys,
            codes,
            held: held.into_iter().collect(),
            released: Vec::new(),
        };
        Ok((intake, fresh))
    }

    fn now_ms(&self) -> i64 {
        (self.clock)().timestamp_millis()
    }
}

/// Takes in what was opened; part of the transaction.
pub(super) async fn take_in(exchange: &mut Exchange, mut intake: Intake, finish: Finish) -> Result<Applied, Failure> {
    let mut ahead = Vec::new();
    if matches!(finish, Finish::Ahead) {
        intake.quarantined.clear(); // it comes again
        ahead = intake.received.iter().map(|one| one.change.id).collect();
    }
    let quarantined = intake.quarantined.len() as u64;
    intake.released = match &finish {
        Finish::Tried(all) => all.clone(),
        Finish::Whole(..) => intake.received.iter().map(|one| one.digest).collect(),
        Finish::Cursor(_) | Finish::Ahead => Vec::new(), // what is new
    };
    let taken = exchange.take(intake).await?;
    match finish {
        Finish::Tried(_) => {}
        Finish::Ahead => exchange.came_ahead(&ahead).await?,
        Finish::Whole(record, since) => exchange.hold_since(record, since).await?,
        Finish::Cursor(cursor) => {
            let mut all: Vec<Mark> = exchange.position().await?.marks.into_iter().map(mark).collect();
            if all.first() != Some(&cursor) {
                all.insert(0, cursor);
                marks::thin(&mut all);
                let all: Vec<(u64, Digest)> = all.into_iter().map(|mark| (mark.seq, mark.hash)).collect();
                exchange.set_marks(&all).await?;
            }
        }
    }
    Ok(Applied { fresh: taken.fresh, quarantined, retry: taken.retry })
}

fn mark((seq, hash): (u64, Digest)) -> Mark {
    Mark { seq, hash }
}

impl Local for OwnSide {
    type Error = Failure;

    async fn known(&self) -> Result<Known, Failure> {
        self.writing.written().await?; // the database changed under the pages: it is greeted anew from where they end
        let mut exchange = self.store.exchange().await?;
        let position = exchange.position().await?;
        let heads = exchange.heads(&marks::back_from(position.acknowledged)).await?;
        let own = heads.into_iter().map(|(seq, digest)| Head { seq, digest }).collect();
        let (device, epoch) = (exchange.device(), position.epoch);
        let mut marks: Vec<Mark> = position.marks.into_iter().map(mark).collect();
        if !self.asked_again.load(Ordering::Relaxed)
            && let Some(first) = exchange.first_noted().await?
        {
            marks.retain(|mark| mark.seq < first);
        }
        let retry = position.retry || position.tried != PROGRAM;
        let begun = self.begun.load(Ordering::Relaxed);
        let newest_beyond = (self.identity.office() && !begun).then_some(FEW);
        Ok(Known { greeting: Greeting { device, epoch, marks, own }, retry, newest_beyond })
    }

    async fn greeted(&self, greeted: Greeted) -> Result<(), Failure> {
        let mut exchange = self.store.exchange().await?;
        let position = exchange.position().await?;
        let cursor = position.marks.first().map_or(0, |(seq, _)| *seq);
        let back = greeted.cursor.seq < cursor;
        let offset = greeted.now_ms.cast_signed().saturating_sub(self.now_ms());
        exchange.heard(greeted.epoch, offset, back || greeted.epoch != position.epoch).await?;
        if back {
            exchange.go_back(greeted.cursor.seq).await?;
        }
        exchange.send_again_from(greeted.own).await?;
        exchange.commit().await?;
        self.asked_again.store(true, Ordering::Relaxed);
        self.last.store(greeted.last, Ordering::Relaxed);
        Ok(())
    }

    async fn unsent(&self, back: u64, limit: usize) -> Result<Vec<Outgoing>, Failure> {
        self.sending.unsent(back, limit).await
    }

    async fn restamp(&self, restamp: Restamp) -> Result<(), Failure> {
        let mut exchange = self.store.exchange().await?;
        exchange.restamp(restamp.above_ms, restamp.now_ms).await?;
        Ok(exchange.commit().await?)
    }

    async fn renew(&self, from: u64, device: Uuid) -> Result<(), Failure> {
        let mut exchange = self.store.exchange().await?;
        let code = self.identity.free_code(&self.store.device().code);
        exchange.renew(from, device, &code).await?;
        Ok(exchange.commit().await?)
    }

    async fn settle(&self, settled: Vec<Settlement>) -> Result<(), Failure> {
        let settled: Vec<Settled> = settled
            .into_iter()
            .map(|one| Settled {
                change: one.change,
                device: one.device,
                seq: one.seq,
                digest: one.digest,
                at: one.at,
                fate: match one.fate {
                    Fate::Accepted(at) => kept::Fate::Accepted(at),
                    Fate::Refused(code) => kept::Fate::Refused(code),
                },
            })
            .collect();
        self.sending.settle(settled).await
    }

    /// Where more follow, it answers with what came of pages before and has this one written meanwhile.
    async fn apply(&self, after: Mark, page: Page) -> Result<Applied, Failure> {
        // Only the office is shown everything.
        let withheld = if self.identity.office() { withheld::of(after, &page) } else { Vec::new() };
        let Page { rows, wraps, cursor, more, .. } = page;
        let steps = more || !rows.is_empty();
        let (mut intake, keys) = self.ready(rows, &wraps, &self.writing.keys()).await?;
        intake.quarantined.extend(withheld);
        self.writing.write(&self.store, &self.stride, Ready { intake, keys, cursor, steps }).await?;
        let applied = if more { self.writing.done() } else { self.writing.written().await? };
        (self.progress)(applied.fresh, cursor.seq, self.last.load(Ordering::Relaxed).max(cursor.seq));
        Ok(applied)
    }

    async fn astray(&self, after: u64, limit: usize) -> Result<Vec<Outgoing>, Failure> {
        let mut exchange = self.store.exchange().await?;
        let astray = exchange.astray(after, limit).await?;
        exchange.commit().await?;
        let mut outgoing = Vec::with_capacity(astray.len());
        for one in astray {
            // One by one: they are of many devices, and one that cannot be made again holds up no other.
            let kept = Kept { digest: one.digest, bare: &one.bare, bytes: &one.bytes, erased: one.erased };
            let queue = &self.sending.queue;
            let Some(envelope) = queue.restored(&[kept]).await?.pop() else { continue };
            let wraps = queue.wraps_for(&envelope).await?;
            outgoing.push(Outgoing { place: one.at, again: true, digest: one.digest, envelope, wraps });
        }
        Ok(outgoing)
    }

    async fn held(&self) -> Result<Vec<Assigned>, Failure> {
        let held = self.store.held_records().await?;
        Ok(held.into_iter().map(|(record, since)| Assigned { record, since }).collect())
    }

    async fn purge(&self, records: Vec<Uuid>) -> Result<(), Failure> {
        for record in records {
            let mut exchange = self.store.exchange().await?;
            if exchange.has_unsent(record).await? {
                continue;
            }
            let mut whole = Vec::new();
            for mut own in exchange.own_of(record).await? {
                let Some(head) = envelopes::bare_head(&own.bare) else { continue };
                let keys = exchange.keys_of(&[record]).await?;
                let key = keys.iter().find(|key| key.key == head.key).and_then(|key| self.identity.open_key(key));
                let Some(envelope) = key.and_then(|key| envelopes::restore(&own.bare, &key, &own.bytes)) else {
                    continue;
                };
                own.bare = envelopes::encode(&envelope);
                whole.push(own);
            }
            exchange.purge(record, &whole).await?;
            exchange.commit().await?;
        }
        Ok(())
    }

    async fn take_whole(&self, record: Uuid, whole: Whole) -> Result<Applied, Failure> {
        let Whole { since, rows, wraps } = whole;
        if self.identity.office() {
            // What breaks off from here on comes with the pages: no step, or a line too poor for a page would never try less.
            self.begun.store(true, Ordering::Relaxed);
            return self.take(rows, &wraps, Finish::Ahead).await;
        }
        let applied = self.take(rows, &wraps, Finish::Whole(record, since)).await?;
        self.stride.stepped();
        Ok(applied)
    }

    async fn retry(&self) -> Result<Applied, Failure> {
        let mut all = Applied::default();
        let mut after = 0;
        loop {
            let some = self.store.quarantine(after, TRIED).await?;
            let Some(last) = some.last() else { break };
            after = last.at;
            let row = |one: &kept::Quarantine| {
                Some((one.digest, Row { seq: one.at, envelope: envelopes::decode(&one.bytes)? }))
            };
            let (names, rows) = some.iter().filter_map(row).unzip();
            let applied = self.take(rows, &[], Finish::Tried(names)).await?;
            all.fresh += applied.fresh;
        }
        let mut exchange = self.store.exchange().await?;
        exchange.set_retry(false, Some(PROGRAM)).await?;
        exchange.commit().await?;
        Ok(all)
    }
}
