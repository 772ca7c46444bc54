//! The one search box.

use crate::desk::Desk;
use crate::list::PAGE;
use crate::privacy::sighted_rows;
use crate::wire::{Failure, FindPage, FindRequest};

impl Desk {
    /// Forms that match what was typed, newest first.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn find(&self, request: FindRequest) -> Result<FindPage, Failure> {
        let open = self.open()?;
        let found = open.store.find(&request.query, request.limit.min(PAGE)).await?;
        let rows = sighted_rows(&open, found.rows).await?;
        Ok(FindPage { rows, more: found.more })
    }
}
