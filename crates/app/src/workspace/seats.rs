//! The devices of the workspace, as the member log and the shared database know them.

use std::collections::BTreeMap;

use kefu_local::Workspace;
use kefu_shared::Shared;
use kefu_vault::SeatId;

use super::{admit::name, connect, follow_log, moment};
use crate::desk::{Desk, Open};
use crate::wire::{Failure, WorkspaceSeat};

impl Desk {
    /// All devices with the members they were admitted with, in the order of admission.
    ///
    /// # Errors
    /// [`crate::wire::Code::NoWorkspace`]; what the server says.
    pub async fn workspace_seats(&self) -> Result<Vec<WorkspaceSeat>, Failure> {
        let open = self.open()?;
        let place = open.place().await?;
        let mut shared = connect(&place).await?;
        let seats = all(&open, &place, &mut shared).await;
        shared.close().await;
        seats
    }
}

pub(super) async fn all(open: &Open, place: &Workspace, shared: &mut Shared) -> Result<Vec<WorkspaceSeat>, Failure> {
    let roster = follow_log(open, place, shared).await?;
    let sent: BTreeMap<_, _> = shared.reached().await?.into_iter().map(|one| (one.device, one.last)).collect();
    let mut seats = Vec::new();
    for seat in shared.members().await? {
        let id = SeatId { member: seat.member, device: seat.device };
        let known = roster.seats().get(&id);
        // Rights are what the member log says; that the server knows of a revocation is shown as well.
        let revoked = known.is_none_or(|known| known.until.is_some());
        seats.push(WorkspaceSeat {
            member: seat.member,
            name: name(open, seat.member).await?,
            device: seat.device,
            device_code: known.map(|known| known.code.clone()).unwrap_or_default(),
            roles: roster.roles(seat.member).into_iter().collect(),
            status: if revoked { "revoked".into() } else { seat.status },
            admitted: moment(seat.admitted_ms),
            seen: seat.seen_ms.map(moment),
            sent: sent.get(&seat.device).copied().unwrap_or_default(),
            own: seat.device == place.seat.device,
        });
    }
    Ok(seats)
}
