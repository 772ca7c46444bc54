//! A connection to read through. Each is taken by one reader after the other: several would each have to warm a cache of
//! their own.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo,
};
use sqlx::{ConnectOptions, Connection, Either, Error, Execute, Executor, SqlStr, Sqlite};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

/// The connection, opened by whoever comes first. Clones share it.
///
/// It is none of sqlx's pools because those hand a connection back in a task of its own: where the program ends before
/// that, the connection is closed in a thread that nobody waits for, in a library already torn down.
#[derive(Clone)]
pub(crate) struct Reader(Arc<Mutex<State>>);

/// How to open it goes with the opening: it holds the key.
enum State {
    Unopened(Box<SqliteConnectOptions>),
    Open(SqliteConnection),
    Closed,
}

/// The connection, for whoever holds this.
pub(crate) struct Lease(OwnedMappedMutexGuard<State, SqliteConnection>);

impl Deref for Lease {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.0
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.0
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        Reader(Arc::new(Mutex::new(State::Unopened(Box::new(options)))))
    }

    /// Waits until nobody else reads.
    ///
    /// # Errors
    /// It was closed, or the file does not open.
    pub(crate) async fn acquire(&self) -> Result<Lease, Error> {
        let mut state = self.0.clone().lock_owned().await;
        if let State::Unopened(options) = &*state {
            let opened = options.connect().await?;
            *state = State::Open(opened);
        }
        OwnedMutexGuard::try_map(state, |state| match state {
            State::Open(connection) => Some(connection),
            State::Unopened(_) | State::Closed => None,
        })
        .map(Lease)
        .map_err(|_| Error::PoolClosed)
    }

    /// Whether it was closed for good.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.try_lock().is_ok_and(|state| matches!(*state, State::Closed))
    }

    /// Closes it for good, after whoever reads.
    pub(crate) async fn close(&self) {
        let state = std::mem::replace(&mut *self.0.lock().await, State::Closed);
        if let State::Open(connection) = state {
            let _ = connection.close().await; // it only read
        }
    }
}

impl<'c> Executor<'c> for &'c Reader {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<SqliteQueryResult, SqliteRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let reader = self.clone();
        let all = async move { reader.acquire().await?.fetch_many(query).try_collect::<Vec<_>>().await };
        stream::once(all).map_ok(|all| stream::iter(all).map(Ok)).try_flatten().boxed()
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<SqliteRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let reader = self.clone();
        async move { reader.acquire().await?.fetch_all(query).await }.boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<SqliteRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let reader = self.clone();
        async move { reader.acquire().await?.fetch_optional(query).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, Result<SqliteStatement, Error>>
    where
        'c: 'e,
    {
        let reader = self.clone();
        async move { reader.acquire().await?.prepare_with(sql, parameters).await }.boxed()
    }
}
