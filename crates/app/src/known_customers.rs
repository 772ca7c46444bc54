//! Who is calling: known customers and their earlier forms, while a telephone or a name is typed.

use kefu_local::Caller;

use crate::desk::Desk;
use crate::list::row;
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
        let known = self.open()?.store.known_customers(caller).await?;
        let hint = |customer: kefu_local::KnownCustomer| CustomerHint {
            name: customer.name,
            phone: customer.phone,
            values: customer.values,
            forms: customer.forms.into_iter().map(row).collect(),
            count: customer.count,
        };
        Ok(known.into_iter().map(hint).collect())
    }
}
