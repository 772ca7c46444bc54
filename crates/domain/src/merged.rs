//! Corrections of one form that were written without knowing of each other and went together: of different fields both count,
//! and the later one is marked.
//!
//! The stamps that a change replaces ([`crate::change::Setting::was`]) tell what its author had seen of those fields alone.
//! So a correction also says which corrections of the form he had, [`Change::seen`]: of each device the latest. A device's
//! changes reach another in their order; where one of them lay aside, it counts as seen.
//!
//! The rule: the later one by the clock did not know of the earlier one where it says what its author had seen, and of the
//! earlier one's device that is nothing, or something earlier still. The earlier one cannot have known of the later:
//! whatever was seen is stamped earlier. This is asked of the two changes themselves, not of when they arrived, so every
//! device with the same changes marks the same. Where the later one says nothing, there is no mark.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::change::{Change, act, kind};
use crate::{Record, Stamp};

/// Whether changes of this kind and act say what their author had seen.
pub fn tells(kind: &str, act: &str) -> bool {
    (kind, act) == (kind::FORM, act::CORRECT)
}

/// What a correction says that its author had seen, who has these changes of the form.
pub fn seen<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Stamp> {
    let mut latest: BTreeMap<Uuid, Stamp> = BTreeMap::new();
    for change in changes.into_iter().filter(|change| tells(&change.kind, &change.act)) {
        let at = latest.entry(change.at.device).or_insert(change.at);
        *at = change.at.max(*at);
    }
    latest.into_values().collect()
}

/// The corrections with which `change` was merged, in the order of their stamps: earlier ones that its author did not know of,
/// where each of the two wrote a field that the other did not. `changes` are all of the form, and `record` what they give: what
/// is out of place there has no effect and merges with nothing.
pub fn merged_with<'a>(change: &Change, changes: &'a [Change], record: &Record) -> Vec<&'a Change> {
    let Some(seen) = &change.seen else { return Vec::new() };
    let counts =
        |one: &Change| tells(&one.kind, &one.act) && record.out_of_place.iter().all(|out| out.change != one.id);
    if !counts(change) {
        return Vec::new();
    }
    let unseen = |one: &Change| {
        one.at < change.at
            && one.at.device != change.at.device
            && seen.iter().all(|at| at.device != one.at.device || *at < one.at)
    };
    let beyond = |one: &Change, other: &Change| one.set.keys().any(|key| !other.set.contains_key(key));
    let mut found: Vec<&Change> =
        changes.iter().filter(|one| counts(one) && unseen(one) && beyond(one, change) && beyond(change, one)).collect();
    found.sort_by_key(|one| one.at);
    found
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::change::{ENCODING, Setting};

    fn change(ms: u64, device: u128, act: &str, keys: &[&str], seen: Option<Vec<Stamp>>) -> Change {
        Change {
            v: ENCODING,
            id: Uuid::from_u128(u128::from(ms) << 64 | device),
            seq: ms,
            at: Stamp { ms, n: 0, device: Uuid::from_u128(device) },
            zone: 480,
            seat: Uuid::from_u128(device),
            record: Uuid::nil(),
            kind: kind::FORM.into(),
            act: act.into(),
            reason: None,
            set: keys.iter().map(|key| ((*key).into(), Setting { to: json!(ms), was: vec![] })).collect(),
            add: BTreeMap::new(),
            strike: Vec::new(),
            seen,
        }
    }

    /// A correction by somebody who has `had`.
    fn corrects(ms: u64, device: u128, keys: &[&str], had: &[&Change]) -> Change {
        change(ms, device, act::CORRECT, keys, Some(seen(had.iter().copied())))
    }

    /// Milliseconds of each correction → those of the ones it was merged with.
    fn marks(changes: &[Change]) -> Vec<(u64, Vec<u64>)> {
        let record = Record::fold(changes);
        let of = |one: &Change| merged_with(one, changes, &record).iter().map(|other| other.at.ms).collect::<Vec<_>>();
        let mut marks: Vec<(u64, Vec<u64>)> = changes.iter().map(|one| (one.at.ms, of(one))).collect();
        marks.retain(|(_, with)| !with.is_empty());
        marks.sort();
        marks
    }

    #[track_caller]
    fn check(changes: &[&Change], expected: &[(u64, &[u64])]) {
        let expected: Vec<(u64, Vec<u64>)> = expected.iter().map(|(ms, with)| (*ms, with.to_vec())).collect();
        let mut changes: Vec<Change> = changes.iter().map(|one| (*one).clone()).collect();
        assert_eq!(marks(&changes), expected);
        changes.reverse();
        assert_eq!(marks(&changes), expected, "in whatever order they arrived");
    }

    #[test]
    fn different_fields_unseen_of_each_other_are_marked_on_the_later() {
        let first = change(1, 1, act::REGISTER, &["number"], None);
        let left = corrects(2, 1, &["customer.name"], &[&first]);
        let right = corrects(3, 2, &["customer.phone"], &[&first]);
        check(&[&first, &left, &right], &[(3, &[2])]);
        // The next one, by either of them, has both.
        let next = corrects(4, 1, &["product.name"], &[&first, &left, &right]);
        check(&[&first, &left, &right, &next], &[(3, &[2])]);
        // Each wrote twice before they heard of each other.
        let [more, late] = [corrects(4, 1, &["mood"], &[&left]), corrects(5, 2, &["product.name"], &[&right])];
        check(&[&left, &right, &more, &late], &[(3, &[2]), (4, &[3]), (5, &[2, 4])]);
    }

    #[test]
    fn one_after_the_other_is_not_marked() {
        let first = corrects(1, 1, &["customer.name"], &[]);
        let second = corrects(2, 2, &["customer.phone"], &[&first]);
        let third = corrects(3, 1, &["mood"], &[&first, &second]);
        check(&[&first, &second, &third], &[]);
        // By two people at one desk, too.
        check(&[&first, &corrects(2, 1, &["customer.phone"], &[&first])], &[]);
        // Who had the latest of a device had those before it.
        let of_three = corrects(4, 3, &["product.name"], &[&third, &second]);
        check(&[&first, &second, &third, &of_three], &[]);
    }

    #[test]
    fn nothing_is_marked_that_is_not_merged_or_not_known() {
        let left = corrects(2, 1, &["customer.name"], &[]);
        // The same field stands in the list of conflicts; beside it each wrote another.
        check(&[&left, &corrects(3, 2, &["customer.name"], &[])], &[]);
        check(&[&left, &corrects(3, 2, &["customer.name", "mood"], &[])], &[]);
        let both = corrects(1, 1, &["customer.name", "product.name"], &[]);
        check(&[&both, &corrects(3, 2, &["customer.name", "mood"], &[])], &[(3, &[1])]);
        // By a program that did not say what its author had: unknown, and no mark. The other way round it is known.
        let old = |ms| change(ms, 2, act::CORRECT, &["customer.phone"], None);
        check(&[&left, &old(3)], &[]);
        check(&[&left, &old(1)], &[(2, &[1])]);
        // An act is not a correction, and has its own rules.
        check(&[&left, &change(3, 2, act::ANSWER, &["handling.solution"], Some(vec![]))], &[]);
        check(&[&change(1, 2, act::ANSWER, &["handling.solution"], Some(vec![])), &left], &[]);
        // Out of place, it has no effect: the form was void.
        let form = change(1, 1, act::REGISTER, &["number"], None);
        let void = change(2, 1, act::VOID, &[], None);
        let [late, later] = [corrects(3, 1, &["customer.name"], &[]), corrects(4, 2, &["mood"], &[])];
        check(&[&form, &late, &later], &[(4, &[3])]);
        check(&[&form, &void, &late, &later], &[]);
    }

    #[test]
    fn what_was_seen_is_read_back_and_what_never_said_it_stays_as_it_was() {
        let old = change(1, 2, act::CORRECT, &["mood"], None);
        let bytes = old.encode().unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("seen"));
        assert_eq!(Change::decode(&bytes).unwrap(), old);
        for had in [vec![], vec![&old]] {
            let new = corrects(3, 1, &["customer.name"], &had);
            assert_eq!(
                Change::decode(&new.encode().unwrap()).unwrap(),
                new,
                "nothing seen is not the same as not said"
            );
        }
    }

    /// Devices that write and hear of each other in any order, with a clock that is behind nothing it has seen.
    fn history() -> impl Strategy<Value = Vec<(usize, Option<usize>)>> {
        // A device corrects a field of its own, or hears all that another has.
        proptest::collection::vec((0usize..3, proptest::option::of(0usize..3)), 1..40)
    }

    proptest! {
        #[test]
        fn a_mark_stands_exactly_where_the_author_did_not_have_it(steps in history()) {
            let keys = ["customer.name", "customer.phone", "mood"];
            let mut desks: [Vec<Change>; 3] = Default::default();
            let mut had: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
            let mut all: Vec<Change> = Vec::new();
            for (device, from) in steps {
                if let Some(from) = from {
                    let new: Vec<Change> = desks[from].iter().filter(|c| !desks[device].contains(c)).cloned().collect();
                    desks[device].extend(new);
                    continue;
                }
                let ms = desks[device].iter().map(|c| c.at.ms).max().unwrap_or(0) + 1;
                let known: Vec<&Change> = desks[device].iter().collect();
                let one = corrects(ms, device as u128 + 1, &[keys[device]], &known);
                had.insert(one.id, known.iter().map(|c| c.id).collect());
                desks[device].push(one.clone());
                all.push(one);
            }
            let record = Record::fold(&all);
            for one in &all {
                let found: Vec<Uuid> = merged_with(one, &all, &record).iter().map(|other| other.id).collect();
                let mut expected: Vec<&Change> = all
                    .iter()
                    .filter(|o| o.at < one.at && o.at.device != one.at.device && !had[&one.id].contains(&o.id))
                    .collect();
                expected.sort_by_key(|o| o.at);
                prop_assert_eq!(found, expected.iter().map(|o| o.id).collect::<Vec<_>>());
            }
        }
    }
}
