//! Where one stands: what the bar says, and which forms on a list hold changes that nobody else has.

use chrono::{DateTime, FixedOffset, SecondsFormat};
use kefu_sync::{Counts, Problem};
use uuid::Uuid;

use crate::desk::{Desk, Open};
use crate::wire::{Failure, FormRow, Standing, StandingEntry, StandingProblem};

/// What the store counts, as the core wants it.
pub(crate) async fn counts(open: &Open) -> Result<Counts, Failure> {
    let counted = open.store.exchange_counts().await?;
    Ok(Counts {
        to_send: counted.to_send,
        refused: counted.refused,
        quarantined: counted.quarantined,
        astray: counted.astray,
    })
}

impl Desk {
    /// Where this desk stands with the shared database.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn standing(&self) -> Result<Standing, Failure> {
        let open = self.open()?;
        let joined = open.store.joined().await?;
        let mut state = open.exchanges.state().clone();
        let mut problems = Vec::new();
        if joined {
            state.standing.counted(counts(&open).await?);
            let mut conflicts = open.store.exchange_counts().await?.conflicts;
            if conflicts > 0 {
                // Looked at: some may have been decided at another desk, or by a correction, since they were noted.
                conflicts = open.store.conflicts().await?.len() as u64;
            }
            problems.extend(state.standing.problems.iter().map(entry));
            if conflicts > 0 {
                problems.push(StandingEntry { problem: StandingProblem::Conflicts, count: conflicts });
            }
        }
        let zone = *self.now().offset();
        Ok(Standing {
            joined,
            online: state.standing.online,
            busy: state.busy,
            offline_since: state.standing.offline_since.and_then(|ms| moment(ms, zone)),
            last_exchange: state.standing.last_exchange.and_then(|ms| moment(ms, zone)),
            to_send: if joined { state.standing.to_send } else { 0 },
            log: open.store.committed(),
            loading: state.loading,
            trouble: state.trouble,
            problems,
        })
    }
}

fn entry(problem: &Problem) -> StandingEntry {
    let (problem, count) = match *problem {
        Problem::Refused(count) => (StandingProblem::Refused, count),
        Problem::Quarantined(count) => (StandingProblem::Quarantined, count),
        Problem::Astray(count) => (StandingProblem::Astray, count),
        Problem::ServerClock => (StandingProblem::ServerClock, 0),
        Problem::OwnClock => (StandingProblem::OwnClock, 0),
        Problem::Copied => (StandingProblem::Copied, 0),
    };
    StandingEntry { problem, count }
}

/// Milliseconds since 1970 UTC in the desk's zone.
pub(crate) fn moment(ms: u64, zone: FixedOffset) -> Option<String> {
    let at = DateTime::from_timestamp_millis(i64::try_from(ms).ok()?)?;
    Some(at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false))
}

/// Marks the rows of a list that hold changes which nobody else has.
pub(crate) async fn mark_unsent(open: &Open, rows: &mut [FormRow]) -> Result<(), Failure> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let unsent = open.store.unsent(&ids).await?;
    rows.iter_mut().for_each(|row| row.unsent = unsent.contains(&row.id));
    Ok(())
}
