//! Parts in the store and in the vans: a stock is the sum of moves, never a number that somebody wrote last.
//!
//! Every move takes from one place and gives to another, so nothing is made or lost by it: over all places, those outside
//! the company included, every part sums to nought. Technicians without a network add moves of their own, and whatever
//! the order in which they arrive, the sums are the same. A place may go below nought: that is shown, not hidden, for it
//! says that a move is missing.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{CREW, OFFICE};
use super::{PARTS, act as own, made_of};
use crate::change::{Line, kind};
use crate::decide::{Draft, Refusal, moment};
use crate::process::condition::{column, standing};
use crate::process::{Actor, Why};
use crate::validate::{FieldError, Problem};
use crate::{Record, Values};

/// The company's store (仓库).
pub const STORE: &str = "store";
/// Outside: whoever delivers parts.
pub const SUPPLIER: &str = "supplier";
/// Outside: parts that were built in.
pub const CUSTOMER: &str = "customer";
/// Outside: parts that are of no use.
pub const SCRAP: &str = "scrap";
/// Outside: what a count found to be more or less (盘点).
pub const COUNT: &str = "count";
/// Places outside the company.
pub const OUTSIDE: [&str; 4] = [SUPPLIER, CUSTOMER, SCRAP, COUNT];
/// List of moves in a record of kind [`kind::STOCK`].
pub const MOVES: &str = "moves";

/// The van of a technician.
pub fn van(seat: Uuid) -> String {
    format!("van:{seat}")
}

/// The technician whose van a place is.
pub fn van_of(place: &str) -> Option<Uuid> {
    place.strip_prefix("van:").and_then(|seat| Uuid::try_parse(seat).ok())
}

/// Id of the record that holds the moves of a place; the same on every device.
pub fn record_id(place: &str) -> Uuid {
    made_of(&["stock", place])
}

/// One move of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The line it stands on.
    pub line: Uuid,
    /// 编号 of the part.
    pub part: String,
    /// Name of the part.
    pub name: String,
    /// Serial of the piece; empty where it has none.
    pub serial: String,
    /// How many, at least one.
    pub count: i64,
    /// Place it comes from.
    pub from: String,
    /// Place it goes to.
    pub to: String,
}

fn read(line: &Line, to: Option<&str>) -> Option<Move> {
    let text = |key: &str| column(line, key).and_then(Value::as_str).unwrap_or_default().to_string();
    let count = column(line, "count").and_then(Value::as_i64).filter(|count| *count > 0)?;
    let to = to.map_or_else(|| text("to"), str::to_string);
    let (part, name, serial, from) = (text("part"), text("name"), text("serial"), text("from"));
    (!part.is_empty() && !from.is_empty() && !to.is_empty() && from != to).then_some(Move {
        line: line.id,
        part,
        name,
        serial,
        count,
        from,
        to,
    })
}

/// The moves that a record tells of: of a stock its lines, of a sheet the parts that were used.
pub fn moves(record: &Record) -> Vec<Move> {
    match record.kind.as_str() {
        kind::STOCK => standing(record, MOVES).filter_map(|line| read(line, None)).collect(),
        kind::SERVICE => standing(record, PARTS).filter_map(|line| read(line, Some(CUSTOMER))).collect(),
        _ => Vec::new(),
    }
}

/// Place and part → how many. Those that come to nought are left out.
pub fn sums<'a>(moves: impl IntoIterator<Item = &'a Move>) -> BTreeMap<(String, String), i64> {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for one in moves {
        *sums.entry((one.from.clone(), one.part.clone())).or_default() -= one.count;
        *sums.entry((one.to.clone(), one.part.clone())).or_default() += one.count;
    }
    sums.retain(|_, count| *count != 0);
    sums
}

/// Moves parts. Technicians move between their own van and the store, or scrap; the office anything.
///
/// # Errors
/// [`Refusal::Denied`], [`Refusal::Fields`]; [`Refusal::ReasonRequired`] for a count.
pub fn take(
    actor: &Actor,
    now: chrono::DateTime<chrono::FixedOffset>,
    record: &Record,
    asked: &Move,
    reason: &str,
) -> Result<Draft, Refusal> {
    let own_van = van(actor.seat);
    let office = actor.holds(OFFICE);
    if !office && !actor.holds(CREW) {
        return Err(Refusal::Denied(Why::WrongRole));
    }
    let known = |place: &str| place == STORE || OUTSIDE.contains(&place) || van_of(place).is_some();
    let mut errors = Vec::new();
    for (field, place) in [("from", &asked.from), ("to", &asked.to)] {
        if !known(place) {
            errors.push(FieldError::new(field, Problem::UnknownOption));
        } else if !office && *place != own_van && ![STORE, SCRAP].contains(&place.as_str()) {
            return Err(Refusal::Denied(Why::NotAssigned));
        }
    }
    if !office && asked.from != own_van && asked.to != own_van {
        return Err(Refusal::Denied(Why::NotAssigned));
    }
    let outside = |place: &String| OUTSIDE.contains(&place.as_str());
    if asked.from == asked.to || (outside(&asked.from) && outside(&asked.to)) {
        errors.push(FieldError::new("to", Problem::UnknownOption));
    }
    for (field, text) in [("part", &asked.part), ("name", &asked.name)] {
        if text.trim().is_empty() {
            errors.push(FieldError::new(field, Problem::Required));
        }
    }
    if !(1..=1_000_000).contains(&asked.count) {
        errors.push(FieldError::new("count", Problem::OutOfRange));
    }
    if record.lists.values().flatten().any(|line| line.id == asked.line) {
        errors.push(FieldError::new("line", Problem::Repeated));
    }
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let reason = reason.trim();
    if reason.is_empty() && [&asked.from, &asked.to].contains(&&COUNT.to_string()) {
        return Err(Refusal::ReasonRequired);
    }
    let mut values: Values = [
        ("part", json!(asked.part.trim())),
        ("name", json!(asked.name.trim())),
        ("count", json!(asked.count)),
        ("from", json!(asked.from)),
        ("to", json!(asked.to)),
        ("at", json!(moment(now))),
        ("who", json!(actor.name)),
    ]
    .map(|(key, value)| (key.to_string(), value))
    .into();
    if !asked.serial.trim().is_empty() {
        values.insert("serial".into(), json!(asked.serial.trim()));
    }
    let mut draft = Draft::new(record_id(home(asked)), kind::STOCK, own::STOCK);
    draft.reason = (!reason.is_empty()).then(|| reason.into());
    draft.add.insert(MOVES.into(), vec![Line { id: asked.line, values, struck: false }]);
    Ok(draft)
}

/// The place in whose record a move stands: the van's, so that its technician holds it, else the store.
pub fn home(asked: &Move) -> &str {
    [&asked.to, &asked.from].into_iter().find(|place| van_of(place).is_some()).map_or(STORE, String::as_str)
}
