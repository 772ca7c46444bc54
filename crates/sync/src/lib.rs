//! Exchanges sealed changes between a device's store and the shared database: a pure protocol core and a thin driver.
//!
//! A device connects, says what it has ([`exchange`]), and leaves. The core ([`Session`]) decides each step and does none;
//! [`Local`] and [`Remote`] do them and decide nothing. `app` joins the two crates that implement them.
//!
//! | message | meaning | device | shared database |
//! |---|---|---|---|
//! | `hello` | this is my cursor, these are older marks, this is what you acknowledged to me | goes back to the greatest that matches; what it holds from above is *astray* | its clock, its epoch, the greatest mark and own head that are true of it |
//! | `push` | changes of one device, in order, ≤ 1000 and ≤ 2 MB | sends what is not acknowledged, from its oldest on | one short transaction under the workspace's counter row; an answer each |
//! | · `ok(seq)` `known(seq)` | it stands at this place | acknowledged, never sent again unless a `hello` says otherwise | a change is known by (device, seq, digest) |
//! | · `refused(code)` | not taken, for good | out of the record, visible, exportable; the rest goes on | uses up the device's number; asked again, says the same |
//! | · `refused(clock)` | more than five minutes ahead | stamps anew what was never acknowledged, sends it | number not used; those after it get `gap` |
//! | · `refused(forked)` | this number of yours is another change | proves in one push where the fork begins, takes a new identity, issues its changes from there on under it; both branches live | number not used |
//! | · `refused(gap)` | earlier ones are missing | says `hello` again | number not used |
//! | `pull` | what came after this mark | applies page, keys and cursor in one transaction; what does not verify or open goes to quarantine | 500 a page, dense places, only assigned records for technicians; `Diverged` where the mark is not true |
//! | `pull_record` | all of a record | for one that came into its hands late, or again | all changes of it and its keys |
//! | `assigned` | with the last page: all you may see | fetches what it lacks, purges what it must not hold | the set, with the place at which each was last given |
//!
//! # Order of a session
//! `hello` → go back if need be → push own → pull to the end → push what is still astray (the database had it and lost it,
//! whoever wrote it) and pull that → fetch and purge → try the quarantine again.
//!
//! # Invariants
//! - Nothing that must last is in a [`Session`]. It may be dropped between any two steps; a session that follows goes on.
//! - Every local step is one transaction; `Apply` moves the cursor in the same one. Doing a step twice changes nothing.
//! - A change that was acknowledged once is never stamped anew nor encoded anew: others have seen it. The one exception is a
//!   copied profile after the database was put back, where its number was given to another.
//! - No change blocks another: refusals for good use up their number, quarantine does not hold the cursor, a failed resend of an
//!   astray change leaves it astray.
//! - The same change id may be in two envelopes. Every device picks the same one ([`counts`]), and counts it once.
//! - Cause before effect: a change is stamped later than everything its author had seen of the record, and restamping and new
//!   identities keep that.
//! - No clock of a device decides anything here. What is ahead is judged by the server's clock, pauses are monotonic.
//!
//! # What is deliberately absent
//! Cryptography (the implementer of [`Local`] verifies and opens), SQL, time, randomness, and any knowledge of acts and fields.

pub mod batch;
mod diff;
pub mod driver;
pub mod marks;
pub mod rhythm;
pub mod session;
pub mod standing;
pub mod step;
#[cfg(test)]
mod testing;
pub mod wire;

pub use driver::{Failure, Local, Remote, exchange};
pub use kefu_domain::envelope::counts;
pub use rhythm::{Pace, Rhythm};
pub use session::{AHEAD_MS, Nonsense, Session};
pub use standing::{Counts, Problem, Standing};
pub use step::{Applied, Event, Fate, Greeted, Known, Report, Restamp, Settlement, Step};
