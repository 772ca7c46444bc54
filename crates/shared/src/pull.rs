//! Fetching changes: pages in the workspace's order, whole records, and what came into one's hands.

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, Envelope};
use kefu_vault::Head;

use crate::connection::answered;
use crate::{Refused, Shared, SharedError};

/// A change as it stands on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// Its number in the workspace.
    pub seq: u64,
    /// The change; None where the row is not shaped as one. The cursor moves on all the same.
    pub envelope: Option<Envelope>,
}

/// A page of changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Where the cursor stands after it. A page that does not move it is the end.
    pub upto: u64,
    /// The chain there, to be named at the next hello.
    pub chain: Option<[u8; 32]>,
    /// The changes, in the workspace's order. To technicians only those of records in their hands.
    pub changes: Vec<Pulled>,
}

/// A record came into this member's hands, or left them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Number of the change that did it.
    pub seq: u64,
    /// The record.
    pub record: Uuid,
    /// Came (fetch all of it) or left (purge it).
    pub given: bool,
}

/// The chain after a change with this signature. Devices that are shown every change can follow it themselves.
pub fn chain_after(chain: [u8; 32], signature: &[u8; 64]) -> [u8; 32] {
    Head { seq: 0, link: chain }.then(signature).link
}

impl Shared {
    /// The next page after `cursor`, at most `page` changes (1–500).
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn pull(&mut self, cursor: u64, page: u16) -> Result<Page, SharedError> {
        let query = self.call("SELECT * FROM kefu.pull($1, $2, $3)").bind(cursor.cast_signed()).bind(i32::from(page));
        page_of(self.workspace, &answered(query.fetch_all(&mut self.connection)).await?)
    }

    /// A page of one record's changes after the number `after`: 0, then [`Page::upto`] until it no longer gives any.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`] where it is not in a technician's hands.
    pub async fn pull_record(&mut self, record: Uuid, after: u64, page: u16) -> Result<Page, SharedError> {
        let query = self.call("SELECT * FROM kefu.pull_record($1, $2, $3, $4)").bind(record);
        let query = query.bind(after.cast_signed()).bind(i32::from(page));
        page_of(self.workspace, &answered(query.fetch_all(&mut self.connection)).await?)
    }

    /// What came into this member's hands and left them by changes after `cursor`, up to `upto`: to be asked for each
    /// page with the same cursor.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn grants(&mut self, cursor: u64, upto: u64) -> Result<Vec<Grant>, SharedError> {
        let query = self.call("SELECT * FROM kefu.grants($1, $2, $3)");
        let query = query.bind(cursor.cast_signed()).bind(upto.cast_signed());
        let rows = answered(query.fetch_all(&mut self.connection)).await?;
        let grant = |row: &PgRow| {
            let seq: i64 = row.try_get("seq")?;
            Ok(Grant { seq: seq.cast_unsigned(), record: row.try_get("record")?, given: row.try_get("given")? })
        };
        rows.iter().map(grant).collect()
    }

    /// Changes of `device` after its place `after` that were refused for good: place, identity, reason. At most 500. Tells
    /// a gap in a device's numbers from an omission.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn refused(&mut self, device: Uuid, after: u64) -> Result<Vec<(u64, Uuid, Refused)>, SharedError> {
        let query = self.call("SELECT * FROM kefu.refused($1, $2, $3)").bind(device).bind(after.cast_signed());
        let rows = answered(query.fetch_all(&mut self.connection)).await?;
        let one = |row: &PgRow| {
            let (seq, code): (i64, String) = (row.try_get("device_seq")?, row.try_get("code")?);
            Ok((seq.cast_unsigned(), row.try_get("change")?, Refused::from_code(&code, 0)))
        };
        rows.iter().map(one).collect()
    }
}

fn page_of(workspace: Uuid, rows: &[PgRow]) -> Result<Page, SharedError> {
    let first = rows.first().ok_or(SharedError::Garbled)?;
    let (upto, chain): (i64, Option<Vec<u8>>) = (first.try_get("upto")?, first.try_get("chain")?);
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(seq) = row.try_get::<Option<i64>, _>("seq")? {
            changes.push(Pulled { seq: seq.cast_unsigned(), envelope: envelope(row, workspace) });
        }
    }
    Ok(Page { upto: upto.cast_unsigned(), chain: chain.and_then(|bytes| bytes.try_into().ok()), changes })
}

fn envelope(row: &PgRow, workspace: Uuid) -> Option<Envelope> {
    let number = |name| row.try_get::<i64, _>(name).ok();
    let id = |name| row.try_get::<Uuid, _>(name).ok();
    let text = |name| row.try_get::<String, _>(name).ok();
    let bytes = |name| row.try_get::<Vec<u8>, _>(name).ok();
    let device = id("device")?;
    Some(Envelope {
        suite: u8::try_from(row.try_get::<i16, _>("suite").ok()?).ok()?,
        workspace,
        change: id("change")?,
        device,
        seq: u64::try_from(number("device_seq")?).ok()?,
        previous: bytes("previous")?.try_into().ok()?,
        at: Stamp { ms: u64::try_from(number("ms")?).ok()?, n: u32::try_from(number("n")?).ok()?, device },
        seat: id("seat")?,
        record: id("record")?,
        kind: text("kind")?,
        act: text("act")?,
        schema: u32::try_from(number("schema")?).ok()?,
        key: bytes("key")?.try_into().ok()?,
        clear: Clear {
            state: text("state")?,
            department: text("department")?,
            assignees: row.try_get("assignees").ok()?,
            received: row.try_get("received").ok()?,
            due: row.try_get("due").ok()?,
        },
        sealed: bytes("sealed")?,
        signature: bytes("signature")?.try_into().ok()?,
    })
}
