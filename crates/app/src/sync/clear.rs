//! What the shared database learns of a record with each change: state, department, who has it in hand, received, due.

use chrono::DateTime;
use kefu_domain::Record;
use kefu_domain::change::kind;
use kefu_domain::envelope::Clear;
use uuid::Uuid;

/// The clear part of a change after which its record stands as `record`; `due` in milliseconds since 1970 UTC. Records that
/// are no forms have none: who may read them is told by their kind.
pub(crate) fn clear(record: &Record, due: Option<i64>) -> Clear {
    if record.kind != kind::FORM {
        return Clear::default();
    }
    let received = record.text("received_at").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    Clear {
        state: record.state.clone(),
        department: record.text("dispatch.department").unwrap_or_default().to_owned(),
        assignees: assignees(record),
        received: received.map(|at| at.timestamp()),
        due: due.map(|ms| ms.div_euclid(1000)),
    }
}

/// Who has a form in hand, and to whom it is offered: he has to read it to accept it. Ascending.
fn assignees(record: &Record) -> Vec<Uuid> {
    let mut members: Vec<Uuid> = record.course.holder.into_iter().chain(record.course.offered_to).collect();
    members.sort_unstable();
    members.dedup();
    members
}
