//! What people do at a device: real acts of the table, mostly legal where they stand, on fields that others write too.

use std::collections::BTreeMap;

use kefu_domain::change::{ENCODING, Setting, act, kind};
use kefu_domain::envelope::{Clear, SUITE};
use kefu_domain::process::role;
use kefu_domain::process::table::{Row, TABLE};
use kefu_domain::{Change, Line, Record, Stamp};
use kefu_sync::wire::Wrap;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::random::Random;
use crate::seal;
use crate::store::Store;

const ASSIGNEES: &str = "assignees";
const FIELDS: [&str; 4] = ["customer.name", "customer.phone", "complaint.text", "handling.solution"];

/// What the checker has to know of a change, whatever becomes of it.
#[derive(Debug, Clone)]
pub struct Authored {
    pub change: Uuid,
    /// The last change of the record that its author saw, and the last that its device made.
    pub after: Vec<Uuid>,
    pub withheld: Option<Uuid>,
}

/// The keys that a change makes necessary: for the desk, and for everybody it is assigned to.
pub fn wraps(record: Uuid, clear: &Clear) -> Vec<Wrap> {
    let members = std::iter::once(None).chain(clear.assignees.iter().map(|member| Some(*member)));
    members.map(|member| Wrap { record, key: seal::key_of(record), member, sealed: vec![1] }).collect()
}

/// One act at `store`; none where there is nothing to act on. Of a hundred new records, the keys of so many are `withheld`.
pub fn act(store: &mut Store, random: &mut Random, technicians: &[Uuid], withheld: usize) -> Option<Authored> {
    let fresh = store.office && (store.folders.is_empty() || random.percent(6));
    let record = if fresh { Uuid::from_u128(random.wide()) } else { choose(store, random)? };
    let withhold = fresh && random.percent(withheld);
    let name = if fresh { act::REGISTER } else { choose_act(store, record, random) };
    Some(write(store, random, record, name, technicians, withhold))
}

/// A line to a record, with its keys.
pub fn note(store: &mut Store, random: &mut Random, record: Uuid) -> Authored {
    write(store, random, record, act::NOTE, &[], false)
}

/// Mostly one that was lately written to, so that people meet.
fn choose(store: &Store, random: &mut Random) -> Option<Uuid> {
    let near = store.recent.len().min(if random.percent(70) { 6 } else { 60 });
    let record = *store.recent.get(store.recent.len().checked_sub(1 + random.below(near))?)?;
    let holds = store.office || store.held.contains_key(&record);
    (store.folders.contains_key(&record) && holds).then_some(record)
}

fn choose_act(store: &mut Store, record: Uuid, random: &mut Random) -> &'static str {
    let state = store.folders.get_mut(&record).map(|folder| folder.view().state.clone()).unwrap_or_default();
    let office = store.office;
    let any = random.percent(6);
    let rare = random.percent(96);
    let fits = |row: &&Row| {
        let may = office || row.roles.contains(&role::TECHNICIAN);
        let ends = [act::VOID, act::FILE, act::MERGE, act::CLOSE, act::PRINT].contains(&row.act);
        row.act != act::REGISTER && (any || (may && row.from.contains(&state.as_str()) && !(ends && rare)))
    };
    let rows: Vec<&Row> = TABLE.iter().filter(fits).collect();
    rows.get(random.below(rows.len())).map_or(act::CORRECT, |row| row.act)
}

fn write(
    store: &mut Store,
    random: &mut Random,
    record: Uuid,
    name: &str,
    technicians: &[Uuid],
    withhold: bool,
) -> Authored {
    let id = Uuid::from_u128(random.wide());
    let now_ms = (store.wall_ms + store.offset_ms).max(0) as u64;
    let at = Stamp::next(store.last(), now_ms, store.device);
    let seen = store.folders.get(&record).and_then(|folder| folder.changes().next_back()).map(|change| change.id);
    let own = store.own.last().map(|own| own.change.id);
    let view = match store.folders.get_mut(&record) {
        Some(folder) => folder.view(),
        None => &Record::default(),
    };
    let mut set = BTreeMap::new();
    let mut to = |key: &str, to: Value| set.insert(key.to_string(), Setting { to, was: view.stamps(key) });
    for _ in 0..random.below(3) {
        to(FIELDS[random.below(FIELDS.len())], json!(id.as_u128() as u32));
    }
    if [act::DISPATCH, act::TRANSFER, act::ACCEPT, act::REGISTER].contains(&name) && !technicians.is_empty() {
        let some: Vec<&Uuid> = technicians.iter().filter(|_| random.percent(40)).collect();
        to(ASSIGNEES, json!(some));
    }
    let lines: Vec<Uuid> = view.lists.values().flatten().map(|line| line.id).collect();
    let strike = lines.get(random.below(lines.len() * 4)).copied().into_iter().collect();
    let line = Line { id: Uuid::from_u128(id.as_u128() ^ 1), values: BTreeMap::new(), struck: false };
    let add = if random.percent(30) { [("process".to_string(), vec![line])].into() } else { BTreeMap::new() };
    let change = Change {
        v: ENCODING,
        id,
        seq: store.own.len() as u64 + 1,
        at,
        zone: 480,
        seat: store.member,
        record,
        kind: kind::FORM.into(),
        act: name.into(),
        reason: None,
        set,
        add,
        strike,
        seen: None,
    };
    let mut after = view.clone();
    after.apply(&change);
    let clear = Clear { state: after.state.clone(), assignees: assignees(&after), ..Clear::default() };
    let suite = if store.program >= seal::NEWER { seal::NEWER } else { SUITE };
    let mut wraps = if withhold { Vec::new() } else { wraps(record, &clear) };
    wraps.retain(|wrap| store.office || wrap.member.is_some()); // a technician has the record's key, not the desk's
    store.keys.insert(seal::key_of(record));
    store.queue(change, suite, clear, wraps, false);
    Authored { change: id, after: seen.into_iter().chain(own).collect(), withheld: withhold.then_some(record) }
}

fn assignees(record: &Record) -> Vec<Uuid> {
    record.get(ASSIGNEES).and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}
