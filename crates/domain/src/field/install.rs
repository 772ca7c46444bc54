//! Where a product stands (R32): each installation is a line of the product's record, so that a device that moves to
//! another customer keeps where it stood before.

use serde_json::{Value, json};
use uuid::Uuid;

use super::act as own;
use super::sheet::{State, moment_of, state};
use crate::Record;
use crate::change::{Line, kind};
use crate::customer::Party;
use crate::decide::{Draft, moment};
use crate::process::condition::standing;

/// List of installations in a product's record.
pub const INSTALLATIONS: &str = "installations";

/// The installation that the finished sheet `id` tells of: of type 安装, with a serial. The id of its line follows from
/// the sheet, so that it is noted once.
pub fn of_sheet(id: Uuid, sheet: &Record, product: &Record) -> Option<Draft> {
    if sheet.text("type") != Some("install") || state(sheet) != State::Done || sheet.text("product.serial").is_none() {
        return None;
    }
    let at = moment_of(sheet, "times.left")?;
    let line = Uuid::new_v5(&id, b"installation");
    if product.lists.get(INSTALLATIONS).into_iter().flatten().any(|known| known.id == line) {
        return None;
    }
    let text = |key: &str| sheet.text(key).unwrap_or_default();
    let values = [
        ("at", json!(moment(at))),
        ("customer", json!(text("customer.name"))),
        ("address", json!(format!("{}{}", text("customer.region"), text("customer.address")))),
        ("sheet", json!(text("number"))),
        ("who", json!(text("engineer"))),
    ];
    let values = values.map(|(key, value)| (key.to_string(), value)).into();
    let mut draft = Draft::new(Party::of(&sheet.values()).product?, kind::PRODUCT, own::INSTALL);
    draft.add.insert(INSTALLATIONS.into(), vec![Line { id: line, values, struck: false }]);
    Some(draft)
}

/// Where the product stood, the earliest first.
pub fn history(product: &Record) -> Vec<&Line> {
    let at = |line: &Line| line.values.get("at").and_then(Value::as_str).unwrap_or_default().to_string();
    let mut lines: Vec<&Line> = standing(product, INSTALLATIONS).collect();
    lines.sort_by_key(|line| (at(line), line.id));
    lines
}
