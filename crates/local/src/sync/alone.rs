//! Records as the changes of one step alone make them: folded beside the writing, for those that are not here yet, forms
//! with all that the indexes keep of them.

use std::collections::HashMap;

use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::{Change, Record, visits};

use super::Received;
use crate::indexing::{By, Ready};

/// What one step's changes of a record make, by record.
#[derive(Debug, Default)]
pub struct Alone(HashMap<Uuid, Made>);

#[derive(Debug)]
pub(super) struct Made {
    /// Of so many changes.
    changes: usize,
    pub(super) record: Record,
    /// As it is kept.
    pub(super) body: String,
    /// Its entry in the indexes: of a form that was registered and never corrected.
    pub(super) ready: Option<Ready>,
}

impl Alone {
    /// Folds these changes, record by record. What others than its author may have a say in, a return visit that was
    /// rated, is left out: its form decides that. Entries of forms are made `by` this, or left to the indexes.
    pub fn of(received: &[Received], by: Option<&By>) -> Self {
        let mut all: HashMap<Uuid, Vec<&Change>> = HashMap::new();
        for one in received {
            all.entry(one.change.record).or_default().push(&one.change);
        }
        all.retain(|_, changes| !changes.iter().any(|c| c.kind == kind::VISIT && visits::by_others(&c.act)));
        let fold = |(id, changes): (Uuid, Vec<&Change>)| {
            let (count, new) = (changes.len(), changes.iter().any(|c| c.kind == kind::FORM && c.act == act::REGISTER));
            let by = by.filter(|_| new && !changes.iter().any(|change| change.act == act::CORRECT));
            let record = Record::fold(changes);
            let body = serde_json::to_string(&record).ok()?;
            let ready = by.and_then(|by| Ready::of(id, &record, &body, by).ok());
            Some((id, Made { changes: count, record, body, ready }))
        };
        Alone(all.into_iter().filter_map(fold).collect())
    }

    /// Adds what was made of other records.
    pub fn extend(&mut self, others: Alone) {
        self.0.extend(others.0);
    }

    /// What was made of a record, if it was of just so many changes.
    pub(super) fn take(&mut self, record: Uuid, changes: usize) -> Option<Made> {
        self.0.remove(&record).filter(|made| made.changes == changes)
    }
}
