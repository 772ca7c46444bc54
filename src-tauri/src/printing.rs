//! Hands a PDF to the system's own printing.
//!
//! Where the system takes the document from a pipe (CUPS on macOS and Linux), no file is ever written. Windows prints
//! files only: the PDF lies in the desk's folder under a random name until the print verb has had time to read it, and
//! what a crash left there is swept away at the next start.

use std::path::Path;

use kefu_app::wire::{Code, Failure};

fn unavailable(detail: impl ToString) -> Failure {
    Failure::new(Code::PrinterUnavailable).with("detail", detail)
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
    let mut job = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| unavailable(error.kind()))?;
    // A job that refuses closes the pipe early; its own word below says why.
    if let Some(mut pipe) = job.stdin.take() {
        let _ = pipe.write_all(pdf);
    }
    let done = job.wait_with_output().map_err(|error| unavailable(error.kind()))?;
    if done.status.success() { Ok(()) } else { Err(unavailable(String::from_utf8_lossy(&done.stderr).trim())) }
}

/// Prints `pdf` on `printer`; an empty name is the system's default printer.
#[cfg(windows)]
pub(crate) fn send(pdf: &[u8], printer: &str, folder: &Path) -> Result<(), Failure> {
    use std::process::Command;
    use std::time::Duration;

    let waiting = folder.join(WAITING);
    std::fs::create_dir_all(&waiting).map_err(|error| unavailable(error.kind()))?;
    let name = format!("{}.pdf", std::process::id() as u128 ^ nanoseconds());
    let file = waiting.join(name);
    std::fs::write(&file, pdf).map_err(|error| unavailable(error.kind()))?;
    // The path and the printer travel as environment, so that nothing in them is read as script.
    let verb = if printer.is_empty() { "Print" } else { "PrintTo" };
    let script = "$a=@{FilePath=$env:KEFU_FILE;Verb=$env:KEFU_VERB;WindowStyle='Hidden'};\
                  if($env:KEFU_PRINTER){$a.ArgumentList='\"'+$env:KEFU_PRINTER+'\"'};Start-Process @a";
    let done = Command::new("powershell")
        .args(["-NoProfile", "-NonInteractive", "-Command", script])
        .env("KEFU_FILE", &file)
        .env("KEFU_VERB", verb)
        .env("KEFU_PRINTER", printer)
        .output();
    let result = match done {
        Ok(done) if done.status.success() => Ok(()),
        Ok(_) => Err(unavailable("print verb")),
        Err(error) => Err(unavailable(error.kind())),
    };
    let patience = Duration::from_secs(if result.is_ok() { 120 } else { 0 });
    std::thread::spawn(move || {
        std::thread::sleep(patience);
        let _ = std::fs::remove_file(file);
    });
    result
}

const WAITING: &str = "printing";

/// Removes documents that a crash left waiting for the printer.
pub(crate) fn sweep(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder.join(WAITING));
}

#[cfg(windows)]
fn nanoseconds() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos())
}
