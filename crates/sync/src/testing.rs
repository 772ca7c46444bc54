//! Made-up envelopes for the tests of this crate.

use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, Envelope, SUITE};
use uuid::Uuid;

use crate::wire::Outgoing;

/// Change number `seq` of `device`, stamped with its number in milliseconds, `size` sealed bytes.
pub(crate) fn outgoing(device: u128, seq: u64, size: usize) -> Outgoing {
    let device = Uuid::from_u128(device);
    let envelope = Envelope {
        suite: SUITE,
        workspace: Uuid::nil(),
        change: Uuid::from_u128(u128::from(seq)),
        device,
        seq,
        previous: [0; 32],
        at: Stamp { ms: seq, n: 0, device },
        seat: device,
        record: Uuid::nil(),
        kind: "form".into(),
        act: "note".into(),
        schema: 1,
        key: [0; 16],
        clear: Clear::default(),
        sealed: vec![0; size],
        signature: vec![0; 64],
    };
    Outgoing { place: seq, again: false, digest: [seq as u8; 32], envelope, wraps: Vec::new() }
}
