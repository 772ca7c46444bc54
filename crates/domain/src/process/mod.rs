//! The process (R4–R6, R42–R50, R63–R70): who may do what in which state, as one table that everything asks.
//!
//! [`table`] holds the rows; [`permit`] and [`offers()`] read them for a person, the fold ([`crate::fold`]) reads them for
//! a change that is already written. Nobody else knows which act is legal where.

pub mod actor;
pub mod condition;
pub mod course;
pub mod demand;
pub mod offers;
pub mod state;
pub mod table;

pub use actor::{Actor, Role, role};
pub use condition::{Condition, Why};
pub use course::{Course, OutOfPlace, Pause, Undoable, must_escalate};
pub use offers::{Need, Offer, offers, permit};
pub use table::{Row, TABLE, To};
