//! One form with all there is to it: the sheet and its timeline.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Offset};
use serde_json::Value;
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::{ATTACHMENTS, moment};
use kefu_domain::{Change, Line, Record};

use crate::desk::Desk;
use crate::privacy::sighted_view;
use crate::wire::{Attachment, Code, Failure, FieldChange, FormView, TimelineEntry};

impl Desk {
    /// The form with this id.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn show(&self, id: Uuid) -> Result<FormView, Failure> {
        let open = self.open()?;
        let changes = open.store.changes_of(id).await?;
        if changes.first().is_none_or(|first| first.kind != kind::FORM) {
            return Err(Failure::new(Code::NotFound));
        }
        let members = open.store.records_of(kind::MEMBER).await?;
        let names: HashMap<Uuid, String> =
            members.iter().map(|(id, m)| (*id, m.text("name").unwrap_or_default().to_string())).collect();
        sighted_view(&open, view(id, &changes, &names)).await
    }

    /// The form with this number.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn show_number(&self, number: &str) -> Result<FormView, Failure> {
        self.show(self.id_of(number).await?).await
    }

    /// Record id of the form with this number.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn id_of(&self, number: &str) -> Result<Uuid, Failure> {
        let number = kefu_domain::text::to_half_width(number.trim()).to_uppercase();
        self.open()?.store.form_by_number(&number).await?.ok_or_else(|| Failure::new(Code::NotFound))
    }
}

/// Folds the changes step by step, so that each entry of the timeline knows what it replaced.
fn view(id: Uuid, changes: &[Change], names: &HashMap<Uuid, String>) -> FormView {
    let mut record = Record::default();
    let mut timeline = Vec::with_capacity(changes.len());
    for change in changes {
        timeline.push(entry(&record, change, names));
        record.apply(change);
    }
    timeline.reverse();
    let attachments = record.lists.get(ATTACHMENTS).into_iter().flatten().filter(|l| !l.struck).filter_map(attachment);
    FormView {
        id,
        number: record.text("number").unwrap_or_default().into(),
        state: record.state.clone(),
        values: record.values(),
        attachments: attachments.collect(),
        copies: record.copies,
        timeline,
        conflicts: record.fields.iter().filter(|(_, c)| !c.rivals.is_empty()).map(|(k, _)| k.clone()).collect(),
        lists: record.lists,
        offers: Vec::new(),
        clocks: Vec::new(),
        course: Default::default(),
        statutory: Vec::new(),
        masked: false,
    }
}

fn entry(before: &Record, change: &Change, names: &HashMap<Uuid, String>) -> TimelineEntry {
    let fields = change.set.iter().map(|(field, setting)| FieldChange {
        field: field.clone(),
        from: before.get(field).cloned().unwrap_or(Value::Null),
        to: setting.to.clone(),
    });
    let struck = before.lists.values().flatten().filter(|line| change.strike.contains(&line.id)).cloned();
    TimelineEntry {
        id: change.id,
        at: at(change),
        member: names.get(&change.seat).cloned().unwrap_or_default(),
        act: change.act.clone(),
        reason: change.reason.clone(),
        fields: if change.act == act::REGISTER { Vec::new() } else { fields.collect() },
        added: change.add.clone(),
        struck: struck.collect(),
    }
}

/// When a change was made, in its author's zone.
fn at(change: &Change) -> String {
    let zone = FixedOffset::east_opt(change.zone.saturating_mul(60)).unwrap_or_else(|| chrono::Utc.fix());
    let time = DateTime::from_timestamp_millis(i64::try_from(change.at.ms).unwrap_or(i64::MAX)).unwrap_or_default();
    moment(time.with_timezone(&zone))
}

/// A line of the attachments list as the wire has it.
pub(crate) fn attachment(line: &Line) -> Option<Attachment> {
    let text = |key: &str| line.values.get(key).and_then(Value::as_str).map(str::to_string);
    Some(Attachment {
        id: line.id,
        name: text("name")?,
        mime: text("mime").unwrap_or_default(),
        size: line.values.get("size").and_then(Value::as_u64).unwrap_or(0),
        sha256: text("sha256")?,
        added_at: text("added_at").unwrap_or_default(),
    })
}
