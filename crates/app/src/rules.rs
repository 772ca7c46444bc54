//! The company's rule sets: every version, what is in force, new versions, and years of working days.
//!
//! A version is a record of its own and is never edited: forms are measured by the rules of their day (R15).

use chrono::NaiveDate;
use uuid::Uuid;

use kefu_domain::Values;
use kefu_domain::calendar::{BadYears, YearProblem, Years};
use kefu_domain::change::{Setting, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::process::role;
use kefu_domain::rules::{PRESETS, RuleFault, RuleProblem, RuleSet, line, preset};
use kefu_domain::validate::{FieldError, Problem};

use crate::actor::{actor, only};
use crate::desk::{Desk, only_record};
use crate::failure::logged;
use crate::visits;
use crate::wire::{AdoptRequest, Code, Failure, ImportYearsRequest, Preset, RulesView, SaveRulesRequest};

/// Roles that lay down rules.
pub(crate) const RULERS: &[&str] = &[role::SUPERVISOR, role::ADMIN];

impl Desk {
    /// Every version of every rule set, and what is in force today.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn rules(&self) -> Result<RulesView, Failure> {
        let rules = self.open()?.store.rules().await?;
        let mut sets: Vec<RuleSet> = rules.sets.all().map(|rules| rules.set.clone()).collect();
        sets.sort_by_key(|set| std::cmp::Reverse((set.effective_from, set.version)));
        let in_force = rules.sets.in_force(self.now().date_naive());
        let presets = PRESETS.iter().filter_map(|(id, _)| preset(id));
        Ok(RulesView {
            sets,
            in_force: in_force.map(|rules| (rules.set.id.clone(), rules.set.version)),
            presets: presets.map(|set| Preset { id: set.id, name: set.name }).collect(),
            years: rules.years.numbers().collect(),
        })
    }

    /// Takes a preset over as a new version of the company's rules.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`].
    pub async fn adopt_preset(&self, request: AdoptRequest) -> Result<RulesView, Failure> {
        let mut set = preset(&request.preset).ok_or_else(|| refused("preset", Problem::UnknownOption))?;
        let day: Result<NaiveDate, _> = request.effective_from.trim().parse();
        set.effective_from = day.map_err(|_| refused("effective_from", Problem::NotADate))?;
        set.approver = request.approver.trim().into();
        self.write_rules(set, act::ADOPT).await
    }

    /// Saves a new version of a rule set; its version is given here.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`] with the places, [`Code::NothingChanged`].
    pub async fn save_rules(&self, request: SaveRulesRequest) -> Result<RulesView, Failure> {
        self.write_rules(request.set, act::CONFIGURE).await
    }

    async fn write_rules(&self, mut set: RuleSet, act: &'static str) -> Result<RulesView, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        only(&actor, RULERS)?;
        let mut faults: Vec<FieldError> = set.faults(&open.form().codes).into_iter().map(fault).collect();
        if set.approver.trim().is_empty() {
            faults.push(FieldError::new("approver", Problem::Required));
        }
        if !faults.is_empty() {
            return Err(Failure::fields(faults));
        }
        let rules = open.store.rules().await?;
        let versions = || rules.sets.all().map(|rules| &rules.set).filter(|other| other.id == set.id);
        if versions().any(|other| (other.line == line::STATUTORY) != (set.line == line::STATUTORY)) {
            return Err(refused("line", Problem::NotYours));
        }
        let latest = versions().max_by_key(|other| other.version).cloned();
        let last = latest.as_ref().map_or(0, |latest| latest.version);
        set.version = last;
        if latest.as_ref() == Some(&set) {
            return Err(Failure::new(Code::NothingChanged));
        }
        set.version = last.saturating_add(1);
        let mut door = open.store.door(self.now()).await?;
        door.write(version(&set, act).map_err(|error| logged(Code::Internal, &error))?, actor.seat).await?;
        door.commit().await?;
        self.rules().await
    }

    /// Imports working days of one or more years; a corrected notice takes the place of the earlier one.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`] with the place in the file.
    pub async fn import_years(&self, request: ImportYearsRequest) -> Result<RulesView, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        only(&actor, RULERS)?;
        let years = Years::read(&request.text).map_err(bad_years)?;
        let id = only_record(kind::YEARS);
        let mut door = open.store.door(self.now()).await?;
        let before = door.record(id).await?.unwrap_or_default();
        let mut draft = Draft::new(id, kind::YEARS, act::CONFIGURE);
        for year in years.to_json()["years"].as_array().into_iter().flatten() {
            let key = year["year"].to_string();
            if before.get(&key) != Some(year) {
                let was = before.stamps(&key);
                draft.set.insert(key, Setting { to: year.clone(), was });
            }
        }
        if draft.set.is_empty() {
            return Err(Failure::new(Code::NothingChanged));
        }
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        visits::due_again(self, &open, actor.seat).await?;
        self.rules().await
    }
}

/// The record of one version.
pub(crate) fn version(set: &RuleSet, act: &'static str) -> Result<Draft, serde_json::Error> {
    let values = Values::from([("set".to_string(), serde_json::to_value(set)?)]);
    Ok(Draft::new(Uuid::now_v7(), kind::RULES, act).setting(values))
}

fn refused(field: &str, problem: Problem) -> Failure {
    Failure::fields(vec![FieldError::new(field, problem)])
}

fn fault(fault: RuleFault) -> FieldError {
    // The code that is meant stands behind the place.
    let (field, detail) = match fault.place.split_once(": ") {
        Some((place, code)) => (place.to_string(), Some(code.to_string())),
        None => (fault.place, None),
    };
    let problem = match fault.problem {
        RuleProblem::Empty | RuleProblem::NoArticle => Problem::Required,
        RuleProblem::Twice => Problem::Repeated,
        RuleProblem::Nought | RuleProblem::NotRising => Problem::OutOfRange,
        RuleProblem::UnknownLimit | RuleProblem::BadCalendar => Problem::WrongKind,
        RuleProblem::UnknownDayEnd | RuleProblem::UnknownCode => Problem::UnknownOption,
    };
    FieldError { field, problem, detail }
}

fn bad_years(bad: BadYears) -> Failure {
    let problem = match bad.problem {
        YearProblem::NotJson | YearProblem::WrongShape => Problem::WrongKind,
        YearProblem::NotAYear | YearProblem::NotADay | YearProblem::NotAWeekend => Problem::NotADate,
        YearProblem::YearTwice | YearProblem::DayTwice => Problem::Repeated,
        YearProblem::NoDayOff | YearProblem::NoYear => Problem::Required,
    };
    refused(&bad.place, problem)
}

/// What a desk begins with: the house rules from the day on which it was founded, the law as long as it has held.
pub(crate) fn founding(day: NaiveDate, founder: &str) -> Vec<RuleSet> {
    let own = |id: &str| {
        let mut set = preset(id)?;
        set.approver = founder.into();
        if set.line != line::STATUTORY {
            set.effective_from = day;
        }
        Some(set)
    };
    [kefu_local::FALLBACK, line::STATUTORY].into_iter().filter_map(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_desk_begins_with_sound_rules() {
        let sets = founding("2026-11-02".parse().unwrap(), "孙丽");
        let told: Vec<_> = sets.iter().map(|set| (set.id.as_str(), set.effective_from.to_string())).collect();
        assert_eq!(told, [("s2", "2026-11-02".to_string()), ("statutory", "2015-03-15".to_string())]);
        for set in &sets {
            assert_eq!(set.faults(&kefu_domain::CodeLists::shipped()), []);
            let draft = version(set, act::ADOPT).unwrap();
            assert_eq!(draft.set["set"].to["approver"], json!("孙丽"));
        }
    }
}
