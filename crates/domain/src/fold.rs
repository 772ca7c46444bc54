//! The fold: a record is what its changes give, in the order of their stamps, whatever the order they arrived in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::change::{Change, Line, act, kind};
use crate::process::course::names_the_last;
pub use crate::process::state;
use crate::process::table::table_of;
use crate::process::{Course, OutOfPlace, Row, To, Undoable};
use crate::visits::{self, Hand};
use crate::{Lists, Stamp, Values, field};

mod cells;

/// A field of a record: the value that counts, and those that somebody wrote without having seen it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Greatest stamp wins.
    pub value: Value,
    /// When it was written.
    pub at: Stamp,
    /// By whom.
    pub seat: Uuid,
    /// Values that no later change has named as replaced: a conflict until a person decides.
    pub rivals: Vec<Rival>,
}

impl Cell {
    /// Whether somebody has to decide: another value stands against this one. Two who wrote the same agree.
    pub fn is_contested(&self) -> bool {
        self.rivals.iter().any(|rival| rival.value != self.value)
    }
}

/// A value that lost by the clock but was not replaced on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rival {
    /// The value.
    pub value: Value,
    /// When it was written.
    pub at: Stamp,
    /// By whom.
    pub seat: Uuid,
}

/// What folding the changes of one record gives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Kind of the record, from its first change.
    pub kind: String,
    /// State, moved by acts.
    pub state: String,
    /// Fields by key, unknown ones included.
    #[serde(with = "cells")]
    pub fields: BTreeMap<String, Cell>,
    /// Lists by key; lines only grow.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: Lists,
    /// Lines struck out before they arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub struck: Vec<Uuid>,
    /// Copies printed or saved.
    #[serde(default)]
    pub copies: u32,
    /// Stamp of the last change folded.
    pub last: Option<Stamp>,
    /// Number of changes folded.
    pub changes: u32,
    /// What the acts made of it besides its fields.
    #[serde(default, skip_serializing_if = "Course::is_empty")]
    pub course: Course,
    /// The last act, while it may be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoable: Option<Box<Undoable>>,
    /// Who was among [`Course::hands`] by an act that was taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<Uuid>,
    /// Changes that were not legal at their place, for the supervisor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out_of_place: Vec<OutOfPlace>,
}

/// What the table says of a change at its place.
enum Place {
    /// It is no act of the process, or what it builds on has not arrived: its fields count, its act has no effect.
    Unjudged,
    /// By this row.
    Legal(&'static Row),
    /// Nowhere.
    Out,
}

impl Record {
    /// Folds `changes`, in any order, into the record they give.
    pub fn fold<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Record {
        Record::fold_among(changes, &[])
    }

    /// The same for a return visit whose form was handled by `hands`.
    pub fn fold_among<'a>(changes: impl IntoIterator<Item = &'a Change>, hands: &[Hand]) -> Record {
        let mut sorted: Vec<&Change> = changes.into_iter().collect();
        sorted.sort_by_key(|c| c.at);
        let mut record = Record::default();
        for change in sorted {
            record.apply_among(change, hands);
        }
        record
    }

    /// Applies a change that comes after all others folded so far; an earlier one asks for a new fold.
    pub fn apply(&mut self, change: &Change) {
        self.apply_among(change, &[]);
    }

    /// The same to a return visit whose form was handled by `hands`.
    pub fn apply_among(&mut self, change: &Change, hands: &[Hand]) {
        if self.changes == 0 {
            self.kind.clone_from(&change.kind);
        }
        self.changes += 1;
        self.last = Some(change.at);
        match self.place(change, hands) {
            Place::Unjudged => {
                self.undoable = None;
                self.copies += u32::from(change.act == act::PRINT);
            }
            Place::Legal(row) => self.step(change, row),
            Place::Out => {
                let (act, seat) = (change.act.clone(), change.seat);
                self.out_of_place.push(OutOfPlace { change: change.id, at: change.at, act, seat });
                return;
            }
        }
        for (key, setting) in &change.set {
            let to = match self.kind.as_str() {
                kind::VISIT => visits::kept(self, change, key, &setting.to),
                _ => Some(setting.to.clone()),
            };
            let Some(value) = to else { continue };
            let replaced = self.fields.remove(key);
            let rivals = replaced
                .into_iter()
                .flat_map(|cell| {
                    let mut rivals = cell.rivals;
                    rivals.push(Rival { value: cell.value, at: cell.at, seat: cell.seat });
                    rivals
                })
                .filter(|rival| !setting.was.contains(&rival.at))
                .collect();
            let cell = Cell { value, at: change.at, seat: change.seat, rivals };
            self.fields.insert(key.clone(), cell);
        }
        for (key, lines) in &change.add {
            let list = self.lists.entry(key.clone()).or_default();
            for line in lines {
                if list.iter().all(|l| l.id != line.id) {
                    let struck = line.struck || self.struck.contains(&line.id);
                    list.push(Line { struck, ..line.clone() });
                }
            }
        }
        for id in &change.strike {
            let mut found = false;
            for line in self.lists.values_mut().flatten().filter(|l| l.id == *id) {
                line.struck = true;
                found = true;
            }
            if !found {
                self.struck.push(*id);
            }
        }
        if self.kind == kind::VISIT {
            visits::after(self);
        }
    }

    /// Where the table puts a change. Roles were decided when it was written; here only the record itself counts.
    fn place(&self, change: &Change, hands: &[Hand]) -> Place {
        let act = change.act.as_str();
        match self.kind.as_str() {
            kind::FORM => {}
            // Whose rating it is does not wait for what has not arrived: it is asked anew when that is there.
            kind::VISIT if visits::bars(self, change, hands) => return Place::Out,
            kind::VISIT => {}
            kind::SERVICE if field::acts::rates_wrongly(self, change) => return Place::Out,
            _ => return Place::Unjudged,
        }
        let begins = [act::REGISTER, act::VISIT_PLAN, act::VISIT_SKIP].contains(&act);
        let mut rows = table_of(&self.kind).iter().filter(|row| row.act == act).peekable();
        if (self.state.is_empty() && !begins) || rows.peek().is_none() {
            return Place::Unjudged;
        }
        if act == act::UNDO && !names_the_last(change, self.undoable.as_deref()) {
            return Place::Out;
        }
        let fits = |row: &&Row| !row.when.iter().any(|condition| condition.stands_against(self));
        rows.filter(|row| row.from.contains(&self.state.as_str())).find(fits).map_or(Place::Out, Place::Legal)
    }

    /// The state machine: moves the state and the course, and keeps what an undo would need.
    fn step(&mut self, change: &Change, row: &Row) {
        let last = self.undoable.take();
        if row.act == act::UNDO {
            if let Some(last) = last {
                let undone = std::mem::replace(&mut self.course, last.course);
                self.state = last.state;
                for seat in undone.hands {
                    if !self.course.hands.contains(&seat) && !self.released.contains(&seat) {
                        self.released.push(seat);
                    }
                }
            }
            return;
        }
        // Taking back a decision between two values would lose the one that was decided against.
        let decided = change.set.keys().any(|key| self.fields.get(key).is_some_and(|cell| !cell.rivals.is_empty()));
        if row.undo && !decided {
            let before = |key: &String| (key.clone(), self.get(key).cloned().unwrap_or(Value::Null));
            let standing = |id: &&Uuid| self.lists.values().flatten().any(|l| l.id == **id && !l.struck);
            self.undoable = Some(Box::new(Undoable {
                change: change.id,
                act: change.act.clone(),
                seat: change.seat,
                state: self.state.clone(),
                course: self.course.clone(),
                values: change.set.keys().map(before).collect(),
                added: change.add.values().flatten().map(|line| line.id).collect(),
                struck: change.strike.iter().filter(standing).copied().collect(),
            }));
        }
        if row.act == act::PRINT {
            self.copies += 1;
        }
        let to = match row.to {
            To::Stay => self.state.clone(),
            To::Go(state) => state.into(),
            To::Back => self.course.way_back(),
        };
        self.course.take(change, &self.state, &to);
        self.state = to;
    }

    /// Value of a field; empty ones (null) count as absent.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.fields.get(key).map(|c| &c.value).filter(|v| !v.is_null())
    }

    /// Text of a field; of a marked text its `text`.
    pub fn text(&self, key: &str) -> Option<&str> {
        let value = self.get(key)?;
        value.as_str().or_else(|| value.get("text")?.as_str())
    }

    /// Stamps that a new value of `key` replaces: the present one and its rivals.
    pub fn stamps(&self, key: &str) -> Vec<Stamp> {
        self.fields
            .get(key)
            .map(|c| std::iter::once(c.at).chain(c.rivals.iter().map(|r| r.at)).collect())
            .unwrap_or_default()
    }

    /// The values that count, without their history.
    pub fn values(&self) -> Values {
        self.fields.iter().filter(|(_, c)| !c.value.is_null()).map(|(k, c)| (k.clone(), c.value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{ENCODING, Setting};
    use proptest::prelude::*;
    use serde_json::json;

    fn change(ms: u64, device: u128, key: &str, to: Value, was: Vec<Stamp>) -> Change {
        let at = Stamp { ms, n: 0, device: Uuid::from_u128(device) };
        Change {
            v: ENCODING,
            id: Uuid::from_u128(u128::from(ms) << 8 | device),
            seq: ms,
            at,
            zone: 480,
            seat: Uuid::from_u128(device),
            record: Uuid::nil(),
            kind: "form".into(),
            act: act::CORRECT.into(),
            reason: None,
            set: [(key.to_string(), Setting { to, was })].into(),
            add: BTreeMap::new(),
            strike: Vec::new(),
            seen: None,
        }
    }

    #[test]
    fn two_who_did_not_see_each_other_are_both_kept() {
        let first = change(1, 1, "name", json!("陈"), vec![]);
        let left = change(2, 1, "name", json!("陈秀英"), vec![first.at]);
        let right = change(3, 2, "name", json!("陈秀瑛"), vec![first.at]);
        let record = Record::fold([&first, &left, &right]);
        let cell = &record.fields["name"];
        assert_eq!(cell.value, "陈秀瑛");
        assert_eq!(cell.rivals.iter().map(|r| &r.value).collect::<Vec<_>>(), [&json!("陈秀英")]);

        let decided = change(4, 2, "name", json!("陈秀英"), record.stamps("name"));
        let record = Record::fold([&first, &left, &right, &decided]);
        assert!(record.fields["name"].rivals.is_empty(), "a change that names both settles it");
    }

    #[test]
    fn acts_and_members_of_a_newer_version_are_kept_without_effect() {
        let bytes = br#"{"v":9,"id":"00000000-0000-0000-0000-000000000001","seq":1,
            "at":"000000000001-00000000-00000000000000000000000000000001","zone":480,
            "seat":"00000000-0000-0000-0000-000000000001","record":"00000000-0000-0000-0000-000000000002",
            "kind":"hologram","act":"teleport","beam":{"to":"moon"},"set":{"x.new":{"to":[1,{"deep":true}]}}}"#;
        let record = Record::fold([&Change::decode(bytes).unwrap()]);
        assert_eq!((record.kind.as_str(), record.state.as_str()), ("hologram", ""));
        assert_eq!(record.values()["x.new"], json!([1, {"deep": true}]));
        let again: Record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        assert_eq!(again, record);
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        proptest::collection::vec((0u64..40, 0u128..3, 0usize..3, any::<u8>(), any::<bool>(), 0usize..4), 1..24)
            .prop_map(|seeds| {
                let mut all: Vec<Change> = Vec::new();
                for (i, (ms, device, field, value, sees, lines)) in seeds.into_iter().enumerate() {
                    let was = all.last().filter(|_| sees).map(|c| vec![c.at]).unwrap_or_default();
                    let mut c = change(ms, device, ["a", "b", "c"][field], json!(value), was);
                    c.at.n = i as u32;
                    c.act = [act::REGISTER, act::VOID, act::PRINT, "future"][lines].into();
                    let line = Uuid::from_u128(i as u128);
                    c.add.insert("lines".into(), vec![Line { id: line, values: BTreeMap::new(), struck: false }]);
                    c.strike = (lines == 3).then(|| Uuid::from_u128(i as u128 / 2)).into_iter().collect();
                    all.push(c);
                }
                all
            })
    }

    proptest! {
        #[test]
        fn order_of_arrival_does_not_matter(all in changes(), seed in any::<u64>()) {
            let straight = Record::fold(&all);
            let mut shuffled: Vec<&Change> = all.iter().collect();
            let mut state = seed | 1;
            for i in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(i, (state >> 33) as usize % (i + 1));
            }
            prop_assert_eq!(&Record::fold(shuffled.iter().copied()), &straight);
            let written: u32 = straight.changes;
            prop_assert_eq!(written as usize, all.len());
        }
    }
}
