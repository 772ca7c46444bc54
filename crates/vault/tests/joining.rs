//! Guards the way in: an invite used late, twice or altered, keys swapped on the way, answers of others.
#![allow(clippy::unwrap_used, reason = "tests")]

mod workspace;

use kefu_vault::roster::MemberAct;
use kefu_vault::welcome::WelcomeError;
use kefu_vault::{Invite, InviteError, Issuer, JoinRequest, Roster, Welcome};
use uuid::Uuid;
use workspace::{Person, WORKSPACE, Workspace, admit, server};

const NOW: i64 = 10_000;
const EXPIRES: i64 = 20_000;

fn invite(world: &Workspace, member: Uuid) -> Invite {
    Invite::random(WORKSPACE, member, world.root.fingerprint(), EXPIRES, server(700)).unwrap()
}

/// A world in which somebody was invited, has asked, was admitted and answered.
struct Joined {
    world: Workspace,
    invite: Invite,
    person: Person,
    request: JoinRequest,
    answer: Vec<u8>,
}

fn joined() -> Joined {
    let mut world = Workspace::new();
    let person = Person::new(9, 19);
    let invite = invite(&world, person.id.member);
    let request = JoinRequest::new(&invite, person.id.device, "B1", &person.keys, NOW).unwrap();
    let answer = answer(&mut world, &invite, &request, &person);
    Joined { world, invite, person, request, answer }
}

fn answer(world: &mut Workspace, invite: &Invite, request: &JoinRequest, person: &Person) -> Vec<u8> {
    let act = admit(world.admin.issuer(), person, &["reception"]);
    world.as_admin(act.clone()).unwrap();
    let MemberAct::Admit { certificate, .. } = act else { unreachable!() };
    let welcome = Welcome {
        certificate: *certificate,
        log: world.roster.head(),
        desk_key: Some(world.desk_key.clone()),
        authority: vec![1, 2, 3],
    };
    welcome.seal(invite, request, world.admin.issuer()).unwrap()
}

#[test]
fn the_whole_way_in() {
    let joined = joined();
    let shown = joined.invite.text().unwrap();
    let invite = Invite::parse(&shown).unwrap();
    let sent = JoinRequest::decode(&joined.request.encode()).unwrap();
    assert_eq!(sent.check(&invite, NOW, false), Ok(()));
    assert_eq!(sent.fingerprint(&invite), joined.request.fingerprint(&joined.invite), "both screens show the same");
    let roster = Roster::replay(invite.workspace, &invite.root, &joined.world.encoded()).unwrap();
    let welcome = Welcome::open(&joined.answer, &invite, &joined.request, &joined.person.keys, &roster).unwrap();
    assert_eq!(welcome.desk_key.unwrap().id(), joined.world.desk_key.id());
    assert_eq!((welcome.log, welcome.authority), (roster.head(), vec![1, 2, 3]));
    assert_eq!(welcome.certificate.says.seat, joined.person.id);
}

#[test]
fn an_invite_is_read_back_however_it_was_copied() {
    let world = Workspace::new();
    let one = invite(&world, Uuid::from_u128(9));
    let text = one.text().unwrap();
    assert!(text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ':'));
    let same = |typed: &str| Invite::parse(typed).is_ok_and(|read| read.text().unwrap() == text);
    assert!(same(&text) && same(&text.to_lowercase()) && same(&text["KEFU:".len()..]));
    let lines: Vec<&str> = text.as_bytes().chunks(40).map(|line| std::str::from_utf8(line).unwrap()).collect();
    assert!(same(&format!("  {}\n", lines.join("\r\n"))));
    for place in 5..text.len() {
        let other = if &text[place..=place] == "7" { "8" } else { "7" };
        let slip = format!("{}{other}{}", &text[..place], &text[place + 1..]);
        assert_eq!(Invite::parse(&slip).err(), Some(InviteError::Unreadable), "place {place}");
    }
    assert!(
        Invite::parse(&text[..text.len() - 8]).is_err() && Invite::parse("").is_err() && Invite::parse("客").is_err()
    );
    let mut pooled = one.clone();
    pooled.server.pooled = true;
    assert_eq!(Invite::parse(&pooled.text().unwrap()).unwrap().server, pooled.server);
    let with = |authority| {
        let mut other = one.clone();
        other.server = server(authority);
        other.text().map(|text| text.len())
    };
    assert!(with(0).unwrap() < 400, "a small QR code");
    assert_eq!(with(3_000), Err(InviteError::TooLong));
    let again = invite(&world, Uuid::from_u128(9));
    assert_ne!((one.id(), one.password()), (again.id(), again.password()), "every invite has a secret of its own");
}

#[test]
fn late_used_and_foreign_invites_have_their_names() {
    let joined = joined();
    let (invite, request) = (&joined.invite, &joined.request);
    let check = |request: &JoinRequest, now: i64, used: bool, expected| {
        assert_eq!(request.check(invite, now, used), expected);
    };
    check(request, EXPIRES - 1, false, Ok(()));
    check(request, EXPIRES, false, Err(InviteError::Expired));
    check(request, NOW, true, Err(InviteError::Used));
    let other = Invite::random(WORKSPACE, joined.person.id.member, invite.root, EXPIRES, server(0)).unwrap();
    assert_eq!(request.check(&other, NOW, false), Err(InviteError::OtherInvite));
    let late = JoinRequest::new(invite, joined.person.id.device, "B1", &joined.person.keys, EXPIRES);
    assert_eq!(late.err(), Some(InviteError::Expired));
    // Who knows the id but not the secret, as the shared database does, makes no request.
    let mut forged = JoinRequest::new(&other, joined.person.id.device, "B1", &joined.person.keys, NOW).unwrap();
    forged.invite = invite.id();
    check(&forged, NOW, false, Err(InviteError::Tampered));
}

#[test]
fn every_bit_of_a_request_and_of_an_answer_counts() {
    let joined = joined();
    let bytes = joined.request.encode();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let taken = JoinRequest::decode(&altered).is_some_and(|r| r.check(&joined.invite, NOW, false).is_ok());
        assert!(!taken, "request, bit {bit}");
    }
    for bit in 0..joined.answer.len() * 8 {
        let mut altered = joined.answer.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let opened = open(&joined, &altered);
        assert_eq!(opened, Err(WelcomeError::Tampered), "answer, bit {bit}");
    }
}

fn open(joined: &Joined, answer: &[u8]) -> Result<(), WelcomeError> {
    Welcome::open(answer, &joined.invite, &joined.request, &joined.person.keys, &joined.world.roster).map(drop)
}

#[test]
fn keys_swapped_on_the_way_are_noticed() {
    let joined = joined();
    let thief = Person::new(9, 19);
    let mut swapped = joined.request.clone();
    swapped.keys = thief.keys.public();
    assert_eq!(swapped.check(&joined.invite, NOW, false), Err(InviteError::Tampered));
    assert_ne!(swapped.fingerprint(&joined.invite), joined.request.fingerprint(&joined.invite));
    let mut moved = joined.request.clone();
    moved.seat.device = Uuid::from_u128(20);
    assert_eq!(moved.check(&joined.invite, NOW, false), Err(InviteError::Tampered));
}

#[test]
fn an_answer_is_taken_only_from_an_administrator_and_with_his_log() {
    let joined = joined();
    assert_eq!(open(&joined, &joined.answer), Ok(()));
    let roster = &joined.world.roster;
    let act = admit(joined.world.desk.issuer(), &joined.person, &[]);
    let MemberAct::Admit { certificate: by_desk, .. } = act else { unreachable!() };
    let act = admit(joined.world.admin.issuer(), &joined.person, &[]);
    let MemberAct::Admit { certificate: by_admin, .. } = act else { unreachable!() };
    let desk_key = kefu_vault::DeskKey::first(WORKSPACE).unwrap();
    let honest = Welcome { certificate: *by_admin, log: roster.head(), desk_key: None, authority: Vec::new() };
    let check = |welcome: &Welcome, issuer: Issuer, expected: Result<(), WelcomeError>| {
        let sealed = welcome.seal(&joined.invite, &joined.request, issuer).unwrap();
        assert_eq!(open(&joined, &sealed), expected);
    };
    let admin = joined.world.admin.issuer();
    check(&honest, admin, Ok(()));
    check(&honest, joined.world.desk.issuer(), Err(WelcomeError::NotAllowed));
    let by_desk = Welcome { certificate: *by_desk, ..honest.clone() };
    check(&by_desk, joined.world.desk.issuer(), Err(WelcomeError::NotAllowed));
    check(&Welcome { desk_key: Some(desk_key), ..honest.clone() }, admin, Err(WelcomeError::OtherLog));
    let mut other_log = honest.clone();
    other_log.log.hash[0] ^= 1;
    check(&other_log, admin, Err(WelcomeError::OtherLog));

    let before = Workspace::new();
    let unknown = Welcome::open(&joined.answer, &joined.invite, &joined.request, &joined.person.keys, &before.roster);
    assert!(matches!(unknown, Err(WelcomeError::NotAllowed)), "a roster of another root");
    let older = &joined.world.encoded()[..joined.world.log.len() - 1];
    let older = Roster::replay(WORKSPACE, &joined.invite.root, older).unwrap();
    let early = Welcome::open(&joined.answer, &joined.invite, &joined.request, &joined.person.keys, &older);
    assert!(matches!(early, Err(WelcomeError::OtherLog)), "a log without the admission");
}

#[test]
fn an_answer_opens_only_with_the_invite_and_the_keys() {
    let joined = joined();
    let roster = &joined.world.roster;
    let other_invite =
        Invite::random(WORKSPACE, joined.person.id.member, joined.invite.root, EXPIRES, server(0)).unwrap();
    let other_keys = Person::new(9, 19).keys;
    let by_secret = Welcome::open(&joined.answer, &other_invite, &joined.request, &joined.person.keys, roster);
    let by_keys = Welcome::open(&joined.answer, &joined.invite, &joined.request, &other_keys, roster);
    assert!(matches!(by_secret, Err(WelcomeError::Tampered)) && matches!(by_keys, Err(WelcomeError::Tampered)));
}

#[test]
fn neither_invite_nor_welcome_is_printed() {
    let joined = joined();
    assert_eq!(format!("{:?}", joined.invite), "Invite(…)");
    let welcome =
        Welcome::open(&joined.answer, &joined.invite, &joined.request, &joined.person.keys, &joined.world.roster);
    assert!(format!("{welcome:?}").contains("DeskKey(epoch 1, …)"));
}
