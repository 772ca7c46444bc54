//! Fetching changes: pages in the workspace's order, whole records, and what is in one's hands.

use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, Envelope};
use kefu_sync::wire::{Assigned, Mark, Page, Pulled, Row, Whole, Wrap};
use kefu_vault::Head;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{Shared, SharedError};

/// Most changes of one page.
pub const PAGE: u16 = 500;

/// Records that are fetched ahead of a first load: some screens full.
const NEWEST: i32 = 40;

/// The chain after a change with this signature. Devices that are shown every change can follow it themselves.
pub fn chain_after(chain: [u8; 32], signature: &[u8]) -> [u8; 32] {
    Head { seq: 0, link: chain }.then(signature).link
}

impl Shared {
    /// What came after a mark, at most `page` changes (1–[`PAGE`]).
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn pull(&mut self, after: Mark, page: u16) -> Result<Pulled, SharedError> {
        let query = self.call("SELECT * FROM kefu.pull($1, $2, $3, $4)");
        let query = query.bind(after.seq.cast_signed()).bind(after.hash.to_vec()).bind(i32::from(page));
        let rows = self.rows(query).await?;
        let (first, rest) = rows.split_first().ok_or(SharedError::Garbled)?;
        if first.try_get::<String, _>("sort")? == "diverged" {
            return Ok(Pulled::Diverged);
        }
        let cursor = Mark { seq: number(first)?, hash: key(first)? };
        let sorted = Sorted::read(rest, self.workspace)?;
        let (more, assigned) = (more(first)?, sorted.assigned);
        Ok(Pulled::Page(Page { rows: sorted.changes, wraps: sorted.wraps, cursor, more, assigned }))
    }

    /// What a first load begins with: the member's own record, then forms, visits and sheets that were written to last, the
    /// last first.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`] for technicians.
    pub async fn newest(&mut self) -> Result<Vec<Uuid>, SharedError> {
        let query = self.call("SELECT * FROM kefu.newest($1, $2)").bind(NEWEST);
        let rows = self.rows(query).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// A record with all its changes, fetched `page` at a time; None where it is not in a technician's hands.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn pull_record(&mut self, record: Uuid, page: u16) -> Result<Option<Whole>, SharedError> {
        let mut whole = Whole { since: 0, rows: Vec::new(), wraps: Vec::new() };
        loop {
            let after = whole.rows.last().map_or(0, |row| row.seq.cast_signed());
            let query = self.call("SELECT * FROM kefu.pull_record($1, $2, $3, $4)").bind(record);
            let rows = match self.rows(query.bind(after).bind(i32::from(page))).await {
                Err(SharedError::Forbidden) => return Ok(None),
                rows => rows?,
            };
            let (first, rest) = rows.split_first().ok_or(SharedError::Garbled)?;
            let Sorted { changes, wraps, .. } = Sorted::read(rest, self.workspace)?;
            let ended = !more(first)? || changes.is_empty();
            whole.since = number(first)?;
            whole.rows.extend(changes);
            whole.wraps.extend(wraps);
            if ended {
                return Ok(Some(whole));
            }
        }
    }

    /// The first change of a device; None where the server has none.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`] for technicians.
    pub async fn first_of(&mut self, device: Uuid) -> Result<Option<Envelope>, SharedError> {
        let query = self.call("SELECT * FROM kefu.first_of($1, $2)").bind(device);
        let rows = self.rows(query).await?;
        Ok(rows.first().and_then(|row| envelope(row, self.workspace)))
    }
}

/// An answer whose rows are of several sorts, so that all of it is of one moment.
#[derive(Default)]
struct Sorted {
    changes: Vec<Row>,
    wraps: Vec<Wrap>,
    assigned: Option<Vec<Assigned>>,
}

impl Sorted {
    fn read(rows: &[PgRow], workspace: Uuid) -> Result<Self, SharedError> {
        let mut sorted = Sorted::default();
        for row in rows {
            match row.try_get("sort")? {
                // One that is not shaped as a change at all was refused when it came; the cursor moves on over it.
                "change" => {
                    let change = |envelope| Ok::<_, SharedError>(Row { seq: number(row)?, envelope });
                    sorted.changes.extend(envelope(row, workspace).map(change).transpose()?);
                }
                "wrap" => sorted.wraps.push(wrap(row)?),
                "assigned" => {
                    let assigned = sorted.assigned.get_or_insert_default();
                    if let Some(record) = row.try_get("record")? {
                        assigned.push(Assigned { record, since: number(row)? });
                    }
                }
                _ => {}
            }
        }
        Ok(sorted)
    }
}

fn number(row: &PgRow) -> Result<u64, SharedError> {
    Ok(row.try_get::<i64, _>("seq")?.cast_unsigned())
}

fn more(row: &PgRow) -> Result<bool, SharedError> {
    Ok(row.try_get::<i16, _>("suite")? != 0)
}

fn key<const N: usize>(row: &PgRow) -> Result<[u8; N], SharedError> {
    row.try_get::<Vec<u8>, _>("key")?.try_into().map_err(|_| SharedError::Garbled)
}

fn wrap(row: &PgRow) -> Result<Wrap, SharedError> {
    let member: Uuid = row.try_get("seat")?;
    let member = Some(member).filter(|member| !member.is_nil());
    Ok(Wrap { record: row.try_get("record")?, key: key(row)?, member, sealed: row.try_get("sealed")? })
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
        key: key(row).ok()?,
        clear: Clear {
            state: text("state")?,
            department: text("department")?,
            assignees: row.try_get("assignees").ok()?,
            received: row.try_get("received").ok()?,
            due: row.try_get("due").ok()?,
            about: row.try_get("about").ok()?,
        },
        sealed: bytes("sealed")?,
        signature: bytes("signature")?,
    })
}
