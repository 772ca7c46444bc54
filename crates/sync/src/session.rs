//! One connect–sync–leave as a state machine: says what to do next, is told what came of it. No I/O, clock or randomness.
//!
//! It keeps nothing that a crash could lose: all that must last is in the steps it asks the local store to take, and each of
//! those is one transaction. A session that was cut off anywhere is simply followed by another.

use uuid::Uuid;

use crate::diff;
use crate::step::{Applied, Event, Greeted, Known, Report, Step};
use crate::wire::{Assigned, Mark, Outgoing, Page, Pulled, Welcome};

mod push;

/// How far a change may be ahead of the server's clock, in milliseconds.
pub const AHEAD_MS: u64 = 5 * 60 * 1_000;

/// How often one session says hello again when the database changes under it. After that it leaves, and the next one goes on.
const HELLOS: u32 = 3;

/// What an event that does not belong to the step before it is: a fault of the driver or a server that does not keep to the
/// protocol. The session is over; nothing was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("out of the protocol: {0}")]
pub struct Nonsense(pub &'static str);

/// What the session waits for.
#[derive(Debug)]
enum Phase {
    Started,
    Hello,
    Greeted,
    /// Own changes that are to be sent.
    Own,
    Restamped,
    Renewed,
    OwnPush(Vec<Outgoing>),
    OwnSettled(Verdict),
    Newest,
    Pulling,
    Applying {
        more: bool,
    },
    /// Changes that the database lost.
    Astray,
    AstrayPush(Vec<Outgoing>),
    AstraySettled,
    Held,
    Purged,
    Fetching(Uuid),
    TakingWhole,
    Retried,
    Left,
}

/// What stopped a push, if anything.
#[derive(Debug, Clone, Copy)]
enum Verdict {
    Goes,
    Clock {
        now_ms: u64,
    },
    /// `proven` where the answer before it in the same push agrees: the fork is here and not earlier.
    Forked {
        from: u64,
        proven: bool,
    },
    Gap,
}

/// One connect–sync–leave.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    fresh: Uuid,
    report: Report,
    hellos: u32,
    restamped: bool,
    /// Sends the last acknowledged change along, to see where a fork begins.
    proving: bool,
    renewed: bool,
    now_ms: u64,
    marks: Vec<Mark>,
    cursor: Mark,
    /// The last place there was at the hello.
    last: u64,
    /// See [`Known::newest_beyond`]; none once they were asked for.
    newest_beyond: Option<u64>,
    /// Records are fetched ahead of the pages.
    ahead: bool,
    retry: bool,
    /// Read, not yet pushed.
    waiting: Vec<Outgoing>,
    /// How far the astray ones were gone through.
    gone_through: u64,
    went_back: bool,
    assigned: Option<Vec<Assigned>>,
    to_fetch: Vec<Uuid>,
}

impl Session {
    /// A session; `fresh` is a random id, taken as the device's new identity should its profile turn out to be a copy.
    pub fn start(fresh: Uuid) -> (Self, Step) {
        let session = Session {
            phase: Phase::Started,
            fresh,
            report: Report::default(),
            hellos: 0,
            restamped: false,
            proving: false,
            renewed: false,
            now_ms: 0,
            marks: Vec::new(),
            cursor: Mark::default(),
            last: 0,
            newest_beyond: None,
            ahead: false,
            retry: false,
            waiting: Vec::new(),
            gone_through: 0,
            went_back: false,
            assigned: None,
            to_fetch: Vec::new(),
        };
        (session, Step::Known)
    }

    /// What to do after `event`, the outcome of the last step.
    ///
    /// # Errors
    /// [`Nonsense`].
    pub fn take(&mut self, event: Event) -> Result<Step, Nonsense> {
        let phase = std::mem::replace(&mut self.phase, Phase::Left);
        match (phase, event) {
            (Phase::Started, Event::Known(known)) => Ok(self.hello(known)),
            (Phase::Hello, Event::Welcome(welcome)) => self.greeted(welcome),
            (Phase::Greeted | Phase::Restamped | Phase::Renewed, Event::Done) => Ok(self.own()),
            (Phase::Own, Event::Outgoing(changes)) => Ok(self.send_own(changes)),
            (Phase::OwnPush(sent), Event::Answers(answers)) => self.own_answered(&sent, answers),
            (Phase::OwnSettled(verdict), Event::Done) => Ok(self.judge(verdict)),
            (Phase::Newest, Event::Newest(records)) => {
                self.to_fetch = records;
                self.to_fetch.reverse();
                self.ahead = true;
                Ok(self.fetch())
            }
            (Phase::Pulling, Event::Pulled(Pulled::Diverged)) => Ok(self.hello_again()),
            (Phase::Pulling, Event::Pulled(Pulled::Page(page))) => self.pulled(page),
            (Phase::Applying { more }, Event::Applied(applied)) => {
                self.count(applied);
                Ok(if more { self.pull() } else { self.astray() })
            }
            (Phase::Astray, Event::Outgoing(changes)) => Ok(self.send_astray(changes)),
            (Phase::AstrayPush(sent), Event::Answers(answers)) => self.astray_answered(&sent, answers),
            (Phase::AstraySettled, Event::Done) => Ok(self.next_astray()),
            (Phase::Held, Event::Held(held)) => Ok(self.compare(&held)),
            (Phase::Purged, Event::Done) => Ok(self.fetch()),
            (Phase::Fetching(_), Event::Whole(None)) => Ok(self.fetch()), // taken away since; the next session purges it
            (Phase::Fetching(record), Event::Whole(Some(whole))) => {
                self.phase = Phase::TakingWhole;
                Ok(Step::TakeWhole { record, whole })
            }
            (Phase::TakingWhole, Event::Applied(applied)) => {
                self.report.fetched += u64::from(!self.ahead);
                self.count(applied);
                Ok(self.fetch())
            }
            (Phase::Retried, Event::Applied(applied)) => {
                self.count(applied);
                Ok(Step::Leave(self.report.clone()))
            }
            _ => Err(Nonsense("an event that the step before it cannot have")),
        }
    }

    fn hello(&mut self, known: Known) -> Step {
        self.phase = Phase::Hello;
        self.hellos += 1;
        self.cursor = known.greeting.marks.first().copied().unwrap_or_default();
        self.retry |= known.retry;
        self.newest_beyond = known.newest_beyond;
        self.marks.clone_from(&known.greeting.marks);
        Step::Hello(known.greeting)
    }

    /// Everything that follows from a hello, in one transaction: how far the device has to go back.
    fn greeted(&mut self, welcome: Welcome) -> Result<Step, Nonsense> {
        let matched = match welcome.matched {
            0 => Mark::default(),
            seq => *self.marks.iter().find(|mark| mark.seq == seq).ok_or(Nonsense("a mark that was not shown"))?,
        };
        self.report.went_back |= matched.seq < self.cursor.seq;
        let Welcome { now_ms, epoch, own, last, .. } = welcome;
        (self.cursor, self.last, self.now_ms) = (matched, last, now_ms);
        self.phase = Phase::Greeted;
        Ok(Step::Greeted(Greeted { now_ms, epoch, cursor: matched, own, last }))
    }

    fn may_greet(&self) -> bool {
        self.hellos < HELLOS
    }

    fn hello_again(&mut self) -> Step {
        if !self.may_greet() {
            self.report.unsettled = true;
            return Step::Leave(self.report.clone());
        }
        self.phase = Phase::Started;
        Step::Known
    }

    fn pull(&mut self) -> Step {
        let ahead = self.last.saturating_sub(self.cursor.seq);
        if self.newest_beyond.take().is_some_and(|few| ahead > few) {
            self.phase = Phase::Newest;
            return Step::Newest;
        }
        self.phase = Phase::Pulling;
        Step::Pull(self.cursor)
    }

    fn pulled(&mut self, page: Page) -> Result<Step, Nonsense> {
        let mut last = self.cursor.seq;
        for row in &page.rows {
            if row.seq <= last || row.seq > page.cursor.seq {
                return Err(Nonsense("rows out of order"));
            }
            last = row.seq;
        }
        if page.cursor.seq < self.cursor.seq || (page.more && page.cursor.seq == self.cursor.seq) {
            return Err(Nonsense("a cursor that does not move on"));
        }
        let after = std::mem::replace(&mut self.cursor, page.cursor);
        self.phase = Phase::Applying { more: page.more };
        self.assigned.clone_from(&page.assigned);
        Ok(Step::Apply { after, page })
    }

    fn grants(&mut self) -> Step {
        if self.assigned.is_none() {
            return self.leave();
        }
        self.phase = Phase::Held;
        Step::Held
    }

    fn compare(&mut self, held: &[Assigned]) -> Step {
        let assigned = self.assigned.take().unwrap_or_default();
        let difference = diff::compare(held, &assigned);
        self.report.purged += difference.purge.len() as u64;
        self.to_fetch = difference.fetch;
        if difference.purge.is_empty() {
            return self.fetch();
        }
        self.phase = Phase::Purged;
        Step::Purge(difference.purge)
    }

    fn fetch(&mut self) -> Step {
        match self.to_fetch.pop() {
            Some(record) => {
                self.phase = Phase::Fetching(record);
                Step::Fetch(record)
            }
            None if std::mem::take(&mut self.ahead) => self.pull(),
            None => self.leave(),
        }
    }

    fn leave(&mut self) -> Step {
        if self.retry {
            self.phase = Phase::Retried;
            return Step::Retry;
        }
        Step::Leave(self.report.clone())
    }

    fn count(&mut self, applied: Applied) {
        self.report.received += applied.fresh;
        self.report.quarantined += applied.quarantined;
        self.retry |= applied.retry;
    }
}

#[cfg(test)]
mod tests;
