//! A database in which somebody deleted a change and exchanged two others: a desk that joins notices both, has all the rest, and
//! goes on.

use serde_json::json;
use uuid::Uuid;

use crate::stage::{Machine, World};

#[tokio::test]
async fn a_change_deleted_and_two_exchanged_in_the_database_are_noticed() {
    let mut world = World::new().await;
    let one = world.desk("A1").await;
    let mut forms = Vec::new();
    for nth in 0..6 {
        forms.push(one.register(json!({"customer.name": format!("陈秀英{nth}")})).await);
        one.sync().await;
    }
    let place = |nth: usize| {
        let sql = format!("SELECT max(seq) FROM kefu.changes WHERE record = '{}'", forms[nth]);
        world.server.sql("kefu", &sql).parse::<u64>().unwrap()
    };
    let (deleted, first, second) = (place(1), place(3), place(4));
    let exchange = |world: &World| {
        for (from, to) in [(first, 0), (second, first), (0, second)] {
            world.server.sql("kefu", &format!("UPDATE kefu.changes SET seq = {to} WHERE seq = {from}"));
        }
    };
    exchange(&world);
    let two = world.desk("B1").await;
    two.sync().await;
    assert_eq!(reasons(&two).await, ["reordered"]);
    exchange(&world);
    world.server.sql("kefu", &format!("DELETE FROM kefu.changes WHERE seq = {deleted}"));
    let three = world.desk("C1").await;
    three.sync().await;
    let noted = three.desk.quarantine().await.unwrap();
    assert_eq!((noted[0].place, reasons(&three).await), (deleted, vec!["withheld".to_owned()]));
    for (desk, lacks) in [(&two, None), (&three, Some(1))] {
        for (nth, form) in forms.iter().enumerate().filter(|(nth, _)| Some(*nth) != lacks) {
            assert_eq!(desk.text(*form, "customer.name").await, Some(json!(format!("陈秀英{nth}"))));
        }
        desk.sound().await;
    }

    // Opened anew, a desk asks once more from before what it noted, and gives back what it has.
    two.desk.lock().await;
    two.unlock().await;
    for desk in [&two, &three, &one] {
        desk.sync().await;
    }
    assert_eq!(reasons(&two).await, ["withheld"]);
    assert_eq!(three.text(forms[1], "customer.name").await, Some(json!("陈秀英1")));
    assert_eq!(server_has(&world, forms[1]), "1");
}

async fn reasons(machine: &Machine) -> Vec<String> {
    machine.desk.quarantine().await.unwrap().into_iter().map(|one| one.reason).collect()
}

fn server_has(world: &World, record: Uuid) -> String {
    world.server.sql("kefu", &format!("SELECT count(*) FROM kefu.changes WHERE record = '{record}'"))
}
