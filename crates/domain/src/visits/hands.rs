//! Who handled what a visit asks after, and so has no hand in its rating (R94): by which acts, from when until when, and
//! which changes of a visit have no effect because of it.
//!
//! Asked three times: before a change is written ([`handled_by`], through the act table), by the shared database when it
//! is sent ([`by_others`], as far as acts and ids in clear tell), and by every device that folds it ([`bars`]), so that
//! a program that was tampered with gains nothing.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::{Change, act, kind};
use crate::process::Condition;
use crate::visits::TABLE;
use crate::visits::answers::is_answer;
use crate::{Record, Stamp};

/// Field of a visit: seats of those who handled the matter.
pub const HANDS: &str = "hands";
/// Field of a visit: the form that it asks after.
pub const FORM: &str = "form";
/// Field of a visit that asks after no form: the one whose hands keep away from it, the customer's latest when a survey
/// drew him.
pub const MATTER: &str = "matter";

/// Acts that say what a visit asks after.
const PLANNING: [&str; 2] = [act::VISIT_PLAN, act::VISIT_SKIP];

/// Seats of those who handled the matter that a visit asks after.
pub fn hands(record: &Record) -> impl Iterator<Item = Uuid> + '_ {
    let seats = record.get(HANDS).and_then(|value| value.as_array()).into_iter().flatten();
    seats.filter_map(|seat| Uuid::try_parse(seat.as_str()?).ok())
}

/// Whether `seat` handled the matter, and so has no hand in its rating.
pub fn handled_by(record: &Record, seat: Uuid) -> bool {
    hands(record).any(|hand| hand == seat)
}

/// The form whose hands keep away from a visit, the one it asks after before all others.
pub fn matter(record: &Record) -> Option<Uuid> {
    let named = |key| record.text(key).and_then(|text| Uuid::try_parse(text).ok());
    named(FORM).or_else(|| named(MATTER))
}

/// The form that a change gives to a visit, as [`matter`]; none where it gives none.
pub fn given_matter(change: &Change) -> Option<Uuid> {
    let named = |key| change.set.get(key).and_then(|set| Uuid::try_parse(set.to.as_str()?).ok());
    if change.kind == kind::VISIT { named(FORM).or_else(|| named(MATTER)) } else { None }
}

/// Whether `act` on a visit is another's than who handled the matter: those that touch its rating, or lead there.
pub fn by_others(act: &str) -> bool {
    TABLE.iter().any(|row| row.act == act && row.when.contains(&Condition::NotOwnMatter))
}

/// A visit as it is to be judged now: with everybody who handled its form up to this day, whatever the device that
/// planned it had seen of them.
pub fn seen_with(visit: &Record, form: Option<&Record>) -> Record {
    let mut seen = visit.clone();
    let late: Vec<Uuid> =
        form.iter().flat_map(|form| &form.course.hands).copied().filter(|seat| !handled_by(visit, *seat)).collect();
    if !late.is_empty() {
        let all: Vec<String> = hands(visit).chain(late).map(|seat| seat.to_string()).collect();
        let at = visit.last.unwrap_or(Stamp { ms: 0, n: 0, device: Uuid::nil() });
        let cell = seen.fields.entry(HANDS.into()).or_insert_with(|| crate::Cell {
            value: Value::Null,
            at,
            seat: Uuid::nil(),
            rivals: Vec::new(),
        });
        cell.value = json!(all);
    }
    seen
}

/// That somebody had handled a form, between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub seat: Uuid,
    /// By this change.
    pub from: Stamp,
    /// Until this one took it back; none where it stands.
    pub until: Option<Stamp>,
}

impl Hand {
    /// Whether he had handled it when he made `change`.
    fn made(&self, change: &Change) -> bool {
        self.seat == change.seat && self.from < change.at && self.until.is_none_or(|until| change.at < until)
    }
}

/// Who handled a form and when, from its changes in any order.
pub fn hands_of(changes: &[Change]) -> Vec<Hand> {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|change| change.at);
    let (mut form, mut found) = (Record::default(), Vec::<Hand>::new());
    for change in sorted {
        form.apply(change);
        let hands = &form.course.hands;
        for hand in found.iter_mut().filter(|hand| hand.until.is_none() && !hands.contains(&hand.seat)) {
            hand.until = Some(change.at);
        }
        let fresh = |seat: &&Uuid| !found.iter().any(|hand| hand.until.is_none() && hand.seat == **seat);
        let fresh: Vec<Uuid> = hands.iter().filter(fresh).copied().collect();
        found.extend(fresh.into_iter().map(|seat| Hand { seat, from: change.at, until: None }));
    }
    found
}

/// Whether a change of the visit `record` has no effect at its place, because a rating is not its author's to touch:
/// he had handled the matter, as the visit says or as its form does (`hands`); there was no visit yet; or it touches a
/// rating by an act that records none, which also a newer version's does not.
pub(crate) fn bars(record: &Record, change: &Change, hands: &[Hand]) -> bool {
    let act = change.act.as_str();
    let mut answers = change.set.iter().filter(|(key, _)| is_answer(key));
    let records = [act::VISIT_RECORD, act::VISIT_CORRECT].contains(&act);
    if !records && answers.any(|(_, setting)| act != act::ERASE || !setting.to.is_null()) {
        return true;
    }
    let own = || handled_by(record, change.seat) || hands.iter().any(|hand| hand.made(change));
    by_others(act) && (record.state.is_empty() || own())
}

/// What a change makes of the field `key` of a visit: what it asks after is said once, and of those who handled it
/// nobody is taken out again. None where it stays as it is.
pub(crate) fn kept(record: &Record, change: &Change, key: &str, to: &Value) -> Option<Value> {
    let present = record.get(key);
    match key {
        HANDS | FORM | MATTER if !PLANNING.contains(&change.act.as_str()) => None,
        FORM | MATTER if present.is_some_and(|present| present != to) => None,
        HANDS if present.is_some() => {
            let mut all: Vec<Value> = present.and_then(Value::as_array).cloned().unwrap_or_default();
            let new = to.as_array().into_iter().flatten().filter(|seat| !all.contains(seat));
            let new: Vec<Value> = new.cloned().collect();
            all.extend(new);
            Some(json!(all))
        }
        _ => Some(to.clone()),
    }
}
