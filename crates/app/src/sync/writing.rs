//! Pages on their way into the store: written in their order, those that came meanwhile in one transaction, while the next
//! are fetched and opened. Opening and writing would take turns otherwise, and pages of the file that many changes share
//! would be written for each page that was fetched.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kefu_local::Store;
use kefu_local::sync::{Exchange, Intake};
use kefu_sync::Applied;
use kefu_sync::wire::Mark;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::device::{Finish, take_in};
use super::joined;
use super::stride::Stride;
use super::wraps::Keys;
use crate::wire::Failure;

/// Most pages that wait, and that one transaction holds: who writes at the desk meanwhile waits no longer than for these.
const AT_ONCE: usize = 4;

/// A page that was verified and opened.
pub(crate) struct Ready {
    pub intake: Intake,
    /// Keys that came with it, open.
    pub keys: Keys,
    /// Where it ends.
    pub cursor: Mark,
    /// Something is through with it that need not be carried again.
    pub steps: bool,
}

/// The pages of one exchange.
#[derive(Default)]
pub(crate) struct Writing(Mutex<Option<UnderWay>>);

struct UnderWay {
    pages: Sender<Ready>,
    task: JoinHandle<Result<(), Failure>>,
    seen: Arc<Mutex<Seen>>,
}

/// What can be seen of the writing from outside.
#[derive(Default)]
struct Seen {
    /// Of pages that the store may not have yet, in their order.
    keys: VecDeque<Arc<Keys>>,
    /// What came of those it has, as far as nobody was told.
    applied: Applied,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Replaced member by member; a panic elsewhere cannot have left it half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writing {
    /// Keys that came with pages which the store may not have yet.
    pub fn keys(&self) -> Vec<Arc<Keys>> {
        held(&self.0).as_ref().map(|under_way| held(&under_way.seen).keys.iter().cloned().collect()).unwrap_or_default()
    }

    /// Has a page written after those before; waits where too many do already.
    pub async fn write(&self, store: &Store, stride: &Arc<Stride>, page: Ready) -> Result<(), Failure> {
        let pages = {
            let mut under_way = held(&self.0);
            let under_way = under_way.get_or_insert_with(|| UnderWay::start(store.clone(), stride.clone()));
            held(&under_way.seen).keys.push_back(Arc::new(page.keys.clone()));
            under_way.pages.clone()
        };
        if pages.send(page).await.is_err() {
            drop(pages);
            self.written().await?; // tells what it failed with
        }
        Ok(())
    }

    /// What came of pages that are written, as far as nobody was told.
    pub fn done(&self) -> Applied {
        held(&self.0).as_ref().map(|under_way| std::mem::take(&mut held(&under_way.seen).applied)).unwrap_or_default()
    }

    /// The same once all are written.
    pub async fn written(&self) -> Result<Applied, Failure> {
        let Some(UnderWay { pages, task, seen }) = held(&self.0).take() else { return Ok(Applied::default()) };
        drop(pages);
        joined(task).await??;
        let applied = std::mem::take(&mut held(&seen).applied);
        Ok(applied)
    }
}

impl UnderWay {
    fn start(store: Store, stride: Arc<Stride>) -> Self {
        let (pages, waiting) = channel(AT_ONCE);
        let seen = Arc::<Mutex<Seen>>::default();
        let task = tokio::spawn(write(store, stride, waiting, seen.clone()));
        UnderWay { pages, task, seen }
    }
}

/// Writes pages until nothing more can come.
async fn write(
    store: Store,
    stride: Arc<Stride>,
    mut waiting: Receiver<Ready>,
    seen: Arc<Mutex<Seen>>,
) -> Result<(), Failure> {
    let mut pages = Vec::with_capacity(AT_ONCE);
    while let Some(page) = waiting.recv().await {
        pages.push(page);
        let mut exchange: Exchange = store.exchange().await?;
        // Those that came while another wrote.
        while pages.len() < AT_ONCE
            && let Ok(page) = waiting.try_recv()
        {
            pages.push(page);
        }
        let (mut applied, written) = (Applied::default(), pages.len());
        let steps = pages.iter().any(|page| page.steps);
        for Ready { intake, cursor, .. } in pages.drain(..) {
            let one = take_in(&mut exchange, intake, Finish::Cursor(cursor)).await?;
            applied.fresh += one.fresh;
            applied.quarantined += one.quarantined;
            applied.retry |= one.retry;
        }
        exchange.commit().await?;
        if steps {
            stride.stepped();
        }
        let mut seen = held(&seen);
        seen.keys.drain(..written);
        seen.applied.fresh += applied.fresh;
        seen.applied.quarantined += applied.quarantined;
        seen.applied.retry |= applied.retry;
    }
    Ok(())
}
