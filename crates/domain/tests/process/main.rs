//! The process as a whole, from outside: every role × act × state, both paths, what must hold, undo, order of arrival.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod desk;
mod matrix;
