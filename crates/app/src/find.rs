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
        let seat = open.seat().id;
        let (found, onlooker) = open.store.find(&request.query, request.limit.min(PAGE), seat).await?;
        let eyes = Eyes::new(seat, onlooker);
        Ok(FindPage { rows: eyes.rows(&open, found.rows).await?, more: found.more })
    }
}
