//! What must hold after healing, told apart so that a control's failure can be seen to be the right one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use kefu_domain::{Change, Record, Stamp};
use uuid::Uuid;

use crate::seal;
use crate::store::{Status, Store, Version};
use crate::world::{Place, World};

/// The first promise that is broken, and where.
pub type Broken = (&'static str, String);

/// The changes that count, as the server holds them: by id the earliest version.
type Counting = BTreeMap<Uuid, Rc<Change>>;

pub fn check(world: &mut World) -> Result<(), Broken> {
    let counting = counting(world);
    for place in &world.places {
        drained(&place.store.borrow())?;
    }
    nothing_lost(world, &counting)?;
    causes_before_effects(world, &counting)?;
    let mut records: BTreeMap<Uuid, Vec<Rc<Change>>> = BTreeMap::new();
    for change in counting.values() {
        records.entry(change.record).or_default().push(change.clone());
    }
    let folded: BTreeMap<Uuid, Record> =
        records.iter().map(|(id, changes)| (*id, Record::fold(changes.iter().map(|c| &**c)))).collect();
    for view in folded.values() {
        world.seen.rivals += view.fields.values().map(|cell| cell.rivals.len() as u64).sum::<u64>();
        world.seen.out_of_place += view.out_of_place.len() as u64;
    }
    for index in 0..world.places.len() {
        quarantine(world, index)?;
        let caller = world.places[index].caller;
        let grants = world.net.borrow().server.grants.clone();
        let own = grants.keys().filter(|(member, _)| *member == caller.member).map(|(_, record)| *record);
        let may: BTreeSet<Uuid> = if caller.office { folded.keys().copied().collect() } else { own.collect() };
        let store = &mut *world.places[index].store.borrow_mut();
        exactly(store, index, &may, &counting)?;
        for record in &may {
            let view = store.folders.get_mut(record).map(|folder| folder.view().clone()).unwrap_or_default();
            conflicts_kept(&view, &records[record])
                .map_err(|what| ("conflicts", format!("{index}: {record}: {what}")))?;
            if view != folded[record] {
                let view = format!("{index}: {record} is\n{view:?}\nnot\n{:?}", folded[record]);
                return Err(("identical", view));
            }
        }
    }
    Ok(())
}

fn counting(world: &World) -> Counting {
    let mut counting = Counting::new();
    for row in &world.net.borrow().server.rows {
        if world.rogue.contains(&row.envelope.device) {
            continue;
        }
        let change = Change::decode(&row.envelope.sealed).unwrap();
        let earlier = counting.get(&change.id).is_none_or(|known| change.at < known.at);
        if earlier {
            counting.insert(change.id, Rc::new(change));
        }
    }
    counting
}

fn drained(store: &Store) -> Result<(), Broken> {
    let waiting = store.own.len() - store.acknowledged as usize;
    let astray = |status: Status| matches!(status, Status::Astray(_) | Status::Mine);
    let astray = store.versions.values().flatten().filter(|version| astray(version.status));
    let astray: Vec<_> = astray.map(Version::place).collect();
    if waiting + astray.len() > 0 {
        return Err(("drained", format!("{}: {waiting} waiting, astray are {astray:?}", store.device)));
    }
    Ok(())
}

/// Every act that anybody did is in the shared database, or is kept and shown as refused by the device that did it.
fn nothing_lost(world: &World, counting: &Counting) -> Result<(), Broken> {
    let mut refused = BTreeSet::new();
    for place in &world.places {
        refused.extend(place.store.borrow().refused.keys().copied());
    }
    for authored in &world.ledger {
        match (counting.contains_key(&authored.change), refused.contains(&authored.change)) {
            (false, false) => {
                return Err(("lost", format!("{} is at {}", authored.change, whereabouts(world, authored.change))));
            }
            (true, true) => return Err(("refused", format!("{} is refused and there", authored.change))),
            _ => {}
        }
    }
    let made: BTreeSet<Uuid> = world.ledger.iter().map(|authored| authored.change).collect();
    let stranger = counting.keys().find(|id| !made.contains(id));
    stranger.map_or(Ok(()), |id| Err(("invented", format!("{id} was made by nobody"))))
}

fn whereabouts(world: &World, change: Uuid) -> String {
    let known = |(index, place): (usize, &Place)| {
        let store = place.store.borrow();
        let versions = store.versions.get(&change)?;
        let versions: Vec<_> = versions.iter().map(Version::place).collect();
        Some(format!("{index} ({}): {versions:?}", store.device))
    };
    world.places.iter().enumerate().filter_map(known).collect::<Vec<_>>().join("; ")
}

fn causes_before_effects(world: &World, counting: &Counting) -> Result<(), Broken> {
    for authored in &world.ledger {
        let Some(effect) = counting.get(&authored.change) else { continue };
        for cause in authored.after.iter().filter_map(|cause| counting.get(cause)) {
            if cause.at >= effect.at {
                return Err(("causal", format!("{} at {} before {} at {}", effect.id, effect.at, cause.id, cause.at)));
            }
        }
    }
    Ok(())
}

/// A device holds all changes of the records it may see, each once, and nothing else that can be read.
fn exactly(store: &Store, index: usize, may: &BTreeSet<Uuid>, counting: &Counting) -> Result<(), Broken> {
    let held: BTreeSet<Uuid> = store.folders.keys().copied().collect();
    if !held.is_subset(may) {
        return Err(("purged", format!("{index} holds {:?}", held.difference(may).collect::<Vec<_>>())));
    }
    if !store.office && !store.keys.iter().all(|key| may.contains(&Uuid::from_bytes(*key))) {
        return Err(("purged", format!("{index} holds a key it must not have")));
    }
    let mut times: HashMap<Uuid, usize> = HashMap::new();
    for change in store.folders.values().flat_map(|folder| folder.changes()) {
        *times.entry(change.id).or_default() += 1;
    }
    if let Some((id, times)) = times.iter().find(|(_, times)| **times > 1) {
        return Err(("doubled", format!("{index}: {id} counts {times} times")));
    }
    let due = counting.values().filter(|change| may.contains(&change.record));
    let lacking: Vec<Uuid> = due.filter(|change| !times.contains_key(&change.id)).map(|change| change.id).collect();
    if !lacking.is_empty() {
        return Err(("missed", format!("{index} lacks {} changes, such as {}", lacking.len(), lacking[0])));
    }
    Ok(())
}

/// What nobody replaced on purpose is in sight: reckoned from the changes alone, not by the fold.
fn conflicts_kept(view: &Record, changes: &[Rc<Change>]) -> Result<(), String> {
    let out: BTreeSet<Uuid> = view.out_of_place.iter().map(|out| out.change).collect();
    let mut writes: BTreeMap<&str, BTreeMap<Stamp, &[Stamp]>> = BTreeMap::new();
    for change in changes.iter().filter(|change| !out.contains(&change.id)) {
        for (key, setting) in &change.set {
            writes.entry(key).or_default().insert(change.at, &setting.was);
        }
    }
    for (key, writes) in writes {
        let replaced = |at: &Stamp| writes.iter().any(|(later, was)| later > at && was.contains(at));
        let standing: BTreeSet<Stamp> = writes.keys().filter(|at| !replaced(at)).copied().collect();
        let shown: BTreeSet<Stamp> = view.stamps(key).into_iter().collect();
        if standing != shown {
            return Err(format!("{key} shows {shown:?} of {standing:?}"));
        }
    }
    Ok(())
}

/// What is in quarantine is what is bad, no more and no less.
fn quarantine(world: &World, index: usize) -> Result<(), Broken> {
    let place = &world.places[index];
    let store = place.store.borrow();
    let kept: BTreeSet<_> = store.quarantine.keys().copied().collect();
    let net = world.net.borrow();
    let bad = net.server.rows.iter().filter(|row| world.rogue.contains(&row.envelope.device));
    let bad: BTreeSet<_> = bad.map(|row| seal::digest(&row.envelope)).collect();
    let due = if place.caller.office { kept == bad } else { kept.is_subset(&bad) };
    let why = || store.quarantine.values().map(|(row, why)| (row.seq, *why)).collect::<Vec<_>>();
    if due { Ok(()) } else { Err(("quarantine", format!("{index}: {:?}, bad are {}", why(), bad.len()))) }
}
