//! A PostgreSQL of a test's own: made in a temporary folder, reached by a socket in it, stopped and removed on drop.
//!
//! TCP with TLS on request, under a certificate authority of its own. PostgreSQL refuses to run as root; there it runs as
//! `postgres`.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A running server. Its superuser is `postgres`, let in without a password through the socket.
pub struct Postgres {
    folder: TempDir,
    binaries: PathBuf,
    tls: Option<(u16, Certificates)>,
}

/// Certificates of a server with TLS, as PEM.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The authority that signed the server's.
    pub authority: String,
    /// Another authority, which signed nothing here.
    pub stranger: String,
}

impl Postgres {
    /// Starts one that is reached by its socket only.
    pub fn start() -> Self {
        Self::with(None, &[])
    }

    /// Starts one that also listens on 127.0.0.1 with TLS, its certificate made out to `name` (a host name or an address)
    /// and valid for `days` from now; below 0: it ended that long ago. With passwords in clear, as the worst server would
    /// ask for them.
    pub fn with_tls(name: &str, days: i32) -> Self {
        Self::with(Some((name, days)), &[])
    }

    /// Starts one with `settings` of postgresql.conf besides.
    pub fn with_settings(settings: &[&str]) -> Self {
        Self::with(None, settings)
    }

    /// Both together.
    pub fn with_tls_and_settings(name: &str, days: i32, settings: &[&str]) -> Self {
        Self::with(Some((name, days)), settings)
    }

    /// Whether this machine has a PostgreSQL that can be started here.
    pub fn is_installed() -> bool {
        cfg!(unix) && found_binaries().is_some()
    }

    fn with(tls: Option<(&str, i32)>, settings: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("kefu-pg-").tempdir().unwrap();
        permit(folder.path(), 0o777);
        let mut server = Postgres { folder, binaries: binaries(), tls: None };
        let data = server.data();
        server.run("initdb", &["-D", path(&data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]);
        let mut conf = format!(
            "\nlisten_addresses = ''\nunix_socket_directories = '{}'\nfsync = off\nshared_buffers = 256MB\n\
             max_connections = 60\nmax_wal_size = 4GB\npassword_encryption = 'scram-sha-256'\nlog_connections = on\n\
             log_min_messages = info\nautovacuum_naptime = 10s\n",
            path(server.folder.path())
        );
        if let Some((name, days)) = tls {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let certificates = certificates(server.folder.path(), name, days);
            let at = |file| server.folder.path().join(file).display().to_string();
            conf += &format!(
                "listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
                at("server.pem"),
                at("server.key")
            );
            server.give_away(&["server.pem", "server.key"]);
            let who = "local all all trust\nhostssl all all 127.0.0.1/32 password\n";
            fs::write(server.data().join("pg_hba.conf"), who).unwrap();
            server.tls = Some((port, certificates));
        }
        settings.iter().for_each(|setting| conf += &format!("{setting}\n"));
        server.append("postgresql.conf", &conf);
        server.start_again();
        server
    }

    /// The folder of the socket: what a client takes for the host.
    pub fn socket(&self) -> &str {
        path(self.folder.path())
    }

    /// Port of the socket's name, and of TCP where that is listened on.
    pub fn port(&self) -> u16 {
        self.tls.as_ref().map_or(5432, |(port, _)| *port)
    }

    /// Its certificates.
    ///
    /// # Panics
    /// It was started without TLS.
    pub fn certificates(&self) -> &Certificates {
        &self.tls.as_ref().unwrap().1
    }

    /// What the server has written to its log.
    pub fn log(&self) -> String {
        fs::read(self.folder.path().join("log")).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap()
    }

    /// Runs SQL as the superuser and gives the rows, unaligned, without headings.
    ///
    /// # Panics
    /// The server refuses it.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let port = self.port().to_string();
        let list = ["-h", self.socket(), "-p", &port, "-U", "postgres", "-d", database, "-XAtqc", sql];
        let output = Command::new(self.binaries.join("psql")).args(list).arg("-vON_ERROR_STOP=1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// A whole dump of `database` as SQL.
    pub fn dump(&self, database: &str) -> String {
        let port = self.port().to_string();
        let list = ["-h", self.socket(), "-p", &port, "-U", "postgres", database];
        let output = Command::new(self.binaries.join("pg_dump")).args(list).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A copy of it that follows it from here on and answers only questions, until it is promoted.
    pub fn standby(&self) -> Self {
        assert!(self.tls.is_none(), "the standby is reached by its socket");
        let folder = tempfile::Builder::new().prefix("kefu-pg-").tempdir().unwrap();
        permit(folder.path(), 0o777);
        let standby = Postgres { folder, binaries: self.binaries.clone(), tls: None };
        let data = standby.data();
        let from = ["-h", self.socket(), "-U", "postgres", "-D", path(&data), "-R", "-X", "stream", "-c", "fast"];
        standby.run("pg_basebackup", &from);
        standby.append("postgresql.conf", &format!("unix_socket_directories = '{}'\n", standby.socket()));
        standby.start_again();
        standby
    }

    /// Ends following the primary, whether that lives or not.
    pub fn promote(&self) {
        self.run("pg_ctl", &["-D", path(&self.data()), "-w", "promote"]);
    }

    /// Stops it at once, as a power cut would.
    pub fn kill(&self) {
        self.run("pg_ctl", &["-D", path(&self.data()), "-m", "immediate", "-w", "stop"]);
    }

    /// Starts it again.
    pub fn start_again(&self) {
        let log = self.folder.path().join("log");
        self.run("pg_ctl", &["-D", path(&self.data()), "-l", path(&log), "-w", "start"]);
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn append(&self, file: &str, text: &str) {
        let file = self.data().join(file);
        let before = fs::read_to_string(&file).unwrap();
        fs::write(&file, before + text).unwrap(); // the file stays its owner's
    }

    fn give_away(&self, files: &[&str]) {
        if root() {
            let files = files.iter().map(|file| self.folder.path().join(file));
            assert!(Command::new("chown").arg("postgres").args(files).status().unwrap().success());
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = as_server(&self.binaries.join(program));
        let out = fs::File::create(self.folder.path().join("out")).unwrap(); // a pipe would stay open in the server
        command.args(arguments).current_dir("/").stdout(out.try_clone().unwrap()).stderr(out);
        let status = command.status().unwrap();
        let said = fs::read_to_string(self.folder.path().join("out")).unwrap();
        assert!(status.success(), "{arguments:?}: {said}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.run("pg_ctl", &["-D", path(&self.data()), "-m", "immediate", "-w", "stop"]);
        }
    }
}

/// A program that refuses to run as root.
pub(crate) fn as_server(program: &Path) -> Command {
    if root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[cfg(unix)]
fn root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

#[cfg(unix)]
pub(crate) fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn root() -> bool {
    false
}

#[cfg(not(unix))]
pub(crate) fn permit(_: &Path, _: u32) {}

/// The newest PostgreSQL of this machine, from where Debian puts it or from PATH.
fn binaries() -> PathBuf {
    found_binaries().expect("these tests need PostgreSQL 14 to 17: apt-get install postgresql")
}

fn found_binaries() -> Option<PathBuf> {
    let debian = (14..=17).rev().map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian.chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").exists())
}

/// An authority, a stranger to it, and the server's certificate, by the openssl program.
fn certificates(folder: &Path, name: &str, days: i32) -> Certificates {
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let authority = |file: &str| {
        let (pem, secret, subject) = (format!("{file}.pem"), format!("{file}.key"), format!("/CN=kefu test {file}"));
        let own = ["-keyout", &secret, "-out", &pem, "-subj", &subject, "-days", "30"];
        openssl(&[&["req", "-x509"], &key[..], &own].concat());
        fs::read_to_string(folder.join(pem)).unwrap()
    };
    let certificates = Certificates { authority: authority("authority"), stranger: authority("stranger") };
    let kind = if name.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
    fs::write(folder.join("names"), format!("subjectAltName={kind}:{name}\nextendedKeyUsage=serverAuth\n")).unwrap();
    openssl(
        &[&["req", "-new"], &key[..], &["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=kefu"]].concat(),
    );
    let (mut from, mut until) = (0i64, i64::from(days));
    if days < 0 {
        (from, until) = (i64::from(days) - 30, i64::from(days));
    }
    let day = |offset: i64| {
        let moment = chrono::Utc::now() + chrono::Duration::days(offset);
        moment.format("%Y%m%d%H%M%SZ").to_string()
    };
    // `openssl x509` knows no past: the small authority of `openssl ca` does.
    fs::write(folder.join("index"), "").unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    fs::write(
        folder.join("ca.conf"),
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n\
         [any]\ncommonName=supplied\n",
    )
    .unwrap();
    let (start, end) = (day(from), day(until));
    openssl(&[
        "ca",
        "-batch",
        "-notext",
        "-config",
        "ca.conf",
        "-cert",
        "authority.pem",
        "-keyfile",
        "authority.key",
        "-in",
        "server.csr",
        "-out",
        "server.pem",
        "-extfile",
        "names",
        "-startdate",
        &start,
        "-enddate",
        &end,
    ]);
    permit(&folder.join("server.key"), 0o600);
    certificates
}
