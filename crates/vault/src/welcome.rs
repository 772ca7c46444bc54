//! The administrator's answer to a join request, sealed to the new seat and bound to the invite's secret.

use zeroize::Zeroizing;

use crate::certificate::Issuer;
use crate::desk_key::DeskKey;
use crate::frame::{Parts, frame};
use crate::invite::{Invite, InviteError};
use crate::join::JoinRequest;
use crate::roster::{LogHead, Roster};
use crate::sealed_box::{SealingError, open_with, seal_to};
use crate::{Certificate, SeatKeys};

const TAG: &str = "kefu welcome 1";

/// What the new seat gets.
#[derive(Debug, Clone)]
pub struct Welcome {
    /// Its certificate.
    pub certificate: Certificate,
    /// The member log up to and with its admission: the shared database cannot show it less.
    pub log: LogHead,
    /// The newest desk key, for an office seat.
    pub desk_key: Option<DeskKey>,
    /// Certificate (DER) of the authority of the database from here on; empty for the public ones.
    pub authority: Vec<u8>,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WelcomeError {
    /// It is not for this seat, not made with the invite, or altered.
    #[error("not for this seat, not made with the invite, or altered")]
    Tampered,
    /// Its author is no administrator of this workspace.
    #[error("its author is no administrator")]
    NotAllowed,
    /// The member log shown does not contain what the answer names: admission, entry or desk key.
    #[error("the member log does not bear it out")]
    OtherLog,
}

impl From<InviteError> for WelcomeError {
    fn from(_: InviteError) -> Self {
        WelcomeError::Tampered
    }
}

impl Welcome {
    /// Seals the answer to a request that was checked, compared and admitted to the log.
    ///
    /// # Errors
    /// [`SealingError`].
    pub fn seal(&self, invite: &Invite, request: &JoinRequest, issuer: Issuer) -> Result<Vec<u8>, SealingError> {
        let info = request.bound(invite);
        let (epoch, key) = match &self.desk_key {
            Some(key) => (key.epoch().to_le_bytes().to_vec(), key.key.as_slice()),
            None => (Vec::new(), &[][..]),
        };
        let certificate = self.certificate.encode();
        let parts: [&[u8]; 6] =
            [&certificate, &self.log.seq.to_le_bytes(), &self.log.hash, &epoch, key, &self.authority];
        let body = Zeroizing::new(frame(TAG, &parts));
        let signature = issuer.sign(&frame(TAG, &[&info, &body]));
        let signed = Zeroizing::new(frame(TAG, &[&body, &signature]));
        let shared = invite.key("kefu welcome secret 1");
        seal_to(&request.keys.receive.0, &info, Some((&shared, &invite.id())), &signed)
    }

    /// Opens the answer to the own `request`. `roster` was replayed from the fingerprint in the invite.
    ///
    /// # Errors
    /// [`WelcomeError`].
    pub fn open(
        sealed: &[u8],
        invite: &Invite,
        request: &JoinRequest,
        keys: &SeatKeys,
        roster: &Roster,
    ) -> Result<Self, WelcomeError> {
        let info = request.bound(invite);
        let shared = invite.key("kefu welcome secret 1");
        let signed = open_with(&keys.receive, &info, Some((&shared, &invite.id())), sealed)
            .map_err(|_| WelcomeError::Tampered)?;
        let (welcome, body, signature) = Self::read(&signed, invite).ok_or(WelcomeError::Tampered)?;
        let says = &welcome.certificate.says;
        if says.workspace != invite.workspace || says.seat != request.seat || says.keys != keys.public() {
            return Err(WelcomeError::Tampered);
        }
        let author = roster.administrator(says.by).ok_or(WelcomeError::NotAllowed)?;
        if !author.verifies(&frame(TAG, &[&info, body]), &signature) || !welcome.certificate.is_by(&author) {
            return Err(WelcomeError::NotAllowed);
        }
        let admitted = roster.seats().get(&says.seat).is_some_and(|seat| seat.keys == says.keys);
        let key_known = welcome.desk_key.as_ref().is_none_or(|key| roster.desk_key_of(key.epoch()) == Some(key.id()));
        let same_log = roster.fingerprint() == invite.root && roster.contains(welcome.log);
        if admitted && key_known && same_log { Ok(welcome) } else { Err(WelcomeError::OtherLog) }
    }

    fn read<'a>(signed: &'a [u8], invite: &Invite) -> Option<(Self, &'a [u8], [u8; 64])> {
        let mut outer = Parts::of(signed, TAG)?;
        let (body, signature) = (outer.next()?, outer.array()?);
        outer.end()?;
        let mut parts = Parts::of(body, TAG)?;
        let certificate = Certificate::decode(parts.next()?)?;
        let log = LogHead { seq: u64::from_le_bytes(parts.array()?), hash: parts.array()? };
        let desk_key = match (parts.next()?, parts.next()?) {
            ([], []) => None,
            (epoch, key) => {
                let epoch = u32::from_le_bytes(epoch.try_into().ok()?);
                Some(DeskKey::from_bytes(invite.workspace, epoch, key)?)
            }
        };
        let authority = parts.next()?.to_vec();
        parts.end()?;
        Some((Welcome { certificate, log, desk_key, authority }, body, signature))
    }
}
