//! A disk that is full at any write of an exchange: refused by its name, nothing half done, and gone on with when there is room.

use std::collections::HashSet;

use kefu_domain::change::act;
use kefu_sync::Report;
use serde_json::json;
use uuid::Uuid;

use super::super::Identity;
use super::stage::{Seated, World};
use crate::wire::Code;

/// Exchanges with ever more room, page by page, until it comes to its end; gives how often the disk was full, and what was done
/// at last.
async fn with_little_room(world: &World, seated: &Seated) -> (u32, Report) {
    let open = seated.desk.open().unwrap();
    open.store.append_roster(1, &world.log).await.unwrap();
    for room in 0..2_000 {
        let size = open.store.limit_pages(Some(1)).await.unwrap();
        open.store.limit_pages(Some(size + room)).await.unwrap();
        let identity = Identity::read(&open).await.unwrap().unwrap();
        let outcome = seated.desk.exchange_over(&open, identity, &world.server).await;
        open.store.limit_pages(None).await.unwrap(); // what verifies completes the indexes first
        seated.sound().await;
        match outcome {
            Ok(report) => return (room, report),
            Err(failure) => assert_eq!(failure.code, Code::DiskFull, "with room for {room} pages: {failure:?}"),
        }
    }
    panic!("never comes to its end");
}

#[tokio::test]
async fn a_disk_full_at_any_write_of_an_exchange_loses_nothing() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let forms = one.write_many(150, (usize::MAX, act::VOID)).await;

    // Sealing, sending, settling.
    let (full, _) = with_little_room(&world, &one).await;
    assert!(full >= 3, "the disk was full only {full} times");
    let counts = one.desk.open().unwrap().store.exchange_counts().await.unwrap();
    assert_eq!((counts.to_send, counts.refused), (0, 0));
    let changes: HashSet<Uuid> =
        world.server.0.lock().unwrap().rows.iter().map(|(out, _)| out.envelope.change).collect();
    assert_eq!(changes.len(), world.server.0.lock().unwrap().rows.len(), "nothing stands twice");

    // Receiving, with three that were altered and one whose key is held back.
    let late = forms[70];
    let held_back = {
        let kept = &mut *world.server.0.lock().unwrap();
        for form in &forms[20..23] {
            kept.rows.iter_mut().find(|(out, _)| out.envelope.record == *form).unwrap().0.envelope.sealed[40] ^= 1;
        }
        kept.wraps.extract_if(.., |(_, wrap)| wrap.record == late).map(|(_, wrap)| wrap).collect::<Vec<_>>()
    };
    assert_eq!(held_back.len(), 1);
    let (full, _) = with_little_room(&world, &two).await;
    assert!(full >= 3, "the disk was full only {full} times");
    let aside =
        async |reason: &str| two.desk.quarantine().await.unwrap().iter().filter(|one| one.reason == reason).count();
    assert_eq!((aside("signature").await, aside("no_key").await), (3, 1));

    // The key comes with a change: what waited for it is taken in.
    one.write(forms[0], act::CORRECT, json!({"product.name": "热水器".repeat(2_000)})).await;
    with_little_room(&world, &one).await;
    {
        let kept = &mut *world.server.0.lock().unwrap();
        let place = kept.rows.len() as u64;
        kept.wraps.extend(held_back.into_iter().map(|wrap| (place, wrap)));
    }
    let (full, _) = with_little_room(&world, &two).await;
    assert!(full >= 1, "there was room enough from the beginning");
    assert_eq!((aside("signature").await, aside("no_key").await), (3, 0));

    for form in &forms {
        let there = two.text(*form, "number").await.is_some();
        assert_eq!(there, !forms[20..23].contains(form), "{form}");
    }
    assert_eq!(two.text(forms[0], "product.name").await, Some("热水器".repeat(2_000)));
    for seated in [&one, &two] {
        world.exchange(seated).await;
    }
    for seated in [&one, &two] {
        assert_eq!(world.exchange(seated).await, Report::default(), "nothing is left to do");
        assert_eq!(seated.desk.standing().await.unwrap().to_send, 0);
    }
}
