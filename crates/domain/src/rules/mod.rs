//! Rule sets: what a company's regulation says, as versioned data (R15, R40, R60). The regulations that were analysed
//! ship as presets; a company picks one and edits it, and every version stays, because forms are measured by the rules
//! of their day.

mod check;
mod marks;
mod presets;
mod route;
mod sets;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::CodeLists;
use crate::calendar::CalendarData;
use crate::clocks::{Clock, Escalation};
use crate::visits::VisitRules;

pub use check::{RuleFault, RuleProblem};
pub use marks::{Mark, MarkKind, Marks};
pub use presets::{PRESETS, preset};
pub use route::{Route, route_hours};
pub use sets::{RuleSets, Rules};

/// Which of the two lines a rule set belongs to; text, so that lines of a newer version survive.
pub mod line {
    /// The company's own regulation.
    pub const HOUSE: &str = "house";
    /// The law, which runs beside every regulation and cannot be switched off by one (R14).
    pub const STATUTORY: &str = "statutory";
}

/// One version of a rule set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RuleSet {
    /// Stable name; versions of one regulation share it.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Raised with every change.
    pub version: u32,
    /// One of [`mod@line`]: `house` or `statutory`.
    #[serde(default = "house")]
    pub line: String,
    /// First day on which it is in force, in the zone of its default calendar.
    #[ts(type = "string")]
    pub effective_from: NaiveDate,
    /// Whether clocks that start after this day on forms received before it count by this version, too. Clocks that
    /// have started keep theirs in any case.
    #[serde(default)]
    pub reaches_open_forms: bool,
    /// Who issued it (R15).
    #[serde(default)]
    pub issuer: String,
    /// Who approved it (R15). Empty in presets: nobody of the company has yet.
    #[serde(default)]
    pub approver: String,
    /// Code lists that differ from the shipped ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub categories: Option<CodeLists>,
    /// Working calendars.
    pub calendars: CalendarSet,
    /// Where forms go; the first route that fits counts (R40).
    #[serde(default)]
    pub routing: Vec<Route>,
    /// Clocks (R51–R60).
    #[serde(default)]
    pub clocks: Vec<Clock>,
    /// Escalation of all its clocks.
    #[serde(default)]
    pub escalation: Vec<Escalation>,
    /// Waiting forms that are marked, and other bounds of the desk.
    #[serde(default)]
    pub marks: Marks,
    /// Return visits: after which closings, within how many working days (R91, R92).
    #[serde(default)]
    pub visits: VisitRules,
    /// Field keys that an act asks for, by act.
    #[serde(default)]
    pub required: BTreeMap<String, Vec<String>>,
    /// Code of list `retention` by class (a kind, or `default`) (R100).
    #[serde(default)]
    pub retention: BTreeMap<String, String>,
    /// Indicators that are reported, by id (R107–R115).
    #[serde(default)]
    pub indicators: Vec<String>,
    /// Id of the script library (话术).
    #[serde(default)]
    pub scripts: String,
    /// Members of a newer version, kept as they stand.
    #[serde(flatten)]
    #[ts(skip)]
    pub other: Map<String, Value>,
}

/// The calendars of a rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarSet {
    /// The company's.
    pub default: CalendarData,
    /// Departments with hours of their own, by name of the department.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub departments: BTreeMap<String, CalendarData>,
}

fn house() -> String {
    line::HOUSE.into()
}
