//! Killed at any moment: every number that was printed is there, the log is whole, and nothing lies in clear.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use terminal::{Desk, complaints, files};

/// Rounds of `kill -9`.
const ROUNDS: u64 = 200;

fn start(desk: &Desk, input: &str) -> Child {
    let mut command = desk.command(&["register", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_string();
    std::thread::spawn(move || stdin.write_all(input.as_bytes())); // the child may die before it has read all
    child
}

#[test]
fn killed_two_hundred_times_nothing_acknowledged_is_lost() {
    let desk = Desk::new();
    let (_, forms) = complaints();
    let many: Vec<&Value> = forms.iter().cycle().take(200).collect();
    let input = json!(many).to_string();
    let mut promised = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut child = start(&desk, &input);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        // Kill between the first acknowledgements, at a moment that moves on with every round.
        let mut seen = String::new();
        for _ in 0..round % 5 {
            out.read_line(&mut seen).unwrap();
        }
        std::thread::sleep(Duration::from_micros(round * 7919 % 6000));
        child.kill().unwrap();
        child.wait().unwrap();
        out.read_to_string(&mut seen).unwrap();
        // The last line may have been cut off while it was printed.
        let whole = seen.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        for line in whole {
            let number = line["number"].as_str().unwrap().to_string();
            assert!(promised.insert(number.clone()), "{number} was given twice");
        }
        if round % 20 == 19 {
            let verified = desk.kefu(&["verify"]);
            assert_eq!((verified.status, &verified.lines[0]["problems"]), (0, &json!([])), "round {round}");
        }
    }
    assert!(promised.len() > 300, "only {} forms were acknowledged: the rounds were too short", promised.len());
    let mut there = BTreeSet::new();
    loop {
        let page = desk.kefu(&["list", "--limit", "100", "--offset", &there.len().to_string()]).lines;
        if page.is_empty() {
            break;
        }
        there.extend(page.iter().map(|l| l["number"].as_str().unwrap().to_string()));
    }
    let lost: Vec<_> = promised.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
}

#[test]
fn nothing_lies_in_clear_while_running_or_after_a_kill() {
    let desk = Desk::new();
    let (_, mut forms) = complaints();
    let planted = ["翦伯象", "15912340987", "地窖里的蓝色算盘", "jianboxiang", "西溪蒋村花园"];
    for form in &mut forms {
        form["客户"]["名称"] = json!(planted[0]);
        form["客户"]["电话"] = json!(planted[1]);
        form["客户"]["地址"] = json!(planted[4]);
        form["描述"] = json!(format!("{}，{}", planted[2], planted[3]));
    }
    let many: Vec<&Value> = forms.iter().cycle().take(6000).collect(); // more than the pipe takes: it waits for us
    let mut child = start(&desk, &json!(many).to_string());
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut looked_at = 0;
    let mut search = |when: &str| {
        for (path, bytes) in files(desk.top.path()) {
            looked_at += 1;
            for secret in planted {
                let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
                for needle in [secret.as_bytes(), &wide] {
                    assert!(!terminal::holds(&bytes, needle), "{secret} lies in {} {when}", path.display());
                }
            }
        }
    };
    let mut line = String::new();
    for _ in 0..3 {
        for _ in 0..40 {
            out.read_line(&mut line).unwrap();
        }
        search("while running");
    }
    assert!(desk.data().join("desk.db-wal").exists(), "the search must see the write-ahead log");
    child.kill().unwrap();
    child.wait().unwrap();
    search("after a kill");
    assert!(looked_at >= 16, "only {looked_at} files were searched");
    // The bites: the same words are found where they do lie.
    assert_eq!(desk.kefu(&["find", planted[2], "--limit", "100"]).lines.len(), 100);
}
