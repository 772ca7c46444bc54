//! Time and other people's sessions: late commits, revoked members, transactions left open.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod stage;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kefu_shared::SharedError;
use kefu_sync::wire::{Answer, Head, Mark};
use stage::{Stage, bytes, deed, greeting, id, next_entry, outgoing, page, push_sql, raw, rows, run};

fn millis(most: u16) -> Duration {
    let random = u16::from_le_bytes(bytes());
    Duration::from_millis(u64::from(random % most))
}

/// Promise 4. The control writes into a table with a bare sequence within the same transactions.
#[test]
fn sixteen_slow_writers_and_a_reader_that_misses_nothing() {
    run(async {
        let stage = Stage::new().await;
        let control = "CREATE TABLE public.naive (seq bigserial PRIMARY KEY, change uuid); GRANT USAGE ON SCHEMA public TO \
                       PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC; GRANT ALL ON ALL SEQUENCES IN SCHEMA \
                       public TO PUBLIC";
        stage.server.sql("kefu", control);
        let until = Instant::now() + Duration::from_secs(12);
        let mut writers = vec![];
        for person in stage.crowd(16) {
            writers.push(tokio::spawn(async move {
                let (mut session, mut device, mut done) = (raw(&person).await, person.device(), vec![]);
                while Instant::now() < until {
                    let before = device.clone();
                    let change = device.make(deed(id(), "register"));
                    rows(&mut session, "BEGIN").await.unwrap();
                    let naive = format!("INSERT INTO public.naive (change) VALUES ('{}')", change.change);
                    rows(&mut session, &naive).await.unwrap();
                    tokio::time::sleep(millis(250)).await;
                    match rows(&mut session, &push_sql(&change)).await {
                        Ok(answer) => {
                            assert!(answer[0].starts_with("ok|"), "{answer:?}");
                            tokio::time::sleep(millis(250)).await;
                            rows(&mut session, "COMMIT").await.unwrap();
                            done.push(change.change);
                        }
                        Err(busy) => {
                            assert!(busy.contains("lock timeout"), "{busy}");
                            rows(&mut session, "ROLLBACK").await.unwrap();
                            device = before;
                        }
                    }
                }
                done
            }));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, reader) = (stop.clone(), stage.founder.clone());
        let reader = tokio::spawn(async move {
            let (mut shared, mut session) = (reader.connect().await.unwrap(), raw(&reader).await);
            let (mut cursor, mut got, mut naive_cursor, mut naive) = (Mark::default(), vec![], 0i64, BTreeSet::new());
            loop {
                let last = stopped.load(Ordering::SeqCst);
                let page = page(&mut shared, cursor, 500).await;
                cursor = page.cursor;
                got.extend(page.rows.into_iter().map(|row| (row.seq, row.envelope.change)));
                let sql = format!("SELECT seq, change FROM public.naive WHERE seq > {naive_cursor} ORDER BY seq");
                for row in rows(&mut session, &sql).await.unwrap() {
                    let (seq, change) = row.split_once('|').unwrap();
                    naive_cursor = seq.parse().unwrap();
                    naive.insert(change.parse().unwrap());
                }
                if last {
                    return (got, naive);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let mut written = BTreeSet::new();
        for writer in writers {
            written.extend(writer.await.unwrap());
        }
        stop.store(true, Ordering::SeqCst);
        let (got, naive) = reader.await.unwrap();
        assert!(written.len() > 20, "{} only", written.len());
        assert_eq!(got.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=written.len() as u64).collect::<Vec<_>>());
        assert_eq!(got.iter().map(|(_, change)| *change).collect::<BTreeSet<_>>(), written);
        let missed = written.difference(&naive).count();
        assert!(missed > 0, "the control missed none of {}: this test does not bite", written.len());
        println!("figure: {} late commits: missed 0, the bare sequence missed {missed}", written.len());
    });
}

/// Promise 10.
#[test]
fn a_revoked_member_with_an_open_session_is_out_at_once() {
    run(async {
        let stage = Stage::new().await;
        let member = stage.member(&["reception"]).await;
        let mut session = stage.connect(&member).await;
        let mut device = member.device();
        assert_eq!(device.send(&mut session, deed(id(), "register")).await, Answer::Ok(1));
        let mut admin = stage.connect(&stage.founder).await;
        let append = next_entry(&mut admin).await;
        admin.revoke(Some(member.member), None, &append).await.unwrap();
        let begun = Instant::now();
        assert!(matches!(session.pull(Mark::default(), 1).await, Err(SharedError::Unreachable)));
        assert!(matches!(member.connect().await, Err(SharedError::Login)));
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(admin.members().await.unwrap().iter().filter(|seat| seat.status == "revoked").count(), 1);
        // He comes back with a new invite, on the same device.
        let again = stage.seat(&["reception"], member.member, member.device).await;
        let mut session = stage.connect(&again).await;
        assert_eq!(device.send(&mut session, deed(id(), "register")).await, Answer::Ok(2));
    });
}

#[test]
fn a_transaction_left_open_is_ended_by_whoever_needs_the_lock() {
    run(async {
        let stage = Stage::new().await;
        let technician = stage.member(&["technician"]).await;
        let mut rogue = raw(&technician).await;
        let hold = "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; BEGIN";
        rows(&mut rogue, hold).await.unwrap();
        let record = id();
        let refused = technician.device().make(deed(record, "note"));
        assert_eq!(rows(&mut rogue, &push_sql(&refused)).await.unwrap(), ["unassigned|"]);
        let (mut desk, mut shared) = (stage.founder.device(), stage.connect(&stage.founder).await);
        let change = desk.make(deed(record, "register"));
        let begun = Instant::now();
        let pushed = loop {
            match shared.push(&[outgoing(&change)]).await {
                Err(SharedError::Busy) => shared.reap().await.unwrap(),
                pushed => break pushed.unwrap().each,
            };
        };
        assert_eq!(pushed, [Answer::Ok(1)]);
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
        assert!(rows(&mut rogue, "SELECT 1").await.is_err());
    });
}

#[test]
fn a_server_that_is_killed_keeps_what_it_acknowledged() {
    run(async {
        let stage = Stage::on(kefu_testkit::Postgres::with_settings(&["fsync = on"])).await;
        let (mut desk, mut shared) = (stage.founder.device(), stage.connect(&stage.founder).await);
        for _ in 0..5 {
            desk.send(&mut shared, deed(id(), "register")).await;
        }
        stage.server.kill();
        let mut greeting = greeting(desk.person.device, &[]);
        greeting.own = vec![Head { seq: 5, digest: desk.link }];
        assert!(matches!(shared.hello(&greeting).await, Err(SharedError::Unreachable)));
        assert!(matches!(stage.founder.connect().await, Err(SharedError::Unreachable)));
        stage.server.start_again();
        let mut shared = stage.connect(&stage.founder).await;
        let hello = shared.hello(&greeting).await.unwrap();
        assert_eq!((hello.welcome.last, hello.welcome.own), (5, 5));
    });
}
