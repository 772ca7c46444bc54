//! Who is calling: known customers and their earlier forms, while a telephone or a name is typed.

use kefu_local::Caller;

use kefu_domain::privacy::{Mask, Sight};
use serde_json::json;
use uuid::Uuid;

use crate::desk::Desk;
use crate::list::row;
use crate::privacy::{Eyes, sighted_rows};
use crate::wire::{CustomerHint, Failure, FormRow, HintRequest};

impl Desk {
    /// Known customers that fit what was typed so far.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn hints(&self, request: HintRequest) -> Result<Vec<CustomerHint>, Failure> {
        let caller = match &request {
            HintRequest::Phone(typed) => Caller::Phone(typed),
            HintRequest::Name(typed) => Caller::Name(typed),
        };
        let open = self.open()?;
        let known = open.store.known_customers(caller).await?;
        let (eyes, form) = (Eyes::of(&open).await?, open.form());
        let mut hints = Vec::with_capacity(known.len());
        for customer in known {
            let rows: Vec<FormRow> = customer.forms.into_iter().map(row).collect();
            let latest = rows.first().map_or(Uuid::nil(), |row| row.id);
            let record = open.store.record(latest).await?.unwrap_or_default();
            let masked = eyes.sight(&open, latest, &record) != Sight::Clear;
            let mask = Mask::of([&record.values()], &form.template);
            let text = |key: &str, text: String| match masked {
                true => mask.value(key, &json!(text)).as_str().unwrap_or_default().to_string(),
                false => text,
            };
            hints.push(CustomerHint {
                name: text("customer.name", customer.name),
                phone: text("customer.phone", customer.phone),
                values: if masked { mask.values(&customer.values) } else { customer.values },
                forms: sighted_rows(&open, rows).await?,
                count: customer.count,
                masked,
            });
        }
        Ok(hints)
    }
}
