//! A visit follows from the closing of a form, in the same door: there is no moment at which one is there without the other.

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::customer::Party;
use kefu_domain::decide::Draft;
use kefu_domain::process::{Actor, state};
use kefu_domain::visits::arise::{basis, dropped, due_values, left_out};
use kefu_domain::visits::{self, Origin};
use kefu_domain::{Record, change::Setting};
use kefu_local::Door;

use crate::desk::{Desk, Open};
use crate::wire::Failure;

/// Acts by which a form is closed, or is open again.
const CLOSING: [&str; 4] = [act::CLOSE, act::REOPEN, act::UNDO, act::VOID];

/// Whether the form counts as closed.
fn closed(record: &Record) -> bool {
    [state::CLOSED, state::ARCHIVED].contains(&record.state.as_str())
}

/// Whether an act may close a form, or take that back.
pub(crate) fn closed_between(act: &str) -> bool {
    CLOSING.contains(&act)
}

/// Makes the visit that follows from what was just done to a form, or drops the one that waits, where the form is open
/// again. `before` is the form as it stood.
pub(crate) async fn after_form_act(
    open: &Open,
    door: &mut Door,
    actor: &Actor,
    id: Uuid,
    before: &Record,
) -> Result<(), Failure> {
    let after = door.record(id).await?.unwrap_or_default();
    let draft = match (closed(before), closed(&after)) {
        (false, true) => planned(open, door, id, &after).await?,
        (true, false) => {
            let round = before.course.reopened;
            let visit = door.record(Origin::Closing { form: id, round }.id()).await?;
            visit.and_then(|visit| dropped(id, round, &visit, "reopened"))
        }
        _ => None,
    };
    if let Some(draft) = draft {
        door.write(draft, actor.seat).await?;
    }
    Ok(())
}

async fn planned(open: &Open, door: &mut Door, id: Uuid, form: &Record) -> Result<Option<Draft>, Failure> {
    let now = door.now();
    // Where a reopening was taken back, the closing is the one of then.
    let closing = form.text("closing.at").and_then(|text| DateTime::parse_from_rfc3339(text).ok()).unwrap_or(now);
    let rules = open.store.rules().await?;
    let Some(rules) = rules.sets.in_force(closing.date_naive()) else { return Ok(None) };
    let customer = match Party::of(&form.values()).customer {
        Some(customer) => refusing(door, customer).await?,
        None => None,
    };
    let visit = Origin::Closing { form: id, round: form.course.reopened }.id();
    let visit = door.record(visit).await?.filter(|record| record.kind == kind::VISIT).unwrap_or_default();
    Ok(visits::of_closing(rules, id, form, customer.as_ref(), &visit, closing))
}

/// The record that says that a customer wants no visits: his own, or that of him into whom he was merged.
pub(super) async fn refusing(door: &mut Door, customer: Uuid) -> Result<Option<Record>, Failure> {
    let mut all = vec![customer];
    all.extend(door.roots(customer).await?);
    for id in all {
        let record = door.record(id).await?.filter(|record| left_out(Some(record), None).is_some());
        if record.is_some() {
            return Ok(record);
        }
    }
    Ok(None)
}

/// Visits whose day nobody knew get it, once a year of working days was imported.
pub(crate) async fn due_again(desk: &Desk, open: &Open, seat: Uuid) -> Result<(), Failure> {
    let waiting = open.store.visits_without_day().await?;
    let rules = open.store.rules().await?;
    let mut door = open.store.door(desk.now()).await?;
    let mut written = false;
    for (id, record) in waiting {
        let day: Option<DateTime<FixedOffset>> = basis(&record).map(|basis| basis.from);
        let Some((basis, from)) = basis(&record).zip(day) else { continue };
        let Some(rules) = rules.sets.in_force(from.date_naive()) else { continue };
        let values = due_values(rules.calendar(""), basis);
        if values.get("due").is_none_or(serde_json::Value::is_null) {
            continue;
        }
        let mut draft = Draft::new(id, kind::VISIT, act::VISIT_PLAN);
        for (key, to) in values {
            let was = record.stamps(&key);
            draft.set.insert(key, Setting { to, was });
        }
        door.write(draft, seat).await?;
        written = true;
    }
    if written {
        door.commit().await?;
    }
    Ok(())
}
