//! What an administrator's device does by itself for the workspace, whenever it reads the member log.

use std::collections::BTreeSet;

use chrono::Utc;
use kefu_domain::change::kind;
use kefu_domain::member::{ADMIN, Member};
use kefu_local::Workspace;
use kefu_shared::{DeskKeyFor, Shared};
use kefu_vault::roster::MemberAct;
use kefu_vault::{Issuer, Roster, SeatId, envelopes};
use uuid::Uuid;

use super::create::random;
use super::{TRIES, entry, follow_log, keep, once_more};
use crate::desk::Open;
use crate::wire::Failure;

/// Role of those who hold no desk key.
const TECHNICIAN: &str = "technician";

/// Names copied profiles, lets roles follow the members' records, and turns the desk key where that is due. Gives the log as
/// it is then.
pub(super) async fn chores(
    open: &Open,
    place: &Workspace,
    shared: &mut Shared,
    roster: Roster,
) -> Result<Roster, Failure> {
    let mut roster = roster;
    for (seat, device) in copies(shared, &roster).await? {
        let act = MemberAct::Renew { seat, device };
        let (next, entry, append) = entry(&roster, issuer(place), now(), act)?;
        shared.note(&append).await?;
        keep(open, &entry).await?;
        roster = next;
    }
    for (member, roles) in changed_roles(open, &roster).await? {
        let (next, entry, append) = entry(&roster, issuer(place), now(), MemberAct::SetRoles { member, roles })?;
        let known: Vec<String> = next.roles(member).into_iter().collect();
        shared.change_roles(member, &known, &append).await?;
        keep(open, &entry).await?;
        roster = next;
    }
    if roster.desk_key_due() {
        turn_desk_key(open, place, shared).await?;
        roster = follow_log(open, place, shared).await?;
    }
    Ok(roster)
}

fn issuer(place: &Workspace) -> Issuer<'_> {
    Issuer::Seat(place.seat, &place.keys)
}

fn now() -> i64 {
    Utc::now().timestamp()
}

/// Devices that the log does not know and that sign with the key of a seat which it does.
async fn copies(shared: &mut Shared, roster: &Roster) -> Result<Vec<(SeatId, Uuid)>, Failure> {
    let mut found = Vec::new();
    for reached in shared.reached().await? {
        if roster.seats().keys().any(|seat| seat.device == reached.device) {
            continue;
        }
        let first = shared.first_of(reached.device).await?;
        let seat = first
            .filter(|envelope| envelope.device == reached.device)
            .and_then(|first| envelopes::whose(&first, roster));
        found.extend(seat.map(|seat| (seat, reached.device)));
    }
    Ok(found)
}

/// Members whose records say other roles than the log. Whoever comes from the field to the office is not among them: to
/// hold the desk key he is invited anew, so that an administrator has said so himself.
async fn changed_roles(open: &Open, roster: &Roster) -> Result<Vec<(Uuid, BTreeSet<String>)>, Failure> {
    let members: BTreeSet<Uuid> =
        roster.seats().iter().filter(|(_, seat)| seat.until.is_none()).map(|(id, _)| id.member).collect();
    let mut changed = Vec::new();
    for member in members {
        let Some(record) = open.store.record(member).await?.filter(|record| record.kind == kind::MEMBER) else {
            continue;
        };
        let without = |roles: BTreeSet<String>| roles.into_iter().filter(|role| role != ADMIN).collect::<BTreeSet<_>>();
        let (wanted, held) = (Member::read(&record), roster.roles(member));
        let promoted = held.iter().all(|role| role == TECHNICIAN) && wanted.roles.iter().any(|role| role != TECHNICIAN);
        let wanted = without(wanted.roles.into_iter().collect());
        if !promoted && wanted != without(held) {
            changed.push((member, wanted));
        }
    }
    Ok(changed)
}

/// Turns the desk key where somebody who held it has left, and this device may.
pub(super) async fn turn_desk_key(open: &Open, place: &Workspace, shared: &mut Shared) -> Result<(), Failure> {
    for tries in (1..=TRIES).rev() {
        let roster = follow_log(open, place, shared).await?;
        let held = open.store.desk_keys(&open.wrap_key(), place.id).await?;
        let Some(present) = held.newest().filter(|_| roster.desk_key_due() && roster.is_admin(place.seat)) else {
            return Ok(());
        };
        let (next, earlier) = present.turn().map_err(random)?;
        let mut keys = vec![DeskKeyFor { seat: None, sealed: earlier }];
        for (seat, receive) in roster.desk_key_holders() {
            let sealed = next.seal_to(seat, &receive)?;
            keys.push(DeskKeyFor { seat: Some((seat.member, seat.device)), sealed });
        }
        let act = MemberAct::TurnDeskKey { epoch: next.epoch(), key: next.id() };
        let (_, entry, append) = entry(&roster, issuer(place), now(), act)?;
        if once_more(shared.turn_desk_key(next.epoch(), &keys, &append).await, tries)?.is_some() {
            open.store.put_desk_key(&open.wrap_key(), &next).await?;
            return keep(open, &entry).await;
        }
    }
    Ok(())
}
