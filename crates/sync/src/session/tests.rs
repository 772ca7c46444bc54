//! What a session does next, where a table says it shorter than the simulation.

use super::*;
use crate::step::Restamp;
use crate::testing::outgoing;
use crate::wire::{Answer, Answers, Greeting, Row, refused};

const NOW: u64 = 1_000_000_000;

fn mark(seq: u64) -> Mark {
    Mark { seq, hash: [seq as u8; 32] }
}

/// A session that was answered so far, and its next step.
fn after(events: impl IntoIterator<Item = Event>) -> Result<(Session, Step), Nonsense> {
    let (mut session, mut step) = Session::start(Uuid::from_u128(99));
    for event in events {
        step = session.take(event)?;
    }
    Ok((session, step))
}

fn greeted(matched: u64, own: u64) -> [Event; 3] {
    let greeting = Greeting { device: Uuid::from_u128(1), epoch: 1, marks: vec![mark(50), mark(20)], own: Vec::new() };
    [
        Event::Known(Known { greeting, retry: false, newest_beyond: None }),
        Event::Welcome(Welcome { now_ms: NOW, epoch: 1, matched, own, last: 53 }),
        Event::Done,
    ]
}

fn with(more: impl IntoIterator<Item = Event>) -> Result<Step, Nonsense> {
    after(greeted(50, 0).into_iter().chain(more)).map(|(_, step)| step)
}

fn answers(each: &[Result<u64, &str>]) -> Event {
    let answer = |one: &Result<u64, &str>| match one {
        Ok(seq) => Answer::Ok(*seq),
        Err(code) => Answer::Refused((*code).into()),
    };
    Event::Answers(Answers { now_ms: NOW, each: each.iter().map(answer).collect() })
}

fn changes(seqs: std::ops::RangeInclusive<u64>) -> Event {
    Event::Outgoing(seqs.map(|seq| outgoing(1, seq, 10)).collect())
}

fn page(rows: &[u64], to: u64, more: bool) -> Event {
    let rows = rows.iter().map(|seq| Row { seq: *seq, envelope: outgoing(2, *seq, 1).envelope }).collect();
    Event::Pulled(Pulled::Page(Page { rows, wraps: Vec::new(), cursor: mark(to), more, assigned: None }))
}

#[test]
fn a_session_goes_back_as_far_as_it_agrees() {
    let check = |matched: u64, expected: Option<u64>| {
        let step = after(greeted(matched, 0).into_iter().take(2)).map(|(_, step)| step);
        match (step, expected) {
            (Ok(Step::Greeted(greeted)), Some(seq)) => assert_eq!(greeted.cursor.seq, seq),
            (Err(_), None) => {}
            (other, _) => panic!("{matched}: {other:?}"),
        }
    };
    check(50, Some(50));
    check(20, Some(20));
    check(0, Some(0));
    check(33, None); // never shown
}

#[test]
fn an_answer_decides_what_is_next() {
    let check = |each: &[Result<u64, &str>], settled: usize, expected: fn(&Step) -> bool| {
        let pushed = [changes(3..=5), answers(each)];
        let mut step = with(pushed.clone()).unwrap();
        if settled > 0 {
            assert!(matches!(&step, Step::Settle(all) if all.len() == settled), "{each:?}: {step:?}");
            step = with(pushed.into_iter().chain([Event::Done])).unwrap();
        }
        assert!(expected(&step), "{each:?}: {step:?}");
    };
    let clock = refused::CLOCK;
    check(&[Ok(51), Ok(52), Ok(53)], 3, |step| matches!(step, Step::Unsent { back: 0, .. }));
    check(&[Ok(51), Err("role"), Ok(52)], 3, |step| matches!(step, Step::Unsent { back: 0, .. }));
    check(&[Ok(51), Err("of next year"), Ok(52)], 3, |step| matches!(step, Step::Unsent { .. }));
    check(&[Ok(51), Err(clock), Err("gap")], 1, |step| matches!(step, Step::Restamp(r) if r.now_ms == NOW));
    check(&[Ok(51), Err("forked"), Err("forked")], 1, |step| matches!(step, Step::Renew { from: 4, .. }));
    check(&[Err("forked"), Err("forked"), Err("forked")], 0, |step| matches!(step, Step::Unsent { back: 1, .. }));
    check(&[Err("gap"), Err("gap"), Err("gap")], 0, |step| matches!(step, Step::Known));
}

#[test]
fn a_change_that_is_ahead_is_stamped_anew_before_it_is_refused() {
    let mut ahead = outgoing(1, 1, 10);
    ahead.envelope.at.ms = NOW + AHEAD_MS + 1;
    let step = with([Event::Outgoing(vec![ahead.clone()])]).unwrap();
    assert!(matches!(step, Step::Restamp(Restamp { above_ms, .. }) if above_ms == NOW + AHEAD_MS), "{step:?}");
    // Accepted once, others have seen it: not even a clock that was set back changes it.
    let again = Outgoing { again: true, ..ahead };
    assert!(matches!(with([Event::Outgoing(vec![again])]), Ok(Step::Push(_))));
}

#[test]
fn a_server_out_of_its_mind_ends_the_session() {
    let nothing = || Event::Outgoing(Vec::new());
    let check = |events: Vec<Event>| assert!(with(events.clone()).is_err(), "{events:?} was let through");
    check(vec![Event::Done]);
    check(vec![changes(1..=2), answers(&[Ok(51)])]);
    check(vec![changes(1..=1), answers(&[])]);
    check(vec![nothing(), page(&[52, 51], 52, false)]);
    check(vec![nothing(), page(&[50], 52, false)]);
    check(vec![nothing(), page(&[51, 53], 52, false)]);
    check(vec![nothing(), page(&[], 49, false)]);
    check(vec![nothing(), page(&[], 50, true)]);
    assert!(matches!(with([nothing(), page(&[51, 53], 53, true)]), Ok(Step::Apply { .. })));
}

#[test]
fn a_gap_that_stays_does_not_keep_from_receiving() {
    let round = || greeted(50, 0).into_iter().chain([changes(3..=3), answers(&[Err("gap")])]);
    let (_, step) = after((0..3).flat_map(|_| round())).unwrap();
    assert!(matches!(step, Step::Pull(after) if after == mark(50)), "{step:?}");
}

#[test]
fn a_database_that_keeps_changing_is_left_for_the_next_time() {
    let round = || greeted(50, 0).into_iter().chain([Event::Outgoing(Vec::new()), Event::Pulled(Pulled::Diverged)]);
    let (_, step) = after((0..3).flat_map(|_| round())).unwrap();
    assert!(matches!(&step, Step::Leave(report) if report.unsettled), "{step:?}");
}
