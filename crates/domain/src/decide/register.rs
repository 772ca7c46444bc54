//! Registers a form (登记): what the receptionist entered, checked whole, and what the program knows itself.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{ATTACHMENTS, Draft, Receiver, Refusal, Rules, canonical, moment};
use crate::Values;
use crate::change::{Line, act, kind};
use crate::number::FormNumber;
use crate::validate::{check_form, is_empty};

/// Registers a form: checks it whole and adds what the program fills in itself.
pub fn register(
    rules: Rules<'_>,
    record: Uuid,
    number: &FormNumber,
    receiver: Receiver<'_>,
    values: Values,
    attachments: Vec<Line>,
) -> Result<Draft, Refusal> {
    let errors = check_form(rules.template, rules.codes, &values, rules.now);
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let filled = values.into_iter().filter(|(_, v)| !is_empty(Some(v)));
    let mut values: Values = filled
        .map(|(key, v)| {
            let v = canonical(rules.template.field(&key), v);
            (key, v)
        })
        .collect();
    if let Some(rings) = values.get("ring_count").and_then(Value::as_i64) {
        values.insert("picked_in_three".into(), json!(rings <= 3)); // R61
    }
    values.insert("number".into(), json!(number.to_string()));
    values.insert("registered_at".into(), json!(moment(rules.now)));
    let seat =
        [("name", receiver.name), ("employee_number", receiver.employee_number), ("department", receiver.department)];
    for (key, value) in seat.into_iter().filter(|(_, v)| !v.is_empty()) {
        values.insert(format!("receiver.{key}"), json!(value));
    }
    let mut draft = Draft::new(record, kind::FORM, act::REGISTER).setting(values);
    if !attachments.is_empty() {
        draft.add.insert(ATTACHMENTS.into(), attachments);
    }
    Ok(draft)
}
