//! Merges the segments of the search index between the writes, so that nobody who registers waits for it.
//!
//! FTS5 adds a segment per transaction and by itself merges inside some later one, which then takes ten times as long.
//! Here it is done in short steps while nobody writes. Nothing depends on a merge: without it queries are slower.

use crate::store::{StoreError, Writer};

/// A step: at most so many pages of 4 KB are written, of levels that have four segments or more.
const STEP: &str =
    "SELECT total_changes(); INSERT INTO search (search, rank) VALUES ('merge', 200); SELECT total_changes()";

/// Merges a little; whether there was anything to merge.
pub(crate) async fn step(writer: &mut Writer) -> Result<bool, StoreError> {
    let changes: Vec<i64> = sqlx::query_scalar(STEP).fetch_all(writer.connection()?).await?;
    // The command itself counts as one change.
    Ok(matches!(changes.as_slice(), [before, after] if after - before >= 2))
}
