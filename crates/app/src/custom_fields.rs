//! The company's own fields on the form (自定义栏目): added, changed, retired, never deleted.

use std::sync::{Arc, PoisonError};

use serde_json::json;

use kefu_domain::change::{Setting, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::template::{CUSTOM_PREFIX, CustomField};
use kefu_domain::validate::{FieldError, Problem};
use kefu_domain::{FieldKind, Template};

use crate::desk::{Desk, Form, only_record};
use crate::failure::logged;
use crate::wire::{Code, CustomFieldRequest, CustomFields, DeskInfo, Failure};

/// Kinds a company may choose for a field of its own.
const KINDS: [FieldKind; 6] =
    [FieldKind::Text, FieldKind::Long, FieldKind::Date, FieldKind::Integer, FieldKind::Flag, FieldKind::Choice];

impl Desk {
    /// All of the company's own fields, retired ones included.
    ///
    /// # Errors
    /// The desk is locked.
    pub fn custom_fields(&self) -> Result<CustomFields, Failure> {
        Ok(CustomFields { fields: self.open()?.form().custom.clone() })
    }

    /// Adds a field (empty key) or changes one. The kind of a field never changes, since forms hold values of it.
    ///
    /// # Errors
    /// [`Code::InvalidFields`], [`Code::NotFound`], [`Code::NothingChanged`].
    pub async fn save_custom_field(&self, request: CustomFieldRequest) -> Result<DeskInfo, Failure> {
        let open = self.open()?;
        let mut field = request.field;
        field.label = field.label.trim().to_string();
        field.options = field.options.iter().map(|o| o.trim().to_string()).filter(|o| !o.is_empty()).collect();
        field.options.dedup();
        let form = open.form();
        check(&field, &form.template)?;
        let before = form.custom.iter().find(|c| c.key == field.key);
        if field.key.is_empty() {
            field.key = format!("{CUSTOM_PREFIX}{}", uuid::Uuid::now_v7().simple());
        } else {
            let before = before.ok_or_else(|| Failure::new(Code::NotFound))?;
            if before.kind != field.kind {
                return Err(Failure::fields(vec![FieldError::new("kind", Problem::WrongKind)]));
            }
            if *before == field {
                return Err(Failure::new(Code::NothingChanged));
            }
        }
        let id = only_record(kind::TEMPLATE);
        let mut door = open.store.door(self.now()).await?;
        let was = door.record(id).await?.map(|record| record.stamps(&field.key)).unwrap_or_default();
        let to = serde_json::to_value(&field).map_err(|error| logged(Code::Internal, &error))?;
        let mut draft = Draft::new(id, kind::TEMPLATE, act::CONFIGURE);
        draft.set.insert(field.key.clone(), Setting { to: json!(to), was });
        door.write(draft, open.seat().id).await?;
        door.commit().await?;
        let fresh = Arc::new(Form::load(&open.store).await?);
        *open.form.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        self.info().await
    }
}

fn check(field: &CustomField, template: &Template) -> Result<(), Failure> {
    let mut errors = Vec::new();
    if field.label.is_empty() {
        errors.push(FieldError::new("label", Problem::Required));
    } else if field.label.chars().count() > 20 {
        errors.push(FieldError { field: "label".into(), problem: Problem::TooLong, detail: Some("20".into()) });
    }
    if !KINDS.contains(&field.kind) {
        errors.push(FieldError::new("kind", Problem::WrongKind));
    }
    if template.blocks.iter().all(|b| b.key != field.block) {
        errors.push(FieldError::new("block", Problem::UnknownOption));
    }
    if field.kind == FieldKind::Choice && field.options.is_empty() {
        errors.push(FieldError::new("options", Problem::Required));
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::fields(errors)) }
}
