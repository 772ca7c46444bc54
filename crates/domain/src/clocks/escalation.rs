//! Escalation: which roles hear of a clock when part of its time is used, and when all of it is (R62).

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Running;
use super::definition::Clock;

/// One step of a rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Escalation {
    /// Used share in percent from which it holds; none: when overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub percent: Option<u16>,
    /// Codes of the roles to alert; text, so that roles of a newer version survive.
    pub roles: Vec<String>,
}

/// A step that a clock has reached. Rule set, clock and percentage name it: whoever alerts keeps these, to alert once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<'a> {
    /// Id of the rule set.
    pub rules: &'a str,
    /// The clock.
    pub clock: &'a Clock,
    /// The step's share; none: overdue.
    pub percent: Option<u16>,
    /// Roles to alert.
    pub roles: &'a [String],
}

/// All steps reached by `running`, which was computed at `now`. Stopped and paused clocks have none; outside the hours
/// of the people to alert only clocks of natural hours have, the others' come up at the next opening. Where the
/// calendar does not reach, people are alerted rather than left in the dark.
pub fn escalations<'a>(running: &[Running<'a>], now: DateTime<FixedOffset>) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for clock in running.iter().filter(|r| r.stopped.is_none() && !r.paused) {
        if !clock.clock.runs_by_night() && clock.terms.desk.is_open(now) == Ok(false) {
            continue;
        }
        let reached = |step: &&Escalation| match step.percent {
            Some(percent) => clock.share.is_some_and(|share| share >= f64::from(percent) / 100.0),
            None => clock.overdue,
        };
        steps.extend(clock.terms.steps.iter().filter(reached).map(|step| Step {
            rules: clock.terms.rules,
            clock: clock.clock,
            percent: step.percent,
            roles: &step.roles,
        }));
    }
    steps
}
