//! The quarterly sample: the same for the same seed, in proportion to its strata, fair within them.

use std::collections::{BTreeMap, BTreeSet};

use kefu_domain::visits::draw;
use proptest::prelude::*;
use uuid::Uuid;

fn population(sizes: &[u32]) -> Vec<(Uuid, String)> {
    let of = |(key, n): (usize, &u32)| {
        (0..*n).map(move |i| (Uuid::new_v5(&Uuid::nil(), format!("{key} {i}").as_bytes()), format!("s{key}")))
    };
    sizes.iter().enumerate().flat_map(of).collect()
}

proptest! {
    #[test]
    fn reproducible_and_stratified(
        sizes in proptest::collection::vec(0u32..200, 1..7), size in 0u32..300, seed in any::<u64>(), turn in any::<usize>(),
    ) {
        let mut people = population(&sizes);
        let first = draw(seed, people.clone(), size);
        let turn = turn % people.len().max(1);
        people.rotate_left(turn);
        people.reverse();
        prop_assert_eq!(&draw(seed, people.clone(), size), &first, "the order in which customers are given does not matter");

        let all: u32 = sizes.iter().sum();
        let ids: BTreeSet<Uuid> = first.drawn.iter().map(|(id, _)| *id).collect();
        prop_assert_eq!(ids.len() as u32, size.min(all), "as many as asked for, nobody twice");
        let filled = sizes.iter().filter(|n| **n > 0).count() as u32;
        let mut of_stratum: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, key) in &first.drawn {
            *of_stratum.entry(key).or_default() += 1;
        }
        for stratum in &first.strata {
            prop_assert_eq!(of_stratum.get(stratum.key.as_str()).copied().unwrap_or(0), stratum.drawn);
            prop_assert!(stratum.drawn <= stratum.population);
            let share = f64::from(size.min(all)) * f64::from(stratum.population) / f64::from(all.max(1));
            // Off by less than one, unless a stratum was given its one from elsewhere.
            let given = f64::from(filled);
            prop_assert!((f64::from(stratum.drawn) - share).abs() < 1.0 + given, "{:?} of {share}", stratum);
            if size >= filled {
                prop_assert!(stratum.drawn > 0, "{:?} goes unheard", stratum);
            }
        }
    }
}

#[test]
fn shares_by_largest_remainder() {
    let check = |sizes: &[u32], size, expected: &[u32]| {
        let drawn: Vec<u32> = draw(1, population(sizes), size).strata.iter().map(|s| s.drawn).collect();
        assert_eq!(drawn, expected, "{sizes:?} {size}");
    };
    check(&[50, 30, 20], 10, &[5, 3, 2]);
    check(&[61, 30, 9], 10, &[6, 3, 1]);
    check(&[97, 2, 1], 10, &[8, 1, 1]);
    check(&[5, 5], 3, &[2, 1]);
    check(&[3, 2], 9, &[3, 2]);
    check(&[100, 1, 1], 2, &[2, 0, 0]);
}

/// Over many seeds everybody is drawn about equally often, and another seed draws others.
#[test]
fn everybody_has_the_same_chance() {
    let people = population(&[40]);
    let mut times: BTreeMap<Uuid, u32> = BTreeMap::new();
    for seed in 0..2000 {
        for (id, _) in draw(seed, people.clone(), 10).drawn {
            *times.entry(id).or_default() += 1;
        }
    }
    assert_eq!(times.len(), 40);
    // 500 expected, standard deviation some 19.
    assert!(times.values().all(|n| (400..600).contains(n)), "{times:?}");
    assert_ne!(draw(1, people.clone(), 10).drawn, draw(2, people, 10).drawn);
}
