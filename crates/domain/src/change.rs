//! A change: the only thing that is ever written. Who, when, which record, which fields, which act.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use crate::Stamp;

/// What kind of record a change belongs to. A string, so that kinds of a newer version survive here.
pub type Kind = String;

/// Names of the record kinds this version knows.
pub mod kind {
    /// A 《客服登记表》.
    pub const FORM: &str = "form";
    /// The company that owns the desk, one record.
    pub const COMPANY: &str = "company";
    /// A member of the staff.
    pub const MEMBER: &str = "member";
    /// What the company added to the form template, one record.
    pub const TEMPLATE: &str = "template";
}

/// What was done. A string on the wire, so that acts of a newer version survive here.
pub type Act = String;

/// Names of the acts this version knows.
pub mod act {
    /// The company starts its desk.
    pub const FOUND: &str = "found";
    /// A member takes a seat.
    pub const ENROL: &str = "enrol";
    /// A form is registered and gets its number.
    pub const REGISTER: &str = "register";
    /// Fields are corrected or completed afterwards, with a reason.
    pub const CORRECT: &str = "correct";
    /// A form is declared void, with a reason.
    pub const VOID: &str = "void";
    /// A copy went to the printer or into a file.
    pub const PRINT: &str = "print";
    /// Settings of the company are changed.
    pub const CONFIGURE: &str = "configure";
}

/// The value a change gives to one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// New value; null empties the field.
    pub to: Value,
    /// Stamps of the values this one replaces, as its author saw them. Empty for a field that had none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<Stamp>,
}

/// One line of a list. Lines are added and struck out, never edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Line {
    /// Identity of the line.
    pub id: Uuid,
    /// Column key → value.
    #[ts(type = "Record<string, unknown>")]
    pub values: BTreeMap<String, Value>,
    /// Struck out by a later change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub struck: bool,
}

/// An entry of the log. Encoded once by [`Change::encode`]; those bytes are what is hashed, stored and sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Version of this encoding.
    pub v: u32,
    /// Identity.
    pub id: Uuid,
    /// Place in the log of the device that made it: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// When, and on which device.
    pub at: Stamp,
    /// The author's offset from UTC in minutes, so that his local time can be shown everywhere.
    pub zone: i32,
    /// Member who did it.
    pub seat: Uuid,
    /// Record it belongs to.
    pub record: Uuid,
    /// Kind of that record.
    pub kind: Kind,
    /// What was done.
    pub act: Act,
    /// Why, where the act asks for a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Fields set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Setting>,
    /// Lines added, by list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub add: BTreeMap<String, Vec<Line>>,
    /// Lines struck out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strike: Vec<Uuid>,
}

/// Version of the encoding written by this program.
pub const ENCODING: u32 = 1;

/// The bytes are not a change this program can read. The cause is not printed: it may quote what a customer said.
#[derive(Debug, thiserror::Error)]
#[error("not a readable change")]
pub struct Unreadable(#[from] serde_json::Error);

impl Change {
    /// The bytes of this change. Called once, when it is made.
    pub fn encode(&self) -> Result<Vec<u8>, Unreadable> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads a change back. Members that this version does not know are skipped here and stay in the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        Ok(serde_json::from_slice(bytes)?)
    }
}
