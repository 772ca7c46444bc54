//! Printing: the first sheet of a process, further ones, and the size of the file.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use kefu_app::preview;
use kefu_app::wire::{Filter, ListRequest, RevealRequest, Sheet, SortKey, UnlockRequest};

use crate::Outcome;
use crate::desk::{MadeDesk, PASSPHRASE, quiet};
use crate::figures::{Samples, timed};
use crate::options::FIRST_PRINT;
use crate::table::{Bound, Report};

/// Processes started, and sheets drawn in this one.
const STARTS: usize = 7;
const SHEETS: u32 = 100;

pub(crate) async fn measure(made: &MadeDesk, report: &mut Report) -> Outcome {
    let mut first = Samples::default();
    for _ in 0..STARTS {
        let output = Command::new(std::env::current_exe()?).arg(FIRST_PRINT).arg(&made.folder).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let microseconds = said.trim().parse().map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
        first.push(Duration::from_micros(microseconds));
    }
    report.row("print, first of a process", &first, None, Some(Bound::AtMost(100.0)));

    let (mut further, mut sizes) = (Samples::default(), Vec::new());
    preview(&made.desk, Sheet::Blank).await?;
    for (id, _) in made.sample(SHEETS).await? {
        made.desk.reveal(RevealRequest { id, purpose: "打印".into() }).await?;
        sizes.push(timed(&mut further, preview(&made.desk, Sheet::Form(id))).await?.len());
    }
    report.row("print, further", &further, None, Some(Bound::AtMost(15.0)));
    report.sizes("file of a printed form", sizes, Bound::AtMost(80.0));
    Ok(())
}

/// Opens the desk in `folder`, draws its newest form and says how many microseconds the drawing took, the reading of
/// fonts and of the form included.
pub(crate) async fn first_print(folder: &Path) -> Outcome {
    let desk = quiet(folder);
    desk.unlock(UnlockRequest::Passphrase(PASSPHRASE.into())).await?;
    let sort = SortKey::Number;
    let newest = ListRequest { filter: Filter::default(), sort, descending: true, offset: 0, limit: 1 };
    let newest = desk.list(newest).await?.rows.into_iter().next().ok_or("the desk is empty")?;
    desk.reveal(RevealRequest { id: newest.id, purpose: "打印".into() }).await?;
    let started = Instant::now();
    preview(&desk, Sheet::Form(newest.id)).await?;
    println!("{}", started.elapsed().as_micros());
    desk.lock().await;
    Ok(())
}
