//! What an erasing change says to every device: which entries of the log it destroys, and what is left of each (个人信息保护法
//! 47). It holds the remainders itself, so that a device that never had the words has the figures all the same.
//!
//! A record of one matter ends with its erasure: no later change counts, or whoever did not hear of it would bring the words
//! back. A customer or a product goes on: another form may tell of them tomorrow. There an erasure speaks of what was
//! written before it.

use serde_json::Value;

use crate::change::{act, kind};
use crate::{Change, Record};

/// List of an erasing change that names the entries it destroys.
pub const ERASED: &str = "erased";
/// Column of [`ERASED`]: what is left of the entry, a change.
pub const LEFT: &str = "left";

/// Kinds of records that can be erased.
pub const ERASABLE: [&str; 7] =
    [kind::FORM, kind::SERVICE, kind::PLAN, kind::VISIT, kind::VISIT_PLAN, kind::CUSTOMER, kind::PRODUCT];

/// Whether records of this kind end with their erasure.
pub fn ends(kind: &str) -> bool {
    ERASABLE.contains(&kind) && ![kind::CUSTOMER, kind::PRODUCT].contains(&kind)
}

/// Whether a record was erased and takes no more changes.
pub fn is_ended(record: &Record) -> bool {
    ends(&record.kind) && record.lists.get(ERASED).is_some_and(|lines| !lines.is_empty())
}

/// What an erasing change leaves of each entry it destroys, with the SHA-256 of the entry as it was. None where it is no
/// erasing change, or one that does not say it, as those of a version before desks shared.
pub fn remainders(change: &Change) -> Option<Vec<(Change, String)>> {
    if change.act != act::ERASE || !ERASABLE.contains(&change.kind.as_str()) {
        return None;
    }
    let lines = change.add.get(ERASED)?;
    let one = |values: &std::collections::BTreeMap<String, Value>| {
        let left: Change = serde_json::from_value(values.get(LEFT)?.clone()).ok()?;
        (left.record == change.record).then_some((left, values.get("hash")?.as_str()?.to_owned()))
    };
    lines.iter().map(|line| one(&line.values)).collect()
}

/// An earlier erasing change as a later one leaves it: what it kept of others stands in the later one now.
pub fn superseded(change: &Change) -> Change {
    let mut left = change.clone();
    for line in left.add.get_mut(ERASED).into_iter().flatten() {
        line.values.remove(LEFT);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Line, Stamp};
    use serde_json::json;
    use uuid::Uuid;

    fn change(act: &str, kind: &str) -> Change {
        let at = Stamp { ms: 1, n: 0, device: Uuid::nil() };
        let (id, seat, record) = (Uuid::nil(), Uuid::nil(), Uuid::nil());
        let (act, kind, reason) = (act.into(), kind.into(), None);
        let (set, add, strike) = Default::default();
        Change { v: 1, id, seq: 1, at, zone: 0, seat, record, kind, act, reason, set, add, strike, seen: None }
    }

    fn erasing(kind: &str, left: Option<&Change>) -> Change {
        let mut values = std::collections::BTreeMap::from([("hash".to_owned(), json!("ab"))]);
        values.extend(left.map(|left| (LEFT.to_owned(), json!(left))));
        let mut erasing = change(act::ERASE, kind);
        erasing.add.insert(ERASED.into(), vec![Line { id: Uuid::nil(), values, struck: false }]);
        erasing
    }

    #[test]
    fn an_erasing_change_says_what_it_leaves_or_destroys_nothing() {
        let check = |erasing: &Change, expected: Option<usize>| {
            assert_eq!(remainders(erasing).map(|all| all.len()), expected);
        };
        let register = change(act::REGISTER, kind::FORM);
        check(&erasing(kind::FORM, Some(&register)), Some(1));
        check(&erasing(kind::FORM, None), None);
        check(&erasing(kind::MEMBER, Some(&register)), None);
        check(&change(act::ERASE, kind::FORM), None);
        check(&register, None);
        let mut others = register;
        others.record = Uuid::from_u128(7);
        check(&erasing(kind::FORM, Some(&others)), None);
        check(&superseded(&erasing(kind::FORM, Some(&others))), None);
    }

    #[test]
    fn a_matter_ends_and_a_customer_goes_on() {
        let check = |kind: &str, expected: bool| {
            let record = Record::fold([&erasing(kind, None)]);
            assert_eq!(is_ended(&record), expected, "{kind}");
        };
        check(kind::FORM, true);
        check(kind::SERVICE, true);
        check(kind::CUSTOMER, false);
        check(kind::PRODUCT, false);
        check(kind::STOCK, false);
        assert!(!is_ended(&Record::fold([&change(act::REGISTER, kind::FORM)])));
    }
}
