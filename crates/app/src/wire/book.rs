//! Blank forms on paper, with numbers set aside for them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// Sets numbers aside for blank forms.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
pub struct ReserveRequest {
    /// How many forms, 1 to 50.
    pub sheets: u32,
}

/// The numbers that were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Reserved {
    /// Their printing: what is printed, also again.
    pub printing: Uuid,
    /// In order.
    pub numbers: Vec<String>,
}

/// A blank form that was printed and waits for being registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BlankForm {
    /// Its number.
    pub number: String,
    /// The printing it came from.
    pub printing: Uuid,
    /// When it was printed, RFC 3339.
    pub printed_at: String,
    /// Who printed it.
    pub by: String,
    /// This device printed it: only here it is registered or given up.
    pub own: bool,
}

/// Gives a blank form up.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SpoilRequest {
    /// Its number.
    pub number: String,
    /// Why.
    pub reason: String,
}
