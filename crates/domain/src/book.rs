//! 纸质登记本: blank forms printed with numbers set aside for them, for hours when no computer is at hand, and what became
//! of each: registered from the paper later (补录) or spoiled (R24).
//!
//! One record for each device and day. Only the device that set a number aside registers under it, so that no two forms
//! can come by the same one.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::{Line, act, kind};
use crate::decide::{Draft, Refusal, moment};
use crate::number::FormNumber;
use crate::process::condition::{column, standing};
use crate::process::{Actor, Why, role};
use crate::validate::{FieldError, Problem};
use crate::{Record, Values};

/// Forms that are printed at a time at most.
pub const MOST: u32 = 50;
/// Who prints them, takes them in and gives them up.
pub const KEEPERS: &[&str] = &[role::RECEPTION, role::RECORDS, role::SUPERVISOR];

/// List of the numbers set aside.
const SHEETS: &str = "sheets";
/// List of what became of them.
const ENDS: &str = "ends";

/// A blank form that waits for being registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub number: String,
    /// The printing it came from.
    pub printing: Uuid,
    /// When it was printed, RFC 3339.
    pub printed_at: String,
    /// Who printed it.
    pub by: String,
}

/// The record that a number is set aside in.
pub fn record_id(number: &FormNumber) -> Uuid {
    let FormNumber { day, device, .. } = number;
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kefu book {device} {day}").as_bytes())
}

/// The forms of `book` that were neither registered nor given up, in the order of their numbers.
pub fn waiting(book: &Record) -> Vec<Waiting> {
    let text = |line: &Line, key: &str| column(line, key).and_then(Value::as_str).unwrap_or_default().to_string();
    let over: Vec<String> = standing(book, ENDS).map(|line| text(line, "number")).collect();
    let sheets = standing(book, SHEETS).map(|line| Waiting {
        number: text(line, "number"),
        printing: text(line, "printing").parse().unwrap_or_default(),
        printed_at: text(line, "at"),
        by: text(line, "by"),
    });
    sheets.filter(|sheet| !over.contains(&sheet.number)).collect()
}

/// Sets `numbers`, all of one day and device, aside for the blank forms of one `printing`.
///
/// # Errors
/// [`Refusal::Denied`]; [`Refusal::Fields`] for none or more than [`MOST`].
pub fn reserve(
    actor: &Actor,
    now: DateTime<FixedOffset>,
    printing: Uuid,
    numbers: &[FormNumber],
) -> Result<Draft, Refusal> {
    may(actor)?;
    let Some(first) = numbers.first().filter(|_| numbers.len() <= MOST as usize) else {
        let detail = Some(MOST.to_string());
        return Err(Refusal::Fields(vec![FieldError { field: SHEETS.into(), problem: Problem::OutOfRange, detail }]));
    };
    let sheet = |number| line(number, SHEETS, actor, now, ("printing", json!(printing.to_string())));
    let mut draft = Draft::new(record_id(first), kind::BOOK, act::RESERVE);
    draft.add.insert(SHEETS.into(), numbers.iter().map(sheet).collect());
    Ok(draft)
}

/// `form` is registered under `number`.
///
/// # Errors
/// [`Refusal::Denied`]; [`Refusal::Fields`] where the number does not wait in `book`.
pub fn take_in(
    actor: &Actor,
    now: DateTime<FixedOffset>,
    book: &Record,
    number: &FormNumber,
    form: Uuid,
) -> Result<Draft, Refusal> {
    ended(actor, now, book, number, act::TAKE_IN, ("form", json!(form.to_string())))
}

/// The form with `number` will not be registered any more.
///
/// # Errors
/// As [`take_in`]; [`Refusal::ReasonRequired`].
pub fn spoil(
    actor: &Actor,
    now: DateTime<FixedOffset>,
    book: &Record,
    number: &FormNumber,
    reason: &str,
) -> Result<Draft, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::ReasonRequired);
    }
    let mut draft = ended(actor, now, book, number, act::SPOIL, ("reason", json!(reason)))?;
    draft.reason = Some(reason.into());
    Ok(draft)
}

fn ended(
    actor: &Actor,
    now: DateTime<FixedOffset>,
    book: &Record,
    number: &FormNumber,
    act: &'static str,
    how: (&str, Value),
) -> Result<Draft, Refusal> {
    may(actor)?;
    let text = number.to_string();
    if waiting(book).iter().all(|sheet| sheet.number != text) {
        return Err(not_reserved(&text));
    }
    let mut draft = Draft::new(record_id(number), kind::BOOK, act);
    draft.add.insert(ENDS.into(), vec![line(number, ENDS, actor, now, how)]);
    Ok(draft)
}

/// What is said of a number that does not wait here.
pub fn not_reserved(number: &str) -> Refusal {
    let detail = Some(number.to_string());
    Refusal::Fields(vec![FieldError { field: "number".into(), problem: Problem::NotReserved, detail }])
}

fn may(actor: &Actor) -> Result<(), Refusal> {
    if actor.holds(KEEPERS) { Ok(()) } else { Err(Refusal::Denied(Why::WrongRole)) }
}

/// The line about `number` in a list, of which there is one.
fn line(
    number: &FormNumber,
    list: &str,
    actor: &Actor,
    now: DateTime<FixedOffset>,
    (key, value): (&str, Value),
) -> Line {
    let common = [("number", json!(number.to_string())), ("at", json!(moment(now))), ("by", json!(actor.name))];
    let values: Values =
        common.into_iter().chain([(key, value)]).map(|(key, value)| (key.to_string(), value)).collect();
    Line { id: Uuid::new_v5(&record_id(number), format!("{list} {number}").as_bytes()), values, struck: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(serials: std::ops::RangeInclusive<u32>) -> Vec<FormNumber> {
        let of = |serial| FormNumber { day: "2026-11-22".parse().unwrap(), device: "A03".parse().unwrap(), serial };
        serials.map(of).collect()
    }

    /// R24: a number that was set aside ends once, as a form or with a reason.
    #[test]
    fn each_number_ends_once() {
        let now = DateTime::parse_from_rfc3339("2026-11-22T09:00:00+08:00").unwrap();
        let actor = |role: &str| Actor {
            seat: Uuid::nil(),
            name: "孙丽".into(),
            department: String::new(),
            roles: [role.to_string()].into(),
        };
        let (desk, mut book) = (actor(role::RECEPTION), Record::default());
        let fold = |draft: Draft, book: &mut Record| {
            for (list, lines) in draft.add {
                book.lists.entry(list).or_default().extend(lines);
            }
        };
        let left = |book: &Record| waiting(book).into_iter().map(|sheet| sheet.number).collect::<Vec<_>>();
        let all = numbers(4..=6);
        fold(reserve(&desk, now, Uuid::max(), &all).unwrap(), &mut book);
        assert_eq!(left(&book), ["KF-20261122-A03-0004", "KF-20261122-A03-0005", "KF-20261122-A03-0006"]);
        fold(take_in(&desk, now, &book, &all[1], Uuid::max()).unwrap(), &mut book);
        assert_eq!(spoil(&desk, now, &book, &all[2], " "), Err(Refusal::ReasonRequired));
        fold(spoil(&desk, now, &book, &all[2], "打印机卡纸").unwrap(), &mut book);
        assert_eq!(left(&book), ["KF-20261122-A03-0004"]);
        for over in &all[1..] {
            let again = take_in(&desk, now, &book, over, Uuid::max());
            assert_eq!(again, Err(not_reserved(&over.to_string())));
        }
        let strange = &numbers(7..=7)[0];
        assert_eq!(take_in(&desk, now, &book, strange, Uuid::max()), Err(not_reserved(&strange.to_string())));
        let out = actor(role::TECHNICIAN);
        assert_eq!(take_in(&out, now, &book, &all[0], Uuid::max()), Err(Refusal::Denied(Why::WrongRole)));
        assert!(matches!(reserve(&desk, now, Uuid::max(), &[]), Err(Refusal::Fields(_))));
        assert!(matches!(reserve(&desk, now, Uuid::max(), &numbers(1..=MOST + 1)), Err(Refusal::Fields(_))));
    }
}
