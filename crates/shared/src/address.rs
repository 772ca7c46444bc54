//! Where a workspace's database is and as whom it is reached; never printed with its password.

use std::fmt;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use zeroize::Zeroizing;

/// Address of a shared database with a login.
#[derive(Clone)]
pub struct Address {
    /// Host name or address; a path, beginning with `/`, is the folder of a socket on this machine.
    pub host: String,
    /// Port, also where the host is a socket's folder.
    pub port: u16,
    /// Database.
    pub database: String,
    /// Login.
    pub login: String,
    /// Its password.
    pub password: Zeroizing<String>,
    /// Certificates, as PEM, that may have signed the server's besides those that this system trusts.
    pub authority: Option<String>,
    /// Whether statements are prepared once and kept. Off behind PgBouncer in transaction mode before 1.21.
    pub keeps_statements: bool,
}

impl Address {
    /// The encryption is never negotiable: a server that does not prove to be `host` is not told a password. A socket's
    /// folder needs none, for it leads nowhere but into this machine.
    pub(crate) fn options(&self) -> PgConnectOptions {
        let socket = self.host.starts_with('/');
        let mode = if socket { PgSslMode::Disable } else { PgSslMode::VerifyFull };
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .username(&self.login)
            .password(&self.password)
            .application_name("kefu")
            .ssl_mode(mode)
            .statement_cache_capacity(if self.keeps_statements { 40 } else { 0 })
            .disable_statement_logging();
        match &self.authority {
            Some(pem) => options.ssl_root_cert_from_pem(pem.clone().into_bytes()),
            None => options,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}
