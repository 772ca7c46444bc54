//! How much is sent at once: as much as the shared database takes in one short transaction.

use uuid::Uuid;

use crate::wire::Outgoing;

/// Most changes in one push: what the shared database takes in a tenth of a second, so that others wait no longer, and
/// enough that the way there and back counts little.
pub const CHANGES: usize = 1000;
/// Most sealed bytes in one push. A single change that is larger goes alone, and it is the server that refuses it.
pub const BYTES: usize = 2 * 1024 * 1024;
/// Most keys that travel with the changes of one push.
const WRAPS: usize = 5000;

/// How many of the first of `changes` make one push: all of one device, within [`CHANGES`], [`BYTES`] and [`WRAPS`], at
/// least one.
pub fn cut(changes: &[Outgoing]) -> usize {
    let Some(device) = changes.first().map(|first| first.envelope.device) else { return 0 };
    let (mut bytes, mut wraps) = (0, 0);
    let fits = |change: &&Outgoing| {
        bytes += change.envelope.sealed.len();
        wraps += change.wraps.len();
        change.envelope.device == device && bytes <= BYTES && wraps <= WRAPS
    };
    changes.iter().take(CHANGES).take_while(fits).count().max(1)
}

/// Takes the changes of the first one's device out of `changes`; both parts keep their order.
pub(crate) fn one_device(changes: &mut Vec<Outgoing>) -> Vec<Outgoing> {
    let device = changes.first().map_or(Uuid::nil(), |first| first.envelope.device);
    let (own, others) = std::mem::take(changes).into_iter().partition(|change| change.envelope.device == device);
    *changes = others;
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::outgoing;

    #[test]
    fn a_push_holds_what_fits() {
        let check = |sizes: &[(u128, usize)], expected: usize| {
            let changes: Vec<Outgoing> =
                sizes.iter().zip(1..).map(|((device, size), seq)| outgoing(*device, seq, *size)).collect();
            assert_eq!(cut(&changes), expected, "{sizes:?}");
        };
        check(&[], 0);
        check(&[(1, 1)], 1);
        check(&[(1, BYTES + 1), (1, 1)], 1); // alone, to be refused by the server and to block nothing
        check(&[(1, BYTES - 1), (1, 1), (1, 1)], 2);
        check(&[(1, 1), (1, 1), (2, 1), (1, 1)], 2);
        check(&[(1, 1); CHANGES + 100], CHANGES);
    }

    #[test]
    fn devices_are_sent_apart_in_order() {
        let mut changes: Vec<Outgoing> = [1, 2, 1, 2].into_iter().zip(1..).map(|(d, s)| outgoing(d, s, 1)).collect();
        let seqs = |changes: &[Outgoing]| changes.iter().map(|c| c.envelope.seq).collect::<Vec<_>>();
        assert_eq!((seqs(&one_device(&mut changes)), seqs(&changes)), (vec![1, 3], vec![2, 4]));
    }
}
