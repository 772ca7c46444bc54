//! The field service's part of an erasure: sheets and plans of the customer, and where his devices stood.

use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::customer::Party;
use kefu_domain::field::{State, erasure, plan::Plan, sheet as told, template};
use kefu_domain::{Change, Record};
use kefu_local::{Door, Wanted};

use crate::desk::Open;
use crate::wire::{Code, Failure};

/// What of the field service tells of a customer.
#[derive(Default)]
pub(crate) struct Traces {
    sheets: Vec<Uuid>,
    plans: Vec<Uuid>,
}

/// What was destroyed.
#[derive(Default)]
pub(crate) struct Gone {
    pub(crate) entries: u32,
    pub(crate) files: Vec<String>,
    /// Numbers of the sheets.
    pub(crate) sheets: Vec<String>,
}

/// Finds it; to be asked before the door is opened, because the index waits for whoever writes.
pub(crate) async fn traces(open: &Open, customers: &[Uuid], forms: &[Uuid]) -> Result<Traces, Failure> {
    let mut found = Traces::default();
    let of = |customer, form| Wanted { customer, form, ..Wanted::default() };
    let wanted = customers.iter().map(|id| of(Some(*id), None)).chain(forms.iter().map(|id| of(None, Some(*id))));
    for wanted in wanted {
        found.sheets.extend(open.store.services(&wanted).await?.into_iter().map(|slot| slot.id));
    }
    found.sheets.sort_unstable();
    found.sheets.dedup();
    for (id, record) in open.store.records_of(kind::PLAN).await? {
        let customer = Plan::read(&record).and_then(|plan| Party::of(&plan.values).customer);
        found.plans.extend(customer.filter(|customer| customers.contains(customer)).map(|_| id));
    }
    Ok(found)
}

/// Destroys it inside the door of the erasure.
///
/// # Errors
/// [`Code::StillOpen`] with the number of a visit that is neither done nor cancelled.
pub(crate) async fn erase(door: &mut Door, traces: &Traces, seat: Uuid, reason: &str) -> Result<Gone, Failure> {
    let (template, mut gone) = (template(), Gone::default());
    for id in &traces.sheets {
        let Some(record) = door.record(*id).await? else { continue };
        let number = record.text("number").unwrap_or_default().to_string();
        if ![State::Done, State::Cancelled].contains(&told::state(&record)) {
            return Err(Failure::new(Code::StillOpen).with("number", number));
        }
        let mut draft = erasure::sheet(*id, &record, &template);
        draft.reason = Some(reason.into());
        let destroyed = door.erase(draft, seat, |change: &Change| erasure::sheet_left(change, &template)).await?;
        gone.entries += destroyed.entries;
        gone.files.extend(destroyed.files);
        gone.sheets.push(number);
    }
    for id in &traces.plans {
        let Some(record) = door.record(*id).await? else { continue };
        let mut draft = erasure::plan(*id, &record);
        draft.reason = Some(reason.into());
        let left = |change: &Change| Change { set: Default::default(), reason: None, ..change.clone() };
        gone.entries += door.erase(draft, seat, left).await?.entries;
    }
    Ok(gone)
}

/// Takes the sheets' installations out of a product that somebody else has now.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn erase_installations(
    door: &mut Door,
    product: Uuid,
    sheets: &[String],
    seat: Uuid,
    reason: &str,
) -> Result<u32, Failure> {
    let record: Record = door.record(product).await?.unwrap_or_default();
    let Some(mut draft) = erasure::installations(product, &record, sheets) else { return Ok(0) };
    draft.reason = Some(reason.into());
    Ok(door.erase(draft, seat, |change: &Change| erasure::installations_left(change, sheets)).await?.entries)
}
