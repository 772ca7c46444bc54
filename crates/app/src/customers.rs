//! Customers (R32): the list, one customer with his whole history and products, corrections, merges.

use std::collections::HashMap;

use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::customer::{self, Party};
use kefu_domain::fold::state;
use kefu_domain::privacy::{Mask, Sight};
use kefu_domain::process::{permit, role};
use kefu_domain::visits::NO_VISITS;
use kefu_domain::{Record, Values};
use kefu_local::CustomerEntry;
use serde_json::json;

use crate::desk::{Desk, Open};
use crate::erase::kept_until;
use crate::list::PAGE;
use crate::privacy::{Eyes, in_clear};
use crate::products::view as product_view;
use crate::wire::{
    Code, CorrectCustomerRequest, CustomerRow, CustomerView, CustomersPage, CustomersRequest, Failure,
    MergeCustomersRequest, ProductView,
};

/// Forms of one customer that are looked at.
pub(crate) const HISTORY: u32 = 200;

impl Desk {
    /// Customers, or those that a query finds. Search by a full number finds whoever it belongs to; what is shown of him
    /// is masked for whom he does not concern.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn customers(&self, request: CustomersRequest) -> Result<CustomersPage, Failure> {
        let open = self.open()?;
        let limit = request.limit.min(PAGE);
        let (entries, total) = match request.query.trim() {
            "" => open.store.customers(request.offset, limit).await?,
            typed => {
                let found = open.store.find_customers(typed, limit).await?;
                let total = found.len() as u32;
                (found, total)
            }
        };
        Ok(CustomersPage { rows: rows(&open, entries).await?, total })
    }

    /// One customer with all there is to him; one who was merged shows whom he was merged into.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn customer(&self, id: Uuid) -> Result<CustomerView, Failure> {
        let open = self.open()?;
        let entry = open.store.customer(id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        let eyes = Eyes::of(&open).await?;
        let known = open.store.record(entry.id).await?.unwrap_or_default();
        let latest = open.store.record(entry.latest).await?.unwrap_or_default();
        let masked = eyes.sight(&open, entry.latest, &latest) != Sight::Clear;
        let forms = open.store.forms_of_customer(entry.id, HISTORY).await?;
        let ids: Vec<Uuid> = forms.iter().map(|form| form.id).collect();
        let records: HashMap<Uuid, Record> = open.store.records_with(&ids).await?.into_iter().collect();
        let done = [state::CLOSED, state::ARCHIVED, state::MERGED, state::VOIDED];
        let form = open.form();
        let values = overlaid(&latest.values(), &known);
        let mask = Mask::of([&values], &form.template);
        let mut products = Vec::new();
        for product in open.store.products_of(entry.id).await? {
            products.push(product_view(&open, product, self.now()).await?);
        }
        if masked {
            products.iter_mut().for_each(|product: &mut ProductView| {
                let serial = mask.value("product.serial", &json!(product.serial));
                product.serial = serial.as_str().unwrap_or_default().into();
                (product.name, product.model) = (mask.text(&product.name), mask.text(&product.model));
            });
        }
        let (merged, perhaps) = open.store.kin(entry.id).await?;
        let own = rows(&open, vec![entry.clone()]).await?.into_iter().next();
        let text = |key: &str, fallback: fn(&CustomerRow) -> &String| {
            let corrected = values.get(key).and_then(|v| v.as_str()).filter(|_| !masked);
            corrected.map(str::to_string).or_else(|| own.as_ref().map(|own| fallback(own).clone())).unwrap_or_default()
        };
        let anyone = |act: &str| records.values().any(|record| permit(eyes.actor(), record, act).is_ok());
        Ok(CustomerView {
            id: entry.id,
            name: text("customer.name", |own| &own.name),
            phone: text("customer.phone", |own| &own.phone),
            values: if masked { mask.values(&values) } else { values.clone() },
            corrected: known.values().into_keys().filter(|key| corrects(key)).collect(),
            open: forms.iter().filter(|f| !done.contains(&f.state.as_str())).map(|f| f.number.clone()).collect(),
            kept: forms
                .iter()
                .filter_map(|f| Some((f.number.clone(), kept_until(records.get(&f.id)?, self.now())?)))
                .collect(),
            may_edit: !masked && customer::keeps_registry(eyes.actor()),
            may_hand_out: !masked && anyone(act::HAND_OUT),
            may_erase: eyes.actor().holds(&[role::SUPERVISOR, role::ADMIN]),
            forms: eyes.rows(&open, forms).await?,
            products,
            merged: rows(&open, merged).await?,
            perhaps: rows(&open, perhaps).await?,
            masked,
        })
    }

    /// Corrects what is known of a customer; his forms stay as they were written.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Masked`], [`Code::NotNow`], [`Code::InvalidFields`], [`Code::ReasonRequired`],
    /// [`Code::NothingChanged`].
    pub async fn correct_customer(&self, request: CorrectCustomerRequest) -> Result<CustomerView, Failure> {
        let open = self.open()?;
        let entry = self.seen(&open, request.id).await?;
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(entry.id).await?.unwrap_or_default();
        let (form, eyes) = (open.form(), Eyes::of(&open).await?);
        let rules = form.rules(self.now());
        let draft = customer::correct(rules, eyes.actor(), entry.id, &record, request.values, &request.reason)?;
        door.write(draft, eyes.actor().seat).await?;
        door.commit().await?;
        self.customer(entry.id).await
    }

    /// Merges a customer into another who is the same, or takes that back. Nothing of either is lost by it.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Masked`], [`Code::NotNow`] (also where it would close a circle),
    /// [`Code::ReasonRequired`], [`Code::NothingChanged`].
    pub async fn merge_customers(&self, request: MergeCustomersRequest) -> Result<CustomerView, Failure> {
        let open = self.open()?;
        let shown = self.seen(&open, request.id).await?;
        let into = match request.into {
            Some(into) => Some(self.seen(&open, into).await?.id),
            None => None,
        };
        let eyes = Eyes::of(&open).await?;
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(request.id).await?.unwrap_or_default();
        let roots = match into {
            Some(into) => door.roots(into).await?,
            None => Vec::new(),
        };
        let draft = customer::merge(eyes.actor(), request.id, &record, into, &roots, &request.reason)?;
        door.write(draft, eyes.actor().seat).await?;
        door.relink_customer(request.id).await?;
        door.commit().await?;
        self.customer(into.unwrap_or(shown.id)).await
    }

    /// The customer under whom `id` is found, where the person at the desk sees him in clear.
    async fn seen(&self, open: &Open, id: Uuid) -> Result<CustomerEntry, Failure> {
        let entry = open.store.customer(id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        let latest = open.store.record(entry.latest).await?.unwrap_or_default();
        in_clear(open, entry.latest, &latest).await?;
        Ok(entry)
    }
}

/// Whether a field of a customer's record corrects what his forms say; the others say into whom he was merged, and that
/// he wants no visits.
fn corrects(key: &str) -> bool {
    ![customer::MERGED_INTO, NO_VISITS].contains(&key)
}

/// What the latest form says of the customer, with corrections over it.
pub(crate) fn overlaid(latest: &Values, known: &Record) -> Values {
    let mut values = latest.clone();
    values.retain(|key, _| key.starts_with("customer.") || key.starts_with("contact."));
    values.extend(known.values().into_iter().filter(|(key, _)| corrects(key)));
    values
}

/// Corrections of the customer of a form with these values, if there are any.
pub(crate) async fn corrections(open: &Open, values: &Values) -> Result<Record, Failure> {
    let Some(id) = Party::of(values).customer else { return Ok(Record::default()) };
    let root = open.store.customer(id).await?.map_or(id, |entry| entry.id);
    let record = open.store.record(root).await?.filter(|record| record.kind == kind::CUSTOMER);
    Ok(record.unwrap_or_default())
}

/// Rows as the person at the desk sees them: by the sight that he has of the customer's latest form.
async fn rows(open: &Open, entries: Vec<CustomerEntry>) -> Result<Vec<CustomerRow>, Failure> {
    let eyes = Eyes::of(open).await?;
    let (ids, own): (Vec<Uuid>, Vec<Uuid>) = entries.iter().map(|entry| (entry.latest, entry.id)).unzip();
    let latest: HashMap<Uuid, Record> = open.store.records_with(&ids).await?.into_iter().collect();
    let known: HashMap<Uuid, Record> = open.store.records_with(&own).await?.into_iter().collect();
    let form = open.form();
    let row = |entry: CustomerEntry| {
        let record = latest.get(&entry.latest);
        let clear = record.is_some_and(|record| eyes.sight(open, entry.latest, record) == Sight::Clear);
        let mask = Mask::of(std::iter::empty(), &form.template);
        let text = |key: &str, indexed: String| {
            let text = known.get(&entry.id).and_then(|known| known.text(key)).map_or(indexed, str::to_string);
            match clear {
                true => text,
                false => mask.value(key, &json!(text)).as_str().unwrap_or_default().to_string(),
            }
        };
        CustomerRow {
            id: entry.id,
            name: text("customer.name", entry.name),
            phone: text("customer.phone", entry.phone),
            forms: entry.forms,
            last_at: entry.last_at,
        }
    };
    Ok(entries.into_iter().map(row).collect())
}
