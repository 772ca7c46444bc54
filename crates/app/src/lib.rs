//! Use cases of the desk: one file per operation, wire types, error codes. Knows no window and no terminal.

mod attach;
mod copy_out;
mod correct;
mod custom_fields;
mod demo;
mod departments;
mod desk;
mod drafts;
mod failure;
mod find;
mod import;
mod import_members;
mod known_customers;
mod list;
mod members;
mod preferences;
mod privacy;
mod register;
mod seat;
mod seats;
mod secrets;
mod setup;
mod show;
mod unlock;
mod verify;
pub mod wire;

pub use copy_out::{file_name, preview};
pub use demo::demo;
pub use desk::{Clock, Desk};
pub use failure::in_words;
pub use import::import;
pub use import_members::import_members;
pub use kefu_vault::MIN_PASSPHRASE;
pub use verify::sentence;
