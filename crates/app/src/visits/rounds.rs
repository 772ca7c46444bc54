//! Quarterly satisfaction surveys (R104): a stratified sample, its visits, response rate and n; and the questionnaire.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Months, NaiveDate, NaiveTime};
use serde_json::{Value, json};
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::{Draft, moment};
use kefu_domain::process::role;
use kefu_domain::validate::{FieldError, Problem};
use kefu_domain::visits::arise::{Basis, due_values, left_out, planned};
use kefu_domain::visits::{HANDS, MATTER, Origin, QuestionKind, Questionnaire, Stratum, draw, occasion, state};
use kefu_domain::{Record, Values};

use super::questionnaires;
use crate::actor::{actor, only};
use crate::desk::{Desk, Open, only_record};
use crate::failure::logged;
use crate::wire::{Code, DrawRequest, Failure, Questionnaires, RoundView, SurveyQuestion};

/// Who draws surveys, and changes what is asked.
pub(super) const DRAWERS: &[&str] = &[role::SUPERVISOR, role::INSPECTOR];
/// Most customers that are drawn at once.
const MOST: u32 = 2000;

/// First day of a quarter written `2026Q3`.
fn first_day(quarter: &str) -> Option<NaiveDate> {
    let (year, nth) = quarter.trim().split_once('Q')?;
    let nth: u32 = nth.parse().ok().filter(|nth| (1..=4).contains(nth))?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, nth * 3 - 2, 1)
}

fn seconds(day: NaiveDate, now: DateTime<FixedOffset>) -> i64 {
    day.and_time(NaiveTime::MIN).and_local_timezone(now.timezone()).single().map_or(0, |at| at.timestamp())
}

impl Desk {
    /// Every survey as it stands, the latest quarter first.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn visit_rounds(&self) -> Result<Vec<RoundView>, Failure> {
        let open = self.open()?;
        let mut views = Vec::new();
        for (id, record) in open.store.records_of(kind::VISIT_ROUND).await? {
            views.push(view(&open, id, &record).await?);
        }
        views.sort_by(|a, b| b.quarter.cmp(&a.quarter));
        Ok(views)
    }

    /// Draws the sample of a quarter and makes its visits. A quarter is drawn once.
    ///
    /// # Errors
    /// [`Code::Denied`]; [`Code::InvalidFields`] (no such quarter, one that lies ahead, none or more than 2 000
    /// customers); [`Code::NothingChanged`] where it was drawn.
    pub async fn draw_visits(&self, request: DrawRequest) -> Result<RoundView, Failure> {
        let (open, now) = (self.open()?, self.now());
        let actor = actor(&open).await?;
        only(&actor, DRAWERS)?;
        let quarter = request.quarter.trim().to_uppercase();
        let refused = |field: &str, problem| Failure::fields(vec![FieldError::new(field, problem)]);
        let first = first_day(&quarter).ok_or_else(|| refused("quarter", Problem::NotADate))?;
        let end = first.checked_add_months(Months::new(3)).unwrap_or(first);
        if first > now.date_naive() {
            return Err(refused("quarter", Problem::InTheFuture));
        }
        if request.size == 0 || request.size > MOST {
            return Err(refused("size", Problem::OutOfRange));
        }
        let id = Uuid::new_v5(&only_record(kind::VISIT_ROUND), quarter.as_bytes());
        if open.store.record(id).await?.is_some() {
            return Err(Failure::new(Code::NothingChanged));
        }
        let found = open.store.customers_between(seconds(first, now), seconds(end, now)).await?;
        let mut wrote: BTreeMap<Uuid, (Uuid, Record)> = BTreeMap::new();
        for (customer, form) in found {
            if let Some(record) = open.store.record(form).await? {
                wrote.insert(customer, (form, record));
            }
        }
        let rules = open.store.rules().await?;
        let rules = rules.sets.in_force(now.date_naive()).ok_or_else(|| Failure::new(Code::NotNow))?;
        let basis = Basis { from: now, working_days: rules.set.visits.survey_days };
        let due = due_values(rules.calendar(""), basis);
        let mut out: BTreeMap<String, u32> = BTreeMap::new();
        let mut door = open.store.door(now).await?;
        let mut population = Vec::new();
        for (customer, (_, form)) in &wrote {
            let known = door.record(*customer).await?;
            match left_out(known.as_ref(), Some(form)) {
                Some(reason) => *out.entry(reason).or_default() += 1,
                None => population.push((*customer, form.text("kind").unwrap_or_default().to_string())),
            }
        }
        let size = population.len();
        let sample = draw(u64::from(request.seed), population, request.size);
        let strata = serde_json::to_value(&sample.strata).map_err(|error| logged(Code::Internal, &error))?;
        let values = Values::from([
            ("quarter".to_string(), json!(quarter)),
            ("seed".into(), json!(request.seed)),
            ("size".into(), json!(request.size)),
            ("population".into(), json!(size)),
            ("strata".into(), strata),
            ("left_out".into(), json!(out)),
            ("drawn".into(), json!(sample.drawn.len())),
            ("at".into(), json!(moment(now))),
            ("by".into(), json!(actor.name)),
        ]);
        door.write(Draft::new(id, kind::VISIT_ROUND, act::CONFIGURE).setting(values), actor.seat).await?;
        for (nth, (customer, stratum)) in sample.drawn.iter().enumerate() {
            let Some((matter, form)) = wrote.get(customer) else { continue };
            let hands: Vec<String> = form.course.hands.iter().map(Uuid::to_string).collect();
            let mut values = due.clone();
            values.extend([
                ("occasion".to_string(), json!(occasion::SURVEY)),
                ("number".into(), json!(format!("HF-{quarter}-{:04}", nth + 1))),
                ("round".into(), json!(id.to_string())),
                ("stratum".into(), json!(stratum)),
                ("customer".into(), json!(customer.to_string())),
                (HANDS.into(), json!(hands)),
                (MATTER.into(), json!(matter.to_string())),
            ]);
            let visit = Origin::Survey { round: id, customer: *customer }.id();
            if let Some(draft) = planned(visit, &Record::default(), values, None) {
                door.write(draft, actor.seat).await?;
            }
        }
        door.commit().await?;
        let record = open.store.record(id).await?.unwrap_or_default();
        view(&open, id, &record).await
    }

    /// Every version of the questionnaire.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn questionnaires(&self) -> Result<Questionnaires, Failure> {
        let mut versions = questionnaires(&*self.open()?).await?;
        versions.reverse();
        let current = versions.first().cloned().unwrap_or_else(Questionnaire::shipped);
        Ok(Questionnaires { current, versions })
    }

    /// Puts a new version of the questionnaire into use; its version is given here.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`] with the places, [`Code::NothingChanged`].
    pub async fn save_questionnaire(&self, mut set: Questionnaire) -> Result<Questionnaires, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        only(&actor, &[role::SUPERVISOR, role::ADMIN])?;
        let faults = set.faults();
        if !faults.is_empty() {
            return Err(Failure::fields(faults));
        }
        let Questionnaires { current, .. } = self.questionnaires().await?;
        (set.id, set.version) = (current.id.clone(), current.version);
        if set == current {
            return Err(Failure::new(Code::NothingChanged));
        }
        set.version = current.version.saturating_add(1);
        let value = serde_json::to_value(&set).map_err(|error| logged(Code::Internal, &error))?;
        let values = Values::from([("set".to_string(), value)]);
        let mut door = open.store.door(self.now()).await?;
        let draft = Draft::new(Uuid::now_v7(), kind::QUESTIONNAIRE, act::CONFIGURE).setting(values);
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        self.questionnaires().await
    }
}

async fn view(open: &Open, id: Uuid, record: &Record) -> Result<RoundView, Failure> {
    let visits: Vec<Record> = open.store.visits_of_round(id).await?.into_iter().map(|(_, visit)| visit).collect();
    let number = |key: &str| record.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let text = |key: &str| record.text(key).unwrap_or_default().to_string();
    let in_state = |wanted: &str| visits.iter().filter(|visit| visit.state == wanted).count() as u32;
    let (drawn, done) = (number("drawn"), in_state(state::DONE));
    let read = |key: &str| record.get(key).cloned().unwrap_or_default();
    let strata: Vec<Stratum> = serde_json::from_value(read("strata")).unwrap_or_default();
    let left_out: BTreeMap<String, u32> = serde_json::from_value(read("left_out")).unwrap_or_default();
    let set = questionnaires(open).await?.pop().unwrap_or_else(Questionnaire::shipped);
    let asked = set.of(occasion::SURVEY).filter(|question| question.kind != QuestionKind::Text);
    let questions = asked.map(|question| {
        let answers: Vec<&Value> = visits.iter().filter_map(|visit| visit.get(&question.answer())).collect();
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for answer in &answers {
            let code = answer.as_str().map_or_else(|| answer.to_string(), str::to_string);
            *counts.entry(code).or_default() += 1;
        }
        let sum: u64 = answers.iter().filter_map(|answer| answer.as_u64()).sum();
        let n = answers.len() as u64;
        let scored = question.kind != QuestionKind::Choice && n > 0;
        SurveyQuestion {
            key: question.key.clone(),
            label: question.label.clone(),
            n: n as u32,
            mean_hundredths: scored.then(|| ((sum * 100 + n / 2) / n) as u32),
            counts,
        }
    });
    Ok(RoundView {
        id,
        quarter: text("quarter"),
        seed: number("seed"),
        at: text("at"),
        by: text("by"),
        population: number("population"),
        strata,
        left_out,
        drawn,
        done,
        refused: in_state(state::REFUSED),
        unreachable: in_state(state::UNREACHABLE),
        waiting: in_state(state::PLANNED),
        response_rate: if drawn == 0 {
            0
        } else {
            ((u64::from(done) * 10_000 + u64::from(drawn) / 2) / u64::from(drawn)) as u32
        },
        questions: questions.collect(),
    })
}
