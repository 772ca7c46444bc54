//! Sending changes: in batches, with an answer for each, so that one bad change never blocks the others.

use sqlx::Row;
use uuid::Uuid;

use kefu_domain::envelope::Envelope;
use kefu_vault::envelopes::hash;

use crate::connection::answered;
use crate::{Refused, Shared, SharedError};

/// Most changes of one batch.
pub const BATCH: usize = 200;

/// Most sealed bytes of one batch.
pub const BATCH_BYTES: usize = 512 * 1024;

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken, as the change of this number.
    Ok(u64),
    /// Taken before, as the change of this number.
    Known(u64),
    /// Not taken.
    Refused(Refused),
}

/// Cuts a queue into batches that one call takes. Every batch is of one device, in the queue's order.
pub fn batches(queue: &[Envelope]) -> impl Iterator<Item = &[Envelope]> {
    let mut rest = queue;
    std::iter::from_fn(move || {
        let device = rest.first()?.device;
        let mut bytes = 0;
        let fits = |envelope: &&Envelope| {
            bytes += envelope.sealed.len();
            envelope.device == device && bytes <= BATCH_BYTES
        };
        // One that is too large by itself goes alone, and is refused by itself.
        let length = rest.iter().take(BATCH).take_while(fits).count().max(1);
        let (batch, after) = rest.split_at(length);
        rest = after;
        Some(batch)
    })
}

impl Shared {
    /// Sends one batch of one device's changes, in their order; an answer for each, in the same order. An office device
    /// may also send again what another device of the workspace wrote, after the server was set back.
    ///
    /// # Errors
    /// [`SharedError::TooMuch`] beyond [`BATCH`] and [`BATCH_BYTES`], [`SharedError::Malformed`] where they are not of one
    /// device and this workspace, [`SharedError::Busy`] where the workspace is locked for five seconds.
    pub async fn push(&mut self, batch: &[Envelope]) -> Result<Vec<Outcome>, SharedError> {
        let Some(first) = batch.first() else { return Ok(Vec::new()) };
        let ours = |e: &Envelope| {
            e.workspace == self.workspace
                && e.device == first.device
                && e.at.device == e.device
                && i64::try_from(e.seq).is_ok()
                && i64::try_from(e.at.ms).is_ok()
        };
        if !batch.iter().all(ours) {
            return Err(SharedError::Malformed);
        }
        let sql = "SELECT * FROM kefu.push($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                   $18, $19, $20, $21, $22)";
        let query = self
            .call(sql)
            .bind(first.device)
            .bind(each(batch, |e| e.seq.cast_signed()))
            .bind(each(batch, |e| e.change))
            .bind(each(batch, |e| e.at.ms.cast_signed()))
            .bind(each(batch, |e| i64::from(e.at.n)))
            .bind(each(batch, |e| e.clear.received))
            .bind(each(batch, |e| e.clear.due))
            .bind(each(batch, |e| e.seat))
            .bind(each(batch, |e| e.record))
            .bind(each(batch, |e| i64::from(e.schema)))
            .bind(each(batch, |e| i16::from(e.suite)))
            .bind(each(batch, |e| e.kind.clone()))
            .bind(each(batch, |e| e.act.clone()))
            .bind(each(batch, |e| e.clear.state.clone()))
            .bind(each(batch, |e| e.clear.department.clone()))
            .bind(each(batch, |e| literal(&e.clear.assignees)))
            .bind(each(batch, |e| e.key.to_vec()))
            .bind(each(batch, |e| e.previous.to_vec()))
            .bind(each(batch, |e| hash(e).to_vec()))
            .bind(each(batch, |e| e.signature.to_vec()))
            .bind(each(batch, |e| e.sealed.clone()));
        let rows = answered(query.fetch_all(&mut self.connection)).await?;
        if rows.len() != batch.len() {
            return Err(SharedError::Garbled);
        }
        let outcome = |row: &sqlx::postgres::PgRow| {
            let (code, server_ms): (String, i64) = (row.try_get("code")?, row.try_get("now_ms")?);
            let seq: Option<i64> = row.try_get("seq")?;
            Ok(match (code.as_str(), seq) {
                ("ok", Some(seq)) => Outcome::Ok(seq.cast_unsigned()),
                ("known", Some(seq)) => Outcome::Known(seq.cast_unsigned()),
                (code, _) => Outcome::Refused(Refused::from_code(code, server_ms)),
            })
        };
        rows.iter().map(outcome).collect()
    }
}

fn each<T>(batch: &[Envelope], part: impl Fn(&Envelope) -> T) -> Vec<T> {
    batch.iter().map(part).collect()
}

/// An array inside an array: PostgreSQL's arrays of arrays are rectangular, so it travels as text.
fn literal(members: &[Uuid]) -> String {
    let members: Vec<String> = members.iter().map(Uuid::to_string).collect();
    format!("{{{}}}", members.join(","))
}
