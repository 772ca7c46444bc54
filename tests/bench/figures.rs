//! Times taken, and what is told of them.

use std::time::{Duration, Instant};

/// Times of one thing done many times over.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn push(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub(crate) fn extend(&mut self, others: &Samples) {
        self.0.extend_from_slice(&others.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of a hundred stay within, in milliseconds.
    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1).min(last);
        sorted.get(at).map_or(f64::NAN, milliseconds)
    }

    pub(crate) fn p50(&self) -> f64 {
        self.percentile(50)
    }

    pub(crate) fn p95(&self) -> f64 {
        self.percentile(95)
    }

    pub(crate) fn worst(&self) -> f64 {
        self.percentile(100)
    }

    /// How many were done in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.0.len() as f64 / self.0.iter().sum::<Duration>().as_secs_f64()
    }
}

fn milliseconds(took: &Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

/// Runs `work`, keeps its time, and gives its result.
pub(crate) async fn timed<T>(samples: &mut Samples, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let result = work.await;
    samples.push(started.elapsed());
    result
}

/// A small generator of our own (SplitMix64): the same choices in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}
