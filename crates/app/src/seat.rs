//! Who sits at the desk: read from the member's record, replaced by a change of operator.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::decide::Receiver;
use kefu_domain::member::{ADMIN, Member};
use kefu_local::Store;
use kefu_vault::KeyFile;

use crate::actor::known;
use crate::desk::{Desk, Open};
use crate::wire::{Code, Failure};

/// Preference that keeps the seat last signed in here. It is in the encrypted store: whoever could choose it in a file
/// beside the database would choose who sits down through the keyring.
const LAST_SEAT: &str = "last_seat";
/// File that names it once more outside, only so that its slot is tried first. Without it opening takes longer.
const LIKELY: &str = "last_seat";

/// Who sits at the desk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seat {
    pub(crate) id: Uuid,
    pub(crate) member: Member,
    /// The administrator on whose passphrase he sits here, where it is not his own.
    pub(crate) via: Option<Uuid>,
}

/// The sitting seat, and those that have signed in since the desk was opened. Dropped with the open desk, so that
/// locking forgets every sign-in.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    sitting: Mutex<Arc<Seat>>,
    signed_in: Mutex<BTreeSet<Uuid>>,
}

impl Seat {
    pub(crate) fn receiver(&self) -> Receiver<'_> {
        let Member { name, employee_number, department, .. } = &self.member;
        Receiver { name, employee_number, department }
    }

    /// Refuses whoever is no administrator.
    pub(crate) fn administers(&self) -> Result<(), Failure> {
        if self.member.has(ADMIN) { Ok(()) } else { Err(Failure::new(Code::NotAllowed)) }
    }
}

impl Seats {
    pub(crate) fn sitting(&self) -> Arc<Seat> {
        self.sitting.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn sit(&self, seat: Seat) {
        *self.sitting.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(seat);
    }

    pub(crate) fn has_signed_in(&self, id: Uuid) -> bool {
        self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    pub(crate) fn signed_in(&self, id: Uuid) {
        self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    pub(crate) fn forget(&self, id: Uuid) {
        self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

impl Open {
    /// Who sits here now. An operation asks once, so that all it writes is one person's.
    pub(crate) fn seat(&self) -> Arc<Seat> {
        self.seats.sitting()
    }

    /// The sitting seat, if it is an administrator's.
    pub(crate) fn administrator(&self) -> Result<Arc<Seat>, Failure> {
        let seat = self.seat();
        seat.administers()?;
        Ok(seat)
    }

    /// The active member with this id.
    pub(crate) async fn active_member(&self, id: Uuid) -> Result<Member, Failure> {
        let record = self.store.record(id).await?.filter(|record| record.kind == kind::MEMBER);
        let member = Member::read(&record.ok_or_else(|| Failure::new(Code::NoSeat))?);
        if member.active { Ok(member) } else { Err(Failure::new(Code::NoSeat)) }
    }

    /// The active member `id` sits down; whether he may, the caller has seen to.
    pub(crate) async fn seat_member(&self, id: Uuid, via: Option<Uuid>) -> Result<(), Failure> {
        // On a device that has joined, one sits before his record came. Else a store without any member belongs to nobody, so
        // anybody's key will do for reading it.
        let newcomer = self.store.record(id).await?.is_none() && self.joins_as(id).await?;
        if !newcomer && self.store.records_of(kind::MEMBER).await?.is_empty() {
            return Ok(());
        }
        let member = if newcomer { known(None) } else { self.active_member(id).await? };
        self.seats.sit(Seat { id, member, via });
        if via.is_none() {
            self.seats.signed_in(id);
        }
        Ok(())
    }
}

/// All members of the desk with their ids, in the order of enrolment.
pub(crate) async fn members(store: &Store) -> Result<Vec<(Uuid, Member)>, Failure> {
    Ok(store.records_of(kind::MEMBER).await?.iter().map(|(id, record)| (*id, Member::read(record))).collect())
}

impl Desk {
    /// Notes who signed in last on this machine. A full disk must still open, so not being able to is no error.
    pub(crate) async fn remember(&self, open: &Open) {
        let id = open.seat().id.to_string();
        let hinted = std::fs::write(self.folder.join(LIKELY), &id).is_ok();
        let kept = open.store.set_preference(LAST_SEAT, &id).await.is_ok();
        if !(hinted && kept) {
            tracing::warn!(hinted, kept, "last seat not noted");
        }
    }

    /// The seat whose slot is tried first.
    pub(crate) fn likely_seat(&self) -> Option<Uuid> {
        std::fs::read_to_string(self.folder.join(LIKELY)).ok()?.trim().parse().ok()
    }

    /// The seat that sits down where the keyring opens the desk: the one last signed in here.
    pub(crate) async fn last_seat(&self, store: &Store, keys: &KeyFile) -> Result<Option<Uuid>, Failure> {
        let kept = store.preference(LAST_SEAT).await?.and_then(|id| id.parse().ok());
        Ok(kept.or_else(|| keys.first_seat()))
    }
}
