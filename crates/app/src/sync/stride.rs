//! How much of an exchange goes at a time. Over a line that breaks off before anything arrived the next one tries less,
//! down to one change; once one came to its end, all goes at once again.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The measure of one desk, from exchange to exchange.
#[derive(Debug, Default)]
pub(crate) struct Stride {
    /// Exchanges that broke off, since the last that did not, before anything of them was through.
    shorter: AtomicU32,
    /// What went through for good since the desk was opened: batches that were settled, pages, pieces of files.
    steps: AtomicU64,
}

impl Stride {
    /// Something is through for good: whatever comes next need not carry it again.
    pub fn stepped(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }

    /// How many steps there were.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// An exchange that had reached the server ended; `before` are the steps until it began.
    pub fn ended(&self, whole: bool, before: u64) {
        if whole {
            self.shorter.store(0, Ordering::Relaxed);
        } else if self.steps() == before {
            self.shorter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many to try of at most `most`, at least one.
    pub fn of(&self, most: usize) -> usize {
        let quarters = self.shorter.load(Ordering::Relaxed).min(15);
        (most >> (2 * quarters)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shortens_only_while_nothing_is_through() {
        let stride = Stride::default();
        let ends = |whole, through: u32| {
            let before = stride.steps();
            (0..through).for_each(|_| stride.stepped());
            stride.ended(whole, before);
            stride.of(200)
        };
        let exchanges = [(true, 3), (false, 0), (false, 0), (false, 2), (false, 0), (false, 0), (false, 0), (true, 0)];
        let tried = exchanges.map(|(whole, through)| ends(whole, through));
        assert_eq!(tried, [200, 50, 12, 12, 3, 1, 1, 200]);
    }
}
