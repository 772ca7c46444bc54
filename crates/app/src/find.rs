//! The one search box.

use crate::desk::Desk;
use crate::list::PAGE;
use crate::privacy::Eyes;
use crate::wire::{Failure, FindPage, FindRequest};

impl Desk {
    /// Forms that match what was typed, newest first.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn find(&self, request: FindRequest) -> Result<FindPage, Failure> {
        let open = self.open()?;
        let found = async { Ok(open.store.find(&request.query, request.limit.min(PAGE)).await?) };
        // Who looks is read meanwhile, through another connection.
        let (found, eyes) = tokio::try_join!(found, Eyes::of(&open))?;
        Ok(FindPage { rows: eyes.rows(&open, found.rows).await?, more: found.more })
    }
}
