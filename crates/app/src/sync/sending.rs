//! What this device sends: its queue as it was sealed, made whole again, and what is sealed now. The next batch is made
//! ready, and what became of the last one is written with it, while the shared database is busy with the one between.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kefu_domain::envelope::Envelope;
use kefu_local::Store;
use kefu_local::sync::{Digest, OwnEnvelope, Settled};
use kefu_sync::batch;
use kefu_sync::wire::{Outgoing, Wrap};
use kefu_vault::envelopes;
use tokio::task::JoinHandle;

use super::stride::Stride;
use super::wraps::Keys;
use super::{Identity, joined, sealing, wraps};
use crate::wire::Failure;

/// An envelope as it is kept.
pub(super) struct Kept<'a> {
    pub digest: Digest,
    pub bare: &'a [u8],
    pub bytes: &'a [u8],
    /// Its record was erased: what it said may be gone.
    pub erased: bool,
}

/// The device's queue.
#[derive(Clone)]
pub(super) struct Queue {
    pub store: Store,
    pub identity: Arc<Identity>,
    /// How much goes at a time.
    pub stride: Arc<Stride>,
}

impl Queue {
    /// Writes what became of changes that were sent, and gives own changes after the number `after`: at most `limit` that were
    /// sealed before, and where they are fewer, what is sealed now.
    async fn after(&self, settled: &[Settled], after: u64, limit: usize) -> Result<Vec<Outgoing>, Failure> {
        let mut exchange = self.store.exchange().await?;
        let own = exchange.own(after, limit).await?;
        let mut fresh = Vec::new();
        if own.is_empty() {
            fresh = sealing::seal(&self.identity, &mut exchange, settled).await?;
        } else {
            exchange.settle(settled).await?;
        }
        exchange.commit().await?;
        if !settled.is_empty() {
            self.stride.stepped();
        }
        let kept =
            own.iter().map(|one| Kept { digest: one.digest, bare: &one.bare, bytes: &one.bytes, erased: one.erased });
        let restored = self.restored(&kept.collect::<Vec<_>>()).await?;
        let whole = |(envelope, one): (Envelope, &OwnEnvelope)| Outgoing {
            place: one.seq,
            again: one.again,
            digest: one.digest,
            envelope,
            wraps: wraps::kept(one.wraps.as_deref()),
        };
        let mut outgoing: Vec<Outgoing> = restored.into_iter().zip(&own).map(whole).collect();
        // Where one cannot be made again, all that follow it wait.
        while outgoing.len() >= own.len() && outgoing.len() < limit {
            if fresh.is_empty() {
                let mut exchange = self.store.exchange().await?;
                fresh = sealing::seal(&self.identity, &mut exchange, &[]).await?;
                exchange.commit().await?;
            }
            let last = outgoing.last().map_or(after, |last| last.place);
            // Another program at the same file may have sealed meanwhile: what it made comes with the next look.
            if fresh.first().is_none_or(|first| first.place != last + 1) {
                break;
            }
            outgoing.append(&mut fresh);
        }
        // What was accepted once was lost with all that came with it.
        for one in outgoing.iter_mut().filter(|one| one.again) {
            one.wraps = self.wraps_for(&one.envelope).await?;
        }
        Ok(outgoing)
    }

    /// Writes what became of changes that were sent.
    async fn settle(&self, settled: &[Settled]) -> Result<(), Failure> {
        if !settled.is_empty() {
            let mut exchange = self.store.exchange().await?;
            exchange.settle(settled).await?;
            exchange.commit().await?;
            self.stride.stepped();
        }
        Ok(())
    }

    /// Envelopes again, from what is kept of them. One that cannot be made again is left out, with all that follow it: their
    /// device's numbers have no gaps. Of an erased record the emptied envelope takes its place.
    pub async fn restored(&self, all: &[Kept<'_>]) -> Result<Vec<Envelope>, Failure> {
        let heads: Vec<Option<Envelope>> = all.iter().map(|one| envelopes::bare_head(one.bare)).collect();
        let ids: HashSet<[u8; 16]> = heads.iter().flatten().map(|head| head.key).collect();
        let mut keys = Keys::new();
        for kept in self.store.record_keys(&ids.into_iter().collect::<Vec<_>>()).await? {
            keys.extend(self.identity.open_key(&kept).map(|key| (kept.key, key)));
        }
        let made = all.iter().zip(heads).map_while(|(one, head)| {
            let envelope = match head {
                Some(head) => keys.get(&head.key).and_then(|key| envelopes::restore(one.bare, key, one.bytes)),
                None => envelopes::decode(one.bare),
            };
            let whole = envelope.filter(|envelope| envelopes::hash(envelope) == one.digest);
            whole.or_else(|| envelopes::emptied(one.bare, &one.digest).filter(|_| one.erased))
        });
        Ok(made.collect())
    }

    /// The keys that an envelope makes necessary, should the shared database have lost them with it.
    pub async fn wraps_for(&self, envelope: &Envelope) -> Result<Vec<Wrap>, Failure> {
        let identity = &self.identity;
        let mut wraps = Vec::new();
        for kept in self.store.record_keys(&[envelope.key]).await? {
            if !kept.here {
                let (record, key) = (kept.record, kept.key);
                wraps.push(Wrap { record, key, member: None, sealed: kept.sealed.clone() });
            }
            let Some(key) = identity.open_key(&kept) else { continue };
            let seats = envelope.clear.assignees.iter().flat_map(|member| identity.seats_in_the_field(*member));
            wraps.extend(seats.filter_map(|seat| identity.grant(&key, seat)));
        }
        Ok(wraps)
    }
}

/// What goes on beside the shared database.
#[derive(Default)]
struct Beside {
    /// What follows the last batch, being made ready.
    ahead: Option<Ahead>,
    /// What became of the batch before, not written yet.
    settled: Vec<Settled>,
    /// Up to this number the shared database has answered.
    answered: u64,
}

/// Own changes after a number.
struct Ahead {
    after: u64,
    task: JoinHandle<Result<Vec<Outgoing>, Failure>>,
}

/// The sending half of an exchange.
pub(crate) struct Sending {
    pub(super) queue: Queue,
    beside: Mutex<Beside>,
}

impl Sending {
    pub(super) fn new(store: Store, identity: Arc<Identity>, stride: Arc<Stride>) -> Self {
        Sending { queue: Queue { store, identity, stride }, beside: Mutex::default() }
    }

    fn beside(&self) -> MutexGuard<'_, Beside> {
        // Replaced member by member; a panic elsewhere cannot have left it half done.
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The own changes that are not acknowledged, with `back` of the acknowledged ones before them: what makes one push.
    pub(super) async fn unsent(&self, back: u64, limit: usize) -> Result<Vec<Outgoing>, Failure> {
        let limit = self.queue.stride.of(limit);
        let (ahead, answered) = {
            let mut beside = self.beside();
            (beside.ahead.take(), beside.answered)
        };
        let mut ready = match ahead {
            Some(ahead) => {
                let follows = back == 0 && ahead.after == answered;
                joined(ahead.task).await?.map(|ready| if follows { ready } else { Vec::new() })?
            }
            None => Vec::new(),
        };
        if ready.is_empty() {
            self.settled().await?;
            let mut exchange = self.queue.store.exchange().await?;
            let after = exchange.position().await?.acknowledged.saturating_sub(back);
            exchange.commit().await?;
            ready = self.queue.after(&[], after, limit).await?;
        }
        let more = ready.len() >= limit;
        let mut rest = ready.split_off(batch::cut(&ready).min(limit));
        if let Some(after) = ready.last().map(|last| last.place).filter(|_| more || !rest.is_empty()) {
            let (queue, settled) = (self.queue.clone(), std::mem::take(&mut self.beside().settled));
            let task = tokio::spawn(async move {
                if more && rest.len() < limit {
                    let last = rest.last().map_or(after, |last| last.place);
                    rest.extend(queue.after(&settled, last, limit).await?);
                } else {
                    queue.settle(&settled).await?;
                }
                Ok(rest)
            });
            self.beside().ahead = Some(Ahead { after, task });
        }
        Ok(ready)
    }

    /// Notes what became of changes that were sent. Where all of a batch was answered and the next was made ready, it is
    /// written with the making of the one after that. A crash until then has it sent again, and it is known there.
    pub(super) async fn settle(&self, settled: Vec<Settled>) -> Result<(), Failure> {
        let device = self.queue.store.device().id;
        let own = settled.iter().filter(|one| one.device == device).map(|one| one.seq).max();
        let goes_on = {
            let mut beside = self.beside();
            beside.answered = own.unwrap_or(beside.answered);
            beside.settled.extend(settled);
            beside.ahead.as_ref().is_some_and(|ahead| own == Some(ahead.after))
        };
        if goes_on { Ok(()) } else { self.settled().await }
    }

    /// Writes what became of all that was answered, and waits for what is being made ready.
    pub(super) async fn settled(&self) -> Result<(), Failure> {
        let (ahead, settled) = {
            let mut beside = self.beside();
            (beside.ahead.take(), std::mem::take(&mut beside.settled))
        };
        let ready = match ahead {
            Some(ahead) => joined(ahead.task).await.and_then(|ready| ready.map(drop)),
            None => Ok(()),
        };
        self.queue.settle(&settled).await.and(ready)
    }
}
