//! Who is calling: known customers and their earlier forms, while a telephone or a name is typed.

use kefu_local::Caller;

use kefu_domain::customer::MERGED_INTO;
use kefu_domain::privacy::{Mask, Sight};
use serde_json::json;
use uuid::Uuid;

use crate::customers::corrections;
use crate::desk::Desk;
use crate::privacy::Eyes;
use crate::wire::{CustomerHint, Failure, HintRequest};

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
            let rows = customer.forms;
            let latest = rows.first().map_or(Uuid::nil(), |row| row.id);
            let record = open.store.record(latest).await?.unwrap_or_default();
            // What was corrected since stands over what the form says.
            let known = corrections(&open, &record.values()).await?;
            let (mut values, mut name, mut phone) = (customer.values, customer.name, customer.phone);
            values.extend(known.values().into_iter().filter(|(key, _)| key != MERGED_INTO));
            for (key, shown) in [("customer.name", &mut name), ("customer.phone", &mut phone)] {
                known.text(key).into_iter().for_each(|text| *shown = text.into());
            }
            let masked = eyes.sight(&open, latest, &record) != Sight::Clear;
            let mask = Mask::of([&record.values()], &form.template);
            let text = |key: &str, text: String| match masked {
                true => mask.value(key, &json!(text)).as_str().unwrap_or_default().to_string(),
                false => text,
            };
            hints.push(CustomerHint {
                name: text("customer.name", name),
                phone: text("customer.phone", phone),
                values: if masked { mask.values(&values) } else { values },
                forms: eyes.rows(&open, rows).await?,
                count: customer.count,
                masked,
            });
        }
        Ok(hints)
    }
}
