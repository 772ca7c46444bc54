//! A device's store in memory, as far as an exchange needs it: it keeps envelopes without opening them. What crates/sync
//! simulates with a fold stands in its own tests; here the database is the real one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use kefu_domain::Stamp;
use kefu_domain::envelope::Envelope;
use kefu_shared::{SharedRemote, link_of};
use kefu_sync::wire::{Assigned, Digest, Greeting, Head, Mark, Outgoing, Page, Row, Whole, Wrap};
use kefu_sync::{Applied, Fate, Greeted, Known, Local, Report, Restamp, Settlement, exchange, marks};
use uuid::Uuid;

use crate::stage::{Deed, Person, bytes, now_ms};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Mine,
    There(u64),
    Astray(u64),
    Refused,
}

#[derive(Clone)]
struct State {
    device: Uuid,
    own: Vec<(Outgoing, bool)>,
    acknowledged: u64,
    known: BTreeMap<Digest, (Envelope, Place)>,
    marks: Vec<Mark>,
    epoch: u64,
    held: BTreeMap<Uuid, u64>,
    keys: BTreeSet<(Uuid, Vec<u8>)>,
    refused: BTreeMap<Uuid, String>,
}

/// Cloning it clones a profile.
#[derive(Clone)]
pub struct Memory {
    pub person: Person,
    state: RefCell<State>,
}

impl Memory {
    pub fn new(person: &Person) -> Self {
        let state = State {
            device: person.device,
            own: vec![],
            acknowledged: 0,
            known: BTreeMap::new(),
            marks: vec![],
            epoch: 0,
            held: BTreeMap::new(),
            keys: BTreeSet::new(),
            refused: BTreeMap::new(),
        };
        Memory { person: person.clone(), state: RefCell::new(state) }
    }

    /// Makes a change, with the key of its record for the desk and for those it is assigned to.
    pub fn write(&self, deed: Deed<'_>) -> Uuid {
        let assigned = deed.assignees.iter().map(|member| Some(*member)).chain([None]);
        let wrap = |member| Wrap { record: deed.record, key: [7; 16], member, sealed: deed.record.as_bytes().to_vec() };
        let wraps = assigned.map(wrap).collect::<Vec<_>>();
        let wraps = if deed.act == "dispatch" || deed.act == "register" { wraps } else { vec![] };
        let envelope = self.person.device().make_at(deed, now_ms());
        let change = envelope.change;
        self.state.borrow_mut().queue(envelope, wraps, false);
        change
    }

    pub async fn exchange(&self) -> Report {
        let remote = SharedRemote::paging(self.person.connect().await.unwrap(), 3);
        let random = u128::from_le_bytes(bytes());
        let report = exchange(self, &remote, random).await.unwrap();
        remote.close().await;
        report
    }

    /// Ids of all changes that it knows and that were not refused.
    pub fn view(&self) -> BTreeSet<Uuid> {
        let state = self.state.borrow();
        state.known.values().filter(|(_, place)| *place != Place::Refused).map(|(e, _)| e.change).collect()
    }

    /// Records of which it knows anything.
    pub fn records(&self) -> BTreeSet<Uuid> {
        self.state.borrow().known.values().map(|(envelope, _)| envelope.record).collect()
    }

    pub fn holds_key(&self, record: Uuid) -> bool {
        self.state.borrow().keys.iter().any(|(of, sealed)| *of == record && sealed == record.as_bytes())
    }

    pub fn refused(&self) -> BTreeMap<Uuid, String> {
        self.state.borrow().refused.clone()
    }
}

impl State {
    fn queue(&mut self, mut envelope: Envelope, wraps: Vec<Wrap>, accepted: bool) {
        (envelope.device, envelope.at.device) = (self.device, self.device);
        envelope.seq = self.own.len() as u64 + 1;
        envelope.previous = self.own.last().map_or([0; 32], |(out, _)| out.digest);
        envelope.signature = bytes::<64>().to_vec();
        let digest = link_of(&envelope);
        self.known.insert(digest, (envelope.clone(), Place::Mine));
        self.own.push((Outgoing { place: envelope.seq, again: accepted, digest, envelope, wraps }, accepted));
    }

    fn issue_anew(&mut self, tail: Vec<(Outgoing, bool)>, stamp: impl Fn(&Envelope) -> Stamp) {
        for (out, accepted) in tail {
            self.known.remove(&out.digest);
            let at = stamp(&out.envelope);
            self.queue(Envelope { at, ..out.envelope }, out.wraps, accepted);
        }
    }

    fn there(&mut self, digest: Digest, envelope: Envelope, seq: u64) -> bool {
        let change = envelope.change;
        let fresh = !self.known.values().any(|(known, _)| known.change == change);
        self.known.insert(digest, (envelope, Place::There(seq)));
        // What was lost in one envelope is there in another.
        self.known.retain(|_, (known, place)| known.change != change || !matches!(place, Place::Astray(_)));
        fresh
    }

    fn take(&mut self, rows: Vec<Row>, wraps: Vec<Wrap>) -> Applied {
        self.keys.extend(wraps.into_iter().map(|wrap| (wrap.record, wrap.sealed)));
        let fresh = rows.into_iter().filter(|row| {
            self.held.entry(row.envelope.record).or_insert(0);
            self.there(link_of(&row.envelope), row.envelope.clone(), row.seq)
        });
        Applied { fresh: fresh.count() as u64, ..Applied::default() }
    }
}

impl Local for Memory {
    type Error = Infallible;

    async fn known(&self) -> Result<Known, Infallible> {
        let state = self.state.borrow();
        let head = |seq: u64| Head { seq, digest: state.own[seq as usize - 1].0.digest };
        let device = state.device;
        let own = marks::back_from(state.acknowledged).into_iter().map(head).collect();
        Ok(Known {
            greeting: Greeting { device, epoch: state.epoch, marks: state.marks.clone(), own },
            retry: false,
            newest_beyond: None,
        })
    }

    async fn greeted(&self, greeted: Greeted) -> Result<(), Infallible> {
        let mut state = self.state.borrow_mut();
        let back = greeted.cursor.seq < state.marks.first().map_or(0, |mark| mark.seq);
        if back || greeted.epoch != state.epoch {
            state.held.values_mut().for_each(|since| *since = 0);
        }
        state.epoch = greeted.epoch;
        if back {
            state.marks.retain(|mark| mark.seq <= greeted.cursor.seq);
            for (_, place) in state.known.values_mut() {
                match *place {
                    Place::There(seq) if seq > greeted.cursor.seq => *place = Place::Astray(seq),
                    _ => {}
                }
            }
        }
        state.acknowledged = state.acknowledged.min(greeted.own);
        Ok(())
    }

    async fn unsent(&self, back: u64, limit: usize) -> Result<Vec<Outgoing>, Infallible> {
        let state = self.state.borrow();
        let from = state.acknowledged.saturating_sub(back) as usize;
        let out = |(out, accepted): &(Outgoing, bool)| Outgoing { again: *accepted, ..out.clone() };
        Ok(state.own.iter().skip(from).take(limit).map(out).collect())
    }

    async fn restamp(&self, restamp: Restamp) -> Result<(), Infallible> {
        let mut state = self.state.borrow_mut();
        let unsent = state.acknowledged as usize;
        let tail = state.own.split_off(unsent);
        state.issue_anew(tail, |envelope| Stamp { ms: envelope.at.ms.min(restamp.now_ms), ..envelope.at });
        Ok(())
    }

    async fn renew(&self, from: u64, device: Uuid) -> Result<(), Infallible> {
        let mut state = self.state.borrow_mut();
        let tail = state.own.split_off(from as usize - 1);
        state.own.clear();
        (state.device, state.acknowledged) = (device, 0);
        state.issue_anew(tail, |envelope| envelope.at);
        Ok(())
    }

    async fn settle(&self, settled: Vec<Settlement>) -> Result<(), Infallible> {
        let mut state = self.state.borrow_mut();
        for Settlement { change, seq, digest, fate, .. } in settled {
            let own = state.own.iter_mut().find(|(out, _)| out.digest == digest);
            let is_own = own.is_some();
            if let Some((_, accepted)) = own {
                *accepted |= matches!(fate, Fate::Accepted(_));
                state.acknowledged = state.acknowledged.max(seq);
            }
            let Some((envelope, _)) = state.known.get(&digest).cloned() else { continue };
            match fate {
                Fate::Accepted(place) => drop(state.there(digest, envelope, place)),
                Fate::Refused(code) => {
                    state.known.insert(digest, (envelope, Place::Refused));
                    state.refused.extend(is_own.then_some((change, code)));
                }
            }
        }
        Ok(())
    }

    async fn apply(&self, _: Mark, page: Page) -> Result<Applied, Infallible> {
        let mut state = self.state.borrow_mut();
        let applied = state.take(page.rows, page.wraps);
        if state.marks.first() != Some(&page.cursor) {
            state.marks.insert(0, page.cursor);
            marks::thin(&mut state.marks);
        }
        Ok(applied)
    }

    async fn astray(&self, after: u64, limit: usize) -> Result<Vec<Outgoing>, Infallible> {
        let state = self.state.borrow();
        let astray = |(digest, (envelope, place)): (&Digest, &(Envelope, Place))| match *place {
            Place::Astray(place) if place > after && envelope.device != state.device => {
                let (digest, envelope) = (*digest, envelope.clone());
                Some(Outgoing { place, again: true, digest, envelope, wraps: vec![] })
            }
            _ => None,
        };
        let mut all: Vec<Outgoing> = state.known.iter().filter_map(astray).collect();
        all.sort_by_key(|out| out.place);
        all.truncate(limit);
        Ok(all)
    }

    async fn held(&self) -> Result<Vec<Assigned>, Infallible> {
        let held = &self.state.borrow().held;
        Ok(held.iter().map(|(record, since)| Assigned { record: *record, since: *since }).collect())
    }

    async fn purge(&self, records: Vec<Uuid>) -> Result<(), Infallible> {
        let mut state = self.state.borrow_mut();
        state.known.retain(|_, (envelope, _)| !records.contains(&envelope.record));
        state.keys.retain(|(record, _)| !records.contains(record));
        state.held.retain(|record, _| !records.contains(record));
        Ok(())
    }

    async fn take_whole(&self, record: Uuid, whole: Whole) -> Result<Applied, Infallible> {
        let mut state = self.state.borrow_mut();
        let applied = state.take(whole.rows, whole.wraps);
        state.held.insert(record, whole.since);
        Ok(applied)
    }

    async fn retry(&self) -> Result<Applied, Infallible> {
        Ok(Applied::default())
    }
}
