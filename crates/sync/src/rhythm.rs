//! When to exchange: by polling with jitter, soon after a commit, and after a failure with growing pauses that never end.
//!
//! Times are monotonic milliseconds from any origin; a wall clock may jump by years and must not be used here. `random` is
//! uniform over all of u64 and comes from the caller, as everything random does.

/// How eagerly a device asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At one of few desks: every second or so, so that what one registers is at the others while the caller still speaks.
    Near,
    /// At a desk: every 5–15 s.
    Desk,
    /// On the way, on a battery and by the megabyte: every 30–60 s.
    Field,
}

impl Pace {
    fn pause(self) -> (u64, u64) {
        match self {
            Pace::Near => (700, 1_300),
            Pace::Desk => (5_000, 15_000),
            Pace::Field => (30_000, 60_000),
        }
    }
}

/// Longest pause after failures. Queues drain within 30 s of the network's return: a call that hangs on a dead line then takes up
/// to 20 s of that.
const LONGEST_PAUSE: u64 = 8_000;

/// A commit waits this long for the next one, so that a burst of them goes in one exchange …
const DEBOUNCE: u64 = 300;
/// … but the first of a burst never longer than this.
const AT_LATEST: u64 = 1_500;
/// Pause after the first failure, doubled with each further one.
const FIRST_PAUSE: u64 = 1_000;

/// When the next exchange is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rhythm {
    pace: Pace,
    poll: u64,
    failures: u32,
    burst: Option<Burst>,
}

/// Commits in quick succession.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Burst {
    first: u64,
    last: u64,
}

impl Rhythm {
    /// On start an exchange is due at once.
    pub fn start(pace: Pace, now: u64) -> Self {
        Rhythm { pace, poll: now, failures: 0, burst: None }
    }

    /// When the next exchange is due. While the server is out of reach commits do not hasten it: a busy desk must not
    /// hammer at it.
    pub fn due(&self) -> u64 {
        let soon = |burst: Burst| {
            burst.last.saturating_add(DEBOUNCE).min(burst.first.saturating_add(AT_LATEST)).min(self.poll)
        };
        self.burst.filter(|_| self.failures == 0).map_or(self.poll, soon)
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Something was committed on this device.
    pub fn committed(&mut self, now: u64) {
        self.burst = Some(Burst { first: self.burst.map_or(now, |burst| burst.first), last: now });
    }

    /// An exchange began: what is committed from now on may not be in it, and is a burst of its own.
    pub fn began(&mut self) {
        self.burst = None;
    }

    /// It came to its end.
    pub fn succeeded(&mut self, now: u64, random: u64) {
        self.failures = 0;
        let (least, most) = self.pace.pause();
        self.poll = now.saturating_add(between(least, most, random));
    }

    /// It did not. The pause lies between half and all of what is doubled each time, so that a thousand clients do not
    /// come back in one moment.
    pub fn failed(&mut self, now: u64, random: u64) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.poll = now.saturating_add(between(pause / 2, pause, random));
    }

    /// It did not, but something of it was through before the line broke: as after the first failure, however many there
    /// were before.
    pub fn broke_off(&mut self, now: u64, random: u64) {
        self.failures = 0;
        self.failed(now, random);
    }
}

fn between(least: u64, most: u64, random: u64) -> u64 {
    least + random % (most - least + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_of_commits_goes_in_one_exchange() {
        let mut rhythm = Rhythm::start(Pace::Desk, 0);
        rhythm.began();
        rhythm.succeeded(100, 0);
        assert_eq!(rhythm.due(), 5_100);
        let burst = [(1_000, 1_300), (1_200, 1_500), (1_490, 1_790), (1_780, 2_080), (2_070, 2_370), (2_360, 2_500)];
        for (at, due) in burst {
            rhythm.committed(at);
            assert_eq!(rhythm.due(), due, "committed at {at}");
        }
    }

    #[test]
    fn a_commit_during_an_exchange_is_followed_by_another() {
        let mut rhythm = Rhythm::start(Pace::Field, 0);
        rhythm.committed(900);
        rhythm.began();
        rhythm.committed(1_400);
        rhythm.succeeded(2_000, u64::MAX);
        assert_eq!(rhythm.due(), 1_700);
    }

    #[test]
    fn a_commit_does_not_shorten_the_pause_after_a_failure() {
        let mut rhythm = Rhythm::start(Pace::Desk, 0);
        rhythm.failed(0, u64::MAX);
        let due = rhythm.due();
        rhythm.committed(1);
        assert_eq!(rhythm.due(), due);
    }

    #[test]
    fn a_line_that_carries_something_before_it_breaks_is_tried_again_soon() {
        let mut rhythm = Rhythm::start(Pace::Field, 0);
        let pauses = [false, false, false, true, true, false].map(|through| {
            let now = rhythm.due();
            if through {
                rhythm.broke_off(now, u64::MAX)
            } else {
                rhythm.failed(now, u64::MAX)
            }
            rhythm.failures()
        });
        assert_eq!(pauses, [1, 2, 3, 1, 1, 2]);
    }

    proptest! {
        #[test]
        fn it_never_gives_up_and_never_hammers(
            pace in 0..3_usize, randoms in proptest::collection::vec(any::<u64>(), 1..80),
        ) {
            let pace = [Pace::Near, Pace::Desk, Pace::Field][pace];
            let mut rhythm = Rhythm::start(pace, 0);
            let mut now = 0;
            for random in randoms {
                now = rhythm.due();
                rhythm.began();
                rhythm.failed(now, random);
                let pause = rhythm.due() - now;
                prop_assert!((500..=LONGEST_PAUSE).contains(&pause), "{pause} ms");
            }
            rhythm.succeeded(now, 7);
            let pause = rhythm.due() - now;
            prop_assert!((pace.pause().0..=pace.pause().1).contains(&pause));
        }
    }
}
