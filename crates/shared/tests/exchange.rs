//! Changes go out and come back: numbers, chains, refusals, assignments, keys, attachments, set-back servers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod stage;

use std::collections::BTreeSet;

use kefu_domain::envelope::Envelope;
use kefu_shared::{BATCH, Grant, Outcome, Refused, SharedError, Wrap, batches, chain_after, install};
use stage::{Deed, Stage, address, bytes, deed, id, next_entry, now_ms, pull_all, roles, run};
use uuid::Uuid;

#[test]
fn what_is_pushed_is_pulled_byte_for_byte_and_in_order() {
    run(async {
        let stage = Stage::new().await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&stage.founder).await;
        let sent: Vec<Envelope> = (0..450).map(|_| desk.make(deed(id(), "register"))).collect();
        let mut places = vec![];
        for batch in batches(&sent) {
            assert!(batch.len() <= BATCH);
            places.extend(shared.push(batch).await.unwrap());
        }
        assert_eq!(places, (1..=450).map(Outcome::Ok).collect::<Vec<_>>());
        let (got, cursor) = pull_all(&mut shared, 0, 100).await;
        assert_eq!(cursor, 450);
        assert_eq!(got.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=450).collect::<Vec<_>>());
        assert!(got.iter().map(|(_, envelope)| envelope).eq(&sent));

        // The chain can be followed, and hello knows it at any cursor.
        let chain = |upto: usize| sent[..upto].iter().fold([0; 32], |chain, e| chain_after(chain, &e.signature));
        assert_eq!(shared.pull(0, 100).await.unwrap().chain, Some(chain(100)));
        for cursor in [0, 17, 450] {
            let hello = shared.hello(cursor as u64).await.unwrap();
            assert!(!hello.set_back(cursor as u64, &chain(cursor)));
            assert!(hello.set_back(cursor as u64, &[9; 32]));
            assert_eq!((hello.last, hello.device_last, hello.device_link), (450, 450, desk.link));
        }
        assert!(shared.hello(451).await.unwrap().set_back(451, &[0; 32]));
    });
}

#[test]
fn known_forked_gap_and_clock_are_told_apart() {
    run(async {
        let stage = Stage::new().await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&stage.founder).await;
        let first: Vec<Envelope> = (0..3).map(|_| desk.make(deed(id(), "register"))).collect();
        let mut clone = desk.clone();
        shared.push(&first).await.unwrap();
        let again = shared.push(&first).await.unwrap();
        assert_eq!(again, [Outcome::Known(1), Outcome::Known(2), Outcome::Known(3)]);

        // Two machines on one profile: the one that comes second learns of it and both branches can live on.
        let (mine, other) = (desk.make(deed(id(), "register")), clone.make(deed(id(), "register")));
        let after = clone.make(deed(id(), "register"));
        assert_eq!(shared.push(&[mine]).await.unwrap(), [Outcome::Ok(4)]);
        let forked = Outcome::Refused(Refused::Forked);
        assert_eq!(shared.push(&[other, after.clone()]).await.unwrap(), [forked.clone(), forked.clone()]);
        assert_eq!(shared.push(&[after]).await.unwrap(), [forked]);

        let skipped = desk.make(deed(id(), "register"));
        let next = desk.make(deed(id(), "register"));
        assert_eq!(shared.push(std::slice::from_ref(&next)).await.unwrap(), [Outcome::Refused(Refused::Gap)]);
        assert_eq!(shared.push(&[skipped, next]).await.unwrap(), [Outcome::Ok(5), Outcome::Ok(6)]);

        let before = desk.clone();
        let ahead = desk.make_at(deed(id(), "register"), now_ms() + 6 * 60_000);
        let answer = shared.push(&[ahead]).await.unwrap().remove(0);
        let Outcome::Refused(Refused::Clock { server_ms }) = answer else { panic!("{answer:?}") };
        assert!(server_ms.unsigned_abs().abs_diff(now_ms()) < 5_000);
        desk = before; // stamped anew
        let near = desk.make_at(deed(id(), "register"), now_ms() + 4 * 60_000);
        let past = desk.make_at(deed(id(), "register"), 0);
        assert_eq!(shared.push(&[near, past]).await.unwrap(), [Outcome::Ok(7), Outcome::Ok(8)]);
    });
}

#[test]
fn one_bad_change_blocks_no_other_and_stays_visible() {
    run(async {
        let stage = Stage::new().await;
        let clerk = stage.member(&["reception"]).await;
        let mut desk = clerk.device();
        let mut shared = stage.connect(&clerk).await;
        let record = id();
        let mut queue = vec![desk.make(deed(record, "register"))];
        queue.push(desk.make(deed(record, "dispatch"))); // not a receptionist's
        let mut huge = desk.clone();
        let mut large = huge.make(deed(record, "note"));
        large.sealed = vec![7; 300_001];
        desk.seq = large.seq;
        desk.link = kefu_shared::link_of(&large);
        queue.push(large);
        queue.push(desk.make(Deed { kind: "visit", ..deed(record, "note") })); // the record is a form
        let mut stranger = desk.clone();
        stranger.person.member = id();
        let strange = stranger.make(deed(record, "note"));
        (desk.seq, desk.link) = (stranger.seq, stranger.link);
        queue.push(strange);
        queue.push(desk.make(deed(record, "note")));
        let refused = [Refused::Role, Refused::Size, Refused::Kind, Refused::Seat].map(Outcome::Refused);
        let all = [vec![Outcome::Ok(1)], refused.to_vec(), vec![Outcome::Ok(2)]].concat();
        assert_eq!(shared.push(&queue).await.unwrap(), all);
        // The same again gives the same, and others can tell the gap from an omission.
        let known = [vec![Outcome::Known(1)], refused.to_vec(), vec![Outcome::Known(2)]].concat();
        assert_eq!(shared.push(&queue).await.unwrap(), known);
        let list = shared.refused(clerk.device, 0).await.unwrap();
        assert_eq!(list.iter().map(|(seq, _, _)| *seq).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!(list[0], (2, queue[1].change, Refused::Role));

        let many: Vec<Envelope> = (0..201).map(|_| desk.make(deed(id(), "register"))).collect();
        assert!(matches!(shared.push(&many).await, Err(SharedError::TooMuch)));
    });
}

#[test]
fn the_archive_is_the_clerks_and_what_the_process_table_leaves_to_others() {
    run(async {
        let stage = Stage::new().await;
        let reception = stage.member(&["reception"]).await;
        let filer = stage.member(&["filer"]).await;
        let (mut one, mut two) = (reception.device(), filer.device());
        let (mut a, mut b) = (stage.connect(&reception).await, stage.connect(&filer).await);
        let record = id();
        let archived = |act| Deed { state: "archived", ..deed(record, act) };
        assert!(matches!(one.send(&mut a, deed(record, "register")).await, Outcome::Ok(_)));
        assert_eq!(one.send(&mut a, archived("file")).await, Outcome::Refused(Refused::Role));
        assert!(matches!(two.send(&mut b, archived("file")).await, Outcome::Ok(_)));
        let refused = Outcome::Refused(Refused::Archived);
        assert_eq!(one.send(&mut a, archived("correct")).await, refused);
        assert_eq!(one.send(&mut a, archived("act_of_a_newer_version")).await, refused);
        assert!(matches!(two.send(&mut b, archived("correct")).await, Outcome::Ok(_)));
        assert!(matches!(two.send(&mut b, archived("act_of_a_newer_version")).await, Outcome::Ok(_)));
        assert!(matches!(one.send(&mut a, archived("print")).await, Outcome::Ok(_)));
        // Within one batch it counts as well, both ways.
        let reopened = one.make(Deed { state: "to_dispatch", ..deed(record, "reopen") });
        let note = one.make(deed(record, "note"));
        assert!(a.push(&[reopened, note]).await.unwrap().iter().all(|outcome| matches!(outcome, Outcome::Ok(_))));
        let filed = two.make(Deed { state: "archived", ..deed(record, "file") });
        let note = two.make(archived("note"));
        assert_eq!(b.push(&[filed, note]).await.unwrap()[1], refused);
    });
}

#[test]
fn technicians_see_what_is_in_their_hands_and_no_more() {
    run(async {
        let stage = Stage::new().await;
        let technician = stage.member(&["technician"]).await;
        let other = stage.member(&["technician"]).await;
        let mut desk = stage.founder.device();
        let mut office = stage.connect(&stage.founder).await;
        let mut field = stage.connect(&technician).await;
        let (mine, foreign, late) = (id(), id(), id());
        let given = |record, to: &[Uuid]| Deed { assignees: to.to_vec(), ..deed(record, "dispatch") };
        for record in [mine, foreign, late] {
            desk.send(&mut office, deed(record, "register")).await;
        }
        desk.send(&mut office, given(mine, &[technician.member])).await;
        desk.send(&mut office, given(foreign, &[other.member])).await;
        let (seen, cursor) = pull_all(&mut field, 0, 1).await;
        assert_eq!((seen.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), cursor), (vec![1, 4], 5));
        assert_eq!(field.grants(0, cursor).await.unwrap(), [Grant { seq: 4, record: mine, given: true }]);
        assert!(matches!(field.pull_record(foreign, 0, 500).await, Err(SharedError::Forbidden)));

        // Assigned late: what lies below the cursor is fetched as a whole.
        desk.send(&mut office, given(late, &[technician.member])).await;
        let page = field.pull(cursor, 500).await.unwrap();
        assert_eq!(field.grants(cursor, page.upto).await.unwrap(), [Grant { seq: 6, record: late, given: true }]);
        let whole = field.pull_record(late, 0, 500).await.unwrap();
        assert_eq!(whole.changes.iter().map(|pulled| pulled.seq).collect::<Vec<_>>(), [3, 6]);

        // What he writes on it is taken, what he writes elsewhere is not, nor for anybody else.
        let mut phone = technician.device();
        let accept = |record| Deed { assignees: vec![technician.member], ..deed(record, "accept") };
        assert_eq!(phone.send(&mut field, accept(late)).await, Outcome::Ok(7));
        let unassigned = Outcome::Refused(Refused::Unassigned);
        assert_eq!(phone.send(&mut field, accept(foreign)).await, unassigned);
        assert_eq!(phone.send(&mut field, accept(id())).await, unassigned);
        let pair = [phone.make(accept(foreign)), phone.make(accept(foreign))];
        assert_eq!(field.push(&pair).await.unwrap(), [unassigned.clone(), unassigned.clone()]);
        assert_eq!(phone.send(&mut field, Deed { assignees: vec![], ..deed(mine, "dispatch") }).await, {
            Outcome::Refused(Refused::Role)
        });
        let posing = [desk.clone().make(accept(mine))];
        assert!(matches!(field.push(&posing).await, Err(SharedError::Forbidden)));

        // Taken away: told once, and nothing of it is given out any more.
        let wrap = Wrap {
            record: mine,
            key: [1; 16],
            desk: 0,
            member: technician.member,
            device: technician.device,
            sealed: vec![1],
        };
        office.put_keys(std::slice::from_ref(&wrap)).await.unwrap();
        assert_eq!(field.keys(0, 10).await.unwrap().wraps, [wrap]);
        let (_, cursor) = pull_all(&mut field, 0, 500).await;
        desk.send(&mut office, given(mine, &[other.member])).await;
        let page = field.pull(cursor, 500).await.unwrap();
        assert!(page.changes.is_empty());
        assert_eq!(field.grants(cursor, page.upto).await.unwrap(), [Grant { seq: 8, record: mine, given: false }]);
        assert!(matches!(field.pull_record(mine, 0, 500).await, Err(SharedError::Forbidden)));
        assert!(field.keys(0, 10).await.unwrap().wraps.is_empty());
        let own = desk.clone();
        assert_eq!(own.seq, 7);
    });
}

#[test]
fn an_older_change_that_arrives_late_does_not_move_the_record_back() {
    run(async {
        let stage = Stage::new().await;
        let technician = stage.member(&["technician"]).await;
        let mut desk = stage.founder.device();
        let mut office = stage.connect(&stage.founder).await;
        let record = id();
        let given = Deed { assignees: vec![technician.member], ..deed(record, "dispatch") };
        let queue = [desk.make(deed(record, "register")), desk.make_at(given, now_ms() + 1_000)];
        office.push(&queue).await.unwrap();
        let late = desk.make_at(deed(record, "note"), now_ms() - 60_000);
        office.push(&[late]).await.unwrap();
        let mut field = stage.connect(&technician).await;
        assert_eq!(field.pull(0, 500).await.unwrap().changes.len(), 3);
    });
}

#[test]
fn a_colleague_at_the_same_desk_may_send_but_not_sign_in_for_others() {
    run(async {
        let stage = Stage::new().await;
        let colleague = stage.seat(&["reception"], id(), stage.founder.device).await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&colleague).await;
        let mine = desk.make(deed(id(), "register"));
        desk.person.member = colleague.member;
        let his = desk.make(deed(id(), "register"));
        assert_eq!(shared.push(&[mine, his]).await.unwrap(), [Outcome::Ok(1), Outcome::Ok(2)]);
        // The author's roles count, not the sender's.
        let dispatch = desk.make(deed(id(), "dispatch"));
        assert_eq!(shared.push(&[dispatch]).await.unwrap(), [Outcome::Refused(Refused::Role)]);
    });
}

#[test]
fn keys_and_attachments_arrive_once_and_can_be_resumed() {
    run(async {
        let stage = Stage::new().await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&stage.founder).await;
        let record = id();
        let wrap = |n: u8| Wrap {
            record,
            key: [n; 16],
            desk: 1,
            member: Uuid::nil(),
            device: Uuid::nil(),
            sealed: vec![n; 80],
        };
        assert_eq!(shared.put_keys(&[wrap(1), wrap(2), wrap(2)]).await.unwrap(), 2);
        assert_eq!(shared.put_keys(&[wrap(2), wrap(3)]).await.unwrap(), 3);
        let page = shared.keys(0, 2).await.unwrap();
        assert_eq!((page.upto, page.wraps), (2, vec![wrap(1), wrap(2)]));
        assert_eq!(shared.keys(2, 2).await.unwrap().wraps, [wrap(3)]);
        assert_eq!(shared.keys(3, 2).await.unwrap().upto, 3);

        let file = bytes();
        assert!(matches!(shared.put_chunk(record, &file, 0, 3, b"a").await, Err(SharedError::Missing)));
        desk.send(&mut shared, deed(record, "register")).await;
        assert!(shared.put_chunk(record, &file, 0, 3, b"a").await.unwrap());
        assert!(shared.put_chunk(record, &file, 2, 3, b"c").await.unwrap());
        assert!(!shared.put_chunk(record, &file, 2, 3, b"other").await.unwrap());
        assert_eq!(shared.chunks(record, &file).await.unwrap(), (vec![0, 2], 3));
        assert_eq!(shared.get_chunk(record, &file, 2).await.unwrap().unwrap(), b"c");
        assert_eq!(shared.get_chunk(record, &file, 1).await.unwrap(), None);
        assert!(matches!(shared.put_chunk(record, &file, 3, 3, b"d").await, Err(SharedError::Malformed)));
        assert!(matches!(shared.put_chunk(record, &file, 1, 3, &[0; 300_001]).await, Err(SharedError::Malformed)));
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
        let certificate = b"other";
        let change = plain.change_roles(member.member, &roles(&["admin"]), certificate, &append).await;
        assert!(matches!(change, Err(SharedError::Forbidden)));
        admin.change_roles(member.member, &roles(&["records"]), certificate, &append).await.unwrap();
        let stale = admin.change_roles(member.member, &roles(&["admin"]), certificate, &append).await;
        assert!(matches!(stale, Err(SharedError::Moved)));
        assert_eq!(plain.hello(0).await.unwrap().roles, ["records"]);
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
        assert_eq!(install(&admin).await.unwrap().before, 1);
        let (old, new): (BTreeSet<&str>, String) = (before.lines().collect(), stage.server.dump("kefu"));
        let changed: Vec<&str> = new.lines().filter(|line| !old.contains(line) && !line.contains("restrict")).collect();
        assert!(changed.is_empty(), "{changed:?}");
        stage.server.sql("kefu", "UPDATE kefu.version SET number = 2, oldest = 2");
        assert!(matches!(install(&admin).await, Err(SharedError::TooOld { found: 2 })));
        assert!(matches!(shared.hello(0).await, Err(SharedError::TooOld { found: 2 })));
        stage.server.sql("kefu", "UPDATE kefu.version SET number = 0, oldest = 0");
        assert!(matches!(shared.hello(0).await, Err(SharedError::Newer { found: 0 })));
    });
}
