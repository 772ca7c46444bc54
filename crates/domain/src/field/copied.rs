//! What a sheet takes over from the form, or from the sheet before it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{FOLLOWS, FORM};
use crate::{Record, Values};

/// Fields that stand on the form under the same keys.
const SAME: [&str; 10] = [
    "customer.name",
    "contact.name",
    "customer.phone",
    "customer.region",
    "customer.address",
    "product.name",
    "product.model",
    "product.serial",
    "product.purchased_on",
    "identity",
];

fn same(from: &Record) -> Values {
    SAME.iter().filter_map(|key| Some((key.to_string(), from.get(key)?.clone()))).collect()
}

/// What the form `id` says of customer, device and fault, and which type of visit its category asks for.
pub fn of_form(id: Uuid, form: &Record) -> Values {
    let mut values = same(form);
    values.insert(FORM.into(), json!(id.to_string()));
    values.extend(form.text("number").map(|number| ("form.number".to_string(), json!(number))));
    values.extend(form.text("description").map(|told| ("fault".to_string(), json!(told))));
    let commission = form.text("category") == Some("installation");
    values.insert("type".into(), json!(if commission { "install" } else { "repair" }));
    values.insert("urgency".into(), json!("normal"));
    values
}

/// What the visit that follows `id` takes over: whom and what, what is left to do, and when.
pub fn of_sheet(id: Uuid, sheet: &Record) -> Values {
    let mut values = same(sheet);
    for key in ["product.brand", "type", "urgency", FORM, "form.number", "engineer", super::ENGINEER_SEAT] {
        values.extend(sheet.get(key).map(|value| (key.to_string(), value.clone())));
    }
    values.extend(sheet.text("leftover").map(|left| ("fault".to_string(), json!(left))));
    values.extend(sheet.get("next_at").map(|at| ("planned.from".to_string(), at.clone())));
    values.insert(FOLLOWS.into(), json!(id.to_string()));
    values.insert("follows".into(), sheet.get("number").cloned().unwrap_or(Value::Null));
    values
}

/// Whether work is left and a day for it was agreed, so that a visit follows.
pub fn leaves_work(sheet: &Record) -> bool {
    sheet.text("leftover").is_some() && sheet.text("next_at").is_some()
}
