//! The quarterly sample (R104): drawn at random within strata, in proportion to them, the same for the same seed.
//!
//! No generator of random numbers runs on: each customer's place follows from the seed and his own id alone. So it does
//! not matter in which order customers are given, nor what others there are in his stratum.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// A stratum of a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Stratum {
    /// What its customers have in common: a code.
    pub key: String,
    /// How many there are.
    pub population: u32,
    /// How many were drawn.
    pub drawn: u32,
}

/// A draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Strata by key.
    pub strata: Vec<Stratum>,
    /// Whom it drew, with their strata, in the order of drawing within each.
    pub drawn: Vec<(Uuid, String)>,
}

/// Draws `size` customers of `population`, who each belong to one stratum. Each stratum gives its share, rounded by
/// largest remainder, and at least one where `size` reaches that far; whoever stands in several strata counts in the
/// first by key.
pub fn draw(seed: u64, population: impl IntoIterator<Item = (Uuid, String)>, size: u32) -> Draw {
    let mut of_customer: BTreeMap<Uuid, String> = BTreeMap::new();
    for (id, key) in population {
        let kept = of_customer.entry(id).or_insert_with(|| key.clone());
        if key < *kept {
            *kept = key;
        }
    }
    let mut strata: BTreeMap<String, Vec<(u128, Uuid)>> = BTreeMap::new();
    for (id, key) in of_customer {
        strata.entry(key).or_default().push((rank(seed, id), id));
    }
    let sizes: Vec<u32> = strata.values().map(|of| u32::try_from(of.len()).unwrap_or(u32::MAX)).collect();
    let shares = shares(&sizes, size);
    let mut draw = Draw { strata: Vec::new(), drawn: Vec::new() };
    for ((key, mut of), (population, share)) in strata.into_iter().zip(sizes.into_iter().zip(shares)) {
        of.sort_unstable();
        draw.drawn.extend(of.iter().take(share as usize).map(|(_, id)| (*id, key.clone())));
        draw.strata.push(Stratum { key, population, drawn: share });
    }
    draw
}

/// A customer's place in the order of a seed: as good as random, and his own.
fn rank(seed: u64, id: Uuid) -> u128 {
    Uuid::new_v5(&Uuid::from_u128(u128::from(seed)), id.as_bytes()).as_u128()
}

/// How many of each stratum: one for each as far as `size` reaches, largest first, the rest in proportion.
fn shares(sizes: &[u32], size: u32) -> Vec<u32> {
    let all: u64 = sizes.iter().map(|n| u64::from(*n)).sum();
    let size = u64::from(size).min(all);
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(sizes[*at]), *at));
    let mut shares = vec![0u64; sizes.len()];
    if all == 0 {
        return vec![0; sizes.len()];
    }
    for (at, n) in sizes.iter().enumerate() {
        shares[at] = size * u64::from(*n) / all;
    }
    // What rounding down left over goes to the largest remainders.
    let mut by_remainder = order.clone();
    by_remainder.sort_by_key(|at| (std::cmp::Reverse(size * u64::from(sizes[*at]) % all), *at));
    let mut left = size - shares.iter().sum::<u64>();
    for at in by_remainder {
        if left == 0 {
            break;
        }
        if shares[at] < u64::from(sizes[at]) {
            (shares[at], left) = (shares[at] + 1, left - 1);
        }
    }
    // None goes unheard while another can spare one.
    if size >= sizes.len() as u64 {
        for at in order.iter().copied() {
            while shares[at] == 0 && sizes[at] > 0 {
                let Some(rich) = order.iter().copied().max_by_key(|other| (shares[*other], std::cmp::Reverse(*other)))
                else {
                    break;
                };
                if shares[rich] <= 1 {
                    break;
                }
                (shares[rich], shares[at]) = (shares[rich] - 1, shares[at] + 1);
            }
        }
    }
    shares.into_iter().map(|n| u32::try_from(n).unwrap_or(u32::MAX)).collect()
}
