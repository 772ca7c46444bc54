//! Two terminals on one server, from nothing: founded, joined, and what one registers the other finds; asked once, or watching.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use kefu_testkit::Postgres;
use serde_json::{Value, json};
use terminal::company::{ADMIN, company, done};
use terminal::{Desk, complaints};

#[test]
fn what_was_registered_before_there_was_a_workspace_is_found_on_a_desk_that_joined() {
    let server = Postgres::with_tls("127.0.0.1", 10);
    server.sql("postgres", "CREATE DATABASE kefu");
    server.sql("postgres", &format!("CREATE ROLE installer SUPERUSER LOGIN PASSWORD '{ADMIN}'"));
    let one = Desk::new();
    let (_, forms) = complaints();
    let registered = done(one.kefu_with(&["register", "-"], &forms[0].to_string()));
    let number = registered.lines[0]["number"].as_str().unwrap().to_owned();
    let refused = one.kefu(&["sync"]);
    assert_eq!((refused.status, &refused.refusals[0]["code"]), (1, &json!("no_workspace")));

    let authority = one.top.path().join("authority.pem");
    std::fs::write(&authority, &server.certificates().authority).unwrap();
    let port = server.port().to_string();
    let list = ["shared", "create", "--host", "127.0.0.1", "--port", &port, "--database", "kefu", "--login"];
    let rest = ["installer", "--password-env", "INSTALLER", "--authority", authority.to_str().unwrap()];
    let mut command = one.command(&[&list[..], &rest].concat());
    done(terminal::answered(command.env("INSTALLER", ADMIN)));
    done(one.kefu(&["member", "add", "--name", "王芳", "--roles", "reception,supervisor"]));
    let standing = done(one.kefu(&["sync", "--once"])).lines.remove(0);
    assert_eq!((&standing["online"], &standing["to_send"]), (&json!(true), &json!(0)), "{standing}");
    assert_eq!(standing["problems"], json!([]));

    let invite = done(one.kefu(&["shared", "invite", "--member", "王芳"])).lines.remove(0);
    let two = Desk::bare();
    let invite = invite["invite"].as_str().unwrap();
    done(two.kefu(&["shared", "join", "--invite", invite, "--device-code", "B07"]));
    let requests = done(one.kefu(&["shared", "requests"])).lines;
    done(one.kefu(&["shared", "admit", requests[0]["id"].as_str().unwrap()]));
    done(two.kefu(&["shared", "ask"]));
    let standing = done(two.kefu(&["sync"])).lines.remove(0);
    assert_eq!(standing["problems"], json!([]), "{standing}");
    let shown = done(two.kefu(&["show", &number])).lines.remove(0);
    assert_eq!(shown["number"], json!(number));

    // And back again.
    let registered = done(two.kefu_with(&["register", "-"], &forms[1].to_string()));
    done(two.kefu(&["sync"]));
    done(one.kefu(&["sync"]));
    done(one.kefu(&["show", registered.lines[0]["number"].as_str().unwrap()]));
    assert!(done(one.kefu(&["conflicts"])).lines.is_empty());
    for desk in [&one, &two] {
        done(desk.kefu(&["verify"]));
    }
    server.kill();
    let cut = one.kefu(&["sync"]);
    assert_eq!((cut.status, &cut.refusals[0]["code"]), (1, &json!("shared_unreachable")));
}

/// The escalation of a fault that came for the third time is written once the writing pauses; a terminal that was closed
/// before that leaves it to whoever opens the desk next.
#[test]
fn what_follows_from_what_was_registered_goes_with_it() {
    let server = Postgres::with_tls("127.0.0.1", 10);
    let desk = company(&server, 1).remove(0);
    let (_, forms) = complaints();
    let thrice = json!([forms[0], forms[0], forms[0]]).to_string();
    let mut command = desk.command(&["register", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(thrice.as_bytes()).unwrap();
    let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).take(3).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(told, 3);
    let standing = done(desk.kefu(&["sync"])).lines.remove(0);
    assert_eq!(standing["to_send"], json!(0), "{standing}");
    assert_eq!(server.sql("kefu", "SELECT count(*) FROM kefu.changes WHERE act = 'escalate'"), "1");
}

/// `kefu sync --watch` on a desk, with the lines that it says as they come.
struct Watching {
    child: Child,
    lines: Receiver<Value>,
}

impl Watching {
    fn at(desk: &Desk) -> Self {
        let mut command = desk.command(&["sync", "--watch"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (say, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        // Read to its end, or the pipe would fill up and hold it.
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = say.send(serde_json::from_str(&line).unwrap()); // nobody may be waiting any more
            }
        });
        Watching { child, lines }
    }

    /// The next line.
    fn says(&self) -> Value {
        self.lines.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    /// Ends it as whoever stops a service does, and waits until it has.
    fn stop(mut self) {
        assert_eq!(self.child.try_wait().unwrap(), None, "it has ended by itself");
        #[cfg(unix)]
        {
            let mut command = std::process::Command::new("kill");
            assert!(command.args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        }
        #[cfg(not(unix))]
        self.child.kill().unwrap();
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // Where the test fails, nothing is left running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn two_desks_that_watch_have_what_the_other_registers() {
    let server = Postgres::with_tls("127.0.0.1", 10);
    let desks = company(&server, 2);
    let (_, forms) = complaints();
    let watching = [&desks[0], &desks[1]].map(Watching::at);
    for one in &watching {
        let standing = one.says();
        assert_eq!((&standing["joined"], &standing["online"]), (&json!(true), &json!(true)), "{standing}");
    }
    // Registered by another process on the desk's file: the one that watches sends it, and the other's fetches it.
    for (from, to, form) in [(0, 1, &forms[0]), (1, 0, &forms[1])] {
        let registered = done(desks[from].kefu_with(&["register", "-"], &form.to_string()));
        let number = registered.lines[0]["number"].as_str().unwrap().to_owned();
        let begun = Instant::now();
        while desks[to].kefu(&["show", &number]).status != 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{number} does not arrive");
            std::thread::sleep(Duration::from_millis(200));
        }
        let row = done(desks[to].kefu(&["show", &number])).lines.remove(0);
        assert_eq!(row["number"], json!(number));
    }
    // The line broken and whole again is told, and nobody has to start anything anew.
    server.kill();
    let begun = Instant::now();
    while watching[0].says()["online"] != json!(false) {
        assert!(begun.elapsed() < Duration::from_secs(60), "a server that is gone is not told");
    }
    let late = done(desks[0].kefu_with(&["register", "-"], &forms[2].to_string()));
    server.start_again();
    let number = late.lines[0]["number"].as_str().unwrap();
    let begun = Instant::now();
    while desks[1].kefu(&["show", number]).status != 0 {
        assert!(begun.elapsed() < Duration::from_secs(90), "{number} does not arrive after the server came back");
        std::thread::sleep(Duration::from_millis(500));
    }
    watching.into_iter().for_each(Watching::stop);
    for desk in &desks {
        let standing = done(desk.kefu(&["sync"])).lines.remove(0);
        assert_eq!((&standing["to_send"], &standing["problems"]), (&json!(0), &json!([])), "{standing}");
        assert_eq!(done(desk.kefu(&["verify"])).lines[0]["problems"], json!([]));
    }
}
