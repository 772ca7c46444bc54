//! Forms that have to be escalated by themselves (R70): the third of the same fault, and what was reopened twice.
//!
//! Whether a fault came for the third time is looked up after the form is acknowledged, once the writing pauses: the
//! caller is on the line, and the search costs more than the registration. How far the look has come stands in the
//! file, so that whoever opens the desk next goes on from there. Each desk looks at what was registered on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use kefu_domain::change::act;
use kefu_domain::decide::{self, Asked};
use kefu_domain::member::Member;
use kefu_domain::number::FormNumber;
use kefu_domain::process::course::must;
use kefu_domain::process::{Actor, must_escalate, state};
use kefu_domain::similar::{Gist, same_fault};
use kefu_domain::{Record, Refusal};
use kefu_local::{Arrived, Door, Store};

use crate::actor::of_member;
use crate::correct::form;
use crate::desk::{Clock, Desk, Open};
use crate::wire::Failure;

/// Days within which the same fault counts again.
const DAYS: i64 = 90;
/// Kinds that tell of a fault; a question asked three times is none.
const FAULTS: [&str; 4] = ["complaint", "appeal", "repair", "return"];
/// So long nothing may have been registered before the look begins.
const PAUSE: Duration = Duration::from_millis(250);
/// Longest that closing the desk waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Preference: place of the last form that was looked at.
const LOOKED: &str = "repeats_looked";

/// What an open desk knows of the look.
#[derive(Default)]
pub(crate) struct Looking {
    registered: AtomicU64,
    under_way: AtomicBool,
    turn: tokio::sync::Mutex<()>,
}

/// Begins after what a desk of an earlier version holds.
pub(crate) async fn begin(store: &Store) -> Result<(), Failure> {
    if store.preference(LOOKED).await?.is_none() { pass_over(store).await } else { Ok(()) }
}

/// Leaves out what came until now.
pub(crate) async fn pass_over(store: &Store) -> Result<(), Failure> {
    Ok(store.set_preference(LOOKED, &store.last_arrived().await?.to_string()).await?)
}

/// Looks at what was registered, once the writing pauses.
pub(crate) fn look_soon(open: &Arc<Open>, clock: &Clock) {
    open.looking.registered.fetch_add(1, Ordering::AcqRel);
    if open.looking.under_way.swap(true, Ordering::AcqRel) {
        return;
    }
    let (open, clock) = (open.clone(), clock.clone());
    tokio::spawn(async move {
        let registered = || open.looking.registered.load(Ordering::Acquire);
        let mut seen = registered();
        loop {
            tokio::time::sleep(PAUSE).await;
            if std::mem::replace(&mut seen, registered()) == seen {
                break;
            }
        }
        if let Err(failure) = look(&open, &clock).await {
            // Locked or full: whoever opens the desk next goes on.
            tracing::warn!(code = ?failure.code, "repeated faults were not looked for");
        }
    });
}

/// The same before the desk is closed, unless it takes long.
pub(crate) async fn before_close(open: &Open, clock: &Clock) {
    let _ = tokio::time::timeout(PATIENCE, look(open, clock)).await;
}

/// Looks now at what was registered.
pub(crate) async fn look(open: &Open, clock: &Clock) -> Result<(), Failure> {
    let _turn = open.looking.turn.lock().await;
    open.looking.under_way.store(false, Ordering::Release);
    let kept = open.store.preference(LOOKED).await?;
    let mut place: i64 = kept.and_then(|place| place.parse().ok()).unwrap_or_default();
    loop {
        let forms = open.store.arrived_after(place).await?;
        let Some(last) = forms.last().map(|form| form.place) else { return Ok(()) };
        for form in forms.iter().filter(|form| registered_here(open, &form.record)) {
            let times = same_fault_count(open, form).await?;
            if times >= 3 {
                let mut door = open.store.door(clock()).await?;
                let member = form.record.course.first.unwrap_or_default();
                let record = door.record(member).await?.unwrap_or_default();
                let actor = of_member(member, &Member::read(&record));
                escalate(open, &mut door, &actor, form.id, times).await?;
                door.commit().await?;
            }
        }
        place = last;
        open.store.set_preference(LOOKED, &place.to_string()).await?;
    }
}

/// Whether this device gave the form its number.
fn registered_here(open: &Open, record: &Record) -> bool {
    let number = record.text("number").unwrap_or_default();
    FormNumber::device_in(number) == Some(open.store.device().code.as_str())
}

impl Desk {
    /// Waits until everything that follows what was written has been done.
    ///
    /// # Errors
    /// The desk is locked, or its disk is full.
    pub async fn settle(&self) -> Result<(), Failure> {
        let open = self.open()?;
        look(&open, &self.clock).await?;
        Ok(open.store.caught_up().await?)
    }
}

/// How many forms tell of the fault that `form` tells of, it included. A telephone or a serial has to be the same: a
/// name alone is too little to act upon.
async fn same_fault_count(open: &Open, form: &Arrived) -> Result<u32, Failure> {
    let of_fault = |record: &Record| {
        FAULTS.contains(&record.text("kind").unwrap_or_default())
            && ![state::VOIDED, state::MERGED].contains(&record.state.as_str())
    };
    if !of_fault(&form.record) {
        return Ok(1);
    }
    let earliest = form.record.text("received_at").and_then(moment).map(|at| at - TimeDelta::days(DAYS));
    let recent = |record: &Record| {
        let at = record.text("received_at").and_then(moment);
        earliest.is_none_or(|earliest| at.is_some_and(|at| at >= earliest))
    };
    let found = open.store.candidates(form).await?;
    let candidates: Vec<&Record> = found.iter().filter(|record| of_fault(record) && recent(record)).collect();
    if candidates.len() < 2 {
        return Ok(1 + u32::try_from(candidates.len()).unwrap_or(u32::MAX)); // too few for a third in any case
    }
    let gist = Gist::of(&form.record.values());
    let same = candidates.iter().filter(|record| same_fault(&gist, &Gist::of(&record.values())));
    Ok(1 + u32::try_from(same.count()).unwrap_or(u32::MAX))
}

fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

/// Escalates the form inside an open door where the procedure asks for it by itself.
pub(crate) async fn escalate(
    open: &Open,
    door: &mut Door,
    actor: &Actor,
    id: Uuid,
    same_fault_count: u32,
) -> Result<(), Failure> {
    let record = form(door, id).await?;
    let reason = match must_escalate(&record, same_fault_count) {
        Some(must::REOPENED_TWICE) => "再次重开，自动升级".to_string(),
        Some(must::SAME_FAULT_THRICE) => format!("{DAYS} 天内同一故障第 {same_fault_count} 次，自动升级"),
        _ => return Ok(()),
    };
    let values = [("escalation.level".to_string(), json!(record.course.level + 1))].into();
    let asked = Asked { act: act::ESCALATE.into(), values, reason, ..Asked::default() };
    let form = open.form();
    match decide::act(form.rules(door.now()), actor, id, &record, asked) {
        Ok(draft) => drop(door.write(draft, actor.seat).await?),
        // Already at the highest level, or a person with a narrower role: what he did stands all the same.
        Err(Refusal::Fields(_) | Refusal::Denied(_)) => {}
        Err(other) => return Err(other.into()),
    }
    Ok(())
}
