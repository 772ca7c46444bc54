//! Sealing: this device's changes become envelopes, once, in their order, with the keys that become necessary.

use std::collections::{BTreeSet, HashMap, HashSet};

use kefu_domain::change::act;
use kefu_domain::envelope::{Clear, Envelope, SUITE};
use kefu_local::StoreError;
use kefu_local::sync::{Exchange, KeptKey, Sealed, SealedEnvelope, ToSeal};
use kefu_sync::wire::{Outgoing, Wrap};
use kefu_vault::{RecordEpoch, RecordKey, WrappedRecordKey, envelopes};
use uuid::Uuid;

use super::{Identity, clear, wraps};

/// Changes sealed in one transaction: more than go in one push, since what a record was until then is read once for all of
/// them; few enough that nobody waits for it who writes meanwhile.
const AT_ONCE: usize = 500;

/// Seals the next changes that have no envelope yet; gives what was made, in the order of its numbers.
pub(crate) async fn seal(identity: &Identity, exchange: &mut Exchange) -> Result<Vec<Outgoing>, StoreError> {
    let waiting = exchange.to_seal(AT_ONCE, |record, due| clear::clear(identity, record, due)).await?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let mut ring = Ring::of(exchange, &waiting).await?;
    let (mut seq, mut previous) = exchange.own_tail().await?;
    let (mut sealed, mut fresh) = (Vec::with_capacity(waiting.len()), Vec::with_capacity(waiting.len()));
    for one in &waiting {
        let made = seal_one(identity, exchange, &mut ring, one, (seq + 1, previous)).await?;
        let envelope = made.as_ref().map(|made| SealedEnvelope {
            seq: made.place,
            digest: made.digest,
            bare: envelopes::bare(&made.envelope).unwrap_or_default(),
            wraps: wraps::keep(&made.wraps),
        });
        if let Some(made) = made {
            (seq, previous) = (made.place, made.digest);
            fresh.push(made);
        }
        sealed.push(Sealed { place: one.place, number: one.number, change: one.change.id, envelope });
    }
    ring.keep(exchange).await?;
    let again = exchange.put_sealed(&sealed).await?;
    fresh.iter_mut().for_each(|one| one.again = again.contains(&one.envelope.change));
    Ok(fresh)
}

/// The keys of the records that are sealed together. What is made anew is kept at the end, all at once.
struct Ring {
    kept: HashMap<Uuid, Vec<KeptKey>>,
    fresh: HashSet<[u8; 16]>,
}

impl Ring {
    async fn of(exchange: &mut Exchange, waiting: &[ToSeal<Clear>]) -> Result<Self, StoreError> {
        let records: HashSet<Uuid> = waiting.iter().map(|one| one.change.record).collect();
        let mut kept: HashMap<Uuid, Vec<KeptKey>> = HashMap::with_capacity(records.len());
        for key in exchange.keys_of(&records.into_iter().collect::<Vec<_>>()).await? {
            kept.entry(key.record).or_default().push(key);
        }
        Ok(Ring { kept, fresh: HashSet::new() })
    }

    fn of_record(&mut self, record: Uuid) -> &mut Vec<KeptKey> {
        self.kept.entry(record).or_default()
    }

    fn add(&mut self, key: KeptKey) {
        self.fresh.insert(key.key);
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

async fn seal_one(
    identity: &Identity,
    exchange: &mut Exchange,
    ring: &mut Ring,
    one: &ToSeal<Clear>,
    (seq, previous): (u64, [u8; 32]),
) -> Result<Option<Outgoing>, StoreError> {
    let change = &one.change;
    let mut clear = one.after.clone();
    let erases = change.act == act::ERASE;
    if erases {
        clear.assignees.clear(); // it leaves every technician's hands, and with that his device
    }
    let Some((key, new)) = key_for(identity, exchange, ring, change.record, &clear.assignees, erases).await? else {
        return Ok(None);
    };
    let travelling = [wraps::kept(one.wraps.as_deref()), new].concat();
    let head = Envelope {
        suite: SUITE,
        workspace: identity.workspace.id,
        change: change.id,
        device: exchange.device(),
        seq,
        previous,
        at: change.at,
        seat: change.seat,
        record: change.record,
        kind: change.kind.clone(),
        act: change.act.clone(),
        schema: change.v,
        key: key.id(),
        clear,
        sealed: Vec::new(),
        signature: [0; 64],
    };
    // Only a change beyond a megabyte cannot be sealed; it stays here and says so.
    let Ok(mut envelope) = envelopes::seal(&key, head, &one.bytes) else { return Ok(None) };
    envelopes::sign(&mut envelope, &identity.workspace.keys);
    let digest = envelopes::hash(&envelope);
    Ok(Some(Outgoing { place: seq, again: false, digest, envelope, wraps: travelling }))
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
    let kept = ring.of_record(record);
    let mut travelling = Vec::new();
    let left: BTreeSet<Uuid> =
        kept.iter().flat_map(|key| &key.shown).filter(|member| !assignees.contains(member)).copied().collect();
    let office = identity.office();
    let serving = |key: &&KeptKey| !office || (!anew && serves(identity, key, assignees));
    let present = kept.iter().find(|key| key.writable && serving(key));
    let key = match present.and_then(|key| identity.open_key(key)) {
        Some(key) => key,
        None if office => {
            let epoch = kept.iter().map(|key| key.epoch).max().unwrap_or(0).saturating_add(1);
            let of = RecordEpoch { workspace: identity.workspace.id, record, epoch };
            let Some((key, new, wrap)) = identity.new_key(of) else { return Ok(None) };
            ring.add(new);
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
    for member in assignees {
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
