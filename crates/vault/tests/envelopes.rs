//! Guards promise 11 of the sealing: whatever is altered, swapped, moved or sent again is noticed, one by one.
#![allow(clippy::unwrap_used, reason = "tests")]

mod workspace;

use kefu_domain::Change;
use kefu_domain::change::Setting;
use kefu_domain::envelope::Envelope;
use kefu_vault::envelopes::{self, ChainBreak, EnvelopeError, Tail};
use kefu_vault::roster::{MemberAct, NotCounted, Roster};
use kefu_vault::{RecordKey, SeatKeys};
use uuid::Uuid;
use workspace::{Workspace, envelope, head, record_key, sign};

/// What a receiving device does before it believes anything.
fn receive(world: &Workspace, key: &RecordKey, envelope: &Envelope) -> Result<Vec<u8>, EnvelopeError> {
    envelopes::verify(envelope, &world.roster)?;
    Ok(envelopes::open(key, envelope)?.to_vec())
}

/// Those that do not hold, by their place.
fn verify_all(all: &[Envelope], roster: &Roster) -> Vec<(usize, EnvelopeError)> {
    let verified = envelopes::verify_all(all, roster);
    assert!(verified.iter().map(|(digest, _)| *digest).eq(all.iter().map(envelopes::hash)));
    let bad = verified.into_iter().enumerate().filter_map(|(at, (_, verified))| Some((at, verified.err()?)));
    bad.collect()
}

fn sign_together(all: &mut [Envelope], keys: &SeatKeys) {
    let proofs = envelopes::sign(&all.iter().map(envelopes::hash).collect::<Vec<_>>(), keys);
    all.iter_mut().zip(proofs).for_each(|(envelope, proof)| envelope.signature = proof);
}

#[test]
fn every_bit_counts() {
    let world = Workspace::new();
    let key = record_key(5);
    let mut waiting: Vec<Envelope> =
        (1..=5).map(|seq| envelope(&world.desk, &key, seq, [0; 32], "客户说了什么".as_bytes())).collect();
    sign_together(&mut waiting, &world.desk.keys);
    let good = waiting.remove(2);
    assert_eq!(receive(&world, &key, &good).unwrap(), "客户说了什么".as_bytes());
    let bytes = envelopes::encode(&good);
    assert_eq!(envelopes::decode(&bytes), Some(good.clone()));
    let mut read = 0;
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        if let Some(envelope) = envelopes::decode(&altered) {
            read += 1;
            assert!(envelopes::verify(&envelope, &world.roster).is_err(), "bit {bit}");
            assert_eq!(verify_all(&[envelope.clone(), good.clone()], &world.roster).len(), 1, "bit {bit}");
            let in_seal = envelope.signature == good.signature;
            assert!(!in_seal || envelopes::open(&key, &envelope).is_err(), "bit {bit}: the seal alone");
        }
    }
    assert!(read > 4_500, "only {read} bits were read back: the loop says nothing");
}

#[test]
fn fields_of_one_never_fit_another() {
    let world = Workspace::new();
    let (key, other_key) = (record_key(5), record_key(6));
    let one = envelope(&world.desk, &key, 1, [0; 32], b"one");
    let mut other = head(&world.admin, &other_key, 2, envelopes::hash(&one));
    other.kind = "visit".into();
    other.act = "close".into();
    other.schema = 2;
    other.suite = 9;
    other.workspace = Uuid::from_u128(0xb);
    other.clear.state = "closed".into();
    other.clear.department = "e".into();
    other.clear.assignees.pop();
    other.clear.received = None;
    other.clear.due = Some(7);
    other.clear.about = Some(Uuid::from_u128(6));
    let mut other = envelopes::seal(&other_key, other, b"two").unwrap();
    other.suite = 9;
    sign(&mut other, &world.admin.keys);

    type Swap = fn(&mut Envelope, &Envelope);
    let swaps: &[(&str, Swap)] = &[
        ("suite", |a, b| a.suite = b.suite),
        ("workspace", |a, b| a.workspace = b.workspace),
        ("change", |a, b| a.change = b.change),
        ("device", |a, b| a.device = b.device),
        ("seq", |a, b| a.seq = b.seq),
        ("previous", |a, b| a.previous = b.previous),
        ("at", |a, b| a.at = b.at),
        ("seat", |a, b| a.seat = b.seat),
        ("record", |a, b| a.record = b.record),
        ("kind", |a, b| a.kind.clone_from(&b.kind)),
        ("act", |a, b| a.act.clone_from(&b.act)),
        ("schema", |a, b| a.schema = b.schema),
        ("key", |a, b| a.key = b.key),
        ("state", |a, b| a.clear.state.clone_from(&b.clear.state)),
        ("department", |a, b| a.clear.department.clone_from(&b.clear.department)),
        ("assignees", |a, b| a.clear.assignees.clone_from(&b.clear.assignees)),
        ("received", |a, b| a.clear.received = b.clear.received),
        ("due", |a, b| a.clear.due = b.clear.due),
        ("about", |a, b| a.clear.about = b.clear.about),
        ("sealed", |a, b| a.sealed.clone_from(&b.sealed)),
        ("signature", |a, b| a.signature.clone_from(&b.signature)),
    ];
    for (name, swap) in swaps {
        let mut mixed = one.clone();
        swap(&mut mixed, &other);
        assert_ne!(mixed, one, "{name}: nothing was swapped");
        assert!(envelopes::verify(&mixed, &world.roster).is_err(), "{name}: signature");
        // One who can sign, but whose change was sealed to another head, is noticed by the seal.
        sign(&mut mixed, &world.desk.keys);
        let opened = envelopes::open(&key, &mixed);
        assert_eq!(opened.is_ok(), *name == "signature", "{name}: seal");
    }
}

#[test]
fn only_the_key_that_is_named_opens() {
    let world = Workspace::new();
    let key = record_key(5);
    let good = envelope(&world.desk, &key, 1, [0; 32], b"x");
    assert_eq!(receive(&world, &record_key(5), &good), Err(EnvelopeError::OtherKey));
    assert_eq!(receive(&world, &key.next().unwrap(), &good), Err(EnvelopeError::OtherKey));
    let mut renamed = good.clone();
    renamed.key = record_key(5).id();
    sign(&mut renamed, &world.desk.keys);
    assert_eq!(receive(&world, &key, &renamed), Err(EnvelopeError::OtherKey));
    let too_much = vec![0; envelopes::padding::LARGEST - 3];
    assert!(envelopes::seal(&key, head(&world.desk, &key, 1, [0; 32]), &too_much).is_err());
}

#[test]
fn sizes_tell_little() {
    let world = Workspace::new();
    let key = record_key(5);
    let size = |length: usize| envelope(&world.desk, &key, 1, [0; 32], &vec![b'x'; length]).sealed.len();
    assert_eq!([0, 100, 252].map(size), [256 + 40; 3]);
    assert_eq!([253, 508, 509, 1020].map(size), [512 + 40, 512 + 40, 1024 + 40, 1024 + 40]);
}

#[test]
fn the_author_has_to_count() {
    let mut world = Workspace::new();
    let key = record_key(5);
    let check = |world: &Workspace, envelope: &Envelope, expected: Result<(), EnvelopeError>| {
        assert_eq!(envelopes::verify(envelope, &world.roster), expected);
        let all = verify_all(std::slice::from_ref(envelope), &world.roster);
        assert_eq!(all, expected.err().map(|error| (0, error)).into_iter().collect::<Vec<_>>());
    };
    let early = envelope(&world.tech, &key, 7, [0; 32], b"x");
    let late = envelope(&world.tech, &key, 8, [0; 32], b"x");
    check(&world, &late, Ok(()));
    let until = [(world.tech.id.device, 7)].into();
    world.as_admin(MemberAct::Revoke { member: None, device: Some(world.tech.id.device), until }).unwrap();
    check(&world, &early, Ok(()));
    check(&world, &late, Err(EnvelopeError::NotCounted(NotCounted::Revoked { until: 7 })));

    let stranger = workspace::Person::new(9, 19);
    check(&world, &envelope(&stranger, &key, 1, [0; 32], b"x"), Err(EnvelopeError::NotCounted(NotCounted::Unknown)));
    let borrowed = workspace::Person { id: world.desk.id, keys: stranger.keys };
    check(&world, &envelope(&borrowed, &key, 1, [0; 32], b"x"), Err(EnvelopeError::BadSignature));
    let mut clock = head(&world.desk, &key, 1, [0; 32]);
    clock.at.device = world.admin.id.device;
    let mut clock = envelopes::seal(&key, clock, b"x").unwrap();
    sign(&mut clock, &world.desk.keys);
    check(&world, &clock, Err(EnvelopeError::OtherClock));
}

#[test]
fn one_bad_one_among_many_is_named_and_the_others_count() {
    let world = Workspace::new();
    let key = record_key(5);
    let mut all: Vec<Envelope> = (1..=200).map(|seq| envelope(&world.desk, &key, seq, [0; 32], b"x")).collect();
    all[17].clear.state = "closed".into();
    all[99].seat = Uuid::from_u128(99); // the desk may speak for him, but this is not what it signed
    all[150] = envelope(&world.tech, &key, 151, [0; 32], b"x");
    all[150].seat = Uuid::from_u128(99);
    let bad = verify_all(&all, &world.roster);
    let unknown = EnvelopeError::NotCounted(NotCounted::Unknown);
    assert_eq!(bad, [(17, EnvelopeError::BadSignature), (99, EnvelopeError::BadSignature), (150, unknown)]);
}

#[test]
fn what_is_signed_together_is_proven_alone() {
    let world = Workspace::new();
    let key = record_key(5);
    let mut all: Vec<Envelope> = (1..=37).map(|seq| envelope(&world.desk, &key, seq, [0; 32], b"x")).collect();
    sign_together(&mut all, &world.desk.keys);
    let signatures: std::collections::BTreeSet<&[u8]> = all.iter().map(|one| &one.signature[..64]).collect();
    assert_eq!(signatures.len(), 3, "one for sixteen");
    assert!(all.iter().all(|one| envelopes::verify(one, &world.roster).is_ok()), "each by itself");
    assert!(verify_all(&all, &world.roster).is_empty());
    assert!(all.iter().all(|one| envelopes::whose(one, &world.roster) == Some(world.desk.id)));

    let bad = |at: usize| (at, EnvelopeError::BadSignature);
    type Alter = fn(&mut Vec<Envelope>);
    let cases: &[(&str, Alter, &[usize])] = &[
        ("what is sealed", |all| all[3].sealed[40] ^= 1, &[3]),
        ("the signature", |all| all[20].signature[9] ^= 1, &[20]),
        ("a node", |all| all[5].signature[64 + 40] ^= 1, &[5]),
        ("one node less", |all| all[5].signature.truncate(64 + 32), &[5]),
        ("no nodes", |all| all[5].signature.truncate(64), &[5]),
        ("one node more", |all| all[5].signature.extend([0; 32]), &[5]),
        ("bytes that are no node", |all| all[5].signature.push(0), &[5]),
        ("no signature", |all| all[36].signature.clear(), &[36]),
        ("more nodes than are followed", |all| all[36].signature.extend([0; 32 * 9]), &[36]),
        ("a proof of another", |all| all[1].signature = all[2].signature.clone(), &[1]),
        (
            "another signature with its way",
            |all| {
                let other = all[30].signature[..64].to_vec();
                all[1].signature[..64].copy_from_slice(&other);
            },
            &[1],
        ),
    ];
    for (name, alter, places) in cases {
        let mut altered = all.clone();
        alter(&mut altered);
        assert_eq!(verify_all(&altered, &world.roster), places.iter().copied().map(bad).collect::<Vec<_>>(), "{name}");
        let alone = altered.iter().enumerate().filter(|(_, one)| envelopes::verify(one, &world.roster).is_err());
        assert_eq!(alone.map(|(at, _)| at).collect::<Vec<_>>(), *places, "{name}");
    }
}

#[test]
fn the_chain_names_what_is_wrong_with_it() {
    let world = Workspace::new();
    let key = record_key(5);
    let one = envelope(&world.desk, &key, 1, [0; 32], b"1");
    let two = envelope(&world.desk, &key, 2, envelopes::hash(&one), b"2");
    let three = envelope(&world.desk, &key, 3, envelopes::hash(&two), b"3");
    let start = Tail::start(world.desk.id.device);
    let after_one = start.follow(&one).unwrap();
    let after_two = after_one.follow(&two).unwrap();
    assert!(after_two.follow(&three).is_ok());

    let check = |tail: Tail, next: &Envelope, expected: ChainBreak| assert_eq!(tail.follow(next), Err(expected));
    check(start, &two, ChainBreak::Gap { expected: 1, found: 2 });
    check(after_one, &three, ChainBreak::Gap { expected: 2, found: 3 });
    check(after_two, &two, ChainBreak::Known);
    check(after_two, &one, ChainBreak::Behind { seq: 1 });
    check(after_two, &envelope(&world.desk, &key, 2, envelopes::hash(&one), b"!"), ChainBreak::Fork { seq: 2 });
    check(after_one, &envelope(&world.desk, &key, 2, [7; 32], b"2"), ChainBreak::Fork { seq: 1 });
    check(after_one, &envelope(&world.desk, &key, 0, [0; 32], b"0"), ChainBreak::Behind { seq: 0 });
    check(after_one, &envelope(&world.admin, &key, 2, envelopes::hash(&one), b"2"), ChainBreak::OtherDevice);
    check(Tail { seq: u64::MAX, ..after_one }, &two, ChainBreak::Behind { seq: 2 });
}

#[test]
fn the_change_has_to_say_what_its_head_says() {
    let world = Workspace::new();
    let key = record_key(5);
    let head = head(&world.desk, &key, 1, [0; 32]);
    let honest = Change {
        v: head.schema,
        id: head.change,
        seq: 40,
        at: head.at,
        zone: 480,
        seat: head.seat,
        record: head.record,
        kind: head.kind.clone(),
        act: head.act.clone(),
        reason: None,
        set: Default::default(),
        add: Default::default(),
        strike: Vec::new(),
        seen: None,
    };
    assert_eq!(envelopes::agrees(&head, &honest), Ok(()));
    let check = |alter: fn(&mut Change), field: &'static str| {
        let mut change = honest.clone();
        alter(&mut change);
        assert_eq!(envelopes::agrees(&head, &change), Err(EnvelopeError::Disagrees(field)));
    };
    check(|change| change.v = 2, "schema");
    check(|change| change.id = Uuid::nil(), "change");
    check(|change| change.at.n = 1, "at");
    check(|change| change.seat = Uuid::nil(), "seat");
    check(|change| change.record = Uuid::nil(), "record");
    check(|change| change.kind = "visit".into(), "kind");
    check(|change| change.act = "close".into(), "act");
}

#[test]
fn what_a_visit_asks_after_stands_in_its_head() {
    let key = record_key(5);
    let world = Workspace::new();
    let mut head = head(&world.desk, &key, 1, [0; 32]);
    (head.kind, head.act) = ("visit".into(), "visit_plan".into());
    let form = |form: u128| Setting { to: Uuid::from_u128(form).to_string().into(), was: Vec::new() };
    let check = |about: Option<u128>, set: Option<(&str, u128)>, expected: Result<(), EnvelopeError>| {
        let mut head = head.clone();
        head.clear.about = about.map(Uuid::from_u128);
        let change = Change {
            v: head.schema,
            id: head.change,
            seq: 40,
            at: head.at,
            zone: 480,
            seat: head.seat,
            record: head.record,
            kind: head.kind.clone(),
            act: head.act.clone(),
            reason: None,
            set: set.map(|(key, id)| (key.to_string(), form(id))).into_iter().collect(),
            add: Default::default(),
            strike: Vec::new(),
            seen: None,
        };
        assert_eq!(envelopes::agrees(&head, &change), expected, "{about:?} {set:?}");
        // With it and without, the head is read back as it was written.
        let sealed = envelopes::seal(&key, head, b"x").unwrap();
        assert_eq!(envelopes::decode(&envelopes::encode(&sealed)), Some(sealed));
    };
    let disagrees = Err(EnvelopeError::Disagrees("about"));
    check(Some(8), Some(("form", 8)), Ok(()));
    check(Some(9), Some(("form", 8)), disagrees);
    check(None, Some(("form", 8)), disagrees);
    check(None, Some(("matter", 8)), disagrees);
    check(Some(8), Some(("matter", 8)), Ok(()));
    check(Some(8), None, Ok(())); // a later act of the same visit
    check(None, None, Ok(()));
}

#[test]
fn a_device_that_holds_the_change_needs_no_ciphertext() {
    let world = Workspace::new();
    let key = record_key(5);
    let sent = envelope(&world.desk, &key, 1, [0; 32], "漏水".as_bytes());
    let bare = envelopes::bare(&sent).unwrap();
    assert!(bare.len() < envelopes::encode(&sent).len());
    let again = envelopes::restore(&bare, &key, "漏水".as_bytes()).unwrap();
    assert_eq!((&again, envelopes::hash(&again)), (&sent, envelopes::hash(&sent)), "byte for byte");
    assert_eq!(envelopes::bare_head(&bare).unwrap().head(), sent.head());
    let other = envelopes::restore(&bare, &key, "漏气".as_bytes()).unwrap();
    assert_eq!(envelopes::verify(&other, &world.roster), Err(EnvelopeError::BadSignature));
    assert_eq!(envelopes::restore(&bare, &record_key(6), "漏水".as_bytes()), None, "another key");
    assert_eq!(envelopes::bare(&Envelope { sealed: vec![0; 23], ..sent }), None);
}
