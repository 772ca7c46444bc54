//! One visit with all there is to it.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, FixedOffset};
use serde_json::Value;
use uuid::Uuid;

use kefu_domain::customer::{Party, terms};
use kefu_domain::field::{
    Costs, FORM, PARTS, PHOTOS, acts, crew_id, engineer, follow_up_id, install, sheet as told, signature,
};
use kefu_domain::privacy::Mask;
use kefu_domain::warranty::windows;
use kefu_domain::{Line, Lists, Record};
use kefu_local::Wanted;

use super::list::{Planned, rows};
use super::{Sheet, hash_of, sees_all, sheet};
use crate::actor::actor;
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::products::shown;
use crate::wire::{Code, Failure, PhotoView, ServiceView, SignatureView};

impl Desk {
    /// The visit with this id.
    ///
    /// # Errors
    /// [`Code::NotFound`], also for a technician to whom it is not assigned.
    pub async fn service(&self, id: Uuid) -> Result<ServiceView, Failure> {
        let open = self.open()?;
        let eyes = Eyes::of(&open).await?;
        let record = sheet(&open, eyes.actor(), id).await?;
        view(&open, &eyes, self.now(), id, &record).await
    }

    /// Id of the visit with this 服务单号.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn service_id(&self, number: &str) -> Result<Uuid, Failure> {
        let number = kefu_domain::text::to_half_width(number.trim()).to_uppercase();
        let open = self.open()?;
        let id = open.store.service_by_number(&number).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        sheet(&open, &actor(&open).await?, id).await?;
        Ok(id)
    }
}

/// The sheet as he sees it who looks.
pub(super) async fn view(
    open: &Open,
    eyes: &Eyes,
    now: DateTime<FixedOffset>,
    id: Uuid,
    record: &Record,
) -> Result<ServiceView, Failure> {
    let actor = eyes.actor();
    let hash = hash_of(record);
    let here = here(open, record).await?;
    let (values, mut lists) = told::shown(record, &hash, |photo| here.contains(photo));
    let (product, next) = (Party::of(&values).product, follow_up_id(id));
    let ids: Vec<Uuid> = product.into_iter().chain([next]).chain(engineer(record).map(crew_id)).collect();
    let others: HashMap<Uuid, Record> = open.store.records_with(&ids).await?.into_iter().collect();
    let known = product.and_then(|product| others.get(&product));
    let agreed = terms(known, &values);
    let day = told::slot(record).map_or(now, |(from, _)| from).date_naive();
    let mut history = Vec::new();
    if product.is_some() {
        let engineer = (!sees_all(actor)).then_some(actor.seat);
        let wanted = Wanted { product, engineer, besides: Some(id), ..Wanted::default() };
        history = rows(open, eyes, &wanted, false).await?;
    }
    let ahead = told::state(record) < told::State::Arrived;
    let planned = Planned::of(open, std::iter::once(record).filter(|_| ahead), &others).await?;
    let parts = lists.remove(PARTS).unwrap_or_default();
    let names: BTreeSet<&str> = acts::TABLE.iter().map(|row| row.act).collect();
    let mut view = ServiceView {
        id,
        number: record.text("number").unwrap_or_default().into(),
        state: told::state(record),
        costs: Costs::of(&values, &parts).unwrap_or_default(),
        photos: photos(record, &here),
        signatures: signatures(record, &hash),
        acts: names.into_iter().filter(|act| acts::may(actor, record, act).is_ok()).map(str::to_string).collect(),
        warnings: if ahead { planned.warnings(id, record) } else { Vec::new() },
        conflicts: record.fields.iter().filter(|(_, c)| !c.rivals.is_empty()).map(|(k, _)| k.clone()).collect(),
        form: record.text(FORM).and_then(|text| Uuid::try_parse(text).ok()),
        follow_up: others.contains_key(&next).then_some(next),
        history,
        warranty: shown(agreed.on(day)),
        windows: agreed.delivered.and_then(windows),
        installations: known.map(install::history).unwrap_or_default().into_iter().cloned().collect(),
        copies: record.copies,
        masked: false,
        values,
        parts,
    };
    if !eyes.sees_sheet(open, record).await? {
        mask(&mut view, &open.form().sheet);
    }
    Ok(view)
}

fn text(line: &Line, key: &str) -> String {
    line.values.get(key).and_then(Value::as_str).unwrap_or_default().to_string()
}

/// Hashes of the photos whose bytes are on this machine.
pub(super) async fn here(open: &Open, record: &Record) -> Result<BTreeSet<String>, Failure> {
    let all: Vec<String> = record.lists.get(PHOTOS).into_iter().flatten().map(|line| text(line, "sha256")).collect();
    Ok(open.store.files_here(&all).await?.into_iter().collect())
}

fn photos(record: &Record, here: &BTreeSet<String>) -> Vec<PhotoView> {
    let whole = |line: &Line, key: &str| line.values.get(key).and_then(Value::as_u64).unwrap_or(0);
    let one = |line: &Line| PhotoView {
        id: line.id,
        when: text(line, "when"),
        name: text(line, "name"),
        mime: text(line, "mime"),
        size: whole(line, "size"),
        width: whole(line, "width") as u32,
        height: whole(line, "height") as u32,
        here: here.contains(&text(line, "sha256")),
        sha256: text(line, "sha256"),
    };
    record.lists.get(PHOTOS).into_iter().flatten().filter(|line| !line.struck).map(one).collect()
}

fn signatures(record: &Record, hash: &str) -> Vec<SignatureView> {
    let given = |party: &str| {
        let lines = record.lists.get(signature::LIST).into_iter().flatten();
        lines.filter(|line| !line.struck && text(line, "party") == party).count() as u32
    };
    let one = |party: &str| {
        let line = signature::latest(record, party);
        let of = |key: &str| line.map(|line| text(line, key)).unwrap_or_default();
        SignatureView {
            party: party.into(),
            standing: signature::standing_of(record, party, hash),
            name: of("name"),
            at: of("at"),
            path: of("path"),
            declined: of("declined"),
            reason: of("reason"),
            given: given(party),
        }
    };
    signature::PARTIES.map(one).into()
}

/// What tells of the customer is hidden in the answer itself; his signature and the photos of his home, too.
fn mask(view: &mut ServiceView, sheet: &Sheet) {
    let values = std::mem::take(&mut view.values);
    let mask = Mask::of([&values], &sheet.template);
    view.values = mask.values(&values);
    for key in ["sign.customer", "sign.technician"] {
        view.values.remove(key);
    }
    let lists: Lists = [(PARTS.to_string(), std::mem::take(&mut view.parts))].into();
    view.parts = mask.lists(&lists).remove(PARTS).unwrap_or_default();
    view.photos.iter_mut().for_each(|photo| (photo.name, photo.sha256) = (mask.text(&photo.name), String::new()));
    for one in &mut view.signatures {
        (one.name, one.path, one.reason) = (String::new(), String::new(), mask.text(&one.reason));
    }
    view.installations.clear();
    view.masked = true;
}
