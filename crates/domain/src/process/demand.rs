//! What each act writes: which fields a person gives, which the program fills in, which line it adds.

use crate::change::act;
use Want::*;

/// How a field of an act comes by its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A person gives it, unless the form already has it.
    Needed,
    /// A person gives it, whatever the form has.
    Given,
    /// A person may give it.
    Offered,
    /// A person may give it; otherwise it is emptied, so that nothing stale stands beside what is new.
    Anew,
    /// A moment that a person may give, not in the future; otherwise now.
    OrNow,
    /// A name that a person may give; otherwise his own.
    OrMe,
    /// A class of the archive that a person may give; otherwise 客户类型 and 业务类别 in words (R41).
    OrClass,
    /// Now.
    Now,
    /// The actor's name.
    Me,
    /// The actor's seat.
    MySeat,
    /// Ticked.
    Yes,
    /// Emptied.
    Emptied,
}

/// Whether an act asks for a reason. One that is given is kept in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It may be given.
    Free,
    /// Without it the act is refused.
    Required,
}

/// The line that an act writes.
#[derive(Debug)]
pub struct LineDemand {
    /// Key of the list.
    pub list: &'static str,
    /// The line takes the place of one that is struck out, keeps what that one had, and names it in its column `of`.
    pub replaces: bool,
    /// Its columns.
    pub columns: &'static [(&'static str, Want)],
}

/// What one act writes.
#[derive(Debug)]
pub struct Demand {
    /// The act.
    pub act: &'static str,
    /// Its fields.
    pub fields: &'static [(&'static str, Want)],
    /// Its line.
    pub line: Option<LineDemand>,
    /// Its reason.
    pub reason: Reason,
}

pub(crate) const fn fields(act: &'static str, reason: Reason, fields: &'static [(&'static str, Want)]) -> Demand {
    Demand { act, fields, line: None, reason }
}

pub(crate) const fn line(
    act: &'static str,
    list: &'static str,
    replaces: bool,
    columns: &'static [(&'static str, Want)],
) -> Demand {
    Demand { act, fields: &[], line: Some(LineDemand { list, replaces, columns }), reason: Free }
}

/// What `act` writes; none for acts with a function of their own (register, correct, print, undo) and unknown ones.
pub fn of(act: &str) -> Option<&'static Demand> {
    DEMANDS.iter().chain(crate::visits::DEMANDS).find(|demand| demand.act == act)
}

use Reason::{Free, Required};

static DEMANDS: &[Demand] = &[
    fields(act::VOID, Required, &[]),
    fields(
        act::SETTLE,
        Free,
        &[
            ("settled_on_spot", Needed),
            ("outcome.result", Needed),
            ("outcome.response", Needed),
            ("outcome.told_at", OrNow),
            ("outcome.told_means", Needed),
            ("outcome.told_by", OrMe),
            ("outcome.reaction", Offered),
        ],
    ),
    // Telling that it is passed on is telling how it goes on (R33, R46).
    fields(act::PASS_ON, Free, &[("informed", Yes), ("passed_on_at", OrNow), ("reply_by", Offered)]),
    fields(
        act::DISPATCH,
        Free,
        &[
            ("dispatch.department", Given),
            ("dispatch.handler", Anew),
            ("dispatch.handler_seat", Anew),
            ("dispatch.co_handlers", Anew),
            ("dispatch.limits", Offered),
            ("dispatch.by", Me),
            ("dispatch.at", Now),
            ("dispatch.accepted_at", Emptied),
        ],
    ),
    fields(act::DECLINE, Required, &[]),
    fields(act::ACCEPT, Free, &[]),
    fields(
        act::TRANSFER,
        Required,
        &[
            ("transfer.to", Given),
            ("transfer.to_seat", Given),
            ("transfer.points", Given),
            ("transfer.by", Me),
            ("transfer.at", Now),
            ("transfer.accepted_at", Emptied),
        ],
    ),
    fields(
        act::ANSWER,
        Free,
        &[
            ("handling.cause", Offered),
            ("handling.cause_code", Offered),
            ("handling.advice", Offered),
            ("handling.solution", Needed),
            ("handling.promised_at", Needed),
            ("handling.replied_at", OrNow),
            ("handling.replied_means", Needed),
            ("handling.replied_by", OrMe),
            ("handling.cost", Offered),
        ],
    ),
    fields(act::CARRY_OUT, Free, &[("handling.promised_at", Offered)]),
    fields(
        act::HAND_BACK,
        Free,
        &[
            ("handling.cause", Offered),
            ("handling.cause_code", Offered),
            ("handling.cost", Offered),
            ("outcome.result", Needed),
            ("outcome.response", Offered),
        ],
    ),
    fields(
        act::INFORM,
        Free,
        &[
            ("outcome.result", Needed),
            ("outcome.response", Needed),
            ("outcome.told_at", OrNow),
            ("outcome.told_means", Needed),
            ("outcome.told_by", OrMe),
            ("outcome.reaction", Offered),
        ],
    ),
    fields(act::CLOSE, Free, &[("closing.by", Me), ("closing.at", Now)]),
    fields(act::DELEGATE_CLOSE, Required, &[("close.delegate", Given), ("close.delegate_seat", Given)]),
    fields(
        act::FILE,
        Free,
        &[
            ("customer.type", Needed),
            ("category", Needed),
            ("filing.class", OrClass),
            ("filing.box", Offered),
            ("filing.cabinet", Offered),
            ("filing.retention", Needed),
            ("filing.by", Me),
            ("filing.at", Now),
        ],
    ),
    fields(act::SUSPEND, Free, &[("suspension", Given)]),
    fields(act::RESUME, Free, &[("suspension", Emptied)]),
    // What the last round told, closed and filed would otherwise pass for this one's.
    fields(
        act::REOPEN,
        Required,
        &[
            ("settled_on_spot", Emptied),
            ("dispatch.accepted_at", Emptied),
            ("handling.promised_at", Emptied),
            ("handling.replied_at", Emptied),
            ("handling.replied_means", Emptied),
            ("handling.replied_by", Emptied),
            ("outcome.result", Emptied),
            ("outcome.response", Emptied),
            ("outcome.told_at", Emptied),
            ("outcome.told_means", Emptied),
            ("outcome.told_by", Emptied),
            ("outcome.reaction", Emptied),
            ("close.delegate", Emptied),
            ("close.delegate_seat", Emptied),
            ("closing.by", Emptied),
            ("closing.at", Emptied),
            ("filing.by", Emptied),
            ("filing.at", Emptied),
        ],
    ),
    fields(act::MERGE, Free, &[("merged_into", Given)]),
    fields(act::UNMERGE, Required, &[("merged_into", Emptied)]),
    fields(act::ESCALATE, Required, &[("escalation.level", Given)]),
    line(act::CHASE, "chases", false, &[("at", Now), ("whom", Given), ("content", Given), ("by", Me)]),
    line(act::ANSWER_CHASE, "chases", true, &[("answer", Given), ("answered_by", Me), ("answered_at", Now)]),
    line(
        act::QUERY,
        "queries",
        false,
        &[("at", Now), ("question", Given), ("whom", Given), ("whom_seat", Offered), ("due", Offered), ("by", Me)],
    ),
    line(
        act::QUERY_ANSWER,
        "queries",
        true,
        &[("answer", Given), ("source", Given), ("answered_by", Me), ("answered_at", Now)],
    ),
    line(act::NOTE, "process", false, &[("at", OrNow), ("who", Me), ("action", Offered), ("note", Given)]),
    line(
        act::LOG_CALL,
        "calls",
        false,
        &[
            ("at", OrNow),
            ("direction", Given),
            ("number", Offered),
            ("rings", Offered),
            ("outcome", Offered),
            ("who", Me),
        ],
    ),
    line(
        act::MEASURE_ADD,
        "measures",
        false,
        &[("type", Given), ("content", Given), ("owner", Given), ("owner_seat", Offered), ("due", Given)],
    ),
    line(act::MEASURE_DONE, "measures", true, &[("result", Given), ("done_at", Now), ("done_seat", MySeat)]),
    line(
        act::MEASURE_VERIFY,
        "measures",
        true,
        &[("effective", Given), ("verifier", Me), ("verifier_seat", MySeat), ("verified_at", Now)],
    ),
    fields(act::VERIFY_IDENTITY, Free, &[("identity", Given), ("identity_at", Now), ("identity_by", Me)]),
    fields(act::CONSENT, Free, &[("consents", Given)]),
    fields(act::WITHDRAW_CONSENT, Free, &[("consent", Given)]),
    line(act::DISCLOSE, "disclosures", false, &[("at", OrNow), ("recipient", Given), ("purpose", Given), ("who", Me)]),
    line(act::REVEAL, "reveals", false, &[("at", Now), ("fields", Given), ("purpose", Given), ("who", Me)]),
    line(act::HAND_OUT, "disclosures", false, &[("at", OrNow), ("recipient", Given), ("purpose", Given), ("who", Me)]),
    fields(act::ERASE, Required, &[]),
    fields(act::FOLLOW, Free, &[]),
    fields(act::UNFOLLOW, Free, &[]),
];
