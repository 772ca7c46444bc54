//! Sending changes: in batches, with an answer for each, so that one bad change never blocks the others.

use kefu_domain::envelope::Envelope;
use kefu_sync::wire::{Answer, Answers, Outgoing, Wrap};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{Shared, SharedError};

const PUSH: &str = "SELECT * FROM kefu.push($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
                    $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)";

impl Shared {
    /// Sends changes of one device, in their order, with the keys that become necessary; an answer for each, in the same
    /// order. An office device may also send again what another device of the workspace wrote, after the server was set
    /// back.
    ///
    /// # Errors
    /// [`SharedError::TooMuch`] beyond [`kefu_sync::batch`]'s bounds, [`SharedError::Malformed`] where they are not of one
    /// device and this workspace, [`SharedError::Busy`] where the workspace is locked for five seconds.
    pub async fn push(&mut self, batch: &[Outgoing]) -> Result<Answers, SharedError> {
        let Some(first) = batch.first() else { return Ok(Answers { now_ms: 0, each: Vec::new() }) };
        let device = first.envelope.device;
        let ours = |Outgoing { envelope: e, .. }: &Outgoing| {
            e.workspace == self.workspace
                && e.device == device
                && e.at.device == device
                && i64::try_from(e.seq).is_ok()
                && i64::try_from(e.at.ms).is_ok()
        };
        if !batch.iter().all(ours) {
            return Err(SharedError::Malformed);
        }
        let wraps: Vec<(i32, &Wrap)> =
            (1..).zip(batch).flat_map(|(at, change)| change.wraps.iter().map(move |wrap| (at, wrap))).collect();
        let query = self
            .call(PUSH)
            .bind(device)
            .bind(batch.iter().map(|change| change.again).collect::<Vec<_>>())
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
            .bind(each(batch, |e| e.kind.as_str()))
            .bind(each(batch, |e| e.act.as_str()))
            .bind(each(batch, |e| e.clear.state.as_str()))
            .bind(each(batch, |e| e.clear.department.as_str()))
            .bind(each(batch, |e| literal(&e.clear.assignees)))
            .bind(each(batch, |e| e.clear.about))
            .bind(each(batch, |e| e.key.as_slice()))
            .bind(each(batch, |e| e.previous.as_slice()))
            .bind(batch.iter().map(|change| change.digest.as_slice()).collect::<Vec<_>>())
            .bind(each(batch, |e| e.signature.as_slice()))
            .bind(each(batch, |e| e.sealed.as_slice()))
            .bind(wraps.iter().map(|(at, _)| *at).collect::<Vec<_>>())
            .bind(wraps.iter().map(|(_, wrap)| wrap.record).collect::<Vec<_>>())
            .bind(wraps.iter().map(|(_, wrap)| wrap.key.as_slice()).collect::<Vec<_>>())
            .bind(wraps.iter().map(|(_, wrap)| wrap.member).collect::<Vec<_>>())
            .bind(wraps.iter().map(|(_, wrap)| wrap.sealed.as_slice()).collect::<Vec<_>>());
        let rows = self.rows(query).await?;
        if rows.len() != batch.len() {
            return Err(SharedError::Garbled);
        }
        let now_ms: i64 = rows.first().ok_or(SharedError::Garbled)?.try_get("now_ms")?;
        let each = rows.iter().map(answer).collect::<Result<_, _>>()?;
        Ok(Answers { now_ms: now_ms.cast_unsigned(), each })
    }

    /// Lays down record keys that became necessary without a change, at most 1000: a technician has another device, or who
    /// gave him a key has left. He fetches the records concerned anew. For office roles.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::TooMuch`].
    pub async fn put_wraps(&mut self, wraps: &[Wrap]) -> Result<(), SharedError> {
        let query = self
            .call("SELECT kefu.put_wraps($1, $2, $3, $4, $5)")
            .bind(wraps.iter().map(|wrap| wrap.record).collect::<Vec<_>>())
            .bind(wraps.iter().map(|wrap| wrap.key.to_vec()).collect::<Vec<_>>())
            .bind(wraps.iter().map(|wrap| wrap.member).collect::<Vec<_>>())
            .bind(wraps.iter().map(|wrap| wrap.sealed.clone()).collect::<Vec<_>>());
        self.rows(query).await.map(drop)
    }
}

fn answer(row: &PgRow) -> Result<Answer, SharedError> {
    let (code, seq): (String, Option<i64>) = (row.try_get("code")?, row.try_get("seq")?);
    Ok(match (code.as_str(), seq) {
        ("ok", Some(seq)) => Answer::Ok(seq.cast_unsigned()),
        ("known", Some(seq)) => Answer::Known(seq.cast_unsigned()),
        _ => Answer::Refused(code),
    })
}

fn each<'a, T>(batch: &'a [Outgoing], part: impl Fn(&'a Envelope) -> T) -> Vec<T> {
    batch.iter().map(|change| part(&change.envelope)).collect()
}

/// An array inside an array: PostgreSQL's arrays of arrays are rectangular, so it travels as text.
fn literal(members: &[Uuid]) -> String {
    let members: Vec<String> = members.iter().map(Uuid::to_string).collect();
    format!("{{{}}}", members.join(","))
}
