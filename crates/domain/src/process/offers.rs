//! What a person can do with a form now, what it would need, and why something is not possible.

use crate::Record;
use crate::privacy::is_ended;
use crate::process::demand::{self, Reason, Want};
use crate::process::table::{Row, table_of};
use crate::process::{Actor, Why, state};
use crate::validate::is_empty;

/// A field that an act asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Field key; of a list's column `list.column`; `reason` for the reason; the list's key for the line to be replaced.
    pub field: String,
    /// The act is refused without it. False also where the form already has it.
    pub required: bool,
}

/// One act as it stands for one person and one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The act.
    pub act: &'static str,
    /// Possible, or why not.
    pub verdict: Result<(), Why>,
    /// What it asks for, in the order of the sheet.
    pub needs: Vec<Need>,
}

/// The row by which `actor` may do `act` to `record`.
///
/// # Errors
/// Why not: first the state, then the role, then the first condition of the first row that fits both.
pub fn permit(actor: &Actor, record: &Record, act: &str) -> Result<&'static Row, Why> {
    let table = table_of(&record.kind);
    if is_ended(record) && table.iter().any(|row| row.act == act) {
        return Err(Why::WrongState); // nobody else would take it
    }
    let in_state = |state: &str| table.iter().filter(|row| row.act == act && row.from.contains(&state)).collect();
    let placed: Vec<&'static Row> = in_state(&record.state);
    if placed.is_empty() {
        let back = record.course.back_to.as_deref().filter(|_| record.state == state::SUSPENDED);
        return Err(match back {
            _ if table.iter().all(|row| row.act != act) => Why::UnknownAct,
            Some(back) if !in_state(back).is_empty() => Why::Suspended,
            _ => Why::WrongState,
        });
    }
    let mut first = None;
    for row in placed.into_iter().filter(|row| actor.holds(row.roles)) {
        match row.when.iter().find_map(|condition| condition.unmet(actor, record)) {
            None => return Ok(row),
            Some(why) => first = first.or(Some(why)),
        }
    }
    Err(first.unwrap_or(Why::WrongRole))
}

/// Every act of the record's table for `actor` and `record`, possible or not, in the order of the table.
pub fn offers(actor: &Actor, record: &Record) -> Vec<Offer> {
    let mut found: Vec<Offer> = Vec::new();
    for row in table_of(&record.kind) {
        if found.iter().all(|offer| offer.act != row.act) {
            let verdict = permit(actor, record, row.act).map(|_| ());
            let needs = if verdict.is_ok() { needs(record, row.act) } else { Vec::new() };
            found.push(Offer { act: row.act, verdict, needs });
        }
    }
    found
}

fn needs(record: &Record, act: &str) -> Vec<Need> {
    let Some(demand) = demand::of(act) else { return Vec::new() };
    let mut needs = Vec::new();
    let mut ask = |field: String, want: Want, there: bool| match want {
        Want::Needed => needs.push(Need { field, required: !there }),
        Want::Given => needs.push(Need { field, required: true }),
        Want::Offered | Want::Anew | Want::OrNow | Want::OrMe | Want::OrClass => {
            needs.push(Need { field, required: false })
        }
        Want::Now | Want::Me | Want::MySeat | Want::Yes | Want::Emptied => {}
    };
    for (key, want) in demand.fields {
        ask(key.to_string(), *want, !is_empty(record.get(key)));
    }
    if let Some(line) = &demand.line {
        if line.replaces {
            ask(line.list.to_string(), Want::Given, false);
        }
        for (column, want) in line.columns {
            ask(format!("{}.{column}", line.list), *want, false);
        }
    }
    if demand.reason == Reason::Required {
        needs.push(Need { field: "reason".into(), required: true });
    }
    needs
}
