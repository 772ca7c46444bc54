//! The lines that a visit adds to its sheet: parts, photos, what became of old parts, signatures.

use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{Given, Writing};
use super::{PARTS, PHOTOS, RETURNS, signature, stock};
use crate::change::Line;
use crate::decide::moment;
use crate::process::condition::{column, standing};
use crate::process::{Actor, role};
use crate::validate::{FieldError, Problem, check_value, is_empty};

/// Most of one part on one line.
const MOST: i64 = 1_000_000;

fn wrong(writing: &mut Writing<'_>, field: String, problem: Problem) {
    writing.errors.push(FieldError::new(field, problem));
}

/// Whether a line's id was never given before.
fn fresh(writing: &mut Writing<'_>, list: &str, line: &Line) -> bool {
    let taken = writing.record.lists.values().flatten().any(|other| other.id == line.id);
    if taken {
        wrong(writing, list.into(), Problem::Repeated);
    }
    !taken
}

/// Parts used: out of the technician's van unless another place is named; a line is struck out, never edited.
pub(super) fn parts(writing: &mut Writing<'_>, actor: &Actor, given: &Given) {
    let columns = writing.rules.template.field(PARTS).map(|field| field.columns.clone()).unwrap_or_default();
    for line in &given.add {
        if !fresh(writing, PARTS, line) {
            continue;
        }
        let mut values = line.values.clone();
        values.retain(|_, value| !is_empty(Some(value)));
        for (key, value) in &values {
            let problem = match columns.iter().find(|column| column.key == *key) {
                Some(column) => check_value(column, writing.rules.codes, value, writing.rules.now).err(),
                None if ["from", "old_serial"].contains(&key.as_str()) => None,
                None => Some((Problem::UnknownField, None)),
            };
            if let Some((problem, detail)) = problem {
                writing.errors.push(FieldError { field: format!("{PARTS}.{key}"), problem, detail });
            }
        }
        for key in ["name", "part", "count"] {
            if !values.contains_key(key) {
                wrong(writing, format!("{PARTS}.{key}"), Problem::Required);
            }
        }
        if values.get("count").and_then(Value::as_i64).is_some_and(|count| !(1..=MOST).contains(&count)) {
            wrong(writing, format!("{PARTS}.count"), Problem::OutOfRange);
        }
        let own = stock::van(actor.seat);
        let from = values.entry("from".into()).or_insert_with(|| json!(own));
        if from.as_str().is_none_or(|from| from != own && from != stock::STORE && from != stock::CUSTOMER) {
            wrong(writing, format!("{PARTS}.from"), Problem::UnknownOption);
        }
        values.entry("old".into()).or_insert_with(|| json!("none"));
        let line = Line { id: line.id, values, struck: false };
        writing.draft.add.entry(PARTS.into()).or_default().push(line);
    }
    for id in &given.strike {
        match standing(writing.record, PARTS).any(|line| line.id == *id) {
            true => writing.draft.strike.push(*id),
            false => wrong(writing, "strike".into(), Problem::UnknownOption),
        }
    }
}

/// Photos, each with `when`, `sha256` and its size; struck out like any line.
pub(super) fn photos(writing: &mut Writing<'_>, given: &Given) {
    for line in &given.add {
        let text = |key: &str| column(line, key).and_then(Value::as_str).unwrap_or_default();
        if !["before", "after"].contains(&text("when")) {
            wrong(writing, format!("{PHOTOS}.when"), Problem::UnknownOption);
        }
        if text("sha256").len() != 64 {
            wrong(writing, format!("{PHOTOS}.sha256"), Problem::Required);
        }
        if fresh(writing, PHOTOS, line) {
            let mut line = line.clone();
            line.values.insert("at".into(), json!(moment(writing.rules.now)));
            writing.draft.add.entry(PHOTOS.into()).or_default().push(line);
        }
    }
    for id in &given.strike {
        match standing(writing.record, PHOTOS).any(|line| line.id == *id) {
            true => writing.draft.strike.push(*id),
            false => wrong(writing, "strike".into(), Problem::UnknownOption),
        }
    }
}

/// What became of the old part of the line `of`: sent by the technician, received as the office confirms (已确认).
pub(super) fn returns(writing: &mut Writing<'_>, actor: &Actor, given: &Given) {
    let [line] = given.add.as_slice() else { return wrong(writing, RETURNS.into(), Problem::Required) };
    let text = |key: &str| column(line, key).and_then(Value::as_str).unwrap_or_default().to_string();
    let of = Uuid::try_parse(&text("of")).ok();
    if !standing(writing.record, PARTS).any(|part| Some(part.id) == of) {
        wrong(writing, format!("{RETURNS}.of"), Problem::UnknownOption);
    }
    let office = actor.holds(&[role::RECORDS, role::DISPATCHER, role::SUPERVISOR]);
    match text("old").as_str() {
        "none" | "pending" | "sent" => {}
        "confirmed" if office => {}
        "confirmed" => wrong(writing, format!("{RETURNS}.old"), Problem::NotYours),
        _ => wrong(writing, format!("{RETURNS}.old"), Problem::UnknownOption),
    }
    if fresh(writing, RETURNS, line) {
        let mut values = line.values.clone();
        values.retain(|key, value| ["of", "old", "tracking"].contains(&key.as_str()) && !is_empty(Some(value)));
        values.insert("at".into(), json!(moment(writing.rules.now)));
        values.insert("who".into(), json!(actor.name));
        writing.draft.add.entry(RETURNS.into()).or_default().push(Line { id: line.id, values, struck: false });
    }
}

/// A signature, or why there is none; bound to what the sheet says by its hash.
pub(super) fn signature(writing: &mut Writing<'_>, given: &Given) {
    let [line] = given.add.as_slice() else { return wrong(writing, signature::LIST.into(), Problem::Required) };
    let text = |key: &str| column(line, key).and_then(Value::as_str).unwrap_or_default().trim().to_string();
    let field = |key: &str| format!("{}.{key}", signature::LIST);
    let party = text("party");
    if !signature::PARTIES.contains(&party.as_str()) {
        wrong(writing, field("party"), Problem::UnknownOption);
    }
    let declined = text("declined");
    let mut values = crate::Values::new();
    match declined.as_str() {
        "" => {
            if signature::strokes(&text("path")).is_none() {
                wrong(writing, field("path"), Problem::Required);
            }
            values.insert("path".into(), json!(text("path")));
        }
        "refused" | "absent" if party == signature::CUSTOMER => {
            if text("reason").is_empty() {
                wrong(writing, field("reason"), Problem::Required);
            }
            values.insert("declined".into(), json!(declined));
            values.insert("reason".into(), json!(text("reason").chars().take(400).collect::<String>()));
        }
        _ => wrong(writing, field("declined"), Problem::UnknownOption),
    }
    let who = if party == signature::TECHNICIAN { "engineer" } else { "customer.name" };
    let name = Some(text("name")).filter(|name| !name.is_empty());
    let name = name.or_else(|| writing.record.text(who).map(str::to_string)).unwrap_or_default();
    values.insert("party".into(), json!(party));
    values.insert("name".into(), json!(name.chars().take(80).collect::<String>()));
    values.insert("content".into(), json!(given.content));
    values.insert("at".into(), json!(moment(writing.rules.now)));
    if fresh(writing, signature::LIST, line) {
        let line = Line { id: line.id, values, struck: false };
        writing.draft.add.entry(signature::LIST.into()).or_default().push(line);
    }
}
