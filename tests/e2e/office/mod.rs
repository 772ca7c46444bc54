//! A company with a shared desk: its server, the network before it, and the terminal on its machines.

use std::path::{Path, PathBuf};
use std::process::Command;

use kefu_testkit::Postgres;
use serde_json::Value;

use crate::Link;

/// Password of the login that installs; it works this once.
const INSTALLER: &str = "安装用的口令8";

/// The server of a company, reached over a network that the test may cut.
pub struct Office {
    /// Between the desks and the server.
    pub link: Link,
    server: Postgres,
    folder: PathBuf,
}

impl Office {
    /// Starts one; what it is reached with lies in `folder`.
    pub fn start(folder: &Path) -> Self {
        let server = Postgres::with_tls("127.0.0.1", 10);
        server.sql("postgres", "CREATE DATABASE kefu");
        server.sql("postgres", &format!("CREATE ROLE installer SUPERUSER LOGIN PASSWORD '{INSTALLER}'"));
        std::fs::write(folder.join("authority.pem"), &server.certificates().authority).unwrap();
        Office { link: Link::to(server.port()), server, folder: folder.to_path_buf() }
    }

    /// The certificate that signed the server's, as a file.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// What the wizard asks for, in its order: host, port, database, login, password.
    pub fn place(&self) -> [(&'static str, String); 5] {
        [
            ("server.host", "127.0.0.1".into()),
            ("server.port", self.link.port().to_string()),
            ("server.database", "kefu".into()),
            ("server.login", "installer".into()),
            ("server.password", INSTALLER.into()),
        ]
    }

    /// Makes a workspace of the desk in `folder`, by the terminal.
    pub fn share(&self, folder: &Path, passphrase: &str) {
        let [(_, host), (_, port), (_, database), (_, login), (_, password)] = self.place();
        let authority = self.authority();
        let to = ["--host", &host, "--port", &port, "--database", &database, "--login", &login];
        let by = ["--password-env", "INSTALLER", "--authority", authority.to_str().unwrap()];
        kefu_as(folder, passphrase, &[&["shared", "create"], &to[..], &by].concat(), &[("INSTALLER", &password)]);
    }

    /// Keeps a copy of the database as it stands; the network is away meanwhile.
    pub fn back_up(&self) {
        self.link.cut();
        self.server.sql("postgres", "CREATE DATABASE backup TEMPLATE kefu");
        self.link.mend();
    }

    /// Puts the copy in the place of the database, which is lost.
    pub fn put_back(&self) {
        self.link.cut();
        self.server.sql("postgres", "DROP DATABASE kefu WITH (FORCE)");
        self.server.sql("postgres", "ALTER DATABASE backup RENAME TO kefu");
        self.link.mend();
    }

    /// How many changes the server holds.
    pub fn changes(&self) -> u64 {
        self.server.sql("kefu", "SELECT count(*) FROM kefu.changes").parse().unwrap()
    }
}

/// The terminal on the desk in `folder`; lines that it gave.
pub fn kefu(folder: &Path, passphrase: &str, arguments: &[&str]) -> Vec<Value> {
    kefu_as(folder, passphrase, arguments, &[])
}

/// The same with further words in its environment.
pub fn kefu_as(folder: &Path, passphrase: &str, arguments: &[&str], words: &[(&str, &str)]) -> Vec<Value> {
    let mut command = Command::new(std::env::var_os("KEFU_BIN").unwrap());
    command.args(arguments).arg("--data").arg(folder).env("KEFU_PASSPHRASE", passphrase).envs(words.iter().copied());
    let done = command.output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
