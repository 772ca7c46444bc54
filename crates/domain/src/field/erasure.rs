//! What is left of a sheet, a plan and an installation when a customer has his data destroyed (个人信息保护法 47): times,
//! results and the parts that were used, so that the stock and the statistics still come out; nothing that tells of him.

use uuid::Uuid;

use super::sheet::CANCELLED_AT;
use super::{PARTS, install};
use crate::change::{Setting, act, kind};
use crate::decide::Draft;
use crate::privacy::{erasure, redacted};
use crate::{Change, Record, Template};

/// Columns of a part that say what left the van; its serial and the parcel's number lead to the customer.
const COUNTED: [&str; 6] = ["part", "name", "count", "price", "from", "old"];

/// Empties the sheet `id`. Parts stay, for a part that was used is not in the van again.
pub fn sheet(id: Uuid, record: &Record, template: &Template) -> Draft {
    let erasure = erasure(record, template);
    let mut draft = Draft::new(id, kind::SERVICE, act::ERASE);
    let emptied = |key: String| {
        let was = record.stamps(&key);
        (key, Setting { to: serde_json::Value::Null, was })
    };
    draft.set =
        erasure.set.into_keys().filter(|key| key != CANCELLED_AT && !key.ends_with("_seat")).map(emptied).collect();
    let parts = |id: &Uuid| record.lists.get(PARTS).into_iter().flatten().any(|part| part.id == *id);
    draft.strike = erasure.strike.into_iter().filter(|id| !parts(id)).collect();
    draft
}

/// What is left of a change to a sheet.
pub fn sheet_left(change: &Change, template: &Template) -> Change {
    let mut left = redacted(change, template);
    left.set.extend(change.set.get(CANCELLED_AT).map(|setting| (CANCELLED_AT.to_string(), setting.clone())));
    if let (Some(parts), Some(all)) = (left.add.get_mut(PARTS), change.add.get(PARTS)) {
        for (part, whole) in parts.iter_mut().zip(all) {
            part.values.clone_from(&whole.values);
            part.values.retain(|key, _| COUNTED.contains(&key.as_str()));
        }
    }
    left
}

/// Strikes the installations that the sheets with these numbers tell of out of a product that somebody else has now.
/// None where there are none.
pub fn installations(id: Uuid, product: &Record, sheets: &[String]) -> Option<Draft> {
    let mut draft = Draft::new(id, kind::PRODUCT, act::ERASE);
    let lines = product.lists.get(install::INSTALLATIONS).into_iter().flatten();
    draft.strike = lines.filter(|line| of_sheets(line, sheets)).map(|line| line.id).collect();
    (!draft.strike.is_empty()).then_some(draft)
}

/// What is left of a change to such a product.
pub fn installations_left(change: &Change, sheets: &[String]) -> Change {
    let mut left = change.clone();
    for line in left.add.get_mut(install::INSTALLATIONS).into_iter().flatten() {
        if of_sheets(line, sheets) {
            line.values.clear();
        }
    }
    left
}

fn of_sheets(line: &crate::Line, sheets: &[String]) -> bool {
    let sheet = line.values.get("sheet").and_then(serde_json::Value::as_str);
    sheet.is_some_and(|sheet| sheets.iter().any(|number| number == sheet))
}

/// Empties the plan `id`.
pub fn plan(id: Uuid, record: &Record) -> Draft {
    let mut draft = Draft::new(id, kind::PLAN, act::ERASE);
    let emptied = |key: &String| (key.clone(), Setting { to: serde_json::Value::Null, was: record.stamps(key) });
    draft.set = record.values().keys().map(emptied).collect();
    draft
}
