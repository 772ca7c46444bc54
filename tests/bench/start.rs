//! Starting the built desk: from the process's first moment until its page is drawn and can be used.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use kefu_app::Desk;
use kefu_app::wire::{Stage, UnlockRequest};

use crate::Outcome;
use crate::desk::{MadeDesk, PASSPHRASE};
use crate::figures::Samples;
use crate::table::{Bound, Report};
use crate::webdriver::Driver;

/// Starts measured.
const STARTS: usize = 15;

/// Answers once the list or the page that asks for the passphrase stands there and two frames have been drawn since;
/// until then with nothing. Asked again and again: a script that waits inside the page is lost with the empty document
/// that stands there first.
const USABLE: &str = "
const page = document.querySelector('[data-row]') ? 'the list, opened by the keyring'
  : document.querySelector('[data-act=unlock]') ? 'the page that asks for the passphrase' : null;
if (page && window.drawn === undefined) {
  window.drawn = false;
  requestAnimationFrame(() => requestAnimationFrame(() => (window.drawn = true)));
}
return window.drawn ? page : null;";

/// Notes the moment and its number, then becomes the desk: what the driver does before is not the desk's time.
const STAMP: &str = "echo $(date +%s%N) $$ > \"$0\"; exec \"$@\"";

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let binary = match possible() {
        Ok(binary) => binary,
        Err(sentence) => {
            report.note(format!("start: skipped, {sentence}"));
            return Ok(());
        }
    };
    hand_key_to_keyring(&made.folder).await?;
    let stamp = made.folder.join("started");
    let folder = made.folder.to_string_lossy().into_owned();
    let (mut starts, mut page, mut first) = (Samples::default(), String::new(), None);
    for _ in 0..=STARTS {
        let mut driver = Driver::start()?;
        driver.open("/bin/sh", &["-c", STAMP, &stamp.to_string_lossy(), &binary, "--data", &folder])?;
        page = driver.wait(USABLE)?;
        let shown = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let stamped = std::fs::read_to_string(&stamp)?;
        let (started, process) = stamped.trim().split_once(' ').ok_or("the start was not noted")?;
        let took = shown.saturating_sub(started.parse().map(Duration::from_nanos)?);
        // The graphics library compiles its shaders when a user first draws a window, once for all: told apart.
        match first {
            None => first = Some(took),
            Some(_) => starts.push(took),
        }
        driver.close()?;
        end(process)?;
    }
    std::fs::remove_file(stamp)?;
    report.row("start to usable window", &starts, None, Some(Bound::AtMost(1000.0)));
    report.note(format!(
        "start: until {page}; a user's very first on this machine {:.0} ms; asked through WebKitWebDriver, which takes part of the time",
        first.unwrap_or_default().as_secs_f64() * 1000.0
    ));
    Ok(())
}

/// Ends the desk, whose window the driver leaves open: as long as it runs, a second start only brings it to the front.
fn end(process: &str) -> Outcome {
    Command::new("kill").arg(process).stderr(Stdio::null()).status()?;
    let asked = Instant::now();
    while Path::new("/proc").join(process).exists() {
        if asked.elapsed() > Duration::from_secs(10) {
            return Err("the desk does not end".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// The built desk, or why it cannot be watched.
fn possible() -> Result<String, &'static str> {
    if !cfg!(target_os = "linux") {
        return Err("only WebKitGTK's window can be watched without a person");
    }
    if std::env::var_os("DISPLAY").is_none() {
        return Err("there is no screen: xvfb-run makes one");
    }
    let driver = Command::new("WebKitWebDriver").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if driver.is_err() {
        return Err("WebKitWebDriver is not installed");
    }
    std::env::var("KEFU_DESK_BIN").map_err(|_| "KEFU_DESK_BIN does not name the built desk; cargo xtask bench does")
}

/// In the session that `cargo xtask bench` makes, the desk opens by the keyring, as on a desk in use. A person's own
/// keyring gets no key of a made-up desk: without that session the desk asks for its passphrase.
async fn hand_key_to_keyring(folder: &Path) -> Outcome {
    if std::env::var_os("KEFU_OWN_SESSION").is_none() {
        return Ok(());
    }
    let desk = Desk::at(folder);
    if desk.start().await?.stage == Stage::Locked {
        desk.unlock(UnlockRequest::Passphrase(PASSPHRASE.into())).await?;
    }
    desk.lock().await;
    Ok(())
}
