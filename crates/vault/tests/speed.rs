//! Figures of this machine: sealing, signing, verifying alone and in batches, opening. Run by hand with `--ignored`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement prints its figures")]

mod workspace;

use std::time::Instant;

use kefu_domain::envelope::Envelope;
use kefu_vault::envelopes;
use workspace::{Workspace, head, record_key};

const MANY: usize = 10_000;

fn measure<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("figure: {what}: {:.0}/s", MANY as f64 / start.elapsed().as_secs_f64());
    result
}

#[test]
#[ignore = "a measurement, on one core"]
fn seals_and_verifies_a_second() {
    let world = Workspace::new();
    let key = record_key(5);
    let change = vec![b'x'; 400];
    let heads: Vec<Envelope> = (1..=MANY as u64).map(|seq| head(&world.desk, &key, seq, [0; 32])).collect();
    let mut all: Vec<Envelope> =
        measure("seal", || heads.into_iter().map(|head| envelopes::seal(&key, head, &change).unwrap()).collect());
    let digests: Vec<_> = measure("digest", || all.iter().map(envelopes::hash).collect());
    let signatures = measure("sign, together", || envelopes::sign(&digests, &world.desk.keys));
    all.iter_mut().zip(signatures).for_each(|(envelope, signature)| envelope.signature = signature);
    measure("verify, one by one", || assert!(all.iter().all(|e| envelopes::verify(e, &world.roster).is_ok())));
    let bad = |all: &[Envelope]| envelopes::verify_all(all, &world.roster).iter().filter(|one| one.1.is_err()).count();
    measure("verify, in batches", || assert_eq!(bad(&all), 0));
    measure("open", || assert!(all.iter().all(|envelope| envelopes::open(&key, envelope).is_ok())));
    all[MANY / 2].signature[70] ^= 1;
    measure("verify, in batches, one of them bad", || assert_eq!(bad(&all), 1));
}
