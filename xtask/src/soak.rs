//! `cargo xtask soak`: the long tests, whole, of which `cargo xtask test` runs a slice; prints the figures they give.
//!
//! A test gives a figure as a line `figure: …` on stdout; the last lines of the run are those that README quotes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Outcome, not_started};
use crate::system::{self, Consent};
use crate::{build, toolchain, ui, workspace};

/// What a line begins with, or goes on with behind a test's name, that is a figure.
const MARK: &str = "figure: ";

/// Which soaks to run, and in which build.
#[derive(Debug, Clone)]
pub struct Plan {
    /// As the tests of the house are built: to try the soak itself. Its figures say nothing of speed.
    pub debug: bool,
    /// Names of soaks; none for all of them.
    pub names: Vec<String>,
}

/// A test file and which of its tests; those marked `#[ignore]` are included.
struct Soak {
    name: &'static str,
    file: &'static str,
    tests: &'static [&'static str],
}

const SOAKS: &[Soak] = &[
    Soak { name: "simulation", file: "simulation", tests: &["thousand_seeds", "poison_among"] },
    Soak { name: "attack", file: "wall", tests: &["a_technicians_login_gets"] },
    Soak { name: "plans", file: "plans", tests: &["indexes_are_used_at_1_000_000"] },
    Soak { name: "cursor", file: "sessions", tests: &["sixteen_slow_writers"] },
    Soak { name: "clients", file: "clients", tests: &["many_clients_are_few_sessions"] },
    Soak { name: "exchange", file: "exchange", tests: &["no_planted_name", "a_standby_takes_over", "a_full_dump"] },
    Soak { name: "kills", file: "sync_killed", tests: &[] },
    Soak { name: "power", file: "power_cut", tests: &[] },
    Soak { name: "server", file: "figures", tests: &[] },
    Soak { name: "sealing", file: "speed", tests: &[] },
];

/// Runs the soaks one after the other, all of them even where one fails, then prints what each took and gave.
pub fn soak(consent: Consent, plan: &Plan) -> Outcome {
    if let Some(unknown) = plan.names.iter().find(|name| SOAKS.iter().all(|soak| soak.name != **name)) {
        let known: Vec<&str> = SOAKS.iter().map(|soak| soak.name).collect();
        return Err(format!("there is no soak `{unknown}`; there are: {}", known.join(", ")));
    }
    toolchain::require()?;
    system::ensure(system::TEST, consent)?;
    ui::install()?;
    ui::build_if_changed()?;
    build::binaries(&["kefu"], !plan.debug)?;
    let wanted = |soak: &&Soak| plan.names.is_empty() || plan.names.iter().any(|name| name == soak.name);
    let mut results = Vec::new();
    for soak in SOAKS.iter().filter(wanted) {
        println!("\n=== {}", soak.name);
        let started = Instant::now();
        let mut figures = Vec::new();
        let outcome = command(soak, plan.debug).and_then(|command| watched(command, &mut figures));
        results.push((soak.name, outcome, started.elapsed(), figures));
    }
    print_table(&results);
    let failed: Vec<&str> =
        results.iter().filter(|(_, outcome, ..)| outcome.is_err()).map(|(name, ..)| *name).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

fn command(soak: &Soak, debug: bool) -> Outcome<Command> {
    let mut command = build::cargo("test");
    if !debug {
        command.arg("--release");
    }
    command.args(["--test", soak.file, "--"]).args(soak.tests);
    // One at a time: several are figures.
    command.args(["--include-ignored", "--nocapture", "--test-threads=1"]);
    command.env("KEFU_SOAK", "1").env("KEFU_BIN", workspace::binary("kefu", !debug)?);
    Ok(command)
}

/// Runs it with its output on ours, and keeps the figures in it.
fn watched(mut command: Command, figures: &mut Vec<String>) -> Outcome {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(&command, &error))?;
    let mut ran = 0;
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok) {
        println!("{line}");
        figures.extend(figure(&line).map(str::to_owned));
        ran += passed(&line);
    }
    let status = child.wait().map_err(|error| format!("the tests were lost sight of: {error}"))?;
    match (status.success(), ran) {
        (true, 0) => Err("no test of this name ran".to_owned()),
        (true, _) => Ok(()),
        (false, _) => Err(format!("ended with {status}")),
    }
}

/// The figure in a line of a test's output.
fn figure(line: &str) -> Option<&str> {
    line.split_once(MARK).map(|(_, figure)| figure.trim())
}

/// Tests that passed, by the line that sums them up; 0 in any other line.
fn passed(line: &str) -> usize {
    let count = line.strip_prefix("test result: ok. ").and_then(|rest| rest.split_once(" passed"));
    count.and_then(|(count, _)| count.parse().ok()).unwrap_or(0)
}

fn print_table(results: &[(&str, Outcome, Duration, Vec<String>)]) {
    println!("\n{:<14}{:>10}  result and figures", "soak", "time");
    for (name, outcome, took, figures) in results {
        let verdict = outcome.as_ref().err().map_or_else(|| "passed".to_owned(), |reason| format!("FAILED: {reason}"));
        println!("{name:<14}{:>8.1} s  {verdict}", took.as_secs_f64());
        figures.iter().for_each(|figure| println!("{:<26}{figure}", ""));
    }
}

#[cfg(test)]
mod unit {
    use std::path::Path;

    use super::*;

    #[test]
    fn figures_are_found_behind_the_name_of_their_test() {
        assert_eq!(figure("test thousand_seeds ... figure: 1000 seeds, 0 lost"), Some("1000 seeds, 0 lost"));
        assert_eq!(figure("figure: push 20000/s"), Some("push 20000/s"));
        assert_eq!(figure("test thousand_seeds ... ok"), None);
    }

    #[test]
    fn a_run_without_a_test_is_told_from_one_that_passed() {
        assert_eq!(passed("test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out"), 2);
        assert_eq!(passed("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out"), 0);
        assert_eq!(passed("test other ... ok"), 0);
    }

    /// All Rust below a folder, of the test file `name` or of any where a test may lie in a part of it.
    fn text(folder: &Path, name: &str, within: bool) -> String {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let one = |path: std::path::PathBuf| match path.file_stem().is_some_and(|stem| stem == name) || within {
            true if path.is_file() => std::fs::read_to_string(path).unwrap_or_default(),
            named if path.is_dir() => text(&path, name, named),
            _ => String::new(),
        };
        entries.map(one).collect()
    }

    #[test]
    fn every_soak_names_a_test_that_exists() {
        for soak in SOAKS {
            let text = ["crates", "tests"].map(|place| text(&workspace::root().join(place), soak.file, false)).concat();
            assert!(!text.is_empty(), "no file {}", soak.file);
            let missing = soak.tests.iter().find(|test| !text.contains(&format!("fn {test}")));
            assert_eq!(missing, None, "{}", soak.file);
        }
    }
}
