//! Desks that exchange through a shared database in memory: they come to the same, and what goes wrong is seen.

mod erased;
mod full;
mod newer;
mod poison;
mod refused;
mod stage;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use kefu_domain::change::act;
use kefu_sync::Report;
use kefu_testkit::{MemoryRing, now};
use serde_json::json;
use stage::{Breaking, Seated, World};
use uuid::Uuid;

use super::Identity;
use crate::Desk;
use crate::wire::{ResolveRequest, StandingProblem, UnlockRequest};

#[tokio::test]
async fn two_desks_come_to_the_same_forms() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let forms: Vec<Uuid> = (0..20).map(|_| Uuid::now_v7()).collect();
    for (nth, form) in forms.iter().enumerate() {
        one.write(*form, act::REGISTER, json!({"number": format!("KF-{nth}"), "customer.name": "陈秀英"})).await;
    }
    let report = world.exchange(&one).await;
    assert!(report.sent >= 20, "what a single machine wrote goes along: {report:?}");
    let report = world.exchange(&two).await;
    assert!(report.received >= 20 && report.quarantined == 0, "{report:?}");
    for form in &forms {
        assert_eq!(two.text(*form, "customer.name").await.as_deref(), Some("陈秀英"));
    }
    assert_eq!(
        two.desk.open().unwrap().store.find("陈秀英", 100, Uuid::nil()).await.unwrap().0.rows.len(),
        20,
        "searchable"
    );
    two.write(forms[3], act::CORRECT, json!({"customer.name": "陈秀瑛"})).await;
    world.exchange(&two).await;
    world.exchange(&one).await;
    assert_eq!(one.text(forms[3], "customer.name").await.as_deref(), Some("陈秀瑛"));
    for seated in [&one, &two] {
        let standing = seated.desk.standing().await.unwrap();
        assert!(standing.joined && standing.online && standing.to_send == 0, "{standing:?}");
        seated.sound().await;
    }
    assert_eq!(world.exchange(&one).await, Report::default(), "nothing is left to do");
}

#[tokio::test]
async fn what_two_wrote_unseen_is_listed_and_decided() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1", "product.name": "热水器"})).await;
    world.exchange(&one).await;
    world.exchange(&two).await;
    one.write(form, act::CORRECT, json!({"product.name": "燃气热水器"})).await;
    two.write(form, act::CORRECT, json!({"product.name": "电热水器"})).await;
    for seated in [&one, &two, &one] {
        world.exchange(seated).await;
    }
    let mut lists = Vec::new();
    for seated in [&one, &two] {
        let found = seated.desk.conflicts().await.unwrap();
        let name = found.iter().find(|conflict| conflict.field == "product.name").unwrap().clone();
        assert_eq!((name.values.len(), name.title.as_str(), name.decidable), (2, "KF-1", true));
        assert!(name.values.iter().any(|value| value.value == "燃气热水器" && value.device == "A1"), "{name:?}");
        let problems = seated.desk.standing().await.unwrap().problems;
        assert!(problems.iter().any(|entry| entry.problem == StandingProblem::Conflicts), "{problems:?}");
        lists.push(name);
    }
    assert_eq!(lists[0].values, lists[1].values, "both see the same");
    let chosen = lists[0].values.iter().find(|value| value.value == "燃气热水器").unwrap().stamp.clone();
    let seen = lists[0].values.iter().map(|value| value.stamp.clone()).collect();
    let request = ResolveRequest { id: form, field: "product.name".into(), choose: Some(chosen), value: None, seen };
    let left = two.desk.resolve_conflict(request.clone()).await.unwrap();
    assert!(left.iter().all(|conflict| conflict.id != form), "{left:?}");
    assert!(two.desk.resolve_conflict(request).await.is_err(), "decided already");
    world.exchange(&two).await;
    world.exchange(&one).await;
    assert!(one.desk.conflicts().await.unwrap().iter().all(|conflict| conflict.id != form));
    assert_eq!(one.text(form, "product.name").await.as_deref(), Some("燃气热水器"));
}

#[tokio::test]
async fn what_two_wrote_of_different_fields_is_merged_and_marked_on_the_later() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1", "customer.name": "陈秀英"})).await;
    for seated in [&one, &two] {
        world.exchange(seated).await;
    }
    one.write(form, act::CORRECT, json!({"customer.name": "陈秀瑛"})).await;
    two.write(form, act::CORRECT, json!({"customer.phone": "13800138021"})).await;
    let marks = async |seated: &Seated| {
        let timeline = seated.desk.show(form).await.unwrap().timeline;
        let marked = timeline.into_iter().filter(|entry| !entry.merged_with.is_empty());
        marked.map(|entry| (entry.member, entry.merged_with)).collect::<Vec<_>>()
    };
    assert!(marks(&one).await.is_empty() && marks(&two).await.is_empty(), "before they heard of each other");
    for seated in [&one, &two, &one] {
        world.exchange(seated).await;
    }
    // The clocks stand still here: which of the two is the later is decided by the count and the device.
    let merged = marks(&one).await;
    let [a, b] = ["孙A1", "孙B1"].map(String::from);
    assert!(merged == [(a.clone(), vec![b.clone()])] || merged == [(b, vec![a])], "{merged:?}");
    assert_eq!(marks(&two).await, merged, "each had the other's first or last");
    for seated in [&one, &two] {
        assert_eq!(seated.text(form, "customer.name").await.as_deref(), Some("陈秀瑛"));
        assert_eq!(seated.text(form, "customer.phone").await.as_deref(), Some("13800138021"));
    }
    // One after the other, each having seen what was before: no further mark.
    for (seated, other, values) in
        [(&one, &two, json!({"product.name": "热水器"})), (&two, &one, json!({"product.model": "JSQ-16"}))]
    {
        seated.write(form, act::CORRECT, values).await;
        world.exchange(seated).await;
        world.exchange(other).await;
    }
    for seated in [&one, &two] {
        assert_eq!(marks(seated).await, merged);
        seated.sound().await;
    }
}

#[tokio::test]
async fn a_refused_change_has_no_effect_and_stays_to_be_seen() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1", "customer.name": "陈"})).await;
    world.exchange(&one).await;
    world.server.0.lock().unwrap().refuse = Some((act::VOID, "role"));
    one.write(form, act::VOID, json!({})).await;
    one.write(form, act::CORRECT, json!({"customer.name": "陈秀英"})).await;
    let report = world.exchange(&one).await;
    assert_eq!((report.sent, report.refused), (1, 1));
    assert_eq!(one.text(form, "customer.name").await.as_deref(), Some("陈秀英"), "the rest goes on");
    let record = one.desk.open().unwrap().store.record(form).await.unwrap().unwrap();
    assert_ne!(record.state, "voided");
    let refused = one.desk.refused_changes().await.unwrap();
    assert_eq!(
        (refused[0].act.as_str(), refused[0].code.as_str(), refused[0].number.as_str()),
        ("void", "role", "KF-1")
    );
    one.sound().await;
    let left = one.desk.dismiss_refused(crate::wire::ById { id: refused[0].id }).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn a_database_put_back_is_healed_and_poison_lies_aside() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let forms: Vec<Uuid> = (0..12).map(|_| Uuid::now_v7()).collect();
    for form in &forms[..6] {
        one.write(*form, act::REGISTER, json!({"number": "KF"})).await;
    }
    for seated in [&one, &two] {
        world.exchange(seated).await;
    }
    for form in &forms[6..] {
        one.write(*form, act::REGISTER, json!({"number": "KF"})).await;
    }
    for seated in [&one, &two] {
        world.exchange(seated).await;
    }
    // The backup of before.
    {
        let mut kept = world.server.0.lock().unwrap();
        let cut = kept.rows.len() - 9;
        let gone: Vec<(Uuid, u64)> =
            kept.rows.split_off(cut).iter().map(|(out, _)| (out.envelope.device, out.envelope.seq)).collect();
        kept.wraps.retain(|(place, _)| *place <= cut as u64);
        for key in gone {
            kept.sent.remove(&key);
            let last = kept.last.entry(key.0).or_default();
            *last = (*last).min(key.1 - 1);
        }
    }
    for seated in [&two, &one, &two] {
        world.exchange(seated).await;
    }
    let three = world.desk("C1").await;
    let report = world.exchange(&three).await;
    assert_eq!(report.quarantined, 0, "{report:?}");
    for form in &forms {
        assert_eq!(three.text(*form, "number").await.as_deref(), Some("KF"));
    }
    // A row that was altered on the way.
    one.write(forms[0], act::CORRECT, json!({"number": "KF-9"})).await;
    world.exchange(&one).await;
    world.server.0.lock().unwrap().rows.last_mut().unwrap().0.envelope.sealed[40] ^= 1;
    let report = world.exchange(&three).await;
    assert_eq!((report.quarantined, report.received), (1, 0));
    let aside = three.desk.quarantine().await.unwrap();
    assert_eq!((aside[0].reason.as_str(), aside[0].device.as_str()), ("signature", "A1"));
    assert!(String::from_utf8(three.desk.quarantine_file().await.unwrap()).unwrap().contains(&aside[0].digest));
    let page = three.desk.diagnosis().await.unwrap().text;
    assert!(page.contains("signature × 1") && !page.contains("孙"), "{page}");
    for seated in [&one, &two, &three] {
        seated.sound().await;
    }
}

#[tokio::test]
async fn a_copy_with_a_bad_proof_displaces_nothing_that_waits() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1"})).await;
    world.exchange(&one).await;
    let held_back = {
        let wraps = &mut world.server.0.lock().unwrap().wraps;
        wraps.extract_if(.., |(_, wrap)| wrap.record == form).map(|(_, wrap)| wrap).collect::<Vec<_>>()
    };
    world.exchange(&two).await;
    // The same change once more, and it is not signed so. Then again, with the key.
    for wraps in [Vec::new(), held_back] {
        let aside = two.desk.quarantine().await.unwrap();
        assert_eq!(aside.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["no_key"]);
        {
            let kept = &mut *world.server.0.lock().unwrap();
            let (mut copy, _) = kept.rows.iter().rfind(|row| row.0.envelope.record == form).unwrap().clone();
            copy.envelope.signature[9] = copy.envelope.signature[9].wrapping_add(1);
            let link = kept.rows.last().unwrap().1;
            let chain = kefu_vault::Head { seq: 0, link }.then(&copy.envelope.signature).link;
            kept.rows.push((copy, chain));
            let place = kept.rows.len() as u64;
            kept.wraps.extend(wraps.into_iter().map(|wrap| (place, wrap)));
        }
        world.exchange(&two).await;
    }
    assert_eq!(two.text(form, "number").await.as_deref(), Some("KF-1"));
    assert!(two.desk.quarantine().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_the_server_keeps_back_or_exchanges_is_noticed_and_the_rest_arrives() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    let forms: Vec<Uuid> = (0..20).map(|_| Uuid::now_v7()).collect();
    for form in &forms {
        one.write(*form, act::REGISTER, json!({"number": "KF"})).await;
    }
    world.exchange(&one).await;
    let noted = async |desk: &Seated| {
        let aside = desk.desk.quarantine().await.unwrap();
        aside.into_iter().map(|one| (one.place, one.reason)).collect::<Vec<_>>()
    };
    let withheld = |places: &[u64]| places.iter().map(|place| (*place, "withheld".to_owned())).collect::<Vec<_>>();

    // Nothing is said of a server that shows everything.
    let two = world.desk("B1").await;
    assert_eq!((world.exchange(&two).await.quarantined, noted(&two).await), (0, Vec::new()));

    // One within a page, a run, and the last of a page, which has 7.
    let there = world.server.0.lock().unwrap().rows.len() as u64;
    world.server.0.lock().unwrap().withheld = vec![3, 9, 10, 14];
    let three = world.desk("C1").await;
    let report = world.exchange(&three).await;
    assert_eq!((report.quarantined, report.received), (3, there - 4));
    assert_eq!(noted(&three).await, withheld(&[3, 9, 14]));
    assert!(three.desk.diagnosis().await.unwrap().text.contains("withheld × 3"));
    // It stays noted while the exchange goes on.
    one.write(forms[0], act::CORRECT, json!({"number": "KF-9"})).await;
    for seated in [&one, &three] {
        world.exchange(seated).await;
    }
    assert_eq!(three.text(forms[0], "number").await.as_deref(), Some("KF-9"));
    assert_eq!(noted(&three).await.len(), 3);

    // Two that changed places, both signed as they should be.
    {
        let kept = &mut *world.server.0.lock().unwrap();
        kept.withheld.clear();
        let (left, right) = kept.rows.split_at_mut(12);
        std::mem::swap(&mut left[11].0, &mut right[0].0);
    }
    let four = world.desk("D1").await;
    assert_eq!(world.exchange(&four).await.quarantined, 1);
    assert_eq!(noted(&four).await, [(14, "reordered".to_owned())]);

    // Put right again from a backup, it is read again once the desk is opened anew.
    {
        let kept = &mut *world.server.0.lock().unwrap();
        let (left, right) = kept.rows.split_at_mut(12);
        std::mem::swap(&mut left[11].0, &mut right[0].0);
        let cut = kept.rows.split_off(2);
        kept.wraps.retain(|(place, _)| *place <= 2);
        for (out, _) in cut {
            kept.sent.remove(&(out.envelope.device, out.envelope.seq));
            let last = kept.last.entry(out.envelope.device).or_default();
            *last = (*last).min(out.envelope.seq - 1);
        }
    }
    world.exchange(&one).await;
    for seated in [&three, &four] {
        seated.desk.lock().await;
        seated.desk.unlock(UnlockRequest::Passphrase("correct horse battery".into())).await.unwrap();
        world.exchange(seated).await;
        assert_eq!(noted(seated).await, []);
    }
    for form in &forms[1..] {
        assert_eq!(three.text(*form, "number").await.as_deref(), Some("KF"));
    }
    three.sound().await;
}

#[tokio::test]
async fn a_line_that_breaks_anywhere_loses_and_doubles_nothing() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let mut forms = Vec::new();
    for round in 1..12 {
        forms.push(Uuid::now_v7());
        one.write(forms[round - 1], act::REGISTER, json!({"number": format!("KF-{round}")})).await;
        two.write(forms[round / 2], act::CORRECT, json!({"product.name": format!("第 {round} 次")})).await;
        for (seated, after) in [(&one, true), (&two, false), (&two, true), (&one, false)] {
            let open = seated.desk.open().unwrap();
            open.store.append_roster(1, &world.log).await.unwrap();
            let identity = Identity::read(&open).await.unwrap().unwrap();
            let line = Breaking { memory: world.server.clone(), left: AtomicUsize::new(round % 6 + 1), after };
            let _ = seated.desk.exchange_over(&open, identity, &line).await;
        }
    }
    for seated in [&one, &two, &one] {
        world.exchange(seated).await;
    }
    let kept = world.server.0.lock().unwrap().rows.len();
    let changes: HashSet<Uuid> =
        world.server.0.lock().unwrap().rows.iter().map(|(out, _)| out.envelope.change).collect();
    assert_eq!(changes.len(), kept, "nothing stands twice");
    for form in &forms {
        let both = [one.desk.open().unwrap(), two.desk.open().unwrap()];
        let mut seen = Vec::new();
        for open in &both {
            seen.push(open.store.record(*form).await.unwrap().unwrap());
        }
        assert_eq!(seen[0], seen[1]);
    }
    for seated in [&one, &two] {
        seated.sound().await;
        assert_eq!(seated.desk.standing().await.unwrap().to_send, 0);
    }
}

/// Several batches, where the next is made ready while the last is under way.
#[tokio::test]
async fn a_long_queue_goes_in_its_order_through_refusals_and_breaks() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    world.exchange(&one).await;
    let before = world.server.0.lock().unwrap().rows.len();
    let open = one.desk.open().unwrap();
    let forms = one.write_many(4_500, (1_621, act::VOID)).await;
    assert_eq!(open.store.exchange_counts().await.unwrap().to_send, 4_500, "told from the numbers");
    world.server.0.lock().unwrap().refuse = Some((act::VOID, "role"));
    for (calls, after) in [(3, false), (3, true), (2, true), (4, false)] {
        let identity = Identity::read(&open).await.unwrap().unwrap();
        let line = Breaking { memory: world.server.clone(), left: AtomicUsize::new(calls), after };
        assert!(one.desk.exchange_over(&open, identity, &line).await.is_err());
    }
    // Somebody goes on writing.
    one.write(forms[0], act::CORRECT, json!({"number": "KF-"})).await;
    world.exchange(&one).await;
    let expected = forms.iter().enumerate().filter(|(at, _)| *at != 1_621).map(|(_, form)| *form).chain([forms[0]]);
    let rows: Vec<Uuid> =
        world.server.0.lock().unwrap().rows[before..].iter().map(|(out, _)| out.envelope.record).collect();
    assert_eq!(rows, expected.collect::<Vec<_>>(), "each once, in the order of the queue");
    let counts = open.store.exchange_counts().await.unwrap();
    assert_eq!((counts.to_send, counts.refused), (0, 1));
    one.sound().await;
}

/// What lay ready behind a batch of which only a part was answered does not follow it.
#[tokio::test]
async fn a_batch_answered_in_part_is_gone_on_with_from_there() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    world.exchange(&one).await;
    let before = world.server.0.lock().unwrap().rows.len();
    let forms = one.write_many(2_250, (1_250, act::VOID)).await;
    world.server.0.lock().unwrap().refuse = Some((act::VOID, "clock"));
    let report = world.exchange(&one).await;
    assert!(report.restamped && report.sent == 2_250, "{report:?}");
    let rows: Vec<Uuid> =
        world.server.0.lock().unwrap().rows[before..].iter().map(|(out, _)| out.envelope.record).collect();
    assert_eq!(rows, forms, "each once, in the order of the queue");
    one.sound().await;
}

/// The whole folder of a desk, copied while it is closed, goes on as a machine of its own.
#[tokio::test]
async fn a_copied_profile_takes_another_name_and_both_branches_live() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1"})).await;
    world.exchange(&one).await;
    one.desk.lock().await;
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(one.folder.path()).unwrap().flatten() {
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let opened = async |folder: &std::path::Path| {
        let desk = Desk::with(folder, Arc::new(MemoryRing::default()), Arc::new(now));
        desk.unlock(UnlockRequest::Passphrase("correct horse battery".into())).await.unwrap();
        desk
    };
    let desk = opened(copy.path()).await;
    let two = Seated { folder: copy, desk };
    let one = Seated { desk: opened(one.folder.path()).await, folder: one.folder };
    one.write(form, act::CORRECT, json!({"product.name": "热水器"})).await;
    two.write(form, act::CORRECT, json!({"product.model": "JSQ-16"})).await;
    two.write(form, act::CORRECT, json!({"product.serial": "SN 1"})).await;
    world.exchange(&one).await;
    let report = world.exchange(&two).await;
    let renewed = report.renewed.unwrap();
    let open = two.desk.open().unwrap();
    assert_eq!((open.store.device().id, open.store.device().code.as_str()), (renewed, "A12"));
    assert_eq!((report.sent, open.store.exchange_counts().await.unwrap().to_send), (3, 0), "{report:?}");
    for (field, value) in [("product.name", "热水器"), ("product.model", "JSQ-16"), ("product.serial", "SN 1")] {
        assert_eq!(two.text(form, field).await.as_deref(), Some(value));
    }
    two.sound().await;
    let rows = world.server.0.lock().unwrap().rows.iter().filter(|(out, _)| out.envelope.device == renewed).count();
    assert_eq!(rows, 2, "both branches are in the shared database");
    // Opened again it is still the one it became.
    two.desk.lock().await;
    let again = Seated { desk: opened(two.folder.path()).await, folder: two.folder };
    assert_eq!(again.desk.open().unwrap().store.device().id, renewed);
    again.write(form, act::CORRECT, json!({"product.name": "燃气热水器"})).await;
    assert_eq!(world.exchange(&again).await.sent, 1);
    again.sound().await;
}
