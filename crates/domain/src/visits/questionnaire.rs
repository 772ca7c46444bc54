//! The questionnaire as data (R93): what is asked, in which order, with which answers. Versioned, because a rating means
//! what was asked on its day; a company edits it, and every version stays.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::validate::{FieldError, Problem, is_empty};
use crate::{CodeItem, CodeList, Record};

/// Longest answer in words, in characters.
const LONGEST: usize = 4000;

/// How a question is answered. The JSON shape of the answer stands behind each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// 1–5: whole number.
    Score,
    /// 0–10: whole number.
    Nps,
    /// One of the options: its code.
    Choice,
    /// In words: string.
    Text,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Question {
    /// Stable key: the record keeps the answer under `answer.KEY`, and where it came from under `source.KEY`.
    pub key: String,
    /// Label on screen and paper.
    pub label: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What the visitor says.
    #[serde(default)]
    pub ask: String,
    /// A visit is not done without it.
    #[serde(default)]
    pub required: bool,
    /// Occasions (code list `visit_type`) on which it is asked; empty: on all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occasions: Vec<String>,
    /// Options of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<CodeItem>,
}

/// One version of the questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Questionnaire {
    /// Stable name.
    pub id: String,
    /// Raised with every change.
    pub version: u32,
    /// Name for people.
    pub title: String,
    /// Questions in the order of asking.
    pub questions: Vec<Question>,
}

/// Keys that consequences are read from ([`crate::visits::follow`]); a questionnaire without them would leave a customer
/// who is not helped unheard.
pub const NEEDED: [&str; 3] = ["solved", "overall", "suggestion"];

impl Questionnaire {
    /// As shipped (forms.md 《客户回访记录表》).
    pub fn shipped() -> Self {
        // Embedded data; `the_shipped_one_is_sound` reads it.
        serde_json::from_str(include_str!("../../templates/questionnaire.json")).unwrap_or_else(|_| Questionnaire {
            id: String::new(),
            version: 0,
            title: String::new(),
            questions: Vec::new(),
        })
    }

    /// All versions of a company, the shipped one first, from the records that hold its own. What cannot be read is of a
    /// newer version and stays in its record.
    pub fn versions<'a>(own: impl IntoIterator<Item = &'a Record>) -> Vec<Questionnaire> {
        let read = |record: &Record| serde_json::from_value(record.get("set")?.clone()).ok();
        let mut all = vec![Questionnaire::shipped()];
        all.extend(own.into_iter().filter_map(read));
        all.sort_by_key(|set| set.version);
        all
    }

    /// The questions of an occasion.
    pub fn of(&self, occasion: &str) -> impl Iterator<Item = &Question> {
        let occasion = occasion.to_string();
        self.questions.iter().filter(move |q| q.occasions.is_empty() || q.occasions.contains(&occasion))
    }

    /// What stands in the way of using it; empty where nothing does.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut say = |bad: bool, place: String, problem| {
            if bad {
                errors.push(FieldError::new(place, problem));
            }
        };
        say(self.title.trim().is_empty(), "title".into(), Problem::Required);
        let mut keys = BTreeSet::new();
        for (at, question) in self.questions.iter().enumerate() {
            let place = |member: &str| format!("questions[{at}].{member}");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            say(question.key.is_empty() || !question.key.chars().all(plain), place("key"), Problem::WrongKind);
            say(!keys.insert(&question.key), place("key"), Problem::Repeated);
            say(question.label.trim().is_empty(), place("label"), Problem::Required);
            let choice = question.kind == QuestionKind::Choice;
            say(choice == question.options.is_empty(), place("options"), Problem::Required);
            let codes: BTreeSet<&str> = question.options.iter().map(|option| option.code.as_str()).collect();
            say(codes.len() < question.options.len(), place("options"), Problem::Repeated);
        }
        for key in NEEDED {
            say(!keys.contains(&key.to_string()), key.into(), Problem::Required);
        }
        // What follows from an answer is read by its code.
        let must_offer = [("solved", vec!["no"]), ("overall", vec!["dissatisfied", "very_dissatisfied"])];
        for (key, codes) in must_offer {
            let question = self.questions.iter().find(|question| question.key == key);
            let lacks = |code: &&str| question.is_some_and(|q| q.options.iter().all(|option| option.code != *code));
            say(codes.iter().any(lacks), format!("{key}.options"), Problem::Required);
        }
        errors
    }
}

impl Question {
    /// Key under which a visit keeps the answer.
    pub fn answer(&self) -> String {
        format!("answer.{}", self.key)
    }

    /// Key under which it keeps where the answer came from.
    pub fn source(&self) -> String {
        format!("source.{}", self.key)
    }

    /// Key of the code list of its options.
    pub fn list_key(&self) -> String {
        format!("{}.options", self.answer())
    }

    /// Its options as a code list: the steps of a score are options, too.
    pub fn code_list(&self) -> Option<(String, CodeList)> {
        let numbers = |from: u8, to: u8| {
            let item =
                |n: u8| CodeItem { code: n.to_string(), label: n.to_string(), initials: n.to_string(), retired: false };
            (from..=to).map(item).collect()
        };
        let items = match self.kind {
            QuestionKind::Score => numbers(1, 5),
            QuestionKind::Nps => numbers(0, 10),
            QuestionKind::Choice => self.options.clone(),
            QuestionKind::Text => return None,
        };
        Some((self.list_key(), CodeList { version: 1, label: self.label.clone(), items }))
    }

    /// What is wrong with an answer; none where nothing is, or nothing was answered.
    pub fn problem(&self, answer: Option<&Value>) -> Option<FieldError> {
        let answer = answer.filter(|answer| !is_empty(Some(answer)))?;
        let within = |from: u64, to: u64| match answer.as_u64() {
            Some(n) if (from..=to).contains(&n) => None,
            Some(_) => Some(Problem::OutOfRange),
            None => Some(Problem::WrongKind),
        };
        let problem = match self.kind {
            QuestionKind::Score => within(1, 5),
            QuestionKind::Nps => within(0, 10),
            QuestionKind::Choice => match answer.as_str() {
                Some(code) if self.options.iter().any(|option| option.code == code) => None,
                Some(_) => Some(Problem::UnknownOption),
                None => Some(Problem::WrongKind),
            },
            QuestionKind::Text => match answer.as_str() {
                Some(text) if text.chars().count() <= LONGEST => None,
                Some(_) => Some(Problem::TooLong),
                None => Some(Problem::WrongKind),
            },
        };
        let detail = match problem {
            Some(Problem::TooLong) => Some(LONGEST.to_string()),
            Some(Problem::UnknownOption) => answer.as_str().map(str::to_string),
            _ => None,
        };
        problem.map(|problem| FieldError { field: self.answer(), problem, detail })
    }
}
