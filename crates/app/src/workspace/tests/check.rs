//! Guards that the health check names what is out of order and what mends it, and that this does mend it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use chrono::{Local, TimeDelta};
use kefu_shared::{Address, SCHEMA};
use kefu_testkit::{MemoryRing, Postgres};

use super::{Office, desk, installer};
use crate::Desk;
use crate::wire::CheckLine;

/// What mends it.
#[derive(Clone, Copy)]
enum By {
    /// “升级共享库” once more.
    Upgrade,
    /// The server's superuser, by this.
    Sql(&'static str),
}
use By::{Sql, Upgrade};

/// What is broken, the kind of the lines that tell it, words of one of them, words of how to mend it, and what mends it.
type Breach = (&'static str, &'static str, &'static str, &'static str, By);

const BREACHES: &[Breach] = &[
    ("GRANT SELECT (seq) ON kefu.changes TO PUBLIC", "rights", "直接读写表 kefu.changes，", "“升级共享库”", Upgrade),
    (
        "GRANT DELETE ON kefu.seats TO LOGIN",
        "rights",
        "直接读写表 kefu.seats，",
        "请用 REVOKE 收回",
        Sql("REVOKE DELETE ON kefu.seats FROM LOGIN"),
    ),
    ("GRANT TEMPORARY ON DATABASE kefu TO PUBLIC", "rights", "新建：临时表。", "“升级共享库”", Upgrade),
    ("GRANT CREATE ON DATABASE kefu TO kefu_member", "rights", "新建：模式（schema）。", "“升级共享库”", Upgrade),
    ("GRANT CREATE ON SCHEMA public TO PUBLIC", "rights", "新建：public 里的对象。", "“升级共享库”", Upgrade),
    (
        "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC",
        "rights",
        "仍可调用 1 个",
        "“升级共享库”",
        Upgrade,
    ),
    (
        "REVOKE EXECUTE ON FUNCTION kefu.get_chunk FROM kefu_member",
        "rights",
        "不能调用 kefu.get_chunk，",
        "重新授予",
        Upgrade,
    ),
    ("REVOKE EXECUTE ON FUNCTION kefu.hello FROM kefu_member", "rights", "不能调用 kefu.hello，", "重新授予", Upgrade),
    ("REVOKE USAGE ON SCHEMA kefu FROM kefu_member", "rights", " 等 27 个，", "重新授予", Upgrade),
    ("ALTER TABLE kefu.wraps NO FORCE ROW LEVEL SECURITY", "rights", "kefu.wraps 没有强制", "“升级共享库”", Upgrade),
    (
        "GRANT kefu_keeper TO LOGIN",
        "rights",
        "还属于角色 kefu_keeper。",
        "REVOKE",
        Sql("REVOKE kefu_keeper FROM LOGIN"),
    ),
    ("ALTER ROLE LOGIN CREATEDB", "rights", "建库", "NOCREATEDB", Sql("ALTER ROLE LOGIN NOCREATEDB")),
    ("UPDATE kefu.version SET number = 1", "schema", "版本 1，比本程序旧。", "“升级共享库”", Upgrade),
    (
        "UPDATE kefu.version SET number = 99, oldest = 99",
        "schema",
        "版本 99，比本程序新。",
        "请升级本机的程序。",
        Sql("UPDATE kefu.version SET number = NUMBER, oldest = NUMBER"),
    ),
    (
        "ALTER DATABASE kefu SET synchronous_commit = off",
        "storage",
        "关闭了 synchronous_commit：",
        "RESET",
        Sql("ALTER DATABASE kefu RESET synchronous_commit"),
    ),
];

/// What is out of order.
async fn amiss(desk: &Desk) -> Vec<CheckLine> {
    desk.check_workspace().await.unwrap().into_iter().filter(|line| !line.good).collect()
}

#[tokio::test]
async fn what_is_broken_once_is_named_once_and_mended_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let skew = Arc::new(AtomicI64::new(0));
    let off = skew.clone();
    let clock = Arc::new(move || Local::now().fixed_offset() + TimeDelta::seconds(off.load(Relaxed)));
    let desk = Desk::with(folder.path(), Arc::new(MemoryRing::default()), clock);
    let office = Office::on(Postgres::with_settings(&["fsync = on"]), desk, folder).await;
    let login = office.desk.open().unwrap().place().await.unwrap().server.login;
    let run =
        |sql: &str| office.server.sql("kefu", &sql.replace("LOGIN", &login).replace("NUMBER", &SCHEMA.to_string()));

    let whole = office.desk.check_workspace().await.unwrap();
    let looked_at: Vec<&str> = whole.iter().map(|line| line.what.as_str()).collect();
    assert_eq!(looked_at, ["reach", "tls", "login", "schema", "clock", "version", "storage", "rights", "members"]);
    let told = office.server.sql("kefu", "SELECT split_part(current_setting('server_version'), ' ', 1)");
    assert_eq!(whole[5].found, format!("PostgreSQL {told}。"), "the minor release, too");
    assert_eq!(amiss(&office.desk).await, []);

    for (breach, what, found, mend, by) in BREACHES {
        run(breach);
        let lines = amiss(&office.desk).await;
        assert!(!lines.is_empty() && lines.iter().all(|line| line.what == *what), "{breach}: {lines:?}");
        assert!(lines.iter().any(|line| line.found.contains(found) && line.mend.contains(mend)), "{breach}: {lines:?}");
        match by {
            Upgrade => {
                let done = office.desk.upgrade_workspace(installer(&office.server)).await.unwrap();
                assert!(done.iter().all(|line| line.good), "{breach}: {done:?}");
            }
            Sql(sql) => drop(run(sql)),
        }
        assert_eq!(amiss(&office.desk).await, [], "{breach}");
    }

    for (seconds, told) in [(600, true), (-600, true), (100, false)] {
        skew.store(seconds, Relaxed);
        let lines = amiss(&office.desk).await;
        let clock = lines.iter().any(|line| line.what == "clock" && line.mend.contains("自动对时"));
        assert_eq!((clock, lines.len()), (told, usize::from(told)), "{seconds} s: {lines:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_named_before_anything_else() {
    let (desk, folder) = desk();
    let office = Office::on(Postgres::with_tls("127.0.0.1", 10), desk, folder).await;
    let open = office.desk.open().unwrap();
    let own = open.place().await.unwrap();
    let certificates = office.server.certificates();
    let over = async |authority: &String| {
        let address = Address { authority: Some(authority.clone()), ..Address::of(&own.server, &own.password) };
        let address = Address { host: "127.0.0.1".into(), port: office.server.port(), ..address };
        let place = kefu_local::Workspace { server: address.server().unwrap(), ..own.clone() };
        open.store.set_workspace(&open.wrap_key(), &place).await.unwrap();
        office.desk.check_workspace().await.unwrap()
    };
    let lines = over(&certificates.authority).await;
    let bad: Vec<&str> = lines.iter().filter(|line| !line.good).map(|line| line.what.as_str()).collect();
    assert_eq!(bad, ["storage"], "{lines:?}");
    let storage = lines.iter().find(|line| line.what == "storage").unwrap();
    assert!(storage.found.contains("fsync") && storage.mend.contains("postgresql.conf"), "{storage:?}");
    assert!(lines.iter().any(|line| line.what == "tls" && line.found.contains("主机名")), "{lines:?}");

    let lines = over(&certificates.stranger).await;
    assert_eq!(lines.len(), 1, "nothing is asked of a server that did not prove who it is: {lines:?}");
    assert_eq!((lines[0].what.as_str(), lines[0].good), ("tls", false));
    assert!(lines[0].found.contains("没有发送口令") && lines[0].mend.contains("颁发机构"), "{:?}", lines[0]);
}
