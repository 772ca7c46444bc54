//! Where a workspace's database is and as whom it is reached; never printed with its password.

use std::fmt;

use data_encoding::BASE64;
use kefu_vault::Server;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

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
    /// Whether PgBouncer in transaction mode stands before it: nothing stays prepared then, and every call is a transaction.
    pub pooled: bool,
}

impl Address {
    /// The address of what an invite names.
    pub fn of(server: &Server, password: &Zeroizing<String>) -> Self {
        let (host, port) = server.address.rsplit_once(':').unwrap_or((&server.address, ""));
        let pem = |der: &[u8]| {
            let text = BASE64.encode(der);
            let lines: Vec<&str> =
                text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
            format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
        };
        Address {
            host: host.trim_matches(['[', ']']).into(),
            port: port.parse().unwrap_or(5432),
            database: server.database.clone(),
            login: server.login.clone(),
            password: password.clone(),
            authority: Some(&server.authority).filter(|der| !der.is_empty()).map(|der| pem(der)),
            pooled: server.pooled,
        }
    }

    /// The same as an invite names it: without password, with one certificate (DER). None where `authority` is none.
    pub fn server(&self) -> Option<Server> {
        let der = |pem: &String| {
            let body = pem.split_once(BEGIN)?.1.split_once(END)?.0;
            let letters: String = body.split_whitespace().collect();
            BASE64.decode(letters.as_bytes()).ok()
        };
        let authority = match &self.authority {
            Some(pem) => der(pem)?,
            None => Vec::new(),
        };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        Some(Server {
            address: format!("{host}:{}", self.port),
            database: self.database.clone(),
            login: self.login.clone(),
            authority,
            pooled: self.pooled,
        })
    }

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
            .extra_float_digits(None) // PgBouncer refuses settings that it does not know, and nothing here is a float
            .ssl_mode(mode)
            .statement_cache_capacity(if self.pooled { 0 } else { 40 })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_goes_into_an_invite_and_comes_back() {
        let server = |host: &str, authority: &[u8]| Server {
            address: format!("{host}:6432"),
            database: "kefu".into(),
            login: "kefu_1".into(),
            authority: authority.to_vec(),
            pooled: host.starts_with('d'),
        };
        let check = |host: &str, authority: &[u8]| {
            let server = server(host, authority);
            let address = Address::of(&server, &Zeroizing::new("p".into()));
            assert_eq!((address.port, address.host.as_str()), (6432, host.trim_matches(['[', ']'])));
            assert_eq!(address.server(), Some(server));
        };
        check("db.example.cn", &[]);
        check("[2001:db8::1]", &[0x30; 700]);
        check("/run/postgresql", &[1]);
        let whole = Address::of(&server("h", &[]), &Zeroizing::default());
        let broken = Address { authority: Some("no certificate".into()), ..whole };
        assert_eq!(broken.server(), None);
    }
}
