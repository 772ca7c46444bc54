//! A member's connection: opened for one exchange and closed after it, so that a thousand devices are some twenty sessions.

use std::future::Future;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Connection, Postgres};
use uuid::Uuid;

use crate::{Address, SharedError};

/// How long a server may take to let one in.
const CONNECTING: Duration = Duration::from_secs(10);

/// How long it may take to answer: beyond, the line is taken for dead.
const ANSWERING: Duration = Duration::from_secs(40);

/// A connection to one workspace.
pub struct Shared {
    pub(crate) connection: PgConnection,
    pub(crate) workspace: Uuid,
    keeps_statements: bool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}

impl Shared {
    /// Connects.
    ///
    /// # Errors
    /// [`SharedError::Unreachable`], [`SharedError::Tls`], [`SharedError::Login`], [`SharedError::Busy`] where the server
    /// is full.
    pub async fn connect(address: &Address, workspace: Uuid) -> Result<Self, SharedError> {
        let connection = within(CONNECTING, address.options().connect()).await?;
        Ok(Shared { connection, workspace, keeps_statements: address.keeps_statements })
    }

    /// Takes leave. Dropping closes as well, without telling the server.
    pub async fn close(self) {
        // Everything that was answered is committed already.
        let _ = within(CONNECTING, self.connection.close()).await;
    }

    /// A statement whose first value is the workspace.
    pub(crate) fn call(&self, sql: &'static str) -> Query<'static, Postgres, PgArguments> {
        sqlx::query(sql).persistent(self.keeps_statements).bind(self.workspace)
    }

    /// Ends sessions of members that hold a transaction open, and those of members who are gone; gives how many. To be
    /// called after [`SharedError::Busy`].
    ///
    /// # Errors
    /// As every call.
    pub async fn reap(&mut self) -> Result<u32, SharedError> {
        let query = sqlx::query_scalar::<_, i32>("SELECT kefu.reap()").persistent(self.keeps_statements);
        Ok(answered(query.fetch_one(&mut self.connection)).await?.unsigned_abs())
    }
}

/// What a member's login can find out of the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// PostgreSQL's version, 150004 for 15.4.
    pub version: u32,
    /// How many of PostgreSQL's functions that hinder others this login may call.
    pub left: u64,
}

impl Shared {
    /// Version of the server, and rights that installing should have taken from this login.
    ///
    /// # Errors
    /// As every call.
    pub async fn setting(&mut self) -> Result<Setting, SharedError> {
        let sql = "SELECT current_setting('server_version_num')::int, (SELECT count(*) FROM pg_proc p WHERE \
                   p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname ~ '^pg_(try_)?advisory_' OR p.proname ~ \
                   '^(lo_|loread$|lowrite$)') AND has_function_privilege(p.oid, 'EXECUTE'))";
        let query = sqlx::query_as::<_, (i32, i64)>(sql).persistent(self.keeps_statements);
        let (version, left) = answered(query.fetch_one(&mut self.connection)).await?;
        Ok(Setting { version: version.unsigned_abs(), left: left.unsigned_abs() })
    }
}

/// Waits for an answer, but not for ever.
pub(crate) async fn answered<T>(call: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, SharedError> {
    within(ANSWERING, call).await
}

pub(crate) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, SharedError> {
    match tokio::time::timeout(limit, call).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(SharedError::Unreachable),
    }
}
