//! The way to the server: cut, slow, losing requests, losing answers after the server committed, repeating what it was given.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use kefu_sync::Remote;
use kefu_sync::wire::{Answers, Greeting, Mark, Outgoing, Pulled, Welcome, Whole};
use uuid::Uuid;

use crate::random::Random;
use crate::server::{Caller, Server};

/// One step of the simulation passes.
pub fn pause() -> impl Future<Output = ()> {
    struct Once(bool);
    impl Future for Once {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
        }
    }
    Once(false)
}

/// Server and network.
pub struct Net {
    pub server: Server,
    pub random: Random,
    /// Of a hundred calls, so many are lost on the way there, and as many on the way back.
    pub loss: usize,
    /// Pushes that the network keeps and delivers once more, at any later time and in any order.
    pub kept: Vec<(Caller, Vec<Outgoing>)>,
}

/// No answer came.
#[derive(Debug)]
pub struct Unreachable;

#[derive(Clone)]
pub struct Line {
    pub net: Rc<RefCell<Net>>,
    pub caller: Caller,
    pub cut: Rc<RefCell<bool>>,
}

impl Line {
    async fn call<T>(&self, with: impl FnOnce(&mut Net) -> T) -> Result<T, Unreachable> {
        pause().await;
        let answer = {
            let net = &mut *self.net.borrow_mut();
            if *self.cut.borrow() || net.random.percent(net.loss) {
                return Err(Unreachable);
            }
            with(net)
        };
        pause().await; // what the server did is done; a crash or a cut here loses the answer
        let net = &mut *self.net.borrow_mut();
        if *self.cut.borrow() || net.random.percent(net.loss) { Err(Unreachable) } else { Ok(answer) }
    }
}

impl Remote for Line {
    type Error = Unreachable;

    async fn hello(&self, greeting: Greeting) -> Result<Welcome, Unreachable> {
        self.call(|net| net.server.hello(&greeting)).await
    }

    async fn push(&self, changes: Vec<Outgoing>) -> Result<Answers, Unreachable> {
        self.call(|net| {
            if net.random.percent(net.loss * 2) {
                net.kept.push((self.caller, changes.clone()));
            }
            net.server.push(self.caller, &changes)
        })
        .await
    }

    async fn newest(&self) -> Result<Vec<Uuid>, Unreachable> {
        self.call(|net| net.server.newest()).await
    }

    async fn pull(&self, after: Mark) -> Result<Pulled, Unreachable> {
        self.call(|net| net.server.pull(self.caller, after)).await
    }

    async fn pull_record(&self, record: Uuid) -> Result<Option<Whole>, Unreachable> {
        self.call(|net| net.server.pull_record(self.caller, record)).await
    }
}
