//! Gives a server that was put back the end of the member log that it lost. Any administrator's device that knows more does
//! so by itself; others wait for one, for nobody else may tell the server whose login counts.

use kefu_local::Workspace;
use kefu_shared::{Append, DeskKeyFor, Shared, SharedError};
use kefu_vault::roster::{Entry, LogError, MemberAct};
use kefu_vault::{DeskKeys, Roster};
use uuid::Uuid;

use crate::desk::Open;
use crate::failure::logged;
use crate::wire::{Code, Failure};

/// Lays down what the server lacks of the log known here, whose end is `known`. False where what the server has is not the
/// beginning of it: then nothing is touched.
pub(super) async fn give_back(
    open: &Open,
    place: &Workspace,
    shared: &mut Shared,
    known: &Roster,
) -> Result<bool, Failure> {
    let here = open.store.roster_log().await?;
    let mut there: Vec<Vec<u8>> = Vec::new();
    loop {
        let more = shared.roster(there.len() as u64).await?;
        if more.is_empty() {
            break;
        }
        there.extend(more.into_iter().map(|entry| entry.entry));
    }
    let Some(lost) = here.strip_prefix(there.as_slice()) else { return Ok(false) };
    let mut roster = Roster::replay(place.id, &place.root, &there)?;
    let mut turned = Vec::new();
    for (bytes, nth) in lost.iter().zip(there.len() as u64 + 1..) {
        let entry = Entry::decode(bytes).ok_or(LogError::Unreadable { place: nth })?;
        let append = Append { entry: bytes.clone(), previous: roster.head().hash, link: entry.hash() };
        roster.append(&entry)?;
        if let MemberAct::TurnDeskKey { epoch, .. } = entry.says.act {
            turned.push(epoch);
        }
        lay_down(shared, &entry.says.act, &roster, &append).await?;
    }
    let held = open.store.desk_keys(&open.wrap_key(), place.id).await?;
    for epoch in turned {
        hand(shared, known, &held, epoch).await?;
    }
    tracing::info!(entries = lost.len(), "the member log was given back");
    Ok(true)
}

/// One entry, and what follows from it for logins. A member whose seat the server has lost, too, is invited anew: then
/// nothing follows.
async fn lay_down(shared: &mut Shared, act: &MemberAct, roster: &Roster, append: &Append) -> Result<(), Failure> {
    let roles = |member: Uuid| roster.roles(member).into_iter().collect::<Vec<_>>();
    let laid = match act {
        MemberAct::SetRoles { member, .. } | MemberAct::GrantAdmin { member } | MemberAct::WithdrawAdmin { member } => {
            shared.change_roles(*member, &roles(*member), append).await
        }
        MemberAct::Revoke { member, device, .. } => shared.revoke(*member, *device, append).await,
        _ => shared.note(append).await,
    };
    match laid {
        Err(SharedError::Missing) => shared.note(append).await?,
        laid => laid?,
    };
    Ok(())
}

/// The desk key of `epoch` for everybody who holds it now, and the one before under it.
async fn hand(shared: &mut Shared, roster: &Roster, held: &DeskKeys, epoch: u32) -> Result<(), Failure> {
    let of = |epoch: u32| roster.desk_key_of(epoch).and_then(|id| held.get(&id));
    let Some(key) = of(epoch) else { return Ok(()) };
    let mut keys = Vec::new();
    if let Some(earlier) = epoch.checked_sub(1).and_then(of) {
        let sealed = key.seal_earlier(earlier).map_err(|error| logged(Code::Internal, &error))?;
        keys.push(DeskKeyFor { seat: None, sealed });
    }
    for (seat, receive) in roster.desk_key_holders() {
        keys.push(DeskKeyFor { seat: Some((seat.member, seat.device)), sealed: key.seal_to(seat, &receive)? });
    }
    Ok(shared.hand_desk_key(epoch, &keys).await?)
}
