//! When a return visit arises and on which working day it is due (R74, R91, R92).

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use uuid::Uuid;

use crate::calendar::{Calendar, DayEnd, NoData};
use crate::change::{Setting, act, kind};
use crate::clocks::{Condition, Facts};
use crate::customer::Party;
use crate::decide::{Draft, moment};
use crate::process::condition::standing;
use crate::rules::Rules;
use crate::visits::tries::NEEDED;
use crate::visits::{HANDS, NO_VISITS, occasion, state};
use crate::{Record, Values};

/// Space of the ids of visits: v5 of it and what a visit arises from.
const SPACE: Uuid = Uuid::from_u128(0x6b65_6675_7669_7369_7473_0000_0000_0001);

/// After which closings a visit is made. The first that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Arise {
    /// Which forms are meant.
    pub when: Condition,
    /// Code of the list `visit_type`.
    pub occasion: String,
    /// The visit is due on this working day after the day of closing.
    pub working_days: u32,
}

/// What a rule set says of return visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct VisitRules {
    /// After which closings.
    pub arise: Vec<Arise>,
    /// Half-days on which a customer is tried before he counts as out of reach.
    pub tries: u32,
    /// Working days that the visits of a quarterly round have from its draw.
    pub survey_days: u32,
}

impl Default for VisitRules {
    /// A complaint or consult on the first working day, a repair on the third, an installation on the seventh.
    fn default() -> Self {
        let arise = |kinds: &[&str], categories: &[&str], occasion: &str, working_days| {
            let codes = |codes: &[&str]| codes.iter().map(|code| code.to_string()).collect();
            let when = Condition { kinds: codes(kinds), categories: codes(categories), ..Condition::default() };
            Arise { when, occasion: occasion.into(), working_days }
        };
        VisitRules {
            arise: vec![
                arise(&["complaint", "appeal"], &[], occasion::COMPLAINT, 1),
                arise(&["repair", "consult"], &["installation"], occasion::INSTALLATION, 7),
                arise(&["repair"], &[], occasion::REPAIR, 3),
                arise(&["consult"], &[], occasion::CONSULT, 1),
            ],
            tries: 3,
            survey_days: 10,
        }
    }
}

/// From what a visit arises: its id follows from this and from nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The closing of a form in a round: it is closed once between two reopenings, whichever device does it. The id of
    /// the closing change would not do, since two devices that close the same form each make one of their own, of which
    /// only the first has an effect.
    Closing {
        /// The form.
        form: Uuid,
        /// How often it had been reopened.
        round: u32,
    },
    /// A day of a periodic plan.
    Plan {
        /// The plan.
        plan: Uuid,
        /// The day.
        on: NaiveDate,
    },
    /// A customer drawn in a survey.
    Survey {
        /// The round.
        round: Uuid,
        /// The customer.
        customer: Uuid,
    },
}

impl Origin {
    /// Id of the visit, the same on every device.
    pub fn id(self) -> Uuid {
        let text = match self {
            Origin::Closing { form, round } => format!("closing {form} {round}"),
            Origin::Plan { plan, on } => format!("plan {plan} {on}"),
            Origin::Survey { round, customer } => format!("survey {round} {customer}"),
        };
        Uuid::new_v5(&SPACE, text.as_bytes())
    }
}

/// From when on how many working days are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// Its day is not counted.
    pub from: DateTime<FixedOffset>,
    /// Working days; 0: that day, or the next working day where it is off.
    pub working_days: u32,
}

/// The day on which a visit is due.
///
/// # Errors
/// A year without calendar data: then the day is not guessed.
pub fn due_day(calendar: &Calendar, basis: Basis) -> Result<NaiveDate, NoData> {
    let end = calendar.add_working_days(basis.from, basis.working_days, DayEnd::Midnight)?;
    Ok((end - TimeDelta::milliseconds(1)).date_naive())
}

/// Fields of a visit that say when it is due; also for one whose year had no data when it arose.
pub fn due_values(calendar: &Calendar, basis: Basis) -> Values {
    let (due, missing) = match due_day(calendar, basis) {
        Ok(day) => (json!(day.to_string()), Value::Null),
        Err(NoData(year)) => (Value::Null, json!(year)),
    };
    Values::from([
        ("basis".into(), json!(moment(basis.from))),
        ("working_days".into(), json!(basis.working_days)),
        ("due".into(), due),
        ("due_missing_year".into(), missing),
    ])
}

/// The basis that a visit's record keeps.
pub fn basis(record: &Record) -> Option<Basis> {
    let from = DateTime::parse_from_rfc3339(record.text("basis")?).ok()?;
    let days = record.get("working_days").and_then(Value::as_u64)?;
    Some(Basis { from, working_days: u32::try_from(days).ok()? })
}

/// Why a customer is left out: his own words, or `consent_withdrawn` where he withdrew the consent on the form.
pub fn left_out(customer: Option<&Record>, form: Option<&Record>) -> Option<String> {
    let refused = customer.and_then(|record| record.get(NO_VISITS)).and_then(|refused| refused.get("reason"));
    let withdrawn = || {
        let log = standing(form?, "consent_log");
        let last = log.filter(|line| line.values.get("consent") == Some(&json!("visit"))).last()?;
        (last.values.get("given") == Some(&json!(false))).then(|| "consent_withdrawn".to_string())
    };
    refused.and_then(Value::as_str).map(str::to_string).or_else(withdrawn)
}

/// The visit that follows from closing `form` at `closed`, which stands as `record` after that; none where the rules of
/// that day ask for none. Of a customer who wants none it says so. `visit` is what there is of it already.
pub fn of_closing(
    rules: &Rules,
    form: Uuid,
    record: &Record,
    customer: Option<&Record>,
    visit: &Record,
    closed: DateTime<FixedOffset>,
) -> Option<Draft> {
    let facts = Facts::of(record);
    let arise = rules.set.visits.arise.iter().find(|arise| arise.when.holds(&facts))?;
    let round = record.course.reopened;
    let basis = Basis { from: closed, working_days: arise.working_days };
    let mut values = due_values(rules.calendar(""), basis);
    let party = Party::of(&record.values());
    let number = record.text("number").unwrap_or_default();
    let hands: Vec<String> = record.course.hands.iter().map(Uuid::to_string).collect();
    values.extend([
        ("occasion".to_string(), json!(arise.occasion)),
        ("number".into(), json!(visit_number(number, round))),
        ("form".into(), json!(form.to_string())),
        ("form_number".into(), json!(number)),
        ("customer".into(), json!(party.customer.map(|id| id.to_string()))),
        ("department".into(), json!(record.text("dispatch.department"))),
        (HANDS.into(), json!(hands)),
        (NEEDED.into(), json!(rules.set.visits.tries)),
    ]);
    planned(Origin::Closing { form, round }.id(), visit, values, left_out(customer, Some(record)))
}

/// The change that makes a visit, or takes one up again that was dropped; none where it is there already. With a reason
/// in `left_out` it is made only to say that it is not made.
pub fn planned(id: Uuid, visit: &Record, values: Values, left_out: Option<String>) -> Option<Draft> {
    let act = match (visit.state.as_str(), &left_out) {
        ("", None) | (state::CANCELLED, None) => act::VISIT_PLAN,
        ("", Some(_)) => act::VISIT_SKIP,
        _ => return None,
    };
    let mut draft = Draft::new(id, kind::VISIT, act);
    for (key, to) in values {
        if visit.get(&key).unwrap_or(&Value::Null) != &to {
            let was = visit.stamps(&key);
            draft.set.insert(key, Setting { to, was });
        }
    }
    draft.reason = left_out;
    Some(draft)
}

/// 回访编号: it follows from the form's number, so that two devices give the same one. A later round is counted.
fn visit_number(form: &str, round: u32) -> String {
    let tail = form.strip_prefix("KF-").unwrap_or(form);
    if round == 0 { format!("HF-{tail}") } else { format!("HF-{tail}-{}", round + 1) }
}

/// The visit of `form` that is open waits no longer, because the form is: written when it is reopened, or its closing
/// taken back. None where it is over, or there is none.
pub fn dropped(form: Uuid, round: u32, visit: &Record, why: &str) -> Option<Draft> {
    let open = [state::PLANNED, state::UNREACHABLE].contains(&visit.state.as_str());
    open.then(|| {
        let mut draft = Draft::new(Origin::Closing { form, round }.id(), kind::VISIT, act::VISIT_DROP);
        draft.reason = Some(why.into());
        draft
    })
}
