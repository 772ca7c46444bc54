//! Acts that write one line: a note, a call, a 督办 and its reply, a 待核实 and its answer, a measure and what becomes of
//! it.

use serde_json::{Value, json};

use super::write::Writing;
use super::{Asked, Refusal};
use crate::change::act;
use crate::process::condition::{
    Condition, asks, chase_open, column, measure_done, measure_open, query_open, standing,
};
use crate::process::course::OF;
use crate::process::demand::LineDemand;
use crate::process::table::OFFICE;
use crate::process::{Actor, Why, role};
use crate::validate::{FieldError, Problem};
use crate::{Line, Record};

/// Writes the line of an act, and strikes out the one it takes the place of.
pub(super) fn write(writing: &mut Writing<'_>, act: &str, wanted: &LineDemand, asked: &Asked) -> Result<(), Refusal> {
    let list = wanted.list;
    for other in asked.add.keys().filter(|key| *key != list) {
        writing.errors.push(FieldError::new(other, Problem::UnknownField));
    }
    let given = match asked.add.get(list).map(Vec::as_slice) {
        Some([line]) => line,
        Some([_, _, ..]) => return Err(refused(list, Problem::Repeated)),
        _ => return Err(refused(list, Problem::Required)),
    };
    if writing.record.lists.values().flatten().any(|line| line.id == given.id) {
        return Err(refused(list, Problem::Repeated));
    }
    let mut values = match (wanted.replaces, asked.strike.as_slice()) {
        (false, []) => Default::default(),
        (true, [id]) => {
            let old = standing(writing.record, list).find(|line| line.id == *id);
            let old = old.filter(|line| waits(act, line)).ok_or(Refusal::Denied(Why::NothingOpen))?;
            person(act, writing.actor, old)?;
            if act == act::QUERY_ANSWER {
                knows(writing.actor, writing.record, old)?;
            }
            writing.draft.strike.push(*id);
            let mut values = old.values.clone();
            values.insert(OF.into(), json!(id.to_string()));
            values
        }
        (false, _) => return Err(refused("strike", Problem::UnknownField)),
        (true, []) => return Err(refused("strike", Problem::Required)),
        (true, _) => return Err(refused("strike", Problem::Repeated)),
    };
    for key in given.values.keys().filter(|key| wanted.columns.iter().all(|(wanted, _)| wanted != key)) {
        writing.errors.push(FieldError::new(format!("{list}.{key}"), Problem::UnknownField));
    }
    for (key, want) in wanted.columns {
        match writing.resolve(writing.column(list, key), *want, given.values.get(*key), false) {
            Ok(None | Some(Value::Null)) => {}
            Ok(Some(value)) => drop(values.insert(key.to_string(), value)),
            Err((problem, detail)) => {
                writing.errors.push(FieldError { field: format!("{list}.{key}"), problem, detail })
            }
        }
    }
    let line = Line { id: given.id, values, struck: false };
    writing.draft.add.insert(list.into(), vec![line]);
    Ok(())
}

fn refused(field: &str, problem: Problem) -> Refusal {
    Refusal::Fields(vec![FieldError::new(field, problem)])
}

/// Whether a line waits for this act.
fn waits(act: &str, line: &Line) -> bool {
    match act {
        act::ANSWER_CHASE => chase_open(line),
        act::QUERY_ANSWER => query_open(line),
        act::MEASURE_DONE | act::VISIT_TASK_DONE => measure_open(line),
        act::MEASURE_VERIFY | act::VISIT_TASK_VERIFY => measure_done(line),
        _ => false,
    }
}

/// A measure is reported by its owner, or a supervisor for him, and verified by neither its owner nor who reported it
/// (R10).
fn person(act: &str, actor: &Actor, line: &Line) -> Result<(), Refusal> {
    let text = |key: &str| column(line, key).and_then(Value::as_str);
    let is_me = |key: &str| text(key) == Some(actor.seat.to_string().as_str());
    // A name alone may be shared; where the seat is known it decides.
    let owner = if text("owner_seat").is_some() { is_me("owner_seat") } else { text("owner") == Some(&actor.name) };
    let for_department = !actor.department.is_empty() && text("department") == Some(&actor.department);
    match act {
        act::MEASURE_DONE if !owner && !actor.holds(&[role::SUPERVISOR]) => Err(Refusal::Denied(Why::NotAssigned)),
        act::VISIT_TASK_DONE if !owner && !for_department && !actor.holds(&[role::SUPERVISOR]) => {
            Err(Refusal::Denied(Why::NotAssigned))
        }
        act::MEASURE_VERIFY | act::VISIT_TASK_VERIFY if owner || is_me("done_seat") => {
            Err(Refusal::Denied(Why::SamePerson))
        }
        _ => Ok(()),
    }
}

/// What is to be checked is answered by the office, by who has the form, and by whom the line asks (R71).
fn knows(actor: &Actor, record: &Record, line: &Line) -> Result<(), Refusal> {
    let involved = actor.holds(OFFICE) || Condition::OwnDepartment.unmet(actor, record).is_none();
    if involved || asks(line, actor) { Ok(()) } else { Err(Refusal::Denied(Why::NotAssigned)) }
}
