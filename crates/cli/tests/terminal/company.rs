//! Desks of one workspace on a server, each driven through the built `kefu`.

use kefu_testkit::Postgres;

use super::{Answer, Desk, answered};

/// Password of the login that installs.
pub const ADMIN: &str = "安装用的口令8";

/// The answer of what was not refused.
pub fn done(answer: Answer) -> Answer {
    assert_eq!(answer.status, 0, "{}", answer.errors);
    answer
}

/// So many desks, which have exchanged once. The first founded the workspace, the others joined it.
pub fn company(server: &Postgres, count: usize) -> Vec<Desk> {
    server.sql("postgres", "CREATE DATABASE kefu");
    server.sql("postgres", &format!("CREATE ROLE installer SUPERUSER LOGIN PASSWORD '{ADMIN}'"));
    let one = Desk::new();
    let authority = one.top.path().join("authority.pem");
    std::fs::write(&authority, &server.certificates().authority).unwrap();
    let port = server.port().to_string();
    let list = ["shared", "create", "--host", "127.0.0.1", "--port", &port, "--database", "kefu", "--login"];
    let rest = ["installer", "--password-env", "INSTALLER", "--authority", authority.to_str().unwrap()];
    let mut command = one.command(&[&list[..], &rest].concat());
    done(answered(command.env("INSTALLER", ADMIN)));
    done(one.kefu(&["member", "add", "--name", "王芳", "--roles", "reception,supervisor"]));
    done(one.kefu(&["sync"]));
    let mut desks = vec![one];
    for nth in 1..count {
        let invite = done(desks[0].kefu(&["shared", "invite", "--member", "王芳"])).lines.remove(0);
        let next = Desk::bare();
        let code = format!("B{nth:02}");
        done(next.kefu(&["shared", "join", "--invite", invite["invite"].as_str().unwrap(), "--device-code", &code]));
        let requests = done(desks[0].kefu(&["shared", "requests"])).lines;
        done(desks[0].kefu(&["shared", "admit", requests[0]["id"].as_str().unwrap()]));
        done(next.kefu(&["shared", "ask"]));
        done(next.kefu(&["sync"]));
        desks.push(next);
    }
    desks
}
