//! Measured, not tested: push and pull as ratios to bare COPY and SELECT of the same bytes on the same server.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod stage;

use std::time::Instant;

use kefu_domain::envelope::Envelope;
use kefu_sync::batch;
use kefu_sync::wire::{Answer, Mark};
use stage::{Stage, deed, id, pull_all, push, run};

const CHANGES: usize = 100_000;

#[test]
#[ignore = "a figure: run it alone, optimised"]
fn pushed_and_pulled_per_second() {
    run(async {
        let server = kefu_testkit::Postgres::with_settings(&[
            "fsync = on",
            "shared_buffers = 1GB",
            "max_wal_size = 8GB",
            "track_functions = all",
        ]);
        let stage = Stage::on(server).await;
        let desks = stage.crowd(4);
        let queues: Vec<Vec<Envelope>> = desks
            .iter()
            .map(|person| {
                let mut device = person.device();
                let records: Vec<_> = (0..CHANGES / desks.len() / 10).map(|_| id()).collect();
                let all = (0..CHANGES / desks.len()).map(|n| device.make(deed(records[n % records.len()], "note")));
                all.collect()
            })
            .collect();
        let begun = Instant::now();
        let mut writers = vec![];
        for (person, queue) in desks.iter().cloned().zip(queues) {
            writers.push(tokio::spawn(async move {
                let mut shared = person.connect().await.unwrap();
                for batch in queue.chunks(batch::CHANGES) {
                    let answers = push(&mut shared, batch).await;
                    assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))));
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let pushed = begun.elapsed().as_secs_f64();
        let mut shared = stage.connect(&stage.founder).await;
        let begun = Instant::now();
        let (got, _) = pull_all(&mut shared, Mark::default(), 500).await;
        let pulled = begun.elapsed().as_secs_f64();
        assert_eq!(got.len(), CHANGES);

        let sql = |sql: &str| {
            let begun = Instant::now();
            stage.server.sql("kefu", sql);
            begun.elapsed().as_secs_f64()
        };
        let file = format!("{}/bare", stage.server.socket());
        let select = sql(&format!("COPY kefu.changes TO '{file}'"));
        stage.server.sql("kefu", "CREATE TABLE public.bare (LIKE kefu.changes INCLUDING ALL)");
        let copy = sql(&format!("COPY public.bare FROM '{file}'"));
        let rate = |seconds: f64| CHANGES as f64 / seconds;
        let times = "SELECT funcname, calls, round(total_time) || ' ms', round(self_time) || ' ms alone' FROM \
                     pg_stat_user_functions WHERE schemaname = 'kefu' ORDER BY self_time DESC LIMIT 6";
        println!("{}", stage.server.sql("kefu", times));
        println!(
            "figure: server alone, push {:.0}/s, {:.2} of COPY's {:.0}/s",
            rate(pushed),
            copy / pushed,
            rate(copy)
        );
        println!(
            "figure: server alone, pull {:.0}/s, {:.2} of SELECT's {:.0}/s",
            rate(pulled),
            select / pulled,
            rate(select)
        );
    });
}
