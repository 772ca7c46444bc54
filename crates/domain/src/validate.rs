//! Checks the values of a form against its template. Only what the procedure needs is required.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::phone::Phone;
use crate::{Author, CodeLists, Field, FieldKind, Template, Values};

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Empty, but the procedure needs it.
    Required,
    /// Not of the kind that the field holds.
    WrongKind,
    /// Longer than `detail` characters.
    TooLong,
    /// `detail` is not one of the options.
    UnknownOption,
    /// Not a telephone number.
    NotAPhone,
    /// Not an e-mail address.
    NotAnEmail,
    /// Not a date, or not one that exists.
    NotADate,
    /// Below nought or beyond reason.
    OutOfRange,
    /// Lies in the future.
    InTheFuture,
    /// The form has no such field.
    UnknownField,
    /// Given more than once.
    Repeated,
    /// The program fills this in itself.
    NotYours,
    /// No number that this device set aside for paper and that still waits for its form.
    NotReserved,
}

/// A field that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FieldError {
    /// Field key; for imported JSON the place in the input, as `[3].客户.电话`.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
    /// The bound that was passed, or the value that is unknown, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
}

impl FieldError {
    /// A problem of `field` that needs no further word.
    pub fn new(field: impl Into<String>, problem: Problem) -> Self {
        FieldError { field: field.into(), problem, detail: None }
    }
}

/// Times a clock may run ahead of ours before a moment counts as lying in the future.
const LEEWAY: TimeDelta = TimeDelta::minutes(5);

/// Years that a form can speak of; others are slips of the hand.
const YEARS: RangeInclusive<i32> = 1900..=2200;
/// Longest telephone and e-mail address where the template names no bound.
const MAX_PHONE: u32 = 40;
const MAX_EMAIL: u32 = 120;

/// Fields that tell what has happened, and so cannot lie in the future.
const PAST: [&str; 3] = ["received_at", "occurred_at", "product.purchased_on"];

/// Checks a whole form: every value present, and the presence of what is required. Empty when it may be registered.
pub fn check_form(
    template: &Template,
    codes: &CodeLists,
    values: &Values,
    now: DateTime<FixedOffset>,
) -> Vec<FieldError> {
    let mut errors = check_values(template, codes, values, now);
    errors.extend(
        template
            .fields()
            .filter(|f| f.required && is_empty(values.get(&f.key)))
            .map(|f| FieldError::new(&f.key, Problem::Required)),
    );
    errors
}

/// Checks only the values given, as a correction does; emptying a required field is refused.
pub fn check_values(
    template: &Template,
    codes: &CodeLists,
    values: &Values,
    now: DateTime<FixedOffset>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, value) in values {
        let Some(field) = template.field(key) else {
            errors.push(FieldError::new(key, Problem::UnknownField));
            continue;
        };
        let not_typed = matches!(field.by, Author::System | Author::Sign) || field.kind == FieldKind::Lines;
        if not_typed && !value.is_null() {
            errors.push(FieldError::new(key, Problem::NotYours));
        } else if !is_empty(Some(value)) {
            errors.extend(check_value(field, codes, value, now).err().map(|(problem, detail)| FieldError {
                field: key.clone(),
                problem,
                detail,
            }));
        }
    }
    errors
}

/// Whether a value counts as not filled in.
pub fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(members)) => match members.get("text") {
            Some(text) => is_empty(Some(text)),
            None => members.is_empty(),
        },
        Some(_) => false,
    }
}

type Verdict = Result<(), (Problem, Option<String>)>;

fn wrong(problem: Problem) -> Verdict {
    Err((problem, None))
}

/// Checks one value of one line's column or field.
pub fn check_value(field: &Field, codes: &CodeLists, value: &Value, now: DateTime<FixedOffset>) -> Verdict {
    match field.kind {
        FieldKind::Text => check_line(field.max, value),
        FieldKind::Long => check_text(field.max, value),
        FieldKind::Phone => {
            check_line(field.max.or(Some(MAX_PHONE)), value)?;
            match Phone::parse(text(value)?) {
                None => wrong(Problem::NotAPhone),
                Some(_) => Ok(()),
            }
        }
        FieldKind::Email => {
            check_line(field.max.or(Some(MAX_EMAIL)), value)?;
            match text(value)?.trim().split_once('@') {
                Some((name, host)) if !name.is_empty() && host.contains('.') && !host.contains(['@', ' ']) => Ok(()),
                _ => wrong(Problem::NotAnEmail),
            }
        }
        FieldKind::Marked => check_marked(field, value),
        FieldKind::Date => {
            let typed = text(value)?;
            let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d").map_err(|_| (Problem::NotADate, None))?;
            // The parser also takes signs, spaces and missing noughts, which would neither sort nor compare.
            if day.format("%Y-%m-%d").to_string() != typed || !YEARS.contains(&day.year()) {
                return wrong(Problem::NotADate);
            }
            not_future(field, day > now.date_naive())
        }
        FieldKind::Datetime => not_future(field, a_moment(value)? > now + LEEWAY),
        FieldKind::Integer | FieldKind::Money | FieldKind::Size => match value.as_i64() {
            None => wrong(Problem::WrongKind),
            Some(n) if !(0..=1_000_000_000_000).contains(&n) => wrong(Problem::OutOfRange),
            Some(_) => Ok(()),
        },
        FieldKind::Choice => check_option(field, codes, value),
        FieldKind::Choices => match value {
            Value::Array(items) => items.iter().try_for_each(|item| check_option(field, codes, item)),
            _ => wrong(Problem::WrongKind),
        },
        FieldKind::Flag => {
            if value.is_boolean() {
                Ok(())
            } else {
                wrong(Problem::WrongKind)
            }
        }
        FieldKind::Dated => match value {
            Value::Object(members) => members.iter().try_for_each(|(code, moment)| {
                check_option(field, codes, &Value::String(code.clone()))?;
                a_moment(moment).map(|_| ())
            }),
            _ => wrong(Problem::WrongKind),
        },
        FieldKind::Lines | FieldKind::Number | FieldKind::Signature => wrong(Problem::NotYours),
    }
}

fn text(value: &Value) -> Result<&str, (Problem, Option<String>)> {
    value.as_str().ok_or((Problem::WrongKind, None))
}

fn a_moment(value: &Value) -> Result<DateTime<FixedOffset>, (Problem, Option<String>)> {
    let moment = DateTime::parse_from_rfc3339(text(value)?).ok().filter(|m| YEARS.contains(&m.year()));
    moment.ok_or((Problem::NotADate, None))
}

fn not_future(field: &Field, ahead: bool) -> Verdict {
    if ahead && PAST.contains(&field.key.as_str()) { wrong(Problem::InTheFuture) } else { Ok(()) }
}

fn check_length(max: Option<u32>, text: &str) -> Verdict {
    match max {
        Some(max) if text.chars().count() > max as usize => Err((Problem::TooLong, Some(max.to_string()))),
        _ => Ok(()),
    }
}

/// A text of one line: nothing in it that paper, lists and exports could not show.
fn check_line(max: Option<u32>, value: &Value) -> Verdict {
    let text = text(value)?;
    check_length(max, text)?;
    if text.contains(char::is_control) { wrong(Problem::WrongKind) } else { Ok(()) }
}

/// A text of several lines.
fn check_text(max: Option<u32>, value: &Value) -> Verdict {
    let text = text(value)?;
    check_length(max, text)?;
    let unseen = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.contains(unseen) { wrong(Problem::WrongKind) } else { Ok(()) }
}

fn check_marked(field: &Field, value: &Value) -> Verdict {
    let text = value.get("text").ok_or((Problem::WrongKind, None))?;
    check_text(field.max, text)?;
    let length = text.as_str().map_or(0, |t| t.chars().count()) as u64;
    let mut from = 0;
    for mark in value.get("marks").and_then(Value::as_array).into_iter().flatten() {
        match mark.as_array().map(Vec::as_slice) {
            Some([start, end]) => match (start.as_u64(), end.as_u64()) {
                (Some(start), Some(end)) if from <= start && start < end && end <= length => from = end,
                _ => return wrong(Problem::OutOfRange),
            },
            _ => return wrong(Problem::WrongKind),
        }
    }
    Ok(())
}

fn check_option(field: &Field, codes: &CodeLists, value: &Value) -> Verdict {
    let code = text(value)?;
    match field.list.as_deref().and_then(|key| codes.list(key)) {
        Some(list) if list.offers(code) => Ok(()),
        _ => Err((Problem::UnknownOption, Some(code.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-02T09:00:00+08:00").unwrap()
    }

    fn form() -> Values {
        let fields = json!({
            "received_at": "2026-11-02T08:41:00+08:00", "channel": "hotline", "customer.name": "𠮷田", "kind": "complaint",
            "description": {"text": "火焰突然熄灭😡", "marks": [[0, 2], [4, 7]]},
        });
        serde_json::from_value(fields).unwrap()
    }

    #[track_caller]
    fn check(key: &str, value: Value, expected: Option<Problem>) {
        let mut values = form();
        values.insert(key.into(), value.clone());
        let errors = check_form(&Template::registration(), &CodeLists::shipped(), &values, now());
        assert_eq!(errors.iter().find(|e| e.field == key).map(|e| e.problem), expected, "{key} = {value}");
    }

    #[test]
    fn texts_have_bounds_and_no_unseen_characters() {
        let phone = |n: usize| json!(format!("138{}8000", " ".repeat(n - 7)));
        check("customer.phone", phone(40), None);
        check("customer.phone", phone(41), Some(Problem::TooLong));
        let email = |n: usize| json!(format!("{}@chenxi.example", "s".repeat(n - 15)));
        check("customer.email", email(120), None);
        check("customer.email", email(121), Some(Problem::TooLong));
        let mut field = Template::registration().field("customer.email").unwrap().clone();
        field.max = None;
        let verdict = check_value(&field, &CodeLists::shipped(), &email(121), now());
        assert_eq!(verdict, Err((Problem::TooLong, Some("120".into()))));
        for unseen in ["陈\n秀英", "陈\t秀英", "陈\u{0}秀英", "陈\u{85}秀英"] {
            check("customer.name", json!(unseen), Some(Problem::WrongKind));
        }
        check("customer.phone", json!("138\u{0}8000"), Some(Problem::WrongKind));
        check("customer.email", json!("shan\u{7}@chenxi.example"), Some(Problem::WrongKind));
        for (text, expected) in [("一\r\n\t二", None), ("一\u{0}二", Some(Problem::WrongKind))] {
            check("description", json!({"text": text, "marks": []}), expected);
            check("handling.cause", json!(text), expected);
        }
    }

    #[test]
    fn dates_are_written_one_way_and_within_reason() {
        for wrong in ["+2026-11-02", "2026-1-2", "2026- 1-02", " 2026-11-02", "1899-12-31", "2201-01-01", "0026-11-02"]
        {
            check("product.installed_on", json!(wrong), Some(Problem::NotADate));
        }
        for right in ["1900-01-01", "2200-12-31"] {
            check("product.installed_on", json!(right), None);
        }
        for wrong in ["1899-12-31T23:59:59+08:00", "2201-01-01T00:00:00+08:00", "2026-11-09T09:20:00", "2026-11-09"] {
            check("reply_by", json!(wrong), Some(Problem::NotADate));
            check("consents", json!({"visit": wrong}), Some(Problem::NotADate));
        }
        for right in ["1900-01-01T00:00:00+08:00", "2200-12-31T23:59:59+08:00", "2026-11-09t01:20:00z"] {
            check("reply_by", json!(right), None);
            check("consents", json!({"visit": right}), None);
        }
    }

    #[test]
    fn only_what_the_procedure_needs_is_required() {
        let errors = check_form(&Template::registration(), &CodeLists::shipped(), &Values::new(), now());
        let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["channel", "received_at", "customer.name", "kind", "description"]);
        assert!(errors.iter().all(|e| e.problem == Problem::Required));
        assert_eq!(check_form(&Template::registration(), &CodeLists::shipped(), &form(), now()), []);
    }

    #[test]
    fn each_kind_refuses_what_it_is_not() {
        check("customer.name", json!("  "), Some(Problem::Required));
        check("customer.name", json!(7), Some(Problem::WrongKind));
        check("customer.name", json!("长".repeat(81)), Some(Problem::TooLong));
        check("customer.name", json!("长".repeat(80)), None);
        check("customer.phone", json!("0571-8888 1234 转 801"), None);
        check("customer.phone", json!("没有"), Some(Problem::NotAPhone));
        check("customer.phone", json!(""), None);
        check("customer.email", json!("shan@chenxi-sp.example"), None);
        check("customer.email", json!("shan@chenxi"), Some(Problem::NotAnEmail));
        check("product.purchased_on", json!("2026-02-30"), Some(Problem::NotADate));
        check("product.purchased_on", json!("2026-11-03"), Some(Problem::InTheFuture));
        check("product.purchased_on", json!("2026-11-02"), None);
        check("received_at", json!("2026-11-02T09:20:00+08:00"), Some(Problem::InTheFuture));
        check("reply_by", json!("2026-11-09T09:20:00+08:00"), None);
        check("ring_count", json!(3), None);
        check("ring_count", json!(-1), Some(Problem::OutOfRange));
        check("ring_count", json!("3"), Some(Problem::WrongKind));
        check("channel", json!("hologram"), Some(Problem::UnknownOption));
        check("demands", json!(["refund", "apology"]), None);
        check("demands", json!(["refund", "x"]), Some(Problem::UnknownOption));
        check("consents", json!({"visit": "2026-11-02T08:45:00+08:00"}), None);
        check("consents", json!({"visit": true}), Some(Problem::WrongKind));
        check("immediate", json!("yes"), Some(Problem::WrongKind));
        check("number", json!("KF-1"), Some(Problem::NotYours));
        check("nonsense", json!(1), Some(Problem::UnknownField));
        check("description", json!({"text": "短", "marks": [[0, 2]]}), Some(Problem::OutOfRange));
        check("description", json!({"text": "重叠", "marks": [[0, 2], [1, 2]]}), Some(Problem::OutOfRange));
        check("description", json!({"text": " ", "marks": []}), Some(Problem::Required));
    }
}
