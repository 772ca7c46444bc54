//! What each command does.

use std::io::Read;
use std::path::Path;

use kefu_app::wire::{
    Code, Failure, FindRequest, FormRow, ListRequest, QueueRequest, ReserveRequest, SetupRequest, Sheet, SortKey,
    SpoilRequest,
};
use kefu_app::{Desk, in_words};
use serde_json::{Value, json};

use crate::arguments::{Command, Init};
use crate::{call, channels, complain, exchange, field, knowledge, line, members, process, shared, visits, words};

/// Runs a command on an open desk (`init`: on none). False where some of it was refused and said so already.
pub(crate) async fn run(desk: &Desk, command: Command, passphrase: String) -> Result<bool, Failure> {
    match command {
        Command::Init(init) => init_desk(desk, *init, passphrase).await.map(|()| true),
        Command::Register { file } => register(desk, &file).await,
        Command::Find { query, limit } => {
            let found = desk.find(FindRequest { query, limit }).await?;
            found.rows.iter().for_each(|row| line(&found_line(row)));
            Ok(true)
        }
        Command::List { offset, limit } => {
            let sort = SortKey::ReceivedAt;
            let page =
                desk.list(ListRequest { filter: Default::default(), sort, descending: true, offset, limit }).await?;
            page.rows.iter().for_each(|row| line(&found_line(row)));
            Ok(true)
        }
        Command::Show { number } => {
            let view = desk.show_number(&number).await?;
            line(&serde_json::to_value(view).unwrap_or_default());
            Ok(true)
        }
        Command::Print { number, out } => print(desk, &number, &out).await.map(|()| true),
        Command::PrintBlank { sheets, out } => print_blank(desk, sheets, &out).await.map(|()| true),
        Command::Paper => {
            desk.blank_forms().await?.iter().for_each(|form| line(&json!(form)));
            Ok(true)
        }
        Command::Spoil { number, reason } => {
            let left = desk.spoil_form(SpoilRequest { number, reason }).await?;
            left.iter().for_each(|form| line(&json!(form)));
            Ok(true)
        }
        Command::Act { number, act, json } => process::act(desk, &number, act, json.as_deref()).await.map(|()| true),
        Command::Board => process::board(desk).await.map(|()| true),
        Command::Queue { key, offset, limit } => {
            process::queue(desk, QueueRequest { key, offset, limit }).await.map(|()| true)
        }
        Command::Rules { whole } => process::rules(desk, whole).await.map(|()| true),
        Command::ImportRules { file } => process::import_rules(desk, &file).await.map(|()| true),
        Command::Knowledge { query } => knowledge::list(desk, query).await.map(|()| true),
        Command::SaveKnowledge { file } => knowledge::save(desk, &file).await.map(|()| true),
        Command::Visit(visit) => visits::run(desk, *visit).await.map(|()| true),
        Command::Verify => {
            let report = desk.verify().await?;
            line(&serde_json::to_value(&report).unwrap_or_default());
            Ok(report.problems.is_empty())
        }
        Command::Sync { watch } => exchange::sync(desk, watch).await,
        Command::Conflicts => exchange::conflicts(desk).await.map(|()| true),
        Command::Call { call, .. } => call::look_up(desk, &call).await.map(|()| true),
        Command::Members => members::list(desk).await.map(|()| true),
        Command::AddMember(member) => members::add(desk, *member).await.map(|()| true),
        Command::ImportMembers { file } => members::import(desk, &file).await,
        Command::Shared(command) => shared::run(desk, *command, passphrase).await,
        Command::Field(command) => field::run(desk, *command).await.map(|()| true),
        Command::Channels(command) => channels::run(desk, *command).await.map(|()| true),
        Command::Demo { forms, seed } => {
            let registered = kefu_app::demo(desk, forms, seed, |_| {}).await?;
            let (first, last) = (registered.first(), registered.last());
            line(
                &json!({"forms": registered.len(), "first": first.map(|r| &r.number), "last": last.map(|r| &r.number)}),
            );
            Ok(true)
        }
    }
}

fn found_line(row: &FormRow) -> Value {
    let FormRow { number, customer, phone, kind, state, received_at, .. } = row;
    json!({
        "number": number, "customer": customer, "phone": phone, "kind": kind, "state": state, "received_at": received_at,
    })
}

async fn init_desk(desk: &Desk, init: Init, passphrase: String) -> Result<(), Failure> {
    let Init { company, member, employee_number, post, department, device_code } = init;
    let request = SetupRequest { company, member, employee_number, post, department, device_code, passphrase };
    let done = desk.setup(request).await?;
    line(&json!({"device_code": done.device_code, "recovery_code": done.recovery_code}));
    Ok(())
}

/// The text of a file, or of standard input where it is called `-`.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(Code::FileNotRead).with("detail", in_words(error.kind()));
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(unreadable)
}

async fn register(desk: &Desk, file: &Path) -> Result<bool, Failure> {
    let text = read(file)?;
    let mut all_good = true;
    kefu_app::import(desk, &text, |result| match result {
        Ok(registered) => line(&json!({"number": registered.number, "id": registered.id})),
        Err(failure) => {
            all_good = false;
            complain(&words::failure(failure).to_string());
        }
    })
    .await?;
    Ok(all_good)
}

async fn print(desk: &Desk, number: &str, out: &Path) -> Result<(), Failure> {
    let copy = copy_out(desk, Sheet::Form(desk.id_of(number).await?), out).await?;
    line(&json!({"number": number, "copy": copy}));
    Ok(())
}

/// A blank form without a number, or so many with numbers set aside for them.
async fn print_blank(desk: &Desk, sheets: Option<u32>, out: &Path) -> Result<(), Failure> {
    let Some(sheets) = sheets else {
        copy_out(desk, Sheet::Blank, out).await?;
        line(&json!({"number": null, "copy": null}));
        return Ok(());
    };
    let reserved = desk.reserve_forms(ReserveRequest { sheets }).await?;
    // Set aside before anything else can fail: what is not printed now waits in the list.
    line(&json!({"numbers": reserved.numbers, "printing": reserved.printing}));
    copy_out(desk, Sheet::Printing(reserved.printing), out).await?;
    Ok(())
}

/// Writes a copy of a sheet into a file, and tells which one it is.
pub(crate) async fn copy_out(desk: &Desk, sheet: Sheet, out: &Path) -> Result<Option<u32>, Failure> {
    let failed = |error: std::io::Error| Failure::new(Code::FileNotWritten).with("detail", in_words(error.kind()));
    Ok(desk.copy_out(sheet, |pdf| std::fs::write(out, pdf).map_err(failed)).await?.copy)
}
