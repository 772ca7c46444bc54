//! The end of a device's chain of envelopes: gaps, forks and repetitions are seen before anything is opened.

use kefu_domain::envelope::Envelope;
use uuid::Uuid;

use super::hash;

/// The last envelope known of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Device.
    pub device: Uuid,
    /// Its sequence; 0 before the first.
    pub seq: u64,
    /// Its hash; zeros before the first.
    pub hash: [u8; 32],
}

/// How an envelope does not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    /// Another device's.
    #[error("another device's")]
    OtherDevice,
    /// The very one that is known already, sent again.
    #[error("known already")]
    Known,
    /// Behind the tail: sent again, or another one at a place already taken. Who keeps the earlier hashes can tell.
    #[error("sequence {seq} lies behind the tail")]
    Behind {
        /// Its sequence.
        seq: u64,
    },
    /// Envelopes are missing.
    #[error("sequences {expected} to {found} are missing, the last not included")]
    Gap {
        /// The next that was expected.
        expected: u64,
        /// The one that came.
        found: u64,
    },
    /// Two histories: another one at the same place, or one that follows another than is known.
    #[error("two histories at sequence {seq}")]
    Fork {
        /// The first place where they differ, as far as can be told.
        seq: u64,
    },
}

impl Tail {
    /// Before the first envelope of `device`.
    pub fn start(device: Uuid) -> Self {
        Tail { device, seq: 0, hash: [0; 32] }
    }

    /// The tail after `envelope`.
    ///
    /// # Errors
    /// [`ChainBreak`].
    pub fn follow(self, envelope: &Envelope) -> Result<Tail, ChainBreak> {
        let (seq, expected) = (envelope.seq, self.seq.saturating_add(1));
        let own = hash(envelope);
        if envelope.device != self.device {
            return Err(ChainBreak::OtherDevice);
        }
        if seq == self.seq && seq > 0 {
            return Err(if own == self.hash { ChainBreak::Known } else { ChainBreak::Fork { seq } });
        }
        if seq < expected {
            return Err(ChainBreak::Behind { seq });
        }
        if seq > expected {
            return Err(ChainBreak::Gap { expected, found: seq });
        }
        if envelope.previous != self.hash {
            return Err(ChainBreak::Fork { seq: self.seq });
        }
        Ok(Tail { device: self.device, seq, hash: own })
    }
}
