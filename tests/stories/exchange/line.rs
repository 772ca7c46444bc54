//! A line to the server in the hands of the test: whole, cut, hanging, slow, or breaking after so many bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::stage::{Machine, World};

/// Bytes that go at a time.
const PIECE: usize = 16 * 1024;

/// A line to the server. A connection breaks after so many bytes, whichever way they go; each has as many.
pub struct Line {
    folder: tempfile::TempDir,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    carried: AtomicUsize,
    broken: AtomicUsize,
    /// Connections are ended, and refused.
    cut: AtomicBool,
    /// Nothing comes through, and nobody is told.
    hanging: AtomicBool,
    /// Raised each time the line begins to hang: a connection that was there then is dead for good.
    hung: AtomicU64,
    /// Milliseconds for each kilobyte.
    slow: AtomicU64,
}

impl Line {
    /// A whole one.
    pub fn to(world: &World) -> Self {
        Self::breaking(world, usize::MAX)
    }

    /// One whose connections break after so many bytes.
    pub fn breaking(world: &World, bytes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = format!(".s.PGSQL.{}", world.server.port());
        let server = std::path::Path::new(world.server.socket()).join(&name);
        let listener = UnixListener::bind(folder.path().join(&name)).unwrap();
        let state = Arc::<State>::default();
        let serving = state.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if !serving.cut.load(Relaxed)
                    && let Ok(far) = UnixStream::connect(&server).await
                {
                    tokio::spawn(carry(serving.clone(), near, far, bytes));
                }
            }
        });
        Line { folder, state }
    }

    /// From now on the machine reaches the server by this line.
    pub async fn leads(&self, machine: &Machine, world: &World) {
        machine.goes_over(format!("{}:{}", self.folder.path().display(), world.server.port())).await;
    }

    /// Bytes that it carried.
    pub fn carried(&self) -> usize {
        self.state.carried.load(Relaxed)
    }

    /// Connections that broke because they had carried as much as they may.
    pub fn broken(&self) -> usize {
        self.state.broken.load(Relaxed)
    }

    /// Ends what is open and refuses what comes.
    pub fn cut(&self) {
        self.state.cut.store(true, Relaxed);
    }

    /// Takes everything and passes nothing on, as where one side has gone without a word.
    pub fn hang(&self) {
        self.state.hung.fetch_add(1, Relaxed);
        self.state.hanging.store(true, Relaxed);
    }

    /// Takes so many milliseconds for each kilobyte.
    pub fn slow(&self, milliseconds: u64) {
        self.state.slow.store(milliseconds, Relaxed);
    }

    /// Connections that begin now come through. Those that hung stay dead.
    pub fn heal(&self) {
        self.state.cut.store(false, Relaxed);
        self.state.hanging.store(false, Relaxed);
    }
}

async fn carry(state: Arc<State>, near: UnixStream, far: UnixStream, bytes: usize) {
    let left = AtomicUsize::new(bytes);
    let lost = AtomicBool::new(state.hanging.load(Relaxed));
    let began = state.hung.load(Relaxed);
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let cut = async {
        while !state.cut.load(Relaxed) {
            if state.hung.load(Relaxed) != began {
                lost.store(true, Relaxed);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        () = pass(near_in, far_out, &left, &lost, &state) => {}
        () = pass(far_in, near_out, &left, &lost, &state) => {}
        () = cut => {}
    }
    state.broken.fetch_add(usize::from(left.load(Relaxed) == 0), Relaxed);
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    left: &AtomicUsize,
    lost: &AtomicBool,
    state: &State,
) {
    let mut buffer = vec![0; PIECE];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if lost.load(Relaxed) {
            continue;
        }
        tokio::time::sleep(Duration::from_millis(state.slow.load(Relaxed) * read as u64 / 1024)).await;
        let may = left.load(Relaxed).min(read);
        left.fetch_sub(may, Relaxed);
        state.carried.fetch_add(may, Relaxed);
        if to.write_all(&buffer[..may]).await.is_err() || may < read {
            left.store(0, Relaxed);
            return;
        }
    }
}
