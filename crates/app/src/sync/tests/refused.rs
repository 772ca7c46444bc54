//! What was refused can be carried off and worked from, by whoever may read it.

use kefu_domain::change::act;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{Seated, World};
use crate::wire::{MemberRequest, SignInRequest, UnlockRequest};

async fn exported(seated: &Seated) -> Vec<Value> {
    let text = String::from_utf8(seated.desk.refused_file().await.unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn what_was_refused_is_exported_with_what_was_typed() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    assert!(exported(&one).await.is_empty());
    let (form, late) = (Uuid::now_v7(), Uuid::now_v7());
    one.write(form, act::REGISTER, json!({"number": "KF-1", "customer.name": "陈秀英"})).await;
    world.exchange(&one).await;
    world.server.0.lock().unwrap().refuse = Some((act::CORRECT, "archived"));
    one.write(form, act::CORRECT, json!({"customer.phone": "13800138021"})).await;
    world.exchange(&one).await;
    world.server.0.lock().unwrap().refuse = Some((act::REGISTER, "kind"));
    one.write(late, act::REGISTER, json!({"number": "KF-2", "customer.name": "王芳"})).await;
    world.exchange(&one).await;
    let [second, first]: [Value; 2] = exported(&one).await.try_into().unwrap();
    let shown = one.desk.refused_changes().await.unwrap();
    assert_eq!(
        (&first["number"], &first["act"], &first["code"]),
        (&json!("KF-1"), &json!("correct"), &json!("archived"))
    );
    assert_eq!(
        (&first["member"], &first["at"], &first["id"]),
        (&json!("孙A1"), &json!(shown[1].at), &json!(shown[1].id))
    );
    let typed = json!([{"field": "customer.phone", "label": "电话", "to": "13800138021"}]);
    assert_eq!((&first["typed"]["fields"], &first["typed"]["masked"]), (&typed, &json!(false)));
    assert_eq!(second["number"], "KF-2", "a registration that left no form");
    assert!(second.to_string().contains("王芳"));

    // What he did not type himself and may not read is masked, as it is where the form is shown.
    let member = MemberRequest {
        id: None,
        name: "何平".into(),
        employee_number: "110".into(),
        post: String::new(),
        department: "客服部".into(),
        phone_extension: String::new(),
        roles: ["records".to_owned()].into(),
        active: true,
    };
    let id = one.desk.save_member(member).await.unwrap().id;
    one.desk.give_sign_in(SignInRequest { id, passphrase: "何平的口令足够长".into() }).await.unwrap();
    one.desk.lock().await;
    one.desk.unlock(UnlockRequest::Passphrase("何平的口令足够长".into())).await.unwrap();
    let masked = exported(&one).await;
    let text = json!(masked).to_string();
    assert!(masked.iter().all(|line| line["typed"]["masked"] == true) && text.contains("138****8021"), "{text}");
    assert!(!["13800138021", "陈秀英", "王芳"].iter().any(|secret| text.contains(secret)), "{text}");
    // His own words he has in clear.
    world.server.0.lock().unwrap().refuse = Some((act::CORRECT, "unassigned"));
    one.write(form, act::CORRECT, json!({"customer.phone": "13900139000"})).await;
    world.exchange(&one).await;
    let own = exported(&one).await.remove(0);
    assert_eq!((&own["member"], &own["typed"]["masked"]), (&json!("何平"), &json!(false)));
    assert!(own.to_string().contains("13900139000"), "{own}");
}
