//! A device's store in memory: its own queue, every version of every change it knows, the folded records, quarantine. What
//! crates/local keeps in tables. Survives a crash whole, as a committed transaction does.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use kefu_domain::envelope::{Clear, SUITE};
use kefu_domain::{Change, Stamp};
use kefu_sync::counts;
use kefu_sync::wire::{Digest, Mark, Outgoing, Row, Wrap};
use uuid::Uuid;

use crate::folder::{Flaws, Folder};
use crate::seal::{self, Closed};

/// Where a version of a change is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Here, to be sent.
    Mine,
    /// In the shared database, at this place.
    There(u64),
    /// It was at this place.
    Astray(u64),
    /// Refused for good.
    Refused,
    /// Was there, and is not taken again.
    Stranded,
}

#[derive(Debug, Clone)]
pub struct Version {
    pub digest: Digest,
    pub change: Rc<Change>,
    pub out: Rc<Outgoing>,
    pub status: Status,
}

impl Version {
    /// For messages: where it is, and under whose number.
    pub fn place(&self) -> (Status, Uuid, u64, Stamp) {
        (self.status, self.out.envelope.device, self.out.envelope.seq, self.change.at)
    }
}

/// A change this device made under its present identity.
#[derive(Debug, Clone)]
pub struct Own {
    pub out: Rc<Outgoing>,
    pub change: Rc<Change>,
    /// The shared database took it once.
    pub accepted_once: bool,
}

#[derive(Debug, Clone)]
pub struct Store {
    pub device: Uuid,
    pub member: Uuid,
    pub office: bool,
    pub program: u8,
    pub tried_with: u8,
    /// A key came that something in quarantine waits for. As lasting as the key: a crash may fall before the next try.
    pub key_came: bool,
    pub wall_ms: i64,
    pub offset_ms: i64,
    pub seen: Option<Stamp>,
    pub own: Vec<Own>,
    pub acknowledged: u64,
    pub versions: BTreeMap<Uuid, Vec<Version>>,
    pub folders: HashMap<Uuid, Folder>,
    pub recent: Vec<Uuid>,
    pub keys: BTreeSet<[u8; 16]>,
    pub quarantine: BTreeMap<Digest, (Row, Closed)>,
    pub marks: Vec<Mark>,
    pub epoch: u64,
    pub held: BTreeMap<Uuid, u64>,
    pub refused: BTreeMap<Uuid, String>,
    /// Spares looking for what is astray.
    pub any_astray: bool,
    pub flaws: Flaws,
}

impl Store {
    pub fn new(device: Uuid, member: Uuid, office: bool, flaws: Flaws) -> Self {
        Store {
            device,
            member,
            office,
            program: SUITE,
            tried_with: 1,
            key_came: false,
            wall_ms: 0,
            offset_ms: 0,
            seen: None,
            own: Vec::new(),
            acknowledged: 0,
            versions: BTreeMap::new(),
            folders: HashMap::new(),
            recent: Vec::new(),
            keys: BTreeSet::new(),
            quarantine: BTreeMap::new(),
            marks: Vec::new(),
            epoch: 0,
            held: BTreeMap::new(),
            refused: BTreeMap::new(),
            any_astray: false,
            flaws,
        }
    }

    pub fn cursor(&self) -> Mark {
        self.marks.first().copied().unwrap_or_default()
    }

    /// Greatest stamp that a change made now has to come after.
    pub fn last(&self) -> Option<Stamp> {
        self.seen.max(self.own.last().map(|own| own.change.at))
    }

    pub fn head(&self) -> Digest {
        self.own.last().map(|own| own.out.digest).unwrap_or_default()
    }

    /// Seals a change of this device as the next of its queue.
    pub fn queue(&mut self, change: Change, suite: u8, clear: Clear, wraps: Vec<Wrap>, accepted_once: bool) {
        let envelope = seal::seal(&change, self.head(), suite, clear);
        let digest = seal::digest(&envelope);
        let out = Rc::new(Outgoing { place: change.seq, again: false, digest, envelope, wraps });
        let change = Rc::new(change);
        self.own.push(Own { out: out.clone(), change: change.clone(), accepted_once });
        self.put(Version { digest, change, out, status: Status::Mine });
    }

    /// The version of a change that counts.
    pub fn effective(versions: &[Version]) -> Option<&Version> {
        let key = |version: &Version| (matches!(version.status, Status::There(_)), version.change.at);
        let standing = versions.iter().filter(|version| version.status != Status::Refused);
        standing.reduce(|best, next| if counts(key(next), key(best)) { next } else { best })
    }

    /// Adds a version, or moves the one it already has to its new status.
    pub fn put(&mut self, version: Version) {
        let id = version.change.id;
        let own = |versions: &mut Vec<Version>| match versions.iter_mut().find(|v| v.digest == version.digest) {
            Some(known) => known.status = version.status,
            None => versions.push(version),
        };
        self.change(id, own);
    }

    /// Changes what is known of a change, and the folded record with it.
    pub fn change(&mut self, id: Uuid, with: impl FnOnce(&mut Vec<Version>)) {
        let versions = self.versions.entry(id).or_default();
        let before = Self::effective(versions).map(|version| version.change.clone());
        with(versions);
        if versions.iter().any(|version| matches!(version.status, Status::There(_))) {
            // What was lost in one envelope is there in another.
            versions.retain(|version| !matches!(version.status, Status::Astray(_) | Status::Stranded));
        }
        let after = Self::effective(versions).map(|version| version.change.clone());
        if versions.is_empty() {
            self.versions.remove(&id);
        }
        if before.as_ref().map(|c| c.at) == after.as_ref().map(|c| c.at) {
            return;
        }
        if let Some(before) = before {
            let record = before.record;
            if let Some(folder) = self.folders.get_mut(&record) {
                folder.remove(&before);
                if folder.is_empty() && after.is_none() {
                    self.folders.remove(&record);
                }
            }
        }
        if let Some(after) = after {
            let flaws = self.flaws;
            self.folders.entry(after.record).or_insert_with(|| Folder::new(flaws)).put(&after);
            if self.recent.last() != Some(&after.record) {
                self.recent.push(after.record);
            }
        }
    }

    pub fn status(&mut self, id: Uuid, digest: Digest, status: Status) {
        if self.versions.contains_key(&id) {
            self.change(id, |versions| {
                versions.iter_mut().filter(|v| v.digest == digest).for_each(|version| version.status = status);
            });
        }
    }

    /// Opens a row and folds it; true if it was new.
    pub fn take(&mut self, row: Row) -> Result<bool, Closed> {
        let envelope = &row.envelope;
        let digest = seal::digest(envelope);
        let status = Status::There(row.seq);
        let id = envelope.change;
        if !self.office {
            self.held.entry(envelope.record).or_insert(0); // opened or not: it goes with the record
        }
        if self.versions.get(&id).is_some_and(|versions| versions.iter().any(|v| v.digest == digest)) {
            self.status(id, digest, status);
            self.accepted(id, envelope.at);
            return Ok(false);
        }
        match seal::open(envelope, digest, self.keys.contains(&envelope.key), self.program) {
            Ok(change) => {
                let at = change.at;
                let out = Outgoing { place: row.seq, again: true, digest, envelope: row.envelope, wraps: Vec::new() };
                self.quarantine.remove(&digest);
                self.put(Version { digest, change, out: Rc::new(out), status });
                self.accepted(id, at);
                Ok(true)
            }
            Err(closed) => {
                self.quarantine.insert(digest, (row, closed));
                Err(closed)
            }
        }
    }

    fn accepted(&mut self, id: Uuid, at: Stamp) {
        self.seen = self.seen.max(Some(at));
        self.refused.remove(&id);
    }

    /// Own changes the shared database never took.
    pub fn never_taken(&self) -> impl Iterator<Item = &Own> {
        self.own.iter().skip(self.acknowledged as usize).filter(|own| !own.accepted_once)
    }
}
