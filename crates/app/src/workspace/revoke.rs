//! Takes devices out, turns the desk key after somebody who held it, and says that a backup was put back.

use std::collections::BTreeMap;

use kefu_local::Workspace;
use kefu_shared::{DeskKeyFor, Shared};
use kefu_vault::roster::MemberAct;
use kefu_vault::{Issuer, SeatId};
use uuid::Uuid;

use super::create::random;
use super::{TRIES, entry, keep, once_more, refresh, share};
use crate::desk::{Desk, Open};
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
        let mut field = false;
        for tries in (1..=TRIES).rev() {
            let roster = refresh(&open, &place, &mut shared).await?;
            let fits = |id: &SeatId| {
                request.member.is_none_or(|member| member == id.member)
                    && request.device.is_none_or(|device| device == id.device)
            };
            let named = request.member.is_some() || request.device.is_some();
            let mut out = roster.seats().iter().filter(|(id, seat)| named && seat.until.is_none() && fits(id));
            if out.clone().any(|(id, _)| id.device == place.seat.device) {
                return Err(Failure::new(Code::OwnDevice));
            }
            if out.clone().next().is_none() {
                return Err(Failure::new(Code::NotFound));
            }
            field = out.any(|(id, _)| !roster.holds_desk_key(*id));
            // What the server has is what counts: nobody could have read more of it.
            let last: BTreeMap<Uuid, u64> =
                shared.reached().await?.into_iter().map(|one| (one.device, one.last)).collect();
            let devices = roster.seats().keys().filter(|id| fits(id)).map(|id| id.device);
            let until = devices.map(|device| (device, last.get(&device).copied().unwrap_or_default())).collect();
            let RevokeRequest { member, device } = request;
            let act = MemberAct::Revoke { member, device, until };
            let issuer = Issuer::Seat(place.seat, &place.keys);
            let (_, entry, append) = entry(&roster, issuer, self.now().timestamp(), act)?;
            if once_more(shared.revoke(member, device, &append).await, tries)?.is_some() {
                keep(&open, &entry).await?;
                break;
            }
        }
        if field {
            share(self, &open).await?;
        }
        self.turn_desk_key(&open, &place, &mut shared).await?;
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

    /// Turns the desk key where somebody who held it has left. An administrator's device does so by itself.
    pub(crate) async fn turn_desk_key(
        &self,
        open: &Open,
        place: &Workspace,
        shared: &mut Shared,
    ) -> Result<(), Failure> {
        for tries in (1..=TRIES).rev() {
            let roster = refresh(open, place, shared).await?;
            let held = open.store.desk_keys(&open.wrap_key(), place.id).await?;
            let Some(present) = held.newest().filter(|_| roster.desk_key_due() && roster.is_admin(place.seat)) else {
                return Ok(());
            };
            let (next, earlier) = present.turn().map_err(random)?;
            let mut keys = vec![DeskKeyFor { seat: None, sealed: earlier }];
            for (seat, receive) in roster.desk_key_holders() {
                let sealed = next.seal_to(seat, &receive)?;
                keys.push(DeskKeyFor { seat: Some((seat.member, seat.device)), sealed });
            }
            let act = MemberAct::TurnDeskKey { epoch: next.epoch(), key: next.id() };
            let issuer = Issuer::Seat(place.seat, &place.keys);
            let (_, entry, append) = entry(&roster, issuer, self.now().timestamp(), act)?;
            if once_more(shared.turn_desk_key(next.epoch(), &keys, &append).await, tries)?.is_some() {
                open.store.put_desk_key(&open.wrap_key(), &next).await?;
                return keep(open, &entry).await;
            }
        }
        Ok(())
    }
}
