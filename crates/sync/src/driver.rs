//! The thin driver: does what a session asks for, with the local store and the shared database behind two traits.

use uuid::Uuid;

use crate::session::{Nonsense, Session};
use crate::step::{Applied, Event, Greeted, Known, Report, Restamp, Settlement, Step};
use crate::wire::{Answers, Assigned, Greeting, Mark, Outgoing, Page, Pulled, Welcome, Whole};

/// The device's store, as far as an exchange needs it. Each call is one transaction; what it promises is said at the
/// [`Step`] of the same name.
#[expect(async_fn_in_trait, reason = "implementations are concrete where the future has to be Send")]
pub trait Local {
    /// What the store fails with.
    type Error;
    /// [`Step::Known`].
    async fn known(&self) -> Result<Known, Self::Error>;
    /// [`Step::Greeted`].
    async fn greeted(&self, greeted: Greeted) -> Result<(), Self::Error>;
    /// [`Step::Unsent`]. Sealed once; the same bytes each time. May be made ready while the batch before is sent.
    async fn unsent(&self, back: u64, limit: usize) -> Result<Vec<Outgoing>, Self::Error>;
    /// [`Step::Restamp`].
    async fn restamp(&self, restamp: Restamp) -> Result<(), Self::Error>;
    /// [`Step::Renew`]. Ids, moments and counters of the changes stay, the device in their stamps is the new one.
    async fn renew(&self, from: u64, device: Uuid) -> Result<(), Self::Error>;
    /// [`Step::Settle`]. Where all of a batch was answered it may be written while the next is sent, before anything but
    /// that is asked: what a crash loses of it is sent again, and known there.
    async fn settle(&self, settled: Vec<Settlement>) -> Result<(), Self::Error>;
    /// [`Step::Apply`]. A page after which more follow may be written while the next is fetched, in their order and before
    /// anything else is asked; what came of it is then told with the next. Two envelopes of one change id:
    /// [`kefu_domain::envelope::counts`]. At a technician's a record is held as soon as a row of it came, opened or not.
    async fn apply(&self, after: Mark, page: Page) -> Result<Applied, Self::Error>;
    /// [`Step::Astray`].
    async fn astray(&self, after: u64, limit: usize) -> Result<Vec<Outgoing>, Self::Error>;
    /// [`Step::Held`]. 0 for a record that came with a page and was not fetched whole yet, and after going back.
    async fn held(&self) -> Result<Vec<Assigned>, Self::Error>;
    /// [`Step::Purge`]: rows, folded record, keys, what of it is in quarantine. A record with own changes that were never acknowledged waits until they are. The device's own
    /// sealed envelopes stay without their keys, so that its chain can be sent to a database that was put back.
    async fn purge(&self, records: Vec<Uuid>) -> Result<(), Self::Error>;
    /// [`Step::TakeWhole`].
    async fn take_whole(&self, record: Uuid, whole: Whole) -> Result<Applied, Self::Error>;
    /// [`Step::Retry`].
    async fn retry(&self) -> Result<Applied, Self::Error>;
}

/// The shared database.
#[expect(async_fn_in_trait, reason = "implementations are concrete where the future has to be Send")]
pub trait Remote {
    /// What a call fails with: out of reach, not who it should be, not admitted, …
    type Error;
    /// hello.
    async fn hello(&self, greeting: Greeting) -> Result<Welcome, Self::Error>;
    /// push: changes of one device in their order, at most [`crate::batch::CHANGES`] and [`crate::batch::BYTES`].
    async fn push(&self, changes: Vec<Outgoing>) -> Result<Answers, Self::Error>;
    /// What is worth having before the rest: the member's own record, then a few that were written to last, the last first.
    async fn newest(&self) -> Result<Vec<Uuid>, Self::Error>;
    /// pull.
    async fn pull(&self, after: Mark) -> Result<Pulled, Self::Error>;
    /// pull_record; none where it is not assigned to who asks.
    async fn pull_record(&self, record: Uuid) -> Result<Option<Whole>, Self::Error>;
}

/// Why an exchange did not come to its end. What was done until then stays done.
#[derive(Debug, thiserror::Error)]
pub enum Failure<L, R> {
    /// The local store.
    #[error("local store")]
    Local(L),
    /// The shared database.
    #[error("shared database")]
    Remote(R),
    /// Neither speaks the protocol.
    #[error(transparent)]
    Nonsense(#[from] Nonsense),
}

/// One connect–sync–leave. At most one at a time on a device; people may go on writing meanwhile.
///
/// `random` is 128 random bits. Time is taken from the server.
///
/// # Errors
/// [`Failure`]; the caller tells its [`crate::Rhythm`] and comes back.
pub async fn exchange<L: Local, R: Remote>(
    local: &L,
    remote: &R,
    random: u128,
) -> Result<Report, Failure<L::Error, R::Error>> {
    let (mut session, mut step) = Session::start(uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid());
    loop {
        let event = match step {
            Step::Known => Event::Known(local.known().await.map_err(Failure::Local)?),
            Step::Greeted(greeted) => done(local.greeted(greeted).await)?,
            Step::Unsent { back, limit } => Event::Outgoing(local.unsent(back, limit).await.map_err(Failure::Local)?),
            Step::Restamp(restamp) => done(local.restamp(restamp).await)?,
            Step::Renew { from, device } => done(local.renew(from, device).await)?,
            Step::Settle(settled) => done(local.settle(settled).await)?,
            Step::Apply { after, page } => Event::Applied(local.apply(after, page).await.map_err(Failure::Local)?),
            Step::Astray { after, limit } => Event::Outgoing(local.astray(after, limit).await.map_err(Failure::Local)?),
            Step::Held => Event::Held(local.held().await.map_err(Failure::Local)?),
            Step::Purge(records) => done(local.purge(records).await)?,
            Step::TakeWhole { record, whole } => {
                Event::Applied(local.take_whole(record, whole).await.map_err(Failure::Local)?)
            }
            Step::Retry => Event::Applied(local.retry().await.map_err(Failure::Local)?),
            Step::Hello(greeting) => Event::Welcome(remote.hello(greeting).await.map_err(Failure::Remote)?),
            Step::Push(changes) => Event::Answers(remote.push(changes).await.map_err(Failure::Remote)?),
            Step::Newest => Event::Newest(remote.newest().await.map_err(Failure::Remote)?),
            Step::Pull(after) => Event::Pulled(remote.pull(after).await.map_err(Failure::Remote)?),
            Step::Fetch(record) => Event::Whole(remote.pull_record(record).await.map_err(Failure::Remote)?),
            Step::Leave(report) => return Ok(report),
        };
        step = session.take(event)?;
    }
}

fn done<L, R>(result: Result<(), L>) -> Result<Event, Failure<L, R>> {
    result.map(|()| Event::Done).map_err(Failure::Local)
}
