//! A desk that joins a company of years finds what was written last before all the rest has come.

use chrono::Utc;
use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use serde_json::json;
use uuid::Uuid;

use crate::line::Line;
use crate::stage::World;

/// More than are loaded without asking for the newest first.
const FORMS: usize = 2_100;
/// What the line carries: the newest, and not the first page after them.
const CARRIED: usize = 400_000;

#[tokio::test]
async fn what_was_written_last_is_there_first() {
    let mut world = World::new().await;
    let one = world.desk("A1").await;
    let store = one.store().await;
    let mut door = store.door(Utc::now().fixed_offset()).await.unwrap();
    let forms: Vec<Uuid> = (0..FORMS).map(|_| Uuid::now_v7()).collect();
    for (nth, form) in forms.iter().enumerate() {
        let values = json!({"number": format!("KF-20261124-A1-{nth:04}"), "customer.name": format!("陈秀英{nth}"),
            "description": {"text": "热水器打开后火焰突然熄灭。".repeat(8), "marks": []}});
        let draft = Draft::new(*form, kind::FORM, act::REGISTER).setting(serde_json::from_value(values).unwrap());
        door.write(draft, one.seat.member).await.unwrap();
    }
    door.commit().await.unwrap();
    store.close().await;
    one.sync().await;

    let two = world.desk("B1").await;
    let line = Line::breaking(&world, CARRIED);
    line.leads(&two, &world).await;
    let broken = two.desk.exchange().await.unwrap();
    assert!(broken.trouble.is_some() && line.broken() == 1, "{broken:?}");
    let name = async |nth: usize| two.text(forms[nth], "customer.name").await;
    assert_eq!(name(FORMS - 1).await, Some(json!(format!("陈秀英{}", FORMS - 1))));
    assert_eq!(name(FORMS - 30).await, Some(json!(format!("陈秀英{}", FORMS - 30))));
    assert_eq!(name(0).await, None);

    let mut rounds = 0;
    while two.desk.exchange().await.unwrap().trouble.is_some() {
        rounds += 1;
        assert!(rounds < 60);
    }
    for nth in [0, FORMS / 2, FORMS - 30, FORMS - 1] {
        assert_eq!(name(nth).await, Some(json!(format!("陈秀英{nth}"))));
    }
    assert!(two.desk.quarantine().await.unwrap().is_empty());
    let held = world.server.sql("kefu", "SELECT count(*) FROM kefu.changes");
    let log = two.desk.standing().await.unwrap().log;
    assert_eq!(log.to_string(), held, "each once");
    two.sound().await;
}
