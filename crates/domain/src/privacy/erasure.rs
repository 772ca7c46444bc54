//! Erasure on a customer's demand (个人信息保护法 47): which fields are destroyed and which stay for the statistics.

use serde_json::Value;
use uuid::Uuid;

use super::{Class, class};
use crate::{Change, Field, FieldKind, Record, Template, Values};

/// What an erasure writes.
///
/// This empties the record. The log still holds the earlier values and the reasons that were typed; destroying those
/// is for whoever keeps the record's key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Erasure {
    /// Fields to empty, each null.
    pub set: Values,
    /// Lines to strike out: every line, since each holds words.
    pub strike: Vec<Uuid>,
    /// Keys that stay, in the record's order.
    pub keep: Vec<String>,
}

/// Texts that stay: our own people and departments, and what a thing was called that was sold to many.
const KEPT: [&str; 16] = [
    "number",
    "receiver.name",
    "receiver.employee_number",
    "receiver.department",
    "dispatch.department",
    "dispatch.handler",
    "dispatch.co_handlers",
    "dispatch.by",
    "handling.replied_by",
    "outcome.told_by",
    "closing.by",
    "filing.by",
    "filing.class",
    "filing.box",
    "filing.cabinet",
    "product.model",
];

/// Fields of other kinds that tell of one person.
const GONE: [&str; 6] =
    ["customer.salutation", "identity", "consents", "agent.mandate", "product.purchased_on", "product.installed_on"];

/// Whether a field counts in the statistics and tells of nobody. A list of what may stay, not of what must go: a field
/// that nobody thought of is destroyed.
fn stays(field: &Field) -> bool {
    let key = field.key.as_str();
    if KEPT.contains(&key) {
        return true;
    }
    if GONE.contains(&key) || class(field) != Class::Open {
        return false;
    }
    let own = key.starts_with(crate::template::CUSTOM_PREFIX);
    match field.kind {
        FieldKind::Choice | FieldKind::Choices | FieldKind::Flag => true,
        FieldKind::Datetime | FieldKind::Integer | FieldKind::Money => !own,
        _ => false,
    }
}

/// What has to be written so that nothing of the customer is left on the form while it still counts: kind, category,
/// channel, times, results. State and copies are no fields and stay by themselves.
pub fn erasure(record: &Record, template: &Template) -> Erasure {
    let mut erasure = Erasure::default();
    for (key, cell) in &record.fields {
        let holds = !cell.value.is_null() || !cell.rivals.is_empty();
        match template.field(key) {
            Some(field) if stays(field) => erasure.keep.push(key.clone()),
            _ if holds => {
                erasure.set.insert(key.clone(), Value::Null);
            }
            _ => {}
        }
    }
    erasure.strike = record.lists.values().flatten().filter(|l| !l.struck).map(|l| l.id).collect();
    erasure
}

/// The change without anything that tells of a person: what is left in the log of a form that was erased, so that its
/// state, its course, its times and what counts in the statistics still follow from the log.
///
/// Fields that stay keep their values, all others lose theirs; a line keeps what is chosen, dated or counted, and the
/// ids of seats and changes, which the fold needs; reasons are gone.
pub fn redacted(change: &Change, template: &Template) -> Change {
    let mut left = change.clone();
    left.reason = None;
    left.seen = None; // an earlier program would not keep it
    left.set.retain(|key, _| ours(key) || template.field(key).is_some_and(stays));
    for (list, line) in left.add.iter_mut().flat_map(|(list, lines)| lines.iter_mut().map(move |line| (list, line))) {
        let columns = template.field(list).map(|f| f.columns.as_slice()).unwrap_or_default();
        line.values.retain(|name, _| {
            ours(name) || columns.iter().any(|c| c.key == *name && stays(c) && c.kind != FieldKind::Flag)
        });
    }
    left
}

/// Keys that hold the id of a seat, a form or a change, or a figure of the process: no template shows them.
fn ours(key: &str) -> bool {
    key.ends_with("_seat") || ["of", "merged_into", "suspension", "escalation.level"].contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Cell;
    use crate::{Line, Stamp};
    use serde_json::json;

    #[test]
    fn only_what_counts_stays() {
        let template = Template::registration();
        let at = Stamp { ms: 1, n: 0, device: Uuid::nil() };
        let mut record = Record::default();
        let keys = template.fields().map(|f| f.key.clone()).chain(["x.gone".to_string(), "future".to_string()]);
        for key in keys {
            record.fields.insert(key, Cell { value: json!("陈秀英"), at, seat: Uuid::nil(), rivals: Vec::new() });
        }
        let line = |id, struck| Line { id: Uuid::from_u128(id), values: Default::default(), struck };
        record.lists.insert("process".into(), vec![line(1, false), line(2, true)]);
        record.lists.insert("future".into(), vec![line(3, false)]);
        let before = record.clone();
        let erasure = erasure(&record, &template);
        assert_eq!(record, before);
        assert!(erasure.set.values().all(Value::is_null));
        assert_eq!(erasure.strike, [Uuid::from_u128(3), Uuid::from_u128(1)], "both lists, in their order");
        let expected = "
            category channel closing.at closing.by complexity customer.confidential customer.type demands dispatch.accepted_at
            dispatch.at dispatch.by dispatch.co_handlers dispatch.department dispatch.handler filing.at filing.box filing.by
            filing.cabinet filing.class filing.retention handling.cause_code handling.cost handling.promised_at
            handling.replied_at handling.replied_by handling.replied_means immediate impact informed judgement kind mood
            number occurred_at occurrence outcome.response outcome.told_at outcome.told_by outcome.told_means picked_in_three
            product.model product.warranty received_at receiver.department receiver.employee_number receiver.name
            registered_at reply_by ring_count risk settled_on_spot severity";
        assert_eq!(erasure.keep, expected.split_whitespace().collect::<Vec<_>>());
        for key in
            ["description", "customer.name", "customer.phone", "handling.cause", "outcome.reaction", "x.gone", "future"]
        {
            assert!(erasure.set.contains_key(key), "{key} must go");
        }
    }

    #[test]
    fn a_company_field_stays_only_as_a_choice() {
        let own = |kind| crate::template::CustomField {
            key: "x.a".into(),
            label: "栏目".into(),
            kind,
            block: "customer".into(),
            options: vec!["甲".into()],
            required: false,
            retired: false,
        };
        let check = |kind, expected| {
            let template = Template::registration().with_custom(&[own(kind)]);
            assert_eq!(stays(template.field("x.a").unwrap()), expected, "{kind:?}");
        };
        check(FieldKind::Choice, true);
        check(FieldKind::Flag, true);
        check(FieldKind::Text, false);
        check(FieldKind::Long, false);
        check(FieldKind::Date, false);
        check(FieldKind::Integer, false);
    }
}
