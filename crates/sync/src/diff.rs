//! What a technician's device lacks and what it must no longer hold.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::wire::Assigned;

/// What to do about assignments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Came into his hands, or was out of them in between: whole, because its changes lie below the cursor.
    pub fetch: Vec<Uuid>,
    /// Left his hands.
    pub purge: Vec<Uuid>,
}

/// Compares what is held with what is assigned.
pub(crate) fn compare(held: &[Assigned], assigned: &[Assigned]) -> Difference {
    let index = |all: &[Assigned]| all.iter().map(|one| (one.record, one.since)).collect::<BTreeMap<_, _>>();
    let (held, assigned) = (index(held), index(assigned));
    Difference {
        fetch: assigned.iter().filter(|(r, since)| held.get(r) != Some(since)).map(|(r, _)| *r).collect(),
        purge: held.keys().filter(|record| !assigned.contains_key(record)).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_out_of_hand_in_between_is_fetched_again() {
        let check = |held: &[(u128, u64)], assigned: &[(u128, u64)], fetch: &[u128], purge: &[u128]| {
            let all = |list: &[(u128, u64)]| {
                list.iter()
                    .map(|(r, since)| Assigned { record: Uuid::from_u128(*r), since: *since })
                    .collect::<Vec<_>>()
            };
            let ids = |list: &[u128]| list.iter().map(|r| Uuid::from_u128(*r)).collect();
            assert_eq!(compare(&all(held), &all(assigned)), Difference { fetch: ids(fetch), purge: ids(purge) });
        };
        check(&[], &[], &[], &[]);
        check(&[(1, 5)], &[(1, 5)], &[], &[]);
        check(&[], &[(1, 5), (2, 6)], &[1, 2], &[]);
        check(&[(1, 5), (2, 6)], &[(2, 6)], &[], &[1]);
        check(&[(1, 5)], &[(1, 9)], &[1], &[]);
    }
}
