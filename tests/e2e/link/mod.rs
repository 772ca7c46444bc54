//! The network between the desks and their server, in the hands of the test: whole, cut, or breaking every so many bytes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often is looked whether the link was cut or mended.
const LOOK: Duration = Duration::from_millis(5);

/// A port of this machine that leads to another one.
pub struct Link {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    over: AtomicBool,
    /// Bytes after which a connection breaks; 0: never.
    every: AtomicUsize,
    /// Connections that broke so.
    broken: AtomicUsize,
    /// Both ends of what is open, by a number of its own.
    open: Mutex<BTreeMap<u64, [TcpStream; 2]>>,
}

impl Link {
    /// Leads to `server` on this machine.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let serving = state.clone();
        std::thread::spawn(move || serve(listener, server, &serving));
        Link { port, state }
    }

    /// Where clients find it.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Breaks what is open and refuses what comes, as a network that is down does.
    pub fn cut(&self) {
        self.state.cut.store(true, Ordering::Release);
        self.state.hang_up();
    }

    /// Lets everything through again.
    pub fn mend(&self) {
        self.state.every.store(0, Ordering::Release);
        self.state.cut.store(false, Ordering::Release);
    }

    /// From now on every connection breaks once it has carried so many bytes.
    pub fn breaks_every(&self, bytes: usize) {
        self.state.every.store(bytes, Ordering::Release);
        self.state.cut.store(false, Ordering::Release);
    }

    /// How many connections broke because they had carried that much.
    pub fn broken(&self) -> usize {
        self.state.broken.load(Ordering::Acquire)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::Release);
        self.cut();
    }
}

impl State {
    fn hang_up(&self) {
        std::mem::take(&mut *self.open.lock().unwrap()).values().for_each(shut);
    }
}

fn shut(ends: &[TcpStream; 2]) {
    for end in ends {
        let _ = end.shutdown(Shutdown::Both);
    }
}

fn serve(first: TcpListener, server: u16, state: &Arc<State>) {
    let address = first.local_addr().unwrap();
    let (mut listener, mut number) = (Some(first), 0);
    while !state.over.load(Ordering::Acquire) {
        // While nobody listens, a client is refused at once, as by a machine that is away.
        if state.cut.load(Ordering::Acquire) {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(address).ok();
        }
        let Some(open) = &listener else {
            std::thread::sleep(LOOK);
            continue;
        };
        open.set_nonblocking(true).unwrap();
        match open.accept() {
            Ok((client, _)) => {
                number += 1;
                carry(number, client, server, state);
            }
            Err(_) => std::thread::sleep(LOOK),
        }
    }
}

/// Carries both ways until one side ends, the link is cut, or it breaks.
fn carry(number: u64, client: TcpStream, server: u16, state: &Arc<State>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { return };
    client.set_nonblocking(false).unwrap();
    let carried = Arc::new(AtomicUsize::new(0));
    let again = |end: &TcpStream| end.try_clone().unwrap();
    let (near, far) = (again(&client), again(&server));
    state.open.lock().unwrap().insert(number, [client, server]);
    if state.cut.load(Ordering::Acquire) {
        state.hang_up(); // cut between the look and here
    }
    for (mut from, mut to) in [(again(&near), again(&far)), (far, near)] {
        let (state, carried) = (state.clone(), carried.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                let (before, every) =
                    (carried.fetch_add(length, Ordering::AcqRel), state.every.load(Ordering::Acquire));
                if every > 0 && before + length > every {
                    // Once for both directions.
                    state.broken.fetch_add(usize::from(before <= every), Ordering::AcqRel);
                    break;
                }
                if to.write_all(&buffer[..length]).is_err() {
                    break;
                }
            }
            shut(&[from, to]);
            state.open.lock().unwrap().remove(&number);
        });
    }
}
