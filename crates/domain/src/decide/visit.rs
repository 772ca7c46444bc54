//! Does an act to a return visit for a person: asks its table, checks the answers against the questionnaire, fills in what
//! the program knows.

use serde_json::{Value, json};
use uuid::Uuid;

use super::write::{Writing, given_seat};
use super::{Asked, Draft, Refusal, Rules, line, reason};
use crate::change::{Line, Setting, act, kind};
use crate::process::demand::{self, Reason};
use crate::process::{Actor, Why, permit};
use crate::validate::{FieldError, Problem, is_empty};
use crate::visits::answers::{self, ALL_SOURCES, is_answer};
use crate::visits::follow::task;
use crate::visits::{ATTEMPTS, Questionnaire, TASKS, handled_by, outcome};
use crate::{Record, Values};

/// Does an act to the visit `id` that stands as `record` (see [`crate::visits::seen_with`]). The template of `rules` is
/// that of visits.
///
/// # Errors
/// [`Refusal::Denied`] where the table does not allow it to `actor`, first of all because he handled the matter;
/// [`Refusal::Fields`], [`Refusal::ReasonRequired`], [`Refusal::NothingChanged`].
pub fn visit(
    rules: Rules<'_>,
    actor: &Actor,
    id: Uuid,
    record: &Record,
    questionnaire: &Questionnaire,
    mut asked: Asked,
) -> Result<Draft, Refusal> {
    let row = permit(actor, record, &asked.act).map_err(Refusal::Denied)?;
    let mut draft = Draft::new(id, kind::VISIT, row.act);
    if row.act == act::PRINT {
        return Ok(draft);
    }
    let demand = demand::of(row.act).ok_or(Refusal::Denied(Why::WrongState))?;
    let answers = take_answers(&mut asked.values);
    let mut writing = Writing { rules, actor, record, draft: &mut draft, errors: Vec::new() };
    match row.act {
        act::VISIT_RECORD => record_answers(&mut writing, questionnaire, &answers, None),
        act::VISIT_CORRECT => record_answers(&mut writing, questionnaire, &answers, Some(record)),
        _ => writing.errors.extend(answers.keys().map(|key| FieldError::new(key, Problem::UnknownField))),
    }
    writing.fields(demand.fields, &asked.values);
    match &demand.line {
        Some(wanted) => {
            if wanted.list == ATTEMPTS && row.act != act::VISIT_TRY && !asked.add.contains_key(ATTEMPTS) {
                let id = writing.line_id(id, row.act);
                let line = Line { id, values: Values::new(), struck: false };
                asked.add.insert(ATTEMPTS.into(), vec![line]);
            }
            line::write(&mut writing, row.act, wanted, &asked)?;
        }
        None => writing.no_lines(&asked),
    }
    particulars(&mut writing, row.act)?;
    if !writing.errors.is_empty() {
        return Err(Refusal::Fields(writing.errors));
    }
    let why = reason(&asked.reason);
    if demand.reason == Reason::Required {
        let why = why.clone()?;
        let kept = match row.act {
            act::VISIT_REFUSE => Some("refusal"),
            act::VISIT_EXCUSE => Some("excuse"),
            _ => None,
        };
        if let Some(key) = kept {
            draft.set.insert(key.into(), Setting { to: json!(why), was: record.stamps(key) });
        }
    }
    if row.act == act::VISIT_CORRECT && draft.set.is_empty() {
        return Err(Refusal::NothingChanged);
    }
    draft.reason = why.ok();
    Ok(draft)
}

/// Answers and their sources, out of what was given.
fn take_answers(values: &mut Values) -> Values {
    let keys: Vec<String> = values.keys().filter(|key| is_answer(key) || *key == ALL_SOURCES).cloned().collect();
    keys.into_iter().filter_map(|key| values.remove_entry(&key)).collect()
}

fn record_answers(writing: &mut Writing<'_>, set: &Questionnaire, given: &Values, standing: Option<&Record>) {
    let occasion = writing.record.text("occasion").unwrap_or_default();
    match answers::checked(set, writing.rules.codes, occasion, given, standing) {
        Ok(values) => {
            for (key, to) in values {
                // Both values where two wrote without knowing of each other: a correction decides.
                let was = writing.record.stamps(&key);
                if writing.record.get(&key).unwrap_or(&Value::Null) != &to || was.len() > 1 {
                    writing.draft.set.insert(key, Setting { to, was });
                }
            }
            if standing.is_none() {
                writing.set("questionnaire", json!(set.version));
            }
        }
        Err(errors) => writing.errors.extend(errors),
    }
}

/// What single acts ask beyond their fields.
fn particulars(writing: &mut Writing<'_>, act: &str) -> Result<(), Refusal> {
    let result = match act {
        act::VISIT_AGREE => Some(outcome::AGREED),
        act::VISIT_REFUSE => Some(outcome::REFUSED),
        act::VISIT_RECORD => Some(outcome::REACHED),
        _ => None,
    };
    let until = writing.draft.set.get("agreed_at").map(|setting| setting.to.clone());
    let means = writing.draft.set.get("means").map(|setting| setting.to.clone());
    let actual = writing.draft.set.get("actual_at").map(|setting| setting.to.clone());
    if let (Some(result), Some(lines)) = (result, writing.draft.add.get_mut(ATTEMPTS)) {
        for line in lines {
            line.values.insert("outcome".into(), json!(result));
            if let (outcome::REACHED, Some(at)) = (result, &actual) {
                line.values.insert("at".into(), at.clone());
            }
            for (column, value) in [("until", &until), ("means", &means)] {
                if let Some(value) = value {
                    line.values.entry(column.into()).or_insert_with(|| value.clone());
                }
            }
        }
    }
    match act {
        act::VISIT_GIVE
            if given_seat(writing.draft, "visitor_seat").is_some_and(|to| handled_by(writing.record, to)) =>
        {
            return Err(Refusal::Denied(Why::OwnMatter));
        }
        act::VISIT_TRY => {
            let line = writing.draft.add.get(ATTEMPTS).and_then(|lines| lines.first());
            let what = line.and_then(|line| line.values.get("outcome")).and_then(Value::as_str).unwrap_or_default();
            if !what.is_empty() && ![outcome::NO_ANSWER, outcome::OFF].contains(&what) {
                writing.errors.push(FieldError::new("attempts.outcome", Problem::UnknownOption));
            }
        }
        act::VISIT_AGREE => {
            let at = until.as_ref().and_then(Value::as_str);
            let at = at.and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
            if at.is_some_and(|at| at <= writing.rules.now) {
                writing.errors.push(FieldError::new("agreed_at", Problem::OutOfRange));
            }
        }
        act::VISIT_TASK => {
            let line = writing.draft.add.get(TASKS).and_then(|lines| lines.first());
            let given = |key: &str| line.is_some_and(|line| !is_empty(line.values.get(key)));
            let improves = line.and_then(|line| line.values.get("type")) == Some(&json!(task::IMPROVEMENT));
            // Somebody answers for an improvement; a suggestion goes to a department.
            let missing = if improves { !given("owner") } else { !given("department") };
            if missing {
                let key = if improves { "tasks.owner" } else { "tasks.department" };
                writing.errors.push(FieldError::new(key, Problem::Required));
            }
        }
        _ => {}
    }
    Ok(())
}
