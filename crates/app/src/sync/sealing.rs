//! Sealing: this device's changes become envelopes, once, in their order, with the keys that become necessary.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use kefu_domain::Record;
use kefu_domain::change::act;
use kefu_domain::envelope::{Clear, Envelope, SUITE};
use kefu_local::StoreError;
use kefu_local::sync::{Digest, Exchange, KeptKey, Reading, Sealed, SealedEnvelope, Settled, ToSeal};
use kefu_sync::wire::{Outgoing, Wrap};
use kefu_vault::{RecordEpoch, RecordKey, WrappedRecordKey, envelopes};
use tokio::task::{JoinHandle, spawn_blocking};
use uuid::Uuid;

use super::{Identity, clear, joined, wraps};
use crate::wire::Failure;

/// Changes sealed in one transaction: as many as go in one push, and few enough that nobody waits for it who writes
/// meanwhile.
const AT_ONCE: usize = kefu_sync::batch::CHANGES;

/// Of these, how many at a time: while some are signed, those before them are kept and those after them read and folded.
const PART: usize = 250;

/// A change with the key that it is sealed under.
struct Keyed {
    place: i64,
    number: u64,
    /// Its envelope but for what the place in the queue decides.
    head: Envelope,
    bytes: Vec<u8>,
    /// None where this device has none.
    key: Option<RecordKey>,
    /// Keys that travel with it.
    wraps: Vec<Wrap>,
    /// As [`ToSeal::had`].
    had: Option<bool>,
}

/// The end of this device's queue: number and digest of the last envelope.
type Tail = (u64, Digest);

/// Changes, each with what is in clear of its record.
type Seen = Result<Vec<ToSeal<Clear>>, StoreError>;

/// What was made of some changes: what is kept, what goes out, and where the queue ends then.
type Made = (Vec<Sealed>, Vec<Outgoing>, Tail);

/// Seals the next changes that have no envelope yet; gives what was made, in the order of its numbers. Notes as well what
/// became of changes that were sent.
pub(crate) async fn seal(
    identity: &Arc<Identity>,
    exchange: &mut Exchange,
    settled: &[Settled],
) -> Result<Vec<Outgoing>, Failure> {
    let mut tail = exchange.own_tail().await?;
    let folding = Arc::new(Mutex::new(exchange.folding().await?));
    let (mut reading, mut ring) = (Reading::of(AT_ONCE), Ring::default());
    let (mut seeing, mut signing, mut all) = (None::<JoinHandle<Seen>>, None::<JoinHandle<Made>>, Vec::new());
    loop {
        // Part after part is read, seen, keyed, signed and kept; the second and the fourth go on beside the others.
        let part = exchange.to_seal(&mut reading, PART).await?;
        let ended = part.is_none() && seeing.is_none();
        let seen = match seeing.take() {
            Some(task) => joined(task).await??,
            None => Vec::new(),
        };
        seeing = part.map(|part| {
            let (identity, folding) = (identity.clone(), folding.clone());
            let view = move |record: &Record, due| clear::clear(&identity, record, due);
            spawn_blocking(move || folding.lock().unwrap_or_else(PoisonError::into_inner).see(part, view))
        });
        let keyed = key_all(identity, exchange, &mut ring, seen).await?;
        if ended {
            exchange.settle(settled).await?; // while the last are signed
        }
        let signed = match signing.take() {
            Some(task) => Some(joined(task).await?),
            None => None,
        };
        tail = signed.as_ref().map_or(tail, |(.., tail)| *tail);
        if !keyed.is_empty() {
            let identity = identity.clone();
            signing = Some(spawn_blocking(move || sign_all(&identity, keyed, tail)));
        }
        if let Some((sealed, mut made, _)) = signed {
            let again = exchange.put_sealed(&sealed).await?;
            made.iter_mut().for_each(|one| one.again = again.contains(&one.envelope.change));
            all.append(&mut made);
        }
        if ended {
            spawn_blocking(move || drop(folding)); // it holds all that was folded
            return Ok(all);
        }
    }
}

/// Finds the keys of changes, or makes them.
async fn key_all(
    identity: &Identity,
    exchange: &mut Exchange,
    ring: &mut Ring,
    waiting: Vec<ToSeal<Clear>>,
) -> Result<Vec<Keyed>, StoreError> {
    ring.load(exchange, &waiting).await?;
    let mut keyed = Vec::with_capacity(waiting.len());
    for one in waiting {
        let ToSeal { place, number, change, bytes, after: mut clear, wraps, had } = one;
        let erases = change.act == act::ERASE;
        if erases {
            clear.assignees.clear(); // it leaves every technician's hands, and with that his device
        }
        let found = key_for(identity, exchange, ring, change.record, &clear.assignees, erases).await?;
        let (key, new) = found.map_or((None, Vec::new()), |(key, new)| (Some(key), new));
        let head = Envelope {
            suite: SUITE,
            workspace: identity.workspace.id,
            change: change.id,
            device: exchange.device(),
            seq: 0,
            previous: [0; 32],
            at: change.at,
            seat: change.seat,
            record: change.record,
            kind: change.kind,
            act: change.act,
            schema: change.v,
            key: key.as_ref().map_or([0; 16], RecordKey::id),
            clear,
            sealed: Vec::new(),
            signature: Vec::new(),
        };
        keyed.push(Keyed {
            place,
            number,
            head,
            bytes,
            key,
            wraps: [wraps::kept(wraps.as_deref()), new].concat(),
            had,
        });
    }
    ring.keep(exchange).await?;
    Ok(keyed)
}

/// Seals changes, each after the one before it, and signs them together.
fn sign_all(identity: &Identity, keyed: Vec<Keyed>, (mut seq, mut previous): Tail) -> Made {
    let (mut sealed, mut made) = (Vec::with_capacity(keyed.len()), Vec::with_capacity(keyed.len()));
    for Keyed { place, number, head, bytes, key, wraps, had } in keyed {
        let change = head.change;
        let head = Envelope { seq: seq + 1, previous, ..head };
        // Only a change beyond a megabyte cannot be sealed; it stays here and says so.
        let envelope = key.and_then(|key| envelopes::seal(&key, head, &bytes).ok()).map(|envelope| {
            (seq, previous) = (envelope.seq, envelopes::hash(&envelope));
            let kept = SealedEnvelope { seq, digest: previous, bare: Vec::new(), wraps: wraps::keep(&wraps) };
            made.push(Outgoing { place: seq, again: false, digest: previous, envelope, wraps });
            kept
        });
        sealed.push(Sealed { place, number, change, had, envelope });
    }
    let digests: Vec<Digest> = made.iter().map(|one| one.digest).collect();
    let signatures = envelopes::sign(&digests, &identity.workspace.keys);
    let kept = sealed.iter_mut().filter_map(|one| one.envelope.as_mut());
    for ((one, kept), signature) in made.iter_mut().zip(kept).zip(signatures) {
        one.envelope.signature = signature;
        kept.bare = envelopes::bare(&one.envelope).unwrap_or_default();
    }
    (sealed, made, (seq, previous))
}

/// The keys of the records that are sealed together. What is made anew is kept at the end of a part, all at once.
#[derive(Default)]
struct Ring {
    kept: HashMap<Uuid, Vec<KeptKey>>,
    fresh: HashSet<[u8; 16]>,
    open: HashMap<[u8; 16], RecordKey>,
}

impl Ring {
    /// Reads the keys of records that come for the first time.
    async fn load(&mut self, exchange: &mut Exchange, waiting: &[ToSeal<Clear>]) -> Result<(), StoreError> {
        let records: HashSet<Uuid> = waiting.iter().map(|one| one.change.record).collect();
        let new: Vec<Uuid> = records.into_iter().filter(|record| !self.kept.contains_key(record)).collect();
        for key in exchange.keys_of(&new).await? {
            self.of_record(key.record).push(key);
        }
        Ok(())
    }

    fn of_record(&mut self, record: Uuid) -> &mut Vec<KeptKey> {
        self.kept.entry(record).or_default()
    }

    fn add(&mut self, key: KeptKey, open: &RecordKey) {
        self.fresh.insert(key.key);
        self.open.insert(key.key, open.clone());
        self.of_record(key.record).insert(0, key); // the latest epoch first, as they come from the file
    }

    /// Notes who has the record in hand while a key is in use.
    async fn show(
        &mut self,
        exchange: &mut Exchange,
        (record, key): (Uuid, [u8; 16]),
        members: &[Uuid],
    ) -> Result<(), StoreError> {
        let fresh = self.fresh.contains(&key);
        let Some(kept) = self.of_record(record).iter_mut().find(|kept| kept.key == key) else { return Ok(()) };
        let new: Vec<Uuid> = members.iter().filter(|member| !kept.shown.contains(member)).copied().collect();
        if !fresh {
            exchange.show_key(&key, &new).await?;
        }
        kept.shown.extend(new);
        Ok(())
    }

    /// Keeps what was made since the last time.
    async fn keep(&mut self, exchange: &mut Exchange) -> Result<(), StoreError> {
        let all = self.kept.values().flatten();
        let fresh: Vec<KeptKey> = all.filter(|key| self.fresh.contains(&key.key)).cloned().collect();
        self.fresh.clear();
        exchange.put_keys(&fresh).await.map(drop)
    }
}

/// The key for the next change of a record, and what has to travel with it: a new epoch where there is none, where somebody
/// had the record in hand under the present one who has not any more, or where the desk key was turned since; and the keys
/// of all epochs for whoever has the record in hand and was not given them. `anew`: in any case, as for an erasing change,
/// with which the keys there were are destroyed.
async fn key_for(
    identity: &Identity,
    exchange: &mut Exchange,
    ring: &mut Ring,
    record: Uuid,
    assignees: &[Uuid],
    anew: bool,
) -> Result<Option<(RecordKey, Vec<Wrap>)>, StoreError> {
    let Ring { kept, open, .. } = &mut *ring;
    let kept = kept.entry(record).or_default();
    let mut travelling = Vec::new();
    let left: BTreeSet<Uuid> =
        kept.iter().flat_map(|key| &key.shown).filter(|member| !assignees.contains(member)).copied().collect();
    let office = identity.office();
    let serving = |key: &&KeptKey| !office || (!anew && serves(identity, key, assignees));
    let present = kept.iter().find(|key| key.writable && serving(key));
    let opened = present.and_then(|key| match open.entry(key.key) {
        Entry::Occupied(open) => Some(open.get().clone()),
        Entry::Vacant(place) => Some(place.insert(identity.open_key(key)?).clone()),
    });
    let key = match opened {
        Some(key) => key,
        None if office => {
            let epoch = kept.iter().map(|key| key.epoch).max().unwrap_or(0).saturating_add(1);
            let of = RecordEpoch { workspace: identity.workspace.id, record, epoch };
            let Some((key, new, wrap)) = identity.new_key(of) else { return Ok(None) };
            ring.add(new, &key);
            travelling.push(wrap);
            key
        }
        None => return Ok(None),
    };
    if !left.is_empty() {
        ring.keep(exchange).await?; // what is forgotten is found by the keys of the record
    }
    for member in left {
        exchange.forget_given(record, member).await?;
    }
    // Only the office gives keys: a technician's batch that carried one would be refused whole.
    for member in assignees.iter().filter(|_| office) {
        for seat in identity.seats_in_the_field(*member) {
            if seat == identity.workspace.seat {
                continue;
            }
            for one in ring.of_record(record).iter() {
                if exchange.gives_first(&one.key, seat.member, seat.device).await? {
                    let open = if one.key == key.id() { Some(key.clone()) } else { identity.open_key(one) };
                    travelling.extend(open.and_then(|open| identity.grant(&open, seat)));
                }
            }
        }
    }
    ring.show(exchange, (record, key.id()), assignees).await?;
    Ok(Some((key, travelling)))
}

/// Whether an office device may go on writing with a key.
fn serves(identity: &Identity, key: &KeptKey, assignees: &[Uuid]) -> bool {
    let in_the_field = |member: &Uuid| {
        let mut seats = identity.roster.seats().keys().filter(|id| id.member == *member);
        !seats.any(|id| identity.roster.holds_desk_key(*id))
    };
    let gone = key.shown.iter().any(|member| !assignees.contains(member) && in_the_field(member));
    let newest = identity.desk_keys.newest().map(|desk| desk.id());
    let under = WrappedRecordKey::decode(&key.sealed).map(|wrapped| wrapped.under);
    !gone && (key.here || under == newest)
}
