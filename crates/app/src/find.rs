//! The one search box.

use crate::desk::Desk;
use crate::list::{PAGE, row};
use crate::wire::{Failure, FindPage, FindRequest};

impl Desk {
    /// Forms that match what was typed, newest first.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn find(&self, request: FindRequest) -> Result<FindPage, Failure> {
        let found = self.open()?.store.find(&request.query, request.limit.min(PAGE)).await?;
        Ok(FindPage { rows: found.rows.into_iter().map(row).collect(), more: found.more })
    }
}
