//! Whole exchanges of the protocol core with the real database: several devices, a late assignment, a server that was put
//! back, a copied profile.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod memory;
mod stage;

use std::collections::BTreeSet;

use kefu_shared::install;
use memory::Memory;
use stage::{Deed, Stage, address, deed, id, run};
use uuid::Uuid;

/// Exchanges until nothing moves any more.
async fn settle(devices: &[&Memory]) {
    for _ in 0..3 {
        for device in devices {
            device.exchange().await;
        }
    }
}

fn given(record: Uuid, to: &[Uuid]) -> Deed<'static> {
    Deed { assignees: to.to_vec(), ..deed(record, "dispatch") }
}

#[test]
fn devices_come_to_the_same_and_a_technician_to_what_is_his() {
    run(async {
        let stage = Stage::new().await;
        let desk = Memory::new(&stage.founder);
        let other = Memory::new(&stage.member(&["reception", "records"]).await);
        let technician = stage.member(&["technician"]).await;
        let phone = Memory::new(&technician);
        let records: Vec<Uuid> = (0..20).map(|_| id()).collect();
        let mut all = BTreeSet::new();
        for (n, record) in records.iter().enumerate() {
            let (by, with) = if n % 2 == 0 { (&desk, &other) } else { (&other, &desk) };
            all.insert(by.write(deed(*record, "register")));
            by.exchange().await;
            all.insert(with.write(deed(*record, "note")));
        }
        settle(&[&desk, &other, &phone]).await;
        assert_eq!((desk.view(), other.view()), (all.clone(), all.clone()));
        assert!(phone.view().is_empty());

        // Late: everything of it is below his cursor already.
        all.insert(desk.write(given(records[3], &[technician.member])));
        all.insert(desk.write(given(records[4], &[technician.member])));
        settle(&[&desk, &phone]).await;
        assert_eq!(phone.records(), BTreeSet::from([records[3], records[4]]));
        assert_eq!(phone.view().len(), 6, "each whole");
        assert!(phone.holds_key(records[3]) && !phone.holds_key(records[5]));

        // Taken away while he works on it without a network.
        let work = phone.write(deed(records[3], "answer"));
        all.insert(work);
        all.insert(other.write(given(records[3], &[])));
        settle(&[&other, &phone, &desk, &other]).await;
        assert_eq!(phone.refused(), Default::default());
        assert_eq!(phone.records(), BTreeSet::from([records[4]]));
        assert!(!phone.holds_key(records[3]));
        assert!(desk.view().contains(&work));
        assert_eq!((desk.view(), other.view()), (all.clone(), all));
    });
}

#[test]
fn a_server_that_was_put_back_is_given_what_it_lost() {
    run(async {
        let stage = Stage::new().await;
        let desk = Memory::new(&stage.founder);
        let other = Memory::new(&stage.member(&["reception", "records"]).await);
        let technician = stage.member(&["technician"]).await;
        let phone = Memory::new(&technician);
        let records: Vec<Uuid> = (0..8).map(|_| id()).collect();
        let mut all: BTreeSet<Uuid> = records.iter().map(|record| desk.write(deed(*record, "register"))).collect();
        settle(&[&desk, &other, &phone]).await;
        stage.server.sql("postgres", "CREATE DATABASE backup TEMPLATE kefu");

        all.insert(desk.write(given(records[0], &[technician.member])));
        settle(&[&desk, &phone]).await;
        all.insert(phone.write(deed(records[0], "accept")));
        all.insert(other.write(deed(records[1], "note")));
        all.insert(other.write(Deed { state: "archived", ..deed(records[2], "file") }));
        settle(&[&phone, &other, &desk]).await;
        assert_eq!(desk.view(), all);

        stage.server.sql("postgres", "DROP DATABASE kefu WITH (FORCE)");
        stage.server.sql("postgres", "CREATE DATABASE kefu TEMPLATE backup");
        install(&address(&stage.server, "postgres", "")).await.unwrap();
        // It grew again before anybody noticed, and he who comes first is the technician: what he needs comes later.
        let late = Memory::new(&stage.member(&["reception"]).await);
        all.insert(late.write(deed(id(), "register")));
        late.exchange().await;
        let back = phone.exchange().await;
        assert!(back.went_back, "{back:?}");
        let report = desk.exchange().await;
        assert!(report.went_back && report.given_back > 0, "{report:?}");
        settle(&[&other, &phone, &desk, &late]).await;
        for device in [&desk, &other, &late] {
            assert_eq!(device.view(), all);
            assert_eq!(device.refused(), Default::default());
        }
        assert_eq!(phone.records(), BTreeSet::from([records[0]]));
        assert_eq!(phone.view().len(), 3);
        assert_eq!(stage.server.sql("kefu", "SELECT count(*) FROM kefu.changes"), all.len().to_string());
    });
}

#[test]
fn both_branches_of_a_copied_profile_live() {
    run(async {
        let stage = Stage::new().await;
        let technician = stage.member(&["technician"]).await;
        let watcher = Memory::new(&stage.founder);
        for person in [stage.member(&["reception", "records"]).await, technician.clone()] {
            let device = Memory::new(&person);
            let record = id();
            watcher.write(deed(record, "register"));
            watcher.write(given(record, &[technician.member]));
            settle(&[&watcher, &device]).await;
            device.write(deed(record, "note"));
            device.exchange().await;
            let copy = device.clone();
            let mut all: BTreeSet<Uuid> = (0..5).map(|_| device.write(deed(record, "note"))).collect();
            all.extend((0..3).map(|_| copy.write(deed(record, "log_call"))));
            assert_eq!(device.exchange().await.renewed, None);
            let report = copy.exchange().await;
            assert!(report.renewed.is_some(), "{report:?}");
            all.insert(copy.write(deed(record, "note")));
            settle(&[&device, &copy, &watcher]).await;
            assert!(watcher.view().is_superset(&all));
            assert_eq!((device.refused(), copy.refused()), Default::default());
            let of = |memory: &Memory| memory.view().len();
            assert_eq!(of(&device), of(&copy));
        }
    });
}
