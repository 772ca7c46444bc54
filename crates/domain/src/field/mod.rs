//! Field service (外勤, R138–R141): the 《售后服务单》 of a visit from dispatch to the customer's signature, the plans that
//! make visits, and the parts that travel in the vans.
//!
//! A sheet is a record of kind [`kind::SERVICE`](crate::change::kind::SERVICE). Nothing of it is counted twice: its state
//! follows from its times, its costs and the stock from its lines, the validity of a signature from what it was given to.

pub mod acts;
pub mod copied;
pub mod costs;
pub mod dispatch;
pub mod erasure;
pub mod install;
mod lines;
pub mod photo;
pub mod plan;
pub mod sheet;
pub mod signature;
pub mod stock;

use std::sync::LazyLock;

use uuid::Uuid;

use crate::change::kind;
use crate::number::FormNumber;
use crate::template::embedded;
use crate::{CodeLists, Record, Template};

pub use acts::{Given, may};
pub use costs::Costs;
pub use sheet::{State, state};

/// Names of the acts on a sheet that no form knows. The others (dispatch, accept, correct, void, print) are the trade's
/// words for the same thing on a form.
pub mod act {
    /// Another day, time or technician (改派).
    pub const MOVE: &str = "move";
    /// Sets out (出发).
    pub const SET_OUT: &str = "set_out";
    /// Is there (到达).
    pub const ARRIVE: &str = "arrive";
    /// Leaves (离开).
    pub const LEAVE: &str = "leave";
    /// Findings, measures, times worked, result, parts.
    pub const FILL: &str = "fill";
    /// A photo before or after.
    pub const PHOTO: &str = "photo";
    /// The customer's own rating, on the device.
    pub const RATE: &str = "rate";
    /// A signature, or why there is none.
    pub const SIGN: &str = "sign";
    /// What became of an old part.
    pub const RETURN_PART: &str = "return_part";
    /// Parts go from one place to another.
    pub const STOCK: &str = "stock";
    /// A product was installed at a customer's.
    pub const INSTALL: &str = "install";
    /// A plan is made or changed.
    pub const PLAN: &str = "plan";
}

/// 《售后服务单》 (forms.md): drives the screen and the paper.
pub fn template() -> Template {
    // `the_sheet_is_sound` reads it.
    static KEPT: LazyLock<Template> = LazyLock::new(|| embedded(include_str!("../../templates/service.json")));
    KEPT.clone()
}

/// The company's code lists with those of the sheet.
pub fn code_lists(mut company: CodeLists) -> CodeLists {
    let own: CodeLists = serde_json::from_str(include_str!("../../templates/service_codes.json")).unwrap_or_default();
    for (key, list) in own.0 {
        company.0.entry(key).or_insert(list);
    }
    company
}

/// 服务单号 `FW-YYYYMMDD-终端码-流水`, counted apart from the forms.
pub fn number(number: &FormNumber) -> String {
    format!("FW{}", number.to_string().trim_start_matches("KF"))
}

/// The technician to whom a sheet is assigned.
pub fn engineer(record: &Record) -> Option<Uuid> {
    record.text(ENGINEER_SEAT).and_then(|text| Uuid::try_parse(text).ok())
}

/// Members in whose hands a record of the field service is: the technician of a sheet, the driver of a van. A device of
/// theirs holds it.
pub fn in_hand(record: &Record) -> Vec<Uuid> {
    let mut seats: Vec<Uuid> = match record.kind.as_str() {
        kind::SERVICE => engineer(record).into_iter().collect(),
        kind::STOCK => {
            stock::moves(record).iter().flat_map(|one| [&one.from, &one.to]).filter_map(|p| stock::van_of(p)).collect()
        }
        _ => Vec::new(),
    };
    seats.sort_unstable();
    seats.dedup();
    seats
}

/// Seat of the technician; beside it stands his name in `engineer`.
pub const ENGINEER_SEAT: &str = "engineer_seat";
/// Id of the form a sheet was dispatched from.
pub const FORM: &str = "form";
/// Id of the sheet whose leftover work this one does.
pub const FOLLOWS: &str = "follows_id";
/// Id of the plan that made it.
pub const PLAN: &str = "plan";
/// Parts used.
pub const PARTS: &str = "parts";
/// What became of old parts.
pub const RETURNS: &str = "returns";
/// Photos.
pub const PHOTOS: &str = "photos";

/// An id that every device makes the same out of `parts`, so that nothing is made twice.
pub(crate) fn made_of(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kefu field {}", parts.join("\n")).as_bytes())
}

/// Id of the visit that follows for the leftover work of `id`: one, whoever makes it.
pub fn follow_up_id(id: Uuid) -> Uuid {
    made_of(&["follow up", &id.to_string()])
}

/// Id of what is known of a technician.
pub fn crew_id(seat: Uuid) -> Uuid {
    made_of(&["crew", &seat.to_string()])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_sheet_is_sound() {
        let (template, lists) = (template(), code_lists(CodeLists::shipped()));
        assert!(template.fields().count() > 45, "the embedded file did not parse");
        for row in template.blocks.iter().flat_map(|block| &block.rows) {
            assert_eq!(row.iter().map(|field| field.w).sum::<u8>(), template.columns);
        }
        let columns = || template.fields().flat_map(|field| &field.columns);
        assert_eq!(columns().map(|column| column.w).sum::<u8>(), template.columns);
        let keys: BTreeSet<_> = template.fields().map(|field| &field.key).collect();
        assert_eq!(keys.len(), template.fields().count(), "a key stands twice");
        for list in template.fields().chain(columns()).filter_map(|field| field.list.as_ref()) {
            assert!(lists.list(list).is_some(), "unknown list {list}");
        }
    }

    #[test]
    fn sheets_are_numbered_beside_the_forms() {
        let form = FormNumber { day: "2026-11-02".parse().unwrap(), device: "A03".parse().unwrap(), serial: 7 };
        assert_eq!(number(&form), "FW-20261102-A03-0007");
    }
}
