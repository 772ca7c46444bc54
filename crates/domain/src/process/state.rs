//! Where a form stands. Kept as text so that states of a newer version survive.

/// Nothing is registered yet: the state of an empty record.
pub const NONE: &str = "";
/// 已登记.
pub const REGISTERED: &str = "registered";
/// 待分发: the customer knows that it is passed on.
pub const TO_DISPATCH: &str = "to_dispatch";
/// 已分发: waits for the department to accept.
pub const DISPATCHED: &str = "dispatched";
/// 处理中: accepted by the department.
pub const HANDLING: &str = "handling";
/// 方案已答复: the customer has a solution and a date.
pub const ANSWERED: &str = "answered";
/// 实施中.
pub const CARRYING_OUT: &str = "carrying_out";
/// 待回告: done, the customer does not know yet.
pub const TO_INFORM: &str = "to_inform";
/// 已告知客户.
pub const INFORMED: &str = "informed";
/// 已关闭.
pub const CLOSED: &str = "closed";
/// 已归档.
pub const ARCHIVED: &str = "archived";
/// 已挂起: returns to where it was.
pub const SUSPENDED: &str = "suspended";
/// 已合并 into another form: returns to where it was when taken apart.
pub const MERGED: &str = "merged";
/// 已作废.
pub const VOIDED: &str = "voided";

/// All states of a registered form, in the order of the paper.
pub const ALL: &[&str] = &[
    REGISTERED,
    TO_DISPATCH,
    DISPATCHED,
    HANDLING,
    ANSWERED,
    CARRYING_OUT,
    TO_INFORM,
    INFORMED,
    CLOSED,
    ARCHIVED,
    SUSPENDED,
    MERGED,
    VOIDED,
];
