//! The process from a terminal: acts, the board and its queues, due times, rule sets.

use std::io::Read;
use std::path::Path;

use kefu_app::wire::{ActRequest, Code, Failure, ImportYearsRequest, QueueRequest, SaveRulesRequest};
use kefu_app::{Described, Desk, due_times, in_words};
use serde_json::{Value, json};

use crate::line;

/// Does an act; `--json` holds `values`, `add`, `strike`, `reason` as far as the act asks for them.
pub(crate) async fn act(desk: &Desk, number: &str, act: String, file: Option<&Path>) -> Result<(), Failure> {
    let mut request: ActRequest = match file {
        Some(file) => serde_json::from_str(&read(file)?).map_err(|error| bad_json(&error))?,
        None => ActRequest::default(),
    };
    (request.id, request.act) = (desk.id_of(number).await?, act);
    let view = desk.act(request).await?;
    line(&json!({"number": view.number, "state": view.state}));
    Ok(())
}

/// A line for each queue of who signs in.
pub(crate) async fn board(desk: &Desk) -> Result<(), Failure> {
    desk.board().await?.queues.iter().for_each(|queue| line(&json!(queue)));
    Ok(())
}

/// A line for each form of a queue, the strictest clock first.
pub(crate) async fn queue(desk: &Desk, request: QueueRequest) -> Result<(), Failure> {
    for row in desk.queue(request).await?.rows {
        let clock = row.clock.as_ref();
        line(&json!({
            "number": row.form.number, "customer": row.form.customer, "state": row.form.state,
            "department": row.department, "handler": row.handler, "since": row.since,
            "clock": clock.map(|clock| &clock.name), "due": clock.and_then(|clock| clock.due.as_ref()),
            "overdue": clock.is_some_and(|clock| clock.overdue), "mark": row.mark,
        }));
    }
    Ok(())
}

/// A line for each clock of a preset. Needs no desk.
pub(crate) fn due(described: &Described) -> Result<(), Failure> {
    due_times(described)?.iter().for_each(line);
    Ok(())
}

/// A line for each version of each rule set; `whole` for reading them back by `rules import`.
pub(crate) async fn rules(desk: &Desk, whole: bool) -> Result<(), Failure> {
    let view = desk.rules().await?;
    for set in &view.sets {
        let in_force = view.in_force.as_ref().is_some_and(|(id, version)| (id, version) == (&set.id, &set.version));
        let told = json!({"id": set.id, "version": set.version, "name": set.name, "line": set.line,
            "effective_from": set.effective_from, "approver": set.approver, "in_force": in_force});
        line(&if whole { json!(set) } else { told });
    }
    Ok(())
}

/// Saves the rule sets of a file as new versions, and the years of one that holds such: one JSON value, or one a line.
pub(crate) async fn import_rules(desk: &Desk, file: &Path) -> Result<(), Failure> {
    let text = read(file)?;
    for value in serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter::<Value>() {
        let value = value.map_err(|error| bad_json(&error))?;
        let view = if value.get("calendars").is_some() {
            desk.save_rules(SaveRulesRequest { set: serde_json::from_value(value).map_err(|error| bad_json(&error))? })
                .await?
        } else {
            desk.import_years(ImportYearsRequest { text: value.to_string() }).await?
        };
        line(&json!({"in_force": view.in_force, "years": view.years}));
    }
    Ok(())
}

pub(crate) fn bad_json(error: &serde_json::Error) -> Failure {
    let place = format!("第 {} 行第 {} 列", error.line(), error.column());
    Failure::new(Code::BadJson).with("place", place)
}

/// The text of a file, or of standard input where it is called `-`.
fn read(file: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(Code::FileNotRead).with("detail", in_words(error.kind()));
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(unreadable)
}
