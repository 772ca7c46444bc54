//! The knowledge base (知识库): questions with their checked answers, so that whoever does not know for sure looks before he
//! answers (R71).
//!
//! An entry is saved whole: its words, its source and who verified them belong together, and every version stays in the
//! history of its record.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use crate::privacy::mask_text;
use crate::process::role;
use crate::text::folded;
use crate::validate::{FieldError, Problem};
use crate::{CodeLists, Record, Values};

/// Field of its record that holds an entry.
pub const FIELD: &str = "entry";

/// Roles that keep the knowledge base.
pub const KEEPERS: &[&str] = &[role::RECORDS, role::SUPERVISOR, role::ADMIN];

/// Longest question, source and product word, in characters.
const LINE: usize = 200;
/// Longest answer, in characters.
const ANSWER: usize = 4000;
/// Most product words of an entry.
const WORDS: usize = 20;

/// A question and its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(rename = "KnowledgeEntry")]
pub struct Entry {
    /// Its record; nil where it is new.
    pub id: Uuid,
    /// Raised with every edit.
    pub version: u32,
    /// What is asked.
    pub title: String,
    /// What to say.
    pub answer: String,
    /// 类别 it concerns, a code; empty: any.
    pub kind: String,
    /// 业务类别 it concerns, a code; empty: any.
    pub category: String,
    /// Words of which one stands in the product's name or model; none: any product.
    pub products: Vec<String>,
    /// On what it rests (依据): manual, drawing, contract, a department's word.
    pub source: String,
    /// Who verified it; the program fills that in.
    pub verified_by: String,
    /// The day on which he did; the program fills that in.
    #[ts(type = "string | null")]
    pub verified_on: Option<NaiveDate>,
    /// Last day on which it counts as verified; none: no end.
    #[ts(type = "string | null")]
    pub valid_until: Option<NaiveDate>,
    /// No longer offered (停用).
    pub retired: bool,
}

impl Entry {
    /// The entry that a record holds; none where it cannot be read.
    pub fn read(id: Uuid, record: &Record) -> Option<Entry> {
        let entry: Entry = serde_json::from_value(record.get(FIELD)?.clone()).ok()?;
        Some(Entry { id, ..entry })
    }

    /// Whether it must be verified anew (待复核) before it counts as checked.
    pub fn is_stale(&self, today: NaiveDate) -> bool {
        self.valid_until.is_some_and(|last| last < today)
    }

    /// Takes blanks, and product words that stand there twice, out.
    pub fn tidy(&mut self) {
        for text in [&mut self.title, &mut self.answer, &mut self.source, &mut self.kind, &mut self.category] {
            *text = text.trim().into();
        }
        let mut words: Vec<String> = Vec::new();
        for word in self.products.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
            if words.iter().all(|other| other != word) {
                words.push(word.into());
            }
        }
        self.products = words;
    }

    /// What stands in the way of saving it.
    pub fn faults(&self, codes: &CodeLists, today: NaiveDate) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let with =
            |field: &str, problem, detail: String| FieldError { field: field.into(), problem, detail: Some(detail) };
        for (field, text, most) in
            [("title", &self.title, LINE), ("answer", &self.answer, ANSWER), ("source", &self.source, LINE)]
        {
            if text.is_empty() {
                faults.push(FieldError::new(field, Problem::Required));
            } else if text.chars().count() > most {
                faults.push(with(field, Problem::TooLong, most.to_string()));
            }
        }
        for (field, code) in [("kind", &self.kind), ("category", &self.category)] {
            if !code.is_empty() && !codes.list(field).is_some_and(|list| list.offers(code)) {
                faults.push(with(field, Problem::UnknownOption, code.clone()));
            }
        }
        if self.products.len() > WORDS || self.products.iter().any(|word| word.chars().count() > LINE) {
            faults.push(FieldError::new("products", Problem::OutOfRange));
        }
        if self.is_stale(today) {
            faults.push(FieldError::new("valid_until", Problem::OutOfRange));
        }
        faults
    }

    /// Fields in which something looks like a telephone, identity or card number, an address of mail or WeChat. A word
    /// about one customer has no place in what all devices get.
    pub fn personal(&self) -> Vec<&'static str> {
        let texts = [("title", &self.title), ("answer", &self.answer), ("source", &self.source)];
        texts.into_iter().filter(|(_, text)| mask_text(text) != **text).map(|(field, _)| field).collect()
    }

    /// Whether it says the same, whoever verified it and whether it is in use.
    pub fn same_words(&self, other: &Entry) -> bool {
        let words = |entry: &Entry| Entry {
            id: Uuid::nil(),
            version: 0,
            verified_by: String::new(),
            verified_on: None,
            retired: false,
            ..entry.clone()
        };
        words(self) == words(other)
    }

    /// How well it fits a form; none where it does not, or where it names nothing by which that could be judged.
    fn fit(&self, values: &Values) -> Option<u32> {
        let text = |key: &str| values.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let mut sum = 0;
        for (asked, key, weight) in [(&self.kind, "kind", KIND), (&self.category, "category", CATEGORY)] {
            match text(key) {
                _ if asked.is_empty() => {}
                Some(code) if code == asked => sum += weight,
                Some(_) => return None,
                None => {}
            }
        }
        if !self.products.is_empty() {
            let product: Vec<String> = PRODUCT.iter().filter_map(|key| text(key)).map(folded).collect();
            if self.products.iter().map(|word| folded(word)).any(|word| product.iter().any(|text| text.contains(&word)))
            {
                sum += NAMED;
            } else if !product.is_empty() {
                return None;
            }
        }
        (sum > 0).then_some(sum)
    }

    fn everything(&self) -> String {
        let texts = [&self.title, &self.answer, &self.source];
        texts.into_iter().chain(&self.products).map(|text| folded(text)).collect::<Vec<_>>().join("\n")
    }
}

/// Fields that name the product.
const PRODUCT: [&str; 2] = ["product.name", "product.model"];
/// Weight of what fits; the sum orders the suggestions.
const NAMED: u32 = 8;
const CATEGORY: u32 = 6;
const KIND: u32 = 2;

/// Those in use that fit a form with these values: what must be verified anew last, then the best first.
pub fn suggest<'a>(entries: &'a [Entry], values: &Values, today: NaiveDate) -> Vec<&'a Entry> {
    let offered = entries.iter().filter(|entry| !entry.retired);
    let mut fitting: Vec<_> = offered.filter_map(|entry| Some((entry.fit(values)?, entry))).collect();
    fitting.sort_by_key(|(sum, entry)| (entry.is_stale(today), std::cmp::Reverse(*sum)));
    fitting.into_iter().map(|(_, entry)| entry).collect()
}

/// Those in which every word of `query` stands, or is spelt by `sounds` (a text and a word); first those with it in the
/// question. An empty query finds nothing.
pub fn search<'a>(entries: &'a [Entry], query: &str, sounds: impl Fn(&str, &str) -> bool) -> Vec<&'a Entry> {
    let query = folded(query);
    let words: Vec<&str> = query.split_whitespace().collect();
    if words.is_empty() {
        return Vec::new();
    }
    let holds = |text: &str, spoken: &str| words.iter().all(|word| text.contains(word) || sounds(spoken, word));
    let (first, rest): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| holds(&folded(&entry.title), &entry.title));
    let rest = rest.into_iter().filter(|entry| {
        let spoken = format!("{}，{}", entry.title, entry.products.join("，"));
        holds(&entry.everything(), &spoken)
    });
    first.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn entry(title: &str, more: Value) -> Entry {
        let mut whole = json!({"title": title, "answer": "整机保修三年。", "source": "说明书第 21 页"});
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn past_its_day_an_entry_waits_to_be_verified() {
        let entry = entry("保修几年", json!({"valid_until": "2026-11-20"}));
        assert!(!entry.is_stale(day("2026-11-20")) && entry.is_stale(day("2026-11-21")));
        assert!(!Entry { valid_until: None, ..entry }.is_stale(day("2099-01-01")));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let codes = CodeLists::shipped();
        let check = |more: Value, expected: &[(&str, Problem)]| {
            let mut entry = entry("保修几年", more);
            entry.tidy();
            let faults: Vec<_> =
                entry.faults(&codes, day("2026-11-20")).into_iter().map(|f| (f.field, f.problem)).collect();
            let expected: Vec<_> = expected.iter().map(|(field, problem)| (field.to_string(), *problem)).collect();
            assert_eq!(faults, expected);
        };
        check(json!({"kind": "repair", "category": "product_fault", "products": [" 热水器 ", "", "热水器"]}), &[]);
        check(json!({"source": "  ", "answer": ""}), &[("answer", Problem::Required), ("source", Problem::Required)]);
        check(json!({"title": "长".repeat(201)}), &[("title", Problem::TooLong)]);
        check(json!({"kind": "hologram"}), &[("kind", Problem::UnknownOption)]);
        check(json!({"valid_until": "2026-11-19"}), &[("valid_until", Problem::OutOfRange)]);
        check(
            json!({"products": (0..=WORDS).map(|n| format!("词{n}")).collect::<Vec<_>>()}),
            &[("products", Problem::OutOfRange)],
        );
    }

    #[test]
    fn words_about_one_customer_are_noticed() {
        let found = entry("陈女士的 13800138021 能改吗", json!({"answer": "微信 chenxy_66"})).personal();
        assert_eq!(found, ["title", "answer"]);
        assert_eq!(entry("E1 是什么", json!({"answer": "点火失败，2026 年起的型号 JSQ30-16LN"})).personal(), [""; 0]);
    }

    #[test]
    fn what_fits_the_form_comes_first_and_what_is_past_its_day_last() {
        let all = [
            entry("任何时候", json!({})),
            entry("类别", json!({"kind": "repair"})),
            entry("旧的", json!({"products": ["热水器"], "valid_until": "2026-01-01"})),
            entry("产品", json!({"products": ["净水器", "jsq30"]})),
            entry("业务", json!({"category": "product_fault"})),
            entry("别的业务", json!({"category": "delivery", "products": ["热水器"]})),
            entry("停用", json!({"products": ["热水器"], "retired": true})),
        ];
        let check = |values: Value, expected: &[&str]| {
            let values: Values = serde_json::from_value(values).unwrap();
            let found: Vec<_> = suggest(&all, &values, day("2026-11-20")).iter().map(|e| e.title.as_str()).collect();
            assert_eq!(found, expected, "{values:?}");
        };
        let heater = json!({"kind": "repair", "category": "product_fault", "product.name": "燃气热水器",
            "product.model": "JSQ30-16LN"});
        check(heater, &["产品", "业务", "类别", "旧的"]);
        check(json!({"kind": "complaint", "category": "product_fault"}), &["业务"]);
        check(json!({}), &[]);
    }

    #[test]
    fn found_by_characters_and_by_sound() {
        let all = [
            entry("点火失败怎么办", json!({"products": ["热水器"]})),
            entry("保修几年", json!({"answer": "点火器三年。"})),
        ];
        let sounds = |text: &str, word: &str| word == "reshuiqi" && text.contains("热水器");
        let check = |query: &str, expected: &[&str]| {
            let found: Vec<_> = search(&all, query, sounds).iter().map(|e| e.title.as_str()).collect();
            assert_eq!(found, expected, "{query}");
        };
        check("点火", &["点火失败怎么办", "保修几年"]);
        check("点火器　说明书", &["保修几年"]);
        check("reshuiqi 点火", &["点火失败怎么办"]);
        check("飞机", &[]);
        check("  ", &[]);
    }

    #[test]
    fn retiring_changes_no_words() {
        let one = entry("保修几年", json!({"version": 3, "verified_by": "王芳"}));
        assert!(one.same_words(&Entry { retired: true, version: 4, verified_by: "李静".into(), ..one.clone() }));
        assert!(!one.same_words(&Entry { source: "合同".into(), ..one.clone() }));
    }
}
