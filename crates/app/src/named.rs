//! People whom an act names: the form keeps the name, the course of the process the seat. Either one is enough to find
//! the other, as long as it means one colleague.

use serde_json::{Value, json};
use uuid::Uuid;

use kefu_domain::Values;
use kefu_domain::validate::{FieldError, Problem};

use crate::wire::{Colleague, Failure};

/// Fields that name a person, beside which stands his seat.
const FIELDS: [&str; 4] = ["dispatch.handler", "transfer.to", "close.delegate", "visitor"];
/// Columns that do, by list.
const COLUMNS: [(&str, &str); 3] = [("measures", "owner"), ("tasks", "owner"), ("queries", "whom")];

/// Whether the field `key` names a person.
pub(crate) fn named(key: &str) -> bool {
    FIELDS.iter().any(|field| key.starts_with(field))
}

/// Whether lines of `list` name a person.
pub(crate) fn list(list: &str) -> bool {
    COLUMNS.iter().any(|(of, _)| *of == list)
}

/// Completes the people in the values of an act.
///
/// # Errors
/// A seat that is nobody's here.
pub(crate) fn complete(values: &mut Values, colleagues: &[Colleague]) -> Result<(), Failure> {
    let wanted = values.get("dispatch.department").and_then(Value::as_str).map(str::to_string);
    FIELDS.iter().try_for_each(|key| one(values, key, key, wanted.as_deref(), colleagues))
}

/// Completes the people in a line of `list`.
///
/// # Errors
/// A seat that is nobody's here.
pub(crate) fn complete_line(list: &str, values: &mut Values, colleagues: &[Colleague]) -> Result<(), Failure> {
    let mut named = COLUMNS.iter().filter(|(of, _)| *of == list);
    named.try_for_each(|(_, key)| one(values, key, &format!("{list}.{key}"), None, colleagues))
}

fn one(
    values: &mut Values,
    key: &str,
    shown: &str,
    department: Option<&str>,
    colleagues: &[Colleague],
) -> Result<(), Failure> {
    let seat_key = format!("{key}_seat");
    let text =
        |values: &Values, key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_string();
    let (name, seat) = (text(values, key), text(values, &seat_key));
    if !seat.is_empty() {
        let found = Uuid::try_parse(&seat).ok().and_then(|id| colleagues.iter().find(|c| c.id == id));
        let Some(found) = found else {
            let detail = Some(if name.is_empty() { seat } else { name });
            let error = FieldError { field: shown.into(), problem: Problem::UnknownOption, detail };
            return Err(Failure::fields(vec![error]));
        };
        values.insert(key.into(), json!(found.name));
        return Ok(());
    }
    if name.is_empty() {
        return Ok(());
    }
    let named =
        || colleagues.iter().filter(|c| c.name == name || (!c.employee_number.is_empty() && c.employee_number == name));
    let of_department = |c: &&Colleague| department.is_none_or(|d| d == c.department);
    // Two of one name: the one of the department that is meant, if that is one.
    let mut found = named().filter(of_department);
    let only = found.next().filter(|_| found.next().is_none());
    let only = only.or_else(|| {
        let mut all = named();
        all.next().filter(|_| all.next().is_none())
    });
    if let Some(colleague) = only {
        values.insert(key.into(), json!(colleague.name));
        values.insert(seat_key, json!(colleague.id.to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: Value, expected: Result<Value, Problem>) {
        let colleague = |id: u128, name: &str, number: &str, department: &str| Colleague {
            id: Uuid::from_u128(id),
            name: name.into(),
            employee_number: number.into(),
            department: department.into(),
            roles: vec![],
        };
        let all = [
            colleague(1, "周工", "201", "维修部"),
            colleague(2, "王伟", "202", "维修部"),
            colleague(3, "王伟", "203", "销售部"),
        ];
        let mut values: Values = serde_json::from_value(given.clone()).unwrap();
        let result = complete(&mut values, &all);
        let found = result.map(|()| json!(values)).map_err(|failure| failure.fields[0].problem);
        assert_eq!(found, expected, "{given}");
    }

    #[test]
    fn a_name_finds_its_seat_and_a_seat_its_name() {
        let seat = |id: u128| Uuid::from_u128(id).to_string();
        let both = json!({"transfer.to": "周工", "transfer.to_seat": seat(1)});
        check(json!({"transfer.to": "周工"}), Ok(both.clone()));
        check(json!({"transfer.to": "201"}), Ok(both.clone()));
        check(json!({"transfer.to_seat": seat(1)}), Ok(both));
        check(json!({"transfer.to": "王伟"}), Ok(json!({"transfer.to": "王伟"})));
        check(json!({"transfer.to": "外人"}), Ok(json!({"transfer.to": "外人"})));
        check(json!({"transfer.to": "周工", "transfer.to_seat": seat(9)}), Err(Problem::UnknownOption));
        check(
            json!({"dispatch.department": "销售部", "dispatch.handler": "王伟"}),
            Ok(json!({"dispatch.department": "销售部", "dispatch.handler": "王伟", "dispatch.handler_seat": seat(3)})),
        );
        check(json!({"dispatch.department": "客服部"}), Ok(json!({"dispatch.department": "客服部"})));
    }
}
