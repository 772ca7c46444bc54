//! Starts other programs, and says in a sentence which one failed and how.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

/// The result of a chore; the error is a sentence for the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// Runs a program with our own input and output, so that a test runner's summary stays where it belongs.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", line(command))) }
}

/// Runs a program and gives what it wrote to stdout; stderr goes to the terminal.
pub fn output(command: &mut Command) -> Outcome<String> {
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(format!("`{}` ended with {}", line(command), output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a program prints when asked, or nothing where it is missing or fails: for questions, not for work.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The sentence for a program that could not be started at all.
pub fn not_started(command: &Command, error: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => format!("`{program}` is not installed or not on PATH"),
        _ => format!("`{program}` could not be started: {error}"),
    }
}

/// The command as a person would type it, cut where it would fill the screen.
fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    match line.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert!(error.contains("`no-such-program-anywhere` is not installed"), "{error}");
    }

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let error = run(Command::new("rustc").args(["--print", "no-such-thing"]).stderr(Stdio::null())).unwrap_err();
        assert!(error.contains("rustc --print no-such-thing"), "{error}");
    }
}
