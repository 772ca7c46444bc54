//! What a seat was told already: kept on this machine, so that a restart does not tell it all again. As long as the
//! work at hand, since what no longer stands is dropped, and cut where even that is too much.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::desk::Open;
use crate::failure::logged;
use crate::wire::{Code, Failure};

/// Entries kept at most, some 60 bytes each.
const MOST: usize = 20_000;

fn name(seat: Uuid) -> String {
    format!("told {}", seat.simple())
}

/// Keys of what `seat` was told. What cannot be read counts as never told.
pub(super) async fn read(open: &Open, seat: Uuid) -> Result<BTreeSet<String>, Failure> {
    let text = open.store.preference(&name(seat)).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Keeps them.
pub(super) async fn keep(open: &Open, seat: Uuid, told: &BTreeSet<String>) -> Result<(), Failure> {
    let kept: Vec<&String> = told.iter().take(MOST).collect();
    let text = serde_json::to_string(&kept).map_err(|error| logged(Code::Internal, &error))?;
    Ok(open.store.set_preference(&name(seat), &text).await?)
}
