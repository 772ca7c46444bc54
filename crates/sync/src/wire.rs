//! What is said between a device and the shared database. Plain data: who carries it is not known here.

use kefu_domain::envelope::Envelope;
use uuid::Uuid;

/// SHA-256.
pub type Digest = [u8; 32];

/// A place in the order of the workspace, and the hash over everything up to it. The hash runs on from change to change, so
/// two that agree at one place agree at all before it; a put-back backup that grew again cannot repeat it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// 0 before the first change.
    pub seq: u64,
    /// As the shared database told it; zeros at 0.
    pub hash: Digest,
}

/// A place in what one device has sent, and the digest of the envelope there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// The device's own number, 1, 2, 3, …
    pub seq: u64,
    /// Digest of the envelope, what the next one names as its `previous`.
    pub digest: Digest,
}

/// hello, asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Who asks.
    pub device: Uuid,
    /// Epoch of the workspace as last heard.
    pub epoch: u64,
    /// The cursor first, then ever older marks ([`crate::marks::thin`]).
    pub marks: Vec<Mark>,
    /// The last of the device's own changes that was acknowledged, then ever older ones ([`crate::marks::back_from`]).
    pub own: Vec<Head>,
}

/// hello, answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Welcome {
    /// Clock of the server, milliseconds since 1970 UTC.
    pub now_ms: u64,
    /// Epoch of the workspace; raised by hand when a backup was put back.
    pub epoch: u64,
    /// The greatest of the marks that is true of this database; 0 if none is.
    pub matched: u64,
    /// The greatest of the device's own heads that is true of it; 0 if none is.
    pub own: u64,
    /// The last place there is.
    pub last: u64,
}

/// A record key, sealed to whoever may open it. Opaque here: it travels with the change that makes it necessary, so that
/// there is no moment at which the change is there and the key is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrap {
    /// Record.
    pub record: Uuid,
    /// Which key, as envelopes name it.
    pub key: [u8; 16],
    /// The technician it is sealed to; none for the desk key.
    pub member: Option<Uuid>,
    /// The key, sealed.
    pub sealed: Vec<u8>,
}

/// A signed change to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it stands in the list it was read from: the device's own number, or the former place of an astray one.
    pub place: u64,
    /// Was accepted once before. Rules that depend on what stands in the database (assigned, archived) were asked then; a
    /// database that was put back cannot ask them again, because what they depend on may come later.
    pub again: bool,
    /// Digest of the envelope.
    pub digest: Digest,
    /// The change.
    pub envelope: Envelope,
    /// Keys that become necessary with it.
    pub wraps: Vec<Wrap>,
}

/// push, answered: one per change, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Taken in, at this place in the order of the workspace.
    Ok(u64),
    /// Was there already, at this place.
    Known(u64),
    /// Not taken, see [`refused`]. A string, so that codes of a newer server survive.
    Refused(String),
}

/// push, answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Clock of the server, milliseconds since 1970 UTC.
    pub now_ms: u64,
    /// One per change, in their order.
    pub each: Vec<Answer>,
}

/// Codes of refusal that are not about the change but about the moment: the device's number is not used up. Any other code
/// is for good, and uses it up, so that what follows can go on.
pub mod refused {
    /// Ahead of the server's clock by more than [`crate::AHEAD_MS`]: stamp it anew.
    pub const CLOCK: &str = "clock";
    /// Another change has this number of this device: the profile was copied.
    pub const FORKED: &str = "forked";
    /// An earlier one of this device is missing.
    pub const GAP: &str = "gap";

    /// Whether a refusal is for good.
    pub fn for_good(code: &str) -> bool {
        ![CLOCK, FORKED, GAP].contains(&code)
    }
}

/// A change as it stands in the shared database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Place in the order of the workspace.
    pub seq: u64,
    /// The change.
    pub envelope: Envelope,
}

/// A record that a technician may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned {
    /// Record.
    pub record: Uuid,
    /// Place in the order of the workspace at which it was last assigned to him. Where this is not what the device has
    /// noted, it was out of his hands in between, and the device may lack what happened then.
    pub since: u64,
}

/// A page of what came after a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Ascending, all of it that the caller may see.
    pub rows: Vec<Row>,
    /// Record keys that became available to the caller with these places.
    pub wraps: Vec<Wrap>,
    /// Where the cursor stands after the page.
    pub cursor: Mark,
    /// Whether more follows.
    pub more: bool,
    /// All that is assigned to a technician at this moment, as a set: asked again each time it heals whatever an event
    /// missed would break. None for the office, which sees everything. Counts on the last page.
    pub assigned: Option<Vec<Assigned>>,
}

/// pull, answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pulled {
    /// What came after the mark.
    Page(Page),
    /// The mark is not true of this database (any more): say hello again.
    Diverged,
}

/// pull_record, answered: a record with all its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// See [`Assigned::since`].
    pub since: u64,
    /// All its changes, ascending.
    pub rows: Vec<Row>,
    /// Its keys.
    pub wraps: Vec<Wrap>,
}
