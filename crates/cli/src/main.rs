//! kefu: the desk from a terminal, for scheduled jobs, import, monitoring, tests and benchmarks.
//!
//! JSON lines on standard output; refusals as `{"code","message"}` on standard error. Exit 0 done, 1 refused, 2 usage.

mod arguments;
mod call;
mod channels;
mod commands;
mod exchange;
mod field;
mod knowledge;
mod members;
mod process;
mod shared;
mod visits;
mod words;

use std::io::Write;
use std::process::ExitCode;

use kefu_app::Desk;
use kefu_app::wire::Failure;
use serde_json::Value;

use arguments::{Command, Parsed};

#[tokio::main]
async fn main() -> ExitCode {
    let parsed = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Parsed::Help) => {
            say(arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Parsed::Run { folder, seat, command }) => run(&Desk::at(&folder), seat, command).await,
        Ok(Parsed::Due(described)) => process::due(&described).map(|()| true),
        Err(usage) => {
            complain(&usage);
            complain(arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    match parsed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            complain(&words::failure(&failure).to_string());
            ExitCode::from(1)
        }
    }
}

/// Runs a command. False where some of it was refused and said so already.
async fn run(desk: &Desk, seat: Option<String>, command: Command) -> Result<bool, Failure> {
    if let Command::Call { call, lookup: false } = &command
        && call::show(desk, call)?
    {
        return Ok(true);
    }
    let passphrase = std::env::var("KEFU_PASSPHRASE").ok();
    let makes_a_desk = match &command {
        Command::Init(_) => true,
        Command::Shared(shared) => matches!(shared.as_ref(), shared::Shared::Join { .. }),
        _ => false,
    };
    if !makes_a_desk {
        desk.sign_in_once(passphrase.clone(), seat.as_deref()).await?;
    }
    let done = commands::run(desk, command, passphrase.unwrap_or_default()).await;
    desk.lock().await;
    done
}

/// One line of JSON on standard output, flushed, so that a reader never waits for what is done.
fn line(value: &Value) {
    say(&value.to_string());
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that went away is no reason to fail: what was done is done.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
