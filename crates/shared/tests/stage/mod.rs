//! A server with one workspace, members who join it as people do, and devices that number and chain what they send.
#![allow(dead_code, reason = "each test uses a part")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, Envelope, SUITE};
use kefu_shared::{
    Address, Admission, Append, Founder, NewLogin, RosterEntry, Shared, SharedError, create_workspace, install, link_of,
};
use kefu_sync::wire::{Answer, Greeting, Mark, Outgoing, Page, Pulled};
use kefu_testkit::Postgres;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use uuid::Uuid;
use zeroize::Zeroizing;

pub struct Stage {
    pub server: Postgres,
    pub workspace: Uuid,
    pub founder: Person,
}

/// A member on one device, with the way in.
#[derive(Clone)]
pub struct Person {
    pub member: Uuid,
    pub device: Uuid,
    pub address: Address,
    pub workspace: Uuid,
}

static COUNT: AtomicU64 = AtomicU64::new(1);

pub fn number() -> u64 {
    COUNT.fetch_add(1, Ordering::Relaxed)
}

pub fn id() -> Uuid {
    Uuid::now_v7()
}

pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

pub fn roles(list: &[&str]) -> Vec<String> {
    list.iter().map(|role| role.to_string()).collect()
}

/// Bytes that no other call gives.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut state = number().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
}

pub fn address(server: &Postgres, login: &str, password: &str) -> Address {
    Address {
        host: server.socket().into(),
        port: server.port(),
        database: "kefu".into(),
        login: login.into(),
        password: Zeroizing::new(password.into()),
        authority: None,
        pooled: false,
    }
}

impl Stage {
    pub async fn new() -> Self {
        Self::on(Postgres::start()).await
    }

    pub async fn on(server: Postgres) -> Self {
        server.sql("postgres", "CREATE DATABASE kefu");
        let admin = address(&server, "postgres", "");
        let installed = install(&admin).await.unwrap();
        assert_eq!((installed.before, installed.left), (0, vec![]));
        let (workspace, founder) = found(&server, &["reception", "records", "supervisor", "admin"]).await;
        Stage { server, workspace, founder }
    }

    pub async fn connect(&self, person: &Person) -> Shared {
        person.connect().await.unwrap()
    }

    /// `count` office members on devices of their own, written straight into the tables: for tests that need many.
    pub fn crowd(&self, count: usize) -> Vec<Person> {
        let person = |_| {
            let (member, device, login) = (id(), id(), format!("kefu_crowd{:08}", number()));
            self.server.sql(
                "kefu",
                &format!(
                    "CREATE ROLE {login} LOGIN IN ROLE kefu_member; INSERT INTO kefu.seats (workspace, login, member, device, \
                     roles, certificate) VALUES ('{}', '{login}', '{member}', '{device}', '{{reception,records}}', '')",
                    self.workspace
                ),
            );
            Person { member, device, address: address(&self.server, &login, ""), workspace: self.workspace }
        };
        (0..count).map(person).collect()
    }

    /// `count` office members on devices of their own, reached with TLS and a password as a device reaches the server, their
    /// logins made as an invite makes them: for tests that need very many. The server must have been started with TLS.
    pub fn clients(&self, count: usize) -> Vec<Person> {
        let password = NewLogin::random().unwrap().password;
        let verifier = kefu_vault::scram_verifier(&password).unwrap();
        let numbers = format!("generate_series(1, {count}) n");
        let login = "'kefu_client' || lpad(n::text, 8, '0')";
        self.server.sql("kefu", &format!("SELECT kefu.make_login({login}, '{verifier}', 'infinity') FROM {numbers}"));
        let seats = format!(
            "INSERT INTO kefu.seats (workspace, login, member, device, roles, certificate) SELECT '{}', {login}, \
             gen_random_uuid(), gen_random_uuid(), '{{reception,records}}', '' FROM {numbers} RETURNING login, member, device",
            self.workspace
        );
        let authority = Some(self.server.certificates().authority.clone());
        let person = |row: &str| {
            let mut parts = row.split('|');
            let mut next = || parts.next().unwrap();
            let login = address(&self.server, next(), &password);
            let (member, device) = (next().parse().unwrap(), next().parse().unwrap());
            let address = Address { host: "127.0.0.1".into(), authority: authority.clone(), ..login };
            Person { member, device, address, workspace: self.workspace }
        };
        self.server.sql("kefu", &seats).lines().map(person).collect()
    }

    /// Invites, joins and admits a member on a device of his own.
    pub async fn member(&self, list: &[&str]) -> Person {
        self.seat(list, id(), id()).await
    }

    pub async fn seat(&self, list: &[&str], member: Uuid, device: Uuid) -> Person {
        let (login, invite) = (NewLogin::random().unwrap(), id());
        let mut admin = self.connect(&self.founder).await;
        admin.invite(invite, &login, (now_ms() + 3_600_000) as i64).await.unwrap();
        let address = reached_as(&self.founder.address, &login);
        let person = Person { member, device, address, workspace: self.workspace };
        let mut newcomer = self.connect(&person).await;
        assert!(matches!(newcomer.hello(&greeting(device, &[])).await, Err(SharedError::NoSeat)));
        newcomer.join(invite, b"request").await.unwrap();
        let admission = Admission {
            invite,
            member,
            device,
            roles: roles(list),
            certificate: b"certificate".to_vec(),
            answer: b"answer".to_vec(),
        };
        let append = next_entry(&mut admin).await;
        admin.admit(&admission, Some(&append)).await.unwrap();
        assert_eq!(newcomer.answer(invite).await.unwrap().unwrap(), b"answer");
        newcomer.close().await;
        admin.close().await;
        person
    }
}

/// The same way in for another login.
fn reached_as(address: &Address, login: &NewLogin) -> Address {
    Address { login: login.name.clone(), password: login.password.clone(), ..address.clone() }
}

/// A workspace on a server that has the schema already.
pub async fn found(server: &Postgres, list: &[&str]) -> (Uuid, Person) {
    found_by(&address(server, "postgres", ""), list).await
}

/// The same, reached as this superuser reaches it.
pub async fn found_by(admin: &Address, list: &[&str]) -> (Uuid, Person) {
    let (workspace, member, device) = (id(), id(), id());
    let founder = Founder { member, device, roles: roles(list), certificate: b"certificate".to_vec() };
    let first = [RosterEntry { no: 1, entry: b"entry".to_vec(), link: bytes() }];
    let login = create_workspace(admin, workspace, &[7; 32], &founder, &first).await.unwrap();
    (workspace, Person { member, device, address: reached_as(admin, &login), workspace })
}

/// An entry that follows the roster as it is.
pub async fn next_entry(shared: &mut Shared) -> Append {
    let last = shared.roster(0).await.unwrap().pop().unwrap();
    Append { entry: b"entry".to_vec(), previous: last.link, link: bytes() }
}

impl Person {
    pub async fn connect(&self) -> Result<Shared, SharedError> {
        Shared::connect(&self.address, self.workspace).await
    }

    pub fn device(&self) -> Device {
        Device { person: self.clone(), seq: 0, link: [0; 32] }
    }
}

/// Numbers and chains what one device sends. Cloning it clones a profile.
#[derive(Clone)]
pub struct Device {
    pub person: Person,
    pub seq: u64,
    pub link: [u8; 32],
}

/// What a test says of a change; the rest is made up.
#[derive(Clone)]
pub struct Deed<'a> {
    pub record: Uuid,
    pub kind: &'a str,
    pub act: &'a str,
    pub state: &'a str,
    pub assignees: Vec<Uuid>,
    pub about: Option<Uuid>,
}

pub fn deed(record: Uuid, act: &str) -> Deed<'_> {
    Deed { record, kind: "form", act, state: "handling", assignees: vec![], about: None }
}

impl Device {
    pub fn make(&mut self, deed: Deed<'_>) -> Envelope {
        self.make_at(deed, now_ms())
    }

    pub fn make_at(&mut self, deed: Deed<'_>, ms: u64) -> Envelope {
        let number = number();
        let envelope = Envelope {
            suite: SUITE,
            workspace: self.person.workspace,
            change: id(),
            device: self.person.device,
            seq: self.seq + 1,
            previous: self.link,
            at: Stamp { ms, n: number as u32, device: self.person.device },
            seat: self.person.member,
            record: deed.record,
            kind: deed.kind.into(),
            act: deed.act.into(),
            schema: 1,
            key: bytes(),
            clear: Clear {
                state: deed.state.into(),
                department: "维修部".into(),
                assignees: deed.assignees,
                received: Some(1_700_000_000),
                due: None,
                about: deed.about,
            },
            sealed: bytes::<552>().to_vec(),
            signature: bytes::<192>().to_vec(),
        };
        self.seq += 1;
        self.link = link_of(&envelope);
        envelope
    }

    /// Sends one change and gives what became of it.
    pub async fn send(&mut self, shared: &mut Shared, deed: Deed<'_>) -> Answer {
        let envelope = self.make(deed);
        push(shared, &[envelope]).await.remove(0)
    }
}

/// A change as it is pushed for the first time.
pub fn outgoing(envelope: &Envelope) -> Outgoing {
    let (place, digest) = (envelope.seq, link_of(envelope));
    Outgoing { place, again: false, digest, envelope: envelope.clone(), wraps: vec![] }
}

/// Pushes changes for the first time.
pub async fn push(shared: &mut Shared, envelopes: &[Envelope]) -> Vec<Answer> {
    let changes: Vec<Outgoing> = envelopes.iter().map(outgoing).collect();
    shared.push(&changes).await.unwrap().each
}

pub fn refused(code: &str) -> Answer {
    Answer::Refused(code.into())
}

/// A hello of `device` that remembers these marks.
pub fn greeting(device: Uuid, marks: &[Mark]) -> Greeting {
    Greeting { device, epoch: 0, marks: marks.to_vec(), own: vec![] }
}

/// One page after a mark that is true.
pub async fn page(shared: &mut Shared, after: Mark, page: u16) -> Page {
    match shared.pull(after, page).await.unwrap() {
        Pulled::Page(page) => page,
        Pulled::Diverged => unreachable!("the mark is true"),
    }
}

/// A connection of `person` outside of the client, for statements of one's own.
pub async fn raw(person: &Person) -> PgConnection {
    let address = &person.address;
    let options = PgConnectOptions::new_without_pgpass().host(&address.host).port(address.port).database("kefu");
    options.username(&address.login).password(&address.password).connect().await.unwrap()
}

/// The rows of a statement with all their values as text; or what the server said against it.
pub async fn rows(connection: &mut PgConnection, sql: &str) -> Result<Vec<String>, String> {
    let fetched = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await;
    let text = |row: &PgRow| {
        let value = |at| row.try_get_raw(at).unwrap().as_str().unwrap_or_default().to_owned();
        (0..row.len()).map(value).collect::<Vec<_>>().join("|")
    };
    fetched.map(|rows| rows.iter().map(text).collect()).map_err(|error| error.to_string())
}

/// The call of push for one change, as SQL.
pub fn push_sql(e: &Envelope) -> String {
    push_again_sql(e, false)
}

/// The same, saying or not that it was taken once before.
pub fn push_again_sql(e: &Envelope, again: bool) -> String {
    let hex =
        |bytes: &[u8]| format!("ARRAY['\\x{}'::bytea]", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>());
    let assignees: Vec<String> = e.clear.assignees.iter().map(Uuid::to_string).collect();
    format!(
        "SELECT code, seq FROM kefu.push('{}', '{}', '{{{}}}', '{{{}}}', '{{{}}}', '{{{}}}', '{{{}}}', '{{null}}', '{{null}}', '{{{}}}', \
         '{{{}}}', '{{1}}', '{{1}}', '{{{}}}', '{{{}}}', '{{{}}}', '{{x}}', ARRAY['{{{}}}'], ARRAY[{}::uuid], {}, {}, {}, {}, {}, '{{}}', \
         '{{}}', '{{}}', '{{}}', '{{}}')",
        e.workspace,
        e.device,
        again,
        e.seq,
        e.change,
        e.at.ms,
        e.at.n,
        e.seat,
        e.record,
        e.kind,
        e.act,
        e.clear.state,
        assignees.join(","),
        e.clear.about.map_or("NULL".into(), |about| format!("'{about}'")),
        hex(&e.key),
        hex(&e.previous),
        hex(&link_of(e)),
        hex(&e.signature),
        hex(&e.sealed)
    )
}

/// Everything after `cursor`, page by page, and where the cursor stands then.
pub async fn pull_all(shared: &mut Shared, mut cursor: Mark, size: u16) -> (Vec<(u64, Envelope)>, Mark) {
    let mut all = vec![];
    loop {
        let got = page(shared, cursor, size).await;
        all.extend(got.rows.into_iter().map(|row| (row.seq, row.envelope)));
        cursor = got.cursor;
        if !got.more {
            return (all, cursor);
        }
    }
}

/// Runs `test` on a runtime of its own.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(600), test).await.unwrap() });
}
