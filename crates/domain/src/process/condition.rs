//! What must hold besides state and role, and why an act is refused when it does not.

use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::process::{Actor, role, state};
use crate::validate::is_empty;
use crate::{Line, Record};

/// Why an act is not possible: a code that window and terminal turn into a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Why {
    /// The state of the form does not allow it.
    WrongState,
    /// It would be possible were the form not suspended.
    Suspended,
    /// None of the roles held may do it here.
    WrongRole,
    /// It lies with another department.
    NotYourDepartment,
    /// It lies with another person.
    NotAssigned,
    /// Somebody else registered it.
    NotYourForm,
    /// Only those who follow the form.
    NotFollower,
    /// Nobody offered it for taking over, or it was offered to somebody else.
    NotAddressee,
    /// The desk closes; nobody delegated that (R67).
    NotDelegated,
    /// These fields must be filled in first.
    GuardMissing {
        /// Field keys in paper order.
        fields: Vec<String>,
    },
    /// It takes another person (R10, R48, R67).
    SamePerson,
    /// There is no line that waits for this.
    NothingOpen,
    /// The last act cannot be taken back, or something came after it.
    NothingToUndo,
    /// Only its author or a supervisor takes an act back.
    NotAuthor,
    /// The first agent follows until the customer was told (R50).
    CustomerNotTold,
    /// The customer did not agree to it.
    NoConsent,
    /// A form cannot be merged into itself.
    SameForm,
    /// He handled the matter himself: another person records how it was rated.
    OwnMatter,
    /// Something is still to be checked: it is answered first, then the customer is (R71).
    QueryOpen,
    /// This version knows no such act.
    UnknownAct,
}

/// A condition of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It lies with the actor's department or with himself, or one of them is named as 协办 (R11).
    OwnDepartment,
    /// He has it in hand; before anybody has, he or nobody in particular was named.
    AssignedHandler,
    /// He registered it.
    OwnForm,
    /// He follows it.
    Follower,
    /// It was offered to him for taking over.
    Addressee,
    /// Closing was delegated to him.
    Delegate,
    /// Result, response, time, way and person of informing are there (R66, R67).
    CloseGuard,
    /// A 督办 line waits for its reply.
    OpenChase,
    /// A 待核实 line waits for its answer.
    OpenQuery,
    /// No 待核实 line waits for its answer: what is not sure is not told (R71). Asked when the act is decided and not of
    /// what is written: who told the customer out of reach of the question did tell him.
    NoOpenQuery,
    /// A 待核实 line that waits asks him or his department.
    Asked,
    /// A measure is not done.
    OpenMeasure,
    /// A measure is done and not verified.
    DoneMeasure,
    /// The customer was told, or he is not the first agent (R50).
    ToldOrNotFirst,
    /// The customer agreed to giving something to third parties.
    DisclosureConsented,
    /// The last act may be taken back and nothing came after it.
    Undoable,
    /// He did the last act, or supervises.
    AuthorOrSupervisor,
    /// He did not handle the matter that a return visit asks after.
    NotOwnMatter,
    /// A task of a return visit is not done.
    OpenTask,
    /// A task of a return visit is done and not verified.
    DoneTask,
}

/// What must be filled in before the desk closes a form (R66, R67).
pub const CLOSE_GUARD: [&str; 5] =
    ["outcome.result", "outcome.response", "outcome.told_at", "outcome.told_means", "outcome.told_by"];

/// Option of the code list `consent` that allows giving something to third parties.
pub const DISCLOSURE: &str = "disclosure";

impl Condition {
    /// Why `actor` does not meet it; none where he does.
    pub fn unmet(self, actor: &Actor, record: &Record) -> Option<Why> {
        let course = &record.course;
        let own = |seats: &[uuid::Uuid]| seats.contains(&actor.seat);
        let (met, why) = match self {
            Condition::OwnDepartment => {
                let involved = has_in_hand(actor, record) || own_department(actor, record) || co_handles(actor, record);
                (involved, Why::NotYourDepartment)
            }
            Condition::AssignedHandler => {
                let named = record.text("dispatch.handler").is_none_or(|name| name == actor.name);
                let free = course.holder.is_none() && named && own_department(actor, record);
                (has_in_hand(actor, record) || free, Why::NotAssigned)
            }
            Condition::OwnForm => (course.first == Some(actor.seat), Why::NotYourForm),
            Condition::Follower => (own(&course.followers), Why::NotFollower),
            Condition::Addressee => (course.offered_to == Some(actor.seat), Why::NotAddressee),
            Condition::Delegate => (own(&course.delegates), Why::NotDelegated),
            Condition::CloseGuard => {
                let missing = CLOSE_GUARD.into_iter().filter(|key| is_empty(record.get(key)));
                let fields: Vec<String> = missing.map(str::to_string).collect();
                (fields.is_empty(), Why::GuardMissing { fields })
            }
            Condition::OpenChase => (standing(record, "chases").any(chase_open), Why::NothingOpen),
            Condition::OpenQuery => (standing(record, "queries").any(query_open), Why::NothingOpen),
            Condition::NoOpenQuery => (!standing(record, "queries").any(query_open), Why::QueryOpen),
            Condition::Asked => {
                let asks = standing(record, "queries").any(|line| query_open(line) && asks(line, actor));
                (asks, Why::NotAssigned)
            }
            Condition::OpenMeasure => (standing(record, "measures").any(measure_open), Why::NothingOpen),
            Condition::DoneMeasure => (standing(record, "measures").any(measure_done), Why::NothingOpen),
            Condition::ToldOrNotFirst => {
                let told = [state::INFORMED, state::CLOSED].contains(&record.state.as_str());
                (told || course.first != Some(actor.seat), Why::CustomerNotTold)
            }
            Condition::DisclosureConsented => {
                let given = record.get("consents").and_then(|consents| consents.get(DISCLOSURE));
                (!is_empty(given), Why::NoConsent)
            }
            Condition::Undoable => (record.undoable.is_some(), Why::NothingToUndo),
            Condition::AuthorOrSupervisor => {
                let author = record.undoable.as_ref().is_some_and(|last| last.seat == actor.seat);
                (author || actor.holds(&[role::SUPERVISOR]), Why::NotAuthor)
            }
            Condition::NotOwnMatter => (!crate::visits::handled_by(record, actor.seat), Why::OwnMatter),
            Condition::OpenTask => (standing(record, "tasks").any(measure_open), Why::NothingOpen),
            Condition::DoneTask => (standing(record, "tasks").any(measure_done), Why::NothingOpen),
        };
        (!met).then_some(why)
    }

    /// Whether it stands against a change that is already written. Only what the record itself says counts here: who
    /// may do what was decided when the change was made, but a transfer that was taken over meanwhile, or an act that
    /// something came after, are found out only in the order of the stamps.
    pub(crate) fn stands_against(self, record: &Record) -> bool {
        match self {
            Condition::Addressee => record.course.offered_to.is_none(),
            Condition::Undoable => record.undoable.is_none(),
            _ => false,
        }
    }
}

fn has_in_hand(actor: &Actor, record: &Record) -> bool {
    record.course.holder == Some(actor.seat)
}

fn own_department(actor: &Actor, record: &Record) -> bool {
    !actor.department.is_empty() && record.text("dispatch.department") == Some(actor.department.as_str())
}

/// Whether he or his department is named in 协办, which holds names as people separate them.
fn co_handles(actor: &Actor, record: &Record) -> bool {
    let named = record.text("dispatch.co_handlers").unwrap_or_default();
    let separates = |c: char| matches!(c, '、' | '，' | ',' | '；' | ';' | '/') || c.is_whitespace();
    named.split(separates).any(|name| !name.is_empty() && (name == actor.name || name == actor.department))
}

/// Lines of a list that are not struck out.
pub fn standing<'a>(record: &'a Record, list: &str) -> impl Iterator<Item = &'a Line> {
    record.lists.get(list).into_iter().flatten().filter(|line| !line.struck)
}

/// A column of a line; empty ones count as absent.
pub fn column<'a>(line: &'a Line, key: &str) -> Option<&'a Value> {
    line.values.get(key).filter(|value| !is_empty(Some(value)))
}

/// Whether a 督办 line waits for its reply (R65).
pub fn chase_open(line: &Line) -> bool {
    column(line, "answer").is_none()
}

/// Whether a 待核实 line waits for its answer (R71).
pub fn query_open(line: &Line) -> bool {
    column(line, "answer").is_none()
}

/// Whether a 待核实 line asks `actor` or his department. A name alone may be shared; where the seat is known it decides.
pub fn asks(line: &Line, actor: &Actor) -> bool {
    let text = |key: &str| column(line, key).and_then(Value::as_str).map(str::trim);
    match text("whom_seat") {
        Some(seat) => seat == actor.seat.to_string(),
        None => text("whom").is_some_and(|whom| !whom.is_empty() && (whom == actor.name || whom == actor.department)),
    }
}

/// Whether a measure waits for its owner (R10).
pub fn measure_open(line: &Line) -> bool {
    column(line, "result").is_none() && column(line, "verifier").is_none()
}

/// Whether a measure waits for being verified (R10).
pub fn measure_done(line: &Line) -> bool {
    column(line, "result").is_some() && column(line, "verifier").is_none()
}
