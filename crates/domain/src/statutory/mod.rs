//! Statutory hints on the form where they apply: law, article, day count (forms.md, R14). They inform; nothing that
//! was entered is ever overridden by them.

use std::sync::LazyLock;

use chrono::{DateTime, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::Values;
use crate::warranty::months_after;

/// A hint as it is shown beside the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Hint {
    /// Name of the law or regulation.
    pub law: String,
    /// Article or articles, as they are cited.
    pub article: String,
    /// Number of days, where the article names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub days: Option<u32>,
    /// Whether these are working days.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub working: bool,
    /// What it means here, in our own short wording.
    pub text: String,
    /// Last day of the term (included), where it follows from the form. None for working days, which a calendar
    /// counts, and where the term starts with something that the form does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub until: Option<NaiveDate>,
    /// The last day has passed.
    pub passed: bool,
}

/// Day from which a term counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Counted {
    /// The customer received the goods: the form's `product.delivered_on`, else the day of purchase.
    ReceivedGoods,
    /// The customer asked: 来电时间.
    Received,
}

/// Conditions; an empty list fits every value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct When {
    kinds: Vec<String>,
    categories: Vec<String>,
    channels: Vec<String>,
    identities: Vec<String>,
    demands: Vec<String>,
    /// Bought at a distance: an order number, or reported through the shop's own online ways.
    distance: bool,
    from: Option<Counted>,
    /// Only where the customer came within the term.
    while_open: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    law: String,
    article: String,
    days: Option<u32>,
    months: Option<u32>,
    #[serde(default)]
    working: bool,
    text: String,
    when: When,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    // Embedded; the tests below count and use its entries.
    serde_json::from_str(include_str!("hints.json")).unwrap_or_default()
});

/// Channels that only a buyer at a distance uses.
const DISTANT: [&str; 2] = ["online_chat", "app"];

fn text<'a>(values: &'a Values, key: &str) -> &'a str {
    values.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A day of the form. Of a moment the local day its author saw counts.
fn day(values: &Values, key: &str) -> Option<NaiveDate> {
    let written = text(values, key);
    written.parse().ok().or_else(|| DateTime::parse_from_rfc3339(written).ok().map(|m| m.date_naive()))
}

impl When {
    fn fits(&self, values: &Values) -> bool {
        let one_of = |codes: &[String], key: &str| codes.is_empty() || codes.iter().any(|c| c == text(values, key));
        let mut asked = values.get("demands").and_then(Value::as_array).into_iter().flatten();
        let distant = || !text(values, "product.order_number").is_empty() || DISTANT.contains(&text(values, "channel"));
        one_of(&self.kinds, "kind")
            && one_of(&self.categories, "category")
            && one_of(&self.channels, "channel")
            && one_of(&self.identities, "identity")
            && (self.demands.is_empty() || asked.any(|d| self.demands.iter().any(|code| d == code)))
            && (!self.distance || distant())
    }
}

impl Entry {
    fn hint(&self, values: &Values, today: NaiveDate) -> Option<Hint> {
        let when = &self.when;
        if !when.fits(values) {
            return None;
        }
        let from = match when.from? {
            Counted::Received => day(values, "received_at"),
            Counted::ReceivedGoods => {
                day(values, "product.delivered_on").or_else(|| day(values, "product.purchased_on"))
            }
        };
        let until = from.and_then(|from| match (self.days, self.months) {
            (Some(days), _) => from.checked_add_days(Days::new(days.into())),
            (None, Some(months)) => months_after(from, months),
            (None, None) => None,
        });
        // What counts is the day on which the customer came, not the day on which the form is read.
        let came = day(values, "received_at").unwrap_or(today);
        (!when.while_open || until.is_none_or(|until| came <= until)).then(|| self.shown(until, today))
    }

    fn shown(&self, until: Option<NaiveDate>, today: NaiveDate) -> Hint {
        Hint {
            law: self.law.clone(),
            article: self.article.clone(),
            days: self.days,
            working: self.working,
            text: self.text.clone(),
            until,
            passed: until.is_some_and(|until| until < today),
        }
    }
}

/// Hints that apply to the form with `values`, in the order of laws and articles. A term whose start is not on the
/// form yet is shown without its last day.
pub fn hints(values: &Values, today: NaiveDate) -> Vec<Hint> {
    let shown = |e: &Entry| match e.when.from {
        Some(_) => e.hint(values, today),
        None => e.when.fits(values).then(|| e.shown(None, today)),
    };
    ENTRIES.iter().filter_map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodeLists;
    use serde_json::json;

    /// Checks articles, as `消24 2026-11-08`; a term that has passed ends with `!`.
    #[track_caller]
    fn check(values: Value, today: &str, expected: &[&str]) {
        let values: Values = serde_json::from_value(values).unwrap();
        let before = values.clone();
        let found: Vec<String> = hints(&values, today.parse().unwrap())
            .iter()
            .map(|h| {
                let law = h.law.chars().next().unwrap_or_default();
                let until = h.until.map(|d| format!(" {d}")).unwrap_or_default();
                format!("{law}{}{until}{}", h.article, if h.passed { "!" } else { "" })
            })
            .collect();
        assert_eq!(found, expected, "{values:?}");
        assert_eq!(values, before);
    }

    #[test]
    fn hints_stand_where_they_apply() {
        let earphones = |came: &str| {
            json!({"kind": "return", "category": "product_quality", "channel": "online_chat", "demands": ["return", "refund"],
                "product.order_number": "2026110100094411", "product.purchased_on": "2026-11-01",
                "received_at": format!("{came}T09:02:00+08:00")})
        };
        check(
            earphones("2026-11-08"),
            "2026-11-08",
            &["消23 2027-05-01", "消24 2026-11-08", "消25 2026-11-08", "消25", "侵8 2026-11-23", "侵9"],
        );
        check(earphones("2026-11-09"), "2026-11-09", &["消23 2027-05-01", "消25", "侵8 2026-11-24", "侵9"]);
        // came in time; read a week later
        check(
            earphones("2026-11-08"),
            "2026-11-24",
            &["消23 2027-05-01", "消24 2026-11-08!", "消25 2026-11-08!", "消25", "侵8 2026-11-23!", "侵9"],
        );
        let heater = |bought: &str| {
            json!({"kind": "complaint", "category": "product_fault", "demands": ["exchange"], "channel": "hotline",
                "product.purchased_on": bought, "received_at": "2026-11-02T08:41:00+08:00"})
        };
        check(heater("2026-05-02"), "2026-11-02", &["消23 2026-11-02", "侵8 2026-11-17"]);
        check(heater("2026-05-01"), "2026-11-02", &["侵8 2026-11-17"]);
        check(
            json!({"channel": "regulator", "kind": "complaint", "category": "contract_invoice"}),
            "2026-11-05",
            &["消22", "消46"],
        );
        check(
            json!({"kind": "appeal", "category": "information_security"}),
            "2026-11-05",
            &["个6、19", "个44–48", "个51"],
        );
        check(json!({"kind": "consult", "identity": "id_tail"}), "2026-11-05", &["个28–29"]);
        check(
            json!({"kind": "complaint", "category": "timeliness", "demands": ["refund"], "received_at": "2026-12-20T00:12:00+08:00"}),
            "2026-12-21",
            &["侵10 2027-01-04"],
        );
        check(json!({"kind": "praise", "category": "attitude"}), "2026-11-05", &[]);
        check(json!({}), "2026-11-05", &[]);
    }

    #[test]
    fn a_delivery_day_counts_before_the_day_of_purchase() {
        let values = json!({"kind": "complaint", "category": "product_quality", "product.purchased_on": "2026-10-20",
            "product.delivered_on": "2026-11-01", "received_at": "2026-11-05T10:00:00+08:00"});
        check(values, "2026-11-05", &["消23 2027-05-01", "消24 2026-11-08"]);
    }

    #[test]
    fn the_file_names_codes_that_exist() {
        let lists = CodeLists::shipped();
        assert_eq!(ENTRIES.len(), 13, "the embedded file did not parse");
        for entry in ENTRIES.iter() {
            let w = &entry.when;
            let pairs = [
                ("kind", &w.kinds),
                ("category", &w.categories),
                ("channel", &w.channels),
                ("identity", &w.identities),
                ("demand", &w.demands),
            ];
            for (list, codes) in pairs {
                assert!(codes.iter().all(|c| lists.list(list).unwrap().offers(c)), "{list} {codes:?}");
            }
            assert!(!entry.working || entry.when.from.is_none(), "working days need a calendar");
        }
    }
}
