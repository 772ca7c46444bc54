//! Return visits: the work list, one visit, what is done about it, plans, surveys, the questionnaire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

pub use kefu_domain::visits::Questionnaire;
use kefu_domain::visits::plan::Plan;
use kefu_domain::visits::{Pending, Stratum};
use kefu_domain::{Lists, Values};

use super::{FormRow, OfferView};

/// Which visits a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VisitFilter {
    /// To be made today, overdue ones among them, and those whose day nobody knows.
    #[default]
    Due,
    /// To be made before today.
    Overdue,
    /// At an agreed time.
    Agreed,
    /// Taken by who sits here.
    Mine,
    /// Waiting, whatever the day.
    Open,
    /// Made, and something that follows nobody has seen to.
    Pending,
    /// With tasks for who sits here or for his department; for supervisors and inspectors everybody's.
    Tasks,
    /// Over.
    Over,
    /// With a change that had no effect, as that of who handled the matter: for supervisors.
    OutOfPlace,
}

impl VisitFilter {
    /// All of them in the order of the page.
    pub const ALL: [VisitFilter; 9] = [
        VisitFilter::Due,
        VisitFilter::Overdue,
        VisitFilter::Agreed,
        VisitFilter::Mine,
        VisitFilter::Open,
        VisitFilter::Pending,
        VisitFilter::Tasks,
        VisitFilter::Over,
        VisitFilter::OutOfPlace,
    ];
}

/// Asks for a page of the work list.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct VisitsRequest {
    /// Which.
    pub filter: VisitFilter,
    /// Only of this visitor.
    #[ts(optional)]
    pub visitor: Option<Uuid>,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted, at most 100.
    pub limit: u32,
}

/// A visit in a list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitRow {
    /// Visit.
    pub id: Uuid,
    /// 回访编号.
    pub number: String,
    /// Code of the list `visit_type`.
    pub occasion: String,
    /// Code of the list `visit_state`.
    pub state: String,
    /// Day it is due, `2026-11-23`; none where the calendar of its year is missing.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The year whose calendar is missing.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_year: Option<i32>,
    /// Agreed time, RFC 3339.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<String>,
    /// To be made before today.
    pub overdue: bool,
    /// Form that it asks after.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Uuid>,
    /// Its number; empty: of no form.
    pub form_number: String,
    /// Name of the customer, masked for whom he does not concern.
    pub customer: String,
    /// His telephone, masked likewise.
    pub phone: String,
    /// Who has taken it; empty: nobody.
    pub visitor: String,
    /// Half-days on which nobody answered.
    pub tries: u32,
    /// Who sits here handled the matter, and so may not make it.
    pub own_matter: bool,
    /// Who sits here may take it, and nobody has.
    pub free: bool,
    /// What follows from it and is still to be done.
    pub pending: Vec<Pending>,
}

/// A page of the work list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitsPage {
    /// Rows from `offset` on.
    pub rows: Vec<VisitRow>,
    /// Rows in all.
    pub total: u32,
    /// How many there are of each filter, of everybody's, by its code.
    pub counts: BTreeMap<String, u32>,
    /// Who sits here may lay down plans.
    pub may_plan: bool,
    /// Who sits here may draw surveys and change the questionnaire.
    pub may_draw: bool,
}

/// The matter that a visit asks after.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitMatter {
    /// The form as lists show it.
    pub form: FormRow,
    /// What the customer told.
    pub description: String,
    /// What was offered, and what came of it.
    pub result: String,
    /// Who handled it.
    pub hands: Vec<String>,
}

/// An act in the history of a visit.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitEntry {
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub member: String,
    /// What.
    pub act: String,
    /// Why.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It had no effect, because it was not his to do.
    pub out_of_place: bool,
}

/// An answer that was changed.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AnswerChange {
    /// Key of the answer, `answer.speed`.
    pub field: String,
    /// What stood there.
    #[ts(type = "unknown")]
    pub from: Value,
    /// Who had written it.
    pub from_member: String,
    /// What stands there now.
    #[ts(type = "unknown")]
    pub to: Value,
    /// Who put it there.
    pub to_member: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub reason: String,
}

/// One visit with all that the visitor needs beside the telephone.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitView {
    /// As the list shows it.
    pub row: VisitRow,
    /// Its fields, answers among them.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Its tries and tasks.
    #[ts(type = "Record<string, Line[]>")]
    pub lists: Lists,
    /// Numbers to dial, the customer's first.
    pub dial: Vec<String>,
    /// Address, product and the like, as the latest form has them.
    #[ts(type = "Record<string, unknown>")]
    pub customer: Values,
    /// The customer, for his page.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<Uuid>,
    /// What it asks after.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter: Option<VisitMatter>,
    /// The customer's forms, newest first.
    pub history: Vec<FormRow>,
    /// Other visits to him, the latest first.
    pub earlier: Vec<VisitRow>,
    /// Hours at which he was reached before, best first: `[from, to)`. Empty: nothing is known.
    pub best_hours: Vec<(u32, u32)>,
    /// The questionnaire: the version that was answered, or the one in use.
    pub questionnaire: Questionnaire,
    /// Acts of visits for who sits here, possible or not.
    pub offers: Vec<OfferView>,
    /// What was done, latest first.
    pub timeline: Vec<VisitEntry>,
    /// Answers that were changed, latest first.
    pub changed: Vec<AnswerChange>,
    /// That the customer wants no visits, in his words.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_visits: Option<String>,
    /// Name and numbers are masked; taking the visit shows them.
    pub masked: bool,
    /// Copies printed or saved.
    pub copies: u32,
}

/// Does an act to a visit.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct VisitActRequest {
    /// Visit.
    pub id: Uuid,
    /// Act.
    pub act: String,
    /// Field values that the act asks for.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// The line that it writes: a try or a task.
    #[ts(optional, type = "Record<string, unknown>")]
    pub line: Option<Values>,
    /// The task that the line takes the place of.
    #[ts(optional)]
    pub strike: Option<Uuid>,
    /// Why; empty for none.
    pub reason: String,
}

/// How what is not solved goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Unsolved {
    /// The form is reopened.
    Reopen,
    /// A new form is registered that names the old one.
    NewForm,
}

/// Records what a customer answered, and what follows from it, at once.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct RecordVisitRequest {
    /// Visit.
    pub id: Uuid,
    /// Answers (`answer.KEY`), their sources (`source`, `source.KEY`), `means`, `actual_at`, `respondent`, `relation`.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Where it is not solved: how it goes on. None: somebody else decides.
    #[ts(optional)]
    pub unsolved: Option<Unsolved>,
    /// Improvements and suggestions: `type`, `content`, `department`, `owner`, `due`.
    #[ts(type = "Record<string, unknown>[]")]
    pub tasks: Vec<Values>,
}

/// Sees to a visit whose matter is not solved.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct FollowVisitRequest {
    /// Visit.
    pub id: Uuid,
    /// How it goes on.
    pub unsolved: Unsolved,
}

/// Lets a customer be visited again who had refused.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct AllowVisitsRequest {
    /// Customer.
    pub customer: Uuid,
    /// Why.
    pub reason: String,
}

/// A plan of periodic visits.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VisitPlanView {
    /// Plan.
    pub id: Uuid,
    /// Its content.
    pub plan: Plan,
    /// Name of the customer, masked for whom he does not concern.
    pub customer: String,
    /// The visit of it that waits, if one does.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<VisitRow>,
}

/// Lays down a plan, or changes one.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct VisitPlanRequest {
    /// Plan; none: a new one.
    #[ts(optional)]
    pub id: Option<Uuid>,
    /// Its content.
    pub plan: Plan,
}

/// Draws the sample of a quarter.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct DrawRequest {
    /// `2026Q3`.
    pub quarter: String,
    /// The same seed draws the same customers.
    pub seed: u32,
    /// Customers wanted.
    pub size: u32,
}

/// What a question of a survey came to.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SurveyQuestion {
    /// Key of the question.
    pub key: String,
    /// Label.
    pub label: String,
    /// How many answered it.
    pub n: u32,
    /// Mean of a score, in hundredths; none for choices, and where nobody answered.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_hundredths: Option<u32>,
    /// How often each answer was given, by code.
    pub counts: BTreeMap<String, u32>,
}

/// A quarterly survey as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RoundView {
    /// Round.
    pub id: Uuid,
    /// `2026Q3`.
    pub quarter: String,
    /// Seed of its draw.
    pub seed: u32,
    /// When it was drawn, RFC 3339.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Customers who wrote in the quarter, those left out not among them.
    pub population: u32,
    /// Strata by the kind of a customer's latest form (code list `kind`).
    pub strata: Vec<Stratum>,
    /// Customers left out, by reason.
    pub left_out: BTreeMap<String, u32>,
    /// Customers drawn: n.
    pub drawn: u32,
    /// Of these: answered.
    pub done: u32,
    /// Refused.
    pub refused: u32,
    /// Out of reach.
    pub unreachable: u32,
    /// Waiting still.
    pub waiting: u32,
    /// Answered ÷ drawn, in hundredths of a per cent.
    pub response_rate: u32,
    /// What the questions came to.
    pub questions: Vec<SurveyQuestion>,
}

/// All versions of the questionnaire.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Questionnaires {
    /// The one in use.
    pub current: Questionnaire,
    /// Every version, the latest first.
    pub versions: Vec<Questionnaire>,
}
