//! The shared database as the exchange knows it: the calls of [`kefu_sync::Remote`] over one member's connection.

use kefu_sync::Remote;
use kefu_sync::wire::{Answers, Greeting, Mark, Outgoing, Page, Pulled, Welcome, Whole};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::pull::PAGE;
use crate::{Shared, SharedError};

/// A connection for one exchange. Its calls follow each other, so the lock is never waited for.
#[derive(Debug)]
pub struct SharedRemote {
    line: Mutex<Line>,
    page: u16,
}

/// What the connection is doing.
#[derive(Debug)]
enum Line {
    /// Waits for a call.
    Idle(Shared),
    /// Fetches the page after this mark, while the one before is applied.
    Ahead(Mark, JoinHandle<(Shared, Result<Pulled, SharedError>)>),
    /// A call was given up half way: nothing more can be said on it.
    Broken,
}

impl Line {
    /// The connection, with the page that was fetched ahead.
    async fn take(&mut self) -> Result<(Shared, Option<Fetched>), SharedError> {
        match std::mem::replace(self, Line::Broken) {
            Line::Idle(shared) => Ok((shared, None)),
            Line::Ahead(after, task) => {
                let (shared, pulled) = task.await.map_err(|_| SharedError::Unreachable)?;
                Ok((shared, Some((after, pulled))))
            }
            Line::Broken => Err(SharedError::Unreachable),
        }
    }
}

/// A page, and the mark that it comes after.
type Fetched = (Mark, Result<Pulled, SharedError>);

impl SharedRemote {
    /// Over this connection.
    pub fn over(shared: Shared) -> Self {
        Self::paging(shared, PAGE)
    }

    /// The same with another number of changes a page, 1–[`PAGE`].
    pub fn paging(shared: Shared, page: u16) -> Self {
        SharedRemote { line: Mutex::new(Line::Idle(shared)), page: page.clamp(1, PAGE) }
    }

    /// The connection, for what comes after the exchange; none where it broke.
    pub async fn into_inner(self) -> Option<Shared> {
        let (shared, _) = self.line.into_inner().take().await.ok()?;
        Some(shared)
    }

    /// Takes leave.
    pub async fn close(self) {
        if let Line::Idle(shared) = self.line.into_inner() {
            shared.close().await;
        }
        // What is still fetching ends by itself, and its connection with it.
    }
}

/// Lets a call have the connection, whatever was fetched ahead of it: that is asked for anew.
macro_rules! call {
    ($self:ident, $shared:ident => $call:expr) => {{
        let mut line = $self.line.lock().await;
        let (mut $shared, _) = line.take().await?;
        let answer = $call.await;
        *line = Line::Idle($shared);
        answer
    }};
}

impl Remote for SharedRemote {
    type Error = SharedError;

    async fn hello(&self, greeting: Greeting) -> Result<Welcome, SharedError> {
        Ok(call!(self, shared => shared.hello(&greeting))?.welcome)
    }

    async fn push(&self, changes: Vec<Outgoing>) -> Result<Answers, SharedError> {
        call!(self, shared => shared.push(&changes))
    }

    async fn newest(&self) -> Result<Vec<Uuid>, SharedError> {
        call!(self, shared => shared.newest())
    }

    async fn pull(&self, after: Mark) -> Result<Pulled, SharedError> {
        let mut line = self.line.lock().await;
        let (mut shared, ahead) = line.take().await?;
        let pulled = match ahead {
            Some((mark, pulled)) if mark == after => pulled,
            _ => shared.pull(after, self.page).await,
        };
        *line = match &pulled {
            // A first load is half fetching and half applying: the two go on beside each other.
            Ok(Pulled::Page(Page { cursor, more: true, .. })) => {
                let (next, size) = (*cursor, self.page);
                let task = tokio::spawn(async move {
                    let pulled = shared.pull(next, size).await;
                    (shared, pulled)
                });
                Line::Ahead(next, task)
            }
            _ => Line::Idle(shared),
        };
        pulled
    }

    async fn pull_record(&self, record: Uuid) -> Result<Option<Whole>, SharedError> {
        call!(self, shared => shared.pull_record(record, self.page))
    }
}
