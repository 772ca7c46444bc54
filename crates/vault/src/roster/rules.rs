//! What an entry of the member log may do and who may write it; forks, gaps and wrong orders are found here.

use std::collections::{BTreeMap, BTreeSet};

use kefu_domain::process::actor::{Role, role};
use uuid::Uuid;

use super::{Entry, LogError, MemberAct, Roster, Seat, Unfit, is_office};
use crate::certificate::Author;
use crate::{Certificate, Fingerprint, SeatId};

/// Whether an entry was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It has taken effect.
    New,
    /// It was here already, the same.
    Known,
}

impl Roster {
    /// Replays a whole log, given nothing but the workspace and the fingerprint of its root.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn replay<B: AsRef<[u8]>>(workspace: Uuid, root: &Fingerprint, log: &[B]) -> Result<Self, LogError> {
        let entries = read(log)?;
        let Some(first) = entries.first() else { return Err(LogError::Gap { expected: 1, found: 1 }) };
        if first.says.seq != 1 {
            return Err(in_order(&entries, 1).err().unwrap_or(LogError::Gap { expected: 1, found: first.says.seq }));
        }
        let mut roster = Roster::begin(workspace, root, first)?;
        roster.follow(&entries[1..])?;
        Ok(roster)
    }

    /// Appends what the shared database hands over from some place on; entries known already have to be the same.
    /// All or nothing. Gives how many were new.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn extend<B: AsRef<[u8]>>(&mut self, log: &[B]) -> Result<usize, LogError> {
        let entries = read(log)?;
        let mut next = self.clone();
        let new = next.follow(&entries)?;
        *self = next;
        Ok(new)
    }

    /// Holds the head that the shared database claims against what is known here.
    ///
    /// # Errors
    /// [`LogError::Shorter`] where it shows less.
    pub fn not_behind(&self, shown: u64) -> Result<(), LogError> {
        let known = self.hashes.len() as u64;
        if shown < known { Err(LogError::Shorter { known, found: shown }) } else { Ok(()) }
    }

    fn follow(&mut self, entries: &[Entry]) -> Result<usize, LogError> {
        in_order(entries, self.hashes.len() as u64 + 1)?;
        let mut new = 0;
        for entry in entries {
            new += usize::from(self.append(entry)? == Appended::New);
        }
        Ok(new)
    }

    pub(super) fn begin(workspace: Uuid, root: &Fingerprint, entry: &Entry) -> Result<Self, LogError> {
        let says = &entry.says;
        match &says.act {
            MemberAct::Found { root: key } if Fingerprint::of_root(key) == *root && says.by == Author::Root => {
                if says.workspace != workspace {
                    return Err(LogError::OtherWorkspace { seq: 1 });
                }
                if !entry.is_by(key) {
                    return Err(LogError::BadSignature { seq: 1 });
                }
                if says.seq != 1 || says.previous != [0; 32] {
                    return Err(LogError::Fork { seq: 1 });
                }
                Ok(Roster {
                    workspace,
                    root: *key,
                    hashes: vec![entry.hash()],
                    seats: BTreeMap::new(),
                    members: BTreeMap::new(),
                    desks: BTreeMap::new(),
                    desk_keys: Vec::new(),
                    desk_key_due: false,
                    unknown: 0,
                })
            }
            _ => Err(LogError::WrongRoot),
        }
    }

    /// Appends one entry.
    ///
    /// # Errors
    /// What is wrong with it; the roster is then as before.
    pub fn append(&mut self, entry: &Entry) -> Result<Appended, LogError> {
        let says = &entry.says;
        let seq = says.seq;
        let known = self.hashes.len() as u64;
        if says.workspace != self.workspace {
            return Err(LogError::OtherWorkspace { seq });
        }
        let place = usize::try_from(seq).ok().and_then(|seq| seq.checked_sub(1));
        if let Some(here) = place.and_then(|place| self.hashes.get(place)) {
            return if *here == entry.hash() { Ok(Appended::Known) } else { Err(LogError::Fork { seq }) };
        }
        if seq != known + 1 {
            return Err(LogError::Gap { expected: known + 1, found: seq });
        }
        if self.hashes.last() != Some(&says.previous) {
            return Err(LogError::Fork { seq: known });
        }
        let key = self.administrator(says.by).ok_or(LogError::NotAllowed { seq })?;
        if !entry.is_by(&key) {
            return Err(LogError::BadSignature { seq });
        }
        let root_only = matches!(says.act, MemberAct::GrantAdmin { .. } | MemberAct::WithdrawAdmin { .. });
        if root_only && says.by != Author::Root {
            return Err(LogError::NotAllowed { seq });
        }
        self.take(&says.act, says.by).map_err(|why| LogError::Unfit { seq, why })?;
        self.hashes.push(entry.hash());
        Ok(Appended::New)
    }

    /// Lets an act take effect. Every refusal comes before the first effect.
    fn take(&mut self, act: &MemberAct, by: Author) -> Result<(), Unfit> {
        match act {
            MemberAct::Found { .. } => return Err(Unfit::Founded),
            MemberAct::Admit { certificate, roles, code } => {
                let id = self.admissible(certificate, by)?;
                let same = |(other, seat): (&SeatId, &Seat)| other.device != id.device && seat.code == *code;
                if !code.is_empty() && self.seats.iter().any(same) {
                    return Err(Unfit::CodeKnown);
                }
                let says = &certificate.says;
                self.set_roles(id.member, roles)?;
                let seat = Seat { keys: says.keys, admitted: says.at, until: None, code: code.clone() };
                self.seats.insert(id, seat);
                self.note_desks(id.member);
            }
            MemberAct::SetRoles { member, roles } => {
                self.members.get(member).ok_or(Unfit::NoMember)?;
                self.set_roles(*member, roles)?;
                self.note_desks(*member);
            }
            MemberAct::GrantAdmin { member } => {
                self.members.get_mut(member).ok_or(Unfit::NoMember)?.admin = true;
                self.note_desks(*member);
            }
            MemberAct::WithdrawAdmin { member } => {
                let held = self.is_office_member(*member);
                self.members.get_mut(member).ok_or(Unfit::NoMember)?.admin = false;
                self.desk_key_due |= held && !self.is_office_member(*member);
            }
            MemberAct::Renew { seat, device } => {
                let held = self.seats.get(seat).filter(|held| held.until.is_none()).cloned().ok_or(Unfit::NoMember)?;
                if self.seats.keys().any(|known| known.device == *device) {
                    return Err(Unfit::SeatKnown);
                }
                // Under which code it goes on, its form numbers tell.
                let held = Seat { code: String::new(), ..held };
                self.seats.insert(SeatId { member: seat.member, device: *device }, held);
                self.note_desks(seat.member);
            }
            MemberAct::Revoke { member, device, until } => self.revoke(*member, *device, until)?,
            MemberAct::TurnDeskKey { epoch, key } => {
                if *epoch as usize != self.desk_keys.len() + 1 || self.desk_keys.contains(key) {
                    return Err(Unfit::Epoch);
                }
                self.desk_keys.push(*key);
                self.desk_key_due = false;
            }
            MemberAct::Unknown => self.unknown += 1,
        }
        Ok(())
    }

    fn admissible(&self, certificate: &Certificate, by: Author) -> Result<SeatId, Unfit> {
        let says = &certificate.says;
        let holds = self.administrator(by).is_some_and(|key| certificate.is_by(&key));
        if !holds || says.by != by || says.workspace != self.workspace {
            return Err(Unfit::Certificate);
        }
        if self.seats.contains_key(&says.seat) {
            return Err(Unfit::SeatKnown);
        }
        let same = |seat: &Seat| seat.keys.sign == says.keys.sign || seat.keys.receive == says.keys.receive;
        if says.keys.sign == self.root || self.seats.values().any(same) {
            return Err(Unfit::KeyKnown);
        }
        Ok(says.seat)
    }

    /// Devices of an office member are desks from here on.
    fn note_desks(&mut self, member: Uuid) {
        let seats: Vec<SeatId> = self.seats.keys().filter(|id| self.holds_desk_key(**id)).copied().collect();
        for id in seats.into_iter().filter(|id| id.member == member) {
            let desks = self.desks.entry(id.device).or_default();
            if !desks.contains(&id) {
                desks.push(id);
            }
        }
    }

    fn is_office_member(&self, member: Uuid) -> bool {
        is_office(&self.roles(member))
    }

    fn set_roles(&mut self, id: Uuid, roles: &BTreeSet<Role>) -> Result<(), Unfit> {
        if roles.contains(role::ADMIN) {
            return Err(Unfit::AdminAsRole);
        }
        let held = self.is_office_member(id);
        self.members.entry(id).or_default().roles.clone_from(roles);
        self.desk_key_due |= held && !self.is_office_member(id);
        Ok(())
    }

    fn revoke(&mut self, member: Option<Uuid>, device: Option<Uuid>, until: &BTreeMap<Uuid, u64>) -> Result<(), Unfit> {
        let out = self.revocable(member, device);
        if out.is_empty() {
            return Err(Unfit::NothingToRevoke);
        }
        if !out.iter().all(|id| until.contains_key(&id.device)) {
            return Err(Unfit::NoUntil);
        }
        for id in out {
            self.desk_key_due |= self.holds_desk_key(id);
            if let (Some(seat), Some(last)) = (self.seats.get_mut(&id), until.get(&id.device)) {
                seat.until = Some(*last);
            }
        }
        Ok(())
    }
}

fn read<B: AsRef<[u8]>>(log: &[B]) -> Result<Vec<Entry>, LogError> {
    let entries = log.iter().zip(1..);
    entries.map(|(bytes, place)| Entry::decode(bytes.as_ref()).ok_or(LogError::Unreadable { place })).collect()
}

/// Tells a log whose entries are all there, in a wrong order, from one with a gap. `next` is the first not yet known.
fn in_order(entries: &[Entry], next: u64) -> Result<(), LogError> {
    let sequences: Vec<u64> = entries.iter().map(|entry| entry.says.seq).collect();
    let all: BTreeSet<u64> = sequences.iter().copied().collect();
    let mut expected = all.first().map_or(next, |first| next.min(*first));
    for found in all {
        if found != expected {
            return Err(LogError::Gap { expected, found });
        }
        expected = expected.saturating_add(1);
    }
    match sequences.windows(2).find(|two| two[1] < two[0]) {
        Some(two) => Err(LogError::Reordered { seq: two[1] }),
        None => Ok(()),
    }
}
