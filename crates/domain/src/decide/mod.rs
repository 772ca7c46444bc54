//! Decides whether an act is allowed and what it writes. Pure: refuses, or gives the draft of a change.
//!
//! [`act()`] does any act of the process for a person; [`register`], [`correct`], [`void`] and [`print()`] know no person
//! and ask for the state alone.

mod act;
mod consent;
mod correct;
mod line;
mod register;
mod undo;
mod visit;
mod write;

#[cfg(test)]
mod tests;

pub use act::{Asked, act};
pub use correct::{Correction, correct};
pub use register::register;
pub use visit::visit;

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, SecondsFormat, Timelike};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::{Line, Setting, act as acts, kind};
use crate::process::Why;
use crate::process::table::rows_in;
use crate::validate::FieldError;
use crate::{CodeLists, Field, FieldKind, Record, Template, Values};

/// A change before the log gives it its place and stamp.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Record it belongs to.
    pub record: Uuid,
    /// Kind of that record.
    pub kind: &'static str,
    /// What is done.
    pub act: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// Fields set.
    pub set: BTreeMap<String, Setting>,
    /// Lines added.
    pub add: BTreeMap<String, Vec<Line>>,
    /// Lines struck out.
    pub strike: Vec<Uuid>,
}

impl Draft {
    /// A change that sets nothing yet.
    pub fn new(record: Uuid, kind: &'static str, act: &'static str) -> Self {
        Draft { record, kind, act, reason: None, set: BTreeMap::new(), add: BTreeMap::new(), strike: Vec::new() }
    }

    /// Sets fields of a record that has none of them yet.
    pub fn setting(mut self, values: Values) -> Self {
        self.set.extend(values.into_iter().map(|(key, to)| (key, Setting { to, was: Vec::new() })));
        self
    }
}

/// Why an act is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Fields stand in the way.
    #[error("fields are missing or wrong")]
    Fields(Vec<FieldError>),
    /// The state does not allow it.
    #[error("the state of the form does not allow this")]
    NotNow,
    /// A reason is required.
    #[error("a reason is required")]
    ReasonRequired,
    /// It would change nothing.
    #[error("nothing would change")]
    NothingChanged,
    /// The table refuses it to this person in this state.
    #[error("not allowed: {0:?}")]
    Denied(Why),
}

/// What the rules need to know of the desk.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The form, the company's own fields included.
    pub template: &'a Template,
    /// Options of its choice fields.
    pub codes: &'a CodeLists,
    /// Now, in the desk's zone.
    pub now: DateTime<FixedOffset>,
}

/// Who receives: the fields that the program fills in from the seat.
#[derive(Debug, Clone, Copy)]
pub struct Receiver<'a> {
    /// Name.
    pub name: &'a str,
    /// 工号.
    pub employee_number: &'a str,
    /// Department.
    pub department: &'a str,
}

/// List that holds a form's files.
pub const ATTACHMENTS: &str = "attachments";

/// Declares a form void (作废), with a reason. It keeps its number and stays readable.
pub fn void(id: Uuid, record: &Record, why: &str) -> Result<Draft, Refusal> {
    if rows_in(acts::VOID, &record.state).next().is_none() {
        return Err(Refusal::NotNow);
    }
    let mut draft = Draft::new(id, kind::FORM, acts::VOID);
    draft.reason = Some(reason(why)?);
    Ok(draft)
}

/// Counts a copy that leaves the desk.
pub fn print(id: Uuid) -> Draft {
    Draft::new(id, kind::FORM, acts::PRINT)
}

fn reason(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::ReasonRequired) } else { Ok(text.to_string()) }
}

/// A checked value as the log keeps it: moments written one way, so that they sort and compare as text.
fn canonical(field: Option<&Field>, value: Value) -> Value {
    let rewritten = |value: &Value| {
        let parsed = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        parsed.map_or_else(|| value.clone(), |at| json!(moment(at)))
    };
    match (field.map(|f| f.kind), &value) {
        (Some(FieldKind::Datetime), _) => rewritten(&value),
        (Some(FieldKind::Dated), Value::Object(members)) => {
            Value::Object(members.iter().map(|(code, at)| (code.clone(), rewritten(at))).collect())
        }
        _ => value,
    }
}

/// A moment as values keep it: RFC 3339 to the second, in its own zone.
pub fn moment(at: DateTime<FixedOffset>) -> String {
    at.with_nanosecond(0).unwrap_or(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}
