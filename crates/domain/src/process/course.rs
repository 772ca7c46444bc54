//! What the acts have made of a form besides its fields: what boards, clocks and the table's conditions ask for.
//! Folded, never written by itself; small, because it is stored with every record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::change::act;
use crate::process::state;
use crate::{Change, Record, Stamp, Values};

/// Milestones that are no states, as keys of [`Course::entered`].
pub mod milestone {
    /// The customer was told that it is passed on (R46).
    pub const PASSED_ON: &str = "passed_on";
    /// The customer heard from the desk on the matter for the first time: settled, passed on, answered or informed.
    pub const RESPONDED: &str = "responded";
    /// Escalated.
    pub const ESCALATED: &str = "escalated";
    /// Reopened.
    pub const REOPENED: &str = "reopened";
}

/// A time during which the form was suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Milliseconds since 1970-01-01 UTC.
    pub from: u64,
    /// The same; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// Code of the list `suspension`.
    pub reason: String,
}

/// The course of one form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// State or [`milestone`] → when it was first reached, in milliseconds since 1970-01-01 UTC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub entered: BTreeMap<String, u64>,
    /// The same since the last reopening; empty on a form that never was reopened.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub again: BTreeMap<String, u64>,
    /// When it came into its present state, in milliseconds since 1970-01-01 UTC; a new dispatch counts as coming anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// State to return to from 挂起 or 合并.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_to: Option<String>,
    /// Suspensions, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// Times it was reopened.
    #[serde(skip_serializing_if = "is_nought")]
    pub reopened: u32,
    /// Highest level it was escalated to.
    #[serde(skip_serializing_if = "is_nought")]
    pub level: u32,
    /// The first agent: who registered it (R49).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Uuid>,
    /// Who follows it, the first agent among them until he drops off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub followers: Vec<Uuid>,
    /// Who has it in hand: named when dispatched, then whoever accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Uuid>,
    /// To whom a transfer is offered that he has not accepted yet (R48).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Uuid>,
    /// Who may close it besides the desk.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delegates: Vec<Uuid>,
    /// Who handled it in any round: settled, took over in the department, answered, carried out, handed back. None of
    /// them records how it was rated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hands: Vec<Uuid>,
}

fn is_nought(n: &u32) -> bool {
    *n == 0
}

/// A change that was not legal at its place: kept in the log, without effect, for the supervisor to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfPlace {
    /// The change.
    pub change: Uuid,
    /// When it was made.
    pub at: Stamp,
    /// What it would have done.
    pub act: String,
    /// By whom.
    pub seat: Uuid,
}

/// The last act, while it may still be taken back: what stood before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undoable {
    /// The change.
    pub change: Uuid,
    /// What it did.
    pub act: String,
    /// By whom.
    pub seat: Uuid,
    /// State before.
    pub state: String,
    /// Course before.
    pub course: Course,
    /// Values before of the fields it set; null where there was none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: Values,
    /// Lines it added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Uuid>,
    /// Lines it struck out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub struck: Vec<Uuid>,
}

impl Course {
    /// Whether there is nothing to keep, as for records that are no forms.
    pub fn is_empty(&self) -> bool {
        *self == Course::default()
    }

    /// When states and milestones of the present round were reached: since the last reopening, else since registration.
    pub fn round(&self) -> &BTreeMap<String, u64> {
        if self.reopened == 0 { &self.entered } else { &self.again }
    }

    /// The state into which `Back` leads; a form without one was never beyond registration.
    pub(crate) fn way_back(&self) -> String {
        self.back_to.clone().unwrap_or_else(|| state::REGISTERED.into())
    }

    /// Takes a legal change into account that leads from one state into another, or stays.
    pub(crate) fn take(&mut self, change: &Change, from: &str, to: &str) {
        let ms = change.at.ms;
        if from == state::SUSPENDED && to != from {
            self.pauses.iter_mut().filter(|p| p.to.is_none()).for_each(|p| p.to = Some(ms));
        }
        match change.act.as_str() {
            act::REGISTER => {
                self.first = Some(change.seat);
                self.followers.push(change.seat);
            }
            act::DISPATCH => (self.holder, self.offered_to) = (seat(change, "dispatch.handler_seat"), None),
            act::DECLINE if from == state::DISPATCHED => self.holder = None,
            act::DECLINE => self.offered_to = None,
            act::ACCEPT => {
                self.offered_to = None;
                match from {
                    state::REGISTERED | state::TO_INFORM => self.follow(change.seat),
                    _ => self.holder = Some(change.seat),
                }
            }
            act::TRANSFER => self.offered_to = seat(change, "transfer.to_seat"),
            act::DELEGATE_CLOSE => {
                let new = seat(change, "close.delegate_seat").filter(|seat| !self.delegates.contains(seat));
                self.delegates.extend(new);
            }
            act::SUSPEND => {
                let reason = change.set.get("suspension").and_then(|s| s.to.as_str()).unwrap_or_default();
                self.pauses.push(Pause { from: ms, to: None, reason: reason.into() });
                self.back_to = Some(from.into());
            }
            act::MERGE => self.back_to = Some(from.into()),
            act::RESUME | act::UNMERGE => self.back_to = None,
            act::REOPEN => {
                self.reopened += 1;
                self.again.clear();
                (self.holder, self.offered_to) = (None, None);
                self.delegates.clear();
                self.mark(milestone::REOPENED, ms);
            }
            act::ESCALATE => {
                let level = change.set.get("escalation.level").and_then(|s| s.to.as_u64()).unwrap_or(1);
                self.level = self.level.max(u32::try_from(level).unwrap_or(u32::MAX));
                self.mark(milestone::ESCALATED, ms);
            }
            act::FOLLOW => self.follow(change.seat),
            act::UNFOLLOW => self.followers.retain(|seat| *seat != change.seat),
            _ => {}
        }
        match change.act.as_str() {
            act::PASS_ON => {
                self.mark(milestone::PASSED_ON, ms);
                self.mark(milestone::RESPONDED, ms);
            }
            act::SETTLE | act::ANSWER | act::INFORM => self.mark(milestone::RESPONDED, ms),
            _ => {}
        }
        if handles(&change.act, from) && !self.hands.contains(&change.seat) {
            self.hands.push(change.seat);
        }
        if to != from || change.act == act::DISPATCH {
            self.since = Some(ms);
        }
        if to != from {
            self.mark(to, ms);
            let kept = [state::HANDLING, state::ANSWERED, state::CARRYING_OUT, state::SUSPENDED];
            if !kept.contains(&to) && from != state::SUSPENDED {
                self.offered_to = None; // the side that offered it no longer has it
            }
        }
    }

    fn mark(&mut self, key: &str, ms: u64) {
        self.entered.entry(key.into()).or_insert(ms);
        if self.reopened > 0 {
            self.again.entry(key.into()).or_insert(ms);
        }
    }

    fn follow(&mut self, seat: Uuid) {
        if !self.followers.contains(&seat) {
            self.followers.push(seat);
        }
    }
}

/// Whether `act`, done in the state `from`, makes its author one of those who handled the form. Taking over what the desk
/// still has to do does not.
pub fn handles(act: &str, from: &str) -> bool {
    match act {
        act::SETTLE | act::ANSWER | act::CARRY_OUT | act::HAND_BACK => true,
        act::ACCEPT => ![state::REGISTERED, state::TO_INFORM].contains(&from),
        _ => false,
    }
}

fn seat(change: &Change, key: &str) -> Option<Uuid> {
    change.set.get(key).and_then(|setting| setting.to.as_str()).and_then(|text| Uuid::try_parse(text).ok())
}

/// Column of the list [`UNDONE`] that names the change an undo takes back.
pub(crate) const OF: &str = "of";
/// List that says what was taken back.
pub const UNDONE: &str = "undone";

/// Whether `change`, an undo, means the act that is the last one here: its author may not have seen a later one.
pub(crate) fn names_the_last(change: &Change, undoable: Option<&Undoable>) -> bool {
    let named = change.add.get(UNDONE).and_then(|lines| lines.first()).and_then(|line| line.values.get(OF));
    named.and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok()) == undoable.map(|last| last.change)
}

/// Codes of the reasons for which a form must be escalated.
pub mod must {
    /// Reopened for the second time or more.
    pub const REOPENED_TWICE: &str = "reopened_twice";
    /// The same fault of the same product for the third time.
    pub const SAME_FAULT_THRICE: &str = "same_fault_thrice";
}

/// Why `record` must be escalated now (R70), as a code of [`must`]; none where nothing asks for it, or where it was
/// escalated already in this round. `same_fault_count` counts this form and those of the same customer, product and
/// fault within the last 90 days.
pub fn must_escalate(record: &Record, same_fault_count: u32) -> Option<&'static str> {
    if record.course.round().contains_key(milestone::ESCALATED) {
        return None;
    }
    match record.course.reopened {
        2.. => Some(must::REOPENED_TWICE),
        _ if same_fault_count >= 3 => Some(must::SAME_FAULT_THRICE),
        _ => None,
    }
}
