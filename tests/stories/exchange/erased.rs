//! A customer who asked to be forgotten is forgotten everywhere: on every desk, in the technician's hands and on the server,
//! whoever was away meanwhile, while the figures and every chain stay.

use std::path::Path;

use kefu_app::wire::*;
use kefu_domain::process::role;
use kefu_testkit::form;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Machine, World};

/// What tells of the customer, wherever it was written.
const PLANTED: [&str; 7] = ["慕容霏", "13912345678", "半夜火焰呈蓝绿色", "水磨坊巷", "霏姐家", "离线补记", "师傅记下"];

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

async fn left_in(machine: &Machine) -> Vec<&'static str> {
    let store = machine.store().await;
    let dump = store.dump().await.unwrap();
    store.close().await;
    let mut found: Vec<_> = PLANTED.into_iter().filter(|word| holds(&dump, word)).collect();
    found.extend(PLANTED.into_iter().filter(|word| in_files(machine.folder.path(), word)));
    found
}

fn in_files(folder: &Path, word: &str) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| match entry.path() {
        path if path.is_dir() => in_files(&path, word),
        path => std::fs::read(path).is_ok_and(|bytes| holds(&bytes, word)),
    })
}

/// What counts of these forms, and how far they came; the queues besides.
async fn figures(machine: &Machine, forms: &[Uuid]) -> Value {
    let mut all = Vec::new();
    for id in forms {
        let view = machine.desk.show(*id).await.unwrap();
        let kept = ["kind", "category", "channel", "received_at", "severity", "receiver.name", "mood"];
        let kept: Vec<Value> = kept.iter().map(|key| view.values.get(*key).cloned().unwrap_or_default()).collect();
        let acts: Vec<(String, String)> = view.timeline.iter().map(|one| (one.act.clone(), one.at.clone())).collect();
        all.push(json!([view.number, view.state, view.copies, kept, acts]));
    }
    // Not those that say whose they are.
    let queues = machine
        .desk
        .board()
        .await
        .unwrap()
        .queues
        .into_iter()
        .filter(|one| one.key != "mine" && one.key != "following");
    json!([all, queues.map(|one| (one.key, one.count, one.overdue)).collect::<Vec<_>>()])
}

/// What his own program writes for a member, whoever it asks.
async fn writes(machine: &Machine, form: Uuid, values: Value) {
    let store = machine.store().await;
    let mut door = store.door(chrono::Utc::now().fixed_offset()).await.unwrap();
    let draft =
        kefu_domain::decide::Draft::new(form, "form", "correct").setting(serde_json::from_value(values).unwrap());
    door.write(draft, machine.seat.member).await.unwrap();
    door.commit().await.unwrap();
    store.close().await;
}

/// A form with everything planted on it, a file, and its customer's card.
async fn told(desk: &Machine) -> (Uuid, Uuid, String) {
    let file = desk.desk.attach("霏姐家.txt", "text/plain", "慕容霏家，水磨坊巷".as_bytes()).await.unwrap();
    let values = form(json!({
        "received_at": chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
        "customer.name": "慕容霏", "customer.phone": "13912345678", "customer.address": "水磨坊巷 13 号",
        "product.name": "燃气热水器", "product.serial": "LN16-2409-003817",
        "description": {"text": "半夜火焰呈蓝绿色，慕容霏说的", "marks": []},
    }));
    let request = RegisterRequest { draft: None, values, attachments: vec![file.clone()], call: None };
    let form = desk.desk.register(request).await.unwrap().id;
    let customer = customer(desk).await.unwrap();
    let card = json!({"id": customer, "values": {"customer.address": "水磨坊巷，霏姐家"}, "reason": "慕容霏来电"});
    desk.desk.correct_customer(serde_json::from_value(card).unwrap()).await.unwrap();
    (form, customer, file.sha256)
}

async fn customer(desk: &Machine) -> Option<Uuid> {
    let request = CustomersRequest { query: "13912345678".into(), offset: 0, limit: 9 };
    Some(desk.desk.customers(request).await.unwrap().rows.first()?.id)
}

async fn forget(desk: &Machine, form: Uuid, customer: Uuid) -> Erased {
    desk.desk.void_form(VoidRequest { id: form, reason: "慕容霏撤回投诉".into() }).await.unwrap();
    let request = EraseRequest { id: customer, reason: "本人来函".into(), although_kept: true };
    desk.desk.erase(request).await.unwrap()
}

/// What the server still has of a record besides its erasing changes: sealed changes, pieces of files, keys.
fn on_server(world: &World, record: Uuid) -> String {
    world.server.sql(
        "kefu",
        &format!(
            "SELECT (SELECT count(*) FROM kefu.changes WHERE record = '{record}' AND act <> 'erase' AND sealed <> link),
             (SELECT count(*) FROM kefu.chunks WHERE record = '{record}'),
             (SELECT count(*) FROM kefu.wraps w WHERE record = '{record}' AND NOT EXISTS (SELECT FROM kefu.changes c
                 WHERE c.record = w.record AND c.key = w.key AND c.act = 'erase')),
             (SELECT count(*) FROM kefu.assignments WHERE record = '{record}')"
        ),
    )
}

/// An exchange after which nothing of a record waits here, for whatever.
async fn nothing_waits(machine: &Machine, record: Uuid) {
    assert_eq!(machine.sync().await.to_send, 0);
    assert_eq!(machine.desk.quarantine().await.unwrap(), vec![]);
    assert!(machine.desk.refused_changes().await.unwrap().iter().all(|one| one.record != record));
    assert!(machine.desk.conflicts().await.unwrap().iter().all(|one| one.id != record));
    let aside = machine.store().await;
    let counts = aside.exchange_counts().await.unwrap();
    aside.close().await;
    assert_eq!(
        counts.refused as usize,
        machine.desk.refused_changes().await.unwrap().len(),
        "what is counted is shown"
    );
}

#[tokio::test]
async fn a_customer_who_is_forgotten_is_forgotten_everywhere() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let field = world.technician(&one, "F1", "周工").await;
    let (doomed, customer_id, file) = told(&one).await;
    let stays = one.register(json!({"customer.name": "周敏", "customer.phone": "13900139000"})).await;
    one.dispatch(doomed, &field, "周工").await;
    for machine in [&one, &field, &two, &one] {
        machine.sync().await;
    }
    writes(&two, doomed, json!({"product.model": "JSQ30", "customer.address": "水磨坊巷 15 号，霏姐家"})).await;
    assert!(two.desk.attachment(&file).await.unwrap().starts_with("慕容霏".as_bytes()));
    let draft = json!({"id": Uuid::now_v7(), "values": {"customer.phone": "13912345678", "customer.name": "慕容霏"}, "attachments": []});
    two.desk.save_draft(serde_json::from_value(draft).unwrap()).await.unwrap();
    for machine in [&two, &one, &field] {
        machine.sync().await;
        assert!(left_in(machine).await.len() >= 4, "they were there");
    }
    assert_eq!(on_server(&world, doomed).split('|').next_back(), Some("1"));

    // Two are away, and write on.
    writes(&two, doomed, json!({"product.name": "霏姐家的热水器", "customer.wechat": "离线补记"})).await;
    writes(&field, doomed, json!({"product.name": "师傅记下：霏姐家"})).await;

    let erased = forget(&one, doomed, customer_id).await;
    assert!(erased.forms == 1 && erased.files == 1, "{erased:?}");
    let before = figures(&one, &[doomed, stays]).await;
    one.sync().await;
    assert_eq!(on_server(&world, doomed), "0|0|0|0");
    assert_eq!(left_in(&one).await, Vec::<&str>::new());
    for machine in [&two, &field, &one, &two, &field] {
        nothing_waits(machine, doomed).await;
    }

    for machine in [&one, &two, &field] {
        assert_eq!(left_in(machine).await, Vec::<&str>::new());
        machine.sound().await;
    }
    assert_eq!(on_server(&world, doomed), "0|0|0|0");
    assert!(field.desk.show(doomed).await.is_err(), "out of his hands");
    for machine in [&one, &two] {
        assert_eq!(figures(machine, &[doomed, stays]).await, before);
        assert_eq!(machine.text(stays, "customer.name").await, Some(json!("周敏")));
        assert_eq!(customer(machine).await, None);
        let file = machine.desk.attachment(&file).await.unwrap_err();
        assert_eq!(file.code, Code::NotFound);
        let printed = machine.desk.copy_out(Sheet::Form(doomed), |_| Ok(())).await.unwrap_err();
        assert_eq!(printed.code, Code::Denied, "what ended takes no change more");
    }
    assert!(two.desk.drafts().await.unwrap().is_empty());
    for part in [world.server.dump("kefu"), world.server.log()] {
        assert!(PLANTED.iter().all(|word| !part.contains(word)));
    }

    // A device that never had the words comes to the same figures.
    let three = world.desk("C1").await;
    nothing_waits(&three, doomed).await;
    assert_eq!(figures(&three, &[doomed, stays]).await, before);
    assert!(left_in(&three).await.is_empty());
    three.sound().await;

    // A server that destroys what nobody erased is found out, by its digest in the place or without.
    world.server.sql("kefu", &format!("UPDATE kefu.changes SET sealed = link WHERE record = '{stays}'"));
    let four = world.desk("D1").await;
    let standing = four.sync().await;
    assert!(standing.problems.iter().any(|one| one.problem == StandingProblem::Quarantined), "{standing:?}");
    let aside = four.desk.quarantine().await.unwrap();
    assert!(!aside.is_empty() && aside.iter().all(|one| one.reason == "emptied"), "{aside:?}");
    assert!(four.desk.show(stays).await.is_err() && four.desk.show(doomed).await.is_ok());
}

#[tokio::test]
async fn a_backup_from_before_brings_nothing_back() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    one.register(json!({"customer.name": "周敏"})).await;
    one.sync().await;
    world.server.sql("postgres", "CREATE DATABASE oldest TEMPLATE kefu");
    let (doomed, customer, _) = told(&one).await;
    one.sync().await;
    two.sync().await;
    two.correct(doomed, json!({"customer.wechat": "离线补记"})).await;
    for machine in [&two, &one] {
        machine.sync().await;
    }
    world.server.sql("postgres", "CREATE DATABASE older TEMPLATE kefu");
    forget(&one, doomed, customer).await;
    let after = one.register(json!({"customer.name": "王芳"})).await;
    for machine in [&one, &two, &one] {
        machine.sync().await;
    }
    let before = figures(&one, &[doomed, after]).await;
    // First one that has the words, then one from before there were any: the devices give back what they have.
    for (nth, backup) in ["older", "oldest"].into_iter().enumerate() {
        world.server.sql("postgres", "DROP DATABASE kefu");
        world.server.sql("postgres", &format!("ALTER DATABASE {backup} RENAME TO kefu"));
        let order = if nth == 0 { [&two, &one, &two, &one] } else { [&one, &two, &one, &two] };
        for machine in order {
            machine.sync().await;
        }
        assert_eq!(on_server(&world, doomed), "0|0|0|0", "{backup}");
        let there =
            world.server.sql("kefu", &format!("SELECT count(*) > 2 FROM kefu.changes WHERE record = '{doomed}'"));
        assert_eq!(there, "t", "places were given back, too");
        let fresh = world.desk(["C1", "D1"][nth]).await;
        for machine in [&one, &two, &fresh] {
            nothing_waits(machine, doomed).await;
            assert_eq!(left_in(machine).await, Vec::<&str>::new(), "{backup}");
            assert_eq!(figures(machine, &[doomed, after]).await, before, "{backup}");
            machine.sound().await;
        }
    }
}

#[tokio::test]
async fn who_may_not_erase_destroys_nothing_of_others() {
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.machine("H1", &[role::HANDLER]).await);
    let (form, customer, _) = told(&one).await;
    one.sync().await;
    two.sync().await;
    // His own program believes that he may; the member log does not.
    forget(&two, form, customer).await;
    two.sync().await;
    assert!(two.desk.refused_changes().await.unwrap().iter().any(|one| one.act == "erase" && one.code == "role"));
    one.sync().await;
    assert_eq!(one.text(form, "customer.name").await, Some(json!("慕容霏")));
    assert!(!on_server(&world, form).starts_with("0|"));
    one.sound().await;
}
