//! The first words of an exchange: who is where, and whether the server is still the one that was left.

use kefu_sync::wire::{Greeting, Welcome};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::{SCHEMA, Shared, SharedError};

/// What the server says of itself, the workspace and this seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// What the exchange goes on from.
    pub welcome: Welcome,
    /// Number of the last roster entry.
    pub roster: u64,
    /// Roles of this seat, as the server has them.
    pub roles: Vec<String>,
}

impl Shared {
    /// Says hello.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`], [`SharedError::TooOld`], [`SharedError::Newer`].
    pub async fn hello(&mut self, greeting: &Greeting) -> Result<Hello, SharedError> {
        let (marks, own) = (&greeting.marks, &greeting.own);
        let query = self
            .call("SELECT * FROM kefu.hello($1, $2, $3, $4, $5, $6, $7)")
            .bind(SCHEMA)
            .bind(greeting.device)
            .bind(marks.iter().map(|mark| mark.seq.cast_signed()).collect::<Vec<_>>())
            .bind(marks.iter().map(|mark| mark.hash.to_vec()).collect::<Vec<_>>())
            .bind(own.iter().map(|head| head.seq.cast_signed()).collect::<Vec<_>>())
            .bind(own.iter().map(|head| head.digest.to_vec()).collect::<Vec<_>>());
        let row = self.row(query).await?;
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
    let epoch: i32 = row.try_get("epoch")?;
    Ok(Hello {
        welcome: Welcome {
            now_ms: number("now_ms")?,
            epoch: epoch.unsigned_abs().into(),
            matched: number("matched")?,
            own: number("own")?,
            last: number("last")?,
        },
        roster: number("roster")?,
        roles: row.try_get("roles")?,
    })
}
