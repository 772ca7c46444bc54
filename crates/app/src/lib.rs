//! Use cases of the desk: one file per operation, wire types, error codes. Knows no window and no terminal.

mod act;
mod actor;
mod alerts;
mod attach;
mod board;
mod book;
mod call;
mod channels;
mod clock_view;
mod copy_out;
mod correct;
mod custom_fields;
mod customers;
mod demo;
mod departments;
mod desk;
mod drafts;
mod due;
mod erase;
mod failure;
mod field;
mod find;
mod held;
mod import;
mod import_members;
mod knowledge;
mod known_customers;
mod list;
mod members;
mod named;
mod preferences;
mod privacy;
mod products;
mod queue;
mod register;
mod repeats;
mod rules;
mod scripts;
mod seat;
mod seats;
mod secrets;
mod setup;
mod show;
mod similar;
mod sync;
mod unlock;
mod verify;
mod visits;
pub mod wire;
mod workspace;

/// For every program of the house: rows and values are made on the thread of the database and dropped on those that ask,
/// which the system's allocators do slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use alerts::{Alert, Alerts, News, notice};
pub use call::{BadCall, SCHEME, call_address, read_call};
pub use copy_out::{file_name, preview};
pub use demo::demo;
pub use desk::{Clock, Desk};
pub use due::{Described, due_times};
pub use failure::in_words;
pub use import::import;
pub use import_members::import_members;
pub use kefu_vault::MIN_PASSPHRASE;
pub use verify::sentence;
