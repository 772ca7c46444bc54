//! Who is calling: known customers by the beginning of their telephone or name.

use kefu_domain::phone::Phone;
use kefu_domain::{Record, Values};

use crate::forms::FormRow;
use crate::search::{caller_by_name, caller_by_phone};
use crate::store::{Store, StoreError};

/// What is known of the caller so far, as typed.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// Beginning of a telephone; at least four digits.
    Phone(&'a str),
    /// A name, part of one, or its pinyin; at least two characters.
    Name(&'a str),
}

impl Caller<'_> {
    /// What the index is asked; None while too little is typed. Public for the floor of the benchmark.
    #[doc(hidden)]
    pub fn match_expression(self) -> Option<String> {
        match self {
            Caller::Phone(typed) => caller_by_phone(typed),
            Caller::Name(typed) => caller_by_name(typed),
        }
    }
}

/// A customer as his latest form has him.
#[derive(Debug, Clone)]
pub struct KnownCustomer {
    /// Name.
    pub name: String,
    /// Telephone as typed then.
    pub phone: String,
    /// Customer and product fields of his latest form.
    pub values: Values,
    /// His latest forms, newest first.
    pub forms: Vec<FormRow>,
    /// How many of his forms were among those looked at.
    pub count: u32,
}

/// Forms looked at, newest first.
const LOOKED_AT: u32 = 200;
/// Customers offered.
const OFFERED: usize = 6;
/// Forms shown of each.
const SHOWN: usize = 5;

impl Store {
    /// Known customers that fit, the latest caller first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn known_customers(&self, caller: Caller<'_>) -> Result<Vec<KnownCustomer>, StoreError> {
        let Some(expression) = caller.match_expression() else { return Ok(Vec::new()) };
        let rows = self.matching_rows(&expression, LOOKED_AT).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        // The same name under the same digits is the same customer, however the number was spaced.
        let mut known: Vec<((String, String), i64, KnownCustomer)> = Vec::new();
        for form in self.rows_of(&rows).await? {
            let row = form.row;
            let digits = Phone::parse(&form.phone).map_or_else(String::new, |p| p.digits);
            let key = (form.customer.clone(), digits);
            match known.iter_mut().find(|(other, ..)| *other == key) {
                Some((_, _, customer)) => {
                    customer.count += 1;
                    if customer.forms.len() < SHOWN {
                        customer.forms.push(form);
                    }
                }
                None => {
                    let (name, phone) = (form.customer.clone(), form.phone.clone());
                    let customer = KnownCustomer { name, phone, values: Values::new(), forms: vec![form], count: 1 };
                    known.push((key, row, customer));
                }
            }
        }
        known.truncate(OFFERED);
        let mut customers = Vec::with_capacity(known.len());
        for (_, row, mut customer) in known {
            let body: String =
                sqlx::query_scalar("SELECT body FROM records WHERE row = ?").bind(row).fetch_one(&self.readers).await?;
            customer.values = who_and_what(&serde_json::from_str(&body)?);
            customers.push(customer);
        }
        Ok(customers)
    }
}

/// What a new form takes over from an earlier one. Consents, verification and the agent belong to that one call.
fn who_and_what(record: &Record) -> Values {
    let mut values = record.values();
    values.retain(|key, _| {
        key.starts_with("customer.")
            || key.starts_with("contact.")
            || (key.starts_with("product.") && key != "product.warranty")
    });
    values
}
