//! Members: who they are, how a new one comes in, and how one goes. Entries of the roster and certificates are the vault's
//! bytes; the server keeps their order and lets logins follow them.

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use kefu_vault::scram_verifier;

use crate::connection::{Call, answered};
use crate::install::NewLogin;
use crate::{Shared, SharedError};

pub use desk_keys::{DeskKeyFor, HeldDeskKey};

mod desk_keys;

/// A member on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The member.
    pub member: Uuid,
    /// The device.
    pub device: Uuid,
    /// Roles, as the server has them.
    pub roles: Vec<String>,
    /// `active`, `revoked`, or a status of a newer version.
    pub status: String,
    /// Signed certificate.
    pub certificate: Vec<u8>,
    /// When it was admitted, milliseconds since 1970 UTC by the server's clock.
    pub admitted_ms: i64,
    /// Last hello, to the minute; None before the first.
    pub seen_ms: Option<i64>,
}

/// An entry of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Its number: 1, 2, 3, …
    pub no: u64,
    /// The signed bytes.
    pub entry: Vec<u8>,
    /// Its hash, which the next one names.
    pub link: [u8; 32],
}

/// An entry to be appended: taken only while the roster still ends with `previous`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The signed bytes.
    pub entry: Vec<u8>,
    /// Link of the entry before it; zeros for the first.
    pub previous: [u8; 32],
    /// Its own link.
    pub link: [u8; 32],
}

/// An invite that is not over yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// The invite.
    pub invite: Uuid,
    /// `open` or `joined`.
    pub status: String,
    /// When it ends, milliseconds since 1970 UTC.
    pub expires_ms: i64,
    /// What the new device laid down.
    pub request: Option<Vec<u8>>,
}

/// What an administrator's device decides about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Invite that was joined with.
    pub invite: Uuid,
    /// The member.
    pub member: Uuid,
    /// The device.
    pub device: Uuid,
    /// Roles.
    pub roles: Vec<String>,
    /// Signed certificate.
    pub certificate: Vec<u8>,
    /// What only the new seat can open.
    pub answer: Vec<u8>,
}

/// How far a device came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Device. One that no seat has is a copied profile that took a new identity.
    pub device: Uuid,
    /// With whom it came.
    pub member: Uuid,
    /// The last of its numbers that was dealt with.
    pub last: u64,
}

impl Shared {
    /// All seats, also the revoked ones, in the order of admission.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn members(&mut self) -> Result<Vec<Seat>, SharedError> {
        let query = self.call("SELECT * FROM kefu.members($1)");
        let seat = |row: &PgRow| {
            Ok(Seat {
                member: row.try_get("member")?,
                device: row.try_get("device")?,
                roles: row.try_get("roles")?,
                status: row.try_get("status")?,
                certificate: row.try_get("certificate")?,
                admitted_ms: row.try_get("admitted_ms")?,
                seen_ms: row.try_get("seen_ms")?,
            })
        };
        self.rows(query).await?.iter().map(seat).collect()
    }

    /// Entries of the roster after the number `after`, at most 500.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn roster(&mut self, after: u64) -> Result<Vec<RosterEntry>, SharedError> {
        let query = self.call("SELECT * FROM kefu.roster($1, $2)").bind(after.cast_signed());
        let entry = |row: &PgRow| {
            let (no, link): (i64, Vec<u8>) = (row.try_get("no")?, row.try_get("link")?);
            let link = link.try_into().map_err(|_| SharedError::Garbled)?;
            Ok(RosterEntry { no: no.cast_unsigned(), entry: row.try_get("entry")?, link })
        };
        self.rows(query).await?.iter().map(entry).collect()
    }

    /// Makes a login that can do nothing but join, until `expires_ms` (milliseconds since 1970 UTC, at most 30 days from
    /// now). Only the verifier of its password travels. For administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::Malformed`] for another date or a login not made by [`NewLogin`],
    /// [`SharedError::Moved`] where invite or login exist.
    pub async fn invite(&mut self, invite: Uuid, login: &NewLogin, expires_ms: i64) -> Result<(), SharedError> {
        let verifier = scram_verifier(&login.password).map_err(|_| SharedError::Random)?;
        let sql = "SELECT kefu.invite($1, $2, $3, $4, to_timestamp($5::float8 / 1000))";
        let query = self.call(sql).bind(invite).bind(login.name.clone()).bind(verifier).bind(expires_ms as f64);
        self.rows(query).await.map(drop)
    }

    /// Lays down the request of a new seat, once, with the login of the invite.
    ///
    /// # Errors
    /// [`SharedError::InviteOver`].
    pub async fn join(&mut self, invite: Uuid, request: &[u8]) -> Result<(), SharedError> {
        let query = self.call("SELECT kefu.join($1, $2, $3)").bind(invite).bind(request.to_vec());
        self.rows(query).await.map(drop)
    }

    /// What the administrator's device laid down for this new seat; None until it did.
    ///
    /// # Errors
    /// As every call.
    pub async fn answer(&mut self, invite: Uuid) -> Result<Option<Vec<u8>>, SharedError> {
        let query = self.call("SELECT kefu.answer($1, $2)").bind(invite);
        Ok(self.row(query).await?.try_get(0)?)
    }

    /// Open invites and requests that wait. For administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`].
    pub async fn requests(&mut self) -> Result<Vec<JoinRequest>, SharedError> {
        let query = self.call("SELECT * FROM kefu.requests($1)");
        let request = |row: &PgRow| {
            Ok(JoinRequest {
                invite: row.try_get("invite")?,
                status: row.try_get("status")?,
                expires_ms: row.try_get("expires_ms")?,
                request: row.try_get("request")?,
            })
        };
        self.rows(query).await?.iter().map(request).collect()
    }

    /// Takes an invite back, or refuses who asks with it. For administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::Missing`] where it is not open any more.
    pub async fn withdraw(&mut self, invite: Uuid) -> Result<(), SharedError> {
        let query = self.call("SELECT kefu.withdraw($1, $2)").bind(invite);
        self.rows(query).await.map(drop)
    }

    /// Lets a joined seat in. Without an entry to append it is one that the roster has already, whose login was lost. For
    /// administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::InviteOver`], [`SharedError::Moved`] where the roster went on meanwhile or
    /// the seat is taken.
    pub async fn admit(&mut self, admission: &Admission, append: Option<&Append>) -> Result<(), SharedError> {
        let query = self.call("SELECT kefu.admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        let query = query.bind(admission.invite).bind(admission.member).bind(admission.device);
        let query = query.bind(admission.roles.clone()).bind(admission.certificate.clone());
        let query = query.bind(admission.answer.clone()).bind(append.map(|append| append.entry.clone()));
        let query = query.bind(append.map(|append| append.previous.to_vec()));
        let query = query.bind(append.map(|append| append.link.to_vec()));
        self.rows(query).await.map(drop)
    }

    /// Gives a member other roles, on all his devices. For administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::Moved`], [`SharedError::Missing`].
    pub async fn change_roles(&mut self, member: Uuid, roles: &[String], append: &Append) -> Result<u64, SharedError> {
        let query = self.call("SELECT kefu.change_roles($1, $2, $3, $4, $5, $6)").bind(member);
        self.append(query.bind(roles.to_vec()), append).await
    }

    /// Ends every seat of `member`, on `device`, or the one that is both: status, login and open sessions, at once. For
    /// administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::Moved`], [`SharedError::Missing`].
    pub async fn revoke(
        &mut self,
        member: Option<Uuid>,
        device: Option<Uuid>,
        append: &Append,
    ) -> Result<u64, SharedError> {
        let query = self.call("SELECT kefu.revoke($1, $2, $3, $4, $5, $6)").bind(member).bind(device);
        self.append(query, append).await
    }

    /// Appends an entry from which nothing follows for logins. For administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`], [`SharedError::Moved`].
    pub async fn note(&mut self, append: &Append) -> Result<u64, SharedError> {
        let query = self.call("SELECT kefu.note($1, $2, $3, $4)");
        self.append(query, append).await
    }

    /// Raises the workspace's epoch, after a backup was put back; gives the new one. For administrators.
    ///
    /// # Errors
    /// [`SharedError::Forbidden`].
    pub async fn raise_epoch(&mut self) -> Result<u64, SharedError> {
        let query = self.call("SELECT kefu.raise_epoch($1)");
        let epoch: i32 = self.row(query).await?.try_get(0)?;
        Ok(epoch.unsigned_abs().into())
    }

    /// How far each device's numbers reached. To technicians their own only.
    ///
    /// # Errors
    /// [`SharedError::NoSeat`].
    pub async fn reached(&mut self) -> Result<Vec<Reached>, SharedError> {
        let query = self.call("SELECT * FROM kefu.reached($1)");
        let reached = |row: &PgRow| {
            let last: i64 = row.try_get("last")?;
            Ok(Reached { device: row.try_get("device")?, member: row.try_get("member")?, last: last.cast_unsigned() })
        };
        self.rows(query).await?.iter().map(reached).collect()
    }

    async fn append(&mut self, query: Call, append: &Append) -> Result<u64, SharedError> {
        let query = query.bind(append.entry.clone()).bind(append.previous.to_vec()).bind(append.link.to_vec());
        let row = self.row(query).await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
    }

    /// Replaces the password of this login, for instance the one that stood on an invite. Only the verifier travels.
    ///
    /// # Errors
    /// As every call.
    pub async fn change_password(&mut self, login: &NewLogin) -> Result<(), SharedError> {
        let verifier = scram_verifier(&login.password).map_err(|_| SharedError::Random)?;
        // A login is letters, digits and a line (see NewLogin), a verifier base 64: neither needs quoting of its own.
        let sql = format!("ALTER ROLE CURRENT_USER PASSWORD '{verifier}'");
        answered(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut self.connection)).await.map(drop)
    }
}
