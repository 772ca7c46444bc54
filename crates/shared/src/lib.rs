//! The shared PostgreSQL: where the devices of one workspace leave sealed changes for each other.
//!
//! The server can read none of what customers said. Members reach it by functions only, without any right on a table, and
//! row security asks again behind each function. The schema stands in `migrations/shared`; [`install()`] brings it there,
//! [`Shared`] is a member's connection, each call one
//! statement, and [`SharedRemote`] what an exchange needs of it.

mod acts;
mod address;
mod chunks;
mod connection;
mod error;
mod hello;
mod install;
mod members;
mod pull;
mod push;
mod remote;
mod setting;

pub use acts::acts_sql;
pub use address::Address;
pub use connection::Shared;
pub use error::SharedError;
pub use hello::Hello;
pub use install::{Founder, Installed, NewLogin, SCHEMA, create_workspace, install, take_over};
pub use kefu_vault::envelopes::hash as link_of;
pub use members::{Admission, Append, DeskKeyFor, HeldDeskKey, JoinRequest, Reached, RosterEntry, Seat};
pub use pull::{PAGE, chain_after};
pub use remote::SharedRemote;
pub use setting::Setting;
