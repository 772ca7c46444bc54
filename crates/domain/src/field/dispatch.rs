//! Dispatching a visit (派工, R42, R43): the draft of the sheet, and what speaks against a technician at a time. A warning
//! is shown and never forbids: the dispatcher knows more than the calendar.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use uuid::Uuid;

use super::acts::{OFFICE, RATING, may};
use super::{ENGINEER_SEAT, FOLLOWS, FORM, PLAN};
use crate::calendar::Calendar;
use crate::change::{Setting, act, kind};
use crate::decide::{Draft, Refusal, Rules, moment};
use crate::process::{Actor, Why};
use crate::validate::{FieldError, Problem, check_value, is_empty};
use crate::{Record, Values};

/// Fields beside those of the sheet: ids, and how the customer's identity was verified.
const UNSEEN: [&str; 5] = [ENGINEER_SEAT, FORM, FOLLOWS, PLAN, "identity"];

/// Makes the sheet `id` with its number.
///
/// # Errors
/// [`Refusal::Denied`]; [`Refusal::Fields`] where something is missing or wrong, an appointment that ends before it begins
/// among it.
pub fn dispatch(rules: Rules<'_>, actor: &Actor, id: Uuid, number: &str, values: Values) -> Result<Draft, Refusal> {
    may(actor, &Record::default(), act::DISPATCH).map_err(Refusal::Denied)?;
    made(rules, actor, id, number, values)
}

/// The same for a visit that a plan, or leftover work, asks for: who may do that is decided there.
///
/// # Errors
/// [`Refusal::Fields`].
pub fn made(rules: Rules<'_>, actor: &Actor, id: Uuid, number: &str, values: Values) -> Result<Draft, Refusal> {
    let mut errors: Vec<FieldError> = Vec::new();
    for (key, value) in values.iter().filter(|(_, value)| !is_empty(Some(value))) {
        let problem = match rules.template.field(key) {
            Some(_) if key.starts_with(RATING) => Some((Problem::NotYours, None)), // it is the customer's
            Some(field) => check_value(field, rules.codes, value, rules.now).err(),
            None if UNSEEN.contains(&key.as_str()) => None,
            None => Some((Problem::UnknownField, None)),
        };
        errors.extend(problem.map(|(problem, detail)| FieldError { field: key.clone(), problem, detail }));
    }
    let required = rules.template.fields().filter(|field| field.required && is_empty(values.get(&field.key)));
    errors.extend(required.map(|field| FieldError::new(&field.key, Problem::Required)));
    let at = |key: &str| values.get(key).and_then(Value::as_str).and_then(|t| DateTime::parse_from_rfc3339(t).ok());
    if let (Some(from), Some(until)) = (at("planned.from"), at("planned.until"))
        && until <= from
    {
        errors.push(FieldError::new("planned.until", Problem::OutOfRange));
    }
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let mut values = values;
    values.retain(|_, value| !is_empty(Some(value)));
    values.insert("number".into(), json!(number));
    values.insert("dispatch.by".into(), json!(actor.name));
    values.insert("dispatch.at".into(), json!(moment(rules.now)));
    Ok(Draft::new(id, kind::SERVICE, act::DISPATCH).setting(values))
}

/// What a technician can do and where he drives. Empty lists: everything, everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Crew {
    /// Codes of the list `service_type`.
    pub skills: Vec<String>,
    /// Words that stand in the addresses of his districts.
    pub districts: Vec<String>,
}

impl Crew {
    /// Reads what is known of a technician.
    pub fn read(record: &Record) -> Self {
        let texts = |key: &str| {
            let items = record.get(key).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_string)).collect()
        };
        Crew { skills: texts("skills"), districts: texts("districts") }
    }

    /// Notes it for the technician whose record is `id`.
    ///
    /// # Errors
    /// [`Refusal::Denied`], [`Refusal::NothingChanged`].
    pub fn save(&self, actor: &Actor, id: Uuid, record: &Record) -> Result<Draft, Refusal> {
        if !actor.holds(OFFICE) {
            return Err(Refusal::Denied(Why::WrongRole));
        }
        let tidy = |words: &[String]| -> Vec<String> {
            words.iter().map(|word| word.trim().to_string()).filter(|word| !word.is_empty()).collect()
        };
        let mut draft = Draft::new(id, kind::CREW, act::CONFIGURE);
        for (key, to) in [("skills", json!(tidy(&self.skills))), ("districts", json!(tidy(&self.districts)))] {
            if record.get(key) != Some(&to) {
                draft.set.insert(key.into(), Setting { to, was: record.stamps(key) });
            }
        }
        if draft.set.is_empty() { Err(Refusal::NothingChanged) } else { Ok(draft) }
    }
}

/// A visit in a technician's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The sheet.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Beginning of the appointment.
    pub from: DateTime<FixedOffset>,
    /// Its end.
    pub until: DateTime<FixedOffset>,
}

/// What speaks against a visit as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(rename = "VisitWarning")]
pub enum Warning {
    /// The technician is elsewhere at that time.
    Clash {
        /// Number of the other sheet.
        number: String,
    },
    /// He is not known to do this.
    Skill,
    /// It lies outside his districts.
    District,
    /// Nobody works on that day.
    DayOff,
    /// It is not known whether that day is worked.
    NoCalendar {
        /// The year without data.
        year: i32,
    },
}

/// What speaks against the visit `id`, planned as in `values`, for a technician with `crew` and his other visits.
pub fn warnings(id: Uuid, values: &Values, crew: &Crew, others: &[Slot], calendar: Option<&Calendar>) -> Vec<Warning> {
    let text = |key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default();
    let at = |key: &str| DateTime::parse_from_rfc3339(text(key)).ok();
    let mut found = Vec::new();
    if let Some(from) = at("planned.from") {
        let until = at("planned.until").filter(|until| *until > from).unwrap_or(from + chrono::TimeDelta::hours(1));
        let meets = |slot: &&Slot| slot.id != id && slot.from < until && from < slot.until;
        found.extend(others.iter().filter(meets).map(|slot| Warning::Clash { number: slot.number.clone() }));
        found.extend(calendar.and_then(|calendar| day_off(calendar, from.date_naive())));
    }
    if !crew.skills.is_empty() && !crew.skills.iter().any(|skill| skill == text("type")) {
        found.push(Warning::Skill);
    }
    let address = format!("{}{}", text("customer.region"), text("customer.address"));
    if !crew.districts.is_empty()
        && !address.is_empty()
        && !crew.districts.iter().any(|district| address.contains(district.as_str()))
    {
        found.push(Warning::District);
    }
    found
}

fn day_off(calendar: &Calendar, day: NaiveDate) -> Option<Warning> {
    match calendar.is_working_day(day) {
        Ok(true) => None,
        Ok(false) => Some(Warning::DayOff),
        Err(unknown) => Some(Warning::NoCalendar { year: unknown.0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Years;
    use crate::rules::{RuleSets, preset};

    fn calendar() -> Calendar {
        let sets = RuleSets::new(preset("s2"), &Years::shipped()).unwrap();
        sets.in_force("2026-11-02".parse().unwrap()).unwrap().calendar("").clone()
    }

    #[track_caller]
    fn check(from: &str, until: &str, region: &str, kind: &str, expected: &[&str]) {
        let slot = Slot {
            id: Uuid::from_u128(1),
            number: "FW-1".into(),
            from: "2026-11-12T09:00:00+08:00".parse().unwrap(),
            until: "2026-11-12T11:00:00+08:00".parse().unwrap(),
        };
        let crew =
            Crew { skills: vec!["repair".into(), "install".into()], districts: vec!["余杭".into(), "西湖".into()] };
        let given = json!({"planned.from": from, "planned.until": until, "customer.region": region, "type": kind});
        let values: Values = serde_json::from_value(given).unwrap();
        let found = warnings(Uuid::from_u128(2), &values, &crew, std::slice::from_ref(&slot), Some(&calendar()));
        let codes: Vec<String> = found.iter().map(|w| json!(w)["code"].as_str().unwrap().to_string()).collect();
        assert_eq!(codes, expected, "{found:?}");
        assert!(
            warnings(slot.id, &values, &Crew::default(), std::slice::from_ref(&slot), None).is_empty(),
            "a visit meets itself"
        );
    }

    #[test]
    fn what_speaks_against_a_visit() {
        let day = |time: &str| format!("2026-11-12T{time}:00+08:00");
        check(&day("11:00"), &day("12:00"), "浙江省杭州市余杭区", "repair", &[]);
        check(&day("10:59"), "", "杭州市西湖区", "install", &["clash"]);
        check(&day("08:00"), "", "杭州市西湖区", "install", &[]);
        check(&day("08:00"), &day("12:00"), "宁波市", "train", &["clash", "skill", "district"]);
        check("2026-10-01T09:00:00+08:00", "", "", "repair", &["day_off"]);
        check("2026-10-10T09:00:00+08:00", "", "", "repair", &[]);
        check("2027-03-01T09:00:00+08:00", "", "", "repair", &["no_calendar"]);
        check("", "", "", "repair", &[]);
    }
}
