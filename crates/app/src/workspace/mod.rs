//! The workspace (工作区): made, joined, administered. What all of its operations need of the desk and the shared database.

mod admit;
mod check;
mod chores;
mod create;
mod give_back;
mod join;
mod revoke;
mod seats;
mod take_over;
mod trouble;

use chrono::{DateTime, Local, SecondsFormat};
use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_local::Workspace;
use kefu_shared::{Address, Append, Shared, SharedError};
use kefu_vault::roster::{Entry, MemberAct};
use kefu_vault::{DeskKey, DeskKeys, Issuer, Roster, WrapKey};
use uuid::Uuid;

use crate::desk::{Desk, Open};
use crate::wire::{Code, Failure, WorkspaceInfo, WorkspaceState};

/// Times that something is tried anew because somebody else wrote the member log meanwhile.
const TRIES: u8 = 4;

impl Open {
    pub(crate) fn wrap_key(&self) -> WrapKey {
        WrapKey::of(&self.key)
    }

    /// This device's place in its workspace, once it was let in.
    pub(crate) async fn place(&self) -> Result<Workspace, Failure> {
        let place = self.place_or_waiting().await?;
        if place.joining.is_some() { Err(Failure::new(Code::SharedNoSeat)) } else { Ok(place) }
    }

    /// The same where it still waits.
    async fn place_or_waiting(&self) -> Result<Workspace, Failure> {
        self.store.workspace(&self.wrap_key()).await?.ok_or_else(|| Failure::new(Code::NoWorkspace))
    }

    /// Whether `member` is whom this device was invited for.
    pub(crate) async fn joins_as(&self, member: Uuid) -> Result<bool, Failure> {
        Ok(self.store.workspace(&self.wrap_key()).await?.is_some_and(|place| place.seat.member == member))
    }

    /// The place and a connection, for what only an administrator at an administrator's device does.
    async fn administered(&self) -> Result<(Workspace, Shared), Failure> {
        self.administrator()?;
        let place = self.place().await?;
        let shared = connect(&place).await?;
        Ok((place, shared))
    }
}

impl Desk {
    /// Whether this device belongs to a workspace, and its place there.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn workspace(&self) -> Result<WorkspaceState, Failure> {
        let open = self.open()?;
        let workspace = match open.store.workspace(&open.wrap_key()).await? {
            Some(place) => Some(told(&open, place).await?),
            None => None,
        };
        Ok(WorkspaceState { workspace })
    }
}

/// What is told of the place.
pub(super) async fn told(open: &Open, place: Workspace) -> Result<WorkspaceInfo, Failure> {
    let waiting = join::fingerprint(&place, open)?;
    let administers = waiting.is_none() && open.store.roster(&place).await?.is_admin(place.seat);
    Ok(WorkspaceInfo {
        id: place.id,
        fingerprint: place.root.groups(),
        address: place.server.address,
        database: place.server.database,
        since: place.since,
        waiting,
        administers,
        founder: place.founder.is_some(),
    })
}

/// A connection with the device's own login.
pub(crate) async fn connect(place: &Workspace) -> Result<Shared, Failure> {
    let address = Address::of(&place.server, &place.password);
    Ok(Shared::connect(&address, place.id).await?)
}

/// Brings the member log and the desk keys of this device up to what the shared database shows, having verified it. To be
/// called before every exchange: what others sign is judged by it. An administrator's device does its chores with it.
pub(crate) async fn refresh(open: &Open, place: &Workspace, shared: &mut Shared) -> Result<Roster, Failure> {
    let roster = follow_log(open, place, shared).await?;
    if !roster.is_admin(place.seat) {
        return Ok(roster);
    }
    match chores::chores(open, place, shared, roster).await {
        Ok(roster) => Ok(roster),
        // Another administrator's device was faster, or the line broke: the next exchange goes on with it.
        Err(failure) => {
            tracing::warn!(code = ?failure.code, "chores of the workspace not done");
            follow_log(open, place, shared).await
        }
    }
}

/// The same without the chores.
async fn follow_log(open: &Open, place: &Workspace, shared: &mut Shared) -> Result<Roster, Failure> {
    let mut roster = open.store.roster(place).await?;
    loop {
        // With the last one that is known, so that a shorter log or another one is seen.
        let known = roster.head().seq;
        let shown: Vec<Vec<u8>> =
            shared.roster(known.saturating_sub(1)).await?.into_iter().map(|entry| entry.entry).collect();
        let end = known.saturating_sub(1) + shown.len() as u64;
        if end < known && roster.is_admin(place.seat) && give_back::give_back(open, place, shared, &roster).await? {
            continue;
        }
        roster.not_behind(end)?;
        if roster.extend(&shown)? == 0 {
            break;
        }
        // The log of a place that was entered has its first entry at least.
        open.store.append_roster(known + 1, &shown[1..]).await?;
    }
    take_desk_keys(open, place, shared, &roster).await?;
    Ok(roster)
}

async fn take_desk_keys(open: &Open, place: &Workspace, shared: &mut Shared, roster: &Roster) -> Result<(), Failure> {
    let (wrap, Some((newest, id))) = (open.wrap_key(), roster.desk_key()) else { return Ok(()) };
    let mut held = open.store.desk_keys(&wrap, place.id).await?;
    if !roster.holds_desk_key(place.seat) {
        if held.newest().is_some() {
            open.store.drop_desk_keys().await?;
        }
        return Ok(());
    }
    let whole =
        |held: &DeskKeys| (1..=newest).all(|epoch| roster.desk_key_of(epoch).is_some_and(|id| held.get(&id).is_some()));
    if held.get(&id).is_some() && whole(&held) {
        return Ok(());
    }
    let shown = shared.desk_keys().await?;
    for key in shown.iter().filter(|key| key.own) {
        let Some(id) = roster.desk_key_of(key.epoch) else { continue };
        // One that does not open is not the key of the member log: it is as good as not there.
        if let Ok(desk) = DeskKey::open(place.id, (key.epoch, id), place.seat, &place.keys, &key.sealed) {
            held.add(desk);
        }
    }
    for epoch in (2..=newest).rev() {
        let (Some(id), Some(earlier)) = (roster.desk_key_of(epoch), roster.desk_key_of(epoch - 1)) else { continue };
        let sealed = shown.iter().find(|key| key.epoch == epoch && !key.own);
        let opened = sealed.and_then(|key| held.get(&id)?.earlier(&earlier, &key.sealed).ok());
        opened.into_iter().for_each(|desk| held.add(desk));
    }
    for epoch in 1..=newest {
        if let Some(desk) = roster.desk_key_of(epoch).and_then(|id| held.get(&id)) {
            open.store.put_desk_key(&wrap, desk).await?;
        }
    }
    Ok(())
}

/// Gives what every device needs to those who are in the field now: the next change of a record says to whom it is assigned,
/// and brings the keys along.
async fn share(desk: &Desk, open: &Open) -> Result<(), Failure> {
    let mut drafts = Vec::new();
    for kind in kind::SHARED {
        let records = open.store.records_of(kind).await?;
        drafts.extend(records.into_iter().map(|(id, _)| Draft::new(id, kind, act::SHARE)));
    }
    let seat = open.seat().id;
    let mut door = open.store.door(desk.now()).await?;
    for draft in drafts {
        door.write(draft, seat).await?;
    }
    Ok(door.commit().await?)
}

/// The next entry of the log, and the log with it.
fn entry(roster: &Roster, issuer: Issuer, at: i64, act: MemberAct) -> Result<(Roster, Entry, Append), Failure> {
    let mut next = roster.clone();
    let previous = roster.head().hash;
    let entry = next.write(issuer, at, act)?;
    let append = Append { entry: entry.encode(), previous, link: entry.hash() };
    Ok((next, entry, append))
}

/// Keeps an entry that the shared database took.
async fn keep(open: &Open, entry: &Entry) -> Result<(), Failure> {
    Ok(open.store.append_roster(entry.says.seq, &[entry.encode()]).await?)
}

/// Whether to try once more: somebody else was faster, and the log is read anew before.
fn once_more<T>(result: Result<T, SharedError>, tries: u8) -> Result<Option<T>, Failure> {
    match result {
        Err(SharedError::Moved) if tries > 1 => Ok(None),
        result => Ok(Some(result?)),
    }
}

/// A moment of the server, RFC 3339 in this machine's zone.
fn moment(ms: i64) -> String {
    let moment = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    moment.with_timezone(&Local).to_rfc3339_opts(SecondsFormat::Secs, false)
}

#[cfg(test)]
mod tests;
