//! The wire: every request and answer that crosses to the interface, declared in this one place. Bodies live with the
//! operations; TypeScript is generated from here (`ui/src/bridge/generated`) and a test fails when it drifts.

mod book;
mod channels;
pub mod commands;
mod exchange;
mod failure;
mod field;
mod forms;
mod knowledge;
mod members;
mod opening;
mod people;
mod process;
mod settings;
mod telephone;
mod visits;
mod workspace;

pub use book::*;
pub use channels::*;
pub use exchange::*;
pub use failure::*;
pub use field::*;
pub use forms::*;
pub use knowledge::*;
pub use members::*;
pub use opening::*;
pub use people::*;
pub use process::*;
pub use settings::*;
pub use telephone::*;
pub use visits::*;
pub use workspace::*;
