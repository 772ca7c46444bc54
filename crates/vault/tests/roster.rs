//! Guards the member log: what each may do, and that forks, gaps, wrong orders and alterations have their names.
#![allow(clippy::unwrap_used, reason = "tests")]

mod workspace;

use std::collections::BTreeMap;

use kefu_vault::envelopes::EnvelopeError;
use kefu_vault::roster::{Entry, LogError, MemberAct, NotCounted, Unfit};
use kefu_vault::{Author, Certificate, Issuer, Roster, WorkspaceRoot};
use uuid::Uuid;
use workspace::{Person, WORKSPACE, Workspace, admit, head, record_key, roles};

/// Replays `log` for somebody who knows the fingerprint only.
fn replay(world: &Workspace, log: &[Vec<u8>]) -> Result<Roster, LogError> {
    Roster::replay(WORKSPACE, &world.root.fingerprint(), log)
}

#[test]
fn the_fingerprint_alone_gives_the_roster() {
    let world = Workspace::new();
    let roster = replay(&world, &world.encoded()).unwrap();
    assert_eq!(roster, world.roster);
    assert!(roster.is_admin(world.admin.id) && !roster.is_admin(world.desk.id));
    assert_eq!(roster.roles(world.admin.id.member), roles(&["admin", "reception"]));
    assert_eq!(roster.desk_key(), Some((1, world.desk_key.id())));
    let holders: Vec<_> = roster.desk_key_holders().map(|(id, _)| id).collect();
    assert_eq!(holders, [world.admin.id, world.desk.id]);
    assert!(!roster.desk_key_due());
    assert!(roster.contains(world.roster.head()));
}

#[test]
fn a_log_that_does_not_hold_together_is_named() {
    let world = Workspace::new();
    let log = world.encoded();
    let check = |order: &[usize], expected: LogError| {
        let shown: Vec<Vec<u8>> = order.iter().map(|i| log[*i].clone()).collect();
        assert_eq!(replay(&world, &shown), Err(expected), "{order:?}");
    };
    check(&[], LogError::Gap { expected: 1, found: 1 });
    check(&[1, 2], LogError::Gap { expected: 1, found: 2 });
    check(&[0, 1, 3], LogError::Gap { expected: 3, found: 4 });
    check(&[0, 2, 1, 3], LogError::Reordered { seq: 2 });
    check(&[1, 0, 2], LogError::Reordered { seq: 1 });
    check(&[0, 3, 2], LogError::Gap { expected: 2, found: 3 });
    let other = WorkspaceRoot::random().unwrap().fingerprint();
    assert_eq!(Roster::replay(WORKSPACE, &other, &log), Err(LogError::WrongRoot));
    let elsewhere = Roster::replay(Uuid::from_u128(0xb), &world.root.fingerprint(), &log);
    assert_eq!(elsewhere, Err(LogError::OtherWorkspace { seq: 1 }));
    assert_eq!(replay(&world, &[log[0].clone(), vec![1]]), Err(LogError::Unreadable { place: 2 }));
}

#[test]
fn forks_and_older_logs_are_seen_by_who_knew_more() {
    let mut world = Workspace::new();
    let before = world.roster.clone();
    let member = world.desk.id.member;
    let set = |names: &[&str]| MemberAct::SetRoles { member, roles: roles(names) };
    let mut twin = before.clone();
    let other = twin.write(world.admin.issuer(), 2_000, set(&["inspector"])).unwrap();
    world.as_admin(set(&["supervisor"])).unwrap();
    let seq = world.roster.head().seq;

    let mut known = world.roster.clone();
    assert_eq!(known.extend(&[other.encode()]), Err(LogError::Fork { seq }));
    assert!(!known.contains(twin.head()));
    let after = twin.write(world.admin.issuer(), 2_000, set(&["handler"])).unwrap();
    assert_eq!(known.extend(&[after.encode()]), Err(LogError::Fork { seq }));
    assert_eq!(known, world.roster, "nothing of a fork takes effect");
    assert_eq!(known.not_behind(before.head().seq), Err(LogError::Shorter { known: seq, found: seq - 1 }));
    assert_eq!(known.not_behind(seq), Ok(()));
    assert_eq!(known.extend(&world.encoded()), Ok(0), "the same again changes nothing");
    let mut behind = before;
    assert_eq!(behind.extend(&world.encoded()[3..]), Ok(1));
    assert_eq!(behind, world.roster);
}

#[test]
fn every_bit_of_an_entry_counts() {
    let world = Workspace::new();
    let log = world.encoded();
    for place in [0, 2, log.len() - 1] {
        for bit in 0..log[place].len() * 8 {
            let mut altered = log.clone();
            altered[place][bit / 8] ^= 1 << (bit % 8);
            assert!(replay(&world, &altered).is_err(), "entry {place} bit {bit}");
        }
    }
}

#[test]
fn each_may_do_what_the_log_gave_him() {
    let world = Workspace::new();
    let stranger = Person::new(9, 19);
    let next = world.roster.head().seq + 1;
    let until: BTreeMap<Uuid, u64> = [(world.desk.id.device, 3)].into();
    let member = world.desk.id.member;
    let root = Issuer::Root(&world.root);
    let check = |issuer: Issuer, act: MemberAct, expected: Result<(), LogError>| {
        let written = world.roster.clone().write(issuer, 3_000, act.clone()).map(drop);
        assert_eq!(written, expected, "{act:?} by {:?}", issuer.author());
    };
    let refused = Err(LogError::NotAllowed { seq: next });
    let unfit = |why| Err(LogError::Unfit { seq: next, why });
    let revoke = |member, device| MemberAct::Revoke { member, device, until: until.clone() };

    check(world.admin.issuer(), admit(world.admin.issuer(), &stranger, &["handler"]), Ok(()));
    check(root, admit(root, &stranger, &["handler"]), Ok(()));
    check(world.desk.issuer(), admit(world.desk.issuer(), &stranger, &["handler"]), refused);
    check(stranger.issuer(), admit(stranger.issuer(), &stranger, &["handler"]), refused);
    check(root, MemberAct::GrantAdmin { member }, Ok(()));
    check(world.admin.issuer(), MemberAct::GrantAdmin { member }, refused);
    check(world.admin.issuer(), MemberAct::WithdrawAdmin { member: world.admin.id.member }, refused);
    check(world.desk.issuer(), revoke(Some(member), None), refused);
    check(world.admin.issuer(), revoke(Some(member), None), Ok(()));
    check(world.admin.issuer(), revoke(None, Some(world.desk.id.device)), Ok(()));

    check(root, MemberAct::Found { root: world.root.public() }, unfit(Unfit::Founded));
    check(world.admin.issuer(), admit(root, &stranger, &[]), unfit(Unfit::Certificate));
    check(world.admin.issuer(), admit(world.admin.issuer(), &stranger, &["admin"]), unfit(Unfit::AdminAsRole));
    check(world.admin.issuer(), admit(world.admin.issuer(), &world.tech, &[]), unfit(Unfit::SeatKnown));
    let borrowed = Person { id: stranger.id, keys: world.tech.keys.clone() };
    check(world.admin.issuer(), admit(world.admin.issuer(), &borrowed, &[]), unfit(Unfit::KeyKnown));
    let nobody = MemberAct::SetRoles { member: Uuid::nil(), roles: roles(&[]) };
    check(world.admin.issuer(), nobody, unfit(Unfit::NoMember));
    check(world.admin.issuer(), revoke(None, None), unfit(Unfit::NothingToRevoke));
    check(world.admin.issuer(), revoke(Some(Uuid::nil()), None), unfit(Unfit::NothingToRevoke));
    check(world.admin.issuer(), revoke(Some(world.tech.id.member), None), unfit(Unfit::NoUntil));
    check(world.admin.issuer(), MemberAct::TurnDeskKey { epoch: 1, key: [1; 16] }, unfit(Unfit::Epoch));
    let again = MemberAct::TurnDeskKey { epoch: 2, key: world.desk_key.id() };
    check(world.admin.issuer(), again, unfit(Unfit::Epoch));
}

#[test]
fn a_borrowed_name_does_not_sign() {
    let world = Workspace::new();
    let thief = Person { id: world.admin.id, keys: world.desk.keys.clone() };
    let act = MemberAct::SetRoles { member: world.desk.id.member, roles: roles(&["supervisor"]) };
    let seq = world.roster.head().seq + 1;
    let written = world.roster.clone().write(thief.issuer(), 1, act).map(drop);
    assert_eq!(written, Err(LogError::BadSignature { seq }));
}

#[test]
fn who_was_revoked_writes_and_returns_no_more() {
    let mut world = Workspace::new();
    world.as_root(MemberAct::GrantAdmin { member: world.desk.id.member }).unwrap();
    let until = [(world.desk.id.device, 0)].into();
    world.as_admin(MemberAct::Revoke { member: None, device: Some(world.desk.id.device), until }).unwrap();
    assert!(world.roster.desk_key_due(), "an office seat left");
    assert!(!world.roster.is_admin(world.desk.id) && !world.roster.holds_desk_key(world.desk.id));
    let seq = world.roster.head().seq + 1;
    let act = MemberAct::SetRoles { member: world.tech.id.member, roles: roles(&[]) };
    let written = world.roster.clone().write(world.desk.issuer(), 1, act).map(drop);
    assert_eq!(written, Err(LogError::NotAllowed { seq }));
    let back = admit(world.admin.issuer(), &Person::new(2, 12), &["reception"]);
    assert_eq!(world.as_admin(back), Err(LogError::Unfit { seq, why: Unfit::SeatKnown }));
    let moved = Person { id: Person::new(2, 22).id, keys: world.desk.keys.clone() };
    let back = admit(world.admin.issuer(), &moved, &["reception"]);
    assert_eq!(world.as_admin(back), Err(LogError::Unfit { seq, why: Unfit::KeyKnown }));
    world.as_admin(admit(world.admin.issuer(), &Person::new(2, 22), &["reception"])).unwrap();
    let next = world.desk_key.turn().unwrap().0;
    world.as_admin(MemberAct::TurnDeskKey { epoch: 2, key: next.id() }).unwrap();
    assert!(!world.roster.desk_key_due());
}

#[test]
fn leaving_the_office_makes_a_new_desk_key_due() {
    let check = |names: &[&str], expected: bool| {
        let mut world = Workspace::new();
        let member = world.desk.id.member;
        world.as_admin(MemberAct::SetRoles { member, roles: roles(names) }).unwrap();
        assert_eq!(world.roster.desk_key_due(), expected, "{names:?}");
    };
    check(&["supervisor"], false);
    check(&["technician"], true);
    check(&["role_of_a_newer_version"], true);
    check(&["technician", "handler"], false);
    let mut world = Workspace::new();
    let until = [(world.tech.id.device, 0)].into();
    world.as_admin(MemberAct::Revoke { member: Some(world.tech.id.member), device: None, until }).unwrap();
    assert!(!world.roster.desk_key_due(), "a technician never held it");
}

#[test]
fn what_a_newer_version_writes_is_kept_without_effect() {
    let world = Workspace::new();
    let mut roster = world.roster.clone();
    let entry = roster.write(world.admin.issuer(), 1, MemberAct::Unknown).unwrap();
    assert_eq!((roster.unknown(), Entry::decode(&entry.encode()).as_ref()), (1, Some(&entry)));
    let json = r#"{"kind":"appoint_deputy","deputy":"x"}"#;
    assert_eq!(serde_json::from_str::<MemberAct>(json).unwrap(), MemberAct::Unknown);
    assert_eq!(serde_json::from_str::<Author>("\"root\"").unwrap(), Author::Root);
}

#[test]
fn every_bit_of_a_certificate_counts() {
    let world = Workspace::new();
    let (id, keys) = (world.desk.id, world.desk.keys.public());
    let certificate = Certificate::issue(Issuer::Root(&world.root), WORKSPACE, id, keys, 5).unwrap();
    assert!(certificate.is_by(&world.root.public()) && !certificate.is_by(&keys.sign));
    let bytes = certificate.encode();
    assert_eq!(Certificate::decode(&bytes), Some(certificate));
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let holds = Certificate::decode(&altered).is_some_and(|altered| altered.is_by(&world.root.public()));
        assert!(!holds, "bit {bit}");
    }
}

#[test]
fn a_desk_speaks_for_who_sits_at_it_and_a_technician_for_himself() {
    let mut world = Workspace::new();
    let (desk, tech) = (world.desk.id, world.tech.id);
    let stranger = Uuid::from_u128(77);
    let at = |device| kefu_vault::SeatId { member: stranger, device };
    let key = |world: &Workspace, device, seq| world.roster.author(at(device), seq);
    assert_eq!(key(&world, desk.device, 5), Ok(world.desk.keys.public().sign));
    assert_eq!(key(&world, tech.device, 5), Err(NotCounted::Unknown));
    assert!(world.roster.speaks_for(desk.device, stranger) && !world.roster.speaks_for(tech.device, stranger));

    let until = BTreeMap::from([(desk.device, 9)]);
    world.as_admin(MemberAct::Revoke { member: Some(desk.member), device: None, until }).unwrap();
    assert_eq!(key(&world, desk.device, 9), Ok(world.desk.keys.public().sign), "its history stays good");
    assert_eq!(key(&world, desk.device, 10), Err(NotCounted::Revoked { until: 9 }));
    assert!(!world.roster.speaks_for(desk.device, stranger));

    // Another member takes the desk over, with keys of his own.
    let next = Person { id: kefu_vault::SeatId { member: Uuid::from_u128(8), ..desk }, ..Person::new(0, 0) };
    let act = admit(world.admin.issuer(), &next, &["reception"]);
    world.as_admin(act).unwrap();
    assert_eq!(key(&world, desk.device, 9), Ok(world.desk.keys.public().sign));
    assert_eq!(key(&world, desk.device, 10), Ok(next.keys.public().sign));
}

#[test]
fn no_two_devices_have_one_code() {
    let mut world = Workspace::new();
    let mut admit_as = |member: u128, device: u128, name: &str| {
        let person = Person::new(member, device);
        let MemberAct::Admit { certificate, roles, .. } = admit(world.admin.issuer(), &person, &["reception"]) else {
            unreachable!()
        };
        world.as_admin(MemberAct::Admit { certificate, roles, code: name.into() })
    };
    assert_eq!(admit_as(20, 30, "A1"), Ok(()));
    assert_eq!(admit_as(21, 30, "A1"), Ok(()), "the same device");
    assert!(matches!(admit_as(22, 31, "A1"), Err(LogError::Unfit { why: Unfit::CodeKnown, .. })));
    assert_eq!(admit_as(22, 31, "A2"), Ok(()));
}

#[test]
fn a_copied_profile_goes_on_as_another_device_and_leaves_with_the_one_it_was() {
    let mut world = Workspace::new();
    let (tech, fresh) = (world.tech.id, Uuid::from_u128(99));
    let copy = kefu_vault::SeatId { device: fresh, ..tech };
    let key = record_key(1);
    let mut head = head(&world.tech, &key, 1, [0; 32]);
    (head.device, head.at.device) = (fresh, fresh);
    let mut envelope = kefu_vault::envelopes::seal(&key, head, b"{}").unwrap();
    workspace::sign(&mut envelope, &world.tech.keys);
    let verify = |world: &Workspace| kefu_vault::envelopes::verify(&envelope, &world.roster);
    assert_eq!(verify(&world), Err(EnvelopeError::NotCounted(NotCounted::Unknown)));
    assert_eq!(kefu_vault::envelopes::whose(&envelope, &world.roster), Some(tech));

    let renew = MemberAct::Renew { seat: tech, device: fresh };
    let by_tech = world.roster.clone().write(world.tech.issuer(), 2_000, renew.clone());
    assert!(matches!(by_tech, Err(LogError::NotAllowed { .. })));
    world.as_admin(renew.clone()).unwrap();
    assert!(matches!(world.as_admin(renew), Err(LogError::Unfit { why: Unfit::SeatKnown, .. })));
    assert_eq!(verify(&world), Ok(()));
    assert!(!world.roster.speaks_for(fresh, world.desk.id.member), "no desk because of it");

    assert_eq!(world.roster.revocable(None, Some(tech.device)), [tech, copy]);
    let until = |copy| BTreeMap::from([(tech.device, 3), (fresh, copy)]);
    let only = BTreeMap::from([(tech.device, 3)]);
    let revoke = |until| MemberAct::Revoke { member: None, device: Some(tech.device), until };
    assert!(matches!(world.as_admin(revoke(only)), Err(LogError::Unfit { why: Unfit::NoUntil, .. })));
    world.as_admin(revoke(until(0))).unwrap();
    assert_eq!(verify(&world), Err(EnvelopeError::NotCounted(NotCounted::Revoked { until: 0 })));
    let dead = MemberAct::Renew { seat: copy, device: Uuid::from_u128(100) };
    assert!(matches!(world.as_admin(dead), Err(LogError::Unfit { why: Unfit::NoMember, .. })));
}
