//! Reaching the shared database: connect, catch up with the member log and the desk keys, exchange, leave.

use std::sync::Arc;

use kefu_shared::{PAGE, Shared, SharedRemote};
use kefu_sync::Report;

use super::Identity;
use super::files::carry;
use crate::desk::{Desk, Open};
use crate::repeats::look;
use crate::wire::{Code, Failure, Standing};
use crate::workspace::{connect, refresh};

impl Desk {
    /// One exchange with the shared database, and where the desk stands then. What follows from what was registered goes
    /// with it: nobody may ask for another. What stopped it is in [`Standing::trouble`]: nothing was lost, the next one goes on.
    ///
    /// # Errors
    /// The desk is locked, or its disk is full.
    pub async fn exchange(&self) -> Result<Standing, Failure> {
        let open = self.open()?;
        look(&open, &self.clock).await?;
        self.exchange_once().await?;
        self.standing().await
    }

    /// One exchange; None on a desk that belongs to no workspace.
    pub(crate) async fn exchange_once(&self) -> Result<Option<Result<Report, Failure>>, Failure> {
        let open = self.open()?;
        let Some(identity) = Identity::read(&open).await? else { return Ok(None) };
        let reached = match connect(&identity.workspace).await {
            Ok(shared) => {
                let before = open.exchanges.stride.steps();
                let reached = self.reach(&open, identity, shared).await;
                open.exchanges.stride.ended(reached.is_ok(), before);
                reached
            }
            Err(failure) => Err(failure),
        };
        if let Err(failure) = &reached {
            self.note(&open, Err(failure)).await;
        }
        Ok(Some(reached))
    }

    async fn reach(&self, open: &Arc<Open>, identity: Identity, mut shared: Shared) -> Result<Report, Failure> {
        let caught_up = catch_up(open, identity, &mut shared).await;
        match caught_up {
            Ok(identity) => {
                let page = open.exchanges.stride.of(usize::from(PAGE));
                let remote = SharedRemote::paging(shared, u16::try_from(page).unwrap_or(PAGE));
                let outcome = self.exchange_over(open, identity, &remote).await;
                let carried = match (&outcome, remote.into_inner().await) {
                    (Ok(_), Some(mut shared)) => {
                        let carried = self.carry_files(open, &mut shared).await;
                        shared.close().await;
                        carried
                    }
                    _ => Ok(()),
                };
                carried.and(outcome)
            }
            Err(failure) => {
                shared.close().await;
                Err(failure)
            }
        }
    }
}

impl Desk {
    async fn carry_files(&self, open: &Open, shared: &mut Shared) -> Result<(), Failure> {
        // The exchange may have made this device another one.
        let Some(identity) = Identity::read(open).await? else { return Ok(()) };
        carry(open, &identity, shared, self.now().timestamp_millis()).await
    }
}

/// Takes over what is new in the member log, and the desk keys that this device is to hold by it. What waited in quarantine for
/// a seat or a key is then tried again.
async fn catch_up(open: &Open, before: Identity, shared: &mut Shared) -> Result<Identity, Failure> {
    let known = (before.roster.head(), before.desk_keys.newest().map(kefu_vault::DeskKey::id));
    let roster = refresh(open, &before.workspace, shared).await?;
    let now = Identity::read(open).await?.ok_or_else(|| Failure::new(Code::NoWorkspace))?;
    if known != (roster.head(), now.desk_keys.newest().map(kefu_vault::DeskKey::id)) {
        let mut exchange = open.store.exchange().await?;
        exchange.set_retry(true, None).await?;
        exchange.commit().await?;
    }
    Ok(now)
}
