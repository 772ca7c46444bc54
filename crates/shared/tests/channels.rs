//! Who may send checks of the channels (R23): whoever holds a role that checks or lays down, and no technician.
#![allow(clippy::unwrap_used, reason = "tests")]

mod stage;

use kefu_domain::channels::{CHECKERS, RULERS, record_id};
use kefu_domain::process::role::EVERY;
use kefu_sync::wire::Answer;
use stage::{Deed, Stage, deed, refused, run};

#[test]
fn the_server_takes_a_check_and_a_routine_from_who_may_only() {
    run(async {
        let stage = Stage::new().await;
        let record = record_id("hotline");
        for role in EVERY {
            let member = stage.member(&[role]).await;
            let (mut device, mut shared) = (member.device(), stage.connect(&member).await);
            for (act, may) in [("configure", RULERS), ("check_channel", CHECKERS)] {
                let sent = Deed { kind: "channel", state: "", ..deed(record, act) };
                let answer = device.send(&mut shared, sent).await;
                match may.contains(role) {
                    true => assert!(matches!(answer, Answer::Ok(_)), "R23: {role} {act}: {answer:?}"),
                    false => assert_eq!(answer, refused("role"), "R23: {role} {act}"),
                }
            }
        }
    });
}
