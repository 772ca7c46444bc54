//! Does an act of the process for a person: asks the table, takes what he gives, fills in what the program knows.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::write::{Writing, given_seat};
use super::{Correction, Draft, Refusal, Rules, consent, correct, line, print, reason, undo};
use crate::change::{Line, Setting, act, kind};
use crate::privacy::erasure;
use crate::process::demand::{self, Reason, Want};
use crate::process::{Actor, Why, permit, state};
use crate::validate::{FieldError, Problem};
use crate::{Record, Values};

/// An act as asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Which one, of [`crate::change::act`].
    pub act: String,
    /// Field values that the act asks for ([`crate::process::offers()`] names them).
    pub values: Values,
    /// The line that it writes; its id is made by who asks.
    pub add: BTreeMap<String, Vec<Line>>,
    /// The line that the new one takes the place of.
    pub strike: Vec<Uuid>,
    /// Why; empty for none.
    pub reason: String,
}

/// Highest level of escalation.
const HIGHEST: i64 = 9;

/// Does an act to the form `id` that stands as `record`.
///
/// Registering is not among them: a form that exists is registered, and its number comes from [`super::register`].
///
/// # Errors
/// [`Refusal::Denied`] where the table does not allow it to `actor`, [`Refusal::Fields`] and
/// [`Refusal::ReasonRequired`] where something is missing or wrong, [`Refusal::NothingChanged`].
pub fn act(rules: Rules<'_>, actor: &Actor, id: Uuid, record: &Record, asked: Asked) -> Result<Draft, Refusal> {
    let row = permit(actor, record, &asked.act).map_err(Refusal::Denied)?;
    let mut draft = match row.act {
        act::REGISTER => return Err(Refusal::Denied(Why::WrongState)),
        act::PRINT => return Ok(print(id)),
        act::CORRECT => {
            let Asked { values, add, strike, reason, .. } = asked;
            return correct(rules, id, record, Correction { values, add, strike, reason });
        }
        act::UNDO => undo::undo(rules, actor, id, record)?,
        act::ERASE => erase(rules, id, record),
        _ => Draft::new(id, kind::FORM, row.act),
    };
    let mut writing = Writing { rules, actor, record, draft: &mut draft, errors: Vec::new() };
    if let Some(demand) = demand::of(row.act) {
        match row.act {
            act::CONSENT => consent::give(&mut writing, id, &asked)?,
            act::WITHDRAW_CONSENT => consent::withdraw(&mut writing, id, &asked)?,
            _ => writing.fields(demand.fields, &asked.values),
        }
        match &demand.line {
            Some(wanted) => line::write(&mut writing, row.act, wanted, &asked)?,
            None => writing.no_lines(&asked),
        }
        particulars(&mut writing, row.act, id)?;
        if demand.reason == Reason::Required && asked.reason.trim().is_empty() && writing.errors.is_empty() {
            return Err(Refusal::ReasonRequired);
        }
    }
    if !writing.errors.is_empty() {
        return Err(Refusal::Fields(writing.errors));
    }
    draft.reason = reason(&asked.reason).ok();
    Ok(draft)
}

/// Empties what tells of the customer; the log is for whoever keeps it ([`crate::privacy::redacted`]).
fn erase(rules: Rules<'_>, id: Uuid, record: &Record) -> Draft {
    let erasure = erasure(record, rules.template);
    let mut draft = Draft::new(id, kind::FORM, act::ERASE);
    let emptied = |(key, to): (String, Value)| (key.clone(), Setting { to, was: record.stamps(&key) });
    draft.set = erasure.set.into_iter().map(emptied).collect();
    draft.strike = erasure.strike;
    draft
}

/// What single acts ask beyond their fields.
fn particulars(writing: &mut Writing<'_>, act: &str, id: Uuid) -> Result<(), Refusal> {
    let me = writing.actor.seat;
    let same_person =
        |seat: Option<Uuid>| if seat == Some(me) { Err(Refusal::Denied(Why::SamePerson)) } else { Ok(()) };
    match act {
        act::SETTLE if writing.outcome("settled_on_spot") == Some(&json!(false)) => {
            writing.errors.push(FieldError::new("settled_on_spot", Problem::Required)); // R63: the customer accepted
        }
        act::ACCEPT => take_over(writing),
        act::TRANSFER => same_person(given_seat(writing.draft, "transfer.to_seat"))?,
        act::DELEGATE_CLOSE => same_person(given_seat(writing.draft, "close.delegate_seat"))?,
        act::MERGE if given_seat(writing.draft, "merged_into") == Some(id) => {
            return Err(Refusal::Denied(Why::SameForm));
        }
        act::ESCALATE => match writing.outcome("escalation.level").and_then(Value::as_i64) {
            Some(level) if !(1..=HIGHEST).contains(&level) => {
                writing.errors.push(FieldError::new("escalation.level", Problem::OutOfRange));
            }
            Some(level) if level <= i64::from(writing.record.course.level) => return Err(Refusal::NothingChanged),
            _ => {}
        },
        act::VERIFY_IDENTITY if writing.outcome("identity") == Some(&json!("unverified")) => {
            writing.errors.push(FieldError::new("identity", Problem::UnknownOption));
        }
        act::ANSWER => {
            let at = |key| writing.outcome(key).and_then(Value::as_str).and_then(parsed);
            let promised = at("handling.promised_at");
            if promised.is_some() && promised < at("handling.replied_at") {
                writing.errors.push(FieldError::new("handling.promised_at", Problem::OutOfRange));
            }
        }
        act::FOLLOW if writing.record.course.followers.contains(&me) => return Err(Refusal::NothingChanged),
        _ => {}
    }
    Ok(())
}

fn parsed(text: &str) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    chrono::DateTime::parse_from_rfc3339(text).ok()
}

/// Who accepts is the handler from now on; between two at the desk only the time is noted.
fn take_over(writing: &mut Writing<'_>) {
    let first = writing.record.state == state::DISPATCHED;
    if !first {
        writing.put("transfer.accepted_at", Want::Now);
    }
    if [state::REGISTERED, state::TO_INFORM].contains(&writing.record.state.as_str()) {
        return;
    }
    if first {
        writing.put("dispatch.accepted_at", Want::Now);
    } else if !writing.actor.department.is_empty() {
        writing.set("dispatch.department", json!(writing.actor.department));
    }
    writing.put("dispatch.handler", Want::Me);
    writing.put("dispatch.handler_seat", Want::MySeat);
}
