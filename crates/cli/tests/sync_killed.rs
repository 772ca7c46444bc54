//! `kefu sync` killed at any moment while forms are registered beside it, on all sides of the exchange: what was acknowledged is
//! lost nowhere and doubled nowhere. Two desks for a short while; ten with 2 000 forms each, and 200 kills, with `KEFU_SOAK`.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use kefu_testkit::Postgres;
use serde_json::{Value, json};
use terminal::company::{company, done};
use terminal::{Desk, complaints};

/// What each desk does at least.
#[derive(Clone, Copy)]
struct Plan {
    desks: usize,
    forms: usize,
    at_once: usize,
    kills: u64,
}

const SHORT: Plan = Plan { desks: 2, forms: 200, at_once: 20, kills: 5 };
const WHOLE: Plan = Plan { desks: 10, forms: 2_000, at_once: 50, kills: 20 };

/// Registers forms and gives their numbers: these were acknowledged.
fn register(desk: &Desk, forms: &[Value]) -> Vec<String> {
    let answer = done(desk.kefu_with(&["register", "-"], &json!(forms).to_string()));
    answer.lines.iter().map(|line| line["number"].as_str().unwrap().to_owned()).collect()
}

fn numbers(desk: &Desk) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let page = done(desk.kefu(&["list", "--limit", "100", "--offset", &all.len().to_string()])).lines;
        if page.is_empty() {
            return all;
        }
        all.extend(page.iter().map(|line| line["number"].as_str().unwrap().to_owned()));
    }
}

fn syncing(desk: &Desk) -> Child {
    let mut command = desk.command(&["sync"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills it `after` so long; how long it took where it had come to its end before.
fn killed(mut child: Child, after: Duration) -> Option<Duration> {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() >= after {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Some(begun.elapsed())
}

/// One desk registers while it syncs, and is killed at it; gives what was acknowledged, and how often it died.
fn work(desk: &Desk, plan: Plan, nth: u64, forms: &[Value]) -> (Vec<String>, u64) {
    let mut forms = forms.iter().cycle();
    let (mut promised, mut kills, mut round) = (Vec::new(), 0, nth * 401);
    let begun = Instant::now();
    done(desk.kefu(&["sync"]));
    let mut usual = begun.elapsed();
    while promised.len() < plan.forms || kills < plan.kills {
        round += 1;
        assert!(round < nth * 401 + 400, "only {kills} died: the moments come too late");
        // Opening the desk takes a good part of the time; the moments lie around its end and after.
        let share = f64::from(u32::try_from(round * 7_919 % 1_000).unwrap()) / 1_000.0;
        let (child, after) = (syncing(desk), usual.mul_f64(0.3 + share));
        let ended = std::thread::scope(|scope| {
            let killer = scope.spawn(move || killed(child, after));
            if promised.len() < plan.forms {
                let some: Vec<Value> = forms.by_ref().take(plan.at_once).cloned().collect();
                promised.extend(register(desk, &some));
            }
            killer.join().unwrap()
        });
        match ended {
            Some(took) => usual = took,
            None => kills += 1,
        }
    }
    (promised, kills)
}

#[test]
fn killed_while_it_syncs_nothing_acknowledged_is_lost() {
    let plan = if std::env::var_os("KEFU_SOAK").is_some() { WHOLE } else { SHORT };
    let server = Postgres::with_tls("127.0.0.1", 10);
    let desks = company(&server, plan.desks);
    let (_, forms) = complaints();
    let forms = &forms;
    let (mut promised, mut kills) = (BTreeSet::new(), 0);
    std::thread::scope(|scope| {
        let working: Vec<_> =
            (0..).zip(&desks).map(|(nth, desk)| scope.spawn(move || work(desk, plan, nth, forms))).collect();
        for one in working {
            let (acknowledged, died) = one.join().unwrap();
            promised.extend(acknowledged);
            kills += died;
        }
    });
    assert!(promised.len() >= plan.desks * plan.forms, "{} numbers, and some of them twice", promised.len());
    // Round the desks once, and then each has what the others sent last.
    for desk in desks.iter().chain(&desks) {
        let standing = done(desk.kefu(&["sync"])).lines.remove(0);
        assert_eq!((&standing["to_send"], &standing["problems"]), (&json!(0), &json!([])), "{standing}");
    }
    for desk in &desks {
        let there = numbers(desk);
        let different: BTreeSet<String> = there.iter().cloned().collect();
        assert_eq!(different.len(), there.len(), "a form stands there twice");
        assert_eq!(different, promised);
        let verified = done(desk.kefu(&["verify"]));
        assert_eq!(verified.lines[0]["problems"], json!([]));
    }
    let changes = "SELECT count(*) - count(DISTINCT change) FROM kefu.changes";
    assert_eq!(server.sql("kefu", changes), "0", "a change stands on the server twice");
    println!(
        "figure: kefu sync killed {kills} times, {} acknowledged forms on all of {} desks: 0 lost, 0 doubled",
        promised.len(),
        desks.len()
    );
}
