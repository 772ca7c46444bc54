//! The roster: who is a member, with which keys and rights, as the member log gives it from the root's fingerprint alone.
//!
//! The shared database keeps the log and hands it out; it is not believed. Every device replays the entries, checks
//! each signature against the rights that the entries before it gave, and goes on from the head that it knows: a log
//! that was forked, cut, reordered or rewritten is noticed and its kind is named.

mod entry;
mod error;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use kefu_domain::process::actor::{Role, role};
use uuid::Uuid;

pub use entry::{Entry, EntryBody, MemberAct};
pub use error::{LogError, Unfit};
pub use rules::Appended;

use crate::certificate::{Author, Issuer};
use crate::{Fingerprint, ReceiveKey, SeatId, SeatPublic, VerifyKey, WorkspaceRoot};

/// A seat as the log left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Its public keys.
    pub keys: SeatPublic,
    /// When it was admitted, seconds since 1970 UTC.
    pub admitted: i64,
    /// Revoked: the last sequence of its device that still counts.
    pub until: Option<u64>,
    /// Code of its device in form numbers; empty where the entry names none.
    pub code: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Member {
    roles: BTreeSet<Role>,
    admin: bool,
}

/// How far a device knows the log. It keeps this and never goes back behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// Sequence of the last entry.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Why a signature does not count although it may be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCounted {
    /// The log admits no such seat, or not yet as far as it is known here.
    #[error("no such seat in the member log")]
    Unknown,
    /// The seat was revoked before this.
    #[error("the seat was revoked; what came after sequence {until} does not count")]
    Revoked {
        /// Last sequence that counts.
        until: u64,
    },
}

/// Members, seats and rights after the last entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    workspace: Uuid,
    root: VerifyKey,
    hashes: Vec<[u8; 32]>,
    seats: BTreeMap<SeatId, Seat>,
    members: BTreeMap<Uuid, Member>,
    /// By device, its office seats in the order in which they became that: each vouches, as far as it counts, for
    /// whoever sits at the device.
    desks: BTreeMap<Uuid, Vec<SeatId>>,
    desk_keys: Vec<[u8; 16]>,
    desk_key_due: bool,
    unknown: u64,
}

/// Whether these roles hold the desk key: every one this version knows but 外勤.
fn is_office(roles: &BTreeSet<Role>) -> bool {
    roles.iter().any(|own| own != role::TECHNICIAN && role::EVERY.contains(&own.as_str()))
}

impl Roster {
    /// Begins the log of a new workspace.
    ///
    /// # Errors
    /// The entry could not be encoded.
    pub fn found(workspace: Uuid, root: &WorkspaceRoot, at: i64) -> Result<(Self, Entry), LogError> {
        let act = MemberAct::Found { root: root.public() };
        let says = EntryBody { workspace, seq: 1, previous: [0; 32], at, by: Author::Root, act };
        let entry = Entry::sign(Issuer::Root(root), says).map_err(|_| LogError::Unreadable { place: 1 })?;
        Ok((Roster::begin(workspace, &root.fingerprint(), &entry)?, entry))
    }

    /// Writes the next entry and appends it here. It counts elsewhere only when the shared database took it at its place;
    /// of two written at once one is a fork, and its author writes it anew.
    ///
    /// # Errors
    /// What the author may not do, or what does not fit.
    pub fn write(&mut self, issuer: Issuer, at: i64, act: MemberAct) -> Result<Entry, LogError> {
        let head = self.head();
        let says = EntryBody {
            workspace: self.workspace,
            seq: head.seq + 1,
            previous: head.hash,
            at,
            by: issuer.author(),
            act,
        };
        let entry = Entry::sign(issuer, says).map_err(|_| LogError::Unreadable { place: head.seq + 1 })?;
        self.append(&entry)?;
        Ok(entry)
    }

    /// Workspace.
    pub fn workspace(&self) -> Uuid {
        self.workspace
    }

    /// The root, as the fingerprint named it.
    pub fn root(&self) -> &VerifyKey {
        &self.root
    }

    /// Fingerprint of the root.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_root(&self.root)
    }

    /// The last entry known.
    pub fn head(&self) -> LogHead {
        LogHead { seq: self.hashes.len() as u64, hash: self.hashes.last().copied().unwrap_or_default() }
    }

    /// Whether this entry stands at its place: nobody who knew it was shown another history.
    pub fn contains(&self, head: LogHead) -> bool {
        let place = usize::try_from(head.seq).ok().and_then(|seq| seq.checked_sub(1));
        place.and_then(|place| self.hashes.get(place)) == Some(&head.hash)
    }

    /// All seats, revoked ones included.
    pub fn seats(&self) -> &BTreeMap<SeatId, Seat> {
        &self.seats
    }

    /// Roles of a member, 管理 included where it was granted. Empty for one that the log does not know.
    pub fn roles(&self, member: Uuid) -> BTreeSet<Role> {
        let Some(member) = self.members.get(&member) else { return BTreeSet::new() };
        let admin = member.admin.then(|| role::ADMIN.to_owned());
        member.roles.iter().cloned().chain(admin).collect()
    }

    fn is_active(&self, seat: SeatId) -> bool {
        self.seats.get(&seat).is_some_and(|seat| seat.until.is_none())
    }

    /// Whether this seat may write the member log.
    pub fn is_admin(&self, seat: SeatId) -> bool {
        self.is_active(seat) && self.members.get(&seat.member).is_some_and(|member| member.admin)
    }

    /// Whether this seat holds the desk key, and so may pass record keys on to technicians.
    pub fn holds_desk_key(&self, seat: SeatId) -> bool {
        self.is_active(seat) && is_office(&self.roles(seat.member))
    }

    /// Who gets a new desk key.
    pub fn desk_key_holders(&self) -> impl Iterator<Item = (SeatId, ReceiveKey)> {
        let holders = self.seats.iter().filter(|(id, _)| self.holds_desk_key(**id));
        holders.map(|(id, seat)| (*id, seat.keys.receive))
    }

    /// Epoch and id of the desk key to seal under; None before the first.
    pub fn desk_key(&self) -> Option<(u32, [u8; 16])> {
        self.desk_keys.last().map(|id| (self.desk_keys.len() as u32, *id))
    }

    /// Id of the desk key of `epoch`: a key handed over is believed only if it has this id.
    pub fn desk_key_of(&self, epoch: u32) -> Option<[u8; 16]> {
        self.desk_keys.get((epoch as usize).checked_sub(1)?).copied()
    }

    /// The active seats that a revocation of `member`, of `device`, or of both ends: those that fit, and those of copied
    /// profiles that have their keys. None where neither is named.
    pub fn revocable(&self, member: Option<Uuid>, device: Option<Uuid>) -> Vec<SeatId> {
        let fits = |id: &SeatId| {
            member.is_none_or(|member| member == id.member) && device.is_none_or(|device| device == id.device)
        };
        let named = member.is_some() || device.is_some();
        let named: Vec<_> = self.seats.iter().filter(|(id, _)| named && fits(id)).map(|(_, seat)| seat.keys).collect();
        let out = self.seats.iter().filter(|(id, seat)| self.is_active(**id) && named.contains(&seat.keys));
        out.map(|(id, _)| *id).collect()
    }

    /// Somebody who held the desk key holds it no longer: an administrator's device has to turn it.
    pub fn desk_key_due(&self) -> bool {
        self.desk_key_due
    }

    /// Entries of a newer version that have no effect here.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// The office seat that speaks for `device` as number `seq` of it. Several people sit at a desk, and the device signs
    /// for each of them with this one seat's key: who sat there is its word. None for a technician's device, which speaks
    /// for nobody but him. What was a desk once stays one, so that its history stays good; where its seat was revoked, the
    /// next one that was admitted there goes on.
    pub fn desk_of(&self, device: Uuid, seq: u64) -> Option<SeatId> {
        let desks = self.desks.get(&device)?;
        let counts = |id: &&SeatId| self.seats.get(id).is_some_and(|seat| seat.until.is_none_or(|until| seq <= until));
        desks.iter().find(counts).or(desks.last()).copied()
    }

    /// Whether `device` may write in the name of `member` from here on.
    pub fn speaks_for(&self, device: Uuid, member: Uuid) -> bool {
        let own = SeatId { member, device };
        let seat = if self.seats.contains_key(&own) { Some(own) } else { self.desk_of(device, u64::MAX) };
        seat.is_some_and(|seat| self.is_active(seat))
    }

    /// The key to check a change with that `seat` made as number `seq` of its device: its own, or that of the desk
    /// ([`Roster::desk_of`]) at which it sat.
    ///
    /// # Errors
    /// [`NotCounted`].
    pub fn author(&self, seat: SeatId, seq: u64) -> Result<VerifyKey, NotCounted> {
        let vouching = || self.desk_of(seat.device, seq).and_then(|desk| self.seats.get(&desk));
        match self.seats.get(&seat).or_else(vouching) {
            None => Err(NotCounted::Unknown),
            Some(Seat { until: Some(until), .. }) if seq > *until => Err(NotCounted::Revoked { until: *until }),
            Some(seat) => Ok(seat.keys.sign),
        }
    }

    /// The key of somebody who may write the member log now, or answer a join request.
    pub fn administrator(&self, author: Author) -> Option<VerifyKey> {
        match author {
            Author::Root => Some(self.root),
            Author::Seat(seat) => self.seats.get(&seat).filter(|_| self.is_admin(seat)).map(|seat| seat.keys.sign),
        }
    }
}
