//! The one table: act × from-states × roles × conditions → state. Window, terminal, rules and fold all read it.

use crate::change::{act, kind};
use crate::process::condition::Condition::{self, *};
use crate::process::role::*;
use crate::process::state::*;
use crate::visits;

/// Where an act takes a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// It stays in its state.
    Stay,
    /// Into this state.
    Go(&'static str),
    /// Back to where it was before it was suspended or merged.
    Back,
}

/// One row: in one of the states `from`, a holder of one of `roles` may do `act` where all of `when` hold.
#[derive(Debug)]
pub struct Row {
    /// The act.
    pub act: &'static str,
    /// States in which the row counts.
    pub from: &'static [&'static str],
    /// State after it.
    pub to: To,
    /// Roles of which one is needed.
    pub roles: &'static [&'static str],
    /// What must hold besides.
    pub when: &'static [Condition],
    /// Whether it may be taken back while nothing came after. What left the desk, what was filed and what is evidence
    /// of a consent or a look at masked fields may not.
    pub undo: bool,
}

const fn row(
    act: &'static str,
    from: &'static [&'static str],
    to: To,
    roles: &'static [&'static str],
    when: &'static [Condition],
) -> Row {
    Row { act, from, to, roles, when, undo: true }
}

/// A row whose act stands for good.
pub(crate) const fn fast(
    act: &'static str,
    from: &'static [&'static str],
    to: To,
    roles: &'static [&'static str],
    when: &'static [Condition],
) -> Row {
    Row { act, from, to, roles, when, undo: false }
}

/// Before the customer was told.
const WORKING: &[&str] = &[REGISTERED, TO_DISPATCH, DISPATCHED, HANDLING, ANSWERED, CARRYING_OUT, TO_INFORM];
/// With the department.
const HANDLED: &[&str] = &[HANDLING, ANSWERED, CARRYING_OUT];
/// With the desk, and still to be done.
const DESK: &[&str] = &[REGISTERED, TO_INFORM];
/// Where somebody can be late.
const CHASED: &[&str] = &[TO_DISPATCH, DISPATCHED, HANDLING, ANSWERED, CARRYING_OUT, TO_INFORM, SUSPENDED];
/// Not closed.
const OPEN: &[&str] =
    &[REGISTERED, TO_DISPATCH, DISPATCHED, HANDLING, ANSWERED, CARRYING_OUT, TO_INFORM, SUSPENDED, INFORMED];
/// Not filed.
const LIVE: &[&str] =
    &[REGISTERED, TO_DISPATCH, DISPATCHED, HANDLING, ANSWERED, CARRYING_OUT, TO_INFORM, SUSPENDED, INFORMED, CLOSED];
/// A form of its own: neither void nor merged into another.
const STANDING: &[&str] = &[
    REGISTERED,
    TO_DISPATCH,
    DISPATCHED,
    HANDLING,
    ANSWERED,
    CARRYING_OUT,
    TO_INFORM,
    SUSPENDED,
    INFORMED,
    CLOSED,
    ARCHIVED,
];
/// Everything but the archive, where nothing is taken back.
const UNFILED: &[&str] = &[
    REGISTERED,
    TO_DISPATCH,
    DISPATCHED,
    HANDLING,
    ANSWERED,
    CARRYING_OUT,
    TO_INFORM,
    SUSPENDED,
    INFORMED,
    CLOSED,
    MERGED,
    VOIDED,
];

const DISPATCHERS: &[&str] = &[RECORDS, DISPATCHER, SUPERVISOR];
const FILERS: &[&str] = &[RECORDS, FILER];
const HANDLERS: &[&str] = &[HANDLER, TECHNICIAN];
pub(crate) const OFFICE: &[&str] = &[RECEPTION, RECORDS, DISPATCHER, SUPERVISOR];
const CHECKERS: &[&str] = &[RECORDS, SUPERVISOR, INSPECTOR];
const STAFF: &[&str] = &[RECEPTION, RECORDS, DISPATCHER, FILER, HANDLER, TECHNICIAN, SUPERVISOR, INSPECTOR];
/// Those who speak with the customer.
const SPEAKERS: &[&str] = &[RECEPTION, RECORDS, DISPATCHER, HANDLER, TECHNICIAN, SUPERVISOR];
const CARETAKERS: &[&str] = &[RECEPTION, RECORDS, HANDLER, TECHNICIAN, SUPERVISOR];

/// Every row. Several rows of one act are alternatives: one that fits is enough.
pub static TABLE: &[Row] = &[
    fast(act::REGISTER, &[NONE], To::Go(REGISTERED), &[RECEPTION], &[]),
    row(act::CORRECT, LIVE, To::Stay, OFFICE, &[]),
    row(act::CORRECT, LIVE, To::Stay, HANDLERS, &[OwnDepartment, AssignedHandler]),
    row(act::CORRECT, &[CLOSED, ARCHIVED], To::Stay, FILERS, &[]),
    row(act::VOID, &[REGISTERED, TO_DISPATCH], To::Go(VOIDED), &[RECEPTION], &[OwnForm]),
    row(act::VOID, LIVE, To::Go(VOIDED), &[SUPERVISOR], &[]),
    fast(act::PRINT, ALL, To::Stay, EVERY, &[]),
    // The paths: A ends where `settle` ends, B goes on from `pass_on` (R63, R64).
    row(act::SETTLE, &[REGISTERED], To::Go(INFORMED), &[RECEPTION], &[NoOpenQuery]),
    row(act::PASS_ON, &[REGISTERED], To::Go(TO_DISPATCH), &[RECEPTION], &[]),
    row(act::DISPATCH, &[TO_DISPATCH, DISPATCHED, HANDLING], To::Go(DISPATCHED), DISPATCHERS, &[]),
    row(act::DECLINE, &[DISPATCHED], To::Go(TO_DISPATCH), HANDLERS, &[OwnDepartment, AssignedHandler]),
    row(act::DECLINE, HANDLED, To::Stay, HANDLERS, &[Addressee]),
    row(act::DECLINE, DESK, To::Stay, &[RECEPTION], &[Addressee]),
    row(act::ACCEPT, &[DISPATCHED], To::Go(HANDLING), HANDLERS, &[OwnDepartment, AssignedHandler]),
    row(act::ACCEPT, HANDLED, To::Stay, HANDLERS, &[Addressee]),
    row(act::ACCEPT, DESK, To::Stay, &[RECEPTION], &[Addressee]),
    row(act::TRANSFER, HANDLED, To::Stay, HANDLERS, &[AssignedHandler]),
    row(act::TRANSFER, DESK, To::Stay, &[RECEPTION], &[Follower]),
    row(act::TRANSFER, &[REGISTERED, HANDLING, ANSWERED, CARRYING_OUT, TO_INFORM], To::Stay, &[SUPERVISOR], &[]),
    row(act::ANSWER, &[HANDLING, ANSWERED], To::Go(ANSWERED), HANDLERS, &[AssignedHandler, NoOpenQuery]),
    row(act::CARRY_OUT, &[ANSWERED], To::Go(CARRYING_OUT), HANDLERS, &[AssignedHandler]),
    row(act::HAND_BACK, &[ANSWERED, CARRYING_OUT], To::Go(TO_INFORM), HANDLERS, &[AssignedHandler]),
    row(act::INFORM, &[TO_INFORM], To::Go(INFORMED), &[RECEPTION], &[NoOpenQuery]),
    row(act::CLOSE, &[INFORMED], To::Go(CLOSED), &[RECEPTION], &[CloseGuard]),
    row(act::CLOSE, &[INFORMED], To::Go(CLOSED), EVERY, &[Delegate, CloseGuard]),
    row(act::DELEGATE_CLOSE, OPEN, To::Stay, &[SUPERVISOR], &[]),
    fast(act::FILE, &[CLOSED], To::Go(ARCHIVED), FILERS, &[]),
    // Beside the paths.
    row(act::SUSPEND, WORKING, To::Go(SUSPENDED), DISPATCHERS, &[]),
    row(act::SUSPEND, &[REGISTERED, TO_DISPATCH, TO_INFORM], To::Go(SUSPENDED), &[RECEPTION], &[]),
    row(act::SUSPEND, HANDLED, To::Go(SUSPENDED), HANDLERS, &[AssignedHandler]),
    row(act::RESUME, &[SUSPENDED], To::Back, OFFICE, &[]),
    row(act::RESUME, &[SUSPENDED], To::Back, HANDLERS, &[AssignedHandler]),
    row(act::REOPEN, &[INFORMED, CLOSED, ARCHIVED], To::Go(TO_DISPATCH), &[RECEPTION, SUPERVISOR], &[]),
    row(act::MERGE, WORKING, To::Go(MERGED), OFFICE, &[]),
    row(act::UNMERGE, &[MERGED], To::Back, DISPATCHERS, &[]),
    row(
        act::ESCALATE,
        OPEN,
        To::Stay,
        &[RECEPTION, RECORDS, DISPATCHER, HANDLER, TECHNICIAN, SUPERVISOR, INSPECTOR],
        &[],
    ),
    row(act::CHASE, CHASED, To::Stay, DISPATCHERS, &[]),
    row(act::CHASE, CHASED, To::Stay, &[RECEPTION], &[Follower]),
    row(act::ANSWER_CHASE, CHASED, To::Stay, HANDLERS, &[OwnDepartment, OpenChase]),
    row(act::ANSWER_CHASE, CHASED, To::Stay, OFFICE, &[OpenChase]),
    // Asked while there is still something to say to the customer; the answer may come after that (R71).
    row(act::QUERY, OPEN, To::Stay, OFFICE, &[]),
    row(act::QUERY, OPEN, To::Stay, HANDLERS, &[OwnDepartment]),
    row(act::QUERY_ANSWER, LIVE, To::Stay, HANDLERS, &[OwnDepartment, OpenQuery]),
    row(act::QUERY_ANSWER, LIVE, To::Stay, OFFICE, &[OpenQuery]),
    row(act::QUERY_ANSWER, LIVE, To::Stay, STAFF, &[OpenQuery, Asked]),
    row(act::NOTE, LIVE, To::Stay, STAFF, &[]),
    row(act::LOG_CALL, ALL, To::Stay, SPEAKERS, &[]),
    row(act::MEASURE_ADD, STANDING, To::Stay, CHECKERS, &[]),
    row(act::MEASURE_ADD, STANDING, To::Stay, &[HANDLER], &[OwnDepartment]),
    row(act::MEASURE_DONE, STANDING, To::Stay, STAFF, &[OpenMeasure]),
    row(act::MEASURE_VERIFY, STANDING, To::Stay, CHECKERS, &[DoneMeasure]),
    row(act::FOLLOW, OPEN, To::Stay, OFFICE, &[]),
    row(act::UNFOLLOW, LIVE, To::Stay, OFFICE, &[Follower, ToldOrNotFirst]),
    // The customer's rights end with no state.
    row(act::VERIFY_IDENTITY, STANDING, To::Stay, CARETAKERS, &[]),
    fast(act::CONSENT, ALL, To::Stay, CARETAKERS, &[]),
    fast(act::WITHDRAW_CONSENT, ALL, To::Stay, CARETAKERS, &[]),
    fast(act::DISCLOSE, ALL, To::Stay, &[RECEPTION, RECORDS, SUPERVISOR], &[DisclosureConsented]),
    fast(
        act::REVEAL,
        ALL,
        To::Stay,
        &[RECEPTION, RECORDS, DISPATCHER, HANDLER, TECHNICIAN, SUPERVISOR, INSPECTOR],
        &[],
    ),
    fast(act::HAND_OUT, ALL, To::Stay, &[RECEPTION, RECORDS, SUPERVISOR], &[]),
    // Not while somebody still works on it for him.
    fast(act::ERASE, &[CLOSED, ARCHIVED, MERGED, VOIDED], To::Stay, &[SUPERVISOR, ADMIN], &[]),
    fast(act::UNDO, UNFILED, To::Stay, STAFF, &[Undoable, AuthorOrSupervisor]),
];

/// The table that records of a kind go by; that of forms for whatever is not said to go by another.
pub fn table_of(kind: &str) -> &'static [Row] {
    match kind {
        kind::VISIT => visits::TABLE,
        _ => TABLE,
    }
}

/// The rows of `act`; none for an act of a newer version.
pub fn rows_of(act: &str) -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(move |row| row.act == act)
}

/// The rows of `act` that count in `state`.
pub fn rows_in(act: &str, state: &str) -> impl Iterator<Item = &'static Row> {
    rows_of(act).filter(move |row| row.from.contains(&state))
}
