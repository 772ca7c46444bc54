//! What the shared database learns of a record with each change: state, department, who has it in hand, received, due;
//! of a return visit the form that it asks after.

use chrono::DateTime;
use kefu_domain::Record;
use kefu_domain::change::kind;
use kefu_domain::envelope::Clear;
use kefu_domain::field::in_hand;
use kefu_domain::visits;
use uuid::Uuid;

use super::Identity;

/// The clear part of a change after which its record stands as `record`; `due` in milliseconds since 1970 UTC. Of records
/// that are no forms only who has them in hand (what every device needs: all members in the field), and of a return visit
/// the form whose hands keep away from its rating.
pub(crate) fn clear(identity: &Identity, record: &Record, due: Option<i64>) -> Clear {
    if kind::SHARED.contains(&record.kind.as_str()) {
        return Clear { assignees: identity.in_the_field(), ..Clear::default() };
    }
    if record.kind != kind::FORM {
        let about = visits::matter(record).filter(|_| record.kind == kind::VISIT);
        return Clear { assignees: in_hand(record), about, ..Clear::default() };
    }
    let received = record.text("received_at").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    Clear {
        state: record.state.clone(),
        department: record.text("dispatch.department").unwrap_or_default().to_owned(),
        assignees: assignees(record),
        received: received.map(|at| at.timestamp()),
        due: due.map(|ms| ms.div_euclid(1000)),
        about: None,
    }
}

/// Who has a form in hand, and to whom it is offered: he has to read it to accept it. Ascending.
fn assignees(record: &Record) -> Vec<Uuid> {
    let mut members: Vec<Uuid> = record.course.holder.into_iter().chain(record.course.offered_to).collect();
    members.sort_unstable();
    members.dedup();
    members
}
