//! Fills a draft: what a person gave, checked, and what the program puts in its place.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Asked, Draft, Rules, canonical, moment};
use crate::change::Setting;
use crate::process::Actor;
use crate::process::demand::Want;
use crate::validate::{FieldError, Problem, check_value, is_empty};
use crate::{Field, Record, Template, Values};

/// Fields and columns of the process for which the sheet has no cell: the record keeps them all the same.
static UNSEEN: LazyLock<[Template; 2]> = LazyLock::new(|| [Template::process(), Template::visit_process()]);

fn unseen(key: &str) -> impl Iterator<Item = &'static Field> + '_ {
    UNSEEN.iter().filter_map(move |template| template.field(key))
}

/// Times a clock may run ahead of ours before a moment counts as lying in the future.
const LEEWAY: TimeDelta = TimeDelta::minutes(5);

/// A draft while it is being filled.
pub(super) struct Writing<'a> {
    pub rules: Rules<'a>,
    pub actor: &'a Actor,
    pub record: &'a Record,
    pub draft: &'a mut Draft,
    /// What stands in the way so far.
    pub errors: Vec<FieldError>,
}

/// A seat or form that a draft names in `key`.
pub(super) fn given_seat(draft: &Draft, key: &str) -> Option<Uuid> {
    draft.set.get(key).and_then(|setting| setting.to.as_str()).and_then(|text| Uuid::try_parse(text).ok())
}

/// Columns that hold the id of a seat, form or line.
fn holds_id(key: &str) -> bool {
    key.ends_with("_seat") || key == "merged_into"
}

impl Writing<'_> {
    /// Takes the fields of an act.
    pub fn fields(&mut self, wanted: &[(&str, Want)], given: &Values) {
        for key in given.keys().filter(|key| wanted.iter().all(|(wanted, _)| wanted != key)) {
            self.errors.push(FieldError::new(key, Problem::UnknownField));
        }
        for (key, want) in wanted {
            let field = self.rules.template.field(key).or_else(|| unseen(key).next());
            let standing = !is_empty(self.record.get(key));
            let resolved = self.resolve(field, *want, given.get(*key), standing);
            match resolved {
                Ok(None) => {}
                // What is given for this very act stands in its change even where it repeats what the form has: the
                // same person may be asked twice.
                Ok(Some(to)) if !to.is_null() && matches!(want, Want::Given | Want::Anew) => {
                    let was = self.record.fields.get(*key).map(|cell| cell.at).into_iter().collect();
                    self.draft.set.insert(key.to_string(), Setting { to, was });
                }
                Ok(Some(value)) => self.set(key, value),
                Err((problem, detail)) => self.errors.push(FieldError { field: key.to_string(), problem, detail }),
            }
        }
    }

    /// Fills in what only the program knows.
    pub fn put(&mut self, key: &str, want: Want) {
        if let Ok(Some(value)) = self.resolve(None, want, None, false) {
            self.set(key, value);
        }
    }

    /// Sets a field where that changes it. Only the value that counts is named as replaced: a conflict stays one until
    /// somebody decides it by a correction.
    pub fn set(&mut self, key: &str, to: Value) {
        let cell = self.record.fields.get(key);
        if cell.map_or(&Value::Null, |cell| &cell.value) != &to {
            let was = cell.map(|cell| cell.at).into_iter().collect();
            self.draft.set.insert(key.into(), Setting { to, was });
        }
    }

    /// What a field will hold after this draft.
    pub fn outcome(&self, key: &str) -> Option<&Value> {
        self.draft.set.get(key).map(|setting| &setting.to).or_else(|| self.record.get(key))
    }

    /// Id of a line that the program writes itself: the same for the same act of the same person at the same point.
    pub fn line_id(&self, record: Uuid, what: &str) -> Uuid {
        let last = self.record.last.map(|at| at.to_string()).unwrap_or_default();
        Uuid::new_v5(&record, format!("{what} {last} {}", self.actor.seat).as_bytes())
    }

    /// Refuses lines given to an act that writes none.
    pub fn no_lines(&mut self, asked: &Asked) {
        self.errors.extend(asked.add.keys().map(|list| FieldError::new(list, Problem::UnknownField)));
        self.errors.extend(asked.strike.first().map(|_| FieldError::new("strike", Problem::UnknownField)));
    }

    /// The column `key` of the list `list`, of the sheet or unseen.
    pub fn column(&self, list: &str, key: &str) -> Option<&Field> {
        let sheet = self.rules.template.field(list).and_then(|field| field.columns.iter().find(|c| c.key == key));
        sheet.or_else(|| unseen(list).flat_map(|field| &field.columns).find(|c| c.key == key))
    }

    /// The value that a field or column gets; none where it stays as it is.
    pub fn resolve(
        &self,
        field: Option<&Field>,
        want: Want,
        given: Option<&Value>,
        standing: bool,
    ) -> Result<Option<Value>, (Problem, Option<String>)> {
        let present = given.filter(|value| !is_empty(Some(value)));
        let own = match want {
            Want::Now | Want::OrNow => json!(moment(self.rules.now)),
            Want::Me | Want::OrMe => json!(self.actor.name),
            Want::OrClass => json!(self.class()),
            Want::MySeat => json!(self.actor.seat.to_string()),
            Want::Yes => json!(true),
            _ => Value::Null,
        };
        let programs = matches!(want, Want::Now | Want::Me | Want::MySeat | Want::Yes | Want::Emptied);
        match present {
            Some(_) if programs => Err((Problem::NotYours, None)),
            Some(value) => self.checked(field, want, value).map(Some),
            None if programs || matches!(want, Want::OrNow | Want::OrMe | Want::OrClass | Want::Anew) => Ok(Some(own)),
            None if want == Want::Given || (want == Want::Needed && !standing) => Err((Problem::Required, None)),
            None if want == Want::Offered && given.is_some() => Ok(Some(Value::Null)),
            None => Ok(None),
        }
    }

    /// 档案分类 as the regulation has it (R41): 客户类型 and 业务类别, in the words of the code lists.
    fn class(&self) -> String {
        let words = [("customer.type", "customer_type"), ("category", "category")]
            .into_iter()
            .filter_map(|(key, list)| Some(self.rules.codes.label(list, self.outcome(key)?.as_str()?)));
        words.collect::<Vec<_>>().join(" · ")
    }

    fn checked(&self, field: Option<&Field>, want: Want, value: &Value) -> Result<Value, (Problem, Option<String>)> {
        let field = field.ok_or((Problem::UnknownField, None))?;
        check_value(field, self.rules.codes, value, self.rules.now)?;
        if holds_id(&field.key) {
            let id = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
            return id.map(|id| json!(id.to_string())).ok_or((Problem::WrongKind, None));
        }
        let value = canonical(Some(field), value.clone());
        let at = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        if want == Want::OrNow && at.is_some_and(|at| at > self.rules.now + LEEWAY) {
            return Err((Problem::InTheFuture, None));
        }
        Ok(value)
    }
}
