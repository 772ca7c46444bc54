//! The desk's own database: one SQLCipher file that holds the change log, the records folded from it, and what finds them.
//!
//! One door for every write ([`Store::door`]): a change and its folded record are one transaction, and the transaction is
//! on disk before anyone is told. The indexes follow within milliseconds, and whoever reads them waits for that.

mod board;
mod door;
mod erase;
mod files;
mod folding;
mod forms;
mod hands;
mod hints;
mod history;
mod indexing;
mod keep;
mod list;
mod parties;
mod reader;
mod repeats;
mod rules;
mod search;
mod services;
mod sight;
mod store;
pub mod sync;
mod verify;
mod visits;
mod workspace;

pub use board::{Among, BoardRow, Count};
pub use door::Door;
pub use erase::Destroyed;
pub use files::{FILE_LIMIT, FileError};
pub use forms::{FormRow, beginning};
pub use hints::{Caller, KnownCustomer};
pub use keep::KeptDraft;
pub use list::{FormFilter, FormPage, FormSort};
pub use parties::{CustomerEntry, ProductEntry, alike_expression};
pub use repeats::Arrived;
pub use rules::{FALLBACK, Ruled};
pub use search::{FoundForms, match_expression, pinyin_key, sounds_like};
pub use services::{Holding, Wanted};
pub use sight::{Masking, Onlooker, custom_fields};
pub use store::{DeviceInfo, Store, StoreError};
pub use verify::{Finding, Verified};
pub use visits::VisitsAmong;
pub use workspace::{GivenInvite, Workspace};
