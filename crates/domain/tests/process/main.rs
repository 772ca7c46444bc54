//! The process as a whole, from outside: every role × act × state, both paths, what must hold, undo, order of arrival.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod conditions;
mod course;
mod desk;
mod facts;
mod given;
mod matrix;
mod order;
mod paths;
mod undo;
