//! The process: acts, the board, clocks, rule sets, scripts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use kefu_domain::Values;
use kefu_domain::process::Why;
use kefu_domain::rules::RuleSet;
pub use kefu_domain::scripts::Script;

use super::FormRow;

/// A field that an act asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NeedView {
    /// Field key; of a list's column `list.column`; `reason` for the reason; the list's key for the line to be replaced.
    pub field: String,
    /// The act is refused without it.
    pub required: bool,
}

/// An act as it stands for who sits at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OfferView {
    /// The act.
    pub act: String,
    /// Why it is not possible; none where it is.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// What it asks for, in the order of the sheet.
    pub needs: Vec<NeedView>,
}

/// A clock that runs, or ran, on a form.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ClockView {
    /// Its id in the rule set.
    pub id: String,
    /// Code: response, answer, start, done, promise, next_contact, statutory.
    pub kind: String,
    /// Name on screen.
    pub name: String,
    /// Name and version of the rule set that set it.
    pub rules: String,
    /// Article of law, for statutory ones.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// When it started, RFC 3339.
    pub started: String,
    /// When it is due, RFC 3339; none where the calendar of a year is missing.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The year whose calendar is missing.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_year: Option<i32>,
    /// When it stopped, RFC 3339.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Paused right now.
    pub paused: bool,
    /// Part of the limit used up, 1 at the due time.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Past its due time, or stopped after it.
    pub overdue: bool,
}

/// A time during which a form was suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PauseView {
    /// RFC 3339.
    pub from: String,
    /// The same; none while it lasts.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Code of the list `suspension`.
    pub reason: String,
}

/// A change that had no effect at its place, for the supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OutOfPlaceView {
    /// When, RFC 3339.
    pub at: String,
    /// What it would have done.
    pub act: String,
    /// By whom.
    pub member: String,
}

/// Who has a form in hand and what became of it. Names, not ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct CourseView {
    /// Who follows it, the first agent first.
    pub followers: Vec<String>,
    /// Who has it in hand.
    pub holder: String,
    /// To whom a transfer is offered.
    pub offered_to: String,
    /// Who may close it besides the desk.
    pub delegates: Vec<String>,
    /// Times it was reopened.
    pub reopened: u32,
    /// Highest level it was escalated to; 0: none.
    pub level: u32,
    /// Suspensions, oldest first.
    pub pauses: Vec<PauseView>,
    /// Number of the form it was merged into.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
    /// Changes without effect.
    pub out_of_place: Vec<OutOfPlaceView>,
    /// The act that may be taken back.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoable: Option<String>,
}

/// Does an act of the process.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct ActRequest {
    /// Form.
    pub id: Uuid,
    /// Which act.
    pub act: String,
    /// Field values that it asks for. A person (`dispatch.handler`, `transfer.to`, `close.delegate`) by his name, with
    /// his id as the field of the same key and `_seat`.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// The line that it writes, by list; its id is made by the backend.
    #[ts(type = "Record<string, Record<string, unknown>[]>")]
    pub add: BTreeMap<String, Vec<Values>>,
    /// The line that the new one takes the place of.
    pub strike: Vec<Uuid>,
    /// Why; may be empty where the act asks for none.
    pub reason: String,
}

/// A colleague whom a form can be given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Colleague {
    /// Member's id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// 工号; empty if none.
    pub employee_number: String,
    /// Department; empty if none.
    pub department: String,
    /// Role codes.
    pub roles: Vec<String>,
}

/// How many forms wait in one queue of the board (工作台).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct QueueCount {
    /// Code: to_dispatch 待分发, to_accept 待接收, mine 我的处理, due_today 今日到期, overdue 超时, to_inform 待回告, to_close 待关闭,
    /// to_file 待归档, suspended 挂起, chased 督办待复, queried 待核实, offered 待我接手, following 我的跟进, measures 措施, out_of_place 异常, open 全部在办. What
    /// is no form has a list of its own: visits 回访, paper 待补录的纸质登记表, channels 渠道检查.
    pub key: String,
    /// Forms in it.
    pub count: u32,
    /// Of these, past the due time of their strictest clock.
    pub overdue: u32,
    /// Of these, marked as waiting too long (undispatched, unaccepted).
    pub marked: u32,
}

/// The board of who sits at the desk: the queues of his roles, in the order of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Board {
    /// Its queues; those that are nobody's business here are left out.
    pub queues: Vec<QueueCount>,
    /// As of when, RFC 3339.
    pub at: String,
}

/// Asks for a page of a queue, the strictest clock first.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct QueueRequest {
    /// Code of the queue.
    pub key: String,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted, at most 100.
    pub limit: u32,
}

/// A form in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct QueueRow {
    /// The form.
    pub form: FormRow,
    /// Responsible department; empty if none.
    pub department: String,
    /// Who has it in hand; empty if nobody.
    pub handler: String,
    /// Since when it is in its state, RFC 3339.
    pub since: String,
    /// Its strictest clock that still runs.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockView>,
    /// Waiting too long: undispatched or unaccepted.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// 督办 lines that wait for a reply.
    pub chases: u32,
    /// 待核实 lines that wait for an answer.
    pub queries: u32,
    /// Measures that are not verified.
    pub measures: u32,
    /// Escalation level.
    pub level: u32,
    /// Times reopened.
    pub reopened: u32,
}

/// A page of a queue.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct QueuePage {
    /// Rows from `offset` on.
    pub rows: Vec<QueueRow>,
    /// Rows in all.
    pub total: u32,
}

/// Asks for the scripts (话术) that fit.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct ScriptsRequest {
    /// What is being done: an act, or `intake` before registration.
    pub act: String,
    /// The form as far as it is filled in.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Looks for these characters; empty: no search.
    pub query: String,
    /// The library as it stands instead, for editing: retired scripts included, placeholders unfilled.
    #[ts(optional, as = "Option<_>")]
    pub raw: bool,
}

/// Scripts with their placeholders filled in.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Scripts {
    /// All that are offered, or found.
    pub scripts: Vec<Script>,
    /// Ids of those that fit the situation, best first.
    pub suggested: Vec<String>,
}

/// A written reply to be checked for coarse or cold phrases (R89).
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ReplyRequest {
    /// The reply.
    pub text: String,
}

/// A phrase that is better put otherwise. Offsets count Unicode characters, as marks do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReplyHit {
    /// First character.
    pub start: u32,
    /// Behind the last.
    pub end: u32,
    /// As it stands there.
    pub phrase: String,
    /// Why.
    pub why: String,
    /// A better wording.
    pub instead: String,
}

/// A rule set that ships with the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Preset {
    /// Code: s1, s2, s3, s4, statutory.
    pub id: String,
    /// Name.
    pub name: String,
}

/// The company's rule sets.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RulesView {
    /// Every version, the latest effective date first.
    pub sets: Vec<RuleSet>,
    /// Id and version of the house set in force today; none where the company has none.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<(String, u32)>,
    /// What can be picked.
    pub presets: Vec<Preset>,
    /// Years whose working days are known.
    pub years: Vec<i32>,
}

/// Takes a preset over as a new version of the company's rules.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct AdoptRequest {
    /// Preset.
    pub preset: String,
    /// First day on which it holds, `2026-11-02`.
    pub effective_from: String,
    /// Who approved it.
    pub approver: String,
}

/// Saves a new version of a rule set; versions that are there stay as they are.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SaveRulesRequest {
    /// The set; its version is given by the backend.
    pub set: RuleSet,
}

/// Imports working days of one or more years.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ImportYearsRequest {
    /// JSON as calendar files have it.
    pub text: String,
}
