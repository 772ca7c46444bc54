//! One record on one device: its changes that count, and the real fold over them, brought up to date when it is looked at.

use std::collections::BTreeMap;
use std::rc::Rc;

use kefu_domain::{Change, Record, Stamp};
use uuid::Uuid;

/// What the controls leave out. All false is the program as it is meant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Flaws {
    /// The fold keeps no rivals.
    pub no_conflicts: bool,
    /// The last to arrive wins.
    pub no_clock: bool,
}

/// Order in the fold: by stamp, or in the control by arrival.
type Place = (u64, Stamp, Uuid);

#[derive(Debug, Clone, Default)]
pub struct Folder {
    flaws: Flaws,
    arrived: u64,
    changes: BTreeMap<Place, Rc<Change>>,
    record: Record,
    folded_to: Option<Place>,
}

impl Folder {
    pub fn new(flaws: Flaws) -> Self {
        Folder { flaws, ..Folder::default() }
    }

    pub fn put(&mut self, change: &Rc<Change>) {
        self.arrived += u64::from(self.flaws.no_clock);
        let place = (self.arrived, change.at, change.id);
        self.changes.insert(place, change.clone());
        self.behind(place);
    }

    pub fn remove(&mut self, change: &Change) {
        let place = self.changes.iter().find(|(_, c)| c.id == change.id && c.at == change.at).map(|(place, _)| *place);
        if let Some(place) = place {
            self.changes.remove(&place);
            self.behind(place);
        }
    }

    /// A change before the last folded one asks for a new fold.
    fn behind(&mut self, place: Place) {
        if self.folded_to.is_some_and(|folded| place <= folded) {
            self.record = Record::default();
            self.folded_to = None;
        }
    }

    pub fn view(&mut self) -> &Record {
        let from = self.folded_to.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        for (place, change) in self.changes.range((from, std::ops::Bound::Unbounded)) {
            self.record.apply(change);
            self.folded_to = Some(*place);
            if self.flaws.no_conflicts {
                self.record.fields.values_mut().for_each(|cell| cell.rivals.clear());
            }
        }
        &self.record
    }

    pub fn changes(&self) -> impl DoubleEndedIterator<Item = &Rc<Change>> {
        self.changes.values()
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
