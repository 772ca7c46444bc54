//! Where one stands, for the bar in the window: facts and codes, from which the interface makes its sentence.

use crate::step::Report;

/// What needs somebody's eye. None of them stops anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// So many own changes were refused for good; they can be looked at and exported.
    Refused(u64),
    /// So many changes of others do not verify or open; they are tried again when keys or program change.
    Quarantined(u64),
    /// So many changes were in the shared database before it was put back, and it does not take them again.
    Astray(u64),
    /// Own changes wait: the server's clock is behind what others wrote.
    ServerClock,
    /// This machine's clock is ahead; changes were stamped anew.
    OwnClock,
    /// This profile was a copy of another and goes on as a device of its own.
    Copied,
}

/// What the store counts for the bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Own changes not acknowledged.
    pub to_send: u64,
    /// Own changes refused for good and not yet dealt with.
    pub refused: u64,
    /// Changes in quarantine.
    pub quarantined: u64,
    /// Changes astray.
    pub astray: u64,
}

/// Where one stands. Times are wall clock, milliseconds since 1970 UTC, of this device: they are shown, not reckoned with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The last exchange came to its end.
    pub online: bool,
    /// Since when it does not; none while online or where no exchange was tried yet.
    pub offline_since: Option<u64>,
    /// Own changes not acknowledged.
    pub to_send: u64,
    /// When an exchange last came to its end.
    pub last_exchange: Option<u64>,
    /// The gravest first.
    pub problems: Vec<Problem>,
}

impl Standing {
    /// An exchange came to its end.
    pub fn succeeded(&mut self, now_ms: u64, report: &Report, counts: Counts) {
        (self.online, self.offline_since, self.last_exchange) = (true, None, Some(now_ms));
        self.problems = [
            (report.clock_ahead, Problem::ServerClock),
            (report.restamped, Problem::OwnClock),
            (report.renewed.is_some(), Problem::Copied),
        ]
        .into_iter()
        .filter_map(|(holds, problem)| holds.then_some(problem))
        .collect();
        self.counted(counts);
    }

    /// An exchange did not come to its end. Since when counts from the first of them.
    pub fn failed(&mut self, now_ms: u64, counts: Counts) {
        self.online = false;
        self.offline_since.get_or_insert(now_ms);
        self.counted(counts);
    }

    /// Something was committed, mended or taken in on this device.
    pub fn counted(&mut self, counts: Counts) {
        self.to_send = counts.to_send;
        let counted = |p: &Problem| matches!(p, Problem::Refused(_) | Problem::Quarantined(_) | Problem::Astray(_));
        self.problems.retain(|problem| !counted(problem));
        let now = [
            Problem::Refused(counts.refused),
            Problem::Quarantined(counts.quarantined),
            Problem::Astray(counts.astray),
        ];
        let some = |p: &Problem| !matches!(p, Problem::Refused(0) | Problem::Quarantined(0) | Problem::Astray(0));
        self.problems.extend(now.into_iter().filter(some));
        self.problems.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_follows_what_happens() {
        let mut standing = Standing::default();
        assert_eq!((standing.online, standing.offline_since), (false, None), "nothing was tried yet");
        standing.failed(1_000, Counts { to_send: 2, ..Counts::default() });
        standing.failed(9_000, Counts { to_send: 3, ..Counts::default() });
        assert_eq!((standing.offline_since, standing.to_send), (Some(1_000), 3), "since the first failure");

        let report = Report { restamped: true, ..Report::default() };
        standing.succeeded(10_000, &report, Counts { refused: 1, ..Counts::default() });
        assert_eq!((standing.online, standing.offline_since, standing.last_exchange), (true, None, Some(10_000)));
        assert_eq!(standing.problems, [Problem::Refused(1), Problem::OwnClock]);

        standing.counted(Counts { quarantined: 4, ..Counts::default() });
        assert_eq!(standing.problems, [Problem::Quarantined(4), Problem::OwnClock], "what was dealt with goes");
        standing.failed(11_000, Counts::default());
        assert_eq!((standing.online, standing.last_exchange), (false, Some(10_000)));
    }
}
