//! After-sales plans (R138, R139): content, time and people for one customer, and the visits that follow from them.
//!
//! A visit that falls on a day off goes to the next working day; each has an id made of its plan and its nominal day, so
//! that two desks that make the same plan's visits make the same ones.

use chrono::{Days, Months, NaiveDate, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;
use uuid::Uuid;

use super::acts::OFFICE;
use super::{ENGINEER_SEAT, PLAN, act as own, made_of};
use crate::calendar::{Calendar, NoData};
use crate::change::{Setting, kind};
use crate::decide::{Draft, Refusal, moment};
use crate::process::{Actor, Why};
use crate::validate::{FieldError, Problem};
use crate::{Record, Values};

/// How often a plan comes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PlanEvery")]
pub enum Every {
    /// Once.
    Once,
    /// Every so many weeks.
    Weeks,
    /// Every so many months, on the day of the first, or the last of a shorter month.
    Months,
}

/// A plan for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "ServicePlan")]
pub struct Plan {
    /// What is done.
    pub content: String,
    /// Code of the list `service_type`.
    #[serde(rename = "type")]
    pub service: String,
    /// First nominal day.
    #[ts(type = "string")]
    pub first: NaiveDate,
    /// Last day on which a visit may nominally fall; none: until ended.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub until: Option<NaiveDate>,
    /// How often.
    pub every: Every,
    /// So many weeks or months; at least 1.
    #[serde(default = "one")]
    pub step: u32,
    /// Beginning of the appointment, `09:00`.
    #[ts(type = "string")]
    pub time: NaiveTime,
    /// Its length in minutes.
    #[serde(default = "hour")]
    pub minutes: u32,
    /// Technician, by seat and name; empty: to be dispatched.
    #[serde(default)]
    pub engineer_seat: Option<Uuid>,
    /// His name.
    #[serde(default)]
    pub engineer: String,
    /// Customer and device as they go onto each sheet: `customer.*`, `contact.*`, `product.*`.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Makes visits; false once ended.
    #[serde(default = "yes")]
    pub active: bool,
}

fn one() -> u32 {
    1
}

fn hour() -> u32 {
    60
}

fn yes() -> bool {
    true
}

/// A visit that a plan asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Id of its sheet.
    pub id: Uuid,
    /// The day the plan names.
    pub nominal: NaiveDate,
    /// The day on which it is done: the same, or the next that is worked.
    pub day: NaiveDate,
}

/// Visits of one plan that are looked at.
const MOST: u32 = 2_000;

impl Plan {
    /// Reads a plan; none where a newer version wrote it in another shape.
    pub fn read(record: &Record) -> Option<Self> {
        let members: Map<String, Value> = record.values().into_iter().collect();
        serde_json::from_value(Value::Object(members)).ok()
    }

    /// Makes or changes the plan `id`.
    ///
    /// # Errors
    /// [`Refusal::Denied`], [`Refusal::Fields`], [`Refusal::NothingChanged`].
    pub fn save(&self, actor: &Actor, id: Uuid, record: &Record) -> Result<Draft, Refusal> {
        if !actor.holds(OFFICE) {
            return Err(Refusal::Denied(Why::WrongRole));
        }
        let mut errors = Vec::new();
        if self.content.trim().is_empty() {
            errors.push(FieldError::new("content", Problem::Required));
        }
        if self.values.get("customer.name").and_then(Value::as_str).unwrap_or_default().trim().is_empty() {
            errors.push(FieldError::new("customer.name", Problem::Required));
        }
        if !(1..=120).contains(&self.step) {
            errors.push(FieldError::new("step", Problem::OutOfRange));
        }
        if !(15..=24 * 60).contains(&self.minutes) {
            errors.push(FieldError::new("minutes", Problem::OutOfRange));
        }
        if self.until.is_some_and(|until| until < self.first) {
            errors.push(FieldError::new("until", Problem::OutOfRange));
        }
        if !errors.is_empty() {
            return Err(Refusal::Fields(errors));
        }
        let mut draft = Draft::new(id, kind::PLAN, own::PLAN);
        let members = match json!(self) {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        for (key, to) in members {
            if record.get(&key).unwrap_or(&Value::Null) != &to {
                let was = record.stamps(&key);
                draft.set.insert(key, Setting { to, was });
            }
        }
        if draft.set.is_empty() { Err(Refusal::NothingChanged) } else { Ok(draft) }
    }

    /// The `nth` nominal day, counted from 0; months are counted from the first day, so that the 31st comes back.
    fn nominal(&self, nth: u32) -> Option<NaiveDate> {
        let steps = nth.checked_mul(self.step.max(1))?;
        match self.every {
            Every::Once => (nth == 0).then_some(self.first),
            Every::Weeks => self.first.checked_add_days(Days::new(7 * u64::from(steps))),
            Every::Months => self.first.checked_add_months(Months::new(steps)),
        }
    }

    /// Visits of the plan `id` that nominally fall on `from` … `to`, both included.
    ///
    /// # Errors
    /// Whether a day is worked is not known: nothing is guessed.
    pub fn due(&self, id: Uuid, from: NaiveDate, to: NaiveDate, calendar: &Calendar) -> Result<Vec<Due>, NoData> {
        let mut due = Vec::new();
        let last = self.until.map_or(to, |until| until.min(to));
        for nominal in (0..MOST).map_while(|nth| self.nominal(nth)).take_while(|day| *day <= last) {
            if nominal < from || !self.active {
                continue;
            }
            let mut day = nominal;
            while !calendar.is_working_day(day)? {
                day = day.succ_opt().ok_or(NoData(i32::MAX))?;
            }
            due.push(Due { id: made_of(&["visit of", &id.to_string(), &nominal.to_string()]), nominal, day });
        }
        Ok(due)
    }

    /// The values of the sheet of one visit, in the zone of `calendar`.
    pub fn sheet(&self, id: Uuid, due: &Due, calendar: &Calendar) -> Values {
        let begins = due.day.and_time(self.time).and_local_timezone(calendar.zone()).single().unwrap_or_default();
        let ends = begins + TimeDelta::minutes(i64::from(self.minutes));
        let mut values = self.values.clone();
        values.insert("type".into(), json!(self.service));
        values.insert("urgency".into(), json!("normal"));
        values.insert("fault".into(), json!(self.content));
        values.insert("planned.from".into(), json!(moment(begins)));
        values.insert("planned.until".into(), json!(moment(ends)));
        values.insert(PLAN.into(), json!(id.to_string()));
        if let Some(seat) = self.engineer_seat {
            values.insert(ENGINEER_SEAT.into(), json!(seat.to_string()));
            values.insert("engineer".into(), json!(self.engineer));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Years;
    use crate::rules::{RuleSets, preset};

    fn plan(first: &str, every: Every, step: u32, until: Option<&str>) -> Plan {
        Plan {
            content: "季度保养".into(),
            service: "maintain".into(),
            first: first.parse().unwrap(),
            until: until.map(|day| day.parse().unwrap()),
            every,
            step,
            time: "09:00:00".parse().unwrap(),
            minutes: 90,
            engineer_seat: None,
            engineer: String::new(),
            values: [("customer.name".to_string(), json!("陈秀英"))].into(),
            active: true,
        }
    }

    fn days(plan: &Plan, to: &str) -> Result<Vec<String>, NoData> {
        let sets = RuleSets::new(preset("s2"), &Years::shipped()).unwrap();
        let calendar = sets.in_force("2026-11-02".parse().unwrap()).unwrap().calendar("").clone();
        let due = plan.due(Uuid::nil(), "2026-01-01".parse().unwrap(), to.parse().unwrap(), &calendar)?;
        Ok(due.iter().map(|due| due.day.to_string()).collect())
    }

    #[track_caller]
    fn check(plan: Plan, to: &str, expected: &str) {
        assert_eq!(days(&plan, to).unwrap().join(" "), expected);
    }

    /// 2026: off 02-15…23, 05-01…05, 10-01…07; worked on the weekends of 02-14, 02-28, 05-09, 10-10.
    #[test]
    fn visits_skip_the_days_off() {
        check(
            plan("2026-01-31", Every::Months, 1, None),
            "2026-05-31",
            "2026-02-02 2026-02-28 2026-03-31 2026-04-30 2026-06-01",
        );
        check(plan("2026-02-16", Every::Weeks, 1, None), "2026-03-01", "2026-02-24 2026-02-24");
        check(plan("2026-10-03", Every::Weeks, 1, Some("2026-10-10")), "2026-12-31", "2026-10-08 2026-10-10");
        check(plan("2026-05-01", Every::Once, 1, None), "2026-12-31", "2026-05-06");
        check(plan("2026-03-31", Every::Months, 3, None), "2026-12-31", "2026-03-31 2026-06-30 2026-09-30 2026-12-31");
        let mut ended = plan("2026-05-01", Every::Once, 1, None);
        ended.active = false;
        check(ended, "2026-12-31", "");
    }

    #[test]
    fn an_unknown_year_is_said_and_ids_are_the_same_everywhere() {
        let yearly = plan("2026-06-01", Every::Months, 12, None);
        assert_eq!(days(&yearly, "2026-12-31").unwrap().len(), 1);
        assert_eq!(days(&yearly, "2027-12-31"), Err(NoData(2027)));
        let sets = RuleSets::new(preset("s2"), &Years::shipped()).unwrap();
        let calendar = sets.in_force("2026-11-02".parse().unwrap()).unwrap().calendar("").clone();
        let due = |from: &str, to: &str| {
            let weekly = plan("2026-03-02", Every::Weeks, 1, None);
            let due = weekly.due(Uuid::from_u128(7), from.parse().unwrap(), to.parse().unwrap(), &calendar).unwrap();
            due.into_iter().map(|due| due.id).collect::<Vec<_>>()
        };
        let (early, late) = (due("2026-03-01", "2026-03-20"), due("2026-03-10", "2026-03-31"));
        assert_eq!(early[2], late[0], "the same visit has the same id, whoever makes it");
        let sheet = plan("2026-03-02", Every::Once, 1, None);
        let one =
            sheet.due(Uuid::nil(), "2026-03-01".parse().unwrap(), "2026-03-31".parse().unwrap(), &calendar).unwrap();
        let values = sheet.sheet(Uuid::nil(), &one[0], &calendar);
        assert_eq!(values["planned.from"], "2026-03-02T09:00:00+08:00");
        assert_eq!(values["planned.until"], "2026-03-02T10:30:00+08:00");
        assert_eq!(Plan::read(&Record::default()), None);
    }
}
