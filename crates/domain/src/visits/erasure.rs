//! Erasure on a customer's demand (个人信息保护法 47): what he said and who he is goes, what counts in the statistics stays.

use serde_json::Value;
use uuid::Uuid;

use crate::change::{Setting, act, kind};
use crate::decide::Draft;
use crate::visits::HANDS;
use crate::{Change, Record};

/// Fields that tell of our own work and not of him. A list of what may stay: a field that nobody thought of is destroyed.
const KEPT: [&str; 22] = [
    "occasion",
    "number",
    "form",
    "form_number",
    "matter",
    "round",
    "stratum",
    "plan",
    "plan_on",
    "basis",
    "working_days",
    "due",
    "due_missing_year",
    "tries_needed",
    "department",
    "actual_at",
    "means",
    "visitor",
    "visitor_seat",
    "questionnaire",
    "first",
    "months",
];

/// Whether a value stays: ratings do, words do not.
fn stays(key: &str, value: &Value) -> bool {
    KEPT.contains(&key)
        || key == HANDS
        || ["answer.solved", "answer.overall"].contains(&key)
        || key.starts_with("source.")
        || (key.starts_with("answer.") && value.is_number())
}

/// The change that empties a visit, or a plan of visits, of what tells of its customer.
pub fn erasure(id: Uuid, record: &Record, reason: &str) -> Draft {
    let kind = if record.kind == kind::VISIT_PLAN { kind::VISIT_PLAN } else { kind::VISIT };
    let mut draft = Draft::new(id, kind, act::ERASE);
    draft.reason = Some(reason.into());
    let gone = record.fields.iter().filter(|(key, cell)| !stays(key, &cell.value));
    draft.set = gone.map(|(key, _)| (key.clone(), Setting { to: Value::Null, was: record.stamps(key) })).collect();
    draft.strike = record.lists.values().flatten().filter(|line| !line.struck).map(|line| line.id).collect();
    draft
}

/// What of a change is left in the log.
pub fn redacted(change: &Change) -> Change {
    let mut left = change.clone();
    left.reason = None;
    left.set.retain(|key, setting| stays(key, &setting.to));
    for line in left.add.values_mut().flatten() {
        line.values.retain(|column, _| ["at", "outcome", "type"].contains(&column.as_str()));
    }
    left
}
