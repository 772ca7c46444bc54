//! Hands a PDF to the system's own printing.
//!
//! Where the system takes the document from a pipe (CUPS on macOS and Linux), no file is ever written. Windows prints
//! files only: the PDF lies in the desk's folder under a random name until the print verb has had time to read it; the
//! rest is swept away when the program ends, and what a crash left at the next start.

use std::io::{Error, ErrorKind};
use std::path::Path;

use kefu_app::in_words;
use kefu_app::wire::{Code, Failure};

/// The system's printing said no; `detail` is its own word, empty where it has none.
fn unavailable(detail: &str) -> Failure {
    let failure = Failure::new(Code::PrinterUnavailable);
    if detail.is_empty() { failure } else { failure.with("detail", detail) }
}

/// The system's printing could not be started or waited for. Where its program is missing, there is no more to say.
fn not_started(error: Error) -> Failure {
    unavailable(if error.kind() == ErrorKind::NotFound { "" } else { in_words(error.kind()) })
}

/// Prints `pdf` on `printer`; an empty name is the system's default printer.
#[cfg(unix)]
pub(crate) fn send(pdf: &[u8], printer: &str, _folder: &Path) -> Result<(), Failure> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let mut command = Command::new("lp");
    command.args(["-t", "kefu"]);
    if !printer.is_empty() {
        command.args(["-d", printer]);
    }
    let mut job =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(not_started)?;
    // A job that refuses closes the pipe early; its own word below says why.
    if let Some(mut pipe) = job.stdin.take() {
        let _ = pipe.write_all(pdf);
    }
    let done = job.wait_with_output().map_err(not_started)?;
    if done.status.success() { Ok(()) } else { Err(unavailable(String::from_utf8_lossy(&done.stderr).trim())) }
}

/// Prints `pdf` on `printer`; an empty name is the system's default printer.
#[cfg(windows)]
pub(crate) fn send(pdf: &[u8], printer: &str, folder: &Path) -> Result<(), Failure> {
    use std::os::windows::process::CommandExt;
    use std::process::Command;
    use std::time::Duration;

    // Else a console window flashes up over the sheet.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;

    let waiting = folder.join(WAITING);
    std::fs::create_dir_all(&waiting).map_err(not_started)?;
    let name = format!("{}.pdf", std::process::id() as u128 ^ nanoseconds());
    let file = waiting.join(name);
    std::fs::write(&file, pdf).map_err(not_started)?;
    // The path and the printer travel as environment, so that nothing in them is read as script.
    let verb = if printer.is_empty() { "Print" } else { "PrintTo" };
    let script = "$a=@{FilePath=$env:KEFU_FILE;Verb=$env:KEFU_VERB;WindowStyle='Hidden'};\
                  if($env:KEFU_PRINTER){$a.ArgumentList='\"'+$env:KEFU_PRINTER+'\"'};Start-Process @a";
    let done = Command::new("powershell")
        .args(["-NoProfile", "-NonInteractive", "-Command", script])
        .env("KEFU_FILE", &file)
        .env("KEFU_VERB", verb)
        .env("KEFU_PRINTER", printer)
        .creation_flags(CREATE_NO_WINDOW)
        .output();
    let result = match done {
        Ok(done) if done.status.success() => Ok(()),
        Ok(_) => Err(unavailable("")),
        Err(error) => Err(not_started(error)),
    };
    let patience = Duration::from_secs(if result.is_ok() { 120 } else { 0 });
    std::thread::spawn(move || {
        std::thread::sleep(patience);
        let _ = std::fs::remove_file(file);
    });
    result
}

const WAITING: &str = "printing";

/// Removes documents that wait for the printer: at the end what is still there, at the start what a crash left.
pub(crate) fn sweep(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder.join(WAITING));
}

#[cfg(windows)]
fn nanoseconds() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos())
}
