//! One exchange after the other: never two at a time on a desk, and what came of each is known to the bar.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};

use kefu_domain::change::kind;
use kefu_sync::{Failure as Stopped, Remote, Report, exchange};
use kefu_vault::random_bits;

use super::stride::Stride;
use super::writing::Writing;
use super::{Identity, OwnSide, Sending, Touched};
use crate::desk::{Desk, Form, Open};
use crate::failure::logged;
use crate::field::follow_received;
use crate::seat::Seat;
use crate::wire::{Code, Failure, Loading};

/// What is known of the exchanges of an open desk.
#[derive(Default)]
pub(crate) struct Exchanges {
    /// Held by the one that is under way.
    turn: tokio::sync::Mutex<()>,
    pub state: Mutex<State>,
    /// How much goes at a time.
    pub stride: Arc<Stride>,
    /// See [`OwnSide::asked_again`].
    asked_again: Arc<AtomicBool>,
    /// See [`OwnSide::begun`].
    begun: Arc<AtomicBool>,
}

/// For the bar.
#[derive(Default, Clone)]
pub(crate) struct State {
    pub standing: kefu_sync::Standing,
    pub busy: bool,
    pub loading: Option<Loading>,
    pub trouble: Option<Failure>,
}

impl Exchanges {
    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Replaced whole, member by member; a panic elsewhere cannot have left it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// One exchange over `remote`, and what it did. What stops it is noted for the bar as well.
    pub(crate) async fn exchange_over<R>(
        &self,
        open: &Arc<Open>,
        identity: Identity,
        remote: &R,
    ) -> Result<Report, Failure>
    where
        R: Remote<Error: Into<Failure>>,
    {
        let _turn = open.exchanges.turn.lock().await;
        open.exchanges.state().busy = true;
        let noted = open.clone();
        let received = Mutex::new(0);
        let (identity, stride) = (Arc::new(identity), open.exchanges.stride.clone());
        let side = OwnSide {
            store: open.store.clone(),
            sending: Sending::new(open.store.clone(), identity.clone(), stride.clone()),
            identity,
            clock: self.clock(),
            touched: Mutex::default(),
            stride,
            writing: Writing::default(),
            asked_again: open.exchanges.asked_again.clone(),
            begun: open.exchanges.begun.clone(),
            last: AtomicU64::default(),
            progress: Box::new(move |fresh, reached, last| {
                let mut all = received.lock().unwrap_or_else(PoisonError::into_inner);
                *all += fresh;
                noted.exchanges.state().loading = Some(Loading { received: *all, reached, last });
            }),
        };
        let random = random_bits().map_err(|error| logged(Code::Internal, &error))?;
        let outcome = exchange(&side, remote, random).await;
        // Broken off, it may still have something to write: whoever comes next goes on behind it.
        let written = side.sending.settled().await.and(side.writing.written().await);
        let outcome = outcome.and_then(|report| written.map(|_| report).map_err(Stopped::Local));
        let touched = std::mem::take(&mut *side.touched.lock().unwrap_or_else(PoisonError::into_inner));
        let outcome = outcome.map_err(|stopped| match stopped {
            Stopped::Local(failure) => failure,
            Stopped::Remote(error) => error.into(),
            Stopped::Nonsense(error) => logged(Code::Internal, &error),
        });
        let followed = follow(open, &touched.kinds).await;
        let sheets = self.follow_sheets(open, &side.identity, touched).await;
        self.note(open, outcome.as_ref()).await;
        clear_out(open, outcome.as_ref().is_ok_and(|report| report.purged > 0)).await;
        followed?;
        sheets?;
        outcome
    }

    /// Writes at the desk what follows from sheets that came finished.
    async fn follow_sheets(&self, open: &Open, identity: &Identity, touched: Touched) -> Result<(), Failure> {
        if !identity.office() {
            return Ok(());
        }
        for sheet in touched.sheets {
            follow_received(open, identity, self.now(), sheet).await?;
        }
        Ok(())
    }

    /// Notes for the bar what came of an exchange.
    pub(crate) async fn note(&self, open: &Open, outcome: Result<&Report, &Failure>) {
        let now_ms = self.now().timestamp_millis().max(0).cast_unsigned();
        let counts = super::standing::counts(open).await.unwrap_or_default();
        let mut state = open.exchanges.state();
        (state.busy, state.loading) = (false, None);
        match outcome {
            Ok(report) => {
                state.standing.succeeded(now_ms, report, counts);
                state.trouble = None;
            }
            Err(failure) => {
                state.standing.failed(now_ms, counts);
                state.trouble = Some(failure.clone());
            }
        }
    }
}

/// Clears what was destroyed out of the file. Where that fails, as on a full disk, the next exchange comes back to it.
async fn clear_out(open: &Open, taken_off: bool) {
    let cleared = match open.store.to_purge().await {
        Ok(destroyed) if destroyed || taken_off => open.store.purge().await,
        other => other.map(drop),
    };
    if let Err(error) = cleared {
        tracing::warn!(%error, "what was destroyed is not cleared out of the file yet");
    }
}

/// What the open desk keeps in memory follows what came: the form, and who sits here.
async fn follow(open: &Open, touched: &BTreeSet<String>) -> Result<(), Failure> {
    if touched.contains(kind::TEMPLATE) {
        let form = Arc::new(Form::load(&open.store).await?);
        *open.form.lock().unwrap_or_else(PoisonError::into_inner) = form;
    }
    if touched.contains(kind::COMPANY) {
        open.reload_company().await?;
    }
    if touched.contains(kind::MEMBER) {
        let seat = open.seat();
        // One who has left goes on sitting until he locks; the table of the process asks his record and refuses him.
        if let Ok(member) = open.active_member(seat.id).await {
            open.seats.sit(Seat { id: seat.id, member, via: seat.via });
        }
    }
    Ok(())
}
