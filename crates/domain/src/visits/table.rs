//! The act table of visits: who may do what in which state, read like that of the forms ([`crate::process::table`]).

use crate::change::act;
use crate::process::condition::Condition::*;
use crate::process::demand::Want::*;
use crate::process::demand::{Demand, LineDemand, Reason, fields, line};
use crate::process::role::*;
use crate::process::table::{Row, To, fast};
use crate::visits::state::*;
use crate::visits::{ATTEMPTS, TASKS};

/// Not over yet.
const OPEN: &[&str] = &[PLANNED, UNREACHABLE];

/// Those who call customers back: the desk, and whoever checks the work. Not the departments that did it.
pub const VISITORS: &[&str] = &[RECEPTION, SUPERVISOR, INSPECTOR];
const FOLLOWERS: &[&str] = &[RECEPTION, RECORDS, SUPERVISOR, INSPECTOR];
const CHECKERS: &[&str] = &[RECORDS, SUPERVISOR, INSPECTOR];
const STAFF: &[&str] = &[RECEPTION, RECORDS, DISPATCHER, FILER, HANDLER, TECHNICIAN, SUPERVISOR, INSPECTOR];

/// Every row. What the program writes with an act of somebody's is open to all who may do that act; nothing is taken
/// back, because a rating that can be unwritten is none.
pub static TABLE: &[Row] = &[
    fast(act::VISIT_PLAN, &["", PLANNED, CANCELLED, LEFT_OUT], To::Go(PLANNED), EVERY, &[]),
    fast(act::VISIT_SKIP, &[""], To::Go(LEFT_OUT), EVERY, &[]),
    fast(act::VISIT_DROP, OPEN, To::Go(CANCELLED), EVERY, &[]),
    fast(act::VISIT_TAKE, OPEN, To::Stay, VISITORS, &[NotOwnMatter]),
    fast(act::VISIT_GIVE, OPEN, To::Stay, &[SUPERVISOR], &[]),
    fast(act::VISIT_TRY, &[PLANNED], To::Stay, VISITORS, &[NotOwnMatter]),
    fast(act::VISIT_AGREE, OPEN, To::Go(PLANNED), VISITORS, &[NotOwnMatter]),
    fast(act::VISIT_REFUSE, OPEN, To::Go(REFUSED), VISITORS, &[NotOwnMatter]),
    fast(act::VISIT_RECORD, OPEN, To::Go(DONE), VISITORS, &[NotOwnMatter]),
    fast(act::VISIT_CORRECT, &[DONE], To::Stay, VISITORS, &[NotOwnMatter]),
    fast(act::VISIT_FOLLOW, &[DONE], To::Stay, &[RECEPTION, SUPERVISOR], &[]),
    fast(act::VISIT_EXCUSE, &[DONE], To::Stay, &[SUPERVISOR, INSPECTOR], &[NotOwnMatter]),
    fast(act::VISIT_TASK, &[DONE], To::Stay, FOLLOWERS, &[]),
    fast(act::VISIT_TASK_DONE, &[DONE], To::Stay, STAFF, &[OpenTask]),
    fast(act::VISIT_TASK_VERIFY, &[DONE], To::Stay, CHECKERS, &[DoneTask]),
    fast(act::VISIT_CANCEL, OPEN, To::Go(CANCELLED), &[SUPERVISOR], &[]),
    fast(act::PRINT, ALL, To::Stay, EVERY, &[]),
    fast(act::ERASE, ALL, To::Stay, &[SUPERVISOR, ADMIN], &[]),
];

/// The line that each try leaves; its outcome is the act's, but for a try that reached nobody.
const fn attempt(columns: &'static [(&'static str, crate::process::demand::Want)]) -> Option<LineDemand> {
    Some(LineDemand { list: ATTEMPTS, replaces: false, columns })
}

/// What the acts of a visit write.
pub static DEMANDS: &[Demand] = &[
    fields(act::VISIT_TAKE, Reason::Free, &[("visitor", Me), ("visitor_seat", MySeat)]),
    fields(act::VISIT_GIVE, Reason::Free, &[("visitor", Given), ("visitor_seat", Given)]),
    line(
        act::VISIT_TRY,
        ATTEMPTS,
        false,
        &[("outcome", Given), ("at", OrNow), ("means", Offered), ("note", Offered), ("who", Me), ("who_seat", MySeat)],
    ),
    Demand {
        act: act::VISIT_AGREE,
        fields: &[("agreed_at", Given), ("visitor", Me), ("visitor_seat", MySeat)],
        line: attempt(&[("at", OrNow), ("means", Offered), ("note", Offered), ("who", Me), ("who_seat", MySeat)]),
        reason: Reason::Free,
    },
    Demand {
        act: act::VISIT_REFUSE,
        fields: &[("visitor", Me), ("visitor_seat", MySeat)],
        line: attempt(&[("at", OrNow), ("means", Offered), ("note", Offered), ("who", Me), ("who_seat", MySeat)]),
        reason: Reason::Required,
    },
    Demand {
        act: act::VISIT_RECORD,
        fields: &[
            ("actual_at", OrNow),
            ("means", Given),
            ("respondent", Offered),
            ("relation", Offered),
            ("visitor", Me),
            ("visitor_seat", MySeat),
        ],
        line: attempt(&[("at", OrNow), ("means", Offered), ("note", Offered), ("who", Me), ("who_seat", MySeat)]),
        reason: Reason::Free,
    },
    fields(act::VISIT_CORRECT, Reason::Required, &[("respondent", Offered), ("relation", Offered)]),
    fields(
        act::VISIT_FOLLOW,
        Reason::Free,
        &[("follow.how", Given), ("follow.form", Given), ("follow.number", Given), ("follow.by", Me)],
    ),
    fields(act::VISIT_EXCUSE, Reason::Required, &[("excuse.by", Me), ("excuse.by_seat", MySeat), ("excuse.at", Now)]),
    line(
        act::VISIT_TASK,
        TASKS,
        false,
        &[
            ("type", Given),
            ("content", Given),
            ("department", Offered),
            ("owner", Offered),
            ("owner_seat", Offered),
            ("due", Given),
            ("given_by", Me),
        ],
    ),
    line(
        act::VISIT_TASK_DONE,
        TASKS,
        true,
        &[("result", Given), ("done_by", Me), ("done_at", Now), ("done_seat", MySeat)],
    ),
    line(
        act::VISIT_TASK_VERIFY,
        TASKS,
        true,
        &[("effective", Given), ("verifier", Me), ("verifier_seat", MySeat), ("verified_at", Now)],
    ),
    fields(act::VISIT_CANCEL, Reason::Required, &[]),
];
