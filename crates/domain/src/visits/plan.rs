//! Periodic visits (R90): a plan gives its customer one visit after the other. There is never more than one of a plan
//! that waits, so that nobody comes back from a holiday to a dozen.

use chrono::{DateTime, FixedOffset, Months, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use uuid::Uuid;

use crate::calendar::Calendar;
use crate::change::{Setting, act, kind};
use crate::decide::{Draft, Refusal};
use crate::process::{Actor, Why, role};
use crate::validate::{FieldError, Problem, is_empty};
use crate::visits::arise::{Basis, Origin, due_values, planned};
use crate::visits::occasion;
use crate::{Record, Values};

/// Who lays down plans.
const PLANNERS: &[&str] = &[role::RECEPTION, role::RECORDS, role::SUPERVISOR];

/// A plan of periodic visits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Plan {
    /// Customer.
    #[ts(type = "string")]
    pub customer: Uuid,
    /// The product it is about; none: the customer as such.
    #[ts(optional, type = "string")]
    pub product: Option<Uuid>,
    /// What is asked after.
    pub content: String,
    /// Its first day.
    #[ts(optional, type = "string")]
    pub first: Option<NaiveDate>,
    /// Months from one visit to the next, 1 to 60.
    pub months: u32,
    /// No further visits after this day.
    #[ts(optional, type = "string")]
    pub until: Option<NaiveDate>,
    /// Stopped.
    pub stopped: bool,
}

impl Plan {
    /// As its record keeps it.
    pub fn read(record: &Record) -> Self {
        let values: serde_json::Map<String, Value> = record.values().into_iter().collect();
        serde_json::from_value(Value::Object(values)).unwrap_or_default()
    }

    /// The first day of the plan that lies after `after`, or on it where that is the first of all; none where it ends
    /// before, or is stopped. Days are counted from the first one, so that the 31st stays the 31st where there is one.
    pub fn next(&self, after: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
        let first = self.first.filter(|_| !self.stopped && self.months > 0)?;
        let days = (0..).map_while(|n: u32| first.checked_add_months(Months::new(self.months.checked_mul(n)?)));
        let due = |day: &NaiveDate| after.is_none_or(|after| *day > after);
        // What was missed is not made up for: of the days gone by only the last counts.
        let mut next: Option<NaiveDate> = None;
        for day in days.take(1200).filter(due) {
            if self.until.is_some_and(|until| day > until) {
                break;
            }
            if day > today && next.is_some() {
                break;
            }
            next = Some(day);
            if day >= today {
                break;
            }
        }
        next
    }

    /// The visit of the plan for `on`; where that is no working day, due on the next. None where it is there already.
    pub fn visit(
        &self,
        plan: Uuid,
        on: NaiveDate,
        calendar: &Calendar,
        visit: &Record,
        left_out: Option<String>,
    ) -> Option<Draft> {
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or(NaiveTime::MIN);
        let from: DateTime<FixedOffset> = on.and_time(noon).and_local_timezone(calendar.zone()).single()?;
        let mut values: Values = due_values(calendar, Basis { from, working_days: 0 });
        let tail = plan.simple().to_string();
        let tail = tail.get(tail.len().saturating_sub(4)..).unwrap_or_default().to_uppercase();
        values.extend([
            ("occasion".to_string(), json!(occasion::PERIODIC)),
            ("number".into(), json!(format!("HF-{}-D-{tail}", on.format("%Y%m%d")))),
            ("plan".into(), json!(plan.to_string())),
            ("plan_on".into(), json!(on.to_string())),
            ("content".into(), json!(self.content)),
            ("customer".into(), json!(self.customer.to_string())),
            ("product".into(), json!(self.product.map(|id| id.to_string()))),
        ]);
        planned(Origin::Plan { plan, on }.id(), visit, values, left_out)
    }
}

/// Lays down a plan, or changes one.
///
/// # Errors
/// [`Refusal::Denied`], [`Refusal::Fields`] (no customer, no first day, months beyond 60, an end before its beginning),
/// [`Refusal::NothingChanged`].
pub fn save(actor: &Actor, id: Uuid, record: &Record, plan: &Plan) -> Result<Draft, Refusal> {
    if !actor.holds(PLANNERS) {
        return Err(Refusal::Denied(Why::WrongRole));
    }
    let mut errors = Vec::new();
    let mut say = |bad: bool, field: &str, problem| {
        if bad {
            errors.push(FieldError::new(field, problem));
        }
    };
    say(plan.customer.is_nil(), "customer", Problem::Required);
    say(plan.first.is_none(), "first", Problem::Required);
    say(!(1..=60).contains(&plan.months), "months", Problem::OutOfRange);
    say(plan.until.is_some_and(|until| plan.first.is_some_and(|first| until < first)), "until", Problem::OutOfRange);
    say(plan.content.chars().count() > 400, "content", Problem::TooLong);
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let mut draft = Draft::new(id, kind::VISIT_PLAN, act::CONFIGURE);
    let members = match serde_json::to_value(plan) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    for (key, to) in members {
        let to = if is_empty(Some(&to)) { Value::Null } else { to };
        if record.get(&key).unwrap_or(&Value::Null) != &to {
            let was = record.stamps(&key);
            draft.set.insert(key, Setting { to, was });
        }
    }
    if draft.set.is_empty() { Err(Refusal::NothingChanged) } else { Ok(draft) }
}
