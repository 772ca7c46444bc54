//! The loop that keeps a desk in step: on start, soon after each commit, and by polling; with pauses after failures that
//! never end.

use std::time::{Duration, Instant};

use kefu_sync::{Pace, Rhythm};
use kefu_vault::random_bits;

use super::Identity;
use crate::desk::Desk;
use crate::wire::Standing;

/// How often is looked whether something was committed.
const LOOK: Duration = Duration::from_millis(100);
/// How often a desk that is locked, or belongs to no workspace, is asked again.
const IDLE: Duration = Duration::from_secs(1);

impl Desk {
    /// Keeps exchanging for as long as it is polled, and tells after each exchange where the desk stands. A locked desk
    /// waits; one that joins a workspace meanwhile begins.
    pub async fn keep_exchanging(&self, mut told: impl FnMut(&Standing)) {
        let origin = Instant::now();
        let now = || u64::try_from(origin.elapsed().as_millis()).unwrap_or(u64::MAX);
        loop {
            let Some((mut rhythm, mut seen)) = self.begin(now()).await else {
                tokio::time::sleep(IDLE).await;
                continue;
            };
            // Until the desk is locked.
            while let Ok(open) = self.open() {
                if now() < rhythm.due() {
                    tokio::time::sleep(LOOK).await;
                    let committed = open.store.committed();
                    if committed != seen {
                        seen = committed;
                        let waits = open.store.exchange_counts().await.is_ok_and(|counts| counts.to_send > 0);
                        waits.then(|| rhythm.committed(now()));
                    }
                    continue;
                }
                rhythm.began();
                drop(open);
                let random = random_bits().map_or(0, |bits| bits as u64);
                let steps = self.steps();
                match self.exchange_once().await {
                    Ok(Some(Ok(_))) => rhythm.succeeded(now(), random),
                    Ok(Some(Err(failure))) => {
                        tracing::info!(code = ?failure.code, "exchange did not come to its end");
                        // A line that carries something before it breaks is worth another try at once.
                        if self.steps() > steps {
                            rhythm.broke_off(now(), random)
                        } else {
                            rhythm.failed(now(), random)
                        }
                    }
                    Ok(None) | Err(_) => break,
                }
                if let Ok(standing) = self.standing().await {
                    told(&standing);
                }
            }
        }
    }

    /// What went through for good since the desk was opened.
    fn steps(&self) -> u64 {
        self.open().map_or(0, |open| open.exchanges.stride.steps())
    }

    /// The rhythm of a desk that is open and in a workspace.
    async fn begin(&self, now: u64) -> Option<(Rhythm, i64)> {
        let open = self.open().ok()?;
        let identity = Identity::read(&open).await.ok()??;
        Some((Rhythm::start(pace(&identity), now), open.store.committed()))
    }
}

/// So many desks ask every second or so; more of them take turns.
const FEW: usize = 30;

/// How eagerly this device asks.
fn pace(identity: &Identity) -> Pace {
    if !identity.office() {
        return Pace::Field;
    }
    let seats = identity.roster.seats();
    let desks = seats.keys().filter(|seat| identity.roster.holds_desk_key(**seat)).count();
    if desks <= FEW { Pace::Near } else { Pace::Desk }
}
