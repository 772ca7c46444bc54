//! The command line of the benchmark.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::Outcome;

pub(crate) const USAGE: &str = "\
cargo xtask bench [--forms N | --million] [--changes N] [--assigned N] [--keep DIR] [--only MEASURE]

--forms N        forms on the desk (200000)
--million        the same as --forms 1000000
--changes N      changes that are exchanged (20000; 100000 is what the promise speaks of)
--assigned N     records in a technician's hands (5000)
--keep DIR       make the desk in DIR, or use the one that lies there, and leave it there
--only MEASURE   one of: register, act, find, list, board, open, print, similar, start, exchange, field";

/// The measures, as `--only` names them.
const MEASURES: [&str; 11] =
    ["register", "act", "find", "list", "board", "open", "print", "similar", "start", "exchange", "field"];

/// What is to be done.
pub(crate) enum Task {
    Measure(Options),
    /// Draws one sheet on the desk in the folder and prints what it took: the program asks this of itself, because a
    /// press is new only once per process.
    FirstPrint(PathBuf),
    Help,
}

pub(crate) struct Options {
    pub(crate) forms: u32,
    pub(crate) changes: u32,
    pub(crate) assigned: u32,
    pub(crate) keep: Option<PathBuf>,
    pub(crate) only: Option<String>,
}

impl Options {
    /// Whether a measure is asked for.
    pub(crate) fn wants(&self, measure: &str) -> bool {
        self.only.as_deref().is_none_or(|one| one == measure)
    }
}

/// The word by which the program asks itself for [`Task::FirstPrint`].
pub(crate) const FIRST_PRINT: &str = "--first-print";

pub(crate) fn read(mut arguments: impl Iterator<Item = OsString>) -> Outcome<Task> {
    let mut options = Options { forms: 200_000, changes: 20_000, assigned: 5_000, keep: None, only: None };
    while let Some(argument) = arguments.next() {
        let name = argument.to_string_lossy().into_owned();
        let mut value = || arguments.next().ok_or_else(|| format!("{name} wants a value\n\n{USAGE}"));
        match name.as_str() {
            "--forms" => {
                let text = value()?;
                let forms = text.to_str().and_then(|n| n.parse().ok()).filter(|n| *n >= 1000);
                options.forms = forms.ok_or("--forms wants a number of at least 1000")?;
            }
            "--changes" => {
                let text = value()?;
                let changes = text.to_str().and_then(|n| n.parse().ok()).filter(|n| *n >= 1000);
                options.changes = changes.ok_or("--changes wants a number of at least 1000")?;
            }
            "--assigned" => {
                let text = value()?;
                let assigned = text.to_str().and_then(|n| n.parse().ok()).filter(|n| *n >= 600);
                options.assigned = assigned.ok_or("--assigned wants a number of at least 600")?;
            }
            "--million" => options.forms = 1_000_000,
            "--keep" => options.keep = Some(value()?.into()),
            "--only" => {
                let one = value()?.to_string_lossy().into_owned();
                if !MEASURES.contains(&one.as_str()) {
                    return Err(format!("there is no measure `{one}`\n\n{USAGE}").into());
                }
                options.only = Some(one);
            }
            FIRST_PRINT => return Ok(Task::FirstPrint(value()?.into())),
            "--help" | "-h" => return Ok(Task::Help),
            _ => return Err(format!("`{name}` is not understood here\n\n{USAGE}").into()),
        }
    }
    Ok(Task::Measure(options))
}
