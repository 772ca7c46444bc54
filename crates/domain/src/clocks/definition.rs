//! A clock as a rule set defines it: for which forms, from what to what, how long, what stops it for a while.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;

use super::facts::{ENDINGS, Event, Facts};
use crate::calendar::DayEnd;

/// Names of the clock kinds that this version knows (requirements.md: the milestones are distinct).
pub mod clock_kind {
    /// 首次响应.
    pub const RESPONSE: &str = "response";
    /// 方案答复.
    pub const ANSWER: &str = "answer";
    /// 开始处理.
    pub const START: &str = "start";
    /// 处理完毕.
    pub const DONE: &str = "done";
    /// 承诺.
    pub const PROMISE: &str = "promise";
    /// 下次联系.
    pub const NEXT_CONTACT: &str = "next_contact";
    /// 法定: outranks house clocks on ties and names its article (R14).
    pub const STATUTORY: &str = "statutory";
}

/// How long a clock gives. In JSON `{"working_days": 2}`, `{"field": "reply_by"}`, `"same_day"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub enum Limit {
    /// Minutes by the wall clock, nights and holidays included (R51, R52).
    NaturalMinutes(u32),
    /// Minutes while the desk is open.
    WorkingMinutes(u32),
    /// The end of the nth following working day (R53, R54).
    WorkingDays(u32),
    /// The end of the nth following day, working or not, as laws count. The due day is not moved where it falls on a
    /// holiday: the earlier day is the safe one.
    CalendarDays(u32),
    /// The end of the day on which the clock starts (R55).
    SameDay,
    /// The moment that a field names (R56–R59).
    Field(String),
    /// A limit of a newer version, kept as it stands; it gives no due time.
    Other(Value),
}

impl From<Value> for Limit {
    fn from(value: Value) -> Self {
        let known = || {
            if value == "same_day" {
                return Some(Limit::SameDay);
            }
            let members = value.as_object().filter(|m| m.len() == 1)?;
            let (name, amount) = members.iter().next()?;
            let count = amount.as_u64().and_then(|n| u32::try_from(n).ok());
            match name.as_str() {
                "natural_minutes" => count.map(Limit::NaturalMinutes),
                "working_minutes" => count.map(Limit::WorkingMinutes),
                "working_days" => count.map(Limit::WorkingDays),
                "calendar_days" => count.map(Limit::CalendarDays),
                "field" => amount.as_str().map(|key| Limit::Field(key.into())),
                _ => None,
            }
        };
        known().unwrap_or(Limit::Other(value))
    }
}

impl From<Limit> for Value {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::NaturalMinutes(n) => json!({ "natural_minutes": n }),
            Limit::WorkingMinutes(n) => json!({ "working_minutes": n }),
            Limit::WorkingDays(n) => json!({ "working_days": n }),
            Limit::CalendarDays(n) => json!({ "calendar_days": n }),
            Limit::SameDay => json!("same_day"),
            Limit::Field(key) => json!({ "field": key }),
            Limit::Other(value) => value,
        }
    }
}

/// Which forms something is for. Within one list any code fits, an empty list fits all; every list must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Condition {
    /// 类别.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub kinds: Vec<String>,
    /// 业务类别.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub categories: Vec<String>,
    /// 严重度.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub severities: Vec<String>,
    /// 受理渠道.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub channels: Vec<String>,
    /// 客户要求; one of the form's has to be among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub demands: Vec<String>,
    /// 责任部门.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub departments: Vec<String>,
}

impl Condition {
    /// Whether a form with `facts` is meant.
    pub fn holds(&self, facts: &Facts) -> bool {
        let fits = |list: &[String], code: &String| list.is_empty() || list.contains(code);
        fits(&self.kinds, &facts.kind)
            && fits(&self.categories, &facts.category)
            && fits(&self.severities, &facts.severity)
            && fits(&self.channels, &facts.channel)
            && fits(&self.departments, &facts.department)
            && (self.demands.is_empty() || facts.demands.iter().any(|d| self.demands.contains(d)))
    }
}

/// The definition of a clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Clock {
    /// Stable name within its rule set.
    pub id: String,
    /// One of [`clock_kind`]; text, so that kinds of a newer version survive.
    pub kind: String,
    /// Name for people.
    pub name: String,
    /// Forms it runs on.
    #[serde(default)]
    pub when: Condition,
    /// Event at which it starts.
    pub starts: Event,
    /// Events at which it stops, whichever comes first. [`ENDINGS`] stop every clock.
    pub stops: Vec<Event>,
    /// How long it gives.
    #[ts(type = "unknown")]
    pub limit: Limit,
    /// `midnight` or `closing`, for limits in days; anything else counts as midnight.
    #[serde(default = "midnight")]
    pub day_end: String,
    /// Reasons of a pause that are credited to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub pauses: Vec<String>,
    /// Law and article of a statutory clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub article: Option<String>,
    /// Requirement or page from which the rule comes, for the print of the rule set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub source: Option<String>,
    /// Members of a newer version.
    #[serde(flatten)]
    #[ts(skip)]
    pub other: Map<String, Value>,
}

fn midnight() -> String {
    "midnight".into()
}

impl Clock {
    /// When a day is over for this clock.
    pub fn day_end(&self) -> DayEnd {
        if self.day_end == "closing" { DayEnd::Closing } else { DayEnd::Midnight }
    }

    /// Whether it comes from a law.
    pub fn statutory(&self) -> bool {
        self.kind == clock_kind::STATUTORY
    }

    /// Whether it runs on by night and on holidays, so that its escalation does, too.
    pub fn runs_by_night(&self) -> bool {
        matches!(self.limit, Limit::NaturalMinutes(_))
    }

    /// Whether `event` stops it.
    pub(super) fn stopped_by(&self, event: &str) -> bool {
        ENDINGS.contains(&event) || self.stops.iter().any(|s| s == event)
    }
}
