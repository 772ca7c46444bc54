//! Emptied places before the change that explains them, pages apart; and conflicts of forms that somebody does not see.

use kefu_domain::change::act;
use serde_json::json;
use uuid::Uuid;

use super::stage::{Seated, World};
use crate::wire::{
    Code, EraseRequest, MemberRequest, ResolveRequest, RevealRequest, SignInRequest, UnlockRequest, VoidRequest,
};

/// What the shared database does when an erasing change comes: what was sealed before it is replaced by its digest.
fn empty(world: &World, record: Uuid) -> usize {
    let mut kept = world.server.0.lock().unwrap();
    let mut emptied = 0;
    for (out, _) in kept.rows.iter_mut().filter(|(out, _)| out.envelope.record == record) {
        if out.envelope.act != act::ERASE {
            out.envelope.sealed = out.digest.to_vec();
            emptied += 1;
        }
    }
    emptied
}

async fn customer(seated: &Seated) -> Uuid {
    let store = &seated.desk.open().unwrap().store;
    store.find_customers("13912345678", 9).await.unwrap()[0].id
}

#[tokio::test]
async fn emptied_places_wait_for_what_explains_them() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    let (doomed, other) = (Uuid::now_v7(), Uuid::now_v7());
    let told =
        json!({"number": "KF-1", "kind": "complaint", "customer.name": "慕容霏", "customer.phone": "13912345678"});
    one.write(doomed, act::REGISTER, told).await;
    one.write(doomed, act::CORRECT, json!({"product.name": "慕容霏的热水器"})).await;
    one.write(other, act::REGISTER, json!({"number": "KF-2", "customer.name": "周敏"})).await;
    for nth in 0..20 {
        one.write(other, act::CORRECT, json!({"product.name": format!("热水器{nth}")})).await;
    }
    let id = customer(&one).await;
    one.desk.void_form(VoidRequest { id: doomed, reason: "客户撤回".into() }).await.unwrap();
    world.exchange(&one).await;
    // Three pages of other changes lie between.
    let request = EraseRequest { id, reason: "本人来函".into(), although_kept: true };
    one.desk.erase(request).await.unwrap();
    world.exchange(&one).await;
    assert_eq!(empty(&world, doomed), 3);

    let two = world.desk("B1").await;
    let report = world.exchange(&two).await;
    assert!(report.quarantined == 3 && two.desk.quarantine().await.unwrap().is_empty(), "{report:?}");
    for seated in [&one, &two] {
        let record = seated.desk.open().unwrap().store.record(doomed).await.unwrap().unwrap();
        assert_eq!((record.state.as_str(), record.text("kind")), ("voided", Some("complaint")));
        assert_eq!((record.text("number"), record.text("customer.name")), (Some("KF-1"), None));
        seated.sound().await;
    }
    // Of a record that nobody erased the same is no erasure.
    assert_eq!(empty(&world, other), 21);
    let three = world.desk("C1").await;
    world.exchange(&three).await;
    let aside = three.desk.quarantine().await.unwrap();
    assert!(aside.len() == 21 && aside.iter().all(|one| one.reason == "emptied"), "{aside:?}");
    assert_eq!(three.text(other, "number").await, None);
    three.sound().await;
}

#[tokio::test]
async fn who_does_not_see_a_form_decides_nothing_on_it() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let member = |name: &str, roles: &[&str]| MemberRequest {
        id: None,
        name: name.into(),
        employee_number: name.into(),
        post: String::new(),
        department: "客服部".into(),
        phone_extension: String::new(),
        roles: roles.iter().map(ToString::to_string).collect(),
        active: true,
    };
    for (name, roles, passphrase) in
        [("何平", ["records"], "何平的口令足够长"), ("周敏", ["reception"], "周敏的口令足够长")]
    {
        let id = two.desk.save_member(member(name, &roles)).await.unwrap().id;
        two.desk.give_sign_in(SignInRequest { id, passphrase: passphrase.into() }).await.unwrap();
    }
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1", "customer.phone": "13800138021"})).await;
    world.exchange(&one).await;
    world.exchange(&two).await;
    one.write(form, act::CORRECT, json!({"customer.phone": "13900139000"})).await;
    two.write(form, act::CORRECT, json!({"customer.phone": "13700137000"})).await;
    for seated in [&one, &two] {
        world.exchange(seated).await;
    }
    let listed = async || two.desk.conflicts().await.unwrap().into_iter().find(|one| one.id == form).unwrap();
    let sits = async |passphrase: &str| {
        two.desk.lock().await;
        two.desk.unlock(UnlockRequest::Passphrase(passphrase.into())).await.unwrap();
    };
    sits("何平的口令足够长").await;
    let masked = listed().await;
    let shown: Vec<String> = masked.values.iter().map(|value| value.value.to_string()).collect();
    assert!(shown.len() == 2 && shown.iter().all(|value| value.contains('*')), "{shown:?}");
    let request = ResolveRequest {
        id: form,
        field: masked.field.clone(),
        choose: Some(masked.values[0].stamp.clone()),
        value: None,
        seen: masked.values.iter().map(|value| value.stamp.clone()).collect(),
    };
    assert_eq!(two.desk.resolve_conflict(request.clone()).await.unwrap_err().code, Code::Masked);
    // Who takes calls may look, and that is logged; then he decides.
    sits("周敏的口令足够长").await;
    assert_eq!(two.desk.resolve_conflict(request.clone()).await.unwrap_err().code, Code::Masked);
    two.desk.reveal(RevealRequest { id: form, purpose: "核对来电号码".into() }).await.unwrap();
    let clear = listed().await;
    assert!(clear.values.iter().any(|value| value.value == "13900139000"), "{clear:?}");
    two.desk.resolve_conflict(request).await.unwrap();
}
