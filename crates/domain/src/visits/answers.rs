//! Answers as a visit keeps them: checked against the questionnaire, each with where it came from, and how they changed.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::{Change, act};
use crate::template::{Author, Block};
use crate::validate::{FieldError, Problem, is_empty};
use crate::visits::questionnaire::{Question, QuestionKind, Questionnaire};
use crate::{CodeLists, Field, FieldKind, Record, Stamp, Template, Values};

/// Beginnings of the keys of answers and of their sources.
pub const ANSWER: &str = "answer.";
/// See [`ANSWER`].
pub const SOURCE: &str = "source.";
/// Key of the source of answers that name none of their own.
pub const ALL_SOURCES: &str = "source";
/// Code list of the sources.
const SOURCES: &str = "visit_source";

/// Whether a field of a visit is an answer, or says where one came from.
pub fn is_answer(key: &str) -> bool {
    key.starts_with(ANSWER) || key.starts_with(SOURCE)
}

/// The answers of `given`, checked, as they are to be written; `standing` are those there already. An answer without a
/// source has that of `source`, one without either was said (客户口述).
///
/// # Errors
/// Every answer that stands in the way: of no question, of the wrong kind, required and missing.
pub fn checked(
    questionnaire: &Questionnaire,
    codes: &CodeLists,
    occasion: &str,
    given: &Values,
    standing: Option<&Record>,
) -> Result<Values, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut values = Values::new();
    let known = |code: &Value| {
        let list = codes.list(SOURCES);
        code.as_str().is_some_and(|code| list.is_some_and(|list| list.items.iter().any(|item| item.code == code)))
    };
    let common = given.get(ALL_SOURCES).cloned().unwrap_or_else(|| json!("said"));
    if !known(&common) {
        errors.push(FieldError::new(ALL_SOURCES, Problem::UnknownOption));
    }
    let asked: Vec<&Question> = questionnaire.of(occasion).collect();
    for key in given.keys().filter(|key| is_answer(key)) {
        let plain = key.split_once('.').map_or("", |(_, plain)| plain);
        if asked.iter().all(|question| question.key != plain) {
            errors.push(FieldError::new(key, Problem::UnknownField));
        }
    }
    for question in asked {
        let (key, source_key) = (question.answer(), question.source());
        let answer = given.get(&key).filter(|answer| !is_empty(Some(answer)));
        let emptied = given.contains_key(&key) && answer.is_none();
        let there = !emptied && standing.is_some_and(|record| !is_empty(record.get(&key)));
        errors.extend(question.problem(answer));
        match answer {
            Some(answer) => {
                let source = given.get(&source_key).cloned().unwrap_or_else(|| common.clone());
                if !known(&source) {
                    errors.push(FieldError::new(&source_key, Problem::UnknownOption));
                }
                values.insert(source_key, source);
                values.insert(key, answer.clone());
            }
            None if question.required && !there => errors.push(FieldError::new(&key, Problem::Required)),
            None if emptied => {
                values.insert(source_key, Value::Null);
                values.insert(key, Value::Null);
            }
            None => {
                if let Some(source) = given.get(&source_key).filter(|_| there) {
                    if !known(source) {
                        errors.push(FieldError::new(&source_key, Problem::UnknownOption));
                    }
                    values.insert(source_key, source.clone());
                }
            }
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// An answer that was changed after it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// Key of the answer.
    pub field: String,
    /// What stood there, and who had written it.
    pub from: (Value, Uuid),
    /// What was put in its place, by whom.
    pub to: (Value, Uuid),
    /// When.
    pub at: Stamp,
    /// Why.
    pub reason: String,
}

/// Every change of an answer, oldest first, from the changes of `visit` in the order of their stamps. A change that had no
/// effect at its place counts for nothing.
pub fn corrections(changes: &[Change], visit: &Record) -> Vec<Corrected> {
    let mut record = Record::default();
    let mut found = Vec::new();
    let effective = |change: &&Change| visit.out_of_place.iter().all(|out| out.change != change.id);
    for change in changes.iter().filter(effective) {
        let before = record.clone();
        record.apply(change);
        if change.act != act::VISIT_CORRECT {
            continue;
        }
        for (key, setting) in change.set.iter().filter(|(key, _)| is_answer(key)) {
            let cell = before.fields.get(key);
            found.push(Corrected {
                field: key.clone(),
                from: cell.map_or((Value::Null, Uuid::nil()), |cell| (cell.value.clone(), cell.seat)),
                to: (setting.to.clone(), change.seat),
                at: change.at,
                reason: change.reason.clone().unwrap_or_default(),
            });
        }
    }
    found
}

/// 《客户回访记录表》 with the questions of `questionnaire` for an occasion, and the code lists that it needs beside the
/// shipped ones: what screen and paper show.
pub fn template(questionnaire: &Questionnaire, occasion: &str, codes: &CodeLists) -> (Template, CodeLists) {
    let mut template = Template::visit();
    let mut codes = codes.clone();
    codes.0.extend(questionnaire.questions.iter().filter_map(Question::code_list));
    let columns = template.columns;
    let mut rows: Vec<Vec<Field>> = Vec::new();
    let mut half: Option<Field> = None;
    for question in questionnaire.of(occasion) {
        let narrow = question.kind == QuestionKind::Score;
        let field = cell(question, if narrow { columns / 2 } else { columns });
        match (narrow, half.take()) {
            (true, Some(left)) => rows.push(vec![left, field]),
            (true, None) => half = Some(field),
            (false, waiting) => {
                rows.extend(waiting.map(|left| vec![Field { w: columns, ..left }]));
                rows.push(vec![field]);
            }
        }
    }
    rows.extend(half.map(|left| vec![Field { w: columns, ..left }]));
    if let Some(at) = template.blocks.iter().position(|block| block.key == "answers") {
        let Block { rows: last, .. } = &mut template.blocks[at];
        rows.append(last);
        *last = rows;
    }
    (template, codes)
}

fn cell(question: &Question, w: u8) -> Field {
    let text = question.kind == QuestionKind::Text;
    Field {
        key: question.answer(),
        label: question.label.clone(),
        kind: if text { FieldKind::Long } else { FieldKind::Choice },
        w,
        lw: 3,
        by: Author::Process,
        list: (!text).then(|| question.list_key()),
        required: false,
        boxes: !text,
        max: text.then_some(4000),
        rows: 1,
        hint: None,
        columns: Vec::new(),
    }
}
