//! The shared database as the exchange knows it: the four calls of [`kefu_sync::Remote`] over one member's connection.

use kefu_sync::Remote;
use kefu_sync::wire::{Answers, Greeting, Mark, Outgoing, Pulled, Welcome, Whole};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::pull::PAGE;
use crate::{Shared, SharedError};

/// A connection for one exchange. Its calls follow each other, so the lock is never waited for.
#[derive(Debug)]
pub struct SharedRemote {
    shared: Mutex<Shared>,
    page: u16,
}

impl SharedRemote {
    /// Over this connection.
    pub fn over(shared: Shared) -> Self {
        Self::paging(shared, PAGE)
    }

    /// The same with another number of changes a page, 1–[`PAGE`].
    pub fn paging(shared: Shared, page: u16) -> Self {
        SharedRemote { shared: Mutex::new(shared), page: page.clamp(1, PAGE) }
    }

    /// The connection, for what comes after the exchange.
    pub fn into_inner(self) -> Shared {
        self.shared.into_inner()
    }
}

impl Remote for SharedRemote {
    type Error = SharedError;

    async fn hello(&self, greeting: Greeting) -> Result<Welcome, SharedError> {
        Ok(self.shared.lock().await.hello(&greeting).await?.welcome)
    }

    async fn push(&self, changes: Vec<Outgoing>) -> Result<Answers, SharedError> {
        self.shared.lock().await.push(&changes).await
    }

    async fn pull(&self, after: Mark) -> Result<Pulled, SharedError> {
        self.shared.lock().await.pull(after, self.page).await
    }

    async fn pull_record(&self, record: Uuid) -> Result<Option<Whole>, SharedError> {
        self.shared.lock().await.pull_record(record, self.page).await
    }
}
