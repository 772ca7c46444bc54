//! What follows from a visit (R94): what is not solved goes on, what dissatisfies is improved or answered for, what is
//! suggested goes to a department.

use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::process::condition::{column, measure_done, measure_open, standing};
use crate::validate::is_empty;
use crate::visits::{TASKS, state};
use crate::{Line, Record};

/// Something that a visit asks for and that nobody has done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// Not solved, and neither reopened nor gone on with on a new form.
    Unsolved,
    /// Dissatisfied, and neither an improvement task nor a signed reason why not.
    Dissatisfied,
    /// A suggestion that no department has been given.
    Suggestion,
    /// A task that waits for its answer.
    Task,
    /// A task that was answered and waits to be verified.
    Verify,
}

/// Codes of the list `visit_task`.
pub mod task {
    /// 改进.
    pub const IMPROVEMENT: &str = "improvement";
    /// 建议.
    pub const SUGGESTION: &str = "suggestion";
    /// 新需求.
    pub const NEED: &str = "need";
}

/// Score of a single question from which on down a customer counts as dissatisfied with it.
const LOW: u64 = 2;

/// Whether the answers say that the customer is dissatisfied: overall, or with a score of two or less.
pub fn dissatisfied(record: &Record) -> bool {
    let overall = record.text("answer.overall").unwrap_or_default();
    let scores = ["quality", "speed", "skill", "attitude"].map(|key| record.get(&format!("answer.{key}")));
    ["dissatisfied", "very_dissatisfied"].contains(&overall)
        || scores.into_iter().flatten().filter_map(Value::as_u64).any(|score| score <= LOW)
}

/// Whether a task is of this type.
fn of_type(line: &Line, wanted: &str) -> bool {
    column(line, "type").and_then(Value::as_str) == Some(wanted)
}

/// What is still to be done about a visit, each kind once, in this order.
pub fn pending(record: &Record) -> Vec<Pending> {
    if record.state != state::DONE {
        return Vec::new();
    }
    let has = |key: &str| !is_empty(record.get(key));
    let tasks = |wanted: &'static str| standing(record, TASKS).any(move |line| of_type(line, wanted));
    let unsolved = record.text("answer.solved") == Some("no") && !has("follow.form");
    let dissatisfied = dissatisfied(record) && !has("excuse.by") && !tasks(task::IMPROVEMENT);
    let suggestion = has("answer.suggestion") && !tasks(task::SUGGESTION);
    [
        (unsolved, Pending::Unsolved),
        (dissatisfied, Pending::Dissatisfied),
        (suggestion, Pending::Suggestion),
        (standing(record, TASKS).any(measure_open), Pending::Task),
        // A suggestion is answered, an improvement is proved.
        (standing(record, TASKS).any(|l| measure_done(l) && of_type(l, task::IMPROVEMENT)), Pending::Verify),
    ]
    .into_iter()
    .filter_map(|(open, what)| open.then_some(what))
    .collect()
}
