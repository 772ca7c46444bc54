//! The order of arrival does not matter, whatever was done and by whoever saw what.

use kefu_domain::change::{Setting, act};
use kefu_domain::process::{TABLE, role};
use kefu_domain::{Change, Record};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, ME, person};

/// How one step of a history comes about.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Which of the acts that are possible.
    pick: usize,
    /// How many of the last changes its author had not seen.
    blind: usize,
    /// Not asked of the rules at all, as a faulty device would send it.
    raw: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<usize>(), prop_oneof![4 => Just(0usize), 1 => 1usize..4], proptest::bool::weighted(0.1));
    proptest::collection::vec(step.prop_map(|(pick, blind, raw)| Step { pick, blind, raw }), 1..30)
}

/// Plays a history on two devices and gives its log.
fn play(steps: &[Step]) -> (Vec<Change>, bool) {
    let mut acts: Vec<&str> = TABLE.iter().map(|row| row.act).collect();
    acts.dedup();
    let actor = person(ME, role::EVERY);
    let (mut desk, mut faithful) = (Desk::new(), true);
    for step in steps {
        let seen = desk.log.len() - step.blind.min(desk.log.len() - 1);
        let now = desk.record.clone();
        desk.record = Record::fold(&desk.log[..seen]);
        let possible: Vec<_> = acts
            .iter()
            .filter_map(|act| {
                let asked = desk.asked(act);
                desk.decide(&actor, asked).ok()
            })
            .collect();
        let mut draft = possible[step.pick % possible.len()].clone();
        desk.record = now;
        if step.raw {
            draft.set.insert("x.raw".into(), Setting { to: json!(step.pick), was: vec![] });
        }
        desk.write(draft, actor.seat);
        if step.raw || seen + 1 < desk.log.len() {
            faithful &= !step.raw && step.blind == 0;
            let any = ["future", act::UNDO, acts[step.pick % acts.len()]];
            let last = desk.log.last_mut().unwrap();
            if step.raw {
                last.act = any[step.pick % 3].into();
            }
            last.at.device = Uuid::from_u128(step.blind as u128);
            desk.record = Record::fold(&desk.log);
        }
    }
    (desk.log, faithful)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn order_of_arrival_does_not_matter(steps in steps(), seed in any::<u64>()) {
        let (log, faithful) = play(&steps);
        let straight = Record::fold(&log);
        let mut shuffled: Vec<&Change> = log.iter().collect();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(&Record::fold(shuffled), &straight);

        // Each stored in between, as the store keeps it.
        let mut stored = Record::default();
        for change in &log {
            let text = serde_json::to_string(&stored).unwrap();
            stored = serde_json::from_str(&text).unwrap();
            stored.apply(change);
        }
        prop_assert_eq!(&stored, &straight);
        prop_assert_eq!(straight.changes as usize, log.len());
        if faithful {
            prop_assert_eq!(straight.out_of_place, vec![], "what was decided on what is there takes effect");
        }
    }
}
