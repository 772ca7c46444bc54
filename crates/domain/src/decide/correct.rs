//! Corrects or completes a form after registration (更正), with a reason.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{ATTACHMENTS, Draft, Refusal, Rules, canonical, reason};
use crate::change::{Line, Setting, act, kind};
use crate::fold::state;
use crate::process::table::rows_in;
use crate::validate::{FieldError, Problem, check_value, check_values, is_empty};
use crate::{FieldKind, Record, Values};

/// Fields that acts write once the form is under way: a correction would move it past the table.
const WRITTEN_BY_ACTS: [&str; 9] = [
    "dispatch.department",
    "dispatch.handler",
    "dispatch.by",
    "dispatch.at",
    "dispatch.accepted_at",
    "closing.by",
    "closing.at",
    "filing.by",
    "filing.at",
];

/// A correction after registration, as asked for.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// New values; null empties a field.
    pub values: Values,
    /// Lines to add.
    pub add: BTreeMap<String, Vec<Line>>,
    /// Lines to strike out.
    pub strike: Vec<Uuid>,
    /// Why.
    pub reason: String,
}

/// Corrects or completes a form (更正), with a reason. The number and what else the program filled in stay as they are.
pub fn correct(rules: Rules<'_>, id: Uuid, record: &Record, asked: Correction) -> Result<Draft, Refusal> {
    if rows_in(act::CORRECT, &record.state).next().is_none() {
        return Err(Refusal::NotNow);
    }
    let mut errors = check_values(rules.template, rules.codes, &asked.values, rules.now);
    let emptied = |key: &str| asked.values.get(key).is_some_and(|v| is_empty(Some(v)));
    errors.extend(
        rules
            .template
            .fields()
            .filter(|f| f.required && emptied(&f.key))
            .map(|f| FieldError::new(&f.key, Problem::Required)),
    );
    if record.state != state::REGISTERED {
        let written = WRITTEN_BY_ACTS.into_iter().filter(|key| asked.values.contains_key(*key));
        errors.extend(written.map(|key| FieldError::new(key, Problem::NotYours)));
        // Who verifies a measure is decided by the act that does it (R10).
        let mut measures = asked.add.get("measures").into_iter().flatten();
        if measures.any(|line| !is_empty(line.values.get("verifier"))) {
            errors.push(FieldError::new("measures.verifier", Problem::NotYours));
        }
    }
    errors.extend(asked.add.iter().flat_map(|(list, lines)| check_lines(rules, list, lines)));
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let mut draft = Draft::new(id, kind::FORM, act::CORRECT);
    for (key, to) in asked.values {
        let to = if is_empty(Some(&to)) { Value::Null } else { canonical(rules.template.field(&key), to) };
        let before = record.get(&key).cloned().unwrap_or(Value::Null);
        let decides = record.fields.get(&key).is_some_and(|c| !c.rivals.is_empty());
        if to != before || decides {
            draft.set.insert(key.clone(), Setting { to, was: record.stamps(&key) });
        }
    }
    // What follows from a field is corrected with it.
    if let Some(rings) = draft.set.get("ring_count") {
        let in_three = rings.to.as_i64().map_or(Value::Null, |n| json!(n <= 3));
        let was = record.stamps("picked_in_three");
        draft.set.insert("picked_in_three".into(), Setting { to: in_three, was });
    }
    draft.add = asked.add.into_iter().filter(|(_, lines)| !lines.is_empty()).collect();
    for (list, lines) in &mut draft.add {
        let columns = rules.template.field(list).map(|f| f.columns.as_slice()).unwrap_or_default();
        for (key, value) in lines.iter_mut().flat_map(|l| &mut l.values) {
            *value = canonical(columns.iter().find(|c| c.key == *key), value.take());
        }
    }
    let standing = |id: &Uuid| record.lists.values().flatten().any(|l| l.id == *id && !l.struck);
    draft.strike = asked.strike.into_iter().filter(standing).collect();
    if draft.set.is_empty() && draft.add.is_empty() && draft.strike.is_empty() {
        return Err(Refusal::NothingChanged);
    }
    draft.reason = Some(reason(&asked.reason)?);
    Ok(draft)
}

fn check_lines(rules: Rules<'_>, list: &str, lines: &[Line]) -> Vec<FieldError> {
    if list == ATTACHMENTS {
        return Vec::new(); // made by the program
    }
    let Some(field) = rules.template.field(list).filter(|f| f.kind == FieldKind::Lines) else {
        return vec![FieldError::new(list, Problem::UnknownField)];
    };
    let mut errors = Vec::new();
    for (key, value) in lines.iter().flat_map(|l| &l.values).filter(|(_, v)| !is_empty(Some(v))) {
        let verdict = match field.columns.iter().find(|c| c.key == *key) {
            Some(column) => check_value(column, rules.codes, value, rules.now),
            None => Err((Problem::UnknownField, None)),
        };
        errors.extend(verdict.err().map(|(problem, detail)| FieldError {
            field: format!("{list}.{key}"),
            problem,
            detail,
        }));
    }
    errors
}
