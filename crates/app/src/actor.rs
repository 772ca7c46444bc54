//! Who acts: the member at the desk with his roles, and the colleagues whom a form can be given to.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::change::kind;
use kefu_domain::member::Member;
use kefu_domain::process::{Actor, role};
use kefu_local::Door;

use crate::desk::{Desk, Open};
use crate::wire::{Code, Colleague, Failure};

/// Who sits at the desk, as the table of the process sees him.
pub(crate) async fn actor(open: &Open) -> Result<Actor, Failure> {
    let seat = open.seat().id;
    let member = open.store.record(seat).await?;
    Ok(of_member(seat, &known(member.as_ref())))
}

/// The door, and who sits at the desk as he stands behind it.
pub(crate) async fn door_for(open: &Open, now: DateTime<FixedOffset>) -> Result<(Door, Actor), Failure> {
    door_to(open, now, Uuid::nil()).await
}

/// The same, with the record that is acted on read on the way.
pub(crate) async fn door_to(open: &Open, now: DateTime<FixedOffset>, id: Uuid) -> Result<(Door, Actor), Failure> {
    let seat = open.seat().id;
    let mut door = open.store.door_with(now, [seat, id]).await?;
    let member = door.record(seat).await?;
    Ok((door, of_member(seat, &known(member.as_ref()))))
}

/// A member as his record says. One whose record has not come yet, on a device that has just joined, goes out and no more.
pub(crate) fn known(record: Option<&Record>) -> Member {
    let newcomer = || Member { roles: vec![role::TECHNICIAN.into()], active: true, ..Member::default() };
    record.map_or_else(newcomer, Member::read)
}

/// A member as the table of the process sees him; who left holds no role.
pub(crate) fn of_member(seat: Uuid, member: &Member) -> Actor {
    let Member { name, department, roles, active, .. } = member.clone();
    Actor { seat, name, department, roles: if active { roles.into_iter().collect() } else { BTreeSet::new() } }
}

/// Refuses who holds none of `roles`.
pub(crate) fn only(actor: &Actor, roles: &[&str]) -> Result<(), Failure> {
    if actor.holds(roles) { Ok(()) } else { Err(Failure::new(Code::Denied).with("why", "wrong_role")) }
}

/// Colleagues who work here, in the order of their enrolment.
pub(crate) async fn colleagues(open: &Open) -> Result<Vec<Colleague>, Failure> {
    let members = open.store.records_of(kind::MEMBER).await?;
    let shown = members.iter().map(|(id, record)| (*id, Member::read(record))).filter(|(_, member)| member.active).map(
        |(id, member)| {
            let Member { name, employee_number, department, roles, .. } = member;
            Colleague { id, name, employee_number, department, roles: roles.into_iter().collect() }
        },
    );
    Ok(shown.collect())
}

impl Desk {
    /// Everybody to whom a form can be given.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn colleagues(&self) -> Result<Vec<Colleague>, Failure> {
        colleagues(&*self.open()?).await
    }
}
