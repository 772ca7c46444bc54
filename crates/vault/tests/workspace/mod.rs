//! A workspace for the tests: its root, an administrator at a desk, a receptionist and two technicians.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeSet;

use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, Envelope};
use kefu_vault::roster::{Entry, LogError, MemberAct};
use kefu_vault::{
    Certificate, DeskKey, DeskKeys, Issuer, RecordEpoch, RecordKey, Roster, SeatId, SeatKeys, Server, WorkspaceRoot,
    envelopes,
};
use uuid::Uuid;

pub const WORKSPACE: Uuid = Uuid::from_u128(0xa);

pub struct Person {
    pub id: SeatId,
    pub keys: SeatKeys,
}

impl Person {
    pub fn new(member: u128, device: u128) -> Self {
        let id = SeatId { member: Uuid::from_u128(member), device: Uuid::from_u128(device) };
        Person { id, keys: SeatKeys::random().unwrap() }
    }

    pub fn issuer(&self) -> Issuer<'_> {
        Issuer::Seat(self.id, &self.keys)
    }
}

pub struct Workspace {
    pub root: WorkspaceRoot,
    pub roster: Roster,
    pub log: Vec<Entry>,
    pub admin: Person,
    pub desk: Person,
    pub tech: Person,
    pub other_tech: Person,
    pub desk_key: DeskKey,
}

pub fn roles(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub fn admit(issuer: Issuer, person: &Person, names: &[&str]) -> MemberAct {
    let certificate = Certificate::issue(issuer, WORKSPACE, person.id, person.keys.public(), 1_000).unwrap();
    MemberAct::Admit { certificate: Box::new(certificate), roles: roles(names), code: String::new() }
}

impl Workspace {
    pub fn new() -> Self {
        let root = WorkspaceRoot::random().unwrap();
        let (roster, first) = Roster::found(WORKSPACE, &root, 1_000).unwrap();
        let people = [(1, 11), (2, 12), (3, 13), (4, 14)].map(|(member, device)| Person::new(member, device));
        let [admin, desk, tech, other_tech] = people;
        let desk_key = DeskKey::first(WORKSPACE).unwrap();
        let mut workspace = Workspace { root, roster, log: vec![first], admin, desk, tech, other_tech, desk_key };
        let member = workspace.admin.id.member;
        let act = admit(Issuer::Root(&workspace.root), &workspace.admin, &["reception"]);
        workspace.as_root(act).unwrap();
        workspace.as_root(MemberAct::GrantAdmin { member }).unwrap();
        for (person, role) in [(1, "reception"), (2, "technician"), (3, "technician")] {
            let person = [&workspace.admin, &workspace.desk, &workspace.tech, &workspace.other_tech][person];
            let act = admit(workspace.admin.issuer(), person, &[role]);
            workspace.as_admin(act).unwrap();
        }
        let act = MemberAct::TurnDeskKey { epoch: 1, key: workspace.desk_key.id() };
        workspace.as_admin(act).unwrap();
        workspace
    }

    pub fn as_root(&mut self, act: MemberAct) -> Result<(), LogError> {
        let entry = self.roster.write(Issuer::Root(&self.root), 2_000, act)?;
        self.log.push(entry);
        Ok(())
    }

    pub fn as_admin(&mut self, act: MemberAct) -> Result<(), LogError> {
        let entry = self.roster.write(Issuer::Seat(self.admin.id, &self.admin.keys), 2_000, act)?;
        self.log.push(entry);
        Ok(())
    }

    pub fn encoded(&self) -> Vec<Vec<u8>> {
        self.log.iter().map(Entry::encode).collect()
    }

    pub fn desk_keys(&self) -> DeskKeys {
        let mut keys = DeskKeys::default();
        keys.add(self.desk_key.clone());
        keys
    }
}

pub fn record_key(record: u128) -> RecordKey {
    RecordKey::random(RecordEpoch { workspace: WORKSPACE, record: Uuid::from_u128(record), epoch: 1 }).unwrap()
}

/// The head of change `seq` of `author` on `key`'s record.
pub fn head(author: &Person, key: &RecordKey, seq: u64, previous: [u8; 32]) -> Envelope {
    Envelope {
        suite: 0,
        workspace: WORKSPACE,
        change: Uuid::from_u128(u128::from(seq) << 64 | author.id.device.as_u128()),
        device: author.id.device,
        seq,
        previous,
        at: Stamp { ms: 1_700_000_000_000 + seq, n: 0, device: author.id.device },
        seat: author.id.member,
        record: key.of().record,
        kind: "form".into(),
        act: "note".into(),
        schema: 1,
        key: [0; 16],
        clear: Clear {
            state: "open".into(),
            department: "d".into(),
            assignees: vec![Uuid::from_u128(3), Uuid::from_u128(4)],
            received: Some(1_700_000_000),
            due: None,
            about: Some(Uuid::from_u128(5)),
        },
        sealed: Vec::new(),
        signature: Vec::new(),
    }
}

/// A signed envelope.
pub fn envelope(author: &Person, key: &RecordKey, seq: u64, previous: [u8; 32], change: &[u8]) -> Envelope {
    let mut envelope = envelopes::seal(key, head(author, key, seq, previous), change).unwrap();
    sign(&mut envelope, &author.keys);
    envelope
}

/// Signs one envelope by itself.
pub fn sign(envelope: &mut Envelope, keys: &SeatKeys) {
    envelope.signature = envelopes::sign(&[envelopes::hash(envelope)], keys).remove(0);
}

/// Where the shared database is, with a certificate of `authority` bytes.
pub fn server(authority: usize) -> Server {
    Server {
        address: "db.example.cn:5432".into(),
        database: "kefu".into(),
        login: "seat_0009".into(),
        authority: vec![0x30; authority],
        pooled: false,
    }
}
