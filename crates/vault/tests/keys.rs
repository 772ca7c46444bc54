//! Guards who can open what: desk keys through their turns, record keys by epoch, grants, and promise 8 in small.
#![allow(clippy::unwrap_used, reason = "tests")]

mod workspace;

use kefu_vault::grant::GrantError;
use kefu_vault::roster::MemberAct;
use kefu_vault::{DatabaseKey, DeskKey, DeskKeys, Grant, RecordKey, Unsealable, WrapKey, envelopes};
use uuid::Uuid;
use workspace::{Person, WORKSPACE, Workspace, envelope, record_key, roles};

#[test]
fn after_three_turns_the_newest_key_reads_all_and_no_older_one_reads_on() {
    let first = DeskKey::first(WORKSPACE).unwrap();
    let mut keys = vec![first];
    let mut history = Vec::new();
    for _ in 0..3 {
        let (next, sealed) = keys.last().unwrap().turn().unwrap();
        keys.push(next);
        history.push(sealed);
    }
    assert_eq!(keys.iter().map(DeskKey::epoch).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let wraps: Vec<_> = keys.iter().map(|desk| record_key(u128::from(desk.epoch())).wrap(desk).unwrap()).collect();

    // A new office seat gets the newest key only, and opens every record.
    let mut all = DeskKeys::default();
    let mut now = keys[3].clone();
    all.add(now.clone());
    for (sealed, older) in history.iter().rev().zip(keys.iter().rev().skip(1)) {
        assert_eq!(now.earlier(&[0; 16], sealed).err(), Some(Unsealable), "another id than the log names");
        now = now.earlier(&older.id(), sealed).unwrap();
        all.add(now.clone());
    }
    assert!(wraps.iter().all(|wrap| wrap.unwrap(&all).is_ok_and(|key| key.id() == wrap.key)));
    assert_eq!(all.newest().unwrap().id(), keys[3].id());

    // Who left at epoch 2 has 1 and 2, and nothing in the database leads him on.
    let mut left = DeskKeys::default();
    left.add(keys[0].clone());
    left.add(keys[1].clone());
    let opened: Vec<bool> = wraps.iter().map(|wrap| wrap.unwrap(&left).is_ok()).collect();
    assert_eq!(opened, [true, true, false, false]);
    for sealed in &history[1..] {
        assert!(keys[..2].iter().all(|key| (2..4).all(|later| key.earlier(&keys[later].id(), sealed).is_err())));
    }
}

#[test]
fn a_desk_key_is_handed_to_one_seat_and_only_the_one_that_the_log_names() {
    let world = Workspace::new();
    let named = world.roster.desk_key().unwrap();
    let desk = &world.desk;
    let sealed = world.desk_key.seal_to(desk.id, &desk.keys.public().receive).unwrap();
    let open = |named, person: &Person, sealed: &[u8]| DeskKey::open(WORKSPACE, named, person.id, &person.keys, sealed);
    assert_eq!(open(named, desk, &sealed).unwrap().id(), named.1);
    assert!(open(named, &world.tech, &sealed).is_err());
    assert!(open((2, named.1), desk, &sealed).is_err());
    let made_up = DeskKey::first(WORKSPACE).unwrap().seal_to(desk.id, &desk.keys.public().receive).unwrap();
    assert!(open(named, desk, &made_up).is_err(), "a key that the database made up");
}

#[test]
fn a_wrap_fits_its_record_epoch_and_desk_only() {
    let world = Workspace::new();
    let keys = world.desk_keys();
    let (key, other) = (record_key(5), record_key(6));
    let good = key.wrap(&world.desk_key).unwrap();
    assert_eq!(good.unwrap(&keys).unwrap().id(), key.id());
    let mut swapped = other.wrap(&world.desk_key).unwrap();
    swapped.of = good.of;
    assert!(swapped.unwrap(&keys).is_err());
    let mut renamed = good.clone();
    renamed.key = other.id();
    assert!(renamed.unwrap(&keys).is_err());
    let mut later = good.clone();
    later.of.epoch = 2;
    assert!(later.unwrap(&keys).is_err());
    for bit in 0..good.sealed.len() * 8 {
        let mut altered = good.clone();
        altered.sealed[bit / 8] ^= 1 << (bit % 8);
        assert!(altered.unwrap(&keys).is_err(), "bit {bit}");
    }
    assert!(good.unwrap(&DeskKeys::default()).is_err());
}

#[test]
fn a_technician_opens_exactly_what_was_granted_to_him() {
    let world = Workspace::new();
    let keys: Vec<RecordKey> = (0..20).map(record_key).collect();
    let sealed: Vec<_> = keys.iter().map(|key| envelope(&world.desk, key, 1, [0; 32], b"secret")).collect();
    let tech = &world.tech;
    let dump: Vec<Grant> = keys
        .iter()
        .enumerate()
        .filter(|(i, _)| i % 2 == 0)
        .map(|(i, key)| {
            let to = if i % 4 == 0 { tech } else { &world.other_tech };
            Grant::seal(key, to.id, &to.keys.public().receive, world.desk.id, &world.desk.keys).unwrap()
        })
        .collect();
    // He tries every grant in the dump, also under his own name.
    let relabelled = dump.iter().map(|grant| Grant { to: tech.id, ..grant.clone() });
    let all = dump.iter().cloned().chain(relabelled);
    let opened: Vec<RecordKey> = all.filter_map(|grant| grant.open(tech.id, &tech.keys, &world.roster).ok()).collect();
    let readable: Vec<usize> =
        (0..20).filter(|i| opened.iter().any(|key| envelopes::open(key, &sealed[*i]).is_ok())).collect();
    assert_eq!(readable, [0, 4, 8, 12, 16]);
}

#[test]
fn who_was_taken_off_a_record_cannot_open_its_next_epoch() {
    let world = Workspace::new();
    let key = record_key(5);
    let (tech, other) = (&world.tech, &world.other_tech);
    let grant = |key: &RecordKey, to: &Person| {
        Grant::seal(key, to.id, &to.keys.public().receive, world.desk.id, &world.desk.keys).unwrap()
    };
    let held = grant(&key, tech).open(tech.id, &tech.keys, &world.roster).unwrap();
    let next = key.next().unwrap();
    assert_eq!(next.of().epoch, 2);
    let for_other = grant(&next, other);
    let change = envelope(&world.desk, &next, 2, [0; 32], b"after");
    assert!(envelopes::open(&held, &change).is_err());
    assert!(for_other.open(tech.id, &tech.keys, &world.roster).is_err());
    let mut renamed = for_other.clone();
    renamed.to = tech.id;
    assert!(renamed.open(tech.id, &tech.keys, &world.roster).is_err());
    let fresh = for_other.open(other.id, &other.keys, &world.roster).unwrap();
    assert_eq!(envelopes::open(&fresh, &change).unwrap().as_slice(), b"after");
    let earlier = envelope(&world.desk, &key, 1, [0; 32], b"before");
    assert!(envelopes::open(&held, &earlier).is_ok(), "what he could read he keeps");
}

#[test]
fn grants_of_the_wrong_hands_have_their_names() {
    let mut world = Workspace::new();
    let key = record_key(5);
    let tech = Person { id: world.tech.id, keys: world.tech.keys.clone() };
    let receive = tech.keys.public().receive;
    let good = Grant::seal(&key, tech.id, &receive, world.desk.id, &world.desk.keys).unwrap();
    let open = |grant: &Grant, world: &Workspace| grant.open(tech.id, &tech.keys, &world.roster).map(|key| key.id());
    assert_eq!(open(&good, &world), Ok(key.id()));
    assert!(good.is_current(&world.roster));

    let server = Person::new(8, 18);
    let made_up = Grant::seal(&key, tech.id, &receive, server.id, &server.keys).unwrap();
    assert_eq!(open(&made_up, &world), Err(GrantError::UnknownGiver));
    let made_up = Grant::seal(&key, tech.id, &receive, world.desk.id, &server.keys).unwrap();
    assert_eq!(open(&made_up, &world), Err(GrantError::BadSignature));
    let mut altered = good.clone();
    altered.sealed[40] ^= 1;
    assert_eq!(open(&altered, &world), Err(GrantError::BadSignature));
    assert_eq!(
        good.open(world.other_tech.id, &world.other_tech.keys, &world.roster).err(),
        Some(GrantError::OtherSeat)
    );
    let wrong_keys = good.open(tech.id, &world.other_tech.keys, &world.roster);
    assert_eq!(wrong_keys.err(), Some(GrantError::Unsealable));
    let by_tech = Grant::seal(&key, tech.id, &receive, world.other_tech.id, &world.other_tech.keys).unwrap();
    assert!(open(&by_tech, &world).is_ok() && !by_tech.is_current(&world.roster), "no desk: to read, not to write");

    let member = world.desk.id.member;
    world.as_admin(MemberAct::SetRoles { member, roles: roles(&["technician"]) }).unwrap();
    assert!(open(&good, &world).is_ok() && !good.is_current(&world.roster), "who has left the office");
}

#[test]
fn keys_lie_wrapped_in_the_local_database() {
    let desk = DatabaseKey::random().unwrap();
    let (own, other) = (WrapKey::of(&desk), WrapKey::of(&DatabaseKey::random().unwrap()));
    let key = record_key(5);
    let here = key.wrap_here(&own).unwrap();
    assert_eq!(RecordKey::unwrap_here(&own, key.of(), &key.id(), &here).unwrap().id(), key.id());
    assert!(RecordKey::unwrap_here(&other, key.of(), &key.id(), &here).is_err());
    assert!(RecordKey::unwrap_here(&own, key.of(), &record_key(5).id(), &here).is_err());
    let desk_key = DeskKey::first(WORKSPACE).unwrap();
    let here = desk_key.wrap(&own).unwrap();
    assert_eq!(DeskKey::unwrap(&own, WORKSPACE, 1, &here).unwrap().id(), desk_key.id());
    assert!(DeskKey::unwrap(&own, WORKSPACE, 2, &here).is_err());
    assert!(DeskKey::unwrap(&own, Uuid::nil(), 1, &here).is_err());
    assert!(DeskKey::unwrap(&other, WORKSPACE, 1, &here).is_err());
    for shown in [format!("{key:?}"), format!("{desk_key:?}"), format!("{own:?}")] {
        assert!(shown.contains('…') && shown.len() < 80, "{shown}");
    }
}
