//! Join request: a new device shows its public keys, bound to the invite, and both screens show the same fingerprint.

use hkdf::hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::frame::{Parts, frame};
use crate::invite::{Invite, InviteError};
use crate::{Fingerprint, ReceiveKey, SeatId, SeatKeys, SeatPublic, VerifyKey};

const TAG: &str = "kefu join 1";

/// What a new device leaves in the shared database for an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// Id of the invite.
    pub invite: [u8; 16],
    /// The new seat.
    pub seat: SeatId,
    /// Its public keys.
    pub keys: SeatPublic,
    /// Code of the device in form numbers.
    pub code: String,
    /// HMAC-SHA256 under a key from the invite's secret: made by one who holds the invite.
    mac: [u8; 32],
    /// Ed25519 of the new seat: made by one who holds the keys.
    signature: [u8; 64],
}

impl JoinRequest {
    /// The request of `device`, called `code` in form numbers, to join with `invite`. `now` is in seconds since 1970 UTC.
    ///
    /// # Errors
    /// [`InviteError::Expired`].
    pub fn new(invite: &Invite, device: Uuid, code: &str, keys: &SeatKeys, now: i64) -> Result<Self, InviteError> {
        invite.not_expired(now)?;
        let seat = SeatId { member: invite.member, device };
        let (id, code) = (invite.id(), code.to_owned());
        let mut request = JoinRequest { invite: id, seat, keys: keys.public(), code, mac: [0; 32], signature: [0; 64] };
        let bound = request.bound(invite);
        request.mac = mac(invite, &bound)?.finalize().into_bytes().into();
        request.signature = keys.sign.sign(&bound);
        Ok(request)
    }

    /// Everything that the two sides have to agree on.
    pub(crate) fn bound(&self, invite: &Invite) -> Vec<u8> {
        let parts: [&[u8]; 8] = [
            &self.invite,
            invite.workspace.as_bytes(),
            invite.root.as_bytes(),
            self.seat.member.as_bytes(),
            self.seat.device.as_bytes(),
            self.keys.sign.as_bytes(),
            &self.keys.receive.0,
            self.code.as_bytes(),
        ];
        frame(TAG, &parts)
    }

    /// Shown by both devices, to be compared by the two people. The same only where workspace, root, seat and keys are.
    pub fn fingerprint(&self, invite: &Invite) -> Fingerprint {
        Fingerprint::of_frame("kefu join fingerprint 1", &[&self.bound(invite)])
    }

    /// Holds the request against the invite that this administrator gave out. `used`: somebody was admitted with it.
    ///
    /// # Errors
    /// [`InviteError`].
    pub fn check(&self, invite: &Invite, now: i64, used: bool) -> Result<(), InviteError> {
        if self.invite != invite.id() {
            return Err(InviteError::OtherInvite);
        }
        let bound = self.bound(invite);
        let made_with_it = mac(invite, &bound)?.verify_slice(&self.mac).is_ok();
        let own = self.seat.member == invite.member && self.keys.sign.verifies(&bound, &self.signature);
        if !made_with_it || !own {
            return Err(InviteError::Tampered);
        }
        if used {
            return Err(InviteError::Used);
        }
        invite.not_expired(now)
    }

    /// Its bytes, as the shared database keeps them.
    pub fn encode(&self) -> Vec<u8> {
        let parts: [&[u8]; 8] = [
            &self.invite,
            self.seat.member.as_bytes(),
            self.seat.device.as_bytes(),
            self.keys.sign.as_bytes(),
            &self.keys.receive.0,
            self.code.as_bytes(),
            &self.mac,
            &self.signature,
        ];
        frame(TAG, &parts)
    }

    /// Reads its bytes; None where they are none. Nothing is checked here.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts::of(bytes, TAG)?;
        let request = JoinRequest {
            invite: parts.array()?,
            seat: SeatId { member: Uuid::from_bytes(parts.array()?), device: Uuid::from_bytes(parts.array()?) },
            keys: SeatPublic { sign: VerifyKey::from_bytes(&parts.array()?)?, receive: ReceiveKey(parts.array()?) },
            code: parts.text()?,
            mac: parts.array()?,
            signature: parts.array()?,
        };
        parts.end()?;
        Some(request)
    }
}

fn mac(invite: &Invite, bound: &[u8]) -> Result<Hmac<Sha256>, InviteError> {
    let key = invite.key("kefu join mac 1");
    // HMAC takes a key of any length.
    let mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).map_err(|_| InviteError::Tampered)?;
    Ok(mac.chain_update(bound))
}
