//! Desk keys on their way to office seats. What is inside, the vault knows.

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Append;
use crate::connection::Call;
use crate::{Shared, SharedError};

/// A desk key, sealed to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskKeyFor {
    /// Member and device; None: the epoch before, sealed under this one.
    pub seat: Option<(Uuid, Uuid)>,
    /// The sealed bytes, at most 1024.
    pub sealed: Vec<u8>,
}

/// A desk key that this seat can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDeskKey {
    /// Epoch: 1, 2, 3, …
    pub epoch: u32,
    /// Sealed to this seat; else it is the epoch before, sealed under this one.
    pub own: bool,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl Shared {
    /// Appends the entry that turns the desk key to `epoch`, together with the key for everybody who holds it. For
    /// administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::Moved`].
    pub async fn turn_desk_key(
        &mut self,
        epoch: u32,
        keys: &[DeskKeyFor],
        append: &Append,
    ) -> Result<u64, SharedError> {
        let query = handed(self.call("SELECT kefu.turn_desk_key($1, $2, $3, $4, $5, $6, $7, $8)"), epoch, keys);
        self.append(query, append).await
    }

    /// Hands the desk key of `epoch` to seats that came to hold it later. For administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`].
    pub async fn hand_desk_key(&mut self, epoch: u32, keys: &[DeskKeyFor]) -> Result<(), SharedError> {
        let query = handed(self.call("SELECT kefu.hand_desk_key($1, $2, $3, $4, $5)"), epoch, keys);
        self.rows(query).await.map(drop)
    }

    /// The desk keys that this seat can open, ascending by epoch. For office roles.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`].
    pub async fn desk_keys(&mut self) -> Result<Vec<HeldDeskKey>, SharedError> {
        let query = self.call("SELECT * FROM kefu.desk_keys($1)");
        let key = |row: &PgRow| {
            let epoch: i32 = row.try_get("epoch")?;
            Ok(HeldDeskKey { epoch: epoch.unsigned_abs(), own: row.try_get("own")?, sealed: row.try_get("sealed")? })
        };
        self.rows(query).await?.iter().map(key).collect()
    }
}

fn handed(query: Call, epoch: u32, keys: &[DeskKeyFor]) -> Call {
    let (members, devices): (Vec<Uuid>, Vec<Uuid>) = keys.iter().map(|key| key.seat.unwrap_or_default()).unzip();
    let sealed: Vec<Vec<u8>> = keys.iter().map(|key| key.sealed.clone()).collect();
    query.bind(epoch.cast_signed()).bind(members).bind(devices).bind(sealed)
}
