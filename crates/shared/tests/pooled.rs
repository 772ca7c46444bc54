//! Through PgBouncer in transaction mode, where a session is another's between any two transactions.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use kefu_shared::{Address, SCHEMA, Shared, SharedError, install};
use kefu_sync::wire::{Answer, Mark};
use kefu_testkit::{PgBouncer, Postgres};
use stage::{Person, Stage, deed, found_by, greeting, id, next_entry, page, run};
use zeroize::Zeroizing;

const INSTALLER: &str = "installer";

fn pooled(pool: &PgBouncer, address: &Address) -> Address {
    Address { host: pool.socket().into(), port: pool.port(), pooled: true, ..address.clone() }
}

fn through(pool: &PgBouncer, person: &Person) -> Person {
    Person { address: pooled(pool, &person.address), ..person.clone() }
}

/// What follows from sharing sessions: two statements with the same sorts of values, asked by the same login at a time, are
/// not taken for each other.
#[test]
fn no_one_is_given_the_answer_to_what_another_asked() {
    run(async {
        let stage = Stage::new().await;
        let pool = PgBouncer::before(&stage.server, "kefu", 3, INSTALLER);
        let person = through(&pool, &stage.founder);
        let asking = (0..12).map(|number| {
            let person = person.clone();
            tokio::spawn(async move {
                let mut shared = person.connect().await.unwrap();
                for _ in 0..100 {
                    if number % 2 == 0 {
                        assert_eq!(shared.members().await.unwrap().len(), 1);
                    } else {
                        assert_eq!(shared.desk_keys().await.unwrap(), []);
                    }
                }
                shared.close().await;
            })
        });
        for asking in asking.collect::<Vec<_>>() {
            asking.await.unwrap();
        }
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'kefu\\_%'";
        assert_eq!(stage.server.sql("kefu", sessions), "3"); // or the test would not bite
    });
}

/// From nothing to a member who is sent away, all by the pool.
#[test]
fn a_workspace_lives_behind_a_pool() {
    run(async {
        let server = Postgres::start();
        server.sql("postgres", "CREATE DATABASE kefu");
        let pool = PgBouncer::before(&server, "kefu", 3, INSTALLER);
        let admin = pooled(&pool, &stage::address(&server, "postgres", INSTALLER));
        assert_eq!(install(&admin).await.unwrap().before, 0);
        assert_eq!(install(&admin).await.unwrap().before, SCHEMA);
        let (workspace, founder) = found_by(&admin, &["reception", "admin"]).await;
        let stage = Stage { server, workspace, founder };
        let member = stage.member(&["reception", "records"]).await;
        let (mut ours, mut theirs) = (stage.connect(&stage.founder).await, stage.connect(&member).await);
        ours.hello(&greeting(stage.founder.device, &[])).await.unwrap();
        theirs.hello(&greeting(member.device, &[])).await.unwrap();
        let mut device = member.device();
        for seq in 1..=30 {
            assert_eq!(device.send(&mut theirs, deed(id(), "register")).await, Answer::Ok(seq));
        }
        assert_eq!(page(&mut ours, Mark::default(), 500).await.rows.len(), 30);
        assert!(matches!(theirs.raise_epoch().await, Err(SharedError::Forbidden)));
        assert_eq!(page(&mut theirs, Mark::default(), 500).await.rows.len(), 30, "after an error one may go on");
        theirs.close().await;
        let wrong = Address { password: Zeroizing::new("wrong".into()), ..member.address.clone() };
        assert!(matches!(Shared::connect(&wrong, workspace).await, Err(SharedError::Login)));
        let append = next_entry(&mut ours).await;
        ours.revoke(Some(member.member), None, &append).await.unwrap();
        assert!(matches!(member.connect().await, Err(SharedError::Login)));
    });
}
