//! The chores of the house: `cargo xtask run | test | bench | package | setup`, each from a bare machine to its result.
#![allow(clippy::print_stdout, reason = "a program of the command line speaks on stdout")]

mod bench;
mod build;
mod deny;
mod icons;
mod notices;
mod package;
mod process;
mod run;
mod session;
mod soak;
mod system;
mod tests;
mod toolchain;
mod ui;
mod workspace;

use std::process::ExitCode;

use process::Outcome;
use system::Consent;

const USAGE: &str = "\
cargo xtask run [--release] [--yes] [-- ARGS]    build the desk and open its window
cargo xtask test [fast] [--keep-going] [--yes]   every check that a change must pass; `fast`: no audit, no window
cargo xtask bench [ARGS]                         measure the release build against floors of the same run
cargo xtask soak [NAME ...] [--debug] [--yes]    the long tests whole, and their figures
cargo xtask package [--yes]                      make the .deb (Debian, Ubuntu)
cargo xtask setup [--yes]                        only install what the others need
cargo xtask icons [--yes]                        make the files of icons/ from their drawings

--yes   install missing system packages without asking (also with CI=true)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("\nxtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Outcome<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        println!("{USAGE}");
        return Ok(ExitCode::from(2));
    };
    let (mut ours, theirs) = split_at_dashes(rest);
    let consent = Consent::new(take(&mut ours, "--yes"));
    match command.as_str() {
        "run" => {
            let release = take(&mut ours, "--release");
            ours.extend(theirs);
            return run::run(consent, release, &ours);
        }
        "bench" => {
            ours.extend(theirs);
            bench::bench(consent, &ours)?;
        }
        "test" => {
            let plan = tests::Plan { fast: take(&mut ours, "fast"), keep_going: take(&mut ours, "--keep-going") };
            nothing_left(&ours)?;
            tests::test(consent, plan)?;
        }
        "soak" => {
            let debug = take(&mut ours, "--debug");
            soak::soak(consent, &soak::Plan { debug, names: ours })?;
        }
        "package" => {
            nothing_left(&ours)?;
            package::package(consent)?;
        }
        "icons" => {
            nothing_left(&ours)?;
            icons::icons(consent)?;
        }
        "setup" => {
            nothing_left(&ours)?;
            setup(consent)?;
        }
        "help" | "--help" | "-h" => println!("{USAGE}"),
        unknown => {
            eprintln!("xtask: there is no command `{unknown}`\n\n{USAGE}");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn setup(consent: Consent) -> Outcome {
    toolchain::require()?;
    system::ensure(system::TEST, consent)?;
    ui::install()?;
    println!("everything needed is installed");
    Ok(())
}

/// What stands before `--` is for xtask, what stands behind it is for the program that is started.
fn split_at_dashes(arguments: &[String]) -> (Vec<String>, Vec<String>) {
    match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (arguments[..at].to_vec(), arguments[at + 1..].to_vec()),
        None => (arguments.to_vec(), Vec::new()),
    }
}

fn take(arguments: &mut Vec<String>, flag: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| argument != flag);
    arguments.len() < before
}

fn nothing_left(arguments: &[String]) -> Outcome {
    match arguments.first() {
        None => Ok(()),
        Some(argument) => Err(format!("`{argument}` is not understood here\n\n{USAGE}")),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn flags_are_taken_only_before_the_dashes() {
        let (mut ours, theirs) = split_at_dashes(&words("--yes --release -- --yes file"));
        assert!(take(&mut ours, "--yes"));
        assert!(!take(&mut ours, "--yes"));
        assert_eq!(ours, words("--release"));
        assert_eq!(theirs, words("--yes file"));
    }

    #[test]
    fn an_unknown_flag_is_refused() {
        assert!(nothing_left(&words("--fsat")).is_err());
        assert!(nothing_left(&[]).is_ok());
    }
}
