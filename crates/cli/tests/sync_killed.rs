//! `kefu sync` killed at any moment, on both sides of the exchange: what was acknowledged is lost nowhere and doubled nowhere.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use kefu_testkit::Postgres;
use serde_json::{Value, json};
use terminal::{Answer, Desk, complaints};

const ADMIN: &str = "安装用的口令8";

fn done(answer: Answer) -> Answer {
    assert_eq!(answer.status, 0, "{}", answer.errors);
    answer
}

/// Two desks of one workspace, which have exchanged once.
fn pair(server: &Postgres) -> [Desk; 2] {
    server.sql("postgres", "CREATE DATABASE kefu");
    server.sql("postgres", &format!("CREATE ROLE installer SUPERUSER LOGIN PASSWORD '{ADMIN}'"));
    let one = Desk::new();
    let authority = one.top.path().join("authority.pem");
    std::fs::write(&authority, &server.certificates().authority).unwrap();
    let port = server.port().to_string();
    let list = ["shared", "create", "--host", "127.0.0.1", "--port", &port, "--database", "kefu", "--login"];
    let rest = ["installer", "--password-env", "INSTALLER", "--authority", authority.to_str().unwrap()];
    let mut command = one.command(&[&list[..], &rest].concat());
    done(terminal::answered(command.env("INSTALLER", ADMIN)));
    done(one.kefu(&["member", "add", "--name", "王芳", "--roles", "reception,supervisor"]));
    done(one.kefu(&["sync"]));
    let invite = done(one.kefu(&["shared", "invite", "--member", "王芳"])).lines.remove(0);
    let two = Desk::bare();
    done(two.kefu(&["shared", "join", "--invite", invite["invite"].as_str().unwrap(), "--device-code", "B07"]));
    let requests = done(one.kefu(&["shared", "requests"])).lines;
    done(one.kefu(&["shared", "admit", requests[0]["id"].as_str().unwrap()]));
    done(two.kefu(&["shared", "ask"]));
    done(two.kefu(&["sync"]));
    [one, two]
}

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

#[test]
fn killed_while_it_syncs_nothing_acknowledged_is_lost() {
    let rounds = if std::env::var_os("KEFU_SOAK").is_some() { 200 } else { 10 };
    let server = Postgres::with_tls("127.0.0.1", 10);
    let desks = pair(&server);
    let (_, forms) = complaints();
    let mut promised = BTreeSet::new();
    let begun = Instant::now();
    done(desks[0].kefu(&["sync"]));
    let whole = begun.elapsed();
    let mut killed = 0;
    for round in 0..rounds {
        for desk in &desks {
            promised.extend(register(desk, &forms));
        }
        // Both at once. Opening the desk takes a good part of the time; the moments of the kills lie around its end and after.
        let begun = Instant::now();
        let mut running: Vec<_> = desks
            .iter()
            .zip([0, 401])
            .map(|(desk, apart)| {
                let share = f64::from((round * 7_919 + apart) % 1_000) / 1_000.0;
                let mut command = desk.command(&["sync"]);
                let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                (command.spawn().unwrap(), begun + whole.mul_f64(0.4 + share))
            })
            .collect();
        while !running.is_empty() {
            std::thread::sleep(Duration::from_millis(1));
            running.retain_mut(|(child, moment)| {
                let ended = child.try_wait().unwrap().is_some();
                if !ended && Instant::now() >= *moment {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    killed += 1;
                    return false;
                }
                !ended
            });
        }
    }
    assert!(killed >= rounds, "only {killed} of {} died: the moments come too late", 2 * rounds);
    for desk in [&desks[0], &desks[1], &desks[0]] {
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
        "figure: kefu sync killed {killed} times, {} acknowledged forms on both desks: 0 lost, 0 doubled",
        promised.len()
    );
}
