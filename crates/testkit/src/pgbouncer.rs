//! PgBouncer in transaction mode before a test's PostgreSQL, stopped on drop. It learns logins' passwords from the server.
//!
//! It refuses to run as root too; there it runs as `postgres`.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Postgres;
use crate::postgres::{as_server, path, permit};

/// The port in the name of its socket.
const PORT: u16 = 6432;

/// A running pool.
pub struct PgBouncer {
    folder: TempDir,
    process: Child,
}

impl PgBouncer {
    /// Starts one before `database` with at most `sessions` for each login. The superuser comes in by `password`.
    pub fn before(server: &Postgres, database: &str, sessions: u32, password: &str) -> Self {
        let lookup = "CREATE FUNCTION public.login(name text) RETURNS TABLE (login text, verifier text) LANGUAGE sql \
                      SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT usename::text, CASE WHEN \
                      valuntil < now() THEN NULL ELSE passwd END FROM pg_shadow WHERE usename = name'";
        server.sql(database, lookup);
        let folder = tempfile::Builder::new().prefix("kefu-pool-").tempdir().unwrap();
        permit(folder.path(), 0o777);
        let at = path(folder.path());
        let (host, port) = (server.socket(), server.port());
        fs::write(folder.path().join("logins"), format!("\"postgres\" \"{password}\"\n")).unwrap();
        let settings = format!(
            "[databases]\n{database} = host={host} port={port}\n[pgbouncer]\nlisten_addr =\nlisten_port = {PORT}\n\
             unix_socket_dir = {at}\npool_mode = transaction\ndefault_pool_size = {sessions}\nauth_type = scram-sha-256\n\
             auth_file = {at}/logins\nauth_user = postgres\nauth_query = SELECT login, verifier FROM public.login($1)\n"
        );
        fs::write(folder.path().join("settings"), settings).unwrap();
        let mut command = as_server("pgbouncer".as_ref());
        command.arg("-q").arg(folder.path().join("settings")).current_dir("/");
        let process = command.stdout(Stdio::null()).stderr(fs::File::create(folder.path().join("log")).unwrap());
        let mut pool = PgBouncer { process: process.spawn().expect("these tests need PgBouncer"), folder };
        let (socket, until) =
            (pool.folder.path().join(format!(".s.PGSQL.{PORT}")), Instant::now() + Duration::from_secs(10));
        while !socket.exists() {
            let ended = pool.process.try_wait().unwrap().is_some() || Instant::now() > until;
            assert!(!ended, "{}", fs::read_to_string(pool.folder.path().join("log")).unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
        pool
    }

    /// The folder of its socket: what a client takes for the host.
    pub fn socket(&self) -> &str {
        path(self.folder.path())
    }

    /// The port in the name of its socket.
    pub fn port(&self) -> u16 {
        PORT
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // To be caught: whoever runs it as `postgres` passes the signal on.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}
