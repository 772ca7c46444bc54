//! A member's connection: opened for one exchange and closed after it, so that a thousand devices are some twenty sessions.

use std::future::Future;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Connection, Postgres, Row};
use uuid::Uuid;

use crate::{Address, SharedError};

/// How long a server may take to let one in.
const CONNECTING: Duration = Duration::from_secs(10);

/// How long it may take to answer: beyond, the line is taken for dead. With the longest pause after that it stays below the 30 s within
/// which a queue has to drain; over a slow line less goes at a time.
const ANSWERING: Duration = Duration::from_secs(20);

/// A statement with its values.
pub(crate) type Call = Query<'static, Postgres, PgArguments>;

/// A connection to one workspace.
pub struct Shared {
    pub(crate) connection: PgConnection,
    pub(crate) workspace: Uuid,
    pooled: bool,
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
        Ok(Shared { connection, workspace, pooled: address.pooled })
    }

    /// Takes leave. Dropping closes as well, without telling the server.
    pub async fn close(self) {
        // Everything that was answered is committed already.
        let _ = within(CONNECTING, self.connection.close()).await;
    }

    /// A statement whose first value is the workspace.
    pub(crate) fn call(&self, sql: &'static str) -> Call {
        sqlx::query(sql).bind(self.workspace)
    }

    /// The rows that a statement gives.
    pub(crate) async fn rows(&mut self, call: Call) -> Result<Vec<PgRow>, SharedError> {
        if self.pooled {
            alone(&mut self.connection, call).await
        } else {
            answered(call.fetch_all(&mut self.connection)).await
        }
    }

    /// The only row of a statement.
    pub(crate) async fn row(&mut self, call: Call) -> Result<PgRow, SharedError> {
        self.rows(call).await?.pop().ok_or(SharedError::Garbled)
    }

    /// Ends sessions of members that hold a transaction open, and those of members who are gone; gives how many. To be
    /// called after [`SharedError::Busy`].
    ///
    /// # Errors
    /// As every call.
    pub async fn reap(&mut self) -> Result<u32, SharedError> {
        let ended: i32 = self.row(sqlx::query("SELECT kefu.reap()")).await?.try_get(0)?;
        Ok(ended.unsigned_abs())
    }
}

/// The rows of a statement in a transaction of its own, with nothing left prepared: it is parsed in one exchange with the
/// server and run in the next, and between the two a pool may give the session, with what it has parsed, to another.
pub(crate) async fn alone(connection: &mut PgConnection, call: Call) -> Result<Vec<PgRow>, SharedError> {
    answered(async {
        let mut transaction = connection.begin().await?;
        let rows = call.persistent(false).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(rows)
    })
    .await
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
