//! Visits of a time: the dispatcher's calendar, a technician's day.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::field::dispatch::{Crew, Slot, Warning, warnings};
use kefu_domain::field::{State, crew_id, engineer, sheet as told, signature};
use kefu_domain::privacy::Mask;
use kefu_local::Wanted;
use serde_json::json;

use super::{Sheet, hash_of, sees_all};
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::wire::{Failure, ServiceRow, ServicesRequest};
use kefu_domain::validate::{FieldError, Problem};

/// Midnight of a day as the desk's clock has it.
fn midnight(
    text: &str,
    field: &str,
    after: u64,
    now: DateTime<FixedOffset>,
) -> Result<Option<DateTime<FixedOffset>>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Failure::fields(vec![FieldError::new(field, Problem::NotADate)]);
    let day: NaiveDate = text.parse().map_err(|_| wrong())?;
    let day = day.checked_add_days(Days::new(after)).ok_or_else(wrong)?;
    Ok(day.and_time(NaiveTime::MIN).and_local_timezone(*now.offset()).single())
}

impl Desk {
    /// Visits in the order of their appointments; a technician gets his own and no others.
    ///
    /// # Errors
    /// [`Code::InvalidFields`](crate::wire::Code::InvalidFields): a day that is none.
    pub async fn services(&self, request: ServicesRequest) -> Result<Vec<ServiceRow>, Failure> {
        let open = self.open()?;
        let eyes = Eyes::of(&open).await?;
        let engineer = if sees_all(eyes.actor()) { request.engineer } else { Some(eyes.actor().seat) };
        let wanted = Wanted {
            from: midnight(&request.from, "from", 0, self.now())?,
            until: midnight(&request.until, "until", 1, self.now())?,
            engineer,
            form: request.form,
            open: request.open,
            ..Wanted::default()
        };
        rows(&open, &eyes, &wanted, true).await
    }
}

/// Rows as the person at the desk sees them; `warned` with what speaks against those still to be done.
pub(super) async fn rows(open: &Open, eyes: &Eyes, wanted: &Wanted, warned: bool) -> Result<Vec<ServiceRow>, Failure> {
    let ids: Vec<Uuid> = open.store.services(wanted).await?.into_iter().map(|slot| slot.id).collect();
    let mut records: HashMap<Uuid, Record> = HashMap::new();
    for some in ids.chunks(500) {
        records.extend(open.store.records_with(some).await?);
    }
    let form = open.form();
    let ahead = |record: &&Record| warned && told::state(record) < State::Arrived;
    let seats: BTreeSet<Uuid> = records.values().filter(ahead).filter_map(engineer).collect();
    let crews: Vec<Uuid> = seats.into_iter().map(crew_id).collect();
    let crews = match crews.is_empty() {
        true => HashMap::new(),
        false => open.store.records_with(&crews).await?.into_iter().collect(),
    };
    let planned = Planned::of(open, records.values().filter(ahead), &crews).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(record) = records.get(&id) else { continue };
        let mut one = row(id, record);
        if ahead(&record) {
            one.warnings = planned.warnings(id, record);
        }
        if !eyes.sees_sheet(open, record).await? {
            masked(&mut one, record, &form.sheet);
        }
        rows.push(one);
    }
    Ok(rows)
}

fn row(id: Uuid, record: &Record) -> ServiceRow {
    let text = |key: &str| record.text(key).unwrap_or_default().to_string();
    let hash = hash_of(record);
    let void = |party: &&&str| signature::standing_of(record, party, &hash) == signature::Standing::Void;
    ServiceRow {
        id,
        number: text("number"),
        state: told::state(record),
        service: text("type"),
        urgency: text("urgency"),
        from: text("planned.from"),
        until: text("planned.until"),
        engineer_seat: engineer(record),
        engineer: text("engineer"),
        customer: text("customer.name"),
        phone: text("customer.phone"),
        address: text("customer.region") + &text("customer.address"),
        product: text("product.name"),
        form: text("form.number"),
        warnings: Vec::new(),
        void: signature::PARTIES.iter().filter(void).count() as u32,
        masked: false,
    }
}

fn masked(row: &mut ServiceRow, record: &Record, sheet: &Sheet) {
    let values = record.values();
    let mask = Mask::of([&values], &sheet.template);
    let shown = |key: &str, text: &str| mask.value(key, &json!(text)).as_str().unwrap_or_default().to_string();
    row.customer = shown("customer.name", &row.customer);
    row.phone = shown("customer.phone", &row.phone);
    row.address = shown("customer.address", &row.address);
    row.product = shown("product.name", &row.product);
    row.masked = true;
}

/// What is planned already, to tell what speaks against a visit.
pub(super) struct Planned {
    rules: std::sync::Arc<kefu_local::Ruled>,
    crews: HashMap<Uuid, Crew>,
    slots: HashMap<Uuid, Vec<Slot>>,
}

impl Planned {
    /// Around `records`; `known` has what is known of their technicians.
    pub(super) async fn of<'r>(
        open: &Open,
        records: impl Iterator<Item = &'r Record>,
        known: &HashMap<Uuid, Record>,
    ) -> Result<Self, Failure> {
        let mut spans: HashMap<Uuid, (DateTime<FixedOffset>, DateTime<FixedOffset>)> = HashMap::new();
        for record in records {
            let (Some(seat), Some((from, until))) = (engineer(record), told::slot(record)) else { continue };
            let span = spans.entry(seat).or_insert((from, until));
            *span = (span.0.min(from), span.1.max(until));
        }
        let (mut crews, mut slots) = (HashMap::new(), HashMap::new());
        for (seat, (from, until)) in spans {
            crews.insert(seat, known.get(&crew_id(seat)).map(Crew::read).unwrap_or_default());
            let wanted =
                Wanted { engineer: Some(seat), until: Some(until), busy_after: Some(from), ..Wanted::default() };
            slots.insert(seat, open.store.services(&wanted).await?);
        }
        Ok(Planned { rules: open.store.rules().await?, crews, slots })
    }

    /// What speaks against the visit `id` as it stands.
    pub(super) fn warnings(&self, id: Uuid, record: &Record) -> Vec<Warning> {
        let seat = engineer(record).unwrap_or_default();
        let day = told::slot(record).map(|(from, _)| from.date_naive());
        let calendar = day.and_then(|day| self.rules.sets.in_force(day)).map(|rules| rules.calendar(""));
        let crew = self.crews.get(&seat).cloned().unwrap_or_default();
        let others = self.slots.get(&seat).map(Vec::as_slice).unwrap_or_default();
        warnings(id, &record.values(), &crew, others, calendar)
    }
}
