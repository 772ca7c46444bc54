//! The process from a terminal: acts and refusals, queues, due times, rule sets; and killed in the middle of acts.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use terminal::{Desk, complaints};

fn registered(desk: &Desk) -> String {
    let (_, forms) = complaints();
    let answer = desk.kefu_with(&["register", "-"], &forms[0].to_string());
    answer.lines[0]["number"].as_str().unwrap().to_string()
}

#[test]
fn acts_are_done_or_refused_with_the_reason() {
    let desk = Desk::new();
    let number = registered(&desk);
    let done = desk.kefu(&["act", &number, "pass_on"]);
    assert_eq!((done.status, &done.lines[0]), (0, &json!({"number": number, "state": "to_dispatch"})));
    let refused = desk.kefu(&["act", &number, "close"]);
    assert_eq!((refused.status, &refused.refusals[0]["code"]), (1, &json!("denied")));
    let missing = desk.kefu(&["act", &number, "dispatch"]);
    assert_eq!(missing.refusals[0]["fields"][0]["field"], "dispatch.department");
    let values = json!({"values": {"dispatch.department": "技术支持部", "dispatch.handler": "孙丽"}});
    let done = desk.kefu_with(&["act", &number, "dispatch", "--json", "-"], &values.to_string());
    assert_eq!(done.lines[0]["state"], "dispatched");
    let broken = desk.kefu_with(&["act", &number, "accept", "--json", "-"], "{");
    assert_eq!((broken.status, &broken.refusals[0]["code"]), (1, &json!("bad_json")));

    let board = desk.kefu(&["board"]).lines;
    let count = |key: &str| board.iter().find(|queue| queue["key"] == key).map(|queue| queue["count"].clone());
    assert_eq!((count("to_accept"), count("to_dispatch")), (Some(json!(1)), Some(json!(0))));
    let rows = desk.kefu(&["queue", "to_accept"]).lines;
    assert_eq!((&rows[0]["number"], &rows[0]["handler"]), (&json!(number), &json!("孙丽")));
    assert_eq!(desk.kefu(&["queue", "nonsense"]).status, 1);
    assert_eq!(desk.kefu(&["verify"]).lines[0]["problems"], json!([]));
}

/// The vectors of forms.md, as far as they are those of a preset. A day ends at 24:00.
#[test]
fn due_times_need_no_desk() {
    let desk = Desk::bare();
    let due = |preset: &str, kind: &str, received: &str, clock: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kefu"));
        let output = command
            .args(["due", "--preset", preset, "--kind", kind, "--received", received])
            .current_dir(desk.top.path())
            .output()
            .unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.into_iter().find(|line| line["clock"] == clock).map(|line| line["due"].clone())
    };
    for (preset, kind, received, clock, expected) in [
        ("s3", "投诉", "2026-02-13T16:00:00+08:00", "start", "2026-02-25T00:00:00+08:00"),
        ("s3", "complaint", "2026-02-13T16:00:00+08:00", "start", "2026-02-25T00:00:00+08:00"),
        ("s1", "投诉", "2026-11-20T09:10:00+08:00", "done", "2026-11-21T09:10:00+08:00"),
        ("s1", "投诉", "2026-11-20T09:10:00+08:00", "response", "2026-11-20T11:10:00+08:00"),
        ("s2", "投诉", "2026-11-20T09:10:00+08:00", "answer", "2026-11-21T00:00:00+08:00"),
    ] {
        assert_eq!(due(preset, kind, received, clock), Some(json!(expected)), "{preset} {kind} {received}");
    }
    let nonsense = std::process::Command::new(env!("CARGO_BIN_EXE_kefu"))
        .args(["due", "--preset", "s9", "--received", "2026"])
        .output()
        .unwrap();
    assert_eq!(nonsense.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nonsense.stderr).contains("preset"));
}

#[test]
fn rule_sets_go_out_and_come_back_as_lines() {
    let desk = Desk::new();
    let listed = desk.kefu(&["rules", "list"]).lines;
    assert_eq!(listed.iter().filter(|set| set["in_force"] == true).count(), 1);
    let mut set = desk.kefu(&["rules", "export"]).lines.remove(0);
    let same = desk.kefu_with(&["rules", "import", "-"], &set.to_string());
    assert_eq!(same.refusals[0]["code"], "nothing_changed");
    set["marks"]["undispatched_minutes"] = json!(20);
    let year = json!({"year": 2027, "off": ["01-01"]});
    let saved = desk.kefu_with(&["rules", "import", "-"], &format!("{set}\n{year}"));
    assert_eq!((saved.status, &saved.lines[1]["years"]), (0, &json!([2026, 2027])));
    assert_eq!(desk.kefu(&["rules", "list"]).lines.len(), listed.len() + 1);
    set["clocks"][0]["limit"] = json!({"working_days": 0});
    let refused = desk.kefu_with(&["rules", "import", "-"], &set.to_string());
    assert_eq!(refused.refusals[0]["fields"][0]["field"], "clocks[0].limit");
}

/// Rounds of `kill -9`.
const ROUNDS: u64 = 60;

#[test]
fn killed_in_the_middle_no_act_that_was_answered_is_lost() {
    let desk = Desk::new();
    let number = registered(&desk);
    let mut answered = 0;
    for round in 0..ROUNDS {
        let note = desk.top.path().join("note.json");
        std::fs::write(&note, json!({"add": {"process": [{"note": format!("第 {round} 轮")}]}}).to_string()).unwrap();
        let mut command = desk.command(&["act", &number, "note", "--json", note.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // Most of the time goes into the passphrase; the moments lie around the act. Some come to their end.
        if round % 4 > 0 {
            std::thread::sleep(Duration::from_micros(round * 7919 % 60_000) + Duration::from_millis(60 * (round % 8)));
            let _ = child.kill();
        }
        child.wait().unwrap();
        let mut seen = String::new();
        child.stdout.take().unwrap().read_to_string(&mut seen).unwrap();
        answered += usize::from(seen.ends_with("}\n"));
    }
    let shown = desk.kefu(&["show", &number]).lines.remove(0);
    let notes = shown["lists"]["process"].as_array().map_or(0, Vec::len);
    assert!(notes >= answered, "{answered} notes were answered, {notes} are there");
    assert!(answered >= ROUNDS as usize / 4 && notes < ROUNDS as usize, "{answered} answered, {notes} there");
    assert_eq!(desk.kefu(&["verify"]).lines[0]["problems"], json!([]));
    let following = desk.kefu(&["board"]).lines.into_iter().find(|queue| queue["key"] == "following").unwrap();
    assert_eq!(following["count"], 1);
}

/// R71: what is to be checked stands in the way of telling the customer; what was checked is kept for the next one.
#[test]
fn what_is_not_sure_is_checked_and_kept() {
    let desk = Desk::new();
    let number = registered(&desk);
    let act = |act: &str, given: Value| desk.kefu_with(&["act", &number, act, "--json", "-"], &given.to_string());
    let question = json!({"question": "点火器在不在保修内", "whom": "技术支持部"});
    assert_eq!(act("query", json!({"add": {"queries": [question]}})).status, 0);
    let told = json!({"values": {"settled_on_spot": true, "outcome.result": "在保修内", "outcome.response": ["information"],
        "outcome.told_means": "phone"}});
    let refused = act("settle", told.clone());
    let message = refused.refusals[0]["message"].as_str().unwrap();
    assert_eq!((refused.status, message), (1, "有待核实的事项，核实后再答复客户；内容没有改动。"));
    assert_eq!(desk.kefu(&["queue", "queried"]).lines[0]["number"], json!(number));
    let line = desk.kefu(&["show", &number]).lines[0]["lists"]["queries"][0]["id"].clone();
    let nothing = act("query_answer", json!({"add": {"queries": [{"answer": "在"}]}, "strike": [line]}));
    assert_eq!(nothing.refusals[0]["fields"][0]["field"], "queries.source");
    let answer = json!({"answer": "在，整机三年", "source": "说明书第 21 页"});
    assert_eq!(act("query_answer", json!({"add": {"queries": [answer]}, "strike": [line]})).status, 0);
    assert_eq!(act("settle", told).lines[0]["state"], "informed");

    let kept = json!({"title": "点火器在不在保修内", "answer": "在，整机三年，问 13800138021", "source": "说明书"});
    let saved = desk.kefu_with(&["knowledge", "save", "-"], &kept.to_string());
    assert_eq!((saved.status, &saved.lines[0]["personal"]), (0, &json!(["answer"])));
    let mut entry = desk.kefu(&["knowledge", "list", "dianhuoqi"]).lines.remove(0);
    assert_eq!((&entry["version"], &entry["verified_by"], &entry["stale"]), (&json!(1), &json!("孙丽"), &json!(false)));
    entry["answer"] = json!("在，整机三年");
    let saved = desk.kefu_with(&["knowledge", "save", "-"], &entry.to_string());
    assert_eq!((&saved.lines[0]["version"], &saved.lines[0]["personal"]), (&json!(2), &json!([])));
    entry["source"] = json!(" ");
    let refused = desk.kefu_with(&["knowledge", "save", "-"], &entry.to_string());
    assert_eq!(refused.refusals[0]["fields"][0], json!({"field": "source", "problem": "required"}));
    assert_eq!(desk.kefu(&["knowledge", "list", "量子"]).lines, Vec::<Value>::new());
    assert_eq!(desk.kefu(&["knowledge", "save", "-"]).status, 0, "an empty file says nothing");
}
