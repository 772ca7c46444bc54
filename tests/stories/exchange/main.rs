//! Desks that share a workspace over a real PostgreSQL, with real files: what one writes the others have, whatever happens
//! between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod channels;
mod dumped;
mod erased;
mod field;
mod files;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod lines;
mod newer;
#[cfg(unix)]
mod newest;
mod planted;
mod ratings;
mod stage;
#[cfg(unix)]
mod standby;
mod withheld;

use std::sync::atomic::Ordering;

use kefu_app::wire::{ActRequest, Code, ResolveRequest, StandingProblem};
use kefu_domain::process::role;
use serde_json::json;
use stage::World;

#[tokio::test]
async fn what_one_desk_writes_the_other_has() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let mut forms = Vec::new();
    for nth in 0..5 {
        forms.push(one.register(json!({"customer.name": format!("陈秀英{nth}")})).await);
    }
    assert!(one.desk.show(forms[0]).await.unwrap().unsent);
    assert!(one.sync().await.to_send == 0 && !one.desk.show(forms[0]).await.unwrap().unsent);
    two.sync().await;
    for (nth, form) in forms.iter().enumerate() {
        assert_eq!(two.text(*form, "customer.name").await, Some(json!(format!("陈秀英{nth}"))));
    }
    // Cut off, both go on; what is different merges, what is the same is listed.
    one.correct(forms[0], json!({"product.name": "燃气热水器", "customer.name": "陈秀英"})).await;
    two.correct(forms[0], json!({"product.name": "电热水器", "customer.phone": "13800138021"})).await;
    let late = two.register(json!({"customer.name": "王芳"})).await;
    for machine in [&one, &two, &one] {
        machine.sync().await;
    }
    for machine in [&one, &two] {
        assert_eq!(machine.text(forms[0], "customer.phone").await, Some(json!("13800138021")));
        assert_eq!(machine.text(late, "customer.name").await, Some(json!("王芳")));
        let found = machine.desk.conflicts().await.unwrap();
        let product = found.iter().find(|c| c.id == forms[0] && c.field == "product.name").unwrap();
        assert_eq!(product.values.len(), 2);
    }
    // The later of the two says with whose it was merged, the same everywhere.
    let merged = one.merged(forms[0]).await;
    let [a, b] = ["孙A1", "孙B1"].map(String::from);
    assert!(merged == [(a.clone(), vec![b.clone()])] || merged == [(b, vec![a])], "{merged:?}");
    assert_eq!(two.merged(forms[0]).await, merged);
    let conflicts = two.desk.conflicts().await.unwrap();
    let product = conflicts.iter().find(|c| c.id == forms[0]).unwrap();
    let chosen = product.values.iter().find(|value| value.value == "燃气热水器").unwrap();
    let request = ResolveRequest {
        id: forms[0],
        field: "product.name".into(),
        choose: Some(chosen.stamp.clone()),
        value: None,
        seen: product.values.iter().map(|value| value.stamp.clone()).collect(),
    };
    two.desk.resolve_conflict(request).await.unwrap();
    two.sync().await;
    one.sync().await;
    assert_eq!(one.text(forms[0], "product.name").await, Some(json!("燃气热水器")));
    for machine in [&one, &two] {
        assert!(machine.desk.conflicts().await.unwrap().iter().all(|conflict| conflict.id != forms[0]));
        assert_eq!(machine.merged(forms[0]).await, merged, "who decided had seen both");
        machine.sound().await;
    }
}

#[tokio::test]
async fn a_server_out_of_reach_is_told_in_words_and_loses_nothing() {
    let mut world = World::new().await;
    let one = world.desk("A1").await;
    one.sync().await;
    world.server.kill();
    let form = one.register(json!({})).await;
    let standing = one.desk.exchange().await.unwrap();
    assert_eq!(standing.trouble.as_ref().unwrap().code, Code::SharedUnreachable);
    assert!(!standing.online && standing.offline_since.is_some() && standing.to_send == 1, "{standing:?}");
    world.server.start_again();
    let standing = one.sync().await;
    assert!(standing.online && standing.to_send == 0 && standing.offline_since.is_none(), "{standing:?}");
    let two = world.desk("B1").await;
    two.sync().await;
    assert!(two.desk.show(form).await.is_ok());
}

#[tokio::test]
async fn poison_lies_aside_and_the_rest_goes_on() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let mut forms = Vec::new();
    for _ in 0..10 {
        forms.push(one.register(json!({})).await);
    }
    one.sync().await;
    // What somebody may do who rules the server: bits flipped, fields swapped, rows exchanged.
    let of = |nth: usize| format!("record = '{}'", forms[nth]);
    for sql in [
        format!("UPDATE kefu.changes SET sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1) WHERE {}", of(0)),
        format!("UPDATE kefu.changes SET act = 'close' WHERE {}", of(1)),
        format!("UPDATE kefu.changes SET ms = ms + 1 WHERE {}", of(2)),
        format!("UPDATE kefu.changes SET sealed = (SELECT sealed FROM kefu.changes WHERE {}) WHERE {}", of(4), of(3)),
    ] {
        world.server.sql("kefu", &sql);
    }
    let standing = two.sync().await;
    let problem = standing.problems.iter().find(|entry| entry.problem == StandingProblem::Quarantined).unwrap();
    assert_eq!(problem.count, 4, "{standing:?}");
    for (nth, form) in forms.iter().enumerate() {
        assert_eq!(two.desk.show(*form).await.is_ok(), nth >= 4, "{nth}");
    }
    let aside = two.desk.quarantine().await.unwrap();
    assert!(aside.iter().all(|one| one.reason == "signature" && one.device == "A1"), "{aside:?}");
    two.sound().await;
}

#[tokio::test]
async fn a_server_put_back_has_everything_again_once_all_were_there() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let mut forms = vec![one.register(json!({})).await];
    one.sync().await;
    two.sync().await;
    world.server.sql("postgres", "CREATE DATABASE backup TEMPLATE kefu");
    for machine in [&one, &two] {
        forms.push(machine.register(json!({})).await);
        machine.correct(forms[0], json!({"product.name": "热水器"})).await;
        machine.sync().await;
    }
    one.sync().await;
    world.server.sql("postgres", "DROP DATABASE kefu");
    world.server.sql("postgres", "ALTER DATABASE backup RENAME TO kefu");
    forms.push(two.register(json!({})).await);
    for machine in [&two, &one, &two] {
        machine.sync().await;
    }
    let three = world.desk("C1").await;
    let standing = three.sync().await;
    assert!(standing.problems.iter().all(|entry| entry.problem != StandingProblem::Quarantined), "{standing:?}");
    for form in forms {
        assert!(three.desk.show(form).await.is_ok());
    }
    let everything = |dump: String| dump.matches("kefu.changes").count();
    assert!(everything(world.server.dump("kefu")) > 0);
    for machine in [&one, &two, &three] {
        machine.sound().await;
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_blocks_nothing() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    one.sync().await;
    two.sync().await;
    one.minutes.store(90, Ordering::Relaxed);
    // Before the server's clock is heard of again, what it writes is stamped by the wrong one.
    let form = one.register(json!({"received_at": "2026-11-02T08:41:00+08:00"})).await;
    one.correct(form, json!({"product.name": "热水器"})).await;
    let standing = one.sync().await;
    assert_eq!(standing.to_send, 0, "{standing:?}");
    assert!(standing.problems.iter().any(|entry| entry.problem == StandingProblem::OwnClock), "{standing:?}");
    let there = two.sync().await;
    assert_eq!(two.text(form, "product.name").await, Some(json!("热水器")), "{there:?}");
    two.correct(form, json!({"product.name": "燃气热水器"})).await;
    two.sync().await;
    one.sync().await;
    assert_eq!(one.text(form, "product.name").await, Some(json!("燃气热水器")), "the later one counts");
    assert!(one.desk.conflicts().await.unwrap().iter().all(|conflict| conflict.id != form));
    for machine in [&one, &two] {
        machine.sound().await;
    }
}

#[tokio::test]
async fn a_technician_holds_what_he_has_in_hand_and_nothing_else() {
    let mut world = World::new().await;
    let one = world.desk("A1").await;
    let field = world.machine("F1", &[role::TECHNICIAN]).await;
    let (mine, other) = (one.register(json!({"customer.name": "王芳"})).await, one.register(json!({})).await);
    one.sync().await;
    field.sync().await;
    assert!(field.desk.show(mine).await.is_err() && field.desk.show(other).await.is_err());
    // He is enrolled at the desk, so that a form can be given to him.
    let store = one.store().await;
    let mut door = store.door(chrono::Utc::now().fixed_offset()).await.unwrap();
    let member = json!({"name": "周工", "department": "外勤组", "roles": [role::TECHNICIAN], "active": true});
    let values = serde_json::from_value(member).unwrap();
    let draft = kefu_domain::decide::Draft::new(field.seat.member, "member", "enrol").setting(values);
    door.write(draft, one.seat.member).await.unwrap();
    door.commit().await.unwrap();
    store.close().await;
    let act = |act: &str, values: serde_json::Value| {
        serde_json::from_value::<ActRequest>(json!({"id": mine, "act": act, "values": values, "add": {}, "strike": []}))
            .unwrap()
    };
    let seat = field.seat.member.to_string();
    one.desk.act(act("pass_on", json!({}))).await.unwrap();
    let given = json!({"dispatch.department": "外勤组", "dispatch.handler": "周工", "dispatch.handler_seat": seat});
    one.desk.act(act("dispatch", given)).await.unwrap();
    one.sync().await;
    field.sync().await;
    assert_eq!(field.text(mine, "customer.name").await, Some(json!("王芳")), "given late, whole all the same");
    assert!(field.desk.show(other).await.is_err());
    // Given to somebody else.
    let given = json!({"dispatch.department": "客服部", "dispatch.handler": "孙A1",
        "dispatch.handler_seat": one.seat.member.to_string()});
    one.desk.act(act("dispatch", given)).await.unwrap();
    one.correct(mine, json!({"customer.phone": "13800138021"})).await;
    one.sync().await;
    field.sync().await;
    assert!(field.desk.show(mine).await.is_err());
    let dump = field.store().await.dump().await.unwrap();
    let holds = |words: &str| dump.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(!holds("王芳") && !holds("13800138021"), "gone from the file");
    field.sound().await;
    one.sound().await;
}
