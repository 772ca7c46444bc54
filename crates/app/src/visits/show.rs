//! One visit with everything beside the number to dial: the matter, the customer's history, the questionnaire.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Offset};
use serde_json::json;
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::moment;
use kefu_domain::privacy::Mask;
use kefu_domain::process::{Offer, offers};
use kefu_domain::visits::answers::SOURCE;
use kefu_domain::visits::{self, NO_VISITS, QuestionKind, Questionnaire};
use kefu_domain::{Change, CodeLists, Lists, Record, Template, Values};

use super::list::{in_clear, known_by, rows};
use super::{named, questionnaire, template, visit};
use crate::customers::{HISTORY, corrections};
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::seat::members;
use crate::wire::{AnswerChange, Code, Failure, FormRow, NeedView, OfferView, VisitEntry, VisitMatter, VisitView};

/// Fields of a customer that the visitor needs beside the number.
const BESIDE: [&str; 7] = [
    "customer.salutation",
    "customer.region",
    "customer.address",
    "contact.name",
    "product.name",
    "product.model",
    "product.serial",
];

impl Desk {
    /// One visit.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn visit(&self, id: Uuid) -> Result<VisitView, Failure> {
        let open = self.open()?;
        let (record, form) = visit(&open, id).await?;
        let (eyes, now) = (Eyes::of(&open).await?, self.now());
        let known = known_by(&open, &record).await?;
        let latest = match (known, form) {
            (Some(known), Some(form)) => Some((known, form)),
            (Some(known), None) => open.store.record(known).await?.map(|form| (known, form)),
            (None, _) => None,
        };
        let of_form = latest.as_ref().map(|(id, form)| (*id, form));
        let clear = in_clear(&open, &eyes, &record, of_form);
        let customer = match named(&record, "customer") {
            Some(customer) => open.store.customer(customer).await?.map(|entry| entry.id),
            None => None,
        };
        let row = rows(&open, &[(id, record.clone())], now).await?.into_iter().next();
        let row = row.ok_or_else(|| Failure::new(Code::NotFound))?;
        let mut values = of_form.map(|(_, form)| form.values()).unwrap_or_default();
        let corrected = corrections(&open, &values).await?;
        values.extend(corrected.values().into_iter().filter(|(key, _)| key.starts_with("customer.")));
        let shown = open.form();
        let mask = Mask::of([&values], &shown.template);
        let beside =
            |key: &str| values.get(key).map(|value| if clear { value.clone() } else { mask.value(key, value) });
        let dial = ["customer.phone", "customer.phone2"].into_iter().filter_map(beside);
        let dial = dial.filter_map(|number| number.as_str().map(str::to_string)).collect();
        let names: HashMap<Uuid, String> =
            members(&open.store).await?.into_iter().map(|(id, member)| (id, member.name)).collect();
        let asked_after = of_form.filter(|_| record.get("form").is_some());
        let matter = asked_after.map(|(form, told)| matter(form, told, &record, &names, (clear, &mask)));
        let (mut history, mut earlier) = (Vec::new(), Vec::new());
        let mut no_visits = None;
        if let Some(customer) = customer {
            history = open.store.forms_of_customer(customer, HISTORY).await?;
            earlier = open.store.visits_of_customer(customer, HISTORY).await?;
            earlier.retain(|(other, _)| *other != id);
            let known = open.store.record(customer).await?.unwrap_or_default();
            no_visits = known.get(NO_VISITS).and_then(|no| no.get("reason")?.as_str().map(str::to_string));
        }
        let best_hours = visits::best_hours(earlier.iter().map(|(_, record)| record));
        let (changes, set) = (open.store.changes_of(id).await?, questionnaire(&open, &record).await?);
        let (timeline, changed) = story(&changes, &record, &names);
        Ok(VisitView {
            row,
            values: readable(&record, &set, clear),
            lists: lists(&record, (!clear).then_some(&mask)),
            dial,
            customer: BESIDE.into_iter().filter_map(|key| Some((key.to_string(), beside(key)?))).collect(),
            customer_id: customer,
            matter,
            history: eyes.rows(&open, history).await?,
            earlier: rows(&open, &earlier, now).await?,
            best_hours,
            questionnaire: set,
            offers: offers(eyes.actor(), &record).into_iter().map(offer).collect(),
            timeline,
            changed,
            no_visits,
            masked: !clear,
            copies: record.copies,
        })
    }
}

fn matter(
    id: Uuid,
    form: &Record,
    visit: &Record,
    names: &HashMap<Uuid, String>,
    (clear, mask): (bool, &Mask<'_>),
) -> VisitMatter {
    let text = |key: &str| form.text(key).unwrap_or_default().to_string();
    let seen = |text: String| if clear { text } else { mask.text(&text) };
    let solution = [text("handling.solution"), text("outcome.result")];
    let solution = solution.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    let row = FormRow {
        id,
        number: text("number"),
        received_at: text("received_at"),
        customer: String::new(),
        phone: String::new(),
        kind: text("kind"),
        category: text("category"),
        state: form.state.clone(),
        channel: text("channel"),
        receiver: text("receiver.name"),
        product: seen(text("product.name")),
        excerpt: String::new(),
        unsent: false,
    };
    VisitMatter {
        form: row,
        description: seen(text("description")),
        result: seen(solution),
        hands: visits::hands(visit).filter_map(|seat| names.get(&seat).cloned()).collect(),
    }
}

/// Whether a field or column holds the id of a seat, record or line: people read what stands beside it.
fn holds_id(key: &str) -> bool {
    key.ends_with("_seat")
        || ["of", "form", "matter", "customer", "plan", "round", "product", "hands", "follow.form"].contains(&key)
}

/// Fields as people read them. What the customer said in his own words is his: who does not see him in clear reads the
/// ratings alone.
fn readable(record: &Record, set: &Questionnaire, clear: bool) -> Values {
    let mut values = record.values();
    let words: Vec<String> =
        set.questions.iter().filter(|q| q.kind == QuestionKind::Text).map(|question| question.answer()).collect();
    let told = |key: &String| ["respondent", "relation", "refusal"].contains(&key.as_str()) || words.contains(key);
    values.retain(|key, _| !holds_id(key) && (clear || !told(key)));
    values
}

/// Tries and tasks as people read them. A task is our own words to a department, which has to read them: masked are the
/// customer's name and numbers in them.
fn lists(record: &Record, mask: Option<&Mask<'_>>) -> Lists {
    let mut lists = record.lists.clone();
    for line in lists.values_mut().flatten() {
        line.values.retain(|key, _| !holds_id(key));
        for (key, value) in &mut line.values {
            let words = ["content", "result", "note"].contains(&key.as_str());
            if let (true, Some(mask), Some(text)) = (words, mask, value.as_str()) {
                *value = json!(mask.text(text));
            }
        }
    }
    lists
}

fn offer(offer: Offer) -> OfferView {
    let needs = offer.needs.into_iter().map(|need| NeedView { field: need.field, required: need.required });
    OfferView { act: offer.act.into(), why: offer.verdict.err(), needs: needs.collect() }
}

fn local(at: &kefu_domain::Stamp, zone: i32) -> String {
    let zone = FixedOffset::east_opt(zone.saturating_mul(60)).unwrap_or_else(|| chrono::Utc.fix());
    let at = DateTime::from_timestamp_millis(i64::try_from(at.ms).unwrap_or(i64::MAX)).unwrap_or_default();
    moment(at.with_timezone(&zone))
}

fn story(changes: &[Change], visit: &Record, names: &HashMap<Uuid, String>) -> (Vec<VisitEntry>, Vec<AnswerChange>) {
    let name = |seat: &Uuid| names.get(seat).cloned().unwrap_or_default();
    let zones: HashMap<_, _> = changes.iter().map(|change| (change.at, change.zone)).collect();
    let timeline = changes.iter().rev().map(|change| VisitEntry {
        at: local(&change.at, change.zone),
        member: name(&change.seat),
        act: change.act.clone(),
        reason: change.reason.clone(),
        out_of_place: visit.out_of_place.iter().any(|out| out.change == change.id),
    });
    let changed = visits::corrections(changes, visit).into_iter().rev().map(|one| AnswerChange {
        field: one.field,
        from: one.from.0,
        from_member: name(&one.from.1),
        to: one.to.0,
        to_member: name(&one.to.1),
        at: local(&one.at, zones.get(&one.at).copied().unwrap_or(0)),
        reason: one.reason,
    });
    (timeline.collect(), changed.collect())
}

/// What the printed sheet of a visit is drawn from.
pub(crate) struct VisitSheet {
    pub(crate) template: Template,
    pub(crate) codes: CodeLists,
    pub(crate) values: Values,
    pub(crate) lists: Lists,
    pub(crate) record: Record,
}

/// The sheet of a visit.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Masked`] where the person at the desk does not see the customer in clear.
pub(crate) async fn sheet_of(open: &Open, id: Uuid) -> Result<VisitSheet, Failure> {
    let (record, _) = visit(open, id).await?;
    let known = known_by(open, &record).await?;
    let form = match known {
        Some(known) => open.store.record(known).await?.map(|form| (known, form)),
        None => None,
    };
    let eyes = Eyes::of(open).await?;
    if !in_clear(open, &eyes, &record, form.as_ref().map(|(id, form)| (*id, form))) {
        return Err(Failure::new(Code::Masked));
    }
    let set = questionnaire(open, &record).await?;
    let (template, codes) = template(open, &set, &record);
    let mut values = record.values();
    for key in ["customer.name", "customer.phone", "product.name"] {
        if let Some(value) = form.as_ref().and_then(|(_, form)| form.get(key)) {
            values.insert(key.into(), value.clone());
        }
    }
    let mut sources: Vec<&str> =
        record.fields.keys().filter(|key| key.starts_with(SOURCE)).filter_map(|key| record.text(key)).collect();
    sources.sort_unstable();
    sources.dedup();
    values.insert("source".into(), json!(sources));
    values.retain(|key, _| template.field(key).is_some());
    let mut lists = record.lists.clone();
    for (key, lines) in &mut lists {
        let columns = template.field(key).map(|list| list.columns.as_slice()).unwrap_or_default();
        lines.retain(|line| !line.struck); // a task's line is taken over whole by the one that answers it
        for line in lines {
            line.values.retain(|column, _| columns.iter().any(|known| known.key == *column));
        }
    }
    Ok(VisitSheet { template, codes, values, lists, record })
}

/// Counts a copy of a visit's sheet.
pub(crate) fn printed(id: Uuid) -> kefu_domain::decide::Draft {
    kefu_domain::decide::Draft::new(id, kind::VISIT, act::PRINT)
}
