//! Opening: what came is verified in batches, opened with its record's key, held against its head and folded; what fails has a
//! name and goes to quarantine. Runs beside the runtime, where there are processors for it on two threads.

use std::sync::Arc;

use kefu_domain::Change;
use kefu_local::sync::{Alone, By, EMPTIED, Quarantine, Received, SIGNATURE};
use kefu_sync::wire::Row;
use kefu_vault::envelopes::{self, EnvelopeError};
use kefu_vault::roster::NotCounted;

use super::Identity;
use super::wraps::Keys;
use crate::setup::blocking;
use crate::wire::Failure;

/// What became of rows.
#[derive(Default)]
pub(crate) struct Opened {
    pub received: Vec<Received>,
    /// What they make of their records alone.
    pub alone: Alone,
    pub quarantined: Vec<Quarantine>,
}

/// Fewer than this are not worth a second thread, nor entries of the indexes made ahead.
pub(super) const WORTH: usize = 64;

/// Verifies and opens rows; both lists ascend by place. Entries of the indexes are made `by` this.
pub(crate) async fn open(
    identity: &Arc<Identity>,
    keys: Keys,
    rows: Vec<Row>,
    by: Option<Arc<By>>,
) -> Result<Opened, Failure> {
    let keys = Arc::new(keys);
    // By record, so that each thread has all of what it folds.
    // The store writes at the same time, the pages before: of two processors one is for that.
    let two = rows.len() > WORTH && std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 2);
    let (rows, second): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| !two || row.envelope.record.as_u128() & 1 == 0);
    let part = |rows: Vec<Row>| {
        let (identity, keys, by) = (identity.clone(), keys.clone(), by.clone());
        blocking(move || Ok(open_part(&identity, &keys, rows, by.as_deref())))
    };
    let (first, second) = tokio::join!(part(rows), part(second));
    let (mut opened, second) = (first?, second?);
    opened.received.extend(second.received);
    opened.received.sort_by_key(|one| one.at);
    opened.alone.extend(second.alone);
    opened.quarantined.extend(second.quarantined);
    opened.quarantined.sort_by_key(|one| one.at);
    Ok(opened)
}

fn open_part(identity: &Identity, keys: &Keys, rows: Vec<Row>, by: Option<&By>) -> Opened {
    let mut opened = Opened::default();
    let (places, all): (Vec<u64>, Vec<_>) = rows.into_iter().map(|row| (row.seq, row.envelope)).unzip();
    let verified = envelopes::verify_all(&all, &identity.roster);
    for ((at, envelope), (digest, verified)) in places.into_iter().zip(all).zip(verified) {
        let emptied = envelopes::emptied_digest(&envelope).is_some();
        let verified = if emptied { Err(EMPTIED) } else { verified.map_err(reason) };
        let change = verified.and_then(|()| {
            let key = keys.get(&envelope.key).ok_or("no_key")?;
            let bytes = envelopes::open(key, &envelope).map_err(reason)?;
            // A record's key must not serve for another record, whoever signs it.
            if key.of().record != envelope.record {
                return Err("disagrees");
            }
            let change = Change::decode(&bytes).map_err(|_| "newer")?;
            envelopes::agrees(&envelope, &change).map_err(reason)?;
            Ok((change, bytes.to_vec(), envelopes::bare(&envelope).ok_or("sealed")?))
        });
        match change {
            Ok((change, bytes, bare)) => opened.received.push(Received {
                at,
                digest,
                device: envelope.device,
                seq: envelope.seq,
                key: envelope.key,
                assignees: envelope.clear.assignees,
                change,
                bytes,
                bare,
            }),
            Err(reason) => opened.quarantined.push(Quarantine {
                digest,
                at,
                record: envelope.record,
                key: envelope.key,
                reason: reason.into(),
                bytes: envelopes::encode(&envelope),
            }),
        }
    }
    opened.alone = Alone::of(&opened.received, by);
    opened
}

/// Its code on the wire, see [`crate::wire::Quarantined::reason`].
fn reason(error: EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::Suite(_) => "newer",
        EnvelopeError::OtherWorkspace | EnvelopeError::OtherClock => "damaged",
        EnvelopeError::NotCounted(NotCounted::Unknown) => "unknown_seat",
        EnvelopeError::NotCounted(NotCounted::Revoked { .. }) => "revoked",
        EnvelopeError::BadSignature => SIGNATURE,
        EnvelopeError::OtherKey | EnvelopeError::Unsealable | EnvelopeError::Padding => "sealed",
        EnvelopeError::Disagrees(_) => "disagrees",
    }
}
