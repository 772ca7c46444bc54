//! The benchmark: what is promised about speed, measured on a desk full of forms, beside a floor of the same run.
//!
//! Started by `cargo xtask bench`. A ratio to a floor says what we add to what the machine can do at all; a bare time
//! says more about the machine. It is no test: a bound that is exceeded is marked, and the exit status stays 0.
#![allow(clippy::print_stdout, reason = "a program of the command line speaks on stdout")]

mod board;
mod desk;
mod exchange;
mod field;
mod figures;
mod find;
mod floor;
mod list;
mod open;
mod options;
mod paper;
mod queries;
mod register;
mod similar;
mod start;
mod table;
mod webdriver;

use std::process::ExitCode;

use desk::MadeDesk;
use options::{Options, Task};
use table::Report;

/// What a measure gives; the error is a sentence for the person at the terminal.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome {
    let options = match options::read(std::env::args_os().skip(1))? {
        Task::FirstPrint(folder) => return paper::first_print(&folder).await,
        Task::Help => {
            println!("{}", options::USAGE);
            return Ok(());
        }
        Task::Measure(options) => options,
    };
    let mut report = Report::default();
    if options.only.as_deref().is_none_or(|one| !["exchange", "field"].contains(&one)) {
        on_a_full_desk(&options, &mut report).await?;
    }
    if options.wants("exchange") {
        exchange::measure(options.changes, &mut report).await?;
    }
    if options.wants("field") {
        field::measure(options.assigned, &mut report).await?;
    }
    println!("{report}");
    Ok(())
}

async fn on_a_full_desk(options: &Options, report: &mut Report) -> Outcome {
    let made = MadeDesk::ready(options).await?;
    let wanted = |measure: &str| options.wants(measure);
    // Reading first: registering adds forms, and a kept desk is to be the same for the next run's queries.
    if wanted("find") {
        find::measure(&made, find::DESK, report).await?;
    }
    if wanted("similar") {
        similar::measure(&made, report).await?;
    }
    if wanted("list") {
        list::measure(&made, report).await?;
    }
    if wanted("open") {
        open::measure(&made, report).await?;
    }
    if wanted("board") {
        board::measure(&made, report).await?;
    }
    if wanted("act") {
        board::acts(&made, report).await?;
    }
    if wanted("register") {
        register::measure(&made, report).await?;
    }
    if wanted("print") {
        paper::measure(&made, report).await?;
    }
    made.desk.lock().await;
    if wanted("start") {
        start::measure(&made, report).await?;
    }
    Ok(())
}
