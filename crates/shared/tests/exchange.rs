//! Changes go out and come back: numbers, chains, refusals, assignments, keys, attachments.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod stage;

use kefu_domain::envelope::Envelope;
use kefu_shared::{SharedError, chain_after};
use kefu_sync::batch;
use kefu_sync::wire::{Answer, Assigned, Head, Mark, Pulled, Wrap};
use stage::{
    Deed, Stage, bytes, deed, greeting, id, now_ms, outgoing, page, pull_all, push, push_sql, raw, refused, rows, run,
};
use uuid::Uuid;

#[test]
fn what_is_pushed_is_pulled_byte_for_byte_and_in_order() {
    run(async {
        let stage = Stage::new().await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&stage.founder).await;
        let sent: Vec<Envelope> = (0..450).map(|_| desk.make(deed(id(), "register"))).collect();
        let mut places = vec![];
        for batch in sent.chunks(batch::CHANGES) {
            places.extend(push(&mut shared, batch).await);
        }
        assert_eq!(places, (1..=450).map(Answer::Ok).collect::<Vec<_>>());
        let (got, cursor) = pull_all(&mut shared, Mark::default(), 100).await;
        assert_eq!(got.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=450).collect::<Vec<_>>());
        assert!(got.iter().map(|(_, envelope)| envelope).eq(&sent));

        // The chain can be followed, and hello knows it at any place: the greatest mark that is true.
        let chain = |upto: usize| sent[..upto].iter().fold([0; 32], |chain, e| chain_after(chain, &e.signature));
        let mark = |seq: usize| Mark { seq: seq as u64, hash: chain(seq) };
        let wrong = |seq: u64| Mark { seq, hash: [9; 32] };
        assert_eq!(page(&mut shared, Mark::default(), 100).await.cursor, mark(100));
        assert_eq!(cursor, mark(450));
        for (marks, matched) in [
            (vec![mark(450)], 450),
            (vec![wrong(450), mark(17), mark(3)], 17),
            (vec![wrong(451), wrong(17)], 0),
            (vec![], 0),
        ] {
            let hello = shared.hello(&greeting(desk.person.device, &marks)).await.unwrap();
            assert_eq!((hello.welcome.matched, hello.welcome.last), (matched, 450), "{marks:?}");
        }
        let own = |seq: usize| Head { seq: seq as u64, digest: kefu_shared::link_of(&sent[seq - 1]) };
        let mut asked = greeting(desk.person.device, &[]);
        asked.own = vec![Head { seq: 450, digest: [1; 32] }, own(449), own(1)];
        assert_eq!(shared.hello(&asked).await.unwrap().welcome.own, 449);
        assert_eq!(shared.pull(wrong(100), 100).await.unwrap(), Pulled::Diverged);
        assert_eq!(shared.pull(mark(450), 100).await.unwrap(), shared.pull(mark(450), 1).await.unwrap());
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
        push(&mut shared, &first).await;
        assert_eq!(push(&mut shared, &first).await, [Answer::Known(1), Answer::Known(2), Answer::Known(3)]);

        // Two machines on one profile: the one that comes second learns of it and both branches can live on.
        let (mine, other) = (desk.make(deed(id(), "register")), clone.make(deed(id(), "register")));
        let after = clone.make(deed(id(), "register"));
        assert_eq!(push(&mut shared, &[mine]).await, [Answer::Ok(4)]);
        let forked = refused("forked");
        assert_eq!(push(&mut shared, &[other, after.clone()]).await, [forked.clone(), forked.clone()]);
        assert_eq!(push(&mut shared, &[after]).await, [forked]);

        let skipped = desk.make(deed(id(), "register"));
        let next = desk.make(deed(id(), "register"));
        assert_eq!(push(&mut shared, std::slice::from_ref(&next)).await, [refused("gap")]);
        assert_eq!(push(&mut shared, &[skipped, next]).await, [Answer::Ok(5), Answer::Ok(6)]);

        let before = desk.clone();
        let ahead = desk.make_at(deed(id(), "register"), now_ms() + 6 * 60_000);
        let after = desk.make(deed(id(), "register"));
        let answers = shared.push(&[outgoing(&ahead), outgoing(&after)]).await.unwrap();
        assert_eq!(answers.each, [refused("clock"), refused("gap")]);
        assert!(answers.now_ms.abs_diff(now_ms()) < 5_000);
        desk = before; // stamped anew
        let near = desk.make_at(deed(id(), "register"), now_ms() + 4 * 60_000);
        let past = desk.make_at(deed(id(), "register"), 0);
        assert_eq!(push(&mut shared, &[near, past]).await, [Answer::Ok(7), Answer::Ok(8)]);

        // What is there already is never too late to go on from, though the server's clock was put back since.
        let far = now_ms() + 60 * 60_000;
        stage.server.sql("kefu", &format!("UPDATE kefu.counters SET ms = {far}"));
        let same = desk.make_at(deed(id(), "register"), far);
        let later = desk.make_at(deed(id(), "register"), far + 1);
        assert_eq!(push(&mut shared, &[same, later]).await, [Answer::Ok(9), refused("clock")]);
    });
}

#[test]
fn what_is_no_batch_is_refused_whole() {
    run(async {
        let stage = Stage::new().await;
        let mut desk = stage.founder.device();
        let mut login = raw(&stage.founder).await;
        let good = desk.make(deed(id(), "register"));
        let sized = |alter: fn(&mut Envelope)| {
            let mut altered = good.clone();
            alter(&mut altered);
            push_sql(&altered)
        };
        let sql = push_sql(&good);
        let written = |from: &str, to: &str| {
            assert_eq!(sql.matches(from).count(), 1, "{from}");
            sql.replace(from, to)
        };
        let seat = format!("'{{{}}}'", good.seat);
        for (name, call) in [
            ("a proof that is too short", sized(|e| e.signature.truncate(63))),
            ("a proof that is too long", sized(|e| e.signature = vec![1; 321])),
            ("an array that is too long", written("'{form}'", "'{form,form}'")),
            ("an array that is too short", written("'{form}'", "'{}'")),
            ("no array", written("'{form}'", "NULL")),
            ("nobody's", written(&seat, "'{null}'")),
            ("a key without a record", written("'{}', '{}', '{}', '{}', '{}')", "'{1}', '{}', '{}', '{}', '{}')")),
            ("keys that are none", written("'{}', '{}', '{}', '{}', '{}')", "'{}', NULL, '{}', '{}', '{}')")),
        ] {
            let said = rows(&mut login, &call).await.unwrap_err();
            assert!(said.contains("not a batch of changes"), "{name}: {said}");
        }
        assert_eq!(rows(&mut login, &sql).await, Ok(vec!["ok|1".into()]));
    });
}

#[test]
fn one_bad_change_blocks_no_other_and_stays_refused() {
    run(async {
        let stage = Stage::new().await;
        let clerk = stage.member(&["reception"]).await;
        let technician = stage.member(&["technician"]).await;
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
        queue.push(desk.make(deed(record, "note")));
        let codes = ["role", "size", "kind"].map(refused);
        let all = [vec![Answer::Ok(1)], codes.to_vec(), vec![Answer::Ok(2)]].concat();
        assert_eq!(push(&mut shared, &queue).await, all);
        let known = [vec![Answer::Known(1)], codes.to_vec(), vec![Answer::Known(2)]].concat();
        assert_eq!(push(&mut shared, &queue).await, known, "the same again gives the same");
        // Not so where it is known to have been taken once: the rights are asked anew, then it stands at a place of its own.
        let mut again = outgoing(&queue[1]);
        again.again = true;
        let server = &stage.server;
        let grant = |roles: &str| {
            let sql = format!("UPDATE kefu.seats SET roles = '{{{roles}}}' WHERE member = '{}'", clerk.member);
            server.sql("kefu", &sql)
        };
        assert_eq!(shared.push(&[again.clone()]).await.unwrap().each, [refused("role")]);
        grant("dispatcher");
        assert_eq!(push(&mut shared, &queue[1..2]).await, [refused("role")]);
        assert_eq!(shared.push(&[again.clone()]).await.unwrap().each, [Answer::Ok(3)]);
        assert_eq!(shared.push(&[again]).await.unwrap().each, [Answer::Known(3)]);

        // A technician's device writes in nobody's name but his; nobody else writes from it.
        let mut phone = technician.device();
        phone.person.member = clerk.member;
        let strange = phone.make(deed(record, "note"));
        assert_eq!(push(&mut shared, std::slice::from_ref(&strange)).await, [refused("seat")]);
        let mut field = stage.connect(&technician).await;
        assert_eq!(push(&mut field, &[strange]).await, [refused("seat")]);

        let many: Vec<Envelope> = (0..=batch::CHANGES).map(|_| desk.make(deed(id(), "register"))).collect();
        let many: Vec<_> = many.iter().map(outgoing).collect();
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
        assert!(matches!(one.send(&mut a, deed(record, "register")).await, Answer::Ok(_)));
        assert_eq!(one.send(&mut a, archived("file")).await, refused("role"));
        assert!(matches!(two.send(&mut b, archived("file")).await, Answer::Ok(_)));
        let late = refused("archived");
        assert_eq!(one.send(&mut a, archived("correct")).await, late);
        assert_eq!(one.send(&mut a, archived("act_of_a_newer_version")).await, late);
        assert!(matches!(two.send(&mut b, archived("correct")).await, Answer::Ok(_)));
        assert!(matches!(two.send(&mut b, archived("act_of_a_newer_version")).await, Answer::Ok(_)));
        assert!(matches!(one.send(&mut a, archived("print")).await, Answer::Ok(_)));
        // Within one batch it counts as well, both ways.
        let reopened = one.make(Deed { state: "to_dispatch", ..deed(record, "reopen") });
        let note = one.make(deed(record, "note"));
        assert!(push(&mut a, &[reopened, note]).await.iter().all(|answer| matches!(answer, Answer::Ok(_))));
        let filed = two.make(Deed { state: "archived", ..deed(record, "file") });
        let note = two.make(archived("note"));
        assert_eq!(push(&mut b, &[filed, note]).await[1], late);
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
        assert_eq!(page(&mut field, Mark::default(), 500).await.assigned, Some(vec![]), "nothing is told from all");
        for record in [mine, foreign, late] {
            desk.send(&mut office, deed(record, "register")).await;
        }
        // The key comes with the change that makes it necessary.
        let wrap = Wrap { record: mine, key: [1; 16], member: Some(technician.member), sealed: vec![1] };
        let other_wrap = Wrap { member: Some(other.member), ..wrap.clone() };
        let mut dispatched = outgoing(&desk.make(given(mine, &[technician.member])));
        dispatched.wraps = vec![wrap.clone(), other_wrap, Wrap { member: None, ..wrap.clone() }];
        assert_eq!(office.push(&[dispatched]).await.unwrap().each, [Answer::Ok(4)]);
        desk.send(&mut office, given(foreign, &[other.member])).await;
        let first = page(&mut field, Mark::default(), 1).await;
        assert!(first.more && first.assigned.is_none() && first.wraps.is_empty());
        let last = page(&mut field, first.cursor, 1).await;
        assert_eq!((first.rows[0].seq, last.rows[0].seq, last.cursor.seq, last.more), (1, 4, 5, false));
        assert_eq!(last.assigned, Some(vec![Assigned { record: mine, since: 4 }]));
        assert_eq!(last.wraps, std::slice::from_ref(&wrap));
        assert_eq!(page(&mut office, Mark::default(), 500).await.assigned, None);
        assert_eq!(field.pull_record(foreign, 500).await.unwrap(), None);

        // Assigned late: what lies below the cursor is fetched as a whole.
        desk.send(&mut office, given(late, &[technician.member])).await;
        let now = page(&mut field, last.cursor, 500).await;
        let both = vec![Assigned { record: mine, since: 4 }, Assigned { record: late, since: 6 }];
        assert_eq!(now.assigned, Some(both));
        let whole = field.pull_record(late, 1).await.unwrap().unwrap();
        assert_eq!((whole.since, whole.rows.iter().map(|row| row.seq).collect()), (6, vec![3, 6]));
        assert_eq!(field.pull_record(mine, 500).await.unwrap().unwrap().wraps, std::slice::from_ref(&wrap));

        // What he writes on it is taken, what he writes elsewhere is not, nor for anybody else.
        let mut phone = technician.device();
        let accept = |record| Deed { assignees: vec![technician.member], ..deed(record, "accept") };
        assert_eq!(phone.send(&mut field, accept(late)).await, Answer::Ok(7));
        let unassigned = refused("unassigned");
        assert_eq!(phone.send(&mut field, accept(foreign)).await, unassigned);
        assert_eq!(phone.send(&mut field, accept(id())).await, unassigned);
        let pair = [phone.make(accept(foreign)), phone.make(accept(foreign))];
        assert_eq!(push(&mut field, &pair).await, [unassigned.clone(), unassigned.clone()]);
        assert_eq!(phone.send(&mut field, Deed { assignees: vec![], ..deed(mine, "dispatch") }).await, refused("role"));
        let posing = [outgoing(&desk.clone().make(accept(mine)))];
        assert!(matches!(field.push(&posing).await, Err(SharedError::Forbidden)));
        // Nor does it come into his hands by saying that it was taken before.
        let mut again = outgoing(&phone.make(accept(foreign)));
        again.again = true;
        assert_eq!(field.push(&[again]).await.unwrap().each, [Answer::Ok(8)]);
        assert_eq!(field.pull_record(foreign, 500).await.unwrap(), None);

        // Taken away: nothing of it is given out any more; what he did before he heard of it is still taken in, without
        // a say in who has it.
        desk.send(&mut office, given(mine, &[other.member])).await;
        let now = page(&mut field, now.cursor, 500).await;
        assert_eq!(now.rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [7]);
        assert_eq!(now.assigned, Some(vec![Assigned { record: late, since: 6 }]));
        assert_eq!(field.pull_record(mine, 500).await.unwrap(), None);
        assert!(matches!(phone.send(&mut field, accept(mine)).await, Answer::Ok(10)));
        assert_eq!(field.pull_record(mine, 500).await.unwrap(), None);

        // Keys that became necessary without a change make him fetch the record anew.
        let fresh = Wrap { record: late, key: [2; 16], member: Some(technician.member), sealed: vec![2] };
        assert!(matches!(field.put_wraps(std::slice::from_ref(&fresh)).await, Err(SharedError::Forbidden)));
        office.put_wraps(std::slice::from_ref(&fresh)).await.unwrap();
        let now = page(&mut field, now.cursor, 500).await;
        assert_eq!(now.assigned, Some(vec![Assigned { record: late, since: 10 }]));
        assert_eq!(field.pull_record(late, 500).await.unwrap().unwrap().wraps, [fresh]);
    });
}

#[test]
fn only_acts_that_assign_move_who_has_it_and_the_latest_of_them_counts() {
    run(async {
        let stage = Stage::new().await;
        let (one, two) = (stage.member(&["technician"]).await, stage.member(&["technician"]).await);
        let mut desk = stage.founder.device();
        let mut office = stage.connect(&stage.founder).await;
        let (record, now) = (id(), now_ms());
        let with = |act, member: &[Uuid]| Deed { assignees: member.to_vec(), ..deed(record, act) };
        let queue = [
            desk.make_at(with("register", &[]), now - 9_000),
            desk.make_at(with("dispatch", &[one.member]), now - 5_000),
            desk.make_at(with("note", &[]), now - 1_000), // by somebody who had not heard of it
            desk.make_at(with("dispatch", &[two.member]), now - 7_000), // an older one that arrives late
        ];
        push(&mut office, &queue).await;
        let holds = |page: kefu_sync::wire::Page| page.assigned.unwrap().len();
        let mut first = stage.connect(&one).await;
        let mut second = stage.connect(&two).await;
        let seen = page(&mut first, Mark::default(), 500).await;
        assert_eq!((seen.rows.len(), holds(seen)), (4, 1));
        assert_eq!(holds(page(&mut second, Mark::default(), 500).await), 0);
        // The state goes by the latest of all.
        desk.send(&mut office, with("dispatch", &[two.member])).await;
        assert_eq!(holds(page(&mut first, Mark::default(), 500).await), 0);
        assert_eq!(holds(page(&mut second, Mark::default(), 500).await), 1);
    });
}

#[test]
fn a_desk_speaks_for_all_who_sit_at_it_and_a_copied_profile_goes_on_under_a_new_name() {
    run(async {
        let stage = Stage::new().await;
        let colleague = stage.seat(&["reception"], id(), stage.founder.device).await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&colleague).await;
        let mine = desk.make(deed(id(), "register"));
        desk.person.member = colleague.member;
        let his = desk.make(deed(id(), "register"));
        assert_eq!(push(&mut shared, &[mine, his]).await, [Answer::Ok(1), Answer::Ok(2)]);
        // The author's roles count, not the sender's; also where he sits elsewhere.
        let dispatch = desk.make(deed(id(), "dispatch"));
        assert_eq!(push(&mut shared, &[dispatch]).await, [refused("role")]);
        let elsewhere = stage.member(&["inspector"]).await;
        desk.person.member = elsewhere.member;
        let dispatch = desk.make(deed(id(), "dispatch"));
        assert_eq!(push(&mut shared, &[dispatch]).await, [refused("role")]);
        // One enrolled this minute has no seat of his own anywhere.
        desk.person.member = id();
        let dispatch = desk.make(deed(id(), "dispatch"));
        assert_eq!(push(&mut shared, &[dispatch]).await, [Answer::Ok(3)]);

        let technician = stage.member(&["technician"]).await;
        let record = id();
        let given = Deed { assignees: vec![technician.member], ..deed(record, "dispatch") };
        desk.person.member = stage.founder.member;
        assert_eq!(push(&mut shared, &[desk.make(given)]).await, [Answer::Ok(4)]);
        let mut copy = technician.device();
        copy.person.device = id();
        let mut field = stage.connect(&technician).await;
        let note = copy.make(deed(record, "note"));
        assert_eq!(push(&mut field, std::slice::from_ref(&note)).await, [Answer::Ok(5)]);
        assert_eq!(shared.first_of(copy.person.device).await.unwrap(), Some(note));
        let reached = shared.reached().await.unwrap();
        let of_copy = reached.iter().find(|reached| reached.device == copy.person.device).unwrap();
        assert_eq!((of_copy.member, of_copy.last), (technician.member, 1));
        assert_eq!(field.reached().await.unwrap().len(), 1, "of others he is not told");
        assert!(matches!(field.first_of(desk.person.device).await, Err(SharedError::Forbidden)));
    });
}

#[test]
fn keys_and_attachments_arrive_once_and_can_be_resumed() {
    run(async {
        let stage = Stage::new().await;
        let mut desk = stage.founder.device();
        let mut shared = stage.connect(&stage.founder).await;
        let record = id();
        let wrap = |n: u8| Wrap { record, key: [n; 16], member: None, sealed: vec![n; 80] };
        let file = bytes();
        assert!(matches!(shared.put_chunk(record, &file, 0, 3, b"a").await, Err(SharedError::Missing)));
        let mut first = outgoing(&desk.make(deed(record, "register")));
        first.wraps = vec![wrap(1), wrap(2), wrap(2)];
        shared.push(&[first.clone()]).await.unwrap();
        shared.push(&[first]).await.unwrap();
        let mut second = outgoing(&desk.make(deed(record, "note")));
        second.wraps = vec![wrap(2), wrap(3)];
        shared.push(&[second]).await.unwrap();
        let one = page(&mut shared, Mark::default(), 1).await;
        assert_eq!(one.wraps, [wrap(1), wrap(2)]);
        assert_eq!(page(&mut shared, one.cursor, 1).await.wraps, [wrap(3)]);

        assert!(shared.put_chunk(record, &file, 0, 3, b"a").await.unwrap());
        assert!(shared.put_chunk(record, &file, 2, 3, b"c").await.unwrap());
        assert!(!shared.put_chunk(record, &file, 2, 3, b"other").await.unwrap());
        assert_eq!(shared.chunks(record, &file).await.unwrap(), (vec![0, 2], 3));
        assert_eq!(shared.get_chunk(record, &file, 2).await.unwrap().unwrap(), b"c");
        assert_eq!(shared.get_chunk(record, &file, 1).await.unwrap(), None);
        assert!(matches!(shared.put_chunk(record, &file, 3, 3, b"d").await, Err(SharedError::Malformed)));
        assert!(matches!(shared.put_chunk(record, &file, 1, 3, &[0; 300_001]).await, Err(SharedError::Malformed)));

        // Who had it in hand adds what he has; he sees none of it any more. Who never had it does neither.
        let (technician, other) = (stage.member(&["technician"]).await, stage.member(&["technician"]).await);
        for to in [vec![technician.member], vec![]] {
            let given = desk.make(Deed { assignees: to, ..deed(record, "dispatch") });
            assert!(matches!(shared.push(&[outgoing(&given)]).await.unwrap().each[0], Answer::Ok(_)));
        }
        let (mut late, mut never) = (stage.connect(&technician).await, stage.connect(&other).await);
        assert!(late.put_chunk(record, &file, 1, 3, b"b").await.unwrap());
        assert!(!late.put_chunk(record, &file, 1, 3, b"b").await.unwrap());
        assert!(matches!(late.get_chunk(record, &file, 1).await, Err(SharedError::Forbidden)));
        assert!(matches!(never.put_chunk(record, &file, 1, 3, b"b").await, Err(SharedError::Forbidden)));
        assert_eq!(shared.get_chunk(record, &file, 1).await.unwrap().unwrap(), b"b");
    });
}
