//! The forms at hand as alerts see them: in whose queues they are, and the facts that their clocks need.

use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::clocks::Facts;
use kefu_domain::process::condition::{asks, chase_open, query_open, standing};
use kefu_domain::process::{Actor, role, state};
use kefu_local::Among;

use crate::desk::Open;
use crate::wire::Failure;

/// A form that is not finished.
pub(super) struct Watched {
    pub(super) id: Uuid,
    pub(super) number: String,
    /// Codes of the seat's queues that it is in.
    pub(super) queues: Vec<&'static str>,
    pub(super) holder: Option<Uuid>,
    pub(super) followers: Vec<Uuid>,
    pub(super) facts: Facts,
}

impl Watched {
    /// Whether a holder of `role` is meant when this form is late: the desk's people by what they follow, those who
    /// handle by what lies with them or their department, everybody else by the role alone.
    pub(super) fn concerns(&self, role: &str, actor: &Actor) -> bool {
        match role {
            role::RECEPTION => self.followers.contains(&actor.seat),
            role::HANDLER | role::TECHNICIAN => {
                let department = !actor.department.is_empty() && self.facts.department == actor.department;
                self.holder == Some(actor.seat) || self.holder.is_none() && department
            }
            _ => true,
        }
    }
}

/// Rows of one reading.
const PAGE: u32 = 100;
/// Forms looked at, the strictest clock first: they are late first.
const MOST: u32 = 1_000;

/// The forms at hand, by the eyes of `actor`.
pub(super) async fn watched(open: &Open, actor: &Actor) -> Result<Vec<Watched>, Failure> {
    let mut watched = Vec::new();
    for page in 0..MOST / PAGE {
        let rows = open.store.board_page(&Among::unfinished(), page * PAGE, PAGE).await?;
        let last = rows.len() < PAGE as usize;
        watched.extend(rows.into_iter().map(|row| Watched {
            id: row.form.id,
            number: row.form.number,
            queues: queues(&row.record, actor),
            holder: row.record.course.holder,
            followers: row.record.course.followers.clone(),
            facts: Facts::of(&row.record),
        }));
        if last {
            break;
        }
    }
    Ok(watched)
}

/// Who made the last change of a form.
pub(super) async fn last_by(open: &Open, form: Uuid) -> Result<Option<Uuid>, Failure> {
    Ok(open.store.changes_of(form).await?.last().map(|change| change.seat))
}

/// The queues of the board that a form stands in for `actor`, those in which it waits for him.
pub(super) fn queues(record: &Record, actor: &Actor) -> Vec<&'static str> {
    let course = &record.course;
    let mine = course.holder == Some(actor.seat);
    let department = !actor.department.is_empty() && record.text("dispatch.department") == Some(&actor.department);
    let handles = actor.holds(&[role::HANDLER, role::TECHNICIAN]);
    let chased = standing(record, "chases").any(chase_open);
    let asked = standing(record, "queries").any(|line| query_open(line) && asks(line, actor));
    let by_state = match record.state.as_str() {
        state::TO_DISPATCH if actor.holds(&[role::RECORDS, role::DISPATCHER]) => Some("to_dispatch"),
        state::DISPATCHED if handles && (mine || course.holder.is_none() && department) => Some("to_accept"),
        state::HANDLING | state::ANSWERED | state::CARRYING_OUT if mine => Some("mine"),
        state::REGISTERED if course.first == Some(actor.seat) && actor.holds(&[role::RECEPTION]) => Some("mine"),
        state::TO_INFORM if actor.holds(&[role::RECEPTION]) => Some("to_inform"),
        state::INFORMED if actor.holds(&[role::RECEPTION]) || course.delegates.contains(&actor.seat) => {
            Some("to_close")
        }
        state::CLOSED if actor.holds(&[role::RECORDS, role::FILER]) => Some("to_file"),
        _ => None,
    };
    let offered = (course.offered_to == Some(actor.seat)).then_some("offered");
    let chased = (chased && (mine || handles && department)).then_some("chased");
    let asked = asked.then_some("queried");
    by_state.into_iter().chain(offered).chain(chased).chain(asked).collect()
}

/// What a queue is called.
pub(super) fn queue_name(code: &str) -> &str {
    match code {
        "to_dispatch" => "待分发",
        "to_accept" => "待接收",
        "mine" => "我的处理",
        "to_inform" => "待回告",
        "to_close" => "待关闭",
        "to_file" => "待归档",
        "offered" => "待我接手",
        "chased" => "督办待复",
        "queried" => "待核实",
        other => other,
    }
}
