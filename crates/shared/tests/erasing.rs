//! Erasing changes: what was sealed before them is gone from the server, for whoever may, and all numbers and chains go on.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use kefu_shared::link_of;
use kefu_sync::wire::{Answer, Mark, Pulled, Wrap};
use stage::{Deed, Stage, bytes, deed, id, now_ms, outgoing, pull_all, push, refused, run};

#[test]
fn what_stood_before_is_destroyed_and_the_chains_hold() {
    run(async {
        let stage = Stage::new().await;
        let (clerk, head) = (stage.member(&["reception"]).await, stage.member(&["supervisor"]).await);
        let technician = stage.member(&["technician"]).await;
        let (mut desk, mut boss, mut man) = (clerk.device(), head.device(), technician.device());
        let (mut at_desk, mut at_boss) = (stage.connect(&clerk).await, stage.connect(&head).await);
        let mut at_man = stage.connect(&technician).await;
        let (record, other, file) = (id(), id(), bytes());
        let registered = desk.make(deed(record, "register"));
        let mut first = outgoing(&registered);
        let wrap = |key: [u8; 16]| Wrap { record, key, member: None, sealed: vec![7; 80] };
        first.wraps = vec![wrap(registered.key)];
        let given = desk.make(Deed { assignees: vec![technician.member], ..deed(record, "transfer") });
        let stays = desk.make(deed(other, "register"));
        at_desk.push(&[first, outgoing(&given), outgoing(&stays)]).await.unwrap();
        assert!(at_desk.put_chunk(record, &file, 0, 1, b"a picture").await.unwrap());
        assert_eq!(man.send(&mut at_man, deed(record, "note")).await, Answer::Ok(4));
        let (_, before) = pull_all(&mut at_desk, Mark::default(), 100).await;

        assert_eq!(man.send(&mut at_man, deed(record, "erase")).await, refused("role"));
        assert_eq!(desk.send(&mut at_desk, deed(record, "erase")).await, refused("role"));
        assert_eq!(at_desk.get_chunk(record, &file, 0).await.unwrap().unwrap(), b"a picture");
        let erasing = boss.make(deed(record, "erase"));
        let mut sent = outgoing(&erasing);
        sent.wraps = vec![wrap(erasing.key)];
        assert_eq!(at_boss.push(&[sent]).await.unwrap().each, [Answer::Ok(5)]);

        let (got, _) = pull_all(&mut at_desk, Mark::default(), 100).await;
        let emptied: Vec<u64> =
            got.iter().filter(|(_, envelope)| envelope.sealed.len() == 32).map(|(seq, _)| *seq).collect();
        assert_eq!(emptied, [1, 2, 4]);
        assert_eq!(got[0].1.sealed, link_of(&registered));
        assert_eq!((&got[2].1, &got[4].1), (&stays, &erasing));
        assert!(matches!(at_desk.pull(before, 100).await.unwrap(), Pulled::Page(page) if page.rows.len() == 1));
        assert_eq!(at_desk.get_chunk(record, &file, 0).await.unwrap(), None);
        let keys = format!("SELECT encode(key, 'hex') FROM kefu.wraps WHERE record = '{record}'");
        let hex: String = erasing.key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(stage.server.sql("kefu", &keys), hex);

        // It has ended, for whoever did not hear of it, too; their numbers go on.
        assert_eq!(man.send(&mut at_man, deed(record, "note")).await, refused("erased"));
        assert_eq!(desk.send(&mut at_desk, deed(record, "note")).await, refused("erased"));
        assert_eq!(desk.send(&mut at_desk, deed(other, "note")).await, Answer::Ok(6));
        assert!(!at_desk.put_chunk(record, &file, 0, 1, b"a picture").await.unwrap());
        let (_, cursor) = pull_all(&mut at_man, Mark::default(), 100).await;
        let Pulled::Page(page) = at_man.pull(cursor, 100).await.unwrap() else { unreachable!("the mark is true") };
        assert_eq!(page.assigned, Some(vec![]), "out of his hands");

        // An emptied place comes back to a server that lost it, and gives the record to nobody.
        let mut lost = outgoing(&desk.make(Deed { assignees: vec![technician.member], ..deed(record, "transfer") }));
        lost.envelope.sealed = lost.digest.to_vec();
        let whole = outgoing(&desk.make(deed(record, "note")));
        lost.again = true;
        let again = |mut change: kefu_sync::wire::Outgoing| {
            change.again = true;
            change
        };
        let answers = at_desk.push(&[lost, again(whole)]).await.unwrap().each;
        assert_eq!(answers, [Answer::Ok(7), refused("erased")]);
        let given = format!("SELECT count(*) FROM kefu.assignments WHERE record = '{record}'");
        assert_eq!(stage.server.sql("kefu", &given), "0");
    });
}

#[test]
fn a_customer_goes_on_after_his_erasure() {
    run(async {
        let stage = Stage::new().await;
        let head = stage.member(&["reception", "supervisor"]).await;
        let (mut desk, mut shared) = (head.device(), stage.connect(&head).await);
        let customer = id();
        let card = |act| Deed { kind: "customer", ..deed(customer, act) };
        let at = now_ms();
        let early = desk.make_at(card("correct"), at - 60_000);
        let erasing = desk.make_at(card("erase"), at);
        assert_eq!(push(&mut shared, &[early, erasing]).await, [Answer::Ok(1), Answer::Ok(2)]);
        let late = desk.make_at(card("correct"), at - 30_000);
        let anew = desk.make_at(card("correct"), at + 1);
        let again = desk.make_at(card("erase"), at + 2);
        assert_eq!(push(&mut shared, &[late, anew, again]).await, [refused("erased"), Answer::Ok(3), Answer::Ok(4)]);
        let left = "SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM kefu.changes WHERE sealed <> link";
        assert_eq!(stage.server.sql("kefu", left), "4", "the last says what is left of the one before");
    });
}
