//! `cargo xtask test`: every check that a change must pass, in the order in which a fault is found soonest.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Outcome, run};
use crate::session::Session;
use crate::system::{self, Consent};
use crate::{build, deny, toolchain, ui, workspace};

/// Which steps to take, and whether a failed one ends the run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub fast: bool,
    pub keep_going: bool,
}

enum Verdict {
    Passed,
    Failed(String),
    Skipped(&'static str),
    NotReached,
}

type Step = (&'static str, fn() -> Outcome<Verdict>);

const STEPS: &[Step] = &[
    ("formatting", || passed(run(workspace::cargo().args(["fmt", "--all", "--check"])))),
    ("interface: lint", || passed(ui::script("lint"))),
    ("interface: types", || passed(ui::script("check"))),
    ("interface: unit tests", || passed(ui::script("test"))),
    ("interface: build", || passed(ui::script("build"))),
    ("clippy", || passed(run(build::cargo("clippy").args(["--all-targets", "--", "-D", "warnings"])))),
    ("programs", || passed(build::binaries(&["kefu-desk", "kefu"], false))),
    ("tests", || passed(run(with_programs(build::cargo("test").arg("--no-fail-fast"))?))),
    ("tests in the window", in_the_window),
    ("dependencies: licences, sources, advisories", || passed(deny::check())),
];

/// The steps that a quick run leaves out.
const SLOW: &[&str] = &["tests in the window", "dependencies: licences, sources, advisories"];

/// Runs the steps, then prints what each gave and took.
pub fn test(consent: Consent, plan: Plan) -> Outcome {
    toolchain::require()?;
    system::ensure(system::TEST, consent)?;
    ui::install()?;
    let mut results: Vec<(&str, Verdict, Duration)> = Vec::new();
    let mut failed = Vec::new();
    for &(name, step) in STEPS {
        if plan.fast && SLOW.contains(&name) {
            continue;
        }
        if !failed.is_empty() && !plan.keep_going {
            results.push((name, Verdict::NotReached, Duration::ZERO));
            continue;
        }
        println!("\n=== {name}");
        let started = Instant::now();
        let verdict = step().unwrap_or_else(Verdict::Failed);
        let took = started.elapsed();
        println!("=== {name}: {} ({})", describe(&verdict), seconds(took));
        if matches!(verdict, Verdict::Failed(_)) {
            failed.push(name);
        }
        results.push((name, verdict, took));
    }
    print_table(&results);
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

/// The tests of `tests/e2e` drive the built desk in a real window. They are marked `#[ignore]`, so that a plain
/// `cargo test` passes without a screen; here they are asked for by name.
fn in_the_window() -> Outcome<Verdict> {
    if !cfg!(target_os = "linux") {
        return Ok(Verdict::Skipped("run on Linux, where the web view can be driven without a person"));
    }
    let session = Session::new()?;
    let mut tests = build::cargo("test");
    for name in window_tests()? {
        tests.args(["--test", &name]);
    }
    // One at a time: they share the screen and the keyboard's focus.
    tests.args(["--", "--include-ignored", "--test-threads=1"]);
    passed(run(&mut session.wrap(with_programs(&mut tests)?)))
}

/// The test files of `tests/e2e`, each a target of its own name.
fn window_tests() -> Outcome<Vec<String>> {
    let folder = workspace::root().join("tests/e2e");
    let entries = folder.read_dir().map_err(|error| format!("tests/e2e could not be read: {error}"))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .filter(|name| name != "lib" && name != "build")
        .collect();
    names.sort();
    if names.is_empty() { Err("tests/e2e holds no test".to_owned()) } else { Ok(names) }
}

/// Tells tests where the programs are that the step before has built.
fn with_programs(command: &mut Command) -> Outcome<&mut Command> {
    let desk = workspace::binary("kefu-desk", false)?;
    let kefu = workspace::binary("kefu", false)?;
    Ok(command.env("KEFU_DESK_BIN", desk).env("KEFU_BIN", kefu))
}

fn passed(outcome: Outcome) -> Outcome<Verdict> {
    outcome.map(|()| Verdict::Passed)
}

fn describe(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::Failed(reason) => format!("FAILED: {reason}"),
        Verdict::Skipped(reason) => format!("skipped: {reason}"),
        Verdict::NotReached => "not reached".to_owned(),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn print_table(results: &[(&str, Verdict, Duration)]) {
    println!("\n{:<46}{:>10}  result", "step", "time");
    for (name, verdict, took) in results {
        println!("{name:<46}{:>10}  {}", seconds(*took), describe(verdict));
    }
    let total = results.iter().map(|(_, _, took)| *took).sum();
    println!("{:<46}{:>10}", "together", seconds(total));
}
