//! Whoever has a technician's keys and all that the server has opens what that technician has in hand, and nothing else.

use std::collections::BTreeSet;

use kefu_domain::envelope::Envelope;
use kefu_shared::{Address, PAGE, Shared};
use kefu_sync::wire::{Mark, Pulled};
use kefu_vault::{Grant, RecordKey, WrapKey, envelopes};
use serde_json::json;
use uuid::Uuid;

use crate::stage::{Machine, World};

/// Every change that stands on the server, as an office login is shown them.
async fn everything(one: &Machine) -> Vec<Envelope> {
    let store = one.store().await;
    let place = store.workspace(&WrapKey::of(&one.key)).await.unwrap().unwrap();
    store.close().await;
    let address = Address::of(&place.server, &place.password);
    let mut shared = Shared::connect(&address, place.id).await.unwrap();
    let (mut all, mut cursor) = (Vec::new(), Mark::default());
    loop {
        let Pulled::Page(page) = shared.pull(cursor, PAGE).await.unwrap() else { panic!("diverged") };
        all.extend(page.rows.into_iter().map(|row| row.envelope));
        cursor = page.cursor;
        if !page.more {
            return all;
        }
    }
}

/// The keys that everything sealed to anybody on the server gives to this seat.
async fn keys_of(world: &World, thief: &Machine) -> Vec<RecordKey> {
    let store = thief.store().await;
    let place = store.workspace(&WrapKey::of(&thief.key)).await.unwrap().unwrap();
    store.close().await;
    let sealed = world.server.sql("kefu", "SELECT encode(sealed, 'hex') FROM kefu.wraps");
    let bytes = |line: &str| -> Vec<u8> {
        (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect()
    };
    let grants = sealed.lines().filter_map(|line| Grant::decode(&bytes(line)));
    grants.filter_map(|grant| grant.open(place.seat, &place.keys, &world.roster).ok()).collect()
}

#[tokio::test]
async fn a_full_dump_and_a_technicians_keys_open_exactly_what_he_has_in_hand() {
    let many = if std::env::var_os("KEFU_SOAK").is_some() { 200 } else { 20 };
    let mut world = World::new().await;
    let one = world.desk("A1").await;
    let (thief, other) = (world.technician(&one, "F1", "周工").await, world.technician(&one, "F2", "吴工").await);
    let (mut his, mut all) = (BTreeSet::new(), BTreeSet::new());
    for nth in 0..many {
        let form = one.register(json!({"customer.name": format!("王芳{nth}")})).await;
        all.insert(form);
        match nth % 5 {
            0 => {
                one.dispatch(form, &thief, "周工").await;
                his.insert(form);
            }
            1 => one.dispatch(form, &other, "吴工").await,
            2 => {
                // He had it, and has it no more.
                one.dispatch(form, &thief, "周工").await;
                one.sync().await;
                one.dispatch(form, &other, "吴工").await;
            }
            _ => {}
        }
        one.correct(form, json!({"customer.phone": "13800138021"})).await;
    }
    for machine in [&one, &thief, &other, &one] {
        machine.sync().await;
    }
    let mut changes = everything(&one).await;
    // Company, members, form and rules are every device's.
    changes.retain(|change| !kefu_domain::change::kind::SHARED.contains(&change.kind.as_str()));
    let keys = keys_of(&world, &thief).await;
    let mut opened: BTreeSet<Uuid> = BTreeSet::new();
    let mut tried = 0;
    for key in &keys {
        for change in &changes {
            // As it stands, and as if it had been sealed with this key.
            let renamed = Envelope { key: key.id(), ..change.clone() };
            tried += 2;
            if envelopes::open(key, change).is_ok() || envelopes::open(key, &renamed).is_ok() {
                opened.insert(change.record);
            }
        }
    }
    assert_eq!(opened, his, "{tried} tries");
    let readable = |record: &Uuid| {
        let mut of = changes.iter().filter(|change| change.record == *record);
        of.all(|change| keys.iter().any(|key| envelopes::open(key, change).is_ok()))
    };
    assert!(his.iter().all(readable), "what is his opens whole");
    assert!(all.len() == many && changes.len() > 2 * many);
    println!(
        "figure: a dump of {} changes and a technician's keys, {tried} tries: {} records open, his",
        changes.len(),
        his.len()
    );
}

#[tokio::test]
async fn who_had_a_record_reads_nothing_that_was_written_after_it_left_his_hands() {
    let mut world = World::new().await;
    let one = world.desk("A1").await;
    let (thief, other) = (world.technician(&one, "F1", "周工").await, world.technician(&one, "F2", "吴工").await);
    let form = one.register(json!({"customer.name": "王芳"})).await;
    one.dispatch(form, &thief, "周工").await;
    for machine in [&one, &thief] {
        machine.sync().await;
    }
    assert_eq!(thief.text(form, "customer.name").await, Some(json!("王芳")));
    // A program that was changed keeps all that it ever had: keys, and what they open.
    let kept = keys_of(&world, &thief).await;
    let before = everything(&one).await.len();

    one.dispatch(form, &other, "吴工").await;
    one.correct(form, json!({"customer.phone": "13800138021"})).await;
    for machine in [&one, &other] {
        machine.sync().await;
    }
    let changes = everything(&one).await;
    let of_form = |changes: &[Envelope]| changes.iter().filter(|one| one.record == form).cloned().collect::<Vec<_>>();
    let opens = |change: &Envelope| {
        let renamed = |key: &RecordKey| Envelope { key: key.id(), ..change.clone() };
        kept.iter().any(|key| envelopes::open(key, change).is_ok() || envelopes::open(key, &renamed(key)).is_ok())
    };
    let (had, later) = (of_form(&changes[..before]), of_form(&changes[before..]));
    assert!(!had.is_empty() && had.iter().all(opens), "what he was given he had");
    assert!(later.len() >= 2 && !later.iter().any(opens), "{} later changes", later.len());

    // At its next contact his own program has nothing of it any more, and whoever has it now has all of it.
    thief.sync().await;
    assert_eq!(thief.text(form, "customer.name").await, None);
    for (field, value) in [("customer.name", "王芳"), ("customer.phone", "13800138021")] {
        assert_eq!(other.text(form, field).await, Some(json!(value)));
    }
}
