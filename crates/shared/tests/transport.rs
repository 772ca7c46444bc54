//! Promise 18: a server that does not prove who it is, is not told the password.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use std::sync::{Arc, Mutex};

use kefu_shared::{Address, Shared, SharedError};
use kefu_testkit::Postgres;
use stage::{Stage, id, run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use zeroize::Zeroizing;

const PASSWORD: &str = "correct-horse-battery";

fn address(server: &Postgres, host: &str, authority: &str) -> Address {
    let password = Zeroizing::new(PASSWORD.to_owned());
    let (port, database, login) = (server.port(), "kefu".into(), "kefu_abcdefgh".into());
    Address { host: host.into(), port, database, login, password, authority: Some(authority.into()), pooled: false }
}

fn prepared(name: &str, days: i32) -> Postgres {
    let server = Postgres::with_tls(name, days);
    server.sql("postgres", &format!("CREATE ROLE kefu_abcdefgh LOGIN PASSWORD '{PASSWORD}'"));
    server.sql("postgres", "CREATE DATABASE kefu");
    server
}

async fn refused(server: &Postgres, address: &Address) {
    let before = server.log().len();
    let answer = Shared::connect(address, id()).await;
    assert!(matches!(answer, Err(SharedError::Tls)), "{answer:?}");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let log = server.log().split_off(before);
    assert!(log.contains("connection received"), "{log}");
    // Asking for a password begins with a startup message; the server never saw one.
    assert!(!log.contains("kefu_abcdefgh"), "{log}");
}

#[test]
fn a_server_that_proves_itself_is_spoken_to_and_any_other_is_not() {
    run(async {
        let server = prepared("127.0.0.1", 10);
        let certificates = server.certificates();
        let good = address(&server, "127.0.0.1", &certificates.authority);
        Shared::connect(&good, id()).await.unwrap().close().await;
        assert!(server.log().contains("user=kefu_abcdefgh"), "the log does not show logins: this test would not bite");
        let wrong = Address { password: Zeroizing::new("wrong".into()), ..good.clone() };
        assert!(matches!(Shared::connect(&wrong, id()).await, Err(SharedError::Login)));
        refused(&server, &address(&server, "127.0.0.1", &certificates.stranger)).await; // wrong authority
        refused(&server, &Address { authority: None, ..good.clone() }).await;
        refused(&server, &Address { host: "localhost".into(), ..good.clone() }).await; // wrong name
        let printed = format!("{good:?} {:?}", wrong);
        assert!(!printed.contains(PASSWORD) && !printed.contains("wrong"));
    });
}

#[test]
fn an_expired_certificate_is_refused() {
    run(async {
        let server = prepared("127.0.0.1", -2);
        refused(&server, &address(&server, "127.0.0.1", &server.certificates().authority)).await;
    });
}

#[test]
fn whoever_strips_the_encryption_hears_nothing_more() {
    run(async {
        let server = prepared("127.0.0.1", 10);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, target) = (Arc::new(Mutex::new(vec![])), server.port());
        let kept = heard.clone();
        let between = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut request = [0; 8];
            client.read_exact(&mut request).await.unwrap();
            client.write_all(b"N").await.unwrap(); // "no encryption here"
            let mut line = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
            let mut more = vec![0; 1024];
            while let Ok(count @ 1..) = client.read(&mut more).await {
                kept.lock().unwrap().extend_from_slice(&more[..count]);
                line.write_all(&more[..count]).await.unwrap();
            }
        });
        let stripped = Address { port, ..address(&server, "127.0.0.1", &server.certificates().authority) };
        assert!(matches!(Shared::connect(&stripped, id()).await, Err(SharedError::Tls)));
        between.await.unwrap();
        assert_eq!(*heard.lock().unwrap(), b"");
    });
}

/// Only the verifier of a password travels, also when a login is made or its password replaced.
#[test]
fn passwords_stand_in_no_log_of_the_server() {
    run(async {
        let stage =
            Stage::on(Postgres::with_settings(&["log_statement = 'all'", "log_min_duration_statement = 0"])).await;
        let member = stage.member(&["reception"]).await;
        let mut shared = stage.connect(&member).await;
        let fresh = kefu_shared::NewLogin::random().unwrap();
        shared.change_password(&fresh).await.unwrap();
        let log = stage.server.log();
        assert!(log.contains("kefu.push") || log.contains("kefu.hello"), "statements are not logged");
        for password in [&member.address.password, &fresh.password, &stage.founder.address.password] {
            assert!(!log.contains(password.as_str()));
        }
    });
}
