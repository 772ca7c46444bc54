//! Business rules of the complaint desk: the form, its changes and their fold, numbering, validation.
//!
//! Pure by construction: no I/O, no async, no clock, no randomness. Time and ids are passed in, so every rule here
//! can be tested with a table and cannot fail for a reason outside its arguments.

pub mod book;
pub mod calendar;
pub mod change;
pub mod channels;
pub mod clocks;
pub mod codes;
pub mod customer;
pub mod decide;
pub mod envelope;
pub mod field;
pub mod fold;
pub mod knowledge;
pub mod member;
pub mod merged;
pub mod names;
pub mod number;
pub mod phone;
pub mod privacy;
pub mod process;
pub mod rules;
pub mod scripts;
pub mod similar;
pub mod stamp;
pub mod statutory;
pub mod template;
pub mod text;
pub mod validate;
pub mod visits;
pub mod warranty;

pub use change::{Act, Change, Kind, Line};
pub use codes::{CodeItem, CodeList, CodeLists};
pub use decide::Refusal;
pub use fold::{Cell, Record};
pub use number::FormNumber;
pub use stamp::Stamp;
pub use template::{Author, Block, Field, FieldKind, Template};

/// Field values as they stand on a form: field key → JSON value of the shape its [`FieldKind`] documents.
pub type Values = std::collections::BTreeMap<String, serde_json::Value>;

/// List values of a form: list key → its lines, struck ones included.
pub type Lists = std::collections::BTreeMap<String, Vec<Line>>;
