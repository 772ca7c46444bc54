//! The store as the exchange sees it. Each call is one step of the simulation: a crash falls between two of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::rc::Rc;

use kefu_domain::{Change, Stamp};
use kefu_sync::wire::{Assigned, Greeting, Head, Mark, Outgoing, Page, Row, Whole, Wrap};
use kefu_sync::{Applied, Fate, Greeted, Known, Local, Restamp, Settlement, marks};
use uuid::Uuid;

use crate::net::pause;
use crate::seal::Closed;
use crate::store::{Own, Status, Store};

#[derive(Clone)]
pub struct Device(pub Rc<RefCell<Store>>);

impl Device {
    async fn step<T>(&self, with: impl FnOnce(&mut Store) -> T) -> Result<T, Infallible> {
        pause().await;
        Ok(with(&mut self.0.borrow_mut()))
    }
}

impl Local for Device {
    type Error = Infallible;

    async fn known(&self) -> Result<Known, Infallible> {
        self.step(|store| {
            let head = |seq: u64| Head { seq, digest: store.own[seq as usize - 1].out.digest };
            let own = marks::back_from(store.acknowledged).into_iter().map(head).collect();
            let (device, epoch, marks) = (store.device, store.epoch, store.marks.clone());
            Known {
                greeting: Greeting { device, epoch, marks, own },
                retry: store.key_came || store.program != store.tried_with,
                newest_beyond: store.office.then_some(12),
            }
        })
        .await
    }

    async fn greeted(&self, greeted: Greeted) -> Result<(), Infallible> {
        self.step(|store| store.greeted(greeted)).await
    }

    async fn unsent(&self, back: u64, limit: usize) -> Result<Vec<Outgoing>, Infallible> {
        let out = |own: &Own| Outgoing { again: own.accepted_once, ..(*own.out).clone() };
        self.step(|store| {
            let from = store.acknowledged.saturating_sub(back) as usize;
            store.own.iter().skip(from).take(limit).map(out).collect()
        })
        .await
    }

    async fn restamp(&self, restamp: Restamp) -> Result<(), Infallible> {
        self.step(|store| store.restamp(restamp)).await
    }

    async fn renew(&self, from: u64, device: Uuid) -> Result<(), Infallible> {
        self.step(|store| store.renew(from, device)).await
    }

    async fn settle(&self, settled: Vec<Settlement>) -> Result<(), Infallible> {
        self.step(|store| settled.into_iter().for_each(|one| store.settle(one))).await
    }

    async fn apply(&self, _: Mark, page: Page) -> Result<Applied, Infallible> {
        self.step(|store| {
            let applied = store.take_all(page.rows, page.wraps);
            if page.cursor != store.cursor() {
                store.marks.insert(0, page.cursor);
                marks::thin(&mut store.marks);
            }
            applied
        })
        .await
    }

    async fn astray(&self, after: u64, limit: usize) -> Result<Vec<Outgoing>, Infallible> {
        self.step(|store| {
            let astray = if store.any_astray { store.astray(after, limit) } else { Vec::new() };
            store.any_astray &= after > 0 || !astray.is_empty();
            astray
        })
        .await
    }

    async fn held(&self) -> Result<Vec<Assigned>, Infallible> {
        let assigned = |(record, since): (&Uuid, &u64)| Assigned { record: *record, since: *since };
        self.step(|store| store.held.iter().map(assigned).collect()).await
    }

    async fn purge(&self, records: Vec<Uuid>) -> Result<(), Infallible> {
        self.step(|store| records.into_iter().for_each(|record| store.purge(record))).await
    }

    async fn take_whole(&self, record: Uuid, whole: Whole) -> Result<Applied, Infallible> {
        self.step(|store| {
            if store.office {
                return store.take_ahead(whole);
            }
            store.held.insert(record, whole.since);
            store.take_all(whole.rows, whole.wraps)
        })
        .await
    }

    async fn retry(&self) -> Result<Applied, Infallible> {
        self.step(|store| {
            (store.tried_with, store.key_came) = (store.program, false);
            let rows: Vec<Row> = std::mem::take(&mut store.quarantine).into_values().map(|(row, _)| row).collect();
            store.take_all(rows, Vec::new())
        })
        .await
    }
}

impl Store {
    fn greeted(&mut self, greeted: Greeted) {
        self.offset_ms = greeted.now_ms as i64 - self.wall_ms;
        let back = greeted.cursor.seq < self.cursor().seq;
        if back || greeted.epoch != self.epoch {
            self.held.values_mut().for_each(|since| *since = 0);
        }
        self.epoch = greeted.epoch;
        if back {
            self.marks.retain(|mark| mark.seq <= greeted.cursor.seq);
            self.quarantine.retain(|_, (row, _)| row.seq <= greeted.cursor.seq); // comes again, from whoever made it
            let above = |status: Status| matches!(status, Status::There(seq) if seq > greeted.cursor.seq);
            self.any_astray = true;
            self.restate(above, |status| match status {
                Status::There(seq) => Status::Astray(seq),
                other => other,
            });
        }
        if greeted.own < self.acknowledged {
            let unsent = self.own[greeted.own as usize..].iter();
            let unsent: Vec<_> = unsent.map(|own| (own.change.id, own.out.digest)).collect();
            unsent.into_iter().for_each(|(id, digest)| self.status(id, digest, Status::Mine));
            self.acknowledged = greeted.own;
        }
    }

    /// What comes ahead of its page is not known to stay there until the page has come.
    fn take_ahead(&mut self, whole: Whole) -> Applied {
        let others = whole.rows.iter().filter(|row| row.envelope.device != self.device);
        let ahead: Vec<Uuid> = others.map(|row| row.envelope.change).collect();
        let cursor = self.cursor().seq;
        let applied = self.take_all(whole.rows, whole.wraps);
        self.quarantine.retain(|_, (row, _)| row.seq <= cursor);
        self.any_astray = true;
        for id in ahead {
            let versions = self.versions.get(&id).into_iter().flatten();
            let unsure: Vec<_> = versions
                .filter_map(|v| match v.status {
                    Status::There(seq) if seq > cursor => Some((v.digest, Status::Astray(seq))),
                    _ => None,
                })
                .collect();
            unsure.into_iter().for_each(|(digest, status)| self.status(id, digest, status));
        }
        applied
    }

    fn restate(&mut self, which: impl Fn(Status) -> bool, to: impl Fn(Status) -> Status) {
        let found = |id: &Uuid, v: &crate::store::Version| which(v.status).then_some((*id, v.digest, to(v.status)));
        let all: Vec<_> =
            self.versions.iter().flat_map(|(id, versions)| versions.iter().filter_map(|v| found(id, v))).collect();
        all.into_iter().for_each(|(id, digest, status)| self.status(id, digest, status));
    }

    fn restamp(&mut self, restamp: Restamp) {
        let ahead = |own: &Own| !own.accepted_once && own.change.at.ms > restamp.above_ms;
        let unsent = self.acknowledged as usize;
        let Some(first) = self.own.iter().skip(unsent).position(ahead) else { return };
        let tail = self.own.split_off(unsent + first);
        let mut last = self.last();
        self.issue_anew(tail, |change, device| {
            let at = Stamp::next(last, restamp.now_ms, device);
            last = Some(at);
            (change.seq, at)
        });
    }

    fn renew(&mut self, from: u64, device: Uuid) {
        let tail = self.own.split_off(from as usize - 1);
        self.own.clear();
        (self.device, self.acknowledged) = (device, 0);
        let mut seq = 0;
        self.issue_anew(tail, |change, device| {
            seq += 1;
            (seq, Stamp { device, ..change.at })
        });
    }

    /// Changes that nobody has to have seen go into the queue again with another place and stamp, and what they say of one
    /// another follows.
    fn issue_anew(&mut self, tail: Vec<Own>, mut place: impl FnMut(&Change, Uuid) -> (u64, Stamp)) {
        let mut stamps: HashMap<Stamp, Stamp> = HashMap::new();
        for own in tail {
            self.change(own.change.id, |versions| versions.retain(|version| version.digest != own.out.digest));
            let mut change = (*own.change).clone();
            (change.seq, change.at) = place(&change, self.device);
            stamps.insert(own.change.at, change.at);
            for was in change.set.values_mut().flat_map(|setting| &mut setting.was) {
                *was = *stamps.get(was).unwrap_or(was);
            }
            let envelope = &own.out.envelope;
            self.queue(change, envelope.suite, envelope.clear.clone(), own.out.wraps.clone(), own.accepted_once);
        }
    }

    fn settle(&mut self, settlement: Settlement) {
        let Settlement { change, device, seq, digest, fate, .. } = settlement;
        let own = device == self.device && self.own.get(seq as usize - 1).is_some_and(|own| own.out.digest == digest);
        if own {
            self.acknowledged = self.acknowledged.max(seq);
        }
        match fate {
            Fate::Accepted(place) => {
                if own {
                    self.own[seq as usize - 1].accepted_once = true;
                    self.seen = self.seen.max(Some(self.own[seq as usize - 1].change.at));
                }
                self.refused.remove(&change);
                self.status(change, digest, Status::There(place));
            }
            Fate::Refused(code) if own => {
                self.refused.insert(change, code);
                self.status(change, digest, Status::Refused);
            }
            Fate::Refused(_) => self.status(change, digest, Status::Stranded),
        }
    }

    fn take_all(&mut self, rows: Vec<Row>, wraps: Vec<Wrap>) -> Applied {
        let waits = |store: &Store, key| {
            store.quarantine.values().any(|(row, why)| *why == Closed::Key && row.envelope.key == key)
        };
        let mut applied = Applied::default();
        for wrap in wraps {
            applied.retry |= self.keys.insert(wrap.key) && waits(self, wrap.key);
        }
        self.key_came |= applied.retry;
        for row in rows {
            match self.take(row) {
                Ok(fresh) => applied.fresh += u64::from(fresh),
                Err(_) => applied.quarantined += 1,
            }
        }
        applied
    }

    fn astray(&self, after: u64, limit: usize) -> Vec<Outgoing> {
        let mut all: Vec<Outgoing> = Vec::new();
        for version in self.versions.values().flatten() {
            if let Status::Astray(place) = version.status
                && place > after
                && version.out.envelope.device != self.device
            {
                let wraps = crate::acts::wraps(version.change.record, &version.out.envelope.clear);
                all.push(Outgoing { place, again: true, wraps, ..(*version.out).clone() });
            }
        }
        all.sort_by_key(|out| out.place);
        all.truncate(limit);
        all
    }

    fn purge(&mut self, record: Uuid) {
        if self.never_taken().any(|own| own.change.record == record) {
            return;
        }
        let of_it =
            |versions: &Vec<_>| versions.first().is_some_and(|v: &crate::store::Version| v.change.record == record);
        self.versions.retain(|_, versions| !of_it(versions));
        self.folders.remove(&record);
        self.keys.remove(&crate::seal::key_of(record));
        self.quarantine.retain(|_, (row, _)| row.envelope.record != record);
        self.held.remove(&record);
    }
}
