//! Invite: what a new device needs to reach the shared database and to know the right workspace from a false one.
//!
//! It travels outside the shared database, as text or as a QR code, and holds a one-time secret that the database never
//! sees: the join request and its answer are bound to it, so that nobody between can put keys of his own in their place.

use std::fmt;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::frame::{Parts, derive, digest, frame};
use crate::{Fingerprint, crockford};

const TAG: &str = "kefu invite 1";
/// Before the code, so that it opens the program as a link, too.
const SCHEME: &str = "KEFU:";
/// Bytes after the invite that notice a slip in copying it.
const CHECK: usize = 4;
/// The last part, only where it is so.
const POOLED: &[u8] = b"pooled";
/// Longest text: it has to fit into one QR code of upper-case letters and digits with correction level M.
const LONGEST: usize = 3391;

/// Why an invite, or a request made with it, is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// The text is no invite, or not wholly copied.
    #[error("no invite, or not wholly copied")]
    Unreadable,
    /// The certificate of the authority is too long for a QR code.
    #[error("too long for a QR code")]
    TooLong,
    /// It has run out.
    #[error("the invite has run out")]
    Expired,
    /// Somebody has joined with it already.
    #[error("the invite was used already")]
    Used,
    /// The request belongs to another invite.
    #[error("the request belongs to another invite")]
    OtherInvite,
    /// The request, or the answer, was not made with the secret of this invite, or was altered.
    #[error("not made with this invite, or altered")]
    Tampered,
}

/// Where the shared database is, and how to know that it is the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host and port.
    pub address: String,
    /// Name of the database.
    pub database: String,
    /// Role to log in with.
    pub login: String,
    /// Certificate (DER) of the authority that the server's own is checked against; empty for the public ones.
    pub authority: Vec<u8>,
    /// Whether PgBouncer in transaction mode stands before it, so that no session is one's own.
    pub pooled: bool,
}

/// An invite. Never printed by Debug.
#[derive(Clone)]
pub struct Invite {
    /// Workspace.
    pub workspace: Uuid,
    /// Who is invited: the member's record id.
    pub member: Uuid,
    /// The workspace root.
    pub root: Fingerprint,
    /// When it runs out, seconds since 1970 UTC.
    pub expires: i64,
    /// The shared database.
    pub server: Server,
    secret: Zeroizing<[u8; 16]>,
}

impl Invite {
    /// An invite of `workspace` for `member` with a new one-time secret, until `expires` (seconds since 1970 UTC).
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn random(
        workspace: Uuid,
        member: Uuid,
        root: Fingerprint,
        expires: i64,
        server: Server,
    ) -> Result<Self, getrandom::Error> {
        let mut secret = Zeroizing::new([0; 16]);
        getrandom::fill(secret.as_mut())?;
        Ok(Invite { workspace, member, root, expires, server, secret })
    }

    /// The invite as text, upper-case letters and digits only.
    ///
    /// # Errors
    /// [`InviteError::TooLong`].
    pub fn text(&self) -> Result<Zeroizing<String>, InviteError> {
        let parts: [&[u8]; 10] = [
            self.workspace.as_bytes(),
            self.member.as_bytes(),
            self.root.as_bytes(),
            &self.expires.to_le_bytes(),
            self.server.address.as_bytes(),
            self.server.database.as_bytes(),
            self.server.login.as_bytes(),
            &self.server.authority,
            self.secret.as_ref(),
            POOLED,
        ];
        let said = if self.server.pooled { &parts[..] } else { &parts[..9] };
        let mut bytes = Zeroizing::new(frame(TAG, said));
        let check = digest(TAG, &[&bytes]);
        bytes.extend_from_slice(&check[..CHECK]);
        let text = Zeroizing::new(format!("{SCHEME}{}", crockford::encode(&bytes).as_str()));
        if text.len() > LONGEST { Err(InviteError::TooLong) } else { Ok(text) }
    }

    /// Reads an invite as copied: case, spaces, dashes and line breaks do not matter.
    ///
    /// # Errors
    /// [`InviteError::Unreadable`].
    pub fn parse(typed: &str) -> Result<Self, InviteError> {
        Self::read(typed).ok_or(InviteError::Unreadable)
    }

    fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let code = match typed.get(..SCHEME.len()) {
            Some(start) if start.eq_ignore_ascii_case(SCHEME) => &typed[SCHEME.len()..],
            _ => typed,
        };
        let bytes = crockford::decode(&crockford::canonical(code)?)?;
        let (kept, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
        if digest(TAG, &[kept])[..CHECK] != *check {
            return None;
        }
        let mut parts = Parts::of(kept, TAG)?;
        let mut invite = Invite {
            workspace: Uuid::from_bytes(parts.array()?),
            member: Uuid::from_bytes(parts.array()?),
            root: Fingerprint::from_bytes(parts.array()?),
            expires: i64::from_le_bytes(parts.array()?),
            server: Server {
                address: parts.text()?,
                database: parts.text()?,
                login: parts.text()?,
                authority: parts.next()?.to_vec(),
                pooled: false,
            },
            secret: Zeroizing::new(parts.array()?),
        };
        let pooled = parts.next();
        invite.server.pooled = pooled.is_some();
        parts.end().filter(|()| pooled.is_none_or(|word| word == POOLED))?;
        Some(invite)
    }

    /// Names the invite without giving it away: the shared database marks it as used under this.
    pub fn id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        id.copy_from_slice(&self.key("kefu invite id 1")[..16]);
        id
    }

    /// Password of the login until the new device sets its own. The database knows it, and learns nothing about the
    /// secret from it.
    pub fn password(&self) -> Zeroizing<String> {
        crockford::encode(self.key("kefu invite password 1").as_ref())
    }

    /// A key from the secret, for one purpose.
    pub(crate) fn key(&self, tag: &str) -> Zeroizing<[u8; 32]> {
        derive(self.secret.as_ref(), tag, &[self.workspace.as_bytes()])
    }

    pub(crate) fn not_expired(&self, now: i64) -> Result<(), InviteError> {
        if now >= self.expires { Err(InviteError::Expired) } else { Ok(()) }
    }
}

impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invite(…)")
    }
}
