//! Return visits (回访): made with the closing that they follow from, shown, recorded, and what follows from them.

mod closing;
mod forms;
mod list;
mod plans;
mod record;
mod rounds;
mod show;

pub(crate) use closing::{after_form_act, closed_between, due_again};
pub(crate) use list::due_counts;
pub(crate) use show::{VisitSheet, printed, sheet_of};

use kefu_domain::change::kind;
use kefu_domain::visits::{self, Questionnaire};
use kefu_domain::{CodeLists, Record, Template};
use serde_json::Value;
use uuid::Uuid;

use crate::desk::Open;
use crate::wire::{Code, Failure};

/// Id that a field of a visit names.
fn named(record: &Record, key: &str) -> Option<Uuid> {
    record.text(key).and_then(|text| Uuid::try_parse(text).ok())
}

/// The visit `id` and the form that it asks after. The visit stands as it is to be judged: with everybody who handled
/// the form up to now.
async fn visit(open: &Open, id: Uuid) -> Result<(Record, Option<Record>), Failure> {
    let visit = open.store.record(id).await?.filter(|record| record.kind == kind::VISIT);
    let visit = visit.ok_or_else(|| Failure::new(Code::NotFound))?;
    let matter = matter(open, &visit).await?;
    let seen = visits::seen_with(&visit, matter.as_ref());
    Ok((seen, matter.filter(|_| visit.get(visits::FORM).is_some())))
}

/// The form whose hands keep away from a visit.
async fn matter(open: &Open, visit: &Record) -> Result<Option<Record>, Failure> {
    Ok(match visits::matter(visit) {
        Some(form) => open.store.record(form).await?.filter(|record| record.kind == kind::FORM),
        None => None,
    })
}

/// Every version of the questionnaire.
async fn questionnaires(open: &Open) -> Result<Vec<Questionnaire>, Failure> {
    let own = open.store.records_of(kind::QUESTIONNAIRE).await?;
    Ok(Questionnaire::versions(own.iter().map(|(_, record)| record)))
}

/// The questionnaire of a visit: the version that was answered; before that the one in use.
async fn questionnaire(open: &Open, visit: &Record) -> Result<Questionnaire, Failure> {
    let mut all = questionnaires(open).await?;
    let answered = visit.get("questionnaire").and_then(Value::as_u64);
    let at = all.iter().rposition(|set| answered.is_none_or(|version| u64::from(set.version) == version));
    let last = all.len().saturating_sub(1);
    Ok(all.swap_remove(at.unwrap_or(last)))
}

/// The sheet of a visit with the questions that it was asked, and the words of their options.
pub(crate) async fn sheet_words(open: &Open, visit: &Record) -> Result<(Template, CodeLists), Failure> {
    Ok(template(open, &questionnaire(open, visit).await?, visit))
}

/// The sheet of a visit with its questions, and the words of their options.
fn template(open: &Open, set: &Questionnaire, visit: &Record) -> (Template, CodeLists) {
    visits::template(set, visit.text("occasion").unwrap_or_default(), &open.form().codes)
}
