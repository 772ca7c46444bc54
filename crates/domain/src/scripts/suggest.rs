//! Which scripts fit what is happening now.

use serde_json::Value;
use ts_rs::TS;

use super::{Library, Script};
use crate::Values;

/// What is known of the situation, as codes; empty where a field is not filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, TS)]
#[serde(default)]
pub struct Situation {
    /// Act being done; `intake` before registration.
    pub act: String,
    /// 受理渠道.
    pub channel: String,
    /// 类别.
    pub kind: String,
    /// 业务类别.
    pub category: String,
    /// 情绪.
    pub mood: String,
    /// 严重度.
    pub severity: String,
    /// 客户要求.
    pub demands: Vec<String>,
    /// 铃响次数.
    #[ts(type = "number | null")]
    pub rings: Option<i64>,
    /// 第__次.
    #[ts(type = "number | null")]
    pub occurrence: Option<i64>,
}

impl Situation {
    /// The situation of a form on which `act` is being done.
    pub fn of(act: &str, values: &Values) -> Self {
        let text = |key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let number = |key: &str| values.get(key).and_then(Value::as_i64);
        let demands = values.get("demands").and_then(Value::as_array).into_iter().flatten();
        Situation {
            act: act.into(),
            channel: text("channel"),
            kind: text("kind"),
            category: text("category"),
            mood: text("mood"),
            severity: text("severity"),
            demands: demands.filter_map(Value::as_str).map(Into::into).collect(),
            rings: number("ring_count"),
            occurrence: number("occurrence"),
        }
    }
}

/// Weight of what a script asks for: safety before temper before matter. The sum orders the suggestions.
const SEVERITY: u32 = 32;
const MOOD: u32 = 16;
const LATE: u32 = 12;
const AGAIN: u32 = 10;
const CATEGORY: u32 = 6;
const DEMAND: u32 = 5;
const KIND: u32 = 4;
const CHANNEL: u32 = 1;

/// How well `script` fits; None where it does not, or where it names no act and so is only found by searching.
fn fit(script: &Script, now: &Situation) -> Option<u32> {
    let when = &script.when;
    if !when.acts.contains(&now.act) {
        return None;
    }
    let mut sum = 0;
    let lists = [
        (&when.channels, &now.channel, CHANNEL),
        (&when.kinds, &now.kind, KIND),
        (&when.categories, &now.category, CATEGORY),
        (&when.moods, &now.mood, MOOD),
        (&when.severities, &now.severity, SEVERITY),
    ];
    for (asked, given, weight) in lists {
        match asked.is_empty() {
            true => {}
            false if asked.contains(given) => sum += weight,
            false => return None,
        }
    }
    if !when.demands.is_empty() {
        when.demands.iter().find(|d| now.demands.contains(d))?;
        sum += DEMAND;
    }
    if when.late {
        now.rings.filter(|rings| *rings > 3)?;
        sum += LATE;
    }
    if when.again {
        now.occurrence.filter(|times| *times > 1)?;
        sum += AGAIN;
    }
    Some(sum)
}

impl Library {
    /// Ids of the scripts that fit, the most particular first, then in the library's order.
    pub fn suggest(&self, now: &Situation) -> Vec<&str> {
        let mut fitting: Vec<_> = self.offered().filter_map(|s| Some((fit(s, now)?, s.id.as_str()))).collect();
        fitting.sort_by_key(|(sum, _)| std::cmp::Reverse(*sum));
        fitting.into_iter().map(|(_, id)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(act: &str, values: Value, first: &[&str], absent: &[&str]) {
        let values: Values = serde_json::from_value(values).unwrap();
        let library = Library::shipped();
        let found = library.suggest(&Situation::of(act, &values));
        assert_eq!(found.get(..first.len()), Some(first), "{act} {values:?}: {found:?}");
        for id in absent {
            assert!(!found.contains(id), "{act} {values:?}: {id} in {found:?}");
        }
    }

    #[test]
    fn the_most_particular_comes_first() {
        check(
            "intake",
            json!({"kind": "complaint", "category": "product_fault", "mood": "agitated", "ring_count": 5, "channel": "hotline"}),
            &["agitated", "abuse"],
            &["displeased", "ask_needs", "safety"],
        );
        check(
            "intake",
            json!({"channel": "hotline", "ring_count": 4}),
            &["late_pickup", "hard_to_reach"],
            &["agitated"],
        );
        check("intake", json!({"channel": "hotline", "ring_count": 3}), &["ask_needs", "opening"], &["late_pickup"]);
        check("intake", json!({"channel": "email", "kind": "praise"}), &["praise"], &["opening", "hands_free"]);
        check("intake", json!({"kind": "complaint", "severity": "safety"}), &["safety"], &[]);
        check("intake", json!({"kind": "complaint", "demands": ["compensation"]}), &["claim", "complaint"], &[]);
        check("intake", json!({"kind": "repair", "occurrence": 2}), &["reopen"], &[]);
        check("intake", json!({"kind": "repair", "occurrence": 1}), &[], &["reopen"]);
        check("visit", json!({}), &["visit_opening", "visit_questions"], &["opening"]);
        check("pass_on", json!({}), &["pass_on"], &["transfer"]);
        check("register", json!({"kind": "repair"}), &["tell_procedure", "closing"], &["opening"]);
        check("teleport", json!({"kind": "hologram"}), &[], &["opening"]);
    }
}
