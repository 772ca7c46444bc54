//! Guards what an administrator's device does by itself: copied profiles named, roles that follow the members' records, and the
//! desk key turned when somebody goes into the field.

mod check;

use std::sync::Arc;

use chrono::Local;
use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, Envelope};
use kefu_sync::wire::{Answer, Outgoing};
use kefu_testkit::{MemoryRing, Postgres};
use kefu_vault::{RecordEpoch, RecordKey, SeatId, envelopes};
use tempfile::TempDir;
use uuid::Uuid;

use super::{connect, refresh};
use crate::Desk;
use crate::wire::{
    AdmitRequest, AskAgainRequest, Code, CreateWorkspaceRequest, InviteRequest, JoinRequest, Member, MemberRequest,
    RevokeRequest, SetupRequest, TakeOverRequest, UnlockRequest, WorkspaceSeat,
};

/// Passphrase on devices that join.
const JOINED: &str = "另一个测试用的口令";

struct Office {
    server: Postgres,
    /// The recovery kit as it is typed.
    kit: String,
    desk: Desk,
    folders: Vec<TempDir>,
}

fn desk() -> (Desk, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(|| Local::now().fixed_offset());
    (Desk::with(folder.path(), Arc::new(MemoryRing::default()), clock), folder)
}

impl Office {
    /// A desk with a workspace on a server of its own.
    async fn new() -> Self {
        let (desk, folder) = desk();
        Self::on(Postgres::start(), desk, folder).await
    }

    /// The same on a server that is given, with a desk that is not set up yet.
    async fn on(server: Postgres, desk: Desk, folder: TempDir) -> Self {
        server.sql("postgres", "CREATE DATABASE kefu");
        let request = SetupRequest {
            company: "良渚电器有限公司".into(),
            member: "孙丽".into(),
            employee_number: String::new(),
            post: String::new(),
            department: String::new(),
            device_code: "A1".into(),
            passphrase: "测试用的口令 8".into(),
        };
        desk.setup(request).await.unwrap();
        let kit = desk.create_workspace(installer(&server)).await.unwrap().recovery_kit.join(" ");
        Office { server, kit, desk, folders: vec![folder] }
    }

    async fn save(&self, id: Option<Uuid>, roles: &[&str]) -> Member {
        let request = MemberRequest {
            id,
            name: "王芳".into(),
            employee_number: String::new(),
            post: String::new(),
            department: "客服部".into(),
            phone_extension: String::new(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            active: true,
        };
        self.desk.save_member(request).await.unwrap()
    }

    /// Lets a device of `member` in.
    async fn join(&mut self, member: Uuid, code: &str) -> Desk {
        let invite = self.desk.invite(InviteRequest { member, days: 3 }).await.unwrap();
        let (other, folder) = desk();
        self.folders.push(folder);
        let passphrase = JOINED.into();
        let request = JoinRequest { invite: invite.text, device_code: code.into(), passphrase };
        assert!(other.join_workspace(request).await.unwrap().sent);
        let asked = self.desk.pending_joins().await.unwrap();
        let id = asked.into_iter().find(|asked| asked.state == "asked").unwrap().id;
        self.desk.admit_device(AdmitRequest { id }).await.unwrap();
        assert!(other.ask_admission().await.unwrap().waiting.is_none());
        other
    }

    async fn chores(&self) -> kefu_vault::Roster {
        let open = self.desk.open().unwrap();
        let place = open.place().await.unwrap();
        let mut shared = connect(&place).await.unwrap();
        let roster = refresh(&open, &place, &mut shared).await.unwrap();
        shared.close().await;
        assert_eq!(open.store.roster(&place).await.unwrap(), roster, "kept as it was written");
        roster
    }

    async fn seat_of(&self, member: Uuid) -> WorkspaceSeat {
        let seats = self.desk.workspace_seats().await.unwrap();
        seats.into_iter().find(|seat| seat.member == member).unwrap()
    }
}

/// The server, with a login that may install there.
fn installer(server: &Postgres) -> CreateWorkspaceRequest {
    CreateWorkspaceRequest {
        host: server.socket().into(),
        port: server.port(),
        database: "kefu".into(),
        login: "postgres".into(),
        password: String::new(),
        authority: String::new(),
        pooled: false,
    }
}

/// Epochs of the desk key that this device can open.
async fn epochs(desk: &Desk) -> Vec<u32> {
    let open = desk.open().unwrap();
    let place = open.place().await.unwrap();
    let mut shared = connect(&place).await.unwrap();
    let roster = refresh(&open, &place, &mut shared).await.unwrap();
    let keys = open.store.desk_keys(&open.wrap_key(), place.id).await.unwrap();
    let known = (1..=9).filter_map(|epoch| Some((epoch, roster.desk_key_of(epoch)?)));
    known.filter(|(_, id)| keys.get(id).is_some()).map(|(epoch, _)| epoch).collect()
}

#[tokio::test]
async fn roles_follow_the_records_and_the_desk_key_is_turned_behind_who_leaves_the_office() {
    let mut office = Office::new().await;
    let member = office.save(None, &["reception"]).await.id;
    let other = office.join(member, "B1").await;
    assert_eq!(epochs(&other).await, [1]);

    office.save(Some(member), &["reception", "records"]).await;
    office.chores().await;
    assert_eq!(office.seat_of(member).await.roles, ["reception", "records"].map(String::from));
    let known = format!("SELECT roles FROM kefu.seats WHERE member = '{member}'");
    assert_eq!(office.server.sql("kefu", &known), "{reception,records}");
    let before = office.chores().await.head();
    assert_eq!(office.chores().await.head(), before, "nothing is written where nothing changed");

    // Into the field: the key is turned behind him, and he forgets those that he had.
    office.save(Some(member), &["technician"]).await;
    assert!(!office.chores().await.desk_key_due());
    assert_eq!((epochs(&office.desk).await, epochs(&other).await), (vec![1, 2], vec![]));
    // Back again only by an invite: nobody comes to the desk key by a record alone.
    office.save(Some(member), &["reception"]).await;
    assert!(!office.chores().await.roles(member).contains("reception"));
    let again = office.join(member, "B2").await;
    assert_eq!(epochs(&again).await, [1, 2], "and reads what was written before");
    assert_eq!(epochs(&other).await, [1, 2], "so does his other device, whose roles these are, too");
}

#[tokio::test]
async fn a_copied_profile_is_named_by_its_first_change() {
    let office = Office::new().await;
    let open = office.desk.open().unwrap();
    let place = open.place().await.unwrap();
    let (copy, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let mut shared = connect(&place).await.unwrap();
    for (device, keys) in [(copy, place.keys.clone()), (stranger, kefu_vault::SeatKeys::random().unwrap())] {
        let record = Uuid::now_v7();
        let key = RecordKey::random(RecordEpoch { workspace: place.id, record, epoch: 1 }).unwrap();
        let head = Envelope {
            suite: 0,
            workspace: place.id,
            change: Uuid::now_v7(),
            device,
            seq: 1,
            previous: [0; 32],
            at: Stamp { ms: 1_700_000_000_000, n: 0, device },
            seat: place.seat.member,
            record,
            kind: "form".into(),
            act: "register".into(),
            schema: 1,
            key: [0; 16],
            clear: Clear::default(),
            sealed: Vec::new(),
            signature: Vec::new(),
        };
        let mut envelope = envelopes::seal(&key, head, b"{}").unwrap();
        let digest = envelopes::hash(&envelope);
        envelope.signature = envelopes::sign(&[digest], &keys).remove(0);
        let change = Outgoing { place: 1, again: false, digest, envelope, wraps: Vec::new() };
        let pushed = shared.push(std::slice::from_ref(&change)).await.unwrap().each;
        assert!(matches!(pushed[0], Answer::Ok(_)), "{pushed:?}");
    }
    shared.close().await;
    let roster = office.chores().await;
    let seat = |device| roster.seats().get(&SeatId { device, ..place.seat }).map(|seat| seat.keys);
    assert_eq!(seat(copy), Some(place.keys.public()));
    assert_eq!(seat(stranger), None, "signed by nobody who is known");
}

#[tokio::test]
async fn a_server_put_back_is_given_the_end_of_the_member_log() {
    let mut office = Office::new().await;
    let (leaver, stayer) = (office.save(None, &["reception"]).await.id, office.save(None, &["reception"]).await.id);
    let (lost, other) = (office.join(leaver, "B1").await, office.join(stayer, "C1").await);
    office.server.sql("postgres", "CREATE DATABASE backup TEMPLATE kefu");

    office.save(Some(stayer), &["reception", "records"]).await;
    office.chores().await;
    office.desk.revoke(RevokeRequest { member: Some(leaver), device: None }).await.unwrap();
    let head = office.chores().await.head();
    assert_eq!(epochs(&other).await, [1, 2]);
    office.server.sql("postgres", "DROP DATABASE kefu");
    office.server.sql("postgres", "ALTER DATABASE backup RENAME TO kefu");
    // The cluster's logins came from the backup, too: who was put out could come in again.
    let login = lost.open().unwrap().place().await.unwrap().server.login;
    office.server.sql("postgres", &format!("ALTER ROLE {login} LOGIN"));

    let (open, told) = (other.open().unwrap(), "a shorter log is not believed");
    let place = open.place().await.unwrap();
    let mut shared = connect(&place).await.unwrap();
    assert_eq!(refresh(&open, &place, &mut shared).await.expect_err(told).code, Code::RosterFalse);
    assert_eq!(office.chores().await.head(), head, "given back as it was, nothing added");
    assert_eq!(refresh(&open, &place, &mut shared).await.unwrap().head(), head);
    shared.close().await;
    assert_eq!(epochs(&other).await, [1, 2]);
    let of = |member: Uuid| {
        office.server.sql("kefu", &format!("SELECT roles || status FROM kefu.seats WHERE member = '{member}'"))
    };
    assert_eq!((of(stayer), of(leaver)), ("{reception,records,active}".into(), "{reception,revoked}".into()));
    assert!(connect(&lost.open().unwrap().place().await.unwrap()).await.is_err());
    // The new key reaches who has it to open only from the server.
    let fresh = office.join(stayer, "C2").await;
    assert_eq!(epochs(&fresh).await, [1, 2]);
}

#[tokio::test]
async fn a_device_that_the_server_lost_comes_in_again_with_what_it_holds() {
    let mut office = Office::new().await;
    let member = office.save(None, &["reception"]).await.id;
    office.server.sql("postgres", "CREATE DATABASE backup TEMPLATE kefu");
    let other = office.join(member, "B1").await;
    assert_eq!(other.exchange().await.unwrap().trouble, None);
    office.server.sql("postgres", "DROP DATABASE kefu");
    office.server.sql("postgres", "ALTER DATABASE backup RENAME TO kefu");
    let head = office.chores().await.head();
    assert_eq!(other.exchange().await.unwrap().trouble.unwrap().code, Code::SharedNoSeat);

    let invite = |member| office.desk.invite(InviteRequest { member, days: 3 });
    let founder = office.desk.open().unwrap().seat().id;
    let strange = invite(founder).await.unwrap().text;
    let asked = other.ask_again(AskAgainRequest { invite: strange }).await;
    assert_eq!(asked.unwrap_err().code, Code::InviteOther);
    let withdrawn = invite(member).await.unwrap().text;
    for open in office.desk.pending_joins().await.unwrap() {
        office.desk.withdraw_invite(AdmitRequest { id: open.id }).await.unwrap();
    }
    assert!(office.desk.pending_joins().await.unwrap().is_empty());
    let asked = other.ask_again(AskAgainRequest { invite: withdrawn }).await;
    assert_eq!(asked.unwrap_err().code, Code::InviteOver);

    let text = invite(member).await.unwrap().text;
    let waiting = other.ask_again(AskAgainRequest { invite: text }).await.unwrap().waiting.unwrap();
    let pending = office.desk.pending_joins().await.unwrap();
    assert_eq!((pending[0].state.as_str(), &pending[0].fingerprint), ("asked", &waiting));
    let id = pending[0].id.clone();
    office.desk.admit_device(AdmitRequest { id }).await.unwrap();
    assert_eq!(other.ask_admission().await.unwrap().waiting, None);
    assert_eq!(office.chores().await.head(), head, "the log knew it already");
    assert_eq!(other.exchange().await.unwrap().trouble, None);
    assert_eq!(epochs(&other).await, [1]);
}

#[tokio::test]
async fn the_recovery_kit_makes_an_administrator_where_none_is_left() {
    let mut office = Office::new().await;
    let (member, lost) = (office.save(None, &["reception"]).await.id, office.desk.open().unwrap().seat().id);
    let other = office.join(member, "B1").await;
    for desk in [&office.desk, &other] {
        assert_eq!(desk.exchange().await.unwrap().trouble, None);
    }
    let status = other.unlock(UnlockRequest::Passphrase(JOINED.into())).await;
    assert!(status.is_ok() && !other.workspace().await.unwrap().workspace.unwrap().administers);
    office.desk.lock().await;

    let take = |kit: &str| other.take_over(TakeOverRequest { kit: kit.into(), server: installer(&office.server) });
    let slip: String = office.kit.chars().rev().collect();
    assert_eq!(take(&slip).await.unwrap_err().code, Code::KitWrong);
    let strange = kefu_vault::WorkspaceRoot::random().unwrap().kit();
    let strange: Vec<String> = strange.lines().iter().map(|line| line.to_string()).collect();
    assert_eq!(take(&strange.join(" ")).await.unwrap_err().code, Code::KitOther);
    let place = take(&office.kit).await.unwrap();
    assert!(place.administers && place.founder);

    // From here on it does what only administrators do, here and at the server.
    let revoke = RevokeRequest { member: Some(lost), device: None };
    let seats = other.revoke(revoke).await.unwrap();
    assert_eq!(seats.iter().filter(|seat| seat.status == "active").count(), 1);
    assert_eq!(epochs(&other).await, [1, 2]);
    let again = other.invite(InviteRequest { member, days: 3 }).await;
    assert!(again.is_ok());
}
