//! What is new for who sits at the desk: forms that entered one of his queues, clocks that reached a step of their
//! escalation (R62), checks of channels that are due (R23). Asked again and again by the shell; every piece of news is told
//! once to each seat.
//!
//! What is told names no customer: form number, clock and counts, nothing else. It ends up on a screen that anybody may
//! read.

mod told;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveTime};
use uuid::Uuid;

use kefu_domain::clocks::escalations;
use kefu_domain::process::Actor;
use kefu_domain::rules::RuleSets;

use crate::actor::of_member;
use crate::channels::due_checks;
use crate::desk::Desk;
use crate::wire::{Failure, Preferences};

use watch::Watched;

/// What there is to do for a seat, and what of it is new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerts {
    /// Forms in the seat's queues.
    pub to_do: u32,
    /// Of these, past the due time of a clock.
    pub overdue: u32,
    /// News that was not told before.
    pub alerts: Vec<Alert>,
}

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Form number; of a channel its name.
    pub number: String,
    /// What happened.
    pub news: News,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// It is overdue by the clock of this name.
    Overdue(String),
    /// The clock of this name used up this share of its time, in per cent.
    Used(u16, String),
    /// It entered the queue with this code.
    Entered(&'static str),
    /// The channel is to be checked today, or late already.
    CheckDue,
}

impl Desk {
    /// What is to do, and the news for the sitting seat. News is held back while notifications are switched off, in
    /// quiet hours and, but for clocks that run by night, outside working hours; it is told when that is over.
    ///
    /// # Errors
    /// The desk is locked, or does not answer.
    pub async fn alerts(&self) -> Result<Alerts, Failure> {
        let open = self.open()?;
        let now = self.now();
        let seat = open.seat();
        let actor = of_member(seat.id, &seat.member);
        let rules = open.store.rules().await?;
        let rules = &rules.sets;
        let watched = watch::watched(&open, &actor).await?;
        let checks = due_checks(&open, &actor, now).await?;
        let preferences = self.preferences().await?;
        let silent = silent(&preferences, now);

        let told = told::read(&open, seat.id).await?;
        // What is forgotten: forms that are finished, and queues that a form has left. So the list stays as short as the
        // work at hand, and a form that comes back is news again.
        let due = |key: &str| checks.iter().any(|check| check.key == key);
        let mut known: BTreeSet<String> =
            told.iter().filter(|key| stands(key, &watched) || due(key)).cloned().collect();
        let mut alerts = Vec::new();
        for (form, key, news) in found(&watched, &actor, rules, now) {
            if silent || known.contains(&key) {
                continue;
            }
            // Whoever moved the form himself knows; the others hear of it.
            let own = matches!(news, News::Entered(_)) && watch::last_by(&open, form.id).await? == Some(seat.id);
            if !own {
                alerts.push(Alert { number: form.number.clone(), news });
            }
            known.insert(key);
        }
        for check in checks.iter().filter(|_| !silent && working(rules, "", now)) {
            if known.insert(check.key.clone()) {
                alerts.push(Alert { number: check.label.clone(), news: News::CheckDue });
            }
        }
        if known != told {
            told::keep(&open, seat.id, &known).await?;
        }
        alerts.sort_by(|a, b| (&a.news, &a.number).cmp(&(&b.news, &b.number)));
        let late = |form: &&Watched| rules.running(&form.facts, now).iter().any(|r| r.overdue && r.stopped.is_none());
        let mine = watched.iter().filter(|form| !form.queues.is_empty());
        Ok(Alerts { to_do: count(mine.clone().count()), overdue: count(mine.filter(late).count()), alerts })
    }
}

/// Whether what was told under `key` may still hold: its form is at hand, and in the queue that it entered.
fn stands(key: &str, watched: &[Watched]) -> bool {
    let (id, what) = key.split_once(' ').unwrap_or((key, ""));
    let form = Uuid::parse_str(id).ok().and_then(|id| watched.iter().find(|form| form.id == id));
    form.is_some_and(|form| what.contains('/') || form.queues.contains(&what))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Share under which being overdue is kept: after every percentage.
const OVERDUE: u16 = u16::MAX;

/// All news that stands at `now`, told or not, each with the key under which it is told once.
fn found<'a>(
    watched: &'a [Watched],
    actor: &Actor,
    rules: &RuleSets,
    now: DateTime<FixedOffset>,
) -> Vec<(&'a Watched, String, News)> {
    let mut found = Vec::new();
    for form in watched {
        let id = form.id.simple();
        if working(rules, &form.facts.department, now) {
            found.extend(form.queues.iter().map(|queue| (form, format!("{id} {queue}"), News::Entered(queue))));
        }
        let running = rules.running(&form.facts, now);
        // Of several steps passed at once, after a night or a weekend, the last says it all. Overdue is the last.
        let mut last: BTreeMap<(&str, &str), u16> = BTreeMap::new();
        for step in escalations(&running, now) {
            if step.roles.iter().any(|role| actor.roles.contains(role) && form.concerns(role, actor)) {
                let share = step.percent.unwrap_or(OVERDUE);
                let known = last.entry((step.rules, &step.clock.id)).or_insert(share);
                *known = share.max(*known);
            }
        }
        for ((set, clock), share) in last {
            let Some(run) = running.iter().find(|r| r.terms.rules == set && r.clock.id == clock) else { continue };
            let name = run.clock.name.clone();
            let news = if share == OVERDUE { News::Overdue(name) } else { News::Used(share, name) };
            // A clock that starts anew, after a reopening, tells anew.
            found.push((form, format!("{id} {set}/{clock} {} {share}", run.started.timestamp()), news));
        }
    }
    found
}

/// Whether the people of `department` are at work. Where the calendar does not reach, they are told rather than left in the
/// dark.
fn working(rules: &RuleSets, department: &str, now: DateTime<FixedOffset>) -> bool {
    rules.in_force(now.date_naive()).is_none_or(|rules| rules.calendar(department).is_open(now) != Ok(false))
}

/// Whether nothing is to be told now.
fn silent(preferences: &Preferences, now: DateTime<FixedOffset>) -> bool {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    let quiet = match (time(&preferences.quiet_from), time(&preferences.quiet_to)) {
        (Some(from), Some(to)) if from < to => (from..to).contains(&now.time()),
        // Over midnight.
        (Some(from), Some(to)) if from > to => now.time() >= from || now.time() < to,
        _ => false,
    };
    quiet || !preferences.notifications
}

/// Numbers that a notification names at most.
const NAMED: usize = 3;

/// One notification for all news: its title and text; none where there is nothing to tell.
pub fn notice(alerts: &[Alert]) -> Option<(String, String)> {
    let first = alerts.first()?;
    let title = match alerts {
        [one] => words(&one.news),
        many => {
            let late = many.iter().filter(|a| matches!(a.news, News::Overdue(_))).count();
            let all = many.len();
            if late > 0 { format!("{all} 条提醒，其中超时 {late} 条") } else { format!("{all} 条提醒") }
        }
    };
    if alerts.len() == 1 {
        return Some((title, first.number.clone()));
    }
    let mut lines: Vec<String> =
        alerts.iter().take(NAMED).map(|alert| format!("{}：{}", words(&alert.news), alert.number)).collect();
    if alerts.len() > NAMED {
        lines.push(format!("另有 {} 条，请看工作台", alerts.len() - NAMED));
    }
    Some((title, lines.join("\n")))
}

fn words(news: &News) -> String {
    match news {
        News::Overdue(clock) => format!("已超时 · {clock}"),
        News::Used(percent, clock) => format!("时限已用 {percent}% · {clock}"),
        News::Entered(queue) => format!("新到 · {}", watch::queue_name(queue)),
        News::CheckDue => "渠道检查到期".into(),
    }
}

#[cfg(test)]
mod tests;
