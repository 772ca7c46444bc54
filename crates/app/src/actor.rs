//! Who acts: the member at the desk with his roles, and the colleagues whom a form can be given to.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::change::kind;
use kefu_domain::process::{Actor, role};

use crate::desk::{Desk, Open};
use crate::wire::{Code, Colleague, Failure};

/// Who sits at the desk, as the table of the process sees him.
pub(crate) async fn actor(open: &Open) -> Result<Actor, Failure> {
    let member = open.store.record(open.seat.id).await?.unwrap_or_default();
    Ok(of_member(open.seat.id, &member))
}

/// A member as the table of the process sees him.
pub(crate) fn of_member(seat: Uuid, member: &Record) -> Actor {
    let text = |key: &str| member.text(key).unwrap_or_default().to_string();
    Actor { seat, name: text("name"), department: text("department"), roles: roles(member) }
}

/// Roles of a member. One who was enrolled before there were roles holds every one; one who left holds none.
fn roles(member: &Record) -> BTreeSet<String> {
    if !works_here(member) {
        return BTreeSet::new();
    }
    match member.get("roles") {
        Some(Value::Array(codes)) => codes.iter().filter_map(|code| code.as_str().map(str::to_string)).collect(),
        Some(_) => BTreeSet::new(), // of a shape we do not know: better no role than every role
        None if member.fields.contains_key("roles") => BTreeSet::new(),
        None => role::EVERY.iter().map(|code| code.to_string()).collect(),
    }
}

fn works_here(member: &Record) -> bool {
    member.get("active") != Some(&Value::Bool(false))
}

/// Refuses who holds none of `roles`.
pub(crate) fn only(actor: &Actor, roles: &[&str]) -> Result<(), Failure> {
    if actor.holds(roles) { Ok(()) } else { Err(Failure::new(Code::Denied).with("why", "wrong_role")) }
}

/// Colleagues who work here, in the order of their enrolment.
pub(crate) async fn colleagues(open: &Open) -> Result<Vec<Colleague>, Failure> {
    let members = open.store.records_of(kind::MEMBER).await?;
    let working = members.iter().filter(|(_, member)| works_here(member));
    let shown = working.map(|(id, member)| {
        let text = |key: &str| member.text(key).unwrap_or_default().to_string();
        Colleague {
            id: *id,
            name: text("name"),
            employee_number: text("employee_number"),
            department: text("department"),
            roles: roles(member).into_iter().collect(),
        }
    });
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
