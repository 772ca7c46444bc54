//! The first words of an exchange: who is where, and whether the server is still the one that was left.

use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::connection::answered;
use crate::{SCHEMA, Shared, SharedError};

/// What the server says of itself, the workspace and this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The server's time, milliseconds since 1970 UTC.
    pub server_ms: i64,
    /// Raised when an administrator put a backup back.
    pub epoch: i32,
    /// Number of the last change.
    pub last: u64,
    /// The chain at the cursor that was named; None where the server has no such change: it was set back.
    pub chain: Option<[u8; 32]>,
    /// Place of this device's last change that the server dealt with.
    pub device_last: u64,
    /// Its link, zeros before the first.
    pub device_link: [u8; 32],
    /// Number of the last wrapped key.
    pub keys: u64,
    /// Number of the last roster entry.
    pub roster: u64,
    /// Roles of this seat, as the server has them.
    pub roles: Vec<String>,
}

impl Hello {
    /// Whether the server is not where it was at `cursor`, when the chain stood at `chain`: a backup was put back, or
    /// changes were swapped. Then each device sends again what the server lacks.
    pub fn set_back(&self, cursor: u64, chain: &[u8; 32]) -> bool {
        self.last < cursor || self.chain.as_ref() != Some(chain)
    }
}

impl Shared {
    /// Says hello. `cursor` is the number of the last change that this device has pulled, 0 for none.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`], [`SharedError::TooOld`], [`SharedError::Newer`].
    pub async fn hello(&mut self, cursor: u64) -> Result<Hello, SharedError> {
        let sql = "SELECT * FROM kefu.hello($1, $2, $3)";
        let query = self.call(sql).bind(SCHEMA).bind(cursor.cast_signed());
        let row = answered(query.fetch_one(&mut self.connection)).await?;
        let (found, oldest): (i32, i32) = (row.try_get("number")?, row.try_get("oldest")?);
        match () {
            () if SCHEMA < oldest => Err(SharedError::TooOld { found }),
            () if found < SCHEMA => Err(SharedError::Newer { found }),
            () => read(&row),
        }
    }
}

fn read(row: &PgRow) -> Result<Hello, SharedError> {
    let number = |name| row.try_get::<i64, _>(name).map(i64::cast_unsigned);
    let link: Vec<u8> = row.try_get("device_link")?;
    let chain: Option<Vec<u8>> = row.try_get("chain")?;
    let bytes = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map_err(|_| SharedError::Garbled);
    Ok(Hello {
        server_ms: row.try_get("now_ms")?,
        epoch: row.try_get("epoch")?,
        last: number("last")?,
        chain: chain.map(bytes).transpose()?,
        device_last: number("device_last")?,
        device_link: bytes(link)?,
        keys: number("keys")?,
        roster: number("roster")?,
        roles: row.try_get("roles")?,
    })
}
