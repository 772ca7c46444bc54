//! What a session asks for, and what it is told: the edge between the core and whoever does the I/O.

use kefu_domain::Stamp;
use uuid::Uuid;

use crate::wire::{Answers, Assigned, Digest, Greeting, Mark, Outgoing, Page, Pulled, Welcome, Whole};

/// The next thing to do. Steps on the local store are one transaction each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Local: say where the device stands.
    Known,
    /// Remote.
    Hello(Greeting),
    /// Local: take over what follows from the hello.
    Greeted(Greeted),
    /// Local: the device's own changes that are not acknowledged, in their order, at most so many.
    Unsent {
        /// With so many of the acknowledged ones before them.
        back: u64,
        /// How many.
        limit: usize,
    },
    /// Local: the device's clock was ahead.
    Restamp(Restamp),
    /// Local: this profile is a copy of another that went on; go on under a new identity.
    Renew {
        /// The device's own number from which on its changes are issued anew under the new identity.
        from: u64,
        /// The new identity.
        device: Uuid,
    },
    /// Remote.
    Push(Vec<Outgoing>),
    /// Local: what became of changes that were pushed.
    Settle(Vec<Settlement>),
    /// Remote: which records are worth having before the rest.
    Newest,
    /// Remote.
    Pull(Mark),
    /// Local: the rows, the keys and the cursor.
    Apply {
        /// Where the cursor stood before.
        after: Mark,
        /// What came.
        page: Page,
    },
    /// Local: changes that the shared database had and lost, by their former place, with the keys they make necessary. One
    /// that it has in another envelope, as after a new identity of its author, is not lost.
    Astray {
        /// Only those after this place.
        after: u64,
        /// How many.
        limit: usize,
    },
    /// Local: what a technician's device holds.
    Held,
    /// Local: remove all of these records that can be read.
    Purge(Vec<Uuid>),
    /// Remote: pull_record.
    Fetch(Uuid),
    /// Local: a whole record.
    TakeWhole {
        /// Which.
        record: Uuid,
        /// All of it.
        whole: Whole,
    },
    /// Local: try what is in quarantine again.
    Retry,
    /// The end.
    Leave(Report),
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Of [`Step::Known`].
    Known(Known),
    /// Of [`Step::Hello`].
    Welcome(Welcome),
    /// Of [`Step::Unsent`] and [`Step::Astray`].
    Outgoing(Vec<Outgoing>),
    /// Of [`Step::Push`].
    Answers(Answers),
    /// Of [`Step::Newest`].
    Newest(Vec<Uuid>),
    /// Of [`Step::Pull`].
    Pulled(Pulled),
    /// Of [`Step::Apply`], [`Step::TakeWhole`] and [`Step::Retry`].
    Applied(Applied),
    /// Of [`Step::Held`].
    Held(Vec<Assigned>),
    /// Of [`Step::Fetch`]; none where it is no longer assigned.
    Whole(Option<Whole>),
    /// Of all others.
    Done,
}

/// Where a device stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it says in a hello.
    pub greeting: Greeting,
    /// Keys or program changed since the quarantine was last tried. As lasting as the keys themselves: a crash may fall
    /// between a key and the next try.
    pub retry: bool,
    /// Where more changes than so many lie ahead of the cursor, the newest records come before them, whole, so that there is
    /// something to work with at once. None on a technician's device, which has few.
    pub newest_beyond: Option<u64>,
}

/// What follows from a hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeted {
    /// Clock of the server: how far the device's own is off, for stamps to come.
    pub now_ms: u64,
    /// Epoch of the workspace.
    pub epoch: u64,
    /// Where the cursor stands now. Whatever the device holds from above it is astray: kept and shown as before, but not known to
    /// be in the shared database. Marks above it are forgotten. Where it went back or the epoch is new, so is what the
    /// device noted as [`Assigned::since`].
    pub cursor: Mark,
    /// Last of its own changes that the shared database has. Those after it are unsent again, as the same bytes.
    pub own: u64,
    /// The last place there is: how far the cursor will come.
    pub last: u64,
}

/// The device's clock was ahead: changes that were never acknowledged and are stamped later than `above_ms` are stamped anew
/// in their order: after everything the device has seen acknowledged, after the changes before them, and with `now_ms` for
/// the wall clock. Predecessors they name among themselves are renamed with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restamp {
    /// Latest that the shared database accepts.
    pub above_ms: u64,
    /// Clock of the server.
    pub now_ms: u64,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// In the shared database at this place.
    Accepted(u64),
    /// Refused for good. It has no effect in the record any more, stays visible with its code, and can be exported.
    Refused(String),
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Change.
    pub change: Uuid,
    /// Device that sent it first.
    pub device: Uuid,
    /// Its number there.
    pub seq: u64,
    /// Digest of the envelope that was pushed.
    pub digest: Digest,
    /// Its stamp.
    pub at: Stamp,
    /// What became of it.
    pub fate: Fate,
}

/// What came of taking changes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// Changes that were new here.
    pub fresh: u64,
    /// Changes that did not verify or open.
    pub quarantined: u64,
    /// Keys came that something in quarantine waits for.
    pub retry: bool,
}

/// What a session did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Own changes acknowledged.
    pub sent: u64,
    /// Own changes refused for good.
    pub refused: u64,
    /// Changes received that were new.
    pub received: u64,
    /// Changes that went into quarantine.
    pub quarantined: u64,
    /// Changes given back to a database that had lost them.
    pub given_back: u64,
    /// Records that came into a technician's hands and were fetched whole.
    pub fetched: u64,
    /// Records taken off this device.
    pub purged: u64,
    /// The database was put back to an earlier state.
    pub went_back: bool,
    /// Unsent changes were stamped anew, because this device's clock was ahead.
    pub restamped: bool,
    /// Changes wait although they were stamped anew: the server's clock is behind what others wrote.
    pub clock_ahead: bool,
    /// The new identity, where the profile was a copy.
    pub renewed: Option<Uuid>,
    /// The database changed under the session; the next one goes on.
    pub unsettled: bool,
}
