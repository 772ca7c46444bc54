//! The course of a visit: tries, refusals, answers, who has no hand in them, and what they ask for.

use kefu_domain::change::{Change, act};
use kefu_domain::decide::Draft;
use kefu_domain::process::{Why, role};
use kefu_domain::validate::Problem;
use kefu_domain::visits::{self, Origin, Pending, Questionnaire, answers, state};
use kefu_domain::{Record, Refusal, Template};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{FORM, HANDLER, Stage, actor, at, change, closed, house, visitor};

fn answers(over: Value) -> Value {
    let mut all = json!({"means": "phone", "answer.solved": "yes", "answer.overall": "satisfied", "answer.speed": 4});
    all.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
    all
}

/// R94 and its provenance: whoever handled the matter has no hand in its rating, whatever his roles.
#[test]
fn nobody_rates_what_he_handled() {
    let stage = Stage::planned();
    let refused = Err(Refusal::Denied(Why::OwnMatter));
    let line = json!({"line": {"outcome": "no_answer"}});
    for role in [role::RECEPTION, role::SUPERVISOR, role::INSPECTOR] {
        let handler = actor(HANDLER, role);
        for (act, given) in [
            (act::VISIT_RECORD, answers(json!({}))),
            (act::VISIT_TAKE, json!({})),
            (act::VISIT_TRY, line.clone()),
            (act::VISIT_AGREE, json!({"agreed_at": "2026-11-24T10:00:00+08:00"})),
            (act::VISIT_REFUSE, json!({"reason": "没空"})),
        ] {
            assert_eq!(stage.ask(&handler, act, given), refused, "{role} {act}");
        }
    }
    let given = json!({"visitor": "他", "visitor_seat": Uuid::from_u128(HANDLER).to_string()});
    assert_eq!(stage.ask(&actor(5, role::SUPERVISOR), act::VISIT_GIVE, given), refused, "nor is it given to him");

    let mut stage = Stage::planned();
    stage.act(&visitor(), act::VISIT_RECORD, answers(json!({"answer.overall": "dissatisfied"}))).unwrap();
    let handler = actor(HANDLER, role::SUPERVISOR);
    let better = json!({"answer.overall": "very_satisfied", "reason": "客户改口"});
    assert_eq!(stage.ask(&handler, act::VISIT_CORRECT, better), refused, "nor does he change it");
    assert_eq!(stage.ask(&handler, act::VISIT_EXCUSE, json!({"reason": "无"})), refused, "nor excuse himself");
    // Somebody else with the same roles may.
    assert!(stage.ask(&actor(5, role::SUPERVISOR), act::VISIT_EXCUSE, json!({"reason": "客户原话针对物流"})).is_ok());
    // A hand that became known only later counts, too.
    let mut form = closed(json!({}));
    form.course.hands.push(Uuid::from_u128(1));
    let seen = visits::seen_with(&stage.record(), Some(&form));
    assert!(visits::handled_by(&seen, visitor().seat) && !visits::handled_by(&stage.record(), visitor().seat));
}

#[test]
fn a_department_has_no_visits() {
    for role in [role::HANDLER, role::TECHNICIAN, role::ADMIN, role::RECORDS] {
        let refused = Stage::planned().ask(&actor(5, role), act::VISIT_RECORD, answers(json!({})));
        assert_eq!(refused, Err(Refusal::Denied(Why::WrongRole)), "{role}");
    }
}

#[test]
fn three_tries_on_different_half_days() {
    let mut stage = Stage::planned();
    assert_eq!(stage.tries("2026-11-23T09:00:00+08:00"), state::PLANNED);
    assert_eq!(stage.tries("2026-11-23T11:59:00+08:00"), state::PLANNED, "the same morning");
    assert_eq!(stage.tries("2026-11-23T12:00:00+08:00"), state::PLANNED);
    assert_eq!(stage.tries("2026-11-23T17:00:00+08:00"), state::PLANNED, "the same afternoon");
    assert_eq!(stage.tries("2026-11-24T09:00:00+08:00"), state::UNREACHABLE);
    let again = stage.ask(&visitor(), act::VISIT_TRY, json!({"line": {"outcome": "off"}}));
    assert_eq!(again, Err(Refusal::Denied(Why::WrongState)));
    // He calls back and agrees on a time: the tries begin anew.
    let record = stage.act(&visitor(), act::VISIT_AGREE, json!({"agreed_at": "2026-11-25T15:00:00+08:00"})).unwrap();
    assert_eq!((record.state.as_str(), visits::counted(&record)), (state::PLANNED, 0));
    assert_eq!(stage.tries("2026-11-25T15:00:00+08:00"), state::PLANNED);
    let record = stage.act(&visitor(), act::VISIT_RECORD, answers(json!({}))).unwrap();
    assert_eq!(record.state, state::DONE);
    let outcomes: Vec<&str> =
        record.lists[visits::ATTEMPTS].iter().map(|line| line.values["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|o| **o == "no_answer").count(), 6);
    assert_eq!((outcomes[5], outcomes[7]), ("agreed", "reached"));
    // At three in the afternoon he was reached once and missed once.
    assert_eq!(visits::best_hours([&record]), []);
}

#[test]
fn hours_that_reach_are_told_best_first() {
    let mut stage = Stage::planned();
    stage.tries("2026-11-23T09:00:00+08:00");
    stage.now = at("2026-11-23T19:30:00+08:00");
    let evening = stage.act(&visitor(), act::VISIT_RECORD, answers(json!({}))).unwrap();
    assert_eq!(visits::best_hours([&evening, &evening]), [(19, 20)]);
}

#[test]
fn a_refusal_needs_its_reason_and_an_appointment_lies_ahead() {
    let mut stage = Stage::planned();
    assert_eq!(stage.ask(&visitor(), act::VISIT_REFUSE, json!({"reason": " "})), Err(Refusal::ReasonRequired));
    let past = stage.ask(&visitor(), act::VISIT_AGREE, json!({"agreed_at": "2026-11-23T09:59:00+08:00"}));
    assert!(matches!(past, Err(Refusal::Fields(e)) if e[0].problem == Problem::OutOfRange));
    let record = stage.act(&visitor(), act::VISIT_REFUSE, json!({"reason": "不愿被打扰"})).unwrap();
    assert_eq!((record.state.as_str(), record.text("refusal")), (state::REFUSED, Some("不愿被打扰")));
}

#[test]
fn answers_are_checked_and_say_where_they_came_from() {
    let mut stage = Stage::planned();
    let problem = |given: Value| match stage.ask(&visitor(), act::VISIT_RECORD, answers(given)) {
        Err(Refusal::Fields(errors)) => errors.into_iter().map(|e| (e.field, e.problem)).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let one = |field: &str, problem| vec![(field.to_string(), problem)];
    assert_eq!(problem(json!({"answer.speed": 6})), one("answer.speed", Problem::OutOfRange));
    assert_eq!(problem(json!({"answer.nps": "9"})), one("answer.nps", Problem::WrongKind));
    assert_eq!(problem(json!({"answer.overall": "superb"})), one("answer.overall", Problem::UnknownOption));
    assert_eq!(problem(json!({"answer.solved": null})), one("answer.solved", Problem::Required));
    assert_eq!(problem(json!({"answer.weather": 1})), one("answer.weather", Problem::UnknownField));
    assert_eq!(problem(json!({"source": "guessed"}))[0], ("source".to_string(), Problem::UnknownOption));
    let given = json!({"answer.suggestion": "热线多加几条线", "source": "self_filled", "source.speed": "said"});
    let record = stage.act(&visitor(), act::VISIT_RECORD, answers(given)).unwrap();
    assert_eq!((record.text("source.overall"), record.text("source.speed")), (Some("self_filled"), Some("said")));
    assert_eq!(record.get("questionnaire"), Some(&json!(1)));
}

#[test]
fn a_changed_rating_keeps_the_old_one_and_its_author() {
    let mut stage = Stage::planned();
    stage.act(&visitor(), act::VISIT_RECORD, answers(json!({}))).unwrap();
    let inspector = actor(5, role::INSPECTOR);
    let change = |reason: &str| json!({"answer.speed": 2, "reason": reason});
    assert_eq!(stage.ask(&inspector, act::VISIT_CORRECT, change("")), Err(Refusal::ReasonRequired));
    let same = json!({"answer.speed": 4, "reason": "听录音"});
    assert_eq!(stage.ask(&inspector, act::VISIT_CORRECT, same), Err(Refusal::NothingChanged));
    stage.act(&inspector, act::VISIT_CORRECT, change("听录音更正")).unwrap();
    let told = visits::corrections(&stage.log, &stage.record());
    let seats = (visitor().seat, inspector.seat);
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0].from, &told[0].to), (&(json!(4), seats.0), &(json!(2), seats.1)));
    assert_eq!((told[0].field.as_str(), told[0].reason.as_str()), ("answer.speed", "听录音更正"));
}

#[test]
fn what_an_answer_asks_for_waits_until_it_is_done() {
    let mut stage = Stage::planned();
    let given = json!({"answer.solved": "no", "answer.overall": "dissatisfied", "answer.suggestion": "上门前先来电话"});
    let record = stage.act(&visitor(), act::VISIT_RECORD, answers(given)).unwrap();
    use Pending::*;
    assert_eq!(visits::pending(&record), [Unsolved, Dissatisfied, Suggestion]);
    let follow = json!({"follow.how": "reopened", "follow.form": FORM.to_string(), "follow.number": "KF-1"});
    let record = stage.act(&visitor(), act::VISIT_FOLLOW, follow).unwrap();
    assert_eq!(visits::pending(&record), [Dissatisfied, Suggestion]);
    let seat = Uuid::from_u128(HANDLER);
    let task = |kind: &str| {
        json!({"line": {"type": kind, "content": "上门前一小时致电", "due": "2026-12-01",
        "owner": "周工", "owner_seat": seat.to_string(), "department": "技术支持部"}})
    };
    let nobody =
        json!({"line": {"type": "improvement", "content": "x", "due": "2026-12-01", "department": "技术支持部"}});
    assert!(
        matches!(stage.ask(&visitor(), act::VISIT_TASK, nobody), Err(Refusal::Fields(e)) if e[0].field == "tasks.owner")
    );
    stage.act(&visitor(), act::VISIT_TASK, task("suggestion")).unwrap();
    let record = stage.act(&visitor(), act::VISIT_TASK, task("improvement")).unwrap();
    assert_eq!(visits::pending(&record), [Task]);
    let lines = |record: &Record| {
        record.lists[visits::TASKS].iter().filter(|l| !l.struck).map(|l| l.id.to_string()).collect::<Vec<_>>()
    };
    let ids = lines(&record);
    let owner = actor(HANDLER, role::HANDLER);
    let done = |id: &str| json!({"line": {"result": "已写入派工单"}, "strike": id});
    let stranger = stage.ask(&actor(8, role::HANDLER), act::VISIT_TASK_DONE, done(&ids[0]));
    assert_eq!(stranger, Err(Refusal::Denied(Why::NotAssigned)));
    for id in &ids {
        stage.act(&owner, act::VISIT_TASK_DONE, done(id)).unwrap();
    }
    let record = stage.record();
    assert_eq!(visits::pending(&record), [Verify]);
    let improvement = record.lists[visits::TASKS]
        .iter()
        .find(|l| !l.struck && l.values["type"] == json!("improvement"))
        .map(|l| l.id.to_string())
        .unwrap();
    let verify = json!({"line": {"effective": true}, "strike": improvement});
    let own = actor(HANDLER, role::SUPERVISOR);
    assert_eq!(stage.ask(&own, act::VISIT_TASK_VERIFY, verify.clone()), Err(Refusal::Denied(Why::SamePerson)));
    let record = stage.act(&actor(5, role::INSPECTOR), act::VISIT_TASK_VERIFY, verify).unwrap();
    assert_eq!(visits::pending(&record), []);
}

#[test]
fn a_low_score_alone_is_dissatisfaction_and_may_be_answered_for() {
    let mut stage = Stage::planned();
    stage.act(&visitor(), act::VISIT_RECORD, answers(json!({"answer.attitude": 2}))).unwrap();
    assert_eq!(visits::pending(&stage.record()), [Pending::Dissatisfied]);
    assert_eq!(stage.ask(&visitor(), act::VISIT_EXCUSE, json!({"reason": "x"})), Err(Refusal::Denied(Why::WrongRole)));
    let boss = actor(5, role::SUPERVISOR);
    let record = stage.act(&boss, act::VISIT_EXCUSE, json!({"reason": "客户说的是快递员"})).unwrap();
    assert_eq!(visits::pending(&record), []);
    assert_eq!((record.text("excuse.by"), record.text("excuse")), (Some(boss.name.as_str()), Some("客户说的是快递员")));
}

#[test]
fn the_shipped_one_is_sound() {
    let set = Questionnaire::shipped();
    assert_eq!((set.version, set.questions.len(), set.faults()), (1, 10, vec![]));
    let mut without = set.clone();
    without.questions.retain(|question| question.key != "solved");
    without.questions[0].key = "Speed!".into();
    let places: Vec<String> = without.faults().into_iter().map(|fault| fault.field).collect();
    assert_eq!(places, ["questions[0].key", "solved"]);
}

#[test]
fn the_visit_sheet_fills_its_grid() {
    for occasion in ["after_complaint", "survey"] {
        let (template, codes) =
            visits::template(&Questionnaire::shipped(), occasion, &kefu_domain::CodeLists::shipped());
        assert!(template.fields().count() > 25, "the embedded file did not parse");
        for row in template.blocks.iter().flat_map(|block| &block.rows) {
            assert_eq!(row.iter().map(|field| u32::from(field.w)).sum::<u32>(), 24, "{row:?}");
            for list in row.iter().filter(|field| !field.columns.is_empty()) {
                assert_eq!(list.columns.iter().map(|c| u32::from(c.w)).sum::<u32>(), 24, "{}", list.key);
            }
        }
        let lists = template.fields().chain(template.fields().flat_map(|f| &f.columns)).filter_map(|f| f.list.as_ref());
        lists.for_each(|list| assert!(codes.list(list).is_some(), "{list}"));
        assert_eq!(template.field("answer.solved").is_some(), occasion != "survey");
    }
    assert!(Template::visit_process().fields().count() > 4);
    assert!(answers::is_answer("answer.x") && !answers::is_answer("actual_at"));
}

fn plan_of(device: u128, closing: &str, ms: u64) -> Change {
    let draft: Draft =
        visits::of_closing(&house(), FORM, &closed(json!({})), None, &Record::default(), at(closing)).unwrap();
    change(draft, ms, visitor().seat, Uuid::from_u128(device))
}

proptest! {
    /// However many devices close the same form before they hear of one another, and whatever they do about the visit
    /// then: one visit, done once, the same in every order of arrival.
    #[test]
    fn no_visit_is_made_or_recorded_twice(
        closings in proptest::collection::vec((1u128..6, 0u64..50, 0u32..3), 1..6),
        records in proptest::collection::vec((1u128..6, 60u64..90), 0..4),
        seed in any::<u64>(),
    ) {
        let days = ["2026-11-20T09:10:00+08:00", "2026-11-20T17:00:00+08:00", "2026-11-21T08:00:00+08:00"];
        let mut all: Vec<Change> =
            closings.iter().map(|(device, ms, day)| plan_of(*device, days[*day as usize], *ms)).collect();
        let id = Origin::Closing { form: FORM, round: 0 }.id();
        prop_assert!(all.iter().all(|change| change.record == id), "every device names the same");
        let mut stage = Stage::planned();
        stage.log.truncate(1);
        for (nth, (device, ms)) in records.iter().enumerate() {
            let rating = if nth == 0 { 5 } else { 1 };
            let draft = stage.ask(&visitor(), act::VISIT_RECORD, answers(json!({"answer.speed": rating}))).unwrap();
            all.push(change(draft, *ms, visitor().seat, Uuid::from_u128(*device)));
        }
        // Stamps are unique: of the same moment on the same device there is one change.
        all.sort_by_key(|change| change.at);
        all.dedup_by_key(|change| change.at);
        let straight = Record::fold(&all);
        let mut shuffled: Vec<&Change> = all.iter().collect();
        let mut random = seed | 1;
        for at in (1..shuffled.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, (random >> 33) as usize % (at + 1));
        }
        prop_assert_eq!(&Record::fold(shuffled.iter().copied()), &straight);
        let recorded = all.iter().filter(|change| change.act == act::VISIT_RECORD).count();
        prop_assert_eq!(straight.out_of_place.len(), recorded.saturating_sub(1), "only the first has an effect");
        prop_assert_eq!(straight.state == state::DONE, recorded > 0);
        // The form is reopened and closed again: that is another matter, and another visit.
        prop_assert_ne!(Origin::Closing { form: FORM, round: 1 }.id(), Origin::Closing { form: FORM, round: 0 }.id());
    }
}
