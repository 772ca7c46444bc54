//! Attachments, piece by sealed piece.

use sqlx::Row;
use uuid::Uuid;

use crate::{Shared, SharedError};

impl Shared {
    /// Lays down piece `piece` of `pieces` (at most 100, counted from 0, each at most 300 000 bytes) of the file named
    /// `file` under `record`. False where it lay there already; it is never replaced.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::Missing`] before the record's first change, [`SharedError::Malformed`].
    pub async fn put_chunk(
        &mut self,
        record: Uuid,
        file: &[u8; 32],
        piece: u16,
        pieces: u16,
        sealed: &[u8],
    ) -> Result<bool, SharedError> {
        let query = self.call("SELECT kefu.put_chunk($1, $2, $3, $4, $5, $6)").bind(record).bind(file.to_vec());
        let query = query.bind(i32::from(piece)).bind(i32::from(pieces)).bind(sealed.to_vec());
        Ok(self.row(query).await?.try_get(0)?)
    }

    /// The pieces of a file that arrived, ascending, and how many there are to be (0 where none arrived).
    ///
    /// # Errors
    /// [`SharedError::Forbidden`].
    pub async fn chunks(&mut self, record: Uuid, file: &[u8; 32]) -> Result<(Vec<u16>, u16), SharedError> {
        let query = self.call("SELECT * FROM kefu.chunks($1, $2, $3)").bind(record).bind(file.to_vec());
        let rows = self.rows(query).await?;
        let (mut arrived, mut declared) = (Vec::new(), 0);
        for row in rows {
            let number = |name| u16::try_from(row.try_get::<i32, _>(name)?).map_err(|_| SharedError::Garbled);
            arrived.push(number("piece")?);
            declared = number("pieces")?;
        }
        Ok((arrived, declared))
    }

    /// One piece; None where it has not arrived.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`].
    pub async fn get_chunk(
        &mut self,
        record: Uuid,
        file: &[u8; 32],
        piece: u16,
    ) -> Result<Option<Vec<u8>>, SharedError> {
        let query = self.call("SELECT kefu.get_chunk($1, $2, $3, $4)").bind(record).bind(file.to_vec());
        Ok(self.row(query.bind(i32::from(piece))).await?.try_get(0)?)
    }
}
