//! Who may do what with a sheet, and what each act writes. The office plans; the technician it is assigned to, and nobody
//! else, does the visit.

use serde_json::{Value, json};
use uuid::Uuid;

use super::sheet::{CANCELLED_AT, State, TIMES, moment_of, state};
use super::{ENGINEER_SEAT, PARTS, act as own, costs::Costs, engineer, lines};
use crate::change::{Change, Line, Setting, act, kind};
use crate::decide::{Draft, Refusal, Rules, moment};
use crate::privacy::is_ended;
use crate::process::condition::standing;
use crate::process::{Actor, Why, role};
use crate::validate::{FieldError, Problem, check_value, is_empty};
use crate::{Record, Template, Values};

/// Those who dispatch (R43).
pub const OFFICE: &[&str] = &[role::RECEPTION, role::RECORDS, role::DISPATCHER, role::SUPERVISOR];
/// Those who go out.
pub const CREW: &[&str] = &[role::TECHNICIAN, role::HANDLER];

use State::{Accepted, Arrived, Dispatched, Done, Planned, UnderWay};

/// One row: in one of the states `from`, a holder of one of `roles` may do `act`; `own` where it must be assigned to him.
#[derive(Debug)]
pub struct Row {
    /// The act.
    pub act: &'static str,
    /// States in which the row counts; none: of no sheet yet.
    pub from: &'static [State],
    /// Roles of which one is needed.
    pub roles: &'static [&'static str],
    /// Only whom the sheet is assigned to.
    pub own: bool,
}

const fn row(act: &'static str, from: &'static [State], roles: &'static [&'static str], own: bool) -> Row {
    Row { act, from, roles, own }
}

/// Before the technician is there.
const AHEAD: &[State] = &[Planned, Dispatched, Accepted, UnderWay];
/// Not cancelled.
const STANDING: &[State] = &[Planned, Dispatched, Accepted, UnderWay, Arrived, Done];
/// In the technician's hands.
const IN_HAND: &[State] = &[Accepted, UnderWay, Arrived, Done];
const EVERY: &[State] = &[Planned, Dispatched, Accepted, UnderWay, Arrived, Done, State::Cancelled];

/// Every row; several rows of one act are alternatives.
pub static TABLE: &[Row] = &[
    row(act::DISPATCH, &[], OFFICE, false),
    row(own::MOVE, AHEAD, OFFICE, false),
    row(act::CORRECT, STANDING, OFFICE, false),
    row(act::CORRECT, IN_HAND, CREW, true),
    row(act::VOID, AHEAD, OFFICE, false),
    row(act::ACCEPT, &[Dispatched], CREW, true),
    row(act::DECLINE, &[Dispatched, Accepted], CREW, true),
    row(own::SET_OUT, &[Dispatched, Accepted], CREW, true),
    row(own::ARRIVE, &[Dispatched, Accepted, UnderWay], CREW, true),
    row(own::LEAVE, &[Arrived], CREW, true),
    row(own::FILL, IN_HAND, CREW, true),
    row(own::PHOTO, IN_HAND, CREW, true),
    row(own::RATE, &[Arrived, Done], CREW, true),
    row(own::SIGN, &[Arrived, Done], CREW, true),
    row(own::RETURN_PART, &[Arrived, Done], CREW, true),
    row(own::RETURN_PART, &[Arrived, Done], OFFICE, false),
    row(act::PRINT, EVERY, OFFICE, false),
    row(act::PRINT, EVERY, CREW, true),
];

/// Whether `actor` may do `act` to a sheet that stands as `record`; an empty record for a sheet that is not there yet.
///
/// # Errors
/// Why not: first the state, then the role, then the person.
pub fn may(actor: &Actor, record: &Record, act: &str) -> Result<(), Why> {
    let fresh = record.changes == 0;
    let at = state(record);
    let mut rows = TABLE.iter().filter(|row| row.act == act).peekable();
    if rows.peek().is_none() {
        return Err(Why::UnknownAct);
    }
    if is_ended(record) {
        return Err(Why::WrongState);
    }
    let placed: Vec<&Row> =
        rows.filter(|row| if fresh { row.from.is_empty() } else { row.from.contains(&at) }).collect();
    if placed.is_empty() {
        return Err(Why::WrongState);
    }
    let held: Vec<&&Row> = placed.iter().filter(|row| actor.holds(row.roles)).collect();
    let mine = engineer(record) == Some(actor.seat);
    match held.iter().any(|row| !row.own || mine) {
        true => Ok(()),
        false if held.is_empty() => Err(Why::WrongRole),
        false => Err(Why::NotAssigned),
    }
}

/// An act on a sheet as asked for.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Which one.
    pub act: String,
    /// Field values; null empties one.
    pub values: Values,
    /// Lines for the list that the act writes; their ids are made by who asks.
    pub add: Vec<Line>,
    /// Lines to strike out.
    pub strike: Vec<Uuid>,
    /// Why; empty for none.
    pub reason: String,
    /// Hash of what the sheet says, for [`own::SIGN`].
    pub content: String,
}

/// Fields of [`own::FILL`].
const FILLED: [&str; 14] = [
    "findings",
    "fault_part",
    "cause",
    "measures",
    "warranty",
    "cost.minutes",
    "cost.hourly",
    "cost.travel",
    "cost.charged",
    "result",
    "leftover",
    "next_at",
    "photos.location",
    "product.brand",
];
/// Sums that may be given beside what they are made of; they are checked, never written.
const SUMS: [&str; 4] = ["cost.materials", "cost.labour", "cost.total", "cost.payable"];
/// Fields of [`own::MOVE`].
const MOVED: [&str; 5] = ["planned.from", "planned.until", "engineer", ENGINEER_SEAT, "urgency"];
/// Fields that only the customer fills in.
const RATED: [&str; 2] = ["rating.overall", "rating.remark"];
/// Beginning of the keys of the customer's rating.
pub(super) const RATING: &str = "rating.";

/// Whether a change of the sheet `record` touches the customer's rating otherwise than by giving it once, on the device:
/// then it has no effect. Emptying it on his demand is no rating.
pub(crate) fn rates_wrongly(record: &Record, change: &Change) -> bool {
    let mut ratings = change.set.iter().filter(|(key, _)| key.starts_with(RATING)).peekable();
    if ratings.peek().is_none() {
        return false;
    }
    match change.act.as_str() {
        own::RATE => record.get("rating.overall").is_some(),
        act::ERASE => ratings.any(|(_, setting)| !setting.to.is_null()),
        _ => true,
    }
}

/// What must be said before anybody signs for it.
const SIGN_GUARD: [&str; 3] = ["times.arrived", "measures", "result"];

/// Does an act to the sheet `id`.
///
/// # Errors
/// [`Refusal::Denied`], [`Refusal::Fields`], [`Refusal::ReasonRequired`], [`Refusal::NothingChanged`].
pub fn decide(rules: Rules<'_>, actor: &Actor, id: Uuid, record: &Record, given: Given) -> Result<Draft, Refusal> {
    may(actor, record, &given.act).map_err(Refusal::Denied)?;
    let known: &'static str = TABLE.iter().map(|row| row.act).find(|act| *act == given.act).unwrap_or(own::FILL);
    let mut writing = Writing { rules, record, draft: Draft::new(id, kind::SERVICE, known), errors: Vec::new() };
    let now = json!(moment(rules.now));
    match known {
        act::PRINT => return Ok(writing.draft),
        act::ACCEPT => writing.set(TIMES[0], now),
        own::SET_OUT => writing.tap(1, now),
        own::ARRIVE => writing.tap(2, now),
        own::LEAVE => writing.tap(3, now),
        act::DECLINE => {
            TIMES.iter().chain(&["engineer", ENGINEER_SEAT]).for_each(|key| writing.set(key, Value::Null));
        }
        act::VOID => writing.set(CANCELLED_AT, now),
        own::MOVE => writing.take(&given.values, |key| MOVED.contains(&key)),
        act::CORRECT => {
            let rest = |key: &str| !FILLED.contains(&key) && !RATED.contains(&key) && !MOVED.contains(&key);
            let office = actor.holds(OFFICE);
            writing.take(&given.values, |key| if TIMES.contains(&key) { !office } else { rest(key) });
            writing.in_order();
        }
        own::FILL => {
            let taken: Values = given
                .values
                .iter()
                .filter(|(key, _)| !SUMS.contains(&key.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect();
            writing.take(&taken, |key| FILLED.contains(&key));
            lines::parts(&mut writing, actor, &given);
            writing.sums(&given.values);
        }
        own::PHOTO => lines::photos(&mut writing, &given),
        own::RETURN_PART => lines::returns(&mut writing, actor, &given),
        own::RATE => {
            if record.get("rating.overall").is_some() {
                return Err(Refusal::Denied(Why::NothingOpen));
            }
            writing.take(&given.values, |key| RATED.contains(&key));
            if writing.outcome("rating.overall").is_none() {
                writing.errors.push(FieldError::new("rating.overall", Problem::Required));
            }
            writing.set("rating.at", now);
        }
        own::SIGN => {
            let missing: Vec<String> =
                SIGN_GUARD.iter().filter(|key| is_empty(record.get(key))).map(|key| key.to_string()).collect();
            if !missing.is_empty() {
                return Err(Refusal::Denied(Why::GuardMissing { fields: missing }));
            }
            lines::signature(&mut writing, &given);
        }
        _ => return Err(Refusal::Denied(Why::WrongState)),
    }
    let Writing { mut draft, errors, .. } = writing;
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let reason = given.reason.trim();
    if reason.is_empty() && [act::CORRECT, act::VOID, act::DECLINE].contains(&known) {
        return Err(Refusal::ReasonRequired);
    }
    draft.reason = (!reason.is_empty()).then(|| reason.into());
    if draft.set.is_empty() && draft.add.is_empty() && draft.strike.is_empty() {
        return Err(Refusal::NothingChanged);
    }
    Ok(draft)
}

/// A draft while it is being filled.
pub(super) struct Writing<'a> {
    /// What the rules know of the desk; the template is the sheet's.
    pub rules: Rules<'a>,
    /// The sheet so far.
    pub record: &'a Record,
    /// What is written.
    pub draft: Draft,
    /// What stands in the way.
    pub errors: Vec<FieldError>,
}

impl Writing<'_> {
    fn template(&self) -> &Template {
        self.rules.template
    }

    /// Sets a field where that changes it, naming what it replaces.
    pub fn set(&mut self, key: &str, to: Value) {
        if self.record.get(key).unwrap_or(&Value::Null) != &to {
            self.draft.set.insert(key.into(), Setting { to, was: self.record.stamps(key) });
        }
    }

    /// What a field will hold after this draft.
    pub fn outcome(&self, key: &str) -> Option<&Value> {
        let set = self.draft.set.get(key).map(|setting| &setting.to).filter(|to| !to.is_null());
        if self.draft.set.contains_key(key) { set } else { self.record.get(key) }
    }

    /// Takes the given fields that `may` be given here, checked against the sheet.
    fn take(&mut self, given: &Values, may: impl Fn(&str) -> bool) {
        for (key, value) in given {
            let seat = key == ENGINEER_SEAT;
            let field = self.template().field(key);
            let problem = match field {
                _ if !may(key) => Some((Problem::NotYours, None)),
                None if !seat => Some((Problem::UnknownField, None)),
                Some(field) if field.required && is_empty(Some(value)) => Some((Problem::Required, None)),
                _ if is_empty(Some(value)) => None,
                Some(field) => check_value(field, self.rules.codes, value, self.rules.now).err(),
                None => value
                    .as_str()
                    .and_then(|text| Uuid::try_parse(text).ok())
                    .is_none()
                    .then_some((Problem::WrongKind, None)),
            };
            match problem {
                Some((problem, detail)) => self.errors.push(FieldError { field: key.clone(), problem, detail }),
                None => self.set(key, if is_empty(Some(value)) { Value::Null } else { value.clone() }),
            }
        }
    }

    /// One tap: the time, and those before it that were forgotten stay empty.
    fn tap(&mut self, nth: usize, now: Value) {
        self.set(TIMES[nth], now);
        // Whoever sets out has accepted.
        if self.record.get(TIMES[0]).is_none() {
            let now = json!(moment(self.rules.now));
            self.set(TIMES[0], now);
        }
    }

    /// Times follow each other.
    fn in_order(&mut self) {
        let mut after = Record::default();
        after.fields.clone_from(&self.record.fields);
        let mut last = None;
        for key in TIMES {
            let at = match self.draft.set.get(key) {
                Some(setting) => setting.to.as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok()),
                None => moment_of(&after, key),
            };
            if at.is_some() && at < last {
                self.errors.push(FieldError::new(key, Problem::OutOfRange));
            }
            last = at.or(last);
        }
    }

    /// The sums can be counted, and those that were given are right.
    fn sums(&mut self, given: &Values) {
        let mut values = self.record.values();
        values.extend(self.draft.set.iter().map(|(key, setting)| (key.clone(), setting.to.clone())));
        let stays = |line: &&Line| !self.draft.strike.contains(&line.id);
        let added = self.draft.add.get(PARTS).into_iter().flatten();
        let parts: Vec<&Line> = standing(self.record, PARTS).filter(stays).chain(added).collect();
        match Costs::of(&values, parts) {
            Ok(costs) => self.errors.extend(costs.differing(given)),
            Err(_) => self.errors.push(FieldError::new("cost.total", Problem::OutOfRange)),
        }
    }
}
