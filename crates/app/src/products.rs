//! Products (R32): what was agreed for them, and where their warranty stands today.

use chrono::{DateTime, FixedOffset};

use kefu_domain::Values;
use kefu_domain::customer::{self, Party, SERIAL, terms};
use kefu_domain::warranty::{Standing, windows};
use kefu_local::ProductEntry;

use crate::desk::{Desk, Open};
use crate::privacy::{Eyes, in_clear};
use crate::wire::{Code, CustomerView, Failure, ProductView, SaveProductRequest, Warranty, WarrantyRequest};

impl Desk {
    /// Where the warranty of the product on a sheet stands today: from what was agreed for its serial, and from the days
    /// on the sheet. 待核实 where nothing is known; nothing is guessed.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn warranty(&self, request: WarrantyRequest) -> Result<Warranty, Failure> {
        let open = self.open()?;
        let record = match Party::of(&request.values).product {
            Some(id) => open.store.record(id).await?,
            None => None,
        };
        Ok(shown(terms(record.as_ref(), &request.values).on(self.now().date_naive())))
    }

    /// Notes what was agreed for a product.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Masked`], [`Code::NotNow`], [`Code::InvalidFields`], [`Code::ReasonRequired`],
    /// [`Code::NothingChanged`].
    pub async fn save_product(&self, request: SaveProductRequest) -> Result<CustomerView, Failure> {
        let open = self.open()?;
        let owner = open.store.customer(request.customer).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        let latest = open.store.record(owner.latest).await?.unwrap_or_default();
        in_clear(&open, owner.latest, &latest).await?;
        if open.store.products_of(owner.id).await?.iter().all(|product| product.id != request.id) {
            return Err(Failure::new(Code::NotFound));
        }
        let (eyes, form) = (Eyes::of(&open).await?, open.form());
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(request.id).await?.unwrap_or_default();
        let agreed = (request.serial.as_str(), &request.terms);
        let rules = form.rules(self.now());
        let draft = customer::agree(rules, eyes.actor(), request.id, &record, agreed, &request.reason)?;
        door.write(draft, eyes.actor().seat).await?;
        door.commit().await?;
        self.customer(owner.id).await
    }
}

/// A product with its state today.
pub(crate) async fn view(
    open: &Open,
    product: ProductEntry,
    now: DateTime<FixedOffset>,
) -> Result<ProductView, Failure> {
    let record = open.store.record(product.id).await?;
    let terms = terms(record.as_ref(), &product.latest);
    let text = |values: &Values, key: &str| values.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_string();
    let corrected = record.as_ref().and_then(|record| record.text(SERIAL)).filter(|serial| !serial.is_empty());
    Ok(ProductView {
        id: product.id,
        name: text(&product.latest, "product.name"),
        model: text(&product.latest, "product.model"),
        serial: corrected.map_or_else(|| text(&product.latest, "product.serial"), str::to_string),
        warranty: shown(terms.on(now.date_naive())),
        windows: terms.delivered.and_then(windows),
        terms,
        forms: product.forms,
    })
}

/// A state as the wire has it.
pub(crate) fn shown(standing: Standing) -> Warranty {
    Warranty { code: standing.code.into(), until: standing.until.map(|day| day.to_string()) }
}
