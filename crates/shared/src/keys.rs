//! Wrapped keys on their way between devices. What is inside, the vault knows.

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::connection::answered;
use crate::{Shared, SharedError};

/// A key, wrapped for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrap {
    /// Record whose key it is; nil for the desk key.
    pub record: Uuid,
    /// Name of the key, as in [`kefu_domain::envelope::Envelope::key`].
    pub key: [u8; 16],
    /// Epoch of the desk key under which it lies; 0 where it is sealed to a seat.
    pub desk: i32,
    /// Member to whom it is sealed; nil where it lies under the desk key.
    pub member: Uuid,
    /// Device of that seat; nil where it lies under the desk key.
    pub device: Uuid,
    /// The wrapped bytes, at most 1024.
    pub sealed: Vec<u8>,
}

/// A page of wrapped keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// Where the cursor of keys stands after it. A page that does not move it is the end.
    pub upto: u64,
    /// Those that this seat can unwrap.
    pub wraps: Vec<Wrap>,
}

impl Shared {
    /// Lays down wrapped keys, at most 1000; one that lies there already stays as it is. Gives the number of the last. To
    /// be called before the changes sealed with them are pushed. For office roles.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::TooMuch`].
    pub async fn put_keys(&mut self, wraps: &[Wrap]) -> Result<u64, SharedError> {
        let query = self
            .call("SELECT kefu.put_keys($1, $2, $3, $4, $5, $6, $7)")
            .bind(wraps.iter().map(|w| w.record).collect::<Vec<_>>())
            .bind(wraps.iter().map(|w| w.key.to_vec()).collect::<Vec<_>>())
            .bind(wraps.iter().map(|w| w.desk).collect::<Vec<_>>())
            .bind(wraps.iter().map(|w| w.member).collect::<Vec<_>>())
            .bind(wraps.iter().map(|w| w.device).collect::<Vec<_>>())
            .bind(wraps.iter().map(|w| w.sealed.clone()).collect::<Vec<_>>());
        let row = answered(query.fetch_one(&mut self.connection)).await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
    }

    /// The next wrapped keys after `cursor`, at most `page` (1–1000).
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn keys(&mut self, cursor: u64, page: u16) -> Result<KeyPage, SharedError> {
        let query = self.call("SELECT * FROM kefu.keys($1, $2, $3)").bind(cursor.cast_signed()).bind(i32::from(page));
        let rows = answered(query.fetch_all(&mut self.connection)).await?;
        let upto: i64 = rows.first().ok_or(SharedError::Garbled)?.try_get("upto")?;
        let held = |row: &&PgRow| row.try_get::<Option<i64>, _>("no").is_ok_and(|no| no.is_some());
        let wraps = rows.iter().filter(held).map(wrap).collect::<Result<_, _>>()?;
        Ok(KeyPage { upto: upto.cast_unsigned(), wraps })
    }
}

fn wrap(row: &PgRow) -> Result<Wrap, SharedError> {
    let key: Vec<u8> = row.try_get("key")?;
    Ok(Wrap {
        record: row.try_get("record")?,
        key: key.try_into().map_err(|_| SharedError::Garbled)?,
        desk: row.try_get("desk")?,
        member: row.try_get("member")?,
        device: row.try_get("device")?,
        sealed: row.try_get("sealed")?,
    })
}
