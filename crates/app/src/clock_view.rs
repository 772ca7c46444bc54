//! Clocks as the wire has them: on a form, and the one that counts in a queue.

use kefu_domain::calendar::NoData;
use kefu_domain::clocks::{NoDue, Running};
use kefu_domain::decide::moment;
use kefu_domain::rules::RuleSets;

use crate::wire::ClockView;

/// A clock as it is shown.
pub(crate) fn clock(running: &Running<'_>, sets: &RuleSets) -> ClockView {
    let (due, missing_year) = match running.due {
        Ok(due) => (Some(moment(due)), None),
        Err(NoDue::NoData(NoData(year))) => (None, Some(year)),
        Err(NoDue::UnknownLimit) => (None, None),
    };
    ClockView {
        id: running.clock.id.clone(),
        kind: running.clock.kind.clone(),
        name: running.clock.name.clone(),
        rules: rules_name(sets, running.terms.rules, running.terms.version),
        article: running.clock.article.clone(),
        started: moment(running.started),
        due,
        missing_year,
        stopped: running.stopped.map(moment),
        paused: running.paused,
        share: running.share,
        overdue: running.overdue,
    }
}

/// Name and version of a rule set; its id where it is no longer known.
pub(crate) fn rules_name(sets: &RuleSets, id: &str, version: u32) -> String {
    let set = sets.all().map(|rules| &rules.set).find(|set| set.id == id && set.version == version);
    format!("{}（第 {version} 版）", set.map_or(id, |set| set.name.as_str()))
}
