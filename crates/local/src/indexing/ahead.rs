//! Entries of forms that are made beside the writing, before their records are in the file: where hundreds come at once, as
//! they do on a first load, the one connection that writes need not wait for them.

use std::collections::HashMap;

use uuid::Uuid;

use kefu_domain::Record;

use super::batch::{By, Made};
use crate::store::StoreError;

/// So many are kept at most: what came with some pages of an exchange.
const MOST: usize = 4096;

/// All that the indexes keep of a form whose place in the file is not known yet.
#[derive(Debug)]
pub(crate) struct Ready {
    /// As [`By::key`].
    by: (i64, i64),
    /// The record as it will be kept. The entry counts only while that is what stands in the file.
    body: String,
    made: Made,
}

impl Ready {
    /// Of a record that was never corrected; its words are what it shows.
    pub(crate) fn of(id: Uuid, record: &Record, body: &str, by: &By) -> Result<Self, StoreError> {
        Ok(Ready { by: by.key(), body: body.to_owned(), made: Made::of(id, record, &[], by)? })
    }
}

/// Entries that the indexes have not come to, by row.
#[derive(Debug, Default)]
pub(crate) struct Ahead(HashMap<i64, Ready>);

impl Ahead {
    /// Keeps what was made of the record that was just written in this row.
    pub(crate) fn put(&mut self, row: i64, ready: Ready) {
        if self.0.len() >= MOST {
            self.0.clear(); // the indexes make what they do not find
        }
        self.0.insert(row, ready);
    }

    /// What was made of just this record, in just this way.
    pub(super) fn take(&mut self, row: i64, id: Uuid, body: &str, by: &By) -> Option<Made> {
        let ready = self.0.remove(&row)?;
        (ready.by == by.key() && ready.body == body && ready.made.id() == id).then_some(ready.made)
    }
}
