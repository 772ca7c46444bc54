//! Whose rating it is (R94): the server refuses what touches the rating of a matter from whoever handled it, as far as acts, states
//! and ids in clear tell; what it cannot tell, every device that folds the visit does.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use kefu_shared::Shared;
use kefu_sync::wire::{Answer, Mark};
use stage::{Deed, Device, Person, Stage, deed, id, now_ms, outgoing, page, push, refused, run};
use uuid::Uuid;

/// A desk at which several people sit, in whose names it writes.
struct Office {
    stage: Stage,
    desk: Device,
    shared: Shared,
    /// Receptionist and handler, as in a small company.
    handler: Uuid,
    inspector: Uuid,
}

fn act<'a>(record: Uuid, act: &'a str, state: &'a str) -> Deed<'a> {
    Deed { state, ..deed(record, act) }
}

fn visit(record: Uuid, act: &str, about: Option<Uuid>) -> Deed<'_> {
    Deed { kind: "visit", state: "", about, ..deed(record, act) }
}

impl Office {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let device = stage.founder.device;
        let handler = stage.seat(&["reception", "handler", "supervisor"], id(), device).await.member;
        let inspector = stage.seat(&["reception", "inspector"], id(), device).await.member;
        let shared = stage.connect(&stage.founder).await;
        Office { desk: stage.founder.device(), stage, shared, handler, inspector }
    }

    async fn send(&mut self, who: Uuid, deed: Deed<'_>) -> Answer {
        self.desk.person.member = who;
        self.desk.send(&mut self.shared, deed).await
    }

    /// What becomes of this, told in one word.
    async fn check(&mut self, who: Uuid, deed: Deed<'_>, expected: &str) {
        let told = format!("{} {} about {:?}", deed.kind, deed.act, deed.about);
        let answer = match self.send(who, deed).await {
            Answer::Refused(code) => code,
            Answer::Ok(_) => "ok".into(),
            Answer::Known(_) => "known".into(),
        };
        assert_eq!(answer, expected, "{told}");
    }

    /// A form that the handler accepted, answered and handed back, and its visit. Gives both.
    async fn closed(&mut self) -> (Uuid, Uuid) {
        let (form, visited, founder, handler) = (id(), id(), self.stage.founder.member, self.handler);
        for (who, name, state) in [
            (founder, "register", "registered"),
            (founder, "pass_on", "to_dispatch"),
            (founder, "dispatch", "dispatched"),
            (handler, "accept", "handling"),
            (handler, "answer", "answered"),
            (handler, "hand_back", "to_inform"),
            (founder, "inform", "informed"),
            (founder, "close", "closed"),
        ] {
            self.check(who, act(form, name, state), "ok").await;
        }
        self.check(founder, visit(visited, "visit_plan", Some(form)), "ok").await;
        (form, visited)
    }
}

#[test]
fn a_handlers_rating_is_refused_and_anothers_taken() {
    run(async {
        let mut office = Office::new().await;
        let (handler, inspector) = (office.handler, office.inspector);
        let (form, visited) = office.closed().await;
        for name in ["visit_take", "visit_try", "visit_record", "visit_correct", "visit_excuse"] {
            office.check(handler, visit(visited, name, Some(form)), "own_matter").await;
            // What the visit said before holds, whatever this change says or leaves out.
            office.check(handler, visit(visited, name, None), "own_matter").await;
            office.check(handler, visit(visited, name, Some(id())), "own_matter").await;
        }
        office.check(inspector, visit(visited, "visit_record", Some(form)), "ok").await;
        office.check(handler, visit(visited, "visit_correct", Some(form)), "own_matter").await;
        office.check(inspector, visit(visited, "visit_correct", Some(form)), "ok").await;
        // Whatever else follows from a visit is anybody's, as in the process table.
        office.check(handler, visit(visited, "visit_task_done", Some(form)), "ok").await;
        // Of another matter he asks like anybody.
        let (other, third) = (id(), id());
        office.check(inspector, act(other, "register", "registered"), "ok").await;
        office.check(inspector, act(other, "settle", "informed"), "ok").await;
        office.check(handler, visit(third, "visit_record", Some(other)), "ok").await;
        office.check(inspector, visit(third, "visit_correct", Some(other)), "own_matter").await;
        // A periodic visit is about no form.
        office.check(handler, visit(id(), "visit_record", None), "ok").await;
        // The head comes back as it was signed.
        let found = page(&mut office.shared, Mark::default(), 500).await.rows;
        let about = found.iter().filter(|row| row.envelope.record == visited).map(|row| row.envelope.clear.about);
        assert!(about.eq([Some(form); 4]));
        let first = found.iter().find(|row| row.envelope.record == visited).unwrap();
        let whole = office.shared.pull_record(visited, 500).await.unwrap().unwrap();
        assert_eq!((whole.rows.len(), &whole.rows[0].envelope), (4, &first.envelope));
    });
}

#[test]
fn handling_is_what_the_process_table_calls_so() {
    run(async {
        let mut office = Office::new().await;
        let (founder, handler) = (office.stage.founder.member, office.handler);
        let check = async |office: &mut Office, deeds: &[(&str, &str)], expected: &str| {
            let (form, visited) = (id(), id());
            office.check(founder, act(form, "register", "registered"), "ok").await;
            for (name, state) in deeds {
                office.check(handler, act(form, name, state), "ok").await;
            }
            office.check(founder, visit(visited, "visit_plan", Some(form)), "ok").await;
            office.check(handler, visit(visited, "visit_record", Some(form)), expected).await;
        };
        for (name, state) in [
            ("settle", "informed"),
            ("accept", "handling"),
            ("accept", "answered"), // taken over from a colleague
            ("answer", "answered"),
            ("carry_out", "carrying_out"),
            ("hand_back", "to_inform"),
        ] {
            check(&mut office, &[(name, state)], "own_matter").await;
        }
        // Registering, telling and closing are the desk's; taking over what it still has to do, too.
        let desk = [("accept", "registered"), ("accept", "to_inform"), ("inform", "informed"), ("close", "closed")];
        check(&mut office, &desk, "ok").await;
        check(&mut office, &[("decline", "to_dispatch"), ("transfer", "handling")], "ok").await;
        // What was taken back at once was never done; what something came after stays done.
        check(&mut office, &[("settle", "informed"), ("undo", "registered")], "ok").await;
        let stays = [("settle", "informed"), ("note", "informed"), ("undo", "informed")];
        check(&mut office, &stays, "own_matter").await;
        let again = [("settle", "informed"), ("undo", "registered"), ("settle", "informed")];
        check(&mut office, &again, "own_matter").await;
    });
}

#[test]
fn what_comes_in_one_batch_or_once_more_is_judged_alike() {
    run(async {
        let mut office = Office::new().await;
        let (founder, handler) = (office.stage.founder.member, office.handler);
        let (form, visited) = (id(), id());
        let mut queue = Vec::new();
        for (who, deed) in [
            (founder, act(form, "register", "registered")),
            (handler, act(form, "settle", "informed")),
            (founder, act(form, "close", "closed")),
            (founder, visit(visited, "visit_plan", Some(form))),
            (handler, visit(visited, "visit_record", None)),
            (founder, visit(visited, "visit_record", Some(form))),
        ] {
            office.desk.person.member = who;
            queue.push(office.desk.make(deed));
        }
        let answers = push(&mut office.shared, &queue).await;
        assert_eq!(answers[4], refused("own_matter"));
        assert!(answers.iter().enumerate().all(|(at, answer)| at == 4 || matches!(answer, Answer::Ok(_))));
        assert_eq!(push(&mut office.shared, &queue).await[4], refused("own_matter"), "the same again gives the same");

        // He rated before he handled the matter in a later round. That stood here once, and stands again after the server was
        // set back, also where his handling is here already; what he writes from now on does not.
        let (form, visited) = (id(), id());
        office.check(founder, act(form, "register", "registered"), "ok").await;
        office.check(founder, visit(visited, "visit_plan", Some(form)), "ok").await;
        office.desk.person.member = handler;
        let before = office.desk.make_at(visit(visited, "visit_record", Some(form)), now_ms() - 60_000);
        let mut lost = office.desk.clone();
        assert!(matches!(push(&mut office.shared, &[before]).await[0], Answer::Ok(_)));
        office.check(handler, act(form, "accept", "handling"), "ok").await;
        office.check(handler, visit(visited, "visit_correct", Some(form)), "own_matter").await;
        lost.person.device = id();
        (lost.seq, lost.link) = (0, [0; 32]);
        let sent = |lost: &mut Device, ms| {
            let mut again = outgoing(&lost.make_at(visit(visited, "visit_correct", Some(form)), ms));
            again.again = true;
            again
        };
        let early = sent(&mut lost, now_ms() - 30_000);
        let late = sent(&mut lost, now_ms() + 1_000);
        let answers = office.shared.push(&[early, late]).await.unwrap().each;
        assert!(matches!(answers[0], Answer::Ok(_)), "{answers:?}");
        assert_eq!(answers[1], refused("own_matter"));
    });
}

#[test]
fn a_sheet_is_rated_once() {
    run(async {
        let mut office = Office::new().await;
        let technician: Person = office.stage.member(&["technician"]).await;
        let sheet = id();
        let founder = office.stage.founder.member;
        let to = |act| Deed { kind: "service", state: "", assignees: vec![technician.member], ..deed(sheet, act) };
        office.check(founder, to("dispatch"), "ok").await;
        let (mut phone, mut field) = (technician.device(), office.stage.connect(&technician).await);
        let first = phone.make(to("rate"));
        let (again, fill) = (phone.make(to("rate")), phone.make(to("fill")));
        let answers = push(&mut field, &[first.clone(), again, fill]).await;
        assert_eq!(answers[1], refused("rated"));
        assert!(matches!((&answers[0], &answers[2]), (Answer::Ok(_), Answer::Ok(_))), "{answers:?}");
        assert_eq!(phone.send(&mut field, to("rate")).await, refused("rated"));
        // The same change in another envelope, of a profile that was copied, is no second rating.
        let mut copy = technician.device();
        copy.person.device = id();
        let mut twin = copy.make(to("rate"));
        twin.change = first.change;
        assert!(matches!(push(&mut field, &[twin]).await[0], Answer::Ok(_)));
    });
}
