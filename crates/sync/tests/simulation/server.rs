//! The shared database in memory, as migrations/shared specify it: a dense counter raised inside push, a chain over all rows,
//! a dense number and hash chain per device, coarse rights, assignments by the record's latest change.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use kefu_domain::Stamp;
use kefu_domain::envelope::Envelope;
use kefu_domain::process::role;
use kefu_domain::process::table::rows_of;
use kefu_sync::wire::{
    Answer, Answers, Assigned, Digest, Greeting, Mark, Outgoing, Page, Pulled, Row, Welcome, Whole, Wrap, refused,
};
use kefu_sync::{AHEAD_MS, batch};
use uuid::Uuid;

use crate::seal::hash;

/// Small, so that a session meets many pages.
pub const PAGE: usize = 60;

#[derive(Debug, Clone)]
pub struct Stored {
    pub envelope: Rc<Envelope>,
    chain: Digest,
    /// When a naive server lets others see it; others always at once.
    visible_at: u64,
}

#[derive(Debug, Clone)]
pub struct Meta {
    at: Stamp,
    archived: bool,
    assignees: Vec<Uuid>,
}

/// All of it; a backup is a clone.
#[derive(Debug, Clone, Default)]
pub struct Server {
    pub epoch: u64,
    pub now_ms: u64,
    pub rows: Vec<Stored>,
    /// What each device has sent, by its number: the digest and what was answered.
    pub sent: HashMap<(Uuid, u64), (Digest, Answer)>,
    pub reached: HashMap<Uuid, (u64, Digest)>,
    pub records: HashMap<Uuid, Meta>,
    pub grants: BTreeMap<(Uuid, Uuid), u64>,
    pub given: BTreeSet<(Uuid, Uuid)>,
    /// Ascending by place.
    pub wraps: Vec<(u64, Wrap)>,
    pub wrapped: BTreeSet<(Uuid, Option<Uuid>)>,
    /// The control: numbers are taken from a sequence, rows appear when their transaction ends.
    pub naive: bool,
    pub ticks: u64,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    pub member: Uuid,
    pub office: bool,
}

impl Server {
    pub fn hello(&self, greeting: &Greeting) -> Welcome {
        let true_here = |mark: &&Mark| self.naive || self.chain_at(mark.seq) == Some(mark.hash);
        let sent_here = |device: Uuid, seq: u64| self.sent.get(&(device, seq)).map(|(digest, _)| *digest);
        let own = greeting.own.iter().find(|head| sent_here(greeting.device, head.seq) == Some(head.digest));
        Welcome {
            now_ms: self.now_ms,
            epoch: self.epoch,
            matched: greeting.marks.iter().find(true_here).map_or(0, |mark| mark.seq),
            own: own.map_or(0, |head| head.seq),
            last: self.rows.len() as u64,
        }
    }

    fn chain_at(&self, seq: u64) -> Option<Digest> {
        match seq.checked_sub(1) {
            None => Some(Digest::default()),
            Some(index) => self.rows.get(index as usize).map(|row| row.chain),
        }
    }

    pub fn push(&mut self, caller: Caller, changes: &[Outgoing]) -> Answers {
        let bytes: usize = changes.iter().map(|change| change.envelope.sealed.len()).sum();
        assert!(changes.len() <= batch::CHANGES && (bytes <= batch::BYTES || changes.len() == 1));
        assert!(changes.windows(2).all(|pair| pair[0].envelope.device == pair[1].envelope.device), "one device a push");
        let visible_at = self.ticks + if self.naive { self.rows.len() as u64 * 7 % 40 } else { 0 };
        let mut blocked: Option<&str> = None;
        let mut each = Vec::new();
        for change in changes {
            let answer = match blocked {
                Some(code) => Answer::Refused(code.into()),
                None => self.take(caller, change, visible_at),
            };
            if let Answer::Refused(code) = &answer {
                blocked = match code.as_str() {
                    refused::FORKED => Some(refused::FORKED),
                    refused::GAP | refused::CLOCK => Some(refused::GAP),
                    _ => blocked,
                };
            }
            each.push(answer);
        }
        Answers { now_ms: self.now_ms, each }
    }

    fn take(&mut self, caller: Caller, change: &Outgoing, visible_at: u64) -> Answer {
        let envelope = &change.envelope;
        let refuse = |code: &str| Answer::Refused(code.into());
        let (reached, digest) = self.reached.get(&envelope.device).copied().unwrap_or_default();
        if let Some((known, answer)) = self.sent.get(&(envelope.device, envelope.seq)) {
            match answer {
                _ if *known != change.digest => return refuse(refused::FORKED),
                Answer::Refused(code) if !change.again => return refuse(code),
                Answer::Refused(_) => {}
                Answer::Ok(seq) | Answer::Known(seq) => return Answer::Known(*seq),
            }
        } else {
            if envelope.seq != reached + 1 {
                return refuse(refused::GAP);
            }
            if envelope.previous != digest {
                return refuse(refused::FORKED);
            }
            if envelope.at.ms > self.now_ms + AHEAD_MS {
                return refuse(refused::CLOCK);
            }
            self.reached.insert(envelope.device, (envelope.seq, change.digest));
        }
        let answer = match self.forbidden(caller, change) {
            Some(code) => refuse(code),
            None => {
                let seq = self.store(envelope.clone(), visible_at);
                for wrap in &change.wraps {
                    if self.wrapped.insert((wrap.record, wrap.member)) {
                        self.wraps.push((seq, wrap.clone()));
                    }
                }
                Answer::Ok(seq)
            }
        };
        self.sent.insert((envelope.device, envelope.seq), (change.digest, answer.clone()));
        answer
    }

    /// The coarse copy of the rights. What was accepted once is not asked again, but nobody escapes his role by it.
    fn forbidden(&self, caller: Caller, change: &Outgoing) -> Option<&'static str> {
        let envelope = &change.envelope;
        let may = |role: &str| rows_of(&envelope.act).any(|row| row.roles.contains(&role));
        if !caller.office && envelope.seat != caller.member {
            return Some("seat");
        }
        if !caller.office && !may(role::TECHNICIAN) {
            return Some("role");
        }
        // Whoever worked on it offline while it was given to another has still worked on it.
        if !caller.office && !change.again && !self.given.contains(&(caller.member, envelope.record)) {
            return Some("unassigned");
        }
        let archived = self.records.get(&envelope.record).is_some_and(|meta| meta.archived);
        (archived && !change.again && !may(role::RECORDS)).then_some("archived")
    }

    /// Takes a row in, whoever made it.
    pub fn store(&mut self, envelope: Envelope, visible_at: u64) -> u64 {
        let chain = self.chain_at(self.rows.len() as u64).unwrap_or_default();
        let chain = hash(&[&chain, &envelope.signature, &envelope.sealed]);
        let seq = self.rows.len() as u64 + 1;
        let newest = self.records.get(&envelope.record).is_none_or(|meta| meta.at < envelope.at);
        if newest {
            let assignees = envelope.clear.assignees.clone();
            let archived = envelope.clear.state == kefu_domain::fold::state::ARCHIVED;
            let before = self.records.insert(envelope.record, Meta { at: envelope.at, archived, assignees });
            let before = before.map(|meta| meta.assignees).unwrap_or_default();
            for gone in before.iter().filter(|member| !envelope.clear.assignees.contains(member)) {
                self.grants.remove(&(*gone, envelope.record));
            }
            for come in envelope.clear.assignees.iter().filter(|member| !before.contains(member)) {
                self.grants.insert((*come, envelope.record), seq);
                self.given.insert((*come, envelope.record));
            }
        }
        self.rows.push(Stored { envelope: Rc::new(envelope), chain, visible_at });
        seq
    }

    fn sees(&self, caller: Caller, record: Uuid) -> bool {
        caller.office || self.grants.contains_key(&(caller.member, record))
    }

    /// Rows after a place that the caller may see by now.
    fn visible(&self, caller: Caller, after: u64) -> impl Iterator<Item = Row> {
        let skipped = after.min(self.rows.len() as u64) as usize;
        let seen =
            move |(_, row): &(u64, &Stored)| row.visible_at <= self.ticks && self.sees(caller, row.envelope.record);
        let row = |(seq, row): (u64, &Stored)| Row { seq, envelope: (*row.envelope).clone() };
        (after + 1..).zip(&self.rows[skipped..]).filter(seen).map(row)
    }

    fn wraps_for(&self, caller: Caller, after: u64, wanted: impl Fn(u64, &Wrap) -> bool) -> Vec<Wrap> {
        let own = |wrap: &Wrap| if caller.office { wrap.member.is_none() } else { wrap.member == Some(caller.member) };
        let his = |wrap: &Wrap| own(wrap) && self.sees(caller, wrap.record);
        let later = self.wraps[self.wraps.partition_point(|(seq, _)| *seq <= after)..].iter();
        later.filter(|(seq, wrap)| his(wrap) && wanted(*seq, wrap)).map(|(_, wrap)| wrap.clone()).collect()
    }

    pub fn pull(&self, caller: Caller, after: Mark) -> Pulled {
        if !self.naive && self.chain_at(after.seq) != Some(after.hash) {
            return Pulled::Diverged;
        }
        let mut rows: Vec<Row> = self.visible(caller, after.seq).take(PAGE + 1).collect();
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let last = rows.last().map(|row| row.seq);
        let to = match last {
            Some(seq) if more => seq,
            _ if self.naive => last.unwrap_or(after.seq), // all that it can know
            _ => self.rows.len() as u64,
        };
        let wraps = self.wraps_for(caller, after.seq, |seq, _| seq <= to);
        let cursor = Mark { seq: to, hash: self.chain_at(to).unwrap_or_default() };
        let assigned = (!caller.office).then(|| {
            let own = self.grants.iter().filter(|((member, _), _)| *member == caller.member);
            own.map(|((_, record), since)| Assigned { record: *record, since: *since }).collect()
        });
        Pulled::Page(Page { rows, wraps, cursor, more, assigned })
    }

    /// Some of what was written to last, for the office.
    pub fn newest(&self) -> Vec<Uuid> {
        self.rows
            .iter()
            .rev()
            .filter(|row| row.visible_at <= self.ticks)
            .take(5)
            .map(|row| row.envelope.record)
            .collect()
    }

    pub fn pull_record(&self, caller: Caller, record: Uuid) -> Option<Whole> {
        let since = if caller.office { 0 } else { *self.grants.get(&(caller.member, record))? };
        let rows = self.visible(caller, 0).filter(|row| row.envelope.record == record).collect();
        Some(Whole { since, rows, wraps: self.wraps_for(caller, 0, |_, wrap| wrap.record == record) })
    }
}
