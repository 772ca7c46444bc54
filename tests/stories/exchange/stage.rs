//! A PostgreSQL with a workspace, and machines that joined it: each a real desk in a folder of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use kefu_app::Desk;
use kefu_app::wire::{
    ActRequest, AdmitRequest, CorrectRequest, InviteRequest, JoinRequest, RegisterRequest, SetupRequest, Standing,
    UnlockRequest,
};
use kefu_domain::Values;
use kefu_domain::process::role;
use kefu_local::{Store, Workspace};
use kefu_shared::{Address, Admission, Append, Founder, NewLogin, RosterEntry, Shared, create_workspace, install};
use kefu_testkit::{MemoryRing, Postgres, form};
use kefu_vault::roster::{Entry, MemberAct};
use kefu_vault::{
    Certificate, DatabaseKey, DeskKey, Issuer, KeyFile, Roster, SeatId, SeatKeys, Server, WorkspaceRoot, WrapKey,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

/// What a founder's own record says he does: his roles in the member log follow it.
pub const OFFICE: &[&str] = &[role::RECEPTION, role::RECORDS, role::HANDLER, role::SUPERVISOR];
pub const PASSPHRASE: &str = "correct horse battery";

pub struct World {
    pub server: Postgres,
    /// Where devices find it.
    host: String,
    pub id: Uuid,
    root: WorkspaceRoot,
    pub roster: Roster,
    log: Vec<Entry>,
    desk_key: DeskKey,
    admin: Option<Address>,
}

/// A machine with its desk open.
pub struct Machine {
    pub folder: TempDir,
    pub desk: Desk,
    pub key: DatabaseKey,
    pub seat: SeatId,
    pub minutes: Arc<AtomicI64>,
}

fn address(host: &str, login: &str, password: &str) -> Address {
    Address {
        host: host.into(),
        port: 5432,
        database: "kefu".into(),
        login: login.into(),
        password: password.to_owned().into(),
        authority: None,
        pooled: false,
    }
}

fn in_an_hour() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64 + 3_600_000
}

impl World {
    pub async fn new() -> Self {
        let server = Postgres::start();
        let host = server.socket().to_owned();
        Self::at(server, &host).await
    }

    /// On this server, which devices find at `host`.
    pub async fn at(server: Postgres, host: &str) -> Self {
        server.sql("postgres", "CREATE DATABASE kefu");
        install(&address(host, "postgres", "")).await.unwrap();
        let (id, root) = (Uuid::now_v7(), WorkspaceRoot::random().unwrap());
        let (mut roster, first) = Roster::found(id, &root, 1).unwrap();
        let desk_key = DeskKey::first(id).unwrap();
        let turn = MemberAct::TurnDeskKey { epoch: 1, key: desk_key.id() };
        let second = roster.write(Issuer::Root(&root), 1, turn).unwrap();
        World { server, host: host.into(), id, root, roster, log: vec![first, second], desk_key, admin: None }
    }

    /// A desk of the office on a machine of its own, set up before there was a workspace and joined.
    pub async fn desk(&mut self, code: &str) -> Machine {
        self.machine(code, OFFICE).await
    }

    pub async fn machine(&mut self, code: &str, roles: &[&str]) -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let minutes = Arc::new(AtomicI64::new(0));
        let desk = start(folder.path(), &minutes);
        desk.setup(SetupRequest {
            company: "良渚电器有限公司".into(),
            member: format!("孙{code}"),
            employee_number: "108".into(),
            post: String::new(),
            department: "客服部".into(),
            device_code: code.into(),
            passphrase: PASSPHRASE.into(),
        })
        .await
        .unwrap();
        desk.lock().await;
        let (key, member) = KeyFile::read(folder.path()).unwrap().open_by_passphrase(PASSPHRASE, None).unwrap();
        let store = Store::open(folder.path(), &key).await.unwrap();
        let seat = SeatId { member, device: store.device().id };
        let keys = SeatKeys::random().unwrap();
        let (login, password) = self.admit(seat, &keys, code, roles).await;
        let workspace = Workspace {
            id: self.id,
            root: self.root.fingerprint(),
            seat,
            keys,
            founder: None,
            server: Server {
                address: format!("{}:5432", self.host),
                database: "kefu".into(),
                login,
                authority: Vec::new(),
                pooled: false,
            },
            password: password.into(),
            joining: None,
            since: Utc::now().to_rfc3339(),
        };
        let wrap = WrapKey::of(&key);
        store.set_workspace(&wrap, &workspace).await.unwrap();
        if self.roster.holds_desk_key(seat) {
            store.put_desk_key(&wrap, &self.desk_key).await.unwrap();
        }
        let log: Vec<Vec<u8>> = self.log.iter().map(Entry::encode).collect();
        store.append_roster(1, &log).await.unwrap();
        store.close().await;
        desk.unlock(UnlockRequest::Passphrase(PASSPHRASE.into())).await.unwrap();
        Machine { folder, desk, key, seat, minutes }
    }

    /// A technician on a device of his own, enrolled at `desk` under this name, so that forms can be given to him.
    pub async fn technician(&mut self, desk: &Machine, code: &str, name: &str) -> Machine {
        let field = self.machine(code, &[role::TECHNICIAN]).await;
        let store = desk.store().await;
        let mut door = store.door(Utc::now().fixed_offset()).await.unwrap();
        let member = json!({"name": name, "department": "外勤组", "roles": [role::TECHNICIAN], "active": true});
        let draft = kefu_domain::decide::Draft::new(field.seat.member, "member", "enrol");
        door.write(draft.setting(serde_json::from_value(member).unwrap()), desk.seat.member).await.unwrap();
        door.commit().await.unwrap();
        store.close().await;
        field
    }

    /// Lets a seat into the member log and the server; gives its login.
    async fn admit(&mut self, seat: SeatId, keys: &SeatKeys, code: &str, roles: &[&str]) -> (String, String) {
        let issuer = Issuer::Root(&self.root);
        let certificate = Certificate::issue(issuer, self.id, seat, keys.public(), 1).unwrap();
        let bytes = certificate.encode();
        let named = roles.iter().map(|role| (*role).to_owned());
        let act = MemberAct::Admit { certificate: Box::new(certificate), roles: named.collect(), code: code.into() };
        let entry = self.roster.write(issuer, 1, act).unwrap();
        let mut on_server: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        if roles.contains(&role::RECEPTION) {
            on_server.push(role::ADMIN.into()); // each of them founded a company before they joined
        }
        let Some(admin) = self.admin.clone() else {
            self.log.push(entry);
            let grant = MemberAct::GrantAdmin { member: seat.member };
            self.log.push(self.roster.write(issuer, 1, grant).unwrap());
            let rows = (1..).zip(&self.log);
            let rows: Vec<RosterEntry> =
                rows.map(|(no, entry)| RosterEntry { no, entry: entry.encode(), link: entry.hash() }).collect();
            let founder = Founder { member: seat.member, device: seat.device, roles: on_server, certificate: bytes };
            let superuser = address(&self.host, "postgres", "");
            let root = self.root.fingerprint();
            let login = create_workspace(&superuser, self.id, root.as_bytes(), &founder, &rows).await.unwrap();
            self.admin = Some(address(&self.host, &login.name, &login.password));
            return (login.name.clone(), login.password.to_string());
        };
        let (login, invite) = (NewLogin::random().unwrap(), Uuid::now_v7());
        let mut shared = Shared::connect(&admin, self.id).await.unwrap();
        shared.invite(invite, &login, in_an_hour()).await.unwrap();
        let newcomer = address(&self.host, &login.name, &login.password);
        Shared::connect(&newcomer, self.id).await.unwrap().join(invite, b"request").await.unwrap();
        let (member, device) = (seat.member, seat.device);
        let answer = b"answer".to_vec();
        let admission = Admission { invite, member, device, roles: on_server, certificate: bytes, answer };
        let previous = self.log.last().unwrap().hash();
        let append = Append { entry: entry.encode(), previous, link: entry.hash() };
        shared.admit(&admission, Some(&append)).await.unwrap();
        self.log.push(entry);
        (login.name.clone(), login.password.to_string())
    }
}

/// The program in `folder`, started; the wall clock is off by so many minutes.
pub fn start(folder: &Path, minutes: &Arc<AtomicI64>) -> Desk {
    let minutes = minutes.clone();
    let clock = move || -> DateTime<FixedOffset> {
        Utc::now().fixed_offset() + TimeDelta::minutes(minutes.load(Ordering::Relaxed))
    };
    Desk::with(folder, Arc::new(MemoryRing::default()), Arc::new(clock))
}

/// The device of a member who was invited at `desk`, which lets it in. From then on the log of the members is the desk's.
pub async fn joined(desk: &Machine, member: Uuid, code: &str) -> Machine {
    let invite = desk.desk.invite(InviteRequest { member, days: 2 }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let minutes = Arc::new(AtomicI64::new(0));
    let phone = start(folder.path(), &minutes);
    let request = JoinRequest { invite: invite.text, device_code: code.into(), passphrase: PASSPHRASE.into() };
    assert!(phone.join_workspace(request).await.unwrap().sent);
    let asked = desk.desk.pending_joins().await.unwrap();
    let id = asked.into_iter().find(|one| one.device_code == code).unwrap().id;
    desk.desk.admit_device(AdmitRequest { id }).await.unwrap();
    assert_eq!(phone.ask_admission().await.unwrap().waiting, None);
    let (key, _) = KeyFile::read(folder.path()).unwrap().open_by_passphrase(PASSPHRASE, None).unwrap();
    let store = Store::open(folder.path(), &key).await.unwrap();
    let seat = SeatId { member, device: store.device().id };
    store.close().await;
    Machine { folder, desk: phone, key, seat, minutes }
}

impl Machine {
    /// Reaches the server at another socket from now on.
    pub async fn goes_over(&self, address: String) {
        let (store, wrap) = (self.store().await, WrapKey::of(&self.key));
        let mut place = store.workspace(&wrap).await.unwrap().unwrap();
        place.server.address = address;
        store.set_workspace(&wrap, &place).await.unwrap();
        store.close().await;
    }

    pub async fn unlock(&self) {
        self.desk.unlock(UnlockRequest::Passphrase(PASSPHRASE.into())).await.unwrap();
    }

    /// One exchange that comes to its end.
    pub async fn sync(&self) -> Standing {
        let standing = self.desk.exchange().await.unwrap();
        assert_eq!(standing.trouble, None);
        standing
    }

    pub async fn register(&self, over: Value) -> Uuid {
        let mut values = json!({"received_at": Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, false)});
        values.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
        let request = RegisterRequest { draft: None, values: form(values), attachments: vec![], call: None };
        self.desk.register(request).await.unwrap().id
    }

    pub async fn correct(&self, id: Uuid, values: Value) {
        let values: Values = serde_json::from_value(values).unwrap();
        let request = serde_json::from_value::<CorrectRequest>(
            json!({"id": id, "values": values, "add": {}, "strike": [], "attachments": [], "reason": "客户来电更正"}),
        );
        self.desk.correct(request.unwrap()).await.unwrap();
    }

    /// Gives a form to a technician, passing it on first where that was not done yet.
    pub async fn dispatch(&self, id: Uuid, to: &Machine, name: &str) {
        let act = |act: &str, values: Value| {
            let request = json!({"id": id, "act": act, "values": values, "add": {}, "strike": []});
            serde_json::from_value::<ActRequest>(request).unwrap()
        };
        let seat = to.seat.member.to_string();
        let given = json!({"dispatch.department": "外勤组", "dispatch.handler": name, "dispatch.handler_seat": seat});
        // Refused where it was dispatched before, and then that is what is done again.
        let _ = self.desk.act(act("pass_on", json!({}))).await;
        self.desk.act(act("dispatch", given)).await.unwrap();
    }

    /// A field as this machine has it; None where it does not have the form.
    pub async fn text(&self, id: Uuid, field: &str) -> Option<Value> {
        let store = self.store().await;
        let record = store.record(id).await.unwrap();
        store.close().await;
        record?.get(field).cloned()
    }

    /// The authors of entries that were merged with others', with whose, newest first.
    pub async fn merged(&self, id: Uuid) -> Vec<(String, Vec<String>)> {
        let timeline = self.desk.show(id).await.unwrap().timeline;
        let marked = timeline.into_iter().filter(|entry| !entry.merged_with.is_empty());
        marked.map(|entry| (entry.member, entry.merged_with)).collect()
    }

    /// The file itself, beside the open desk.
    pub async fn store(&self) -> Store {
        Store::open(self.folder.path(), &self.key).await.unwrap()
    }

    pub async fn sound(&self) {
        let problems = self.desk.verify().await.unwrap().problems;
        assert!(problems.is_empty(), "{problems:?}");
    }
}
