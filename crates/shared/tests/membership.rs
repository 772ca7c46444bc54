//! Who is in: the roster goes on from its end, invites work once, desk keys go to whom they are sealed; and installing again.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use std::collections::BTreeSet;

use kefu_shared::{DeskKeyFor, SCHEMA, SharedError, install};
use stage::{Stage, address, deed, greeting, id, next_entry, now_ms, roles, run};

#[test]
fn the_desk_key_goes_to_whom_it_is_sealed() {
    run(async {
        let stage = Stage::new().await;
        let clerk = stage.member(&["reception"]).await;
        let mut admin = stage.connect(&stage.founder).await;
        let mut plain = stage.connect(&clerk).await;
        let seal = |seat, byte: u8| DeskKeyFor { seat, sealed: vec![byte] };
        let keys = [
            seal(Some((stage.founder.member, stage.founder.device)), 1),
            seal(Some((clerk.member, clerk.device)), 2),
            seal(None, 3),
        ];
        let append = next_entry(&mut admin).await;
        assert!(matches!(plain.turn_desk_key(2, &keys, &append).await, Err(SharedError::Forbidden)));
        admin.turn_desk_key(2, &keys, &append).await.unwrap();
        assert!(matches!(admin.turn_desk_key(2, &keys, &append).await, Err(SharedError::Moved)));
        let got = plain.desk_keys().await.unwrap();
        let mut seen: Vec<_> = got.iter().map(|key| (key.epoch, key.own, key.sealed.clone())).collect();
        seen.sort();
        assert_eq!(seen, [(2, false, vec![3]), (2, true, vec![2])]);
        let technician = stage.member(&["technician"]).await;
        let mut field = stage.connect(&technician).await;
        assert!(matches!(field.desk_keys().await, Err(SharedError::Forbidden)));
        assert!(matches!(plain.raise_epoch().await, Err(SharedError::Forbidden)));
        assert_eq!(admin.raise_epoch().await.unwrap(), 2);
    });
}

#[test]
fn the_roster_goes_on_from_its_end_only_and_invites_work_once() {
    run(async {
        let stage = Stage::new().await;
        let member = stage.member(&["reception"]).await;
        let mut admin = stage.connect(&stage.founder).await;
        let mut plain = stage.connect(&member).await;
        let append = next_entry(&mut admin).await;
        let change = plain.change_roles(member.member, &roles(&["admin"]), &append).await;
        assert!(matches!(change, Err(SharedError::Forbidden)));
        admin.change_roles(member.member, &roles(&["records"]), &append).await.unwrap();
        let stale = admin.change_roles(member.member, &roles(&["admin"]), &append).await;
        assert!(matches!(stale, Err(SharedError::Moved)));
        assert_eq!(plain.hello(&greeting(member.device, &[])).await.unwrap().roles, ["records"]);
        assert_eq!(plain.roster(0).await.unwrap().iter().map(|entry| entry.no).collect::<Vec<_>>(), [1, 2, 3]);
        let seats = plain.members().await.unwrap();
        assert_eq!(seats.iter().map(|seat| seat.member).collect::<BTreeSet<_>>().len(), 2);
        assert!(seats[1].seen_ms.is_some());

        let login = kefu_shared::NewLogin::random().unwrap();
        let far = (now_ms() + 31 * 86_400_000) as i64;
        assert!(matches!(admin.invite(id(), &login, far).await, Err(SharedError::Malformed)));
        assert!(matches!(plain.invite(id(), &login, now_ms() as i64 + 60_000).await, Err(SharedError::Forbidden)));
        let invite = id();
        admin.invite(invite, &login, now_ms() as i64 + 3_000).await.unwrap();
        let mut newcomer =
            kefu_shared::Shared::connect(&address(&stage.server, &login.name, ""), stage.workspace).await.unwrap();
        newcomer.join(invite, b"keys").await.unwrap();
        assert!(matches!(newcomer.join(invite, b"other keys").await, Err(SharedError::InviteOver)));
        assert_eq!(admin.requests().await.unwrap()[0].request.as_deref(), Some(&b"keys"[..]));
        assert!(matches!(plain.join(invite, b"keys").await, Err(SharedError::InviteOver)));
    });
}

#[test]
fn installing_again_changes_nothing_and_a_newer_schema_is_left_alone() {
    run(async {
        let stage = Stage::new().await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&stage.founder).await;
        desk.send(&mut shared, deed(id(), "register")).await;
        let admin = address(&stage.server, "postgres", "");
        let before = stage.server.dump("kefu");
        assert_eq!(install(&admin).await.unwrap().before, SCHEMA);
        let (old, new): (BTreeSet<&str>, String) = (before.lines().collect(), stage.server.dump("kefu"));
        let changed: Vec<&str> = new.lines().filter(|line| !old.contains(line) && !line.contains("restrict")).collect();
        assert!(changed.is_empty(), "{changed:?}");
        let (newer, hello) = (SCHEMA + 1, greeting(id(), &[]));
        stage.server.sql("kefu", &format!("UPDATE kefu.version SET number = {newer}, oldest = {newer}"));
        assert!(matches!(install(&admin).await, Err(SharedError::TooOld { found }) if found == newer));
        assert!(matches!(shared.hello(&hello).await, Err(SharedError::TooOld { found }) if found == newer));
        stage.server.sql("kefu", "UPDATE kefu.version SET number = 1, oldest = 1");
        assert!(matches!(shared.hello(&hello).await, Err(SharedError::Newer { found: 1 })));
        assert_eq!(install(&admin).await.unwrap().before, 1);
        assert!(matches!(shared.hello(&hello).await, Err(SharedError::Unreachable)), "began before the upgrade");
        assert!(stage.connect(&stage.founder).await.hello(&hello).await.is_ok(), "upgraded");
    });
}
