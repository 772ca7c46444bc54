//! A desk with a staff: colleagues with roles, who take turns at it, and a clock that can be moved.
#![allow(clippy::unwrap_used, dead_code, reason = "tests; each uses some of it")]

use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, FixedOffset, TimeDelta};
use kefu_app::Desk;
use kefu_app::wire::{ActRequest, Code, Failure, FormView, RegisterRequest, SetupRequest, UnlockRequest};
use kefu_domain::Values;
use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::process::{Actor, role};
use kefu_local::Store;
use kefu_testkit::{MemoryRing, form};
use kefu_vault::{DatabaseKey, KeyFile};
use serde_json::{Value, json};
use uuid::Uuid;

/// Name, department, roles. The first one sets the desk up.
pub const STAFF: [(&str, &str, &[&str]); 6] = [
    ("孙丽", "客服部", &[role::RECEPTION]),
    ("何平", "客服部", &[role::RECORDS]),
    ("周工", "技术支持部", &[role::HANDLER]),
    ("吴工", "技术支持部", &[role::HANDLER]),
    ("钱敏", "客服部", &[role::SUPERVISOR]),
    ("郑洁", "质检部", &[role::INSPECTOR]),
];

/// Where the tests begin.
pub const START: &str = "2026-11-02T09:00:00+08:00";

pub struct Office {
    pub desk: Desk,
    pub folder: tempfile::TempDir,
    pub key: DatabaseKey,
    seats: Vec<Uuid>,
    now: Arc<Mutex<DateTime<FixedOffset>>>,
}

fn passphrase(nth: usize) -> String {
    format!("第 {nth} 位同事的口令")
}

impl Office {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(Mutex::new(DateTime::parse_from_rfc3339(START).unwrap()));
        let clock = now.clone();
        let desk = Desk::with(folder.path(), Arc::new(MemoryRing::default()), Arc::new(move || *clock.lock().unwrap()));
        let (name, department, _) = STAFF[0];
        let setup = SetupRequest {
            company: "良渚电器有限公司".into(),
            member: name.into(),
            employee_number: String::new(),
            post: String::new(),
            department: department.into(),
            device_code: "A03".into(),
            passphrase: passphrase(0),
        };
        desk.setup(setup).await.unwrap();
        desk.lock().await;
        let mut keys = KeyFile::read(folder.path()).unwrap();
        let (key, founder) = keys.open_by_passphrase(&passphrase(0)).unwrap();
        let store = Store::open(folder.path(), &key).await.unwrap();
        let moment = *now.lock().unwrap();
        let mut door = store.door(moment).await.unwrap();
        let mut seats = Vec::new();
        for (nth, (name, department, roles)) in STAFF.iter().enumerate() {
            let seat = if nth == 0 { founder } else { Uuid::now_v7() };
            let member = json!({"name": name, "department": department, "roles": roles});
            let values: Values = serde_json::from_value(member).unwrap();
            let act = if nth == 0 { act::CONFIGURE } else { act::ENROL };
            let mut draft = Draft::new(seat, kind::MEMBER, act).setting(values);
            if let Some(before) = door.record(seat).await.unwrap() {
                draft.set.iter_mut().for_each(|(key, setting)| setting.was = before.stamps(key));
            }
            door.write(draft, founder).await.unwrap();
            keys.set_passphrase(&key, seat, &passphrase(nth)).unwrap();
            seats.push(seat);
        }
        door.commit().await.unwrap();
        store.close().await;
        Office { desk, folder, key, seats, now }
    }

    /// `name` takes his seat.
    pub async fn sits(&self, name: &str) {
        let nth = STAFF.iter().position(|(other, ..)| *other == name).unwrap();
        self.desk.lock().await;
        self.desk.unlock(UnlockRequest::Passphrase(passphrase(nth))).await.unwrap();
    }

    pub fn seat(&self, name: &str) -> Uuid {
        self.seats[STAFF.iter().position(|(other, ..)| *other == name).unwrap()]
    }

    pub fn actors(&self) -> Vec<Actor> {
        let one = |((name, department, roles), seat): (&(&str, &str, &[&str]), &Uuid)| Actor {
            seat: *seat,
            name: name.to_string(),
            department: department.to_string(),
            roles: roles.iter().map(|role| role.to_string()).collect(),
        };
        STAFF.iter().zip(&self.seats).map(one).collect()
    }

    pub fn now(&self) -> DateTime<FixedOffset> {
        *self.now.lock().unwrap()
    }

    pub fn waits(&self, minutes: i64) {
        *self.now.lock().unwrap() += TimeDelta::minutes(minutes);
    }

    pub fn goes_to(&self, moment: &str) {
        *self.now.lock().unwrap() = DateTime::parse_from_rfc3339(moment).unwrap();
    }

    pub async fn register(&self, over: Value) -> Uuid {
        let request = RegisterRequest { draft: None, values: form(over), attachments: vec![] };
        self.desk.register(request).await.unwrap().id
    }

    /// Does an act a minute later.
    pub async fn act(&self, id: Uuid, act: &str, values: Value) -> Result<FormView, Failure> {
        self.waits(1);
        self.desk.act(asked(id, act, values)).await
    }

    /// Queues of who sits here, `key count/overdue/marked`, those with something in them.
    pub async fn queues(&self) -> String {
        let board = self.desk.board().await.unwrap();
        let some = board.queues.iter().filter(|queue| queue.count > 0);
        some.map(|q| format!("{} {}/{}/{}", q.key, q.count, q.overdue, q.marked)).collect::<Vec<_>>().join(" ")
    }

    /// The store itself, while the desk is locked.
    pub async fn store(&self) -> Store {
        self.desk.lock().await;
        Store::open(self.folder.path(), &self.key).await.unwrap()
    }
}

/// A request; `values` holds fields, and under `line`, `list`, `strike` and `reason` what goes with them.
pub fn asked(id: Uuid, act: &str, values: Value) -> ActRequest {
    let mut values: Values = serde_json::from_value(values).unwrap();
    let mut request = ActRequest { id, act: act.into(), ..ActRequest::default() };
    if let Some(reason) = values.remove("reason") {
        request.reason = reason.as_str().unwrap().into();
    }
    if let Some(Value::Object(line)) = values.remove("line") {
        let list = values.remove("list").unwrap().as_str().unwrap().to_string();
        request.add.insert(list, vec![line.into_iter().collect()]);
    }
    if let Some(id) = values.remove("strike") {
        request.strike.push(id.as_str().unwrap().parse().unwrap());
    }
    request.values = values;
    request
}

/// Why something was refused, as a code.
pub fn why(result: Result<impl Sized, Failure>) -> String {
    match result {
        Ok(_) => "done".into(),
        Err(failure) if failure.code == Code::Denied => failure.params["why"].clone(),
        Err(failure) => format!("{:?}", failure.code),
    }
}

/// A connection to the database itself, as an administrator with the key would have it.
pub async fn bare(folder: &Path, key: &DatabaseKey) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions;
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(folder.join("desk.db"))
        .pragma("key", format!("\"x'{}'\"", key.hex().as_str()))
        .pragma("cipher_log_level", "NONE");
    options.disable_statement_logging().connect().await.unwrap()
}
