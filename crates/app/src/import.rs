//! Registers forms from JSON, keys in Chinese as on the paper form: one object or an array.
//!
//! What is wrong is named with its place; the good forms of an array are kept all the same.

mod read;

use serde_json::{Map, Value, json};

use kefu_domain::validate::{FieldError, Problem};
use kefu_domain::{Author, CodeLists, Field, FieldKind, Template, Values};

use crate::desk::{Desk, Form};
use crate::wire::{Code, Failure, RegisterRequest, Registered};
use read::{Entry, Input, read};

/// Registers every good form in `text`. The last entry tells where the JSON itself breaks off, if it does.
///
/// # Errors
/// The desk is locked, or the disk fails; what was answered before is kept. `done` does not hear of it.
pub async fn import(
    desk: &Desk,
    text: &str,
    mut done: impl FnMut(&Result<Registered, Failure>),
) -> Result<(), Failure> {
    let form = desk.open()?.form();
    let Input { array, entries, broken } = read(text);
    for (index, entry) in entries.into_iter().enumerate() {
        let place = if array { format!("[{index}]") } else { String::new() };
        let result = match values_of(&form, &entry, &place) {
            Err(errors) => Err(Failure::fields(errors)),
            Ok(values) => {
                let request = RegisterRequest { draft: None, values, attachments: Vec::new(), call: None };
                desk.register(request).await.map_err(|failure| placed(failure, &form.template, &place))
            }
        };
        match result {
            // A full disk would refuse all the others too.
            Err(failure) if ends_all(failure.code) => return Err(failure),
            result => done(&result),
        }
    }
    if let Some(error) = broken {
        let place = format!("第 {} 行第 {} 列", error.line(), error.column());
        done(&Err(Failure::new(Code::BadJson).with("place", place)));
    }
    Ok(())
}

fn ends_all(code: Code) -> bool {
    matches!(code, Code::DiskFull | Code::Storage | Code::Locked | Code::DatabaseUnreadable)
}

/// Keys of the input that are shorter than the labels of the form.
const SHORT: [(&str, &str); 8] = [
    ("渠道", "channel"),
    ("铃响", "ring_count"),
    ("描述", "description"),
    ("客户.名称", "customer.name"),
    ("客户.类型", "customer.type"),
    ("客户.地址", "customer.address"),
    ("产品.名称", "product.name"),
    ("情绪", "mood"),
];

/// Path of a field in the input: groups 客户 and 产品, everything else at the top, by label.
fn path_of(template: &Template, field: &Field) -> String {
    if let Some((short, _)) = SHORT.iter().find(|(_, key)| *key == field.key) {
        return (*short).into();
    }
    match field.key.as_str() {
        "kind" | "category" => "类别".into(),
        _ => long_path(template, field),
    }
}

fn long_path(template: &Template, field: &Field) -> String {
    let block = template.blocks.iter().find(|b| b.rows.iter().flatten().any(|f| f.key == field.key));
    match block.filter(|b| matches!(b.key.as_str(), "customer" | "product")) {
        Some(block) => format!("{}.{}", block.label, field.label),
        None => field.label.clone(),
    }
}

fn field_at<'a>(template: &'a Template, path: &str) -> Option<&'a Field> {
    if let Some((_, key)) = SHORT.iter().find(|(short, _)| *short == path) {
        return template.field(key);
    }
    // Its number is given for a form that was written on paper (补录).
    let typed = |f: &&Field| (f.by == Author::Intake && f.kind != FieldKind::Lines) || f.kind == FieldKind::Number;
    template.fields().filter(typed).find(|f| long_path(template, f) == path)
}

/// Field errors of the form become errors of the input's places.
fn placed(mut failure: Failure, template: &Template, place: &str) -> Failure {
    for error in &mut failure.fields {
        if let Some(field) = template.field(&error.field) {
            error.field = joined(place, &path_of(template, field));
        }
    }
    failure
}

fn joined(place: &str, path: &str) -> String {
    if place.is_empty() { path.into() } else { format!("{place}.{path}") }
}

fn values_of(form: &Form, entry: &Entry, place: &str) -> Result<Values, Vec<FieldError>> {
    let Value::Object(members) = &entry.value else {
        let field = if place.is_empty() { "$".into() } else { place.to_string() };
        return Err(vec![FieldError::new(field, Problem::WrongKind)]);
    };
    let mut reader = Reader { form, place, values: Values::new(), errors: Vec::new() };
    for path in &entry.repeated {
        reader.error(path, Problem::Repeated, None);
    }
    reader.members("", members);
    if reader.errors.is_empty() { Ok(reader.values) } else { Err(reader.errors) }
}

struct Reader<'a> {
    form: &'a Form,
    place: &'a str,
    values: Values,
    errors: Vec<FieldError>,
}

impl Reader<'_> {
    fn members(&mut self, group: &str, members: &Map<String, Value>) {
        for (name, value) in members {
            let path = joined(group, name);
            match value {
                // Groups are objects: a flat `客户.名称` beside the group would take the other's place.
                _ if group.is_empty() && name.contains('.') => self.error(&path, Problem::UnknownField, None),
                Value::Object(inner) if group.is_empty() && (name == "客户" || name == "产品") => {
                    self.members(name, inner)
                }
                _ if path == "客户" || path == "产品" => self.error(&path, Problem::WrongKind, None),
                _ if path == "类别" => self.category(value),
                _ => self.field(&path, value),
            }
        }
    }

    fn error(&mut self, path: &str, problem: Problem, detail: Option<String>) {
        self.errors.push(FieldError { field: joined(self.place, path), problem, detail });
    }

    /// `["投诉", "产品故障"]`, the second optional.
    fn category(&mut self, value: &Value) {
        match value.as_array().map(Vec::as_slice) {
            Some(levels @ ([_] | [_, _])) => {
                for (i, (key, level)) in ["kind", "category"].into_iter().zip(levels).enumerate() {
                    self.choice(&format!("类别[{i}]"), key, key, level);
                }
            }
            _ => self.error("类别", Problem::WrongKind, None),
        }
    }

    fn choice(&mut self, path: &str, key: &str, list: &str, value: &Value) {
        if let Some(code) = self.code(path, list, value) {
            self.put(path, key, json!(code));
        }
    }

    /// A field has more than one name (描述, 问题描述): given under both, neither may silently win.
    fn put(&mut self, path: &str, key: &str, value: Value) {
        if self.values.insert(key.into(), value).is_some() {
            self.error(path, Problem::Repeated, None);
        }
    }

    fn code(&mut self, path: &str, list: &str, value: &Value) -> Option<String> {
        let Some(label) = value.as_str() else {
            self.error(path, Problem::WrongKind, None);
            return None;
        };
        let code = lookup(&self.form.codes, list, label);
        if code.is_none() {
            self.error(path, Problem::UnknownOption, Some(label.into()));
        }
        code
    }

    fn field(&mut self, path: &str, value: &Value) {
        let form = self.form;
        let Some(field) = field_at(&form.template, path) else {
            return self.error(path, Problem::UnknownField, None);
        };
        let list = field.list.as_deref().unwrap_or_default();
        match (field.kind, value) {
            (_, Value::Null) => {}
            (FieldKind::Choice, _) => self.choice(path, &field.key, list, value),
            (FieldKind::Choices, Value::Array(items)) => {
                let codes: Vec<String> = (items.iter().enumerate())
                    .filter_map(|(i, item)| self.code(&format!("{path}[{i}]"), list, item))
                    .collect();
                self.put(path, &field.key, json!(codes));
            }
            (FieldKind::Dated, Value::Object(members)) => {
                let mut dated = Map::new();
                for (label, at) in members {
                    let path = format!("{path}.{label}");
                    let Some(code) = self.code(&path, list, &json!(label)) else { continue };
                    if dated.insert(code, at.clone()).is_some() {
                        self.error(&path, Problem::Repeated, None);
                    }
                }
                self.put(path, &field.key, Value::Object(dated));
            }
            (FieldKind::Marked, Value::String(text)) => {
                self.put(path, &field.key, json!({ "text": text, "marks": [] }));
            }
            (FieldKind::Choices | FieldKind::Dated | FieldKind::Marked, _) => {
                self.error(path, Problem::WrongKind, None)
            }
            _ => {
                self.put(path, &field.key, value.clone());
            }
        }
    }
}

fn lookup(codes: &CodeLists, list: &str, label: &str) -> Option<String> {
    codes.list(list)?.code_of(label.trim()).map(str::to_string)
}
