//! One form with all there is to it: the sheet and its timeline.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Offset};
use serde_json::Value;
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::{ATTACHMENTS, moment};
use kefu_domain::process::{Course, Offer, OutOfPlace, Pause, offers};
use kefu_domain::{Change, Line, Record, clocks::Facts, merged, statutory};

use crate::clock_view::clock;
use crate::desk::Desk;
use crate::privacy::{Eyes, sighted_view};
use crate::seat::members;
use crate::wire::{
    Attachment, Code, CourseView, Failure, FieldChange, FormView, NeedView, OfferView, OutOfPlaceView, PauseView,
    TimelineEntry,
};

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
        // One after the other: both read beside the writer, whose cache an act has left warm.
        let (members, eyes) = (members(&open.store).await?, Eyes::of(&open).await?);
        let names: Names = members.into_iter().map(|(id, member)| (id, member.name)).collect();
        let rules = open.store.rules().await?;
        let mut others = HashMap::new();
        for into in changes.iter().filter_map(|change| change.set.get(MERGED_INTO)?.to.as_str()?.parse().ok()) {
            let other = open.store.record(into).await?.unwrap_or_default();
            others.insert(into, other.text("number").unwrap_or_default().to_string());
        }
        let (mut view, record) = view(id, &changes, &Known { names, numbers: others });
        let now = self.now();
        view.offers = offers(eyes.actor(), &record).into_iter().map(offer).collect();
        let running = rules.sets.running(&Facts::of(&record), now);
        view.clocks = running.iter().map(|running| clock(running, &rules.sets)).collect();
        view.unsent = eyes.unsent() && open.store.unsent(&[id]).await?.contains(&id);
        view.statutory = statutory::hints(&view.values, now.date_naive());
        Ok(sighted_view(&open, &eyes, &record, view))
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

/// Names of members by seat.
type Names = HashMap<Uuid, String>;

/// The field that holds the id of another form.
const MERGED_INTO: &str = "merged_into";

/// What stands for an id where people read.
struct Known {
    names: Names,
    /// Numbers of the forms that this one was merged into.
    numbers: Names,
}

/// Folds the changes step by step, so that each entry of the timeline knows what it replaced.
fn view(id: Uuid, changes: &[Change], known: &Known) -> (FormView, Record) {
    let mut record = Record::default();
    let mut timeline = Vec::with_capacity(changes.len());
    for change in changes {
        timeline.push(entry(&record, change, known));
        record.apply(change);
    }
    for (entry, change) in timeline.iter_mut().zip(changes) {
        entry.merged_with = authors(&merged::merged_with(change, changes, &record), known);
    }
    timeline.reverse();
    let attachments = record.lists.get(ATTACHMENTS).into_iter().flatten().filter(|l| !l.struck).filter_map(attachment);
    let view = FormView {
        id,
        number: record.text("number").unwrap_or_default().into(),
        state: record.state.clone(),
        values: record.values(),
        attachments: attachments.collect(),
        copies: record.copies,
        timeline,
        conflicts: record.fields.iter().filter(|(_, c)| !c.rivals.is_empty()).map(|(k, _)| k.clone()).collect(),
        course: course(&record, known),
        lists: record.lists.clone(),
        offers: Vec::new(),
        clocks: Vec::new(),
        statutory: Vec::new(),
        masked: false,
        unsent: false,
    };
    (view, record)
}

fn course(record: &Record, known: &Known) -> CourseView {
    let Course { followers, holder, offered_to, delegates, pauses, .. } = &record.course;
    let name = |seat: &Uuid| known.names.get(seat).cloned().unwrap_or_default();
    let zone = record.text("received_at").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let zone = zone.map_or_else(|| chrono::Utc.fix(), |at| *at.offset());
    let shown = |ms: u64| moment(time(ms).with_timezone(&zone));
    let pause = |p: &Pause| PauseView { from: shown(p.from), to: p.to.map(shown), reason: p.reason.clone() };
    let out_of_place =
        |out: &OutOfPlace| OutOfPlaceView { at: shown(out.at.ms), act: out.act.clone(), member: name(&out.seat) };
    let merged_into = record.text(MERGED_INTO).and_then(|id| Uuid::try_parse(id).ok());
    CourseView {
        followers: followers.iter().map(name).collect(),
        holder: holder.as_ref().map(name).unwrap_or_default(),
        offered_to: offered_to.as_ref().map(name).unwrap_or_default(),
        delegates: delegates.iter().map(name).collect(),
        reopened: record.course.reopened,
        level: record.course.level,
        pauses: pauses.iter().map(pause).collect(),
        merged_into: merged_into.and_then(|id| known.numbers.get(&id).cloned()),
        out_of_place: record.out_of_place.iter().map(out_of_place).collect(),
        undoable: record.undoable.as_ref().map(|last| last.act.clone()),
    }
}

fn offer(offer: Offer) -> OfferView {
    let needs = offer.needs.into_iter().map(|need| NeedView { field: need.field, required: need.required });
    OfferView { act: offer.act.into(), why: offer.verdict.err(), needs: needs.collect() }
}

/// Whether a field or column holds the id of a seat or line: the name stands beside it, and people read that.
fn holds_id(key: &str) -> bool {
    key.ends_with("_seat") || key == "of"
}

/// A line as people read it.
fn readable(line: &Line) -> Line {
    let mut line = line.clone();
    line.values.retain(|key, _| !holds_id(key));
    line
}

fn entry(before: &Record, change: &Change, known: &Known) -> TimelineEntry {
    let number = |value: &Value| {
        let id = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
        id.and_then(|id| known.numbers.get(&id)).map_or_else(|| value.clone(), |number| Value::from(number.as_str()))
    };
    let shown = |field: &str, value: &Value| if field == MERGED_INTO { number(value) } else { value.clone() };
    let fields = change.set.iter().filter(|(field, _)| !holds_id(field)).map(|(field, setting)| FieldChange {
        field: field.clone(),
        from: before.get(field).map_or(Value::Null, |value| shown(field, value)),
        to: shown(field, &setting.to),
    });
    let struck = before.lists.values().flatten().filter(|line| change.strike.contains(&line.id)).map(readable);
    TimelineEntry {
        id: change.id,
        at: at(change),
        member: known.names.get(&change.seat).cloned().unwrap_or_default(),
        act: change.act.clone(),
        reason: change.reason.clone(),
        fields: if change.act == act::REGISTER { Vec::new() } else { fields.collect() },
        added: change.add.iter().map(|(list, lines)| (list.clone(), lines.iter().map(readable).collect())).collect(),
        struck: struck.collect(),
        merged_with: Vec::new(), // known once all are folded
    }
}

/// Who wrote these, each once; empty for one who is not known.
fn authors(changes: &[&Change], known: &Known) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for change in changes {
        let name = known.names.get(&change.seat).cloned().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// When a change was made, in its author's zone.
fn at(change: &Change) -> String {
    let zone = FixedOffset::east_opt(change.zone.saturating_mul(60)).unwrap_or_else(|| chrono::Utc.fix());
    moment(time(change.at.ms).with_timezone(&zone))
}

fn time(ms: u64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp_millis(i64::try_from(ms).unwrap_or(i64::MAX)).unwrap_or_default()
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
