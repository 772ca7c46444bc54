//! What of a form the person at the desk sees (R120): everything that leaves with data of customers in it passes here.
//!
//! Masked means masked in the answer itself: the interface never holds what it must not show.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use kefu_domain::decide::{self, ATTACHMENTS, Asked};
use kefu_domain::field::{FORM, engineer};
use kefu_domain::member::ROLES;
use kefu_domain::process::{Actor, role};
use kefu_domain::{Line, Record, Template, Values};
use kefu_domain::{
    change::{act, kind},
    privacy::{Gate, Mask, Sight, may_see, sensitive, verified},
};
use kefu_local::Onlooker;
use serde_json::json;

use crate::actor::{known, of_member};
use crate::desk::{Desk, Open};
use crate::list::row;
use crate::sync::mark_unsent;
use crate::wire::{Code, Failure, FormRow, FormView, RevealRequest};

/// Forms that were revealed since the desk was opened, by seat. Forgotten when it is locked.
#[derive(Debug, Default)]
pub(crate) struct Revealed(Mutex<BTreeSet<(Uuid, Uuid)>>);

impl Revealed {
    /// `seat` knows what stands on `form`: it was revealed to him, or he has just written it.
    pub(crate) fn note(&self, seat: Uuid, form: Uuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((seat, form));
    }

    fn has(&self, seat: Uuid, form: Uuid) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&(seat, form))
    }
}

/// The person who looks.
pub(crate) struct Eyes {
    actor: Actor,
    /// Nobody else works here, or he holds every role: then a mask would hide from him what he entered himself.
    alone: bool,
    /// Some of what is here nobody else has yet: it is marked.
    unsent: bool,
    in_the_field: bool,
}

impl Eyes {
    pub(crate) async fn of(open: &Open) -> Result<Self, Failure> {
        let seat = open.seat().id;
        Ok(Self::new(seat, open.store.onlooker(seat).await?))
    }

    /// Of who sits at `seat`.
    pub(crate) fn new(seat: Uuid, onlooker: Onlooker) -> Self {
        let Onlooker { member, others, unsent, in_the_field } = onlooker;
        let actor = of_member(seat, &known(member.as_ref()));
        let every = ROLES.iter().all(|role| actor.roles.contains(*role));
        Eyes { actor, alone: every || member.is_some() && !others, unsent, in_the_field }
    }

    /// As the table of the process sees him.
    pub(crate) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether the desk is shared and something is here that nobody else has yet.
    pub(crate) fn unsent(&self) -> bool {
        self.unsent
    }

    /// Whether this is a technician's device in a workspace. It holds no products and gives no numbers to further visits.
    pub(crate) fn in_the_field(&self) -> bool {
        self.in_the_field
    }

    /// Whether he takes calls, and so needs the drafts.
    pub(crate) fn registers(&self) -> bool {
        self.alone || self.actor.holds(&[role::RECEPTION])
    }

    /// What he sees of this form.
    pub(crate) fn sight(&self, open: &Open, id: Uuid, record: &Record) -> Sight {
        self.through(open, id, &Gate::of(record))
    }

    fn through(&self, open: &Open, id: Uuid, gate: &Gate) -> Sight {
        if self.alone {
            return Sight::Clear;
        }
        match gate.sight(self.actor.seat, &self.actor.name, self.actor.roles.iter().map(String::as_str)) {
            Sight::OnRequest if open.revealed.has(self.actor.seat, id) => Sight::Clear,
            sight => sight,
        }
    }

    /// Rows of a list, a search or a queue as he sees them.
    pub(crate) async fn rows(&self, open: &Open, mut rows: Vec<kefu_local::FormRow>) -> Result<Vec<FormRow>, Failure> {
        if !self.alone {
            let clear = |id, gate: &Gate| self.through(open, id, gate) == Sight::Clear;
            open.store.see(&mut rows, open.form().masking(), clear).await?;
        }
        let mut rows: Vec<FormRow> = rows.into_iter().map(row).collect();
        if self.unsent {
            mark_unsent(open, &mut rows).await?;
        }
        Ok(rows)
    }

    /// Whether he sees a service sheet in clear: the technician his own; others where they see the form it came from.
    pub(crate) async fn sees_sheet(&self, open: &Open, sheet: &Record) -> Result<bool, Failure> {
        let assigned = engineer(sheet) == Some(self.actor.seat);
        let roles = self.actor.roles.iter().map(String::as_str);
        let form = sheet.text(FORM).and_then(|text| Uuid::try_parse(text).ok());
        // A visit without a form was agreed with a customer whom the company knows: nobody had to call.
        let sight = may_see(roles, form.is_none() || verified(&sheet.values()), assigned);
        Ok(match form {
            _ if self.alone || sight == Sight::Clear => true,
            Some(id) => {
                let record = open.store.record(id).await?.unwrap_or_default();
                self.sight(open, id, &record) == Sight::Clear
            }
            None => false,
        })
    }
}

/// The company's form with what the process adds to it, so that nothing of the record is beyond judging.
pub(crate) fn whole(template: &Template) -> Template {
    let mut whole = template.clone();
    for block in Template::process().blocks {
        for field in block.rows.into_iter().flatten() {
            match whole.blocks.iter_mut().flat_map(|b| b.rows.iter_mut().flatten()).find(|f| f.key == field.key) {
                Some(list) => list.columns.extend(field.columns),
                None => whole.blocks.last_mut().into_iter().for_each(|b| b.rows.push(vec![field.clone()])),
            }
        }
    }
    whole
}

/// A form as the person at the desk sees it.
pub(crate) fn sighted_view(open: &Open, eyes: &Eyes, record: &Record, mut view: FormView) -> FormView {
    if eyes.sight(open, view.id, record) == Sight::Clear {
        return view;
    }
    let form = open.form();
    // What was corrected may still stand in a text: every value there ever was is known to the mask.
    let past: Vec<Values> = view
        .timeline
        .iter()
        .flat_map(|entry| &entry.fields)
        .flat_map(|field| [&field.from, &field.to].map(|v| Values::from([(field.field.clone(), v.clone())])))
        .chain([view.values.clone()])
        .collect();
    let mask = Mask::of(&past, &form.whole);
    view.values = mask.values(&view.values);
    view.lists = mask.lists(&view.lists);
    view.lists.remove(ATTACHMENTS);
    for file in &mut view.attachments {
        // Without its address it cannot be asked for.
        (file.name, file.sha256) = (mask.text(&file.name), String::new());
    }
    for entry in &mut view.timeline {
        entry.reason = entry.reason.as_deref().map(|reason| mask.text(reason));
        for field in &mut entry.fields {
            (field.from, field.to) = (mask.value(&field.field, &field.from), mask.value(&field.field, &field.to));
        }
        entry.added = mask.lists(&entry.added);
        entry.added.remove(ATTACHMENTS);
        entry.struck = entry.struck.iter().map(|line| hidden(line, &mask)).collect();
    }
    view.masked = true;
    view
}

/// A line of which the list is not known any more.
fn hidden(line: &Line, mask: &Mask<'_>) -> Line {
    let lists = [(String::new(), vec![line.clone()])].into();
    mask.lists(&lists).into_values().flatten().next().unwrap_or_else(|| Line { values: Values::new(), ..line.clone() })
}

/// Refuses what would take data of a customer out of the desk, or write over what is masked.
///
/// # Errors
/// [`Code::Masked`] where the person at the desk does not see the form in clear.
pub(crate) async fn in_clear(open: &Open, id: Uuid, record: &Record) -> Result<(), Failure> {
    match Eyes::of(open).await?.sight(open, id, record) {
        Sight::Clear => Ok(()),
        _ => Err(Failure::new(Code::Masked)),
    }
}

/// Refuses a correction of fields that the person at the desk does not see as they are: he would write stars over them.
pub(crate) async fn correctable(open: &Open, id: Uuid, record: &Record, asked: &Values) -> Result<(), Failure> {
    if Eyes::of(open).await?.sight(open, id, record) == Sight::Clear {
        return Ok(());
    }
    let (form, values) = (open.form(), record.values());
    let mask = Mask::of([&values], &form.template);
    let unseen = |key: &String| values.get(key).is_some_and(|value| mask.value(key, value) != *value);
    if asked.keys().any(unseen) { Err(Failure::new(Code::Masked)) } else { Ok(()) }
}

impl Desk {
    /// Shows the person at the desk what is masked on a form; the look is logged on it with its purpose (R120).
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::Masked`] where his roles have no need at all; [`Code::ReasonRequired`] without a
    /// purpose.
    pub async fn reveal(&self, request: RevealRequest) -> Result<FormView, Failure> {
        let open = self.open()?;
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(request.id).await?.filter(|record| record.kind == kind::FORM);
        let record = record.ok_or_else(|| Failure::new(Code::NotFound))?;
        let (eyes, form) = (Eyes::of(&open).await?, open.form());
        match eyes.sight(&open, request.id, &record) {
            Sight::Masked => return Err(Failure::new(Code::Masked)),
            Sight::OnRequest => {}
            Sight::Clear => {
                drop(door);
                return self.show(request.id).await;
            }
        }
        let purpose = request.purpose.trim();
        if purpose.is_empty() {
            return Err(Failure::new(Code::ReasonRequired));
        }
        let held = record.values();
        let seen: Vec<&str> = form
            .template
            .fields()
            .filter(|f| sensitive(f) && held.contains_key(&f.key))
            .map(|f| f.label.as_str())
            .collect();
        let fields = if seen.is_empty() { "正文".to_string() } else { seen.join("、") };
        let values = Values::from([("fields".to_string(), json!(fields)), ("purpose".to_string(), json!(purpose))]);
        let line = Line { id: Uuid::now_v7(), values, struck: false };
        let asked = Asked { act: act::REVEAL.into(), add: [("reveals".into(), vec![line])].into(), ..Asked::default() };
        let draft = decide::act(form.rules(self.now()), &eyes.actor, request.id, &record, asked)?;
        door.write(draft, eyes.actor.seat).await?;
        door.commit().await?;
        open.revealed.note(eyes.actor.seat, request.id);
        self.show(request.id).await
    }
}
