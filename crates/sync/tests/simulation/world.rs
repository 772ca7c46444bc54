//! The world: devices, people, one server, and everything that goes wrong between them, in an order drawn from the seed.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use kefu_domain::Stamp;
use kefu_domain::envelope::{Clear, SUITE};
use kefu_sync::{Report, exchange};
use uuid::Uuid;

use crate::acts::{self, Authored};
use crate::folder::Flaws;
use crate::local::Device;
use crate::net::{Line, Net};
use crate::random::Random;
use crate::seal;
use crate::server::{Caller, Server};
use crate::store::Store;

const YEAR_MS: i64 = 365 * 24 * 3_600 * 1_000;

/// What a world is made of.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub devices: usize,
    pub acts: usize,
    pub flaws: Flaws,
    pub naive_cursor: bool,
    /// Everything that goes wrong besides a network that loses something.
    pub calm: bool,
}

type Running = Pin<Box<dyn Future<Output = Option<Report>>>>;

pub struct Place {
    pub store: Rc<RefCell<Store>>,
    pub caller: Caller,
    line: Line,
    running: Option<Running>,
    acts_left: usize,
    skew_ms: i64,
}

pub struct World {
    pub plan: Plan,
    pub random: Random,
    pub net: Rc<RefCell<Net>>,
    pub places: Vec<Place>,
    pub ledger: Vec<Authored>,
    pub rogue: BTreeSet<Uuid>,
    backups: Vec<Server>,
    restores_left: usize,
    clones_left: usize,
    pub seen: Seen,
}

/// How often what happened, so that a suite in which something never happens is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    pub crashes: u64,
    pub restores: u64,
    pub clones: u64,
    pub failed: u64,
    pub reports: u64,
    pub restamped: u64,
    pub renewed: u64,
    pub went_back: u64,
    pub given_back: u64,
    pub purged: u64,
    pub quarantined: u64,
    pub refused: u64,
    pub repeated: u64,
    pub rivals: u64,
    pub out_of_place: u64,
    pub fetched: u64,
}

impl World {
    pub fn new(seed: u64, plan: Plan) -> Self {
        seal::forget();
        let mut random = Random::new(seed);
        let server = Server { epoch: 1, now_ms: 1_700_000_000_000, naive: plan.naive_cursor, ..Server::default() };
        let kept = Vec::new();
        let net = Rc::new(RefCell::new(Net { server, random: Random::new(random.next()), loss: 4, kept }));
        let mut world = World {
            plan,
            random,
            net,
            places: Vec::new(),
            ledger: Vec::new(),
            rogue: BTreeSet::new(),
            backups: Vec::new(),
            restores_left: 2,
            clones_left: 1,
            seen: Seen::default(),
        };
        for index in 0..plan.devices {
            let office = index + 2 < plan.devices;
            let caller = Caller { member: Uuid::from_u128(index as u128 + 1), office };
            let store = Store::new(Uuid::from_u128(world.random.wide()), caller.member, office, plan.flaws);
            world.place(store, caller, plan.acts);
        }
        world
    }

    fn place(&mut self, store: Store, caller: Caller, acts_left: usize) {
        let line = Line { net: self.net.clone(), caller, cut: Rc::default() };
        let store = Rc::new(RefCell::new(store));
        self.places.push(Place { store, caller, line, running: None, acts_left, skew_ms: 0 });
    }

    fn technicians(&self) -> Vec<Uuid> {
        self.places.iter().filter(|place| !place.caller.office).map(|place| place.caller.member).collect()
    }

    /// Everything that happens until all have done what they had to do.
    pub fn run(&mut self) {
        while self.places.iter().any(|place| place.acts_left > 0) {
            self.tick();
            let index = self.random.below(self.places.len());
            match self.random.below(1_000) {
                0..480 => self.work(index),
                480..960 => (0..=self.random.below(24)).for_each(|_| {
                    let at = if self.random.percent(70) { index } else { self.random.below(self.places.len()) };
                    self.step(at);
                }),
                _ if self.plan.calm => {}
                960..972 => self.crash(index),
                972..982 => {
                    let cut = self.random.percent(50);
                    *self.places[index].line.cut.borrow_mut() = cut;
                }
                982..987 => self.jump(index),
                987..990 => self.rogue_row(),
                990..993 => self.backup(),
                993 => self.restore(),
                994 => self.copy(index),
                995 => self.places[index].store.borrow_mut().program = seal::NEWER,
                _ => self.repeat(),
            }
        }
    }

    fn tick(&mut self) {
        let passed = 50 + self.random.next() % 2_000;
        let server = &mut self.net.borrow_mut().server;
        server.now_ms += passed;
        server.ticks += 1;
        for place in &self.places {
            place.store.borrow_mut().wall_ms = server.now_ms as i64 + place.skew_ms;
        }
    }

    fn work(&mut self, index: usize) {
        let technicians = self.technicians();
        let place = &mut self.places[index];
        if place.acts_left > 0 {
            // Who has nothing to act on, as a technician before the first assignment, has done with it all the same.
            place.acts_left -= 1;
            self.ledger.extend(acts::act(&mut place.store.borrow_mut(), &mut self.random, &technicians, 10));
        }
    }

    /// The first desk writes so many changes that the server takes, and among them a member so many that nobody can read.
    pub fn poison(&mut self, sound: usize, bad: usize) -> Result<(), String> {
        let technicians = self.technicians();
        self.net.borrow_mut().loss = 0;
        loop {
            let taken = self.net.borrow().server.rows.len() - self.rogue.len();
            if taken == sound {
                break;
            }
            for _ in 0..(sound - taken).min(40) {
                self.tick();
                let store = self.places[0].store.clone();
                self.ledger.extend(acts::act(&mut store.borrow_mut(), &mut self.random, &technicians, 0));
            }
            (0..100_000).find_map(|_| self.step(0)).flatten().ok_or("an exchange that does not end")?;
            let reached = self.net.borrow().server.rows.len() - self.rogue.len();
            while self.rogue.len() < bad * reached / sound {
                self.rogue_row();
            }
        }
        Ok(())
    }

    /// One step of the device's exchange.
    fn step(&mut self, index: usize) -> Option<Option<Report>> {
        let random = self.random.wide();
        let place = &mut self.places[index];
        let (device, line) = (Device(place.store.clone()), place.line.clone());
        let running =
            place.running.get_or_insert_with(|| Box::pin(async move { exchange(&device, &line, random).await.ok() }));
        let Poll::Ready(outcome) = running.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { return None };
        place.running = None;
        self.count(outcome.as_ref());
        Some(outcome)
    }

    fn count(&mut self, outcome: Option<&Report>) {
        let seen = &mut self.seen;
        let Some(report) = outcome else {
            seen.failed += 1;
            return;
        };
        seen.reports += 1;
        seen.restamped += u64::from(report.restamped);
        seen.renewed += u64::from(report.renewed.is_some());
        seen.went_back += u64::from(report.went_back);
        seen.given_back += report.given_back;
        seen.purged += report.purged;
        seen.fetched += report.fetched;
        seen.quarantined += report.quarantined;
        seen.refused += report.refused;
    }

    /// The power goes: whatever step it was at, the session is gone and the store is as it was committed.
    fn crash(&mut self, index: usize) {
        self.seen.crashes += u64::from(self.places[index].running.take().is_some());
    }

    fn jump(&mut self, index: usize) {
        let years = self.random.below(21) as i64 - 10;
        let within = (self.random.next() % 600_000) as i64 - 300_000;
        self.places[index].skew_ms = years * YEAR_MS + within;
    }

    fn backup(&mut self) {
        let backup = self.net.borrow().server.clone();
        self.backups.push(backup);
        if self.backups.len() > 4 {
            let out = self.random.below(4);
            self.backups.remove(out);
        }
    }

    /// The server is put back to an earlier state, sometimes without anybody saying so.
    fn restore(&mut self) {
        if self.restores_left == 0 || self.backups.is_empty() {
            return;
        }
        self.restores_left -= 1;
        self.seen.restores += 1;
        let backup = self.backups[self.random.below(self.backups.len())].clone();
        let told = self.random.percent(50);
        let server = &mut self.net.borrow_mut().server;
        let (now_ms, ticks, epoch) = (server.now_ms, server.ticks, server.epoch);
        *server = Server { now_ms, ticks, epoch: epoch + u64::from(told), ..backup };
    }

    /// A desk's profile is copied to another machine; both go on.
    fn copy(&mut self, index: usize) {
        let place = &self.places[index];
        if self.clones_left == 0 || !place.caller.office {
            return;
        }
        self.clones_left -= 1;
        self.seen.clones += 1;
        let (store, caller) = (place.store.borrow().clone(), place.caller);
        self.place(store, caller, self.plan.acts / 8);
    }

    /// A member sends what does not verify or open: altered, replayed as another's, or well signed nonsense.
    fn rogue_row(&mut self) {
        let net = &mut *self.net.borrow_mut();
        let Some(index) = net.server.rows.len().checked_sub(1) else { return };
        let mut envelope = (*net.server.rows[self.random.below(index)].envelope).clone();
        (envelope.device, envelope.seq) = (Uuid::from_u128(self.random.wide()), 1);
        envelope.at = Stamp { ms: 0, n: 0, device: envelope.device };
        envelope.clear = Clear::default();
        match self.random.below(4) {
            0 => {}
            1 => {
                let bit = self.random.below(envelope.sealed.len());
                envelope.sealed[bit] ^= 4;
            }
            2 => {
                envelope.sealed = vec![b'{'; 1 + self.random.below(400)];
                envelope = seal::sign(envelope);
            }
            _ => envelope = seal::sign(envelope),
        }
        envelope.suite = SUITE;
        self.rogue.insert(envelope.device);
        let ticks = net.server.ticks;
        net.server.store(envelope, ticks);
    }

    /// A push arrives once more, long after its time.
    fn repeat(&mut self) {
        let net = &mut *self.net.borrow_mut();
        if !net.kept.is_empty() {
            let (caller, changes) = net.kept.swap_remove(self.random.below(net.kept.len()));
            net.server.push(caller, &changes);
            self.seen.repeated += 1;
        }
    }

    /// The network is whole again, everybody has today's program. Returns the rounds it takes until nothing moves.
    pub fn heal(&mut self) -> Result<usize, String> {
        self.net.borrow_mut().loss = 0;
        for authored in self.ledger.clone() {
            let Some(record) = authored.withheld else { continue };
            let mine = |place: &&Place| {
                let store = place.store.borrow();
                store.office && store.folders.contains_key(&record)
            };
            let Some(store) = self.places.iter().find(mine).map(|place| place.store.clone()) else { continue };
            let note = acts::note(&mut store.borrow_mut(), &mut self.random, record);
            self.ledger.push(note);
        }
        for place in &self.places {
            *place.line.cut.borrow_mut() = false;
            place.store.borrow_mut().program = seal::NEWER;
        }
        for round in 1..=40 {
            let mut quiet = true;
            for index in 0..self.places.len() {
                self.tick();
                let steps = (0..100_000).find_map(|_| self.step(index));
                let report = steps.ok_or("an exchange that does not end")?;
                let still = |r: Report| r.sent + r.refused + r.received + r.given_back + r.purged == 0 && !r.went_back;
                quiet &= report.is_some_and(still);
            }
            if quiet {
                return Ok(round);
            }
        }
        Err("not at rest after 40 rounds".into())
    }
}
