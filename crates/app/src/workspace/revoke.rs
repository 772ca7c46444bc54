//! Takes devices out, and says that a backup was put back.

use std::collections::BTreeMap;

use kefu_vault::Issuer;
use kefu_vault::roster::MemberAct;
use uuid::Uuid;

use super::chores::turn_desk_key;
use super::{TRIES, entry, follow_log, keep, once_more};
use crate::desk::Desk;
use crate::wire::{Code, Failure, RevokeRequest, WorkspaceSeat};

impl Desk {
    /// Takes devices out: their sessions end at once, what they send later does not count, and the desk key is turned where
    /// they held it. What they have sent stays good.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], [`Code::OwnDevice`], [`Code::NotFound`] where no active device fits; what the server says.
    pub async fn revoke(&self, request: RevokeRequest) -> Result<Vec<WorkspaceSeat>, Failure> {
        let open = self.open()?;
        let (place, mut shared) = open.administered().await?;
        for tries in (1..=TRIES).rev() {
            let roster = follow_log(&open, &place, &mut shared).await?;
            let RevokeRequest { member, device } = request;
            let out = roster.revocable(member, device);
            if out.iter().any(|id| id.device == place.seat.device) {
                return Err(Failure::new(Code::OwnDevice));
            }
            if out.is_empty() {
                return Err(Failure::new(Code::NotFound));
            }
            // What the server has is what counts: nobody could have read more of it.
            let last: BTreeMap<Uuid, u64> =
                shared.reached().await?.into_iter().map(|one| (one.device, one.last)).collect();
            let until = out.iter().map(|id| (id.device, last.get(&id.device).copied().unwrap_or_default())).collect();
            let act = MemberAct::Revoke { member, device, until };
            let issuer = Issuer::Seat(place.seat, &place.keys);
            let (_, entry, append) = entry(&roster, issuer, self.now().timestamp(), act)?;
            if once_more(shared.revoke(member, device, &append).await, tries)?.is_some() {
                keep(&open, &entry).await?;
                break;
            }
        }
        turn_desk_key(&open, &place, &mut shared).await?;
        let seats = super::seats::all(&open, &place, &mut shared).await;
        shared.close().await;
        seats
    }

    /// Says that a backup of the shared database was put back, so that every device looks at everything anew.
    ///
    /// # Errors
    /// [`Code::NotAllowed`]; what the server says.
    pub async fn put_back(&self) -> Result<(), Failure> {
        let open = self.open()?;
        let (_, mut shared) = open.administered().await?;
        shared.raise_epoch().await?;
        shared.close().await;
        Ok(())
    }
}
