//! Consents (R121): each is dated when given, and its withdrawal is kept with its own date.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::write::Writing;
use super::{Asked, Refusal, moment};
use crate::Line;
use crate::process::demand::Want;
use crate::validate::{FieldError, Problem};

const CONSENTS: &str = "consents";
/// Every giving and withdrawing, as lines.
const LOG: &str = "consent_log";

/// Takes `consents`: option → moment, beside those that were given before.
pub(super) fn give(writing: &mut Writing<'_>, id: Uuid, asked: &Asked) -> Result<(), Refusal> {
    only(writing, CONSENTS, asked);
    let field = writing.rules.template.field(CONSENTS);
    let given = match writing.resolve(field, Want::Given, asked.values.get(CONSENTS), false) {
        Ok(Some(Value::Object(given))) => given,
        Ok(_) => Map::new(),
        Err((problem, detail)) => {
            return Err(Refusal::Fields(vec![FieldError { field: CONSENTS.into(), problem, detail }]));
        }
    };
    let now = writing.rules.now + chrono::TimeDelta::minutes(5);
    let later =
        |at: &Value| at.as_str().and_then(|t| chrono::DateTime::parse_from_rfc3339(t).ok()).is_some_and(|t| t > now);
    if given.values().any(later) {
        writing.errors.push(FieldError::new(CONSENTS, Problem::InTheFuture));
    }
    let mut consents = standing(writing);
    for (code, at) in given {
        log(writing, id, &code, &at, true);
        consents.insert(code, at);
    }
    writing.set(CONSENTS, Value::Object(consents));
    Ok(())
}

/// Takes `consent`: the option that no longer holds.
pub(super) fn withdraw(writing: &mut Writing<'_>, id: Uuid, asked: &Asked) -> Result<(), Refusal> {
    only(writing, "consent", asked);
    let code = match asked.values.get("consent") {
        Some(Value::String(code)) => code,
        _ => return Err(Refusal::Fields(vec![FieldError::new("consent", Problem::Required)])),
    };
    let mut consents = standing(writing);
    consents.remove(code).ok_or(Refusal::NothingChanged)?;
    log(writing, id, code, &json!(moment(writing.rules.now)), false);
    let left = if consents.is_empty() { Value::Null } else { Value::Object(consents) };
    writing.set(CONSENTS, left);
    Ok(())
}

fn only(writing: &mut Writing<'_>, key: &str, asked: &Asked) {
    let others = asked.values.keys().filter(|given| *given != key);
    writing.errors.extend(others.map(|given| FieldError::new(given, Problem::UnknownField)));
}

fn standing(writing: &Writing<'_>) -> Map<String, Value> {
    writing.record.get(CONSENTS).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn log(writing: &mut Writing<'_>, id: Uuid, code: &str, at: &Value, given: bool) {
    let values = [
        ("at".to_string(), at.clone()),
        ("consent".to_string(), json!(code)),
        ("given".to_string(), json!(given)),
        ("who".to_string(), json!(writing.actor.name)),
    ];
    let id = writing.line_id(id, &format!("consent {code}"));
    writing.draft.add.entry(LOG.into()).or_default().push(Line { id, values: values.into(), struck: false });
}
