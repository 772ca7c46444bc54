//! A streaming standby takes over: the primary dies while desks write, and what the standby had not heard of yet the desks
//! bring again.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kefu_app::wire::StandingProblem;
use kefu_testkit::Postgres;
use serde_json::json;
use uuid::Uuid;

use crate::stage::{Machine, World};

/// The address that desks know, whoever answers there: what HAProxy is in front of Patroni.
struct Front(PathBuf);

impl Front {
    fn of(folder: &Path, server: &Postgres) -> Self {
        let front = Front(folder.join(".s.PGSQL.5432"));
        front.turn_to(server);
        front
    }

    fn turn_to(&self, server: &Postgres) {
        let _ = std::fs::remove_file(&self.0);
        symlink(Path::new(server.socket()).join(".s.PGSQL.5432"), &self.0).unwrap();
    }
}

/// Registers and exchanges until told to stop, whatever comes of the exchanges; gives the forms.
async fn write(machine: Arc<Machine>, stop: Arc<AtomicBool>) -> Vec<Uuid> {
    let mut forms = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        forms.push(machine.register(json!({"customer.name": format!("陈秀英{}", forms.len())})).await);
        machine.desk.exchange().await.unwrap();
    }
    forms
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("in a minute it did not come to this: {what}");
}

fn changes(server: &Postgres) -> u64 {
    server.sql("kefu", "SELECT count(*) FROM kefu.changes").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_takes_over_while_desks_write_and_nothing_acknowledged_is_lost() {
    let desks = if std::env::var_os("KEFU_SOAK").is_some() { 10 } else { 3 };
    let settings = ["wal_level = replica", "max_wal_senders = 4", "hot_standby = on", "fsync = on"];
    let primary = Postgres::with_settings(&settings);
    let folder = tempfile::tempdir().unwrap();
    let front = Front::of(folder.path(), &primary);
    let mut world = World::at(primary, folder.path().to_str().unwrap()).await;
    let mut machines = Vec::new();
    for nth in 0..desks {
        machines.push(Arc::new(world.desk(&format!("A{nth}")).await));
    }
    let standby = world.server.standby();

    let stop = Arc::new(AtomicBool::new(false));
    let writing: Vec<_> = machines.iter().map(|one| tokio::spawn(write(one.clone(), stop.clone()))).collect();
    until("the standby follows", || changes(&standby) > 2 * desks).await;
    // The line between them breaks before the primary does: what is acknowledged from here on only the desks have.
    standby.sql("postgres", "ALTER SYSTEM SET primary_conninfo = ''");
    standby.sql("postgres", "SELECT pg_reload_conf()");
    until("nobody follows", || world.server.sql("postgres", "SELECT count(*) FROM pg_stat_replication") == "0").await;
    let at = changes(&standby);
    until("more was acknowledged", || changes(&world.server) > at + 3 * desks).await;
    let acknowledged = changes(&world.server);
    world.server.kill();
    tokio::time::sleep(Duration::from_millis(300)).await; // they go on writing against nobody
    standby.promote();
    let kept = changes(&standby);
    assert!(kept < acknowledged, "nothing was lost at first: this test does not bite");
    front.turn_to(&standby);
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    let mut forms = Vec::new();
    for one in writing {
        forms.extend(one.await.unwrap());
    }

    for _ in 0..2 {
        for machine in &machines {
            machine.sync().await;
        }
    }
    world.server = standby;
    machines.push(Arc::new(world.desk("Z1").await));
    let fresh = machines.last().unwrap().sync().await;
    assert!(fresh.problems.iter().all(|entry| entry.problem != StandingProblem::Quarantined), "{fresh:?}");
    for machine in &machines {
        machine.sync().await;
        for form in &forms {
            assert!(machine.desk.show(*form).await.is_ok(), "lost at {}", machine.seat.device);
        }
        machine.sound().await;
    }
    let lost = acknowledged - kept;
    println!("figure: standby promoted under {desks} writing desks, {lost} acknowledged changes it lacked: 0 lost");
}
