//! The device's side of the exchange with the shared database: what it is there, what it seals and what it opens.
//!
//! `kefu_local::sync` keeps, the vault seals and opens, `kefu_sync` says what is next; here they meet. A desk without a
//! workspace never comes here: its changes are sealed when they are first sent, in their order, so that what a single
//! machine wrote for years goes along by itself.

mod clear;
mod conflicts;
mod device;
mod files;
mod opening;
mod problems;
mod reach;
mod run;
mod sealing;
mod sending;
mod standing;
mod stride;
#[cfg(test)]
mod tests;
mod watch;
mod withheld;
mod wraps;
mod writing;

use kefu_local::Workspace;
use kefu_vault::{DeskKeys, Roster, SeatId, WrapKey};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::desk::Open;
use crate::failure::logged;
use crate::wire::{Code, Failure};

pub(crate) use device::{OwnSide, Touched};
pub(crate) use run::Exchanges;
pub(crate) use sending::Sending;
pub(crate) use standing::{mark_unsent, moment};
pub(crate) use wraps::wraps_for_seat;

/// What this device is in its workspace.
pub(crate) struct Identity {
    /// Its place there.
    pub workspace: Workspace,
    /// The member log, replayed.
    pub roster: Roster,
    /// Desk keys of all epochs; none on a technician's device.
    pub desk_keys: DeskKeys,
    /// What lies in the local file is wrapped with this.
    pub wrap: WrapKey,
}

impl Identity {
    /// As the local file has it; None for a desk without a workspace, or one that was not admitted yet.
    pub async fn read(open: &Open) -> Result<Option<Self>, Failure> {
        let wrap = WrapKey::of(&open.key);
        let Some(workspace) = open.store.workspace(&wrap).await?.filter(|workspace| workspace.joining.is_none()) else {
            return Ok(None);
        };
        let roster = open.store.roster(&workspace).await?;
        let desk_keys = open.store.desk_keys(&wrap, workspace.id).await?;
        Ok(Some(Identity { workspace, roster, desk_keys, wrap }))
    }

    /// This device is one of the office, which holds every record.
    pub fn office(&self) -> bool {
        self.desk_keys.newest().is_some()
    }

    /// Active seats of a member who holds no desk key: keys are given to each of them.
    pub fn seats_in_the_field(&self, member: Uuid) -> Vec<SeatId> {
        let seats = self.roster.seats().iter().filter(|(id, seat)| id.member == member && seat.until.is_none());
        seats.map(|(id, _)| *id).filter(|id| !self.roster.holds_desk_key(*id)).collect()
    }

    /// Active members none of whose devices holds a desk key, ascending.
    pub fn in_the_field(&self) -> Vec<Uuid> {
        let active = self.roster.seats().iter().filter(|(_, seat)| seat.until.is_none()).map(|(id, _)| *id);
        let mut members: Vec<Uuid> = active.filter(|id| !self.roster.holds_desk_key(*id)).map(|id| id.member).collect();
        members.sort_unstable();
        members.dedup();
        members
    }

    /// A code for form numbers that no device has, like `code`: two copies of a profile must not give the same numbers.
    pub fn free_code(&self, code: &str) -> String {
        const LETTERS: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ1I0O";
        let taken = |code: &str| self.roster.seats().values().any(|seat| seat.code == code);
        let beginnings = (0..=code.len().min(3)).rev().filter_map(|length| code.get(..length));
        let mut longer = beginnings.flat_map(|start| LETTERS.chars().map(move |letter| format!("{start}{letter}")));
        longer.find(|other| other != code && !taken(other)).unwrap_or_else(|| code.to_owned())
    }

    /// Code of a device in form numbers; empty where it is not known.
    pub fn code_of(&self, device: Uuid) -> String {
        let mut seats = self.roster.seats().iter().filter(|(id, _)| id.device == device);
        seats.find(|(_, seat)| !seat.code.is_empty()).map(|(_, seat)| seat.code.clone()).unwrap_or_default()
    }
}

/// What a task beside this one came to.
async fn joined<T>(task: JoinHandle<T>) -> Result<T, Failure> {
    task.await.map_err(|error| logged(Code::Internal, &error))
}
