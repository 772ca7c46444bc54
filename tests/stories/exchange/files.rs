//! Photos and signatures over a line that breaks every 100 kB: they arrive whole, and nothing is sent from the beginning again.

use std::sync::atomic::Ordering;

use kefu_domain::field::State;
use kefu_domain::field::signature::Standing;
use serde_json::json;

use crate::field::{act, heater, pair};
use crate::line::Line;
use crate::stage::World;

/// A JPEG of 1200 × 900 and about 400 kB, another for each number.
fn photo(number: u32) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0x03, 0x84, 0x04, 0xb0, 1, 1, 0x11, 0];
    out.extend_from_slice(&[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    let mut state = u64::from(number) + 1;
    for _ in 0..400_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push(((state >> 33) % 255) as u8);
    }
    out.extend_from_slice(&[0xff, 0xd9]);
    out
}

const PHOTOS: u32 = 20;
/// What the line carries before it breaks.
const BREAKS: usize = 100_000;

#[tokio::test]
async fn twenty_photos_arrive_whole_over_a_line_that_breaks() {
    let mut world = World::new().await;
    let (desk, phone, _) = pair(&mut world).await;
    let id = heater(&desk, "repair").await.id;
    desk.sync().await;
    phone.sync().await;
    for step in ["accept", "arrive"] {
        act(&phone, id, step, json!({})).await;
    }
    let mut kept = Vec::new();
    for number in 0..PHOTOS {
        let photo = phone.desk.attach_photo(id, &format!("{number}.jpg"), &photo(number)).await.unwrap();
        let line = json!({"when": "before", "name": photo.name, "mime": photo.mime, "sha256": photo.sha256});
        act(&phone, id, "photo", json!({"add": [line]})).await;
        kept.push(photo.sha256);
    }

    // Signatures as large as they may be: three of them do not fit through together either.
    act(&phone, id, "fill", json!({"values": {"measures": "更换点火针", "result": "ok"}})).await;
    let ink = format!("M0 0{}", "L120 80".repeat(6_000));
    for party in ["technician", "customer", "customer"] {
        act(&phone, id, "sign", json!({"add": [{"party": party, "path": ink}]})).await;
    }

    let line = Line::breaking(&world, BREAKS);
    line.leads(&phone, &world).await;
    let mut rounds = 0;
    while phone.desk.exchange().await.unwrap().trouble.is_some() {
        rounds += 1;
        // What is missing is known at the desk while they are on their way.
        if rounds == 40 {
            desk.sync().await;
            let view = desk.desk.service(id).await.unwrap();
            let arrived = view.photos.iter().filter(|photo| photo.here).count();
            assert!(
                view.state == State::Arrived && view.photos.len() == PHOTOS as usize && arrived < view.photos.len()
            );
            assert_eq!(view.values["photos.before"], format!("{PHOTOS} 张，已到 {arrived} 张"));
        }
        assert!(rounds < 400);
    }
    assert!(rounds >= 80 && line.broken() >= 80, "{rounds}");
    let whole = PHOTOS as usize * 402_000 + 3 * 66_000;
    let sent = line.carried();
    assert!(sent < whole * 7 / 4, "at most the piece that broke off is sent again: {sent} of {whole}");

    // And down the same line.
    let line = Line::breaking(&world, BREAKS);
    line.leads(&desk, &world).await;
    desk.minutes.store(1, Ordering::Relaxed);
    let mut rounds = 0;
    loop {
        desk.desk.exchange().await.unwrap();
        let view = desk.desk.service(id).await.unwrap();
        if view.photos.iter().all(|photo| photo.here) {
            assert_eq!(view.values["photos.before"], format!("{PHOTOS} 张，已到 {PHOTOS} 张"));
            break;
        }
        rounds += 1;
        assert!(rounds < 400);
    }
    assert!(line.broken() >= 40);
    let signed = desk.desk.service(id).await.unwrap().signatures;
    assert!(
        signed.iter().all(|one| one.standing == Standing::Valid && one.path.len() > 40_000),
        "whole, and of what was signed"
    );
    for (number, hash) in (0..).zip(&kept) {
        assert_eq!(desk.desk.attachment(hash).await.unwrap(), phone.desk.attachment(hash).await.unwrap());
        assert!(desk.desk.attachment(hash).await.unwrap().len() >= photo(number).len() - 2);
    }

    // A desk that joins later asks for one alone and gets it at once.
    let outside = world.server.dump("kefu");
    assert!(kept.iter().all(|hash| !outside.contains(hash.as_str())), "no hash is known to the server");
    for machine in [&desk, &phone] {
        machine.sound().await;
    }
}
