//! A change on its way to other devices: a head in clear, the sealed change, and what proves that its author signed both.
//!
//! The head is all that the shared database learns. It is encoded one way only, by [`Envelope::head`], because it is
//! bound into the seal and into the signature: whoever swaps one field of it breaks both.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Stamp;

/// Version of the suite of algorithms that this program seals with.
pub const SUITE: u8 = 2;

/// What the shared database may know of the record after a change, for routing and for counts; nothing a customer said
/// or is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clear {
    /// State of the record after the change.
    pub state: String,
    /// Responsible department; empty if none.
    pub department: String,
    /// Members who have it in hand, ascending.
    pub assignees: Vec<Uuid>,
    /// 来电时间, seconds since 1970 UTC.
    pub received: Option<i64>,
    /// Due time of the strictest clock, seconds since 1970 UTC.
    pub due: Option<i64>,
    /// The form that a return visit asks after: whoever handled it must not rate it, and that the shared database sees to
    /// (R94). A random id like any other; none of all other records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Uuid>,
}

/// A sealed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Suite of algorithms, [`SUITE`] for what this program seals.
    pub suite: u8,
    /// Workspace it belongs to.
    pub workspace: Uuid,
    /// Identity of the change.
    pub change: Uuid,
    /// Device that made it.
    pub device: Uuid,
    /// Its place in what that device sends: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// Digest of the envelope before it of the same device; zeros for the first.
    pub previous: [u8; 32],
    /// Clock of the change.
    pub at: Stamp,
    /// Member who made it.
    pub seat: Uuid,
    /// Record.
    pub record: Uuid,
    /// Kind of the record.
    pub kind: String,
    /// What was done.
    pub act: String,
    /// Version of the change's encoding.
    pub schema: u32,
    /// Names the record key and its epoch, and commits to it.
    pub key: [u8; 16],
    /// What the shared database may know.
    pub clear: Clear,
    /// Nonce and ciphertext of the padded change.
    pub sealed: Vec<u8>,
    /// What proves that its author signed it: 64 bytes of Ed25519, then, where several were signed at once, what leads from
    /// this one to what was signed.
    pub signature: Vec<u8>,
}

/// Bytes that the head of most envelopes does not exceed.
const HEAD: usize = 448;

impl Envelope {
    /// The head as bytes: every field but the sealed bytes and the signature, each with its length.
    pub fn head(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD);
        let mut put = |bytes: &[u8]| {
            out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            out.extend_from_slice(bytes);
        };
        put(b"kefu envelope");
        put(&[self.suite]);
        put(self.workspace.as_bytes());
        put(self.change.as_bytes());
        put(self.device.as_bytes());
        put(&self.seq.to_le_bytes());
        put(&self.previous);
        put(self.at.to_string().as_bytes());
        put(self.seat.as_bytes());
        put(self.record.as_bytes());
        put(self.kind.as_bytes());
        put(self.act.as_bytes());
        put(&self.schema.to_le_bytes());
        put(&self.key);
        put(self.clear.state.as_bytes());
        put(self.clear.department.as_bytes());
        put(&(self.clear.assignees.len() as u32).to_le_bytes());
        self.clear.assignees.iter().for_each(|seat| put(seat.as_bytes()));
        for moment in [self.clear.received, self.clear.due] {
            put(&moment.map_or_else(Vec::new, |seconds| seconds.to_le_bytes().to_vec()));
        }
        // At the end, and only where there is one: the head of whatever is about nothing ends before it.
        self.clear.about.iter().for_each(|record| put(record.as_bytes()));
        out
    }
}

/// Whether the version of a change that is stamped `new` counts instead of the one stamped `old`: the same change may be in two
/// envelopes, after a profile was copied or a clock set right on two copies. Versions that the shared database has
/// (`confirmed`) go before those it does not have, and the earliest of them counts: whoever wrote after a change has seen
/// a version that is no earlier, so the order of cause and effect stays.
pub fn counts(new: (bool, Stamp), old: (bool, Stamp)) -> bool {
    (!new.0, new.1) < (!old.0, old.1)
}
