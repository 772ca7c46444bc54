//! The sending half of a session: the device's own queue, and what the database lost.

use super::{AHEAD_MS, Nonsense, Phase, Session, Verdict};
use crate::batch;
use crate::step::{Fate, Restamp, Settlement, Step};
use crate::wire::{Answer, Answers, Outgoing, refused};

impl Session {
    pub(super) fn own(&mut self) -> Step {
        self.phase = Phase::Own;
        Step::Unsent { back: u64::from(self.proving), limit: batch::CHANGES }
    }

    pub(super) fn send_own(&mut self, mut changes: Vec<Outgoing>) -> Step {
        let limit = self.now_ms.saturating_add(AHEAD_MS);
        changes.truncate(batch::cut(&changes));
        let good = changes.iter().take_while(|change| change.again || change.envelope.at.ms <= limit).count();
        if good < changes.len() && !self.restamped {
            // A refusal is spared where it is foreseen.
            if good == 0 {
                return self.restamp();
            }
            changes.truncate(good);
        }
        if changes.is_empty() {
            return self.pull();
        }
        self.phase = Phase::OwnPush(changes.clone());
        Step::Push(changes)
    }

    pub(super) fn restamp(&mut self) -> Step {
        self.restamped = true;
        self.report.restamped = true;
        self.phase = Phase::Restamped;
        Step::Restamp(Restamp { above_ms: self.now_ms.saturating_add(AHEAD_MS), now_ms: self.now_ms })
    }

    pub(super) fn own_answered(&mut self, sent: &[Outgoing], answers: Answers) -> Result<Step, Nonsense> {
        let mut verdict = Verdict::Goes;
        let mut settled = Vec::new();
        for (change, answer) in paired(sent, answers.each)? {
            match answer {
                Answer::Refused(code) if !refused::for_good(&code) => {
                    verdict = match code.as_str() {
                        refused::CLOCK => Verdict::Clock { now_ms: answers.now_ms },
                        refused::FORKED => {
                            let from = change.envelope.seq;
                            Verdict::Forked { from, proven: from == 1 || !settled.is_empty() }
                        }
                        _ => Verdict::Gap,
                    };
                    break; // what comes after it was not looked at
                }
                Answer::Refused(code) => {
                    self.report.refused += 1;
                    settled.push(settlement(change, Fate::Refused(code)));
                }
                Answer::Ok(seq) | Answer::Known(seq) => {
                    self.report.sent += 1;
                    settled.push(settlement(change, Fate::Accepted(seq)));
                }
            }
        }
        if settled.is_empty() {
            return Ok(self.judge(verdict));
        }
        self.phase = Phase::OwnSettled(verdict);
        Ok(Step::Settle(settled))
    }

    pub(super) fn judge(&mut self, verdict: Verdict) -> Step {
        match verdict {
            Verdict::Goes => {
                self.proving = false;
                self.own()
            }
            Verdict::Clock { now_ms } if !self.restamped => {
                self.now_ms = now_ms;
                self.restamp()
            }
            Verdict::Clock { .. } => {
                // Ahead even of what others wrote: the server's clock is behind. Receiving goes on.
                self.report.clock_ahead = true;
                self.pull()
            }
            // The database may have been put back since the hello, so that the fork lies further back than was asked.
            Verdict::Forked { proven: false, .. } if !self.proving => {
                self.proving = true;
                self.own()
            }
            Verdict::Forked { proven: false, .. } if self.may_greet() => self.hello_again(),
            Verdict::Forked { from, proven: true } if !self.renewed => {
                (self.renewed, self.proving) = (true, false);
                self.report.renewed = Some(self.fresh);
                self.phase = Phase::Renewed;
                Step::Renew { from, device: self.fresh }
            }
            Verdict::Forked { .. } => {
                self.report.unsettled = true;
                self.pull()
            }
            Verdict::Gap if self.may_greet() => self.hello_again(),
            Verdict::Gap => {
                // A server that contradicts itself must not keep us from receiving.
                self.report.unsettled = true;
                self.pull()
            }
        }
    }

    /// Once everything is read that the database still has, the rest is what it lost.
    pub(super) fn astray(&mut self) -> Step {
        // A technician may not send for others; what he holds of theirs comes back by their own devices or the office's.
        if self.went_back || self.assigned.is_some() {
            return self.grants();
        }
        self.phase = Phase::Astray;
        Step::Astray { after: self.gone_through, limit: batch::CHANGES }
    }

    pub(super) fn send_astray(&mut self, changes: Vec<Outgoing>) -> Step {
        match changes.last() {
            Some(last) => {
                self.gone_through = last.place;
                self.waiting = changes;
                self.next_astray()
            }
            None => {
                self.went_back = true;
                // What was given back stands above the cursor now.
                if self.report.given_back > 0 { self.pull() } else { self.grants() }
            }
        }
    }

    pub(super) fn next_astray(&mut self) -> Step {
        let mut group = batch::one_device(&mut self.waiting);
        if group.is_empty() {
            return self.astray();
        }
        let mut rest = group.split_off(batch::cut(&group));
        rest.append(&mut self.waiting);
        self.waiting = rest;
        self.phase = Phase::AstrayPush(group.clone());
        Step::Push(group)
    }

    pub(super) fn astray_answered(&mut self, sent: &[Outgoing], answers: Answers) -> Result<Step, Nonsense> {
        let mut settled = Vec::new();
        for (change, answer) in paired(sent, answers.each)? {
            match answer {
                Answer::Ok(seq) | Answer::Known(seq) => {
                    self.report.given_back += 1;
                    settled.push(settlement(change, Fate::Accepted(seq)));
                }
                // An earlier one of that device is with somebody else: it stays astray and is tried again.
                Answer::Refused(code) if [refused::GAP, refused::CLOCK].contains(&code.as_str()) => {}
                Answer::Refused(code) => settled.push(settlement(change, Fate::Refused(code))),
            }
        }
        if settled.is_empty() {
            return Ok(self.next_astray());
        }
        self.phase = Phase::AstraySettled;
        Ok(Step::Settle(settled))
    }
}

fn settlement(change: &Outgoing, fate: Fate) -> Settlement {
    let envelope = &change.envelope;
    let (change, digest) = (envelope.change, change.digest);
    Settlement { change, device: envelope.device, seq: envelope.seq, digest, at: envelope.at, fate }
}

fn paired(sent: &[Outgoing], answers: Vec<Answer>) -> Result<impl Iterator<Item = (&Outgoing, Answer)>, Nonsense> {
    if sent.len() != answers.len() {
        return Err(Nonsense("as many answers as changes are due"));
    }
    Ok(sent.iter().zip(answers))
}
