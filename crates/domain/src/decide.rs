//! Decides whether an act is allowed and what it writes. Pure: refuses, or gives the draft of a change.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, SecondsFormat, Timelike};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::{Line, Setting, act, kind};
use crate::fold::state;
use crate::number::FormNumber;
use crate::validate::{FieldError, check_form, check_value, check_values, is_empty};
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
    if record.state != state::REGISTERED {
        return Err(Refusal::NotNow);
    }
    let mut errors = check_values(rules.template, rules.codes, &asked.values, rules.now);
    let emptied = |key: &str| asked.values.get(key).is_some_and(|v| is_empty(Some(v)));
    errors.extend(
        rules
            .template
            .fields()
            .filter(|f| f.required && emptied(&f.key))
            .map(|f| FieldError::new(&f.key, crate::validate::Problem::Required)),
    );
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
    use crate::validate::Problem;
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

/// Declares a form void (作废), with a reason. It keeps its number and stays readable.
pub fn void(id: Uuid, record: &Record, why: &str) -> Result<Draft, Refusal> {
    if record.state != state::REGISTERED {
        return Err(Refusal::NotNow);
    }
    let mut draft = Draft::new(id, kind::FORM, act::VOID);
    draft.reason = Some(reason(why)?);
    Ok(draft)
}

/// Counts a copy that leaves the desk.
pub fn print(id: Uuid) -> Draft {
    Draft::new(id, kind::FORM, act::PRINT)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Change, ENCODING};
    use crate::{Act, Stamp};

    fn rules<'a>(template: &'a Template, codes: &'a CodeLists) -> Rules<'a> {
        Rules { template, codes, now: DateTime::parse_from_rfc3339("2026-11-02T09:00:00+08:00").unwrap() }
    }

    fn values() -> Values {
        serde_json::from_value(json!({
            "received_at": "2026-11-02T08:41:00+08:00", "channel": "hotline", "customer.name": "陈秀英",
            "kind": "complaint", "description": {"text": "E1", "marks": []}, "ring_count": 4, "mood": "",
        }))
        .unwrap()
    }

    fn registered() -> Record {
        let (template, codes) = (Template::registration(), CodeLists::shipped());
        let number = FormNumber { day: "2026-11-02".parse().unwrap(), device: "A".parse().unwrap(), serial: 1 };
        let receiver = Receiver { name: "孙丽", employee_number: "108", department: "" };
        let draft = register(rules(&template, &codes), Uuid::nil(), &number, receiver, values(), vec![]).unwrap();
        let mut record = Record::default();
        record.apply(&change(draft, 1));
        record
    }

    fn change(draft: Draft, ms: u64) -> Change {
        Change {
            v: ENCODING,
            id: Uuid::from_u128(ms.into()),
            seq: ms,
            at: Stamp { ms, n: 0, device: Uuid::nil() },
            zone: 480,
            seat: Uuid::nil(),
            record: draft.record,
            kind: draft.kind.into(),
            act: Act::from(draft.act),
            reason: draft.reason,
            set: draft.set,
            add: draft.add,
            strike: draft.strike,
        }
    }

    #[test]
    fn registering_adds_what_the_program_knows() {
        let record = registered();
        assert_eq!(record.state, state::REGISTERED);
        assert_eq!(record.text("number"), Some("KF-20261102-A-0001"));
        assert_eq!(record.text("registered_at"), Some("2026-11-02T09:00:00+08:00"));
        assert_eq!(record.get("picked_in_three"), Some(&json!(false)), "the fourth ring is too late");
        assert!(!record.fields.contains_key("mood") && !record.fields.contains_key("receiver.department"));
    }

    #[test]
    fn moments_are_kept_in_one_writing() {
        let (template, codes) = (Template::registration(), CodeLists::shipped());
        let number = FormNumber { day: "2026-11-02".parse().unwrap(), device: "A".parse().unwrap(), serial: 1 };
        let receiver = Receiver { name: "孙丽", employee_number: "", department: "" };
        let mut asked = values();
        asked.insert("received_at".into(), json!("2026-11-02 00:41:00.250z"));
        asked.insert("occurred_at".into(), json!("2026-11-01t22:00:00+09:00"));
        asked.insert("consents".into(), json!({"visit": "2026-11-02T08:45:00.5+08:00"}));
        let draft = register(rules(&template, &codes), Uuid::nil(), &number, receiver, asked, vec![]).unwrap();
        assert_eq!(draft.set["received_at"].to, json!("2026-11-02T00:41:00+00:00"));
        assert_eq!(draft.set["occurred_at"].to, json!("2026-11-01T22:00:00+09:00"), "the offset entered stays");
        assert_eq!(draft.set["consents"].to, json!({"visit": "2026-11-02T08:45:00+08:00"}));

        let mut record = Record::default();
        record.apply(&change(draft, 1));
        let line = |at: &str| Line { id: Uuid::nil(), values: [("at".into(), json!(at))].into(), struck: false };
        let asked = Correction {
            values: [
                ("occurred_at".into(), json!("2026-11-01 22:00:00.9+09:00")),
                ("reply_by".into(), json!("2026-11-03 08:00:00z")),
            ]
            .into(),
            add: [("process".into(), vec![line("2026-11-02 08:50:00+08:00")])].into(),
            reason: "补记".into(),
            ..Default::default()
        };
        let draft = correct(rules(&template, &codes), Uuid::nil(), &record, asked).unwrap();
        assert!(!draft.set.contains_key("occurred_at"), "the same moment is no correction");
        assert_eq!(draft.set["reply_by"].to, json!("2026-11-03T08:00:00+00:00"));
        assert_eq!(draft.add["process"][0].values["at"], json!("2026-11-02T08:50:00+08:00"));
    }

    #[test]
    fn a_correction_needs_a_reason_and_a_difference() {
        let (template, codes) = (Template::registration(), CodeLists::shipped());
        let record = registered();
        let ask = |key: &str, value: Value, reason: &str| {
            let asked =
                Correction { values: [(key.into(), value)].into(), reason: reason.into(), ..Default::default() };
            correct(rules(&template, &codes), Uuid::nil(), &record, asked)
        };
        assert_eq!(ask("customer.name", json!("陈秀瑛"), " "), Err(Refusal::ReasonRequired));
        assert_eq!(ask("customer.name", json!("陈秀英"), "无"), Err(Refusal::NothingChanged));
        assert!(
            matches!(ask("customer.name", json!(""), "无"), Err(Refusal::Fields(_))),
            "a required field stays filled"
        );
        assert!(matches!(ask("number", json!("KF-2"), "无"), Err(Refusal::Fields(_))), "a number never changes");
        let draft = ask("ring_count", json!(2), "听录音更正").unwrap();
        assert_eq!(draft.set["ring_count"].was, record.stamps("ring_count"));
        assert_eq!(draft.set["picked_in_three"].to, json!(true));
    }

    #[test]
    fn a_void_form_is_left_alone() {
        let mut record = registered();
        assert_eq!(void(Uuid::nil(), &record, ""), Err(Refusal::ReasonRequired));
        record.apply(&change(void(Uuid::nil(), &record, "重复登记").unwrap(), 2));
        assert_eq!(void(Uuid::nil(), &record, "再次"), Err(Refusal::NotNow));
        assert_eq!(record.state, state::VOIDED);
    }
}
