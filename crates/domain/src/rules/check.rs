//! Checks a rule set before it is put in force: a slip in the settings is named with its place, not found out later.

use std::collections::BTreeSet;

use super::RuleSet;
use crate::clocks::{Condition, Limit};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleProblem {
    /// Empty, but needed.
    Empty,
    /// The id stands twice.
    Twice,
    /// A limit or bound of nought.
    Nought,
    /// A limit of a sort that this version does not know.
    UnknownLimit,
    /// Not an end of the day: `midnight` or `closing`.
    UnknownDayEnd,
    /// Escalation steps do not rise.
    NotRising,
    /// A statutory clock without its article, or a clock of the wrong line.
    NoArticle,
    /// A code that the code list does not have.
    UnknownCode,
    /// The calendar cannot be used.
    BadCalendar,
}

/// A place of a rule set that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// Where: `clocks[2].limit`.
    pub place: String,
    /// What.
    pub problem: RuleProblem,
}

impl RuleSet {
    /// What stands in the way of putting it in force; empty when nothing does. `codes` are the lists in use.
    pub fn faults(&self, codes: &crate::CodeLists) -> Vec<RuleFault> {
        let mut faults = Vec::new();
        let mut say = |bad: bool, place: String, problem| {
            if bad {
                faults.push(RuleFault { place, problem });
            }
        };
        let blank = |text: &str| text.trim().is_empty();
        say(blank(&self.id), "id".into(), RuleProblem::Empty);
        say(blank(&self.name), "name".into(), RuleProblem::Empty);

        let mut ids = BTreeSet::new();
        for (i, clock) in self.clocks.iter().enumerate() {
            let place = |member: &str| format!("clocks[{i}].{member}");
            say(blank(&clock.id), place("id"), RuleProblem::Empty);
            say(!ids.insert(&clock.id), place("id"), RuleProblem::Twice);
            say(blank(&clock.name), place("name"), RuleProblem::Empty);
            say(blank(&clock.starts), place("starts"), RuleProblem::Empty);
            say(clock.stops.is_empty(), place("stops"), RuleProblem::Empty);
            match &clock.limit {
                Limit::NaturalMinutes(0)
                | Limit::WorkingMinutes(0)
                | Limit::WorkingDays(0)
                | Limit::CalendarDays(0) => {
                    say(true, place("limit"), RuleProblem::Nought);
                }
                Limit::Field(key) => say(blank(key), place("limit"), RuleProblem::Empty),
                Limit::Other(_) => say(true, place("limit"), RuleProblem::UnknownLimit),
                _ => {}
            }
            let ends = ["midnight", "closing"];
            say(!ends.contains(&clock.day_end.as_str()), place("day_end"), RuleProblem::UnknownDayEnd);
            let article = clock.article.as_deref().is_some_and(|a| !blank(a));
            let line = self.line == super::line::STATUTORY;
            say(clock.statutory() != line || line && !article, place("article"), RuleProblem::NoArticle);
            for (member, code) in unknown(&clock.when, codes) {
                say(true, format!("clocks[{i}].when.{member}: {code}"), RuleProblem::UnknownCode);
            }
        }
        for (i, route) in self.routing.iter().enumerate() {
            say(blank(&route.department), format!("routing[{i}].department"), RuleProblem::Empty);
            for (member, code) in unknown(&route.when, codes) {
                say(true, format!("routing[{i}].when.{member}: {code}"), RuleProblem::UnknownCode);
            }
        }
        // Overdue comes after every share.
        let order: Vec<u16> = self.escalation.iter().map(|step| step.percent.unwrap_or(u16::MAX)).collect();
        say(order.windows(2).any(|pair| pair[0] >= pair[1]), "escalation".into(), RuleProblem::NotRising);
        for (i, step) in self.escalation.iter().enumerate() {
            say(step.percent == Some(0), format!("escalation[{i}].percent"), RuleProblem::Nought);
            say(step.roles.is_empty(), format!("escalation[{i}].roles"), RuleProblem::Empty);
        }
        let years = crate::calendar::Years::default();
        let own = self.calendars.departments.iter().map(|(name, data)| (format!("calendars.departments.{name}"), data));
        for (place, data) in std::iter::once(("calendars.default".to_string(), &self.calendars.default)).chain(own) {
            if let Err(bad) = crate::calendar::Calendar::new(data.clone(), &years) {
                say(true, format!("{place}.{}", bad.place), RuleProblem::BadCalendar);
            }
        }
        faults
    }
}

/// Codes of a condition that are not in the lists, with the member they stand in.
fn unknown<'a>(when: &'a Condition, codes: &'a crate::CodeLists) -> impl Iterator<Item = (&'static str, &'a str)> {
    let lists = [
        ("kinds", "kind", &when.kinds),
        ("categories", "category", &when.categories),
        ("severities", "severity", &when.severities),
        ("channels", "channel", &when.channels),
        ("demands", "demand", &when.demands),
    ];
    lists.into_iter().flat_map(move |(member, key, chosen)| {
        let known = move |code: &str| codes.list(key).is_some_and(|l| l.items.iter().any(|o| o.code == code));
        chosen.iter().map(String::as_str).filter(move |code| !known(code)).map(move |code| (member, code))
    })
}
