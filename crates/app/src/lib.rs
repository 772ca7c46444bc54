//! Use cases of the desk: one file per operation, wire types, error codes. Knows no window and no terminal.

mod act;
mod actor;
mod attach;
mod board;
mod clock_view;
mod copy_out;
mod correct;
mod custom_fields;
mod demo;
mod desk;
mod drafts;
mod failure;
mod find;
mod import;
mod known_customers;
mod list;
mod named;
mod preferences;
mod queue;
mod register;
mod repeats;
mod rules;
mod scripts;
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
pub use verify::sentence;
