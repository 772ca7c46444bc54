//! All versions of all rule sets of a company, ready for use: which counts on which day, and the clocks of a form.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

use super::{Mark, Route, RuleSet, line, route_hours};
use crate::calendar::{BadCalendar, Calendar, NoData, Years};
use crate::clocks::{self, Facts, Running, Terms, event};

/// A version of a rule set with its calendars laid out.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The data.
    pub set: RuleSet,
    calendar: Calendar,
    departments: BTreeMap<String, Calendar>,
}

impl Rules {
    /// Lays the calendars of `set` out over `years`.
    ///
    /// # Errors
    /// The first calendar that cannot be used.
    pub fn new(set: RuleSet, years: &Years) -> Result<Self, BadCalendar> {
        let calendar = Calendar::new(set.calendars.default.clone(), years)?;
        let lay = |(name, data): (&String, _)| Ok((name.clone(), Calendar::new(data, years)?));
        let own = set.calendars.departments.iter().map(|(name, data)| (name, data.clone()));
        let departments = own.map(lay).collect::<Result<_, BadCalendar>>()?;
        Ok(Rules { calendar, departments, set })
    }

    /// The calendar of `department`; the company's where it has none of its own.
    pub fn calendar(&self, department: &str) -> &Calendar {
        self.departments.get(department).unwrap_or(&self.calendar)
    }

    /// Where a form goes that is dispatched at `at`: the first route that fits (R40). None: 文档管理员 decides.
    ///
    /// # Errors
    /// A route depends on opening hours of a year without data.
    pub fn route(&self, facts: &Facts, at: DateTime<FixedOffset>) -> Result<Option<&Route>, NoData> {
        for route in self.set.routing.iter().filter(|r| r.when.holds(facts)) {
            let open = || self.calendar(route.hours_of.as_ref().unwrap_or(&route.department)).is_open(at);
            let counts = match route.hours.as_str() {
                route_hours::ANY => true,
                route_hours::OPEN => open()?,
                route_hours::CLOSED => !open()?,
                _ => false,
            };
            if counts {
                return Ok(Some(route));
            }
        }
        Ok(None)
    }

    /// What a form waits for, by the company's hours.
    pub fn waiting(&self, facts: &Facts) -> Option<Mark> {
        self.set.marks.waiting(facts, &self.calendar)
    }

    /// The moment at which it comes into force.
    fn begins(&self) -> DateTime<FixedOffset> {
        let midnight = self.set.effective_from.and_time(NaiveTime::MIN);
        midnight.and_local_timezone(self.calendar.zone()).single().unwrap_or_default()
    }
}

/// The rule sets of a company, house and statutory line, each sorted by the day on which it comes into force.
#[derive(Debug, Clone, Default)]
pub struct RuleSets {
    house: Vec<Rules>,
    statutory: Vec<Rules>,
}

impl RuleSets {
    /// Makes `sets` ready. Of two that come into force on the same day the higher version counts.
    ///
    /// # Errors
    /// The first calendar that cannot be used.
    pub fn new(sets: impl IntoIterator<Item = RuleSet>, years: &Years) -> Result<Self, BadCalendar> {
        let mut all = RuleSets::default();
        for set in sets {
            let statutory = set.line == line::STATUTORY;
            let line = if statutory { &mut all.statutory } else { &mut all.house };
            line.push(Rules::new(set, years)?);
        }
        for line in [&mut all.house, &mut all.statutory] {
            line.sort_by_key(|r| (r.set.effective_from, r.set.version));
        }
        Ok(all)
    }

    /// The house rules in force on `day`; none before the first version.
    pub fn in_force(&self, day: NaiveDate) -> Option<&Rules> {
        self.house[..self.house.partition_point(|r| r.set.effective_from <= day)].last()
    }

    /// The statutory rules in force on `day`.
    pub fn statutory_in_force(&self, day: NaiveDate) -> Option<&Rules> {
        self.statutory[..self.statutory.partition_point(|r| r.set.effective_from <= day)].last()
    }

    /// All versions, house line first, in the order of coming into force.
    pub fn all(&self) -> impl Iterator<Item = &Rules> {
        self.house.iter().chain(&self.statutory)
    }

    /// All clocks that have started on a form with `facts`, strictest first, as they stand at `now`.
    ///
    /// A form keeps the rules of the day on which it was received. A later version with
    /// [`reaches_open_forms`](RuleSet::reaches_open_forms) takes over for the clocks that start once it is in force;
    /// those that have started before keep theirs, and its new clocks do not start in the past.
    pub fn running<'a>(&'a self, facts: &Facts, now: DateTime<FixedOffset>) -> Vec<Running<'a>> {
        let Some(received) = facts.events.get(event::RECEIVED).or_else(|| facts.events.get(event::REGISTERED)) else {
            return Vec::new();
        };
        let mut running = Vec::new();
        for line in [&self.house, &self.statutory] {
            let begun = line.partition_point(|r| r.begins() <= *received);
            let Some(base) = begun.checked_sub(1) else { continue };
            let mut reigning = base;
            let mut since = None;
            loop {
                let next = (reigning + 1..line.len()).find(|i| line[*i].set.reaches_open_forms);
                let until = next.map(|i| line[i].begins());
                let rules = &line[reigning];
                let calendar = rules.calendar(&facts.department);
                let terms = Terms {
                    rules: &rules.set.id,
                    version: rules.set.version,
                    calendar,
                    // People keep the hours of their house, also for what the law asks.
                    desk: self.desk(*received, &facts.department).unwrap_or(calendar),
                    steps: &rules.set.escalation,
                };
                running.extend(
                    rules
                        .set
                        .clocks
                        .iter()
                        .filter(|clock| {
                            facts.events.get(&clock.starts).is_some_and(|start| {
                                since.is_none_or(|since| *start >= since) && until.is_none_or(|until| *start < until)
                            })
                        })
                        .filter_map(|clock| clocks::run(clock, terms, facts, now)),
                );
                let Some(next) = next else { break };
                (reigning, since) = (next, until);
            }
        }
        running.sort_by(clocks::strictest_first);
        running
    }

    /// Hours of the people of `department`, by the house rules at `received`.
    fn desk(&self, received: DateTime<FixedOffset>, department: &str) -> Option<&Calendar> {
        let begun = self.house.partition_point(|r| r.begins() <= received);
        begun.checked_sub(1).map(|i| self.house[i].calendar(department))
    }
}
