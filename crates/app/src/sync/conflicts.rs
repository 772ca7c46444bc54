//! Conflicts: a field that two wrote without seeing each other. Both values are shown with who and when; whoever may correct
//! the record decides, by a change that names all of them.

use std::collections::BTreeSet;

use kefu_domain::change::{Setting, act, kind};
use kefu_domain::channels;
use kefu_domain::decide::{self, Correction, Draft};
use kefu_domain::knowledge::Entry;
use kefu_domain::privacy::{Mask, Sight};
use kefu_domain::process::permit;
use kefu_domain::{Cell, Record, Stamp, Values};
use serde_json::Value;
use uuid::Uuid;

use super::Identity;
use super::problems::names;
use super::standing::moment;
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::wire::{Code, Conflict, ConflictValue, Failure, ResolveRequest};

/// Kinds whose conflicts can be decided here; those of a newer version wait for it.
const KINDS: [&str; 11] = [
    kind::FORM,
    kind::COMPANY,
    kind::MEMBER,
    kind::TEMPLATE,
    kind::RULES,
    kind::YEARS,
    kind::SCRIPT,
    kind::KNOWLEDGE,
    kind::CUSTOMER,
    kind::PRODUCT,
    kind::CHANNEL,
];

/// Said in the log of a decision.
const REASON: &str = "两处改动，裁定其一";

impl Desk {
    /// Fields that were written on two devices unseen of each other.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn conflicts(&self) -> Result<Vec<Conflict>, Failure> {
        let open = self.open()?;
        let found = open.store.conflicts().await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let (names, identity, eyes) = (names(&open).await?, Identity::read(&open).await?, Eyes::of(&open).await?);
        let zone = *self.now().offset();
        let mut all = Vec::new();
        for (id, record) in &found {
            let decidable = may_decide(&open, &eyes, record);
            let hidden = !sees(&open, &eyes, *id, record).await?;
            for (field, cell) in record.fields.iter().filter(|(_, cell)| cell.is_contested()) {
                let shown = |value: &Value| if hidden { masked(&open, record, field, value) } else { value.clone() };
                let one = |value: &Value, at: Stamp, seat: Uuid, counts: bool| ConflictValue {
                    value: shown(value),
                    member: names.get(&seat).cloned().unwrap_or_default(),
                    device: identity.as_ref().map(|identity| identity.code_of(at.device)).unwrap_or_default(),
                    at: moment(at.ms, zone).unwrap_or_default(),
                    stamp: at.to_string(),
                    counts,
                };
                let mut values = vec![one(&cell.value, cell.at, cell.seat, true)];
                let mut rivals: Vec<_> = cell.rivals.iter().collect();
                rivals.sort_by_key(|rival| std::cmp::Reverse(rival.at));
                values.extend(rivals.into_iter().map(|rival| one(&rival.value, rival.at, rival.seat, false)));
                let (field, kind) = (field.clone(), record.kind.clone());
                all.push(Conflict { id: *id, kind, title: title(&open, record), field, values, decidable });
            }
        }
        Ok(all)
    }

    /// Decides a conflict. A value that came in since it was shown stays one.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::NotAllowed`], [`Code::Masked`] for who does not see the values as they are,
    /// [`Code::NothingChanged`] where it is decided already, [`Code::InvalidFields`] where a new value does not fit the field.
    pub async fn resolve_conflict(&self, request: ResolveRequest) -> Result<Vec<Conflict>, Failure> {
        let open = self.open()?;
        let eyes = Eyes::of(&open).await?;
        let seen = open.store.record(request.id).await?.unwrap_or_default();
        let sees = sees(&open, &eyes, request.id, &seen).await?;
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(request.id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        if !may_decide(&open, &eyes, &record) {
            return Err(Failure::new(Code::NotAllowed));
        }
        let cell = record.fields.get(&request.field).ok_or_else(|| Failure::new(Code::NotFound))?;
        if !cell.is_contested() {
            return Err(Failure::new(Code::NothingChanged));
        }
        let unseen = |value: &Value| masked(&open, &record, &request.field, value) != *value;
        if !sees && cell.rivals.iter().map(|rival| &rival.value).chain([&cell.value]).any(unseen) {
            return Err(Failure::new(Code::Masked));
        }
        let seen: BTreeSet<Stamp> = request.seen.iter().filter_map(|text| text.parse().ok()).collect();
        let was: Vec<Stamp> = record.stamps(&request.field).into_iter().filter(|at| seen.contains(at)).collect();
        let to = match (&request.choose, request.value) {
            (Some(stamp), _) => chosen(cell, stamp).ok_or_else(|| Failure::new(Code::NotFound))?,
            (None, Some(value)) => fitting(&open, &door, &request.field, request.id, &record, value)?,
            (None, None) => Value::Null,
        };
        let kind = KINDS.iter().find(|kind| **kind == record.kind).ok_or_else(|| Failure::new(Code::NotAllowed))?;
        let mut draft = Draft::new(request.id, kind, act::CORRECT);
        draft.reason = Some(REASON.into());
        draft.set.insert(request.field, Setting { to, was });
        door.write(draft, eyes.actor().seat).await?;
        door.commit().await?;
        self.conflicts().await
    }
}

/// The value written at `stamp`.
fn chosen(cell: &Cell, stamp: &str) -> Option<Value> {
    let stamp: Stamp = stamp.parse().ok()?;
    let rival = || cell.rivals.iter().find(|rival| rival.at == stamp).map(|rival| rival.value.clone());
    if cell.at == stamp { Some(cell.value.clone()) } else { rival() }
}

/// A new value as the form takes it; other records take what their two authors gave only.
fn fitting(
    open: &Open,
    door: &kefu_local::Door,
    field: &str,
    id: Uuid,
    record: &Record,
    value: Value,
) -> Result<Value, Failure> {
    if record.kind != kind::FORM {
        return Err(Failure::new(Code::NotAllowed));
    }
    let values = Values::from([(field.to_owned(), value)]);
    let form = open.form();
    let asked = Correction { values, reason: REASON.into(), ..Correction::default() };
    let mut draft = decide::correct(form.rules(door.now()), id, record, asked)?;
    Ok(draft.set.remove(field).map(|setting| setting.to).unwrap_or_default())
}

/// A form is decided by whoever may correct it; what belongs to the company by an administrator.
fn may_decide(open: &Open, eyes: &Eyes, record: &Record) -> bool {
    match record.kind.as_str() {
        kind::FORM => permit(eyes.actor(), record, act::CORRECT).is_ok(),
        kind::CUSTOMER | kind::PRODUCT => eyes.registers() || open.administrator().is_ok(),
        _ => open.administrator().is_ok(),
    }
}

/// Whether he sees the values of a record in clear: a form as ever, a sheet as its form, what else tells of customers where
/// he takes their calls.
pub(super) async fn sees(open: &Open, eyes: &Eyes, id: Uuid, record: &Record) -> Result<bool, Failure> {
    Ok(match record.kind.as_str() {
        kind::FORM => eyes.sight(open, id, record) == Sight::Clear,
        kind::SERVICE => eyes.sees_sheet(open, record).await?,
        other if kind::SHARED.contains(&other) || [kind::STOCK, kind::CHANNEL].contains(&other) => true,
        _ => eyes.registers(),
    })
}

fn masked(open: &Open, record: &Record, field: &str, value: &Value) -> Value {
    let form = open.form();
    Mask::of(&words(record), &form.whole).value(field, value)
}

/// The values by which a mask knows who a record tells of. What lost by the clock may still stand in a text that is shown.
pub(super) fn words(record: &Record) -> Vec<Values> {
    let rivals = record
        .fields
        .iter()
        .flat_map(|(key, cell)| cell.rivals.iter().map(|rival| Values::from([(key.clone(), rival.value.clone())])));
    rivals.chain([record.values()]).collect()
}

/// What a record goes by.
fn title(open: &Open, record: &Record) -> String {
    if record.kind == kind::CHANNEL {
        let code = record.text(channels::CODE).unwrap_or_default();
        return open.form().codes.label(channels::LIST, code).to_owned();
    }
    let named = ["number", "name"].iter().find_map(|key| record.text(key));
    let entry = || Some(Entry::read(Uuid::nil(), record)?.title);
    named.map(str::to_owned).or_else(entry).unwrap_or_default()
}
