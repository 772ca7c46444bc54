//! Departments of the company: a list of its own, and whatever else members name as theirs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use kefu_domain::Record;
use kefu_domain::change::{Setting, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::validate::{FieldError, Problem};

use crate::desk::{Desk, only_record};
use crate::seat::members;
use crate::wire::{Code, Department, Departments, DepartmentsRequest, Failure};

/// Field of the company's record: an array of objects with `name` and, where there is one, `code`.
const FIELD: &str = "departments";
/// Longest name, in characters; a code takes a quarter of it.
const LONGEST: usize = 80;

impl Desk {
    /// The departments, listed and named.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn departments(&self) -> Result<Departments, Failure> {
        let open = self.open()?;
        let company = open.store.record(only_record(kind::COMPANY)).await?.unwrap_or_default();
        let departments: Vec<Department> =
            kept(&company).iter().filter_map(|one| serde_json::from_value(Value::Object(one.clone())).ok()).collect();
        let listed: BTreeSet<&str> = departments.iter().map(|one| one.name.as_str()).collect();
        let mut named = Vec::new();
        for (_, member) in members(&open.store).await?.into_iter().filter(|(_, member)| member.active) {
            let name = member.department;
            if !name.is_empty() && !listed.contains(name.as_str()) && !named.contains(&name) {
                named.push(name);
            }
        }
        Ok(Departments { departments, named })
    }

    /// Lists the departments anew; only administrators do. Members keep the department they name.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::InvalidFields`] with places as `departments[2].name`, [`Code::NothingChanged`].
    pub async fn save_departments(&self, request: DepartmentsRequest) -> Result<Departments, Failure> {
        let open = self.open()?;
        let seat = open.administrator()?;
        let asked: Vec<Department> = request.departments.into_iter().map(trimmed).collect();
        check(&asked)?;
        let id = only_record(kind::COMPANY);
        let mut door = open.store.door(self.now()).await?;
        let company = door.record(id).await?.unwrap_or_default();
        let before = kept(&company);
        let to: Vec<Value> = asked.into_iter().map(|one| Value::Object(merged(&before, one))).collect();
        if json!(to) == json!(before) {
            return Err(Failure::new(Code::NothingChanged));
        }
        let mut draft = Draft::new(id, kind::COMPANY, act::CONFIGURE);
        draft.set.insert(FIELD.into(), Setting { to: json!(to), was: company.stamps(FIELD) });
        door.write(draft, seat.id).await?;
        door.commit().await?;
        self.departments().await
    }
}

/// The list as it stands, each with whatever a newer version put beside name and code.
fn kept(company: &Record) -> Vec<Map<String, Value>> {
    let list = company.get(FIELD).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_object).cloned().collect()
}

/// A department over what is kept of the one with the same code, or else the same name.
fn merged(before: &[Map<String, Value>], one: Department) -> Map<String, Value> {
    let same = |key: &str, value: Option<&str>| {
        value.and_then(|value| before.iter().find(|kept| kept.get(key).and_then(Value::as_str) == Some(value)))
    };
    let found = same("code", one.code.as_deref()).or_else(|| same("name", Some(&one.name)));
    let mut object = found.cloned().unwrap_or_default();
    object.insert("name".into(), json!(one.name));
    match one.code {
        Some(code) => object.insert("code".into(), json!(code)),
        None => object.remove("code"),
    };
    object
}

fn trimmed(one: Department) -> Department {
    let code = one.code.map(|code| code.trim().to_string()).filter(|code| !code.is_empty());
    Department { code, name: one.name.trim().to_string() }
}

fn check(all: &[Department]) -> Result<(), Failure> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, one) in all.iter().enumerate() {
        let texts = [("name", Some(&one.name), LONGEST), ("code", one.code.as_ref(), LONGEST / 4)];
        for (key, text, longest) in texts {
            let Some(text) = text else { continue };
            let field = format!("{FIELD}[{index}].{key}");
            if text.is_empty() {
                errors.push(FieldError::new(field, Problem::Required));
            } else if text.chars().count() > longest {
                errors.push(FieldError { field, problem: Problem::TooLong, detail: Some(longest.to_string()) });
            } else if !seen.insert((key, text)) {
                errors.push(FieldError::new(field, Problem::Repeated));
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::fields(errors)) }
}
