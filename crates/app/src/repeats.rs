//! Forms that have to be escalated by themselves (R70): the third of the same fault, and what was reopened twice.

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use kefu_domain::change::act;
use kefu_domain::decide::{self, Asked};
use kefu_domain::process::course::must;
use kefu_domain::process::{Actor, must_escalate, state};
use kefu_domain::similar::{Gist, same_fault};
use kefu_domain::{Record, Refusal, Values};
use kefu_local::Door;

use crate::correct::form;
use crate::desk::Open;
use crate::wire::Failure;

/// Days within which the same fault counts again.
const DAYS: i64 = 90;
/// Kinds that tell of a fault; a question asked three times is none.
const FAULTS: [&str; 4] = ["complaint", "appeal", "repair", "return"];

/// How many forms tell of the fault that `values` tell of, these included. A telephone or a serial has to be the same:
/// a name alone is too little to act upon.
pub(crate) async fn same_fault_count(open: &Open, values: &Values) -> Result<u32, Failure> {
    let text = |key: &str| values.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    if !FAULTS.contains(&text("kind")) {
        return Ok(1);
    }
    let phones = [text("customer.phone"), text("customer.phone2")];
    let found = open.store.candidates(&phones, text("product.serial")).await?;
    let received = moment(text("received_at"));
    let earliest = received.map(|at| at - TimeDelta::days(DAYS));
    let counts = |record: &&Record| {
        let at = record.text("received_at").and_then(moment);
        FAULTS.contains(&record.text("kind").unwrap_or_default())
            && ![state::VOIDED, state::MERGED].contains(&record.state.as_str())
            && earliest.is_none_or(|earliest| at.is_some_and(|at| at >= earliest))
    };
    let candidates: Vec<&Record> = found.iter().filter(counts).collect();
    if candidates.len() < 2 {
        return Ok(1 + u32::try_from(candidates.len()).unwrap_or(u32::MAX)); // too few for a third in any case
    }
    let gist = Gist::of(values);
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
