//! Return visits: on which day each closing kind gives one, who may not touch a rating, what follows, whom a survey draws.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod course;
mod due;
mod provenance;
mod sampling;
mod stage;
