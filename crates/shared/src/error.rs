//! Why the shared database does not answer a call. What becomes of one change of a batch stands in its answer.

use std::io;

use sqlx::error::DatabaseError;

/// Why a call was not answered.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    /// No connection, or it broke or stood still. To be tried again later, on a new connection.
    #[error("the shared database is out of reach")]
    Unreachable,
    /// The server did not prove who it is, or does not encrypt. No password was sent.
    #[error("the server's certificate does not hold")]
    Tls,
    /// The login or its password is not accepted (any more).
    #[error("the login is not accepted")]
    Login,
    /// This login has no seat in the workspace: revoked, or not admitted yet.
    #[error("no seat in this workspace")]
    NoSeat,
    /// Not for this role, or not for this record.
    #[error("not allowed")]
    Forbidden,
    /// Record, device or member is not there.
    #[error("not there")]
    Missing,
    /// It exists already, or somebody wrote the roster meanwhile: read it and decide again.
    #[error("somebody was faster")]
    Moved,
    /// The invite is used, over, or another's.
    #[error("the invite is used or over")]
    InviteOver,
    /// More than fits into one call.
    #[error("too much for one call")]
    TooMuch,
    /// The server calls it malformed.
    #[error("malformed call")]
    Malformed,
    /// Others hold what is needed; to be tried again soon. [`crate::Shared::reap`] ends those who hold it too long.
    #[error("the shared database is busy")]
    Busy,
    /// The schema asks for a newer program.
    #[error("this program is too old for the shared database (schema {found})")]
    TooOld {
        /// Number of the schema found.
        found: i32,
    },
    /// The schema is older than this program's: an administrator has to install.
    #[error("the shared database is older than this program (schema {found})")]
    Newer {
        /// Number of the schema found; 0 where there is none.
        found: i32,
    },
    /// The installer's login may not do what installing needs.
    #[error("the login may not install")]
    MayNotInstall,
    /// The answer is not shaped as this program expects.
    #[error("unexpected answer")]
    Garbled,
    /// No random bytes.
    #[error("the system's random source failed")]
    Random,
    /// Anything else, by PostgreSQL's code (Appendix A). Its text is dropped: it may quote values.
    #[error("the shared database failed with {0}")]
    Database(String),
}

impl From<sqlx::Error> for SharedError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Tls(_) => SharedError::Tls,
            // rustls tells of a bad certificate by invalid data on the stream.
            sqlx::Error::Io(cause) if cause.kind() == io::ErrorKind::InvalidData => SharedError::Tls,
            sqlx::Error::Database(cause) if turned_away_by_pool(&*cause) => SharedError::Login,
            sqlx::Error::Database(cause) => from_code(cause.code().as_deref().unwrap_or_default()),
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::RowNotFound => SharedError::Garbled,
            // Io, Protocol, a worker that is gone: the connection cannot be used any more.
            _ => SharedError::Unreachable,
        }
    }
}

/// PgBouncer has one code for all that it says itself; these are its words for a login or password that is not let in.
fn turned_away_by_pool(cause: &dyn DatabaseError) -> bool {
    let words = cause.message();
    cause.code().as_deref() == Some("08P01") && (words == "no such user" || words.ends_with(" authentication failed"))
}

fn from_code(code: &str) -> SharedError {
    match code {
        "KF400" | "23514" | "23502" | "22P02" => SharedError::Malformed,
        "KF401" => SharedError::NoSeat,
        "KF403" => SharedError::Forbidden,
        "KF404" => SharedError::Missing,
        "KF409" => SharedError::Moved,
        "KF410" => SharedError::InviteOver,
        "KF413" => SharedError::TooMuch,
        "28P01" | "28000" => SharedError::Login,
        "55P03" | "40001" | "40P01" | "53300" | "57014" => SharedError::Busy,
        // Shut down, starting, in recovery, terminated; a standby that was not promoted yet.
        "57P01" | "57P02" | "57P03" | "57P05" | "25006" => SharedError::Unreachable,
        "3D000" => SharedError::Missing,
        "3F000" | "42883" => SharedError::Newer { found: 0 },
        "42501" => SharedError::Forbidden,
        _ if code.starts_with("08") => SharedError::Unreachable,
        _ => SharedError::Database(code.into()),
    }
}
