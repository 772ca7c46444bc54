//! What people write while the line to the server is cut, hangs or is slow, or the server is down, is there within half a minute
//! once it is well again, and nobody has to do anything for it.

use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use crate::field::{act, heater, pair};
use crate::line::Line;
use crate::stage::{Machine, World};

/// How long a line is ill: longer than the first pauses, so that they have grown.
const ILL: Duration = Duration::from_secs(6);
/// The promise.
const DRAINED: Duration = Duration::from_secs(30);

#[tokio::test]
async fn queues_drain_within_half_a_minute_of_healing() {
    let mut world = World::new().await;
    let (desk, phone, _) = pair(&mut world).await;
    let id = heater(&desk, "repair").await.id;
    for machine in [&desk, &phone] {
        machine.sync().await;
    }
    for step in ["accept", "arrive"] {
        act(&phone, id, step, json!({})).await;
    }
    let lines = [Line::to(&world), Line::to(&world)];
    for (line, machine) in lines.iter().zip([&desk, &phone]) {
        machine.sync().await;
        line.leads(machine, &world).await;
    }
    let ills = async {
        lines.iter().for_each(Line::cut);
        writes(&desk, &phone, id).await;
        tokio::time::sleep(ILL).await;
        lines.iter().for_each(Line::heal);
        println!("figure: cut off: sent {} ms after healing", drains(&desk, &phone).await);

        lines.iter().for_each(Line::hang);
        writes(&desk, &phone, id).await;
        tokio::time::sleep(ILL).await;
        lines.iter().for_each(Line::heal);
        println!("figure: half-open: sent {} ms after healing", drains(&desk, &phone).await);

        world.server.kill();
        writes(&desk, &phone, id).await;
        tokio::time::sleep(ILL).await;
        world.server.start_again();
        println!("figure: server restarted: sent {} ms after healing", drains(&desk, &phone).await);

        // 25 kB a second: not healed, and yet never stuck.
        lines.iter().for_each(|line| line.slow(40));
        writes(&desk, &phone, id).await;
        println!("figure: slow: sent {} ms after healing", drains(&desk, &phone).await);
    };
    tokio::select! {
        () = ills => {}
        () = desk.desk.keep_exchanging(|_| {}) => {}
        () = phone.desk.keep_exchanging(|_| {}) => {}
    }
    for machine in [&desk, &phone] {
        machine.sound().await;
    }
}

async fn writes(desk: &Machine, phone: &Machine, sheet: Uuid) {
    for nth in 0..3 {
        desk.register(json!({"customer.name": format!("陈秀英{nth}")})).await;
        act(phone, sheet, "fill", json!({"values": {"measures": format!("第 {nth} 次检查")}})).await;
    }
    assert!(waiting(desk).await > 0 && waiting(phone).await > 0);
}

async fn waiting(machine: &Machine) -> u64 {
    machine.desk.standing().await.unwrap().to_send
}

/// Milliseconds until nothing waits any more.
async fn drains(desk: &Machine, phone: &Machine) -> u128 {
    let healed = Instant::now();
    while waiting(desk).await + waiting(phone).await > 0 {
        assert!(healed.elapsed() < DRAINED, "still waiting");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    healed.elapsed().as_millis()
}
