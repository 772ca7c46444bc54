//! Which places a device remembers, so that one hello finds how far it agrees with a database that was put back.

use crate::wire::Mark;

/// Thins marks, greatest first, to at most two for each power of two of the distance from the first: the nearer a place, the more
/// exactly it can be returned to, and some forty marks reach over a million changes.
pub fn thin(marks: &mut Vec<Mark>) {
    let Some(newest) = marks.first().map(|mark| mark.seq) else { return };
    let power = |mark: &Mark| newest.saturating_sub(mark.seq).checked_ilog2();
    let kept = |index: usize| {
        let own = power(&marks[index]);
        // The first and the last of their power stay: the last is the first that grows into the next power.
        index == 0 || index + 1 == marks.len() || power(&marks[index - 1]) != own || power(&marks[index + 1]) != own
    };
    *marks = (0..marks.len()).filter(|index| kept(*index)).map(|index| marks[index]).collect();
}

/// Places of the device's own changes to name in a hello: `last`, then steps of doubled length, at last 1.
pub fn back_from(last: u64) -> Vec<u64> {
    let steps = (0..u64::BITS).map_while(|power| last.checked_sub((1u64 << power) - 1)).filter(|place| *place > 1);
    let mut places: Vec<u64> = steps.collect();
    places.extend((last > 0).then_some(1));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_reach_back_to_the_first() {
        for (last, expected) in [(0, vec![]), (1, vec![1]), (2, vec![2, 1]), (20, vec![20, 19, 17, 13, 5, 1])] {
            assert_eq!(back_from(last), expected);
        }
    }

    proptest! {
        #[test]
        fn few_marks_reach_far(steps in proptest::collection::vec(1u64..600, 1..800)) {
            let mut marks: Vec<Mark> = Vec::new();
            let mut seq = 0;
            for step in &steps {
                seq += step;
                marks.insert(0, Mark { seq, hash: [0; 32] });
                thin(&mut marks);
                let (newest, oldest) = (marks[0].seq, marks[marks.len() - 1].seq);
                prop_assert_eq!((newest, oldest), (seq, steps[0]), "the ends stay");
                prop_assert!(marks.len() <= 2 * 20 + 1, "{} marks", marks.len());
                prop_assert!(marks.windows(2).all(|pair| pair[0].seq > pair[1].seq));
                // Whatever was lost, what is fetched again is at most a few times that, one page apart.
                for lost in [1, seq / 9, seq / 2, seq * 3 / 4] {
                    let back = marks.iter().find(|mark| mark.seq <= seq - lost).map_or(0, |mark| mark.seq);
                    prop_assert!(seq - back <= 4 * lost + 1_200, "{lost} lost, back to {back} of {seq}");
                }
            }
        }
    }
}
