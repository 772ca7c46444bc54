//! Two terminals on one server, from nothing: founded, joined, and what one registers the other finds.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use kefu_testkit::Postgres;
use serde_json::json;
use terminal::{Answer, Desk, complaints};

const ADMIN: &str = "安装用的口令8";

fn done(answer: Answer) -> Answer {
    assert_eq!(answer.status, 0, "{}", answer.errors);
    answer
}

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
