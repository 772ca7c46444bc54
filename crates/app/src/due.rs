//! Due times of a preset's clocks for a form that is only described: for trying rules out, without any desk.

use chrono::{DateTime, Local};
use serde_json::{Value, json};

use kefu_domain::CodeLists;
use kefu_domain::calendar::Years;
use kefu_domain::clocks::{Facts, event};
use kefu_domain::rules::{RuleSets, line, preset};
use kefu_domain::validate::{FieldError, Problem};

use crate::clock_view::clock;
use crate::failure::logged;
use crate::wire::{Code, Failure};

/// A form as described; codes or their labels, empty where nothing is said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Described {
    /// Preset: s1, s2, s3, s4, statutory.
    pub preset: String,
    /// 来电时间, RFC 3339.
    pub received: String,
    /// 类别一级.
    pub kind: String,
    /// 类别二级.
    pub category: String,
    /// 严重度.
    pub severity: String,
    /// 受理渠道.
    pub channel: String,
    /// 客户要求.
    pub demands: Vec<String>,
    /// 责任部门.
    pub department: String,
}

/// Every clock of the preset and of the law for the form, the strictest first: with `due` where it runs from the call
/// on, with `starts` alone where it waits for something else.
///
/// # Errors
/// [`Code::InvalidFields`]: an unknown preset, a code that no list has, a moment that is none.
pub fn due_times(described: &Described) -> Result<Vec<Value>, Failure> {
    let codes = CodeLists::shipped();
    let mut errors = Vec::new();
    let mut code = |list: &str, text: &str| {
        let known = codes.list(list).and_then(|l| if l.offers(text) { Some(text) } else { l.code_of(text) });
        if known.is_none() && !text.is_empty() {
            let (field, detail) = (list.to_string(), Some(text.to_string()));
            errors.push(FieldError { field, problem: Problem::UnknownOption, detail });
        }
        known.unwrap_or_default().to_string()
    };
    let mut facts = Facts {
        kind: code("kind", &described.kind),
        category: code("category", &described.category),
        severity: code("severity", &described.severity),
        channel: code("channel", &described.channel),
        demands: described.demands.iter().map(|demand| code("demand", demand)).collect(),
        department: described.department.clone(),
        ..Facts::default()
    };
    let set = preset(&described.preset);
    if set.is_none() {
        let detail = Some(described.preset.clone());
        errors.push(FieldError { field: "preset".into(), problem: Problem::UnknownOption, detail });
    }
    match DateTime::parse_from_rfc3339(&described.received) {
        Ok(at) => drop(facts.events.insert(event::RECEIVED.into(), at)),
        Err(_) => errors.push(FieldError::new("received", Problem::NotADate)),
    }
    if !errors.is_empty() {
        return Err(Failure::fields(errors));
    }
    let law = preset(line::STATUTORY).filter(|_| described.preset != line::STATUTORY);
    let sets = RuleSets::new(set.into_iter().chain(law), &Years::shipped()).map_err(|e| logged(Code::Internal, &e))?;
    let running = sets.running(&facts, Local::now().fixed_offset());
    let mut lines: Vec<Value> = running
        .iter()
        .map(|running| {
            let view = clock(running, &sets);
            json!({"clock": view.id, "kind": view.kind, "name": view.name, "article": view.article,
                "starts": running.clock.starts, "due": view.due, "missing_year": view.missing_year})
        })
        .collect();
    let waiting = sets.all().flat_map(|rules| &rules.set.clocks).filter(|clock| clock.when.holds(&facts));
    let waiting = waiting.filter(|clock| running.iter().all(|other| !std::ptr::eq(other.clock, *clock)));
    lines.extend(waiting.map(|clock| {
        json!({"clock": clock.id, "kind": clock.kind, "name": clock.name, "article": clock.article,
            "starts": clock.starts, "due": null})
    }));
    Ok(lines)
}
