//! The workspace from two terminals on one server: made, invited, joined, admitted, checked, revoked.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use kefu_testkit::Postgres;
use serde_json::{Value, json};
use terminal::{Answer, Desk, complaints, files, holds};

const ADMIN: &str = "安装用的口令8";

struct Office {
    server: Postgres,
    desk: Desk,
}

impl Office {
    fn new() -> Self {
        let server = Postgres::with_tls_and_settings("127.0.0.1", 10, &["fsync = on"]);
        server.sql("postgres", "CREATE DATABASE kefu");
        server.sql("postgres", &format!("CREATE ROLE installer SUPERUSER LOGIN PASSWORD '{ADMIN}'"));
        Office { server, desk: Desk::new() }
    }

    fn create(&self, desk: &Desk, authority: &str, password: &str) -> Answer {
        self.as_installer(desk, &["shared", "create"], authority, password)
    }

    /// Has `desk` do what takes a login that may install.
    fn as_installer(&self, desk: &Desk, what: &[&str], authority: &str, password: &str) -> Answer {
        let file = desk.top.path().join("authority.pem");
        std::fs::write(&file, authority).unwrap();
        let port = self.server.port().to_string();
        let list = ["--host", "127.0.0.1", "--port", &port, "--database", "kefu", "--login"];
        let rest = ["installer", "--password-env", "INSTALLER", "--authority", file.to_str().unwrap()];
        let mut command = desk.command(&[what, &list[..], &rest].concat());
        terminal::answered(command.env("INSTALLER", password))
    }

    /// Makes the workspace and gives the recovery kit.
    fn made(&self) -> Value {
        let made = self.create(&self.desk, &self.server.certificates().authority, ADMIN);
        assert_eq!(made.status, 0, "{}", made.errors);
        made.lines[0].clone()
    }

    fn invite(&self, member: &str) -> String {
        let invited = self.desk.kefu(&["shared", "invite", "--member", member]);
        assert_eq!(invited.status, 0, "{}", invited.errors);
        invited.lines[0]["invite"].as_str().unwrap().to_owned()
    }

    fn enrol(&self, name: &str, roles: &str) {
        let added = self.desk.kefu(&["member", "add", "--name", name, "--roles", roles]);
        assert_eq!(added.status, 0, "{}", added.errors);
    }
}

fn join(invite: &str, code: &str) -> (Desk, Answer) {
    let desk = Desk::bare();
    let joined = desk.kefu(&["shared", "join", "--invite", invite, "--device-code", code]);
    (desk, joined)
}

fn refusal(answer: &Answer) -> &Value {
    assert_eq!(answer.status, 1, "{}", answer.errors);
    &answer.refusals[0]["code"]
}

#[test]
fn a_second_device_is_invited_joins_is_admitted_and_taken_out() {
    let office = Office::new();
    let desk = &office.desk;
    let (_, forms) = complaints();
    assert_eq!(desk.kefu_with(&["register", "-"], &forms[0].to_string()).status, 0);
    assert_eq!(refusal(&desk.kefu(&["shared", "members"])), "no_workspace");
    let made = office.made();
    assert_eq!(made["recovery_kit"].as_array().unwrap().len(), 4);
    assert_eq!(made["left"], json!([]));
    let again = office.create(desk, &office.server.certificates().authority, ADMIN);
    assert_eq!(refusal(&again), "already_shared");
    let status = &desk.kefu(&["shared", "status"]).lines[0]["workspace"];
    assert_eq!((&status["administers"], &status["founder"]), (&json!(true), &json!(true)));
    assert_eq!(status["fingerprint"], made["fingerprint"]);

    office.enrol("王芳", "reception");
    let invite = office.invite("王芳");
    let (second, joined) = join(&invite, "B07");
    assert_eq!((joined.status, &joined.lines[0]["sent"]), (0, &json!(true)), "{}", joined.errors);
    let waiting = second.kefu(&["shared", "ask"]);
    assert_eq!(waiting.lines[0]["waiting"], joined.lines[0]["fingerprint"]);
    assert_eq!(refusal(&second.kefu(&["shared", "members"])), "shared_no_seat");

    // Both screens show the same, and only then is it let in.
    let requests = desk.kefu(&["shared", "requests"]).lines;
    assert_eq!((&requests[0]["state"], &requests[0]["name"]), (&json!("asked"), &json!("王芳")));
    assert_eq!(requests[0]["fingerprint"], joined.lines[0]["fingerprint"]);
    assert_eq!(requests[0]["device_code"], "B07");
    let admitted = desk.kefu(&["shared", "admit", requests[0]["id"].as_str().unwrap()]);
    assert_eq!(admitted.status, 0, "{}", admitted.errors);
    assert!(desk.kefu(&["shared", "requests"]).lines.is_empty());
    let inside = second.kefu(&["shared", "ask"]);
    assert_eq!(inside.status, 0, "{}", inside.errors);
    assert_eq!((&inside.lines[0]["waiting"], &inside.lines[0]["administers"]), (&json!(null), &json!(false)));
    let seats = second.kefu(&["shared", "members"]).lines;
    let codes: Vec<_> = seats.iter().map(|seat| (&seat["device_code"], &seat["status"], &seat["own"])).collect();
    let (here, active) = (json!(true), json!("active"));
    assert_eq!(codes, [(&json!("A03"), &active, &json!(false)), (&json!("B07"), &active, &here)]);

    for from in [desk, &second] {
        let checked = from.kefu(&["shared", "check"]);
        assert_eq!(checked.status, 0, "{:?}", checked.lines);
        assert_eq!(checked.lines.len(), 9);
    }
    // A second one of the same code is not let in, and the invite was good for one.
    let (_, late) = join(&invite, "B08");
    assert_eq!(late.lines[0]["sent"], false);
    let (_, same) = join(&office.invite("王芳"), "B07");
    assert_eq!(same.status, 0);
    let requests = desk.kefu(&["shared", "requests"]).lines;
    let asked = requests.iter().find(|request| request["state"] == "asked").unwrap();
    let refused = desk.kefu(&["shared", "admit", asked["id"].as_str().unwrap()]);
    assert_eq!(refusal(&refused), "device_code_taken");

    // Lost: out at once, the desk key turned, its history kept.
    let own = seats[0]["device"].as_str().unwrap();
    assert_eq!(refusal(&desk.kefu(&["shared", "revoke", "--device", own])), "own_device");
    assert_eq!(refusal(&second.kefu(&["shared", "revoke", "--device", own])), "not_allowed");
    let out = desk.kefu(&["shared", "revoke", "--device", seats[1]["device"].as_str().unwrap()]);
    assert_eq!(out.lines[1]["status"], "revoked", "{}", out.errors);
    assert_eq!(refusal(&second.kefu(&["shared", "members"])), "shared_login");
    assert_eq!(second.kefu(&["shared", "check"]).lines[0]["what"], "login");
    let keys = office.server.sql("kefu", "SELECT string_agg(epoch::text, ',' ORDER BY epoch) FROM kefu.desk_keys");
    assert_eq!(keys, "2,2", "the new one for the founder, the one before under it");

    // One admitted after that reads the history all the same: the earlier key came with it.
    let (third, _) = join(&office.invite("王芳"), "C1");
    let requests = desk.kefu(&["shared", "requests"]).lines;
    let asked = requests.iter().find(|request| request["device_code"] == "C1").unwrap();
    assert_eq!(desk.kefu(&["shared", "admit", asked["id"].as_str().unwrap()]).status, 0);
    assert_eq!(third.kefu(&["shared", "ask"]).lines[0]["waiting"], json!(null));
    assert_eq!(third.kefu(&["shared", "check"]).status, 0);
    assert_eq!(desk.kefu(&["shared", "put-back"]).status, 0);
}

#[test]
fn where_no_administrators_machine_is_left_the_kit_makes_one() {
    let office = Office::new();
    let made = office.made();
    let lines = made["recovery_kit"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    let kit = lines.collect::<Vec<_>>().join("\n");
    office.enrol("王芳", "reception");
    let (second, _) = join(&office.invite("王芳"), "B07");
    let requests = office.desk.kefu(&["shared", "requests"]).lines;
    assert_eq!(office.desk.kefu(&["shared", "admit", requests[0]["id"].as_str().unwrap()]).status, 0);
    assert_eq!(second.kefu(&["shared", "ask"]).status, 0);
    for desk in [&office.desk, &second] {
        assert_eq!(desk.kefu(&["sync"]).status, 0);
    }
    let lost = second.kefu(&["shared", "members"]).lines[0]["device"].as_str().unwrap().to_owned();
    assert_eq!(refusal(&second.kefu(&["shared", "revoke", "--device", &lost])), "not_allowed");

    let authority = &office.server.certificates().authority;
    let take = |kit: &str| office.as_installer(&second, &["shared", "take-over", "--kit", kit], authority, ADMIN);
    assert_eq!(refusal(&take("AAAAA-BBBBB-CCCCC")), "kit_wrong");
    let taken = take(&kit);
    assert_eq!((taken.status, &taken.lines[0]["founder"]), (0, &json!(true)), "{}", taken.errors);
    let out = second.kefu(&["shared", "revoke", "--device", &lost]);
    assert_eq!(out.lines[0]["status"], "revoked", "{}", out.errors);
    assert_eq!(refusal(&office.desk.kefu(&["shared", "members"])), "shared_login");
}

#[test]
fn who_is_not_who_he_should_be_gets_nothing() {
    let office = Office::new();
    let stranger = office.create(&office.desk, &office.server.certificates().stranger, ADMIN);
    assert_eq!(refusal(&stranger), "shared_tls");
    let wrong = office.create(&office.desk, &office.server.certificates().authority, "falsch");
    assert_eq!(refusal(&wrong), "shared_login");
    assert_eq!(refusal(&office.create(&office.desk, "kein Zertifikat", ADMIN)), "shared_tls");
    office.made();
    office.enrol("李强", "technician");
    let invite = office.invite("李强");
    let (_, slip) = join(&invite[..invite.len() - 3], "D1");
    assert_eq!(refusal(&slip), "invite_unreadable");
    let (_, code) = join(&invite, "终端");
    assert_eq!(refusal(&code), "bad_device_code");
    assert_eq!(refusal(&office.desk.kefu(&["shared", "invite", "--member", "无此人"])), "no_seat");
    assert_eq!(refusal(&office.desk.kefu(&["shared", "admit", "00"])), "not_found");

    // Without a network the desk is made and asks later; it may also give up.
    office.server.kill();
    let (phone, joined) = join(&invite, "D1");
    assert_eq!((joined.status, &joined.lines[0]["sent"]), (0, &json!(false)), "{}", joined.errors);
    assert_eq!(refusal(&phone.kefu(&["shared", "ask"])), "shared_unreachable");
    let checked = phone.kefu(&["shared", "check"]);
    assert_eq!((checked.status, &checked.lines[0]["good"]), (1, &json!(false)));
    office.server.start_again();
    assert_eq!(phone.kefu(&["shared", "ask"]).lines[0]["waiting"], joined.lines[0]["fingerprint"]);
    let requests = office.desk.kefu(&["shared", "requests"]).lines;
    assert_eq!(office.desk.kefu(&["shared", "admit", requests[0]["id"].as_str().unwrap()]).status, 0);
    assert_eq!(phone.kefu(&["shared", "ask"]).status, 0);
    assert_eq!(office.server.sql("kefu", "SELECT count(*) FROM kefu.desk_keys"), "0", "a technician gets none");

    // No password of an installer, no secret of an invite lies anywhere on a device or the server.
    let secret = invite.as_bytes();
    for desk in [&office.desk, &phone] {
        for (path, bytes) in files(&desk.data()) {
            assert!(!holds(&bytes, ADMIN.as_bytes()) && !holds(&bytes, secret), "{}", path.display());
        }
    }
    assert!(!office.server.dump("kefu").contains(&invite[10..60]));
    assert!(!office.server.log().contains(&invite[10..60]));
}
