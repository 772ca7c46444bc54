//! Well signed and sealed nonsense among sound changes: what a member can send whose program somebody altered.

use kefu_domain::change::act;
use serde_json::json;
use uuid::Uuid;

use super::stage::World;
use crate::wire::StandingProblem;

/// Sound changes to each that is none.
const SOUND: usize = 9;

#[tokio::test]
async fn well_signed_nonsense_lies_aside_and_the_rest_is_applied() {
    let mut world = World::new();
    let (one, rogue, two) = (world.desk("A1").await, world.desk("R1").await, world.desk("B1").await);
    let mut forms = Vec::new();
    let mut disagreeing = 0;
    for nth in 0..21u32 {
        forms.extend(one.write_many(SOUND, (usize::MAX, act::VOID)).await);
        world.exchange(&one).await;
        // Some of it pretends to belong to what is there already.
        let record = if nth % 2 == 0 { forms[nth as usize] } else { Uuid::now_v7() };
        let says = rogue.says(nth, record, act::CORRECT, json!({"customer.name": "无"})).await;
        let mut other = says.clone();
        let whole = says.encode().unwrap();
        let plain: Vec<u8> = match nth % 7 {
            0 => Vec::new(),
            1 => vec![0xff; 700],
            2 => b"[".repeat(50_000),
            3 => whole[..whole.len() / 2].to_vec(),
            4 => br#"{"v":1,"id":7,"seq":-1,"at":"","set":[],"act":null}"#.to_vec(),
            5 => String::from_utf8(whole).unwrap().replacen("\"zone\":480", "\"zone\":1e400", 1).into_bytes(),
            _ => {
                disagreeing += 1;
                other.record = Uuid::now_v7();
                other.encode().unwrap()
            }
        };
        world.plant(&rogue, &says, &plain).await;
    }
    let report = world.exchange(&two).await;
    assert_eq!((report.quarantined, forms.len()), (21, 21 * SOUND), "{report:?}");
    world.exchange(&one).await;
    for seated in [&one, &two] {
        for form in &forms {
            assert!(seated.text(*form, "number").await.is_some_and(|number| number.starts_with("KF-")), "{form}");
            assert_eq!(seated.text(*form, "customer.name").await, None, "{form}");
        }
        let aside = seated.desk.quarantine().await.unwrap();
        let why = |reason: &str| aside.iter().filter(|one| one.reason == reason && one.device == "R1").count();
        assert_eq!((aside.len(), why("newer"), why("disagrees")), (21, 21 - disagreeing, disagreeing), "{aside:?}");
        let problems = seated.desk.standing().await.unwrap().problems;
        let told = problems.iter().find(|entry| entry.problem == StandingProblem::Quarantined).unwrap();
        assert_eq!(told.count, 21);
        seated.sound().await;
    }
    let report = world.exchange(&two).await;
    assert_eq!((report.received, report.quarantined), (0, 0), "not tried again for nothing");
}
