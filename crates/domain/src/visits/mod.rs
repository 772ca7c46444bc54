//! Return visits (回访, R74, R90–R94, R104): when one is due, whom it is made to, who may make it, what follows from it.
//!
//! A visit is a record of its own beside the form that it asks after. Its id follows from what it arises from
//! ([`arise`]), so that two devices that close the same form make one visit and not two. Who handled the matter neither
//! records its rating nor changes it: [`handled_by`] stands behind every act of the table that touches a rating, and
//! [`hands`](mod@hands) says where it is asked again.

pub mod answers;
pub mod arise;
pub mod erasure;
pub mod follow;
pub mod hands;
pub mod plan;
pub mod questionnaire;
pub mod sample;
pub mod table;
pub mod tries;

use uuid::Uuid;

use crate::Record;
use crate::decide::{Draft, Refusal};
use crate::process::{Actor, Why, role};

pub use answers::{corrections, template};
pub use arise::{Arise, Basis, Origin, VisitRules, due_day, of_closing, planned};
pub use follow::{Pending, pending};
pub use hands::{FORM, HANDS, Hand, MATTER, by_others, given_matter, handled_by, hands, hands_of, matter, seen_with};
pub(crate) use hands::{bars, kept};
pub use questionnaire::{Question, QuestionKind, Questionnaire};
pub use sample::{Draw, Stratum, draw};
pub use table::{DEMANDS, TABLE};
pub(crate) use tries::after;
pub use tries::{best_hours, counted};

/// Codes of the list `visit_type`: what a visit is made for.
pub mod occasion {
    /// 咨询后.
    pub const CONSULT: &str = "after_consult";
    /// 投诉后.
    pub const COMPLAINT: &str = "after_complaint";
    /// 维修后.
    pub const REPAIR: &str = "after_repair";
    /// 安装后.
    pub const INSTALLATION: &str = "after_installation";
    /// 定期.
    pub const PERIODIC: &str = "periodic";
    /// 季度满意度.
    pub const SURVEY: &str = "survey";
}

/// States of a visit (code list `visit_state`).
pub mod state {
    /// 待回访.
    pub const PLANNED: &str = "planned";
    /// 联系不上: three tries on different half-days.
    pub const UNREACHABLE: &str = "unreachable";
    /// 拒访.
    pub const REFUSED: &str = "refused";
    /// 已回访.
    pub const DONE: &str = "done";
    /// 已取消.
    pub const CANCELLED: &str = "cancelled";
    /// 不回访: the customer wants none.
    pub const LEFT_OUT: &str = "left_out";

    /// All of them.
    pub const ALL: &[&str] = &[PLANNED, UNREACHABLE, REFUSED, DONE, CANCELLED, LEFT_OUT];
}

/// Codes of the list `visit_outcome`: what came of one try.
pub mod outcome {
    /// 成功.
    pub const REACHED: &str = "reached";
    /// 无人接听.
    pub const NO_ANSWER: &str = "no_answer";
    /// 空号关机.
    pub const OFF: &str = "off";
    /// 拒访.
    pub const REFUSED: &str = "refused";
    /// 改约.
    pub const AGREED: &str = "agreed";
}

/// Field of a customer's record: that he wants no visits, `{"reason", "at", "by"}`.
pub const NO_VISITS: &str = "visits.refused";
/// List of the tries of a visit.
pub const ATTEMPTS: &str = "attempts";
/// List of what follows from a visit: improvements and suggestions.
pub const TASKS: &str = "tasks";

/// Notes on a customer's record that he wants no visits.
pub fn keep_out(customer: Uuid, record: &Record, actor: &Actor, reason: &str, at: &str) -> Draft {
    use crate::change::{Setting, act, kind};
    let mut draft = Draft::new(customer, kind::CUSTOMER, act::VISIT_REFUSE);
    let to = serde_json::json!({"reason": reason, "at": at, "by": actor.name});
    draft.set.insert(NO_VISITS.into(), Setting { to, was: record.stamps(NO_VISITS) });
    draft.reason = Some(reason.into());
    draft
}

/// Lets a customer be visited again who had refused.
///
/// # Errors
/// [`Refusal::Denied`] to whom does not supervise, [`Refusal::NothingChanged`], [`Refusal::ReasonRequired`].
pub fn allow(actor: &Actor, customer: Uuid, record: &Record, reason: &str) -> Result<Draft, Refusal> {
    use crate::change::{Setting, act, kind};
    if !actor.holds(&[role::SUPERVISOR]) {
        return Err(Refusal::Denied(Why::WrongRole));
    }
    if record.get(NO_VISITS).is_none() {
        return Err(Refusal::NothingChanged);
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::ReasonRequired);
    }
    let mut draft = Draft::new(customer, kind::CUSTOMER, act::VISIT_ALLOW);
    draft.set.insert(NO_VISITS.into(), Setting { to: serde_json::Value::Null, was: record.stamps(NO_VISITS) });
    draft.reason = Some(reason.into());
    Ok(draft)
}
