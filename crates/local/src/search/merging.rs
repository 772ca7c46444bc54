//! Merges the segments of the search index between the writes, so that nobody who registers waits for it.
//!
//! FTS5 adds a segment per transaction and by itself merges inside some later one, which then takes ten times as long.
//! Here a task merges in short steps once the writing pauses, or when many segments have gathered; while it has the
//! writer for a step, a write waits that long and no longer. Nothing depends on a merge: without it queries are slower.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::store::{StoreError, Writer};

/// How often the task looks whether the writing pauses.
const PAUSE: Duration = Duration::from_millis(25);
/// So many transactions are merged even while others follow; well below `crisismerge` of the migration.
const MANY: u32 = 24;
/// A step: at most so many pages of 4 KB are written, of levels that have four segments or more.
const STEP: &str =
    "SELECT total_changes(); INSERT INTO search (search, rank) VALUES ('merge', 200); SELECT total_changes()";

/// What the writer knows of it.
#[derive(Default)]
pub(crate) struct Merging {
    /// Transactions since the last step that have written to the index.
    written: u32,
    /// A task is under way.
    running: bool,
}

/// Called with the writer still held, after each commit that has written to the index.
pub(crate) fn after_commit(mut writer: OwnedMutexGuard<Writer>) {
    writer.merging.written += 1;
    if writer.merging.running {
        return;
    }
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        writer.merging.running = true;
        runtime.spawn(merge(OwnedMutexGuard::mutex(&writer).clone()));
    }
}

async fn merge(writer: Arc<Mutex<Writer>>) {
    let mut seen = 0;
    loop {
        tokio::time::sleep(PAUSE).await;
        let mut writer = writer.lock().await;
        let written = writer.merging.written;
        if written != seen && written < MANY {
            seen = written;
            continue;
        }
        writer.merging.written = 0;
        seen = 0;
        // Full, closed, busy: the index stays as it is and the next commit tries again.
        if !step(&mut writer).await.unwrap_or(false) {
            writer.merging.running = false;
            return;
        }
    }
}

/// A step before closing: programs that write one form and end would otherwise never merge.
pub(crate) async fn before_close(writer: &mut Writer) {
    if std::mem::take(&mut writer.merging.written) > 0 {
        let _ = step(writer).await;
    }
}

/// Whether there was anything to merge.
async fn step(writer: &mut Writer) -> Result<bool, StoreError> {
    let changes: Vec<i64> = sqlx::query_scalar(STEP).fetch_all(writer.connection()?).await?;
    // The command itself counts as one change.
    Ok(matches!(changes.as_slice(), [before, after] if after - before >= 2))
}
