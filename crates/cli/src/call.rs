//! `kefu call`: hands a call to the window, for softphones that start a program instead of opening an address; where
//! there is no window, tells who calls.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use kefu_app::wire::{Call, Code, Failure, FieldError, HintRequest, Problem};
use kefu_app::{BadCall, Desk, call_address, in_words};
use serde_json::json;

use crate::arguments::NewCall;
use crate::line;

/// Starts the window with the call; a window that is open already is handed it by the second start, which then ends.
/// False where this machine or session shows no windows.
///
/// # Errors
/// It is no call; the program does not start.
pub(crate) fn show(desk: &Desk, call: &NewCall) -> Result<bool, Failure> {
    let address = call_address(&read(desk, call)?);
    let Some(program) = window() else { return Ok(false) };
    let mut start = Command::new(program);
    start.arg("--data").arg(desk.folder()).arg(address);
    start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    start.spawn().map_err(|error| Failure::new(Code::FileNotRead).with("detail", in_words(error.kind())))?;
    line(&json!({"shown": true}));
    Ok(true)
}

/// Tells who calls, as the intake would show it.
///
/// # Errors
/// It is no call; the desk is locked.
pub(crate) async fn look_up(desk: &Desk, call: &NewCall) -> Result<(), Failure> {
    let call = read(desk, call)?;
    let known =
        if call.from.is_empty() { Vec::new() } else { desk.hints(HintRequest::Phone(call.from.clone())).await? };
    let known: Vec<_> = known
        .iter()
        .map(|customer| {
            let forms = customer.forms.iter().map(|form| {
                json!({"number": form.number, "kind": form.kind, "state": form.state, "received_at": form.received_at})
            });
            let forms: Vec<_> = forms.collect();
            json!({"name": customer.name, "phone": customer.phone, "count": customer.count, "forms": forms})
        })
        .collect();
    // R61: within three rings.
    let late = call.rings.is_some_and(|rings| rings > 3);
    line(&json!({"from": call.from, "rings": call.rings, "late": late, "at": call.at, "known": known}));
    Ok(())
}

fn read(desk: &Desk, call: &NewCall) -> Result<Call, Failure> {
    let NewCall { from, rings, to, at } = call;
    let told = Call { from: from.clone(), rings: *rings, to: to.clone(), at: at.clone() };
    desk.read_call(&call_address(&told)).map_err(|bad| {
        let (field, problem) = match bad {
            BadCall::Number => ("--from, --to", Problem::NotAPhone),
            BadCall::Rings => ("--rings", Problem::OutOfRange),
            BadCall::Time => ("--at", Problem::NotADate),
            BadCall::NotACall | BadCall::NoFrom | BadCall::Twice | BadCall::TooMany => ("--from", Problem::WrongKind),
        };
        Failure::fields(vec![FieldError::new(field, problem)])
    })
}

/// The program with the window, which is installed beside this one; none in a session without a display.
fn window() -> Option<PathBuf> {
    let display = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !display("DISPLAY") && !display("WAYLAND_DISPLAY") {
        return None;
    }
    let name = format!("kefu-desk{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().ok().map(|own| own.with_file_name(name)).filter(|program| program.is_file())
}
