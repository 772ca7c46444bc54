//! What is written of a channel: how it is checked, and a check that was made. Refuses slips with their fields.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{CHECKERS, CHECKS, CODE, FAULT, LIST, MOST, NORMAL, RULERS, Routine, record_id};
use crate::change::{Line, Setting, act, kind};
use crate::decide::{Draft, Refusal, moment};
use crate::process::{Actor, Why};
use crate::validate::{FieldError, Problem, is_empty};
use crate::{CodeLists, Record, Values};

/// Longest note and instruction, in characters.
const LONGEST: usize = 400;
/// Longest name of who is asked, and of what follows.
const SHORT: usize = 120;

/// Lays down how a channel is checked. `staff` are the members who work here.
///
/// # Errors
/// [`Refusal::Denied`]; [`Refusal::Fields`]: no such channel, an interval that is none, nobody of this name, role or
/// department who may check; [`Refusal::NothingChanged`].
pub fn set(
    actor: &Actor,
    codes: &CodeLists,
    staff: &[Actor],
    code: &str,
    record: &Record,
    asked: &Routine,
) -> Result<Draft, Refusal> {
    if !actor.holds(RULERS) {
        return Err(Refusal::Denied(Why::WrongRole));
    }
    let asked = Routine { every: asked.every, who: asked.who.trim().into(), how: asked.how.trim().into() };
    let mut errors = known(codes, code);
    if asked.every.is_some_and(|days| !(1..=MOST).contains(&days)) {
        errors.push(FieldError::new("every", Problem::OutOfRange));
    }
    errors.extend([too_long("who", &asked.who, SHORT), too_long("how", &asked.how, LONGEST)].into_iter().flatten());
    // Of a slip in the name nobody would ever be reminded.
    if errors.is_empty() && !asked.who.is_empty() && !staff.iter().any(|member| asked.asks(member)) {
        errors.push(FieldError {
            field: "who".into(),
            problem: Problem::UnknownOption,
            detail: Some(asked.who.clone()),
        });
    }
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let mut draft = Draft::new(record_id(code), kind::CHANNEL, act::CONFIGURE);
    for (key, to) in [("every", json!(asked.every)), ("who", json!(asked.who)), ("how", json!(asked.how))] {
        let to = if is_empty(Some(&to)) { Value::Null } else { to };
        if record.get(key).unwrap_or(&Value::Null) != &to {
            draft.set.insert(key.into(), Setting { to, was: record.stamps(key) });
        }
    }
    if draft.set.is_empty() { Err(Refusal::NothingChanged) } else { Ok(named(draft, code, record)) }
}

/// What somebody found who tried a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// [`NORMAL`] or [`FAULT`].
    pub result: &'a str,
    /// What was found; a fault has to be described.
    pub note: &'a str,
    /// What follows: the number of a form, or a measure in words; may be empty.
    pub follow_up: &'a str,
}

/// Logs a check, on the line `line`.
///
/// # Errors
/// [`Refusal::Denied`]; [`Refusal::Fields`]: no such channel, no result, a fault without a note.
pub fn log(
    actor: &Actor,
    now: DateTime<FixedOffset>,
    codes: &CodeLists,
    (code, record): (&str, &Record),
    line: Uuid,
    found: &Found<'_>,
) -> Result<Draft, Refusal> {
    if !actor.holds(CHECKERS) {
        return Err(Refusal::Denied(Why::WrongRole));
    }
    let (note, follow_up) = (found.note.trim(), found.follow_up.trim());
    let mut errors = known(codes, code);
    match found.result {
        NORMAL | FAULT => {}
        "" => errors.push(FieldError::new("result", Problem::Required)),
        other => {
            let detail = Some(other.to_string());
            errors.push(FieldError { field: "result".into(), problem: Problem::UnknownOption, detail });
        }
    }
    if found.result == FAULT && note.is_empty() {
        errors.push(FieldError::new("note", Problem::Required));
    }
    errors.extend([too_long("note", note, LONGEST), too_long("follow_up", follow_up, SHORT)].into_iter().flatten());
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let mut values: Values = [
        ("at", json!(moment(now))),
        ("by", json!(actor.name)),
        ("by_seat", json!(actor.seat.to_string())),
        ("result", json!(found.result)),
    ]
    .map(|(key, value)| (key.to_string(), value))
    .into();
    let said = [("note", note), ("follow_up", follow_up)].into_iter().filter(|(_, text)| !text.is_empty());
    values.extend(said.map(|(key, text)| (key.to_string(), json!(text))));
    let mut draft = Draft::new(record_id(code), kind::CHANNEL, act::CHECK_CHANNEL);
    draft.add.insert(CHECKS.into(), vec![Line { id: line, values, struck: false }]);
    Ok(named(draft, code, record))
}

/// The draft, saying which channel it is about where the record does not yet.
fn named(mut draft: Draft, code: &str, record: &Record) -> Draft {
    if record.text(CODE) != Some(code) {
        draft.set.insert(CODE.into(), Setting { to: json!(code), was: record.stamps(CODE) });
    }
    draft
}

fn known(codes: &CodeLists, code: &str) -> Vec<FieldError> {
    let offered = codes.list(LIST).is_some_and(|list| list.offers(code));
    let unknown = || FieldError { field: CODE.into(), problem: Problem::UnknownOption, detail: Some(code.to_string()) };
    (!offered).then(unknown).into_iter().collect()
}

fn too_long(field: &str, text: &str, most: usize) -> Option<FieldError> {
    let error = || FieldError { field: field.into(), problem: Problem::TooLong, detail: Some(most.to_string()) };
    (text.chars().count() > most).then(error)
}
