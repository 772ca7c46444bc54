//! Many devices at one server: each comes for an exchange and goes, so that a thousand of them are some twenty sessions.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the soak reads figures")]

mod stage;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use kefu_shared::{PAGE, Shared, SharedError};
use kefu_sync::wire::{Answer, Mark, Pulled};
use kefu_testkit::Postgres;
use sqlx::postgres::PgConnection;
use stage::{Device, Person, Stage, address, bytes, deed, greeting, id, outgoing, pull_all, raw, rows, run};
use tokio::time::Instant;
use uuid::Uuid;

/// Most sessions at once, however many the clients are.
const BACKENDS: usize = 40;

/// How many exchanges each client makes.
const ROUNDS: u32 = 2;

/// How long 95 of 100 exchanges may take on an optimised build.
const P95: Duration = Duration::from_secs(2);

/// A device with what it remembers between two exchanges.
struct Client {
    device: Device,
    cursor: Mark,
}

/// What became of an exchange: the change that was pushed, or why there is none; and how long after it was due it ended.
struct Sync {
    pushed: Result<Uuid, String>,
    took: Duration,
}

/// Connections that are being made, used or ended: more than the sessions that the server lists, for it lists none before
/// the password was proven.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Open {
    fn begin(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn end(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Client {
    /// `ROUNDS` exchanges: the first somewhere in the first period, each other a period later, give or take a quarter.
    async fn live(mut self, period: Duration, open: Arc<Open>) -> Vec<Sync> {
        let mut due = Instant::now() + period.mul_f64(part());
        let mut syncs = vec![];
        for _ in 0..ROUNDS {
            tokio::time::sleep_until(due).await;
            open.begin();
            let pushed = self.exchange().await;
            open.end();
            syncs.push(Sync { pushed, took: due.elapsed() });
            due += period.mul_f64(0.75 + part() / 2.0);
        }
        syncs
    }

    async fn exchange(&mut self) -> Result<Uuid, String> {
        let mut shared = self.device.person.connect().await.map_err(said)?;
        let change = self.talk(&mut shared).await;
        shared.close().await;
        change
    }

    async fn talk(&mut self, shared: &mut Shared) -> Result<Uuid, String> {
        let hello = shared.hello(&greeting(self.device.person.device, &[self.cursor])).await.map_err(said)?;
        if hello.welcome.matched != self.cursor.seq {
            return Err(format!("the server knows {} of {}", hello.welcome.matched, self.cursor.seq));
        }
        let change = self.device.make(deed(id(), "register"));
        let answers = shared.push(&[outgoing(&change)]).await.map_err(said)?.each;
        if !matches!(answers[..], [Answer::Ok(_)]) {
            return Err(format!("{answers:?}"));
        }
        loop {
            let page = match shared.pull(self.cursor, PAGE).await.map_err(said)? {
                Pulled::Page(page) => page,
                Pulled::Diverged => return Err("diverged".to_owned()),
            };
            // An office device is shown every number.
            if !page.rows.iter().map(|row| row.seq).eq(self.cursor.seq + 1..=page.cursor.seq) {
                return Err(format!("numbers are missing between {} and {}", self.cursor.seq, page.cursor.seq));
            }
            self.cursor = page.cursor;
            if !page.more {
                return Ok(change.change);
            }
        }
    }
}

fn said(error: SharedError) -> String {
    error.to_string()
}

/// Anything from 0 to 1.
fn part() -> f64 {
    f64::from(u16::from_le_bytes(bytes())) / f64::from(u16::MAX)
}

/// How many sessions of members the server lists.
async fn backends(superuser: &mut PgConnection) -> usize {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    rows(superuser, sql).await.unwrap()[0].parse().unwrap()
}

/// The most of them, looked at every 20 ms until `stop`.
async fn most_backends(mut superuser: PgConnection, stop: Arc<AtomicBool>) -> usize {
    let mut most = 0;
    while !stop.load(Ordering::SeqCst) {
        most = most.max(backends(&mut superuser).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    most
}

/// A server as one is set up for the product: reached with TLS, passwords proven by SCRAM, what is acknowledged on disk. It
/// has room beyond [`BACKENDS`], so that going beyond is seen and not refused.
async fn stage() -> Stage {
    let settings = ["fsync = on", "max_connections = 150"];
    let server = Postgres::with_tls_and_settings("127.0.0.1", 10, &settings);
    let file = server.sql("postgres", "SHOW hba_file");
    let lines = "('local all all trust'), ('hostssl all all 127.0.0.1/32 scram-sha-256')";
    server.sql("postgres", &format!("COPY (VALUES {lines}) TO '{file}'"));
    server.sql("postgres", "SELECT pg_reload_conf()");
    Stage::on(server).await
}

async fn superuser(stage: &Stage) -> PgConnection {
    raw(&Person { address: address(&stage.server, "postgres", ""), ..stage.founder.clone() }).await
}

/// `count` clients at `period`: no exchange fails, what they pushed is all there, and few sessions are open at once. Gives how
/// long 95 of 100 exchanges took.
async fn clients(stage: &Stage, people: &[Person], period: Duration) -> Duration {
    let (open, stop) = (Arc::new(Open::default()), Arc::new(AtomicBool::new(false)));
    let watching = tokio::spawn(most_backends(superuser(stage).await, stop.clone()));
    let client = |person: &Person| Client { device: person.device(), cursor: Mark::default() };
    let living = people.iter().map(|person| tokio::spawn(client(person).live(period, open.clone())));
    let mut syncs = vec![];
    for living in living.collect::<Vec<_>>() {
        syncs.extend(living.await.unwrap());
    }
    stop.store(true, Ordering::SeqCst);
    let (listed, open) = (watching.await.unwrap(), open.most.load(Ordering::SeqCst));

    let errors: Vec<&String> = syncs.iter().filter_map(|sync| sync.pushed.as_ref().err()).collect();
    assert!(
        errors.is_empty(),
        "{} of {} exchanges failed: {:?}",
        errors.len(),
        syncs.len(),
        &errors[..errors.len().min(5)]
    );
    let pushed: BTreeSet<Uuid> = syncs.iter().filter_map(|sync| sync.pushed.clone().ok()).collect();
    assert_eq!(pushed.len(), people.len() * ROUNDS as usize);
    let mut shared = stage.connect(&stage.founder).await;
    let (there, _) = pull_all(&mut shared, Mark::default(), PAGE).await;
    shared.close().await;
    assert_eq!(there.len(), pushed.len());
    assert_eq!(there.iter().map(|(_, envelope)| envelope.change).collect::<BTreeSet<_>>(), pushed);
    assert!(listed > 0, "no session was seen: this test does not bite");
    let most = listed.max(open);
    assert!(most <= BACKENDS, "{listed} sessions were listed at once, {open} connections were open");

    let mut took: Vec<Duration> = syncs.iter().map(|sync| sync.took).collect();
    took.sort();
    let [half, p95] = [50, 95].map(|percent| took[(took.len() * percent / 100).min(took.len() - 1)]);
    println!(
        "figure: {} clients at {} s: {} syncs, p50 {} ms, p95 {} ms, most backends at once {most}, 0 errors",
        people.len(),
        period.as_secs(),
        took.len(),
        half.as_millis(),
        p95.as_millis()
    );
    p95
}

/// 50 clients at 4 s; KEFU_SOAK=1 makes it 1 000 at 60 s.
#[test]
fn many_clients_are_few_sessions_and_none_fails() {
    run(async {
        let soak = std::env::var_os("KEFU_SOAK").is_some();
        let (count, period) = if soak { (1_000, Duration::from_secs(60)) } else { (50, Duration::from_secs(4)) };
        let stage = stage().await;
        let people = stage.clients(count);
        let p95 = clients(&stage, &people, period).await;
        assert!(!soak || p95 < P95, "{p95:?}");

        // Control: sessions that stay are seen to be too many.
        let mut staying = vec![];
        for person in &people[..=BACKENDS] {
            staying.push(person.connect().await.unwrap());
        }
        assert!(
            backends(&mut superuser(&stage).await).await > BACKENDS,
            "sessions are not counted: this test does not bite"
        );
    });
}
