//! A technician's device: let in by an invite, it has what it needs and no more; a visit done without a network.

use kefu_app::wire::*;
use kefu_domain::field::State;
use kefu_domain::field::signature::Standing;
use kefu_domain::process::role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Machine, World, joined};

const INK: &str = "M20 150L60 40L90 150M40 100L80 100M130 60L130 150L190 150M240 60L240 150M230 60L300 60";

/// A member with one role, enrolled at `desk`.
pub async fn enrol(desk: &Machine, name: &str, role: &str) -> Uuid {
    let member = json!({"name": name, "department": "外勤组", "roles": [role], "active": true});
    desk.desk.save_member(serde_json::from_value(member).unwrap()).await.unwrap().id
}

/// Gives the form to a member.
async fn dispatch(desk: &Machine, form: Uuid, member: Uuid, name: &str) {
    let act = |act: &str, values: Value| {
        let asked = json!({"id": form, "act": act, "values": values, "add": {}, "strike": []});
        serde_json::from_value::<ActRequest>(asked).unwrap()
    };
    desk.desk.act(act("pass_on", json!({}))).await.unwrap();
    let given = json!({"dispatch.department": "外勤组", "dispatch.handler": name, "dispatch.handler_seat": member});
    desk.desk.act(act("dispatch", given)).await.unwrap();
}

/// A desk and a technician 周工 whose device was let in.
pub async fn pair(world: &mut World) -> (Machine, Machine, Uuid) {
    let desk = world.desk("A1").await;
    let member = enrol(&desk, "周工", role::TECHNICIAN).await;
    desk.sync().await;
    let phone = joined(&desk, member, "F1").await;
    desk.sync().await;
    phone.sync().await;
    (desk, phone, member)
}

#[tokio::test]
async fn a_device_let_in_has_what_a_technician_needs_and_no_more() {
    let mut world = World::new().await;
    let desk = world.desk("A1").await;
    let member = enrol(&desk, "周工", role::TECHNICIAN).await;
    enrol(&desk, "吴工", role::TECHNICIAN).await;
    let field = json!({"field": {"key": "", "label": "水质", "kind": "text", "block": "product"}});
    desk.desk.save_custom_field(serde_json::from_value(field).unwrap()).await.unwrap();
    let (mine, other) = (desk.register(json!({"customer.name": "王芳"})).await, desk.register(json!({})).await);
    dispatch(&desk, mine, member, "周工").await;
    desk.sync().await;

    let phone = joined(&desk, member, "F1").await;
    // Nobody has told it yet who he is: he is no administrator, takes no calls, and sees nothing.
    let before = phone.desk.info().await.unwrap();
    assert_eq!((before.seat, before.roles, before.company.as_str()), (member, vec![role::TECHNICIAN.into()], ""));
    assert!(!phone.desk.field_desk().await.unwrap().dispatches);
    let nobody = json!({"name": "周工", "roles": ["admin"], "active": true});
    let refused = phone.desk.save_member(serde_json::from_value(nobody).unwrap()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotAllowed);
    phone.desk.lock().await;
    phone.unlock().await;
    assert_eq!(phone.desk.info().await.unwrap().seat, member);

    desk.sync().await;
    phone.sync().await;
    let (info, there) = (phone.desk.info().await.unwrap(), desk.desk.info().await.unwrap());
    assert_eq!((info.company.as_str(), info.member.as_str()), ("良渚电器有限公司", "周工"));
    assert_eq!((info.roles, info.department.as_str()), (vec![role::TECHNICIAN.to_owned()], "外勤组"));
    assert!(info.template.fields().any(|field| field.label == "水质"));
    assert_eq!(json!(info.template), json!(there.template));
    assert_eq!(json!(phone.desk.rules().await.unwrap()), json!(desk.desk.rules().await.unwrap()));
    let names = |members: Members| members.members.into_iter().map(|one| (one.id, one.name)).collect::<Vec<_>>();
    assert_eq!(names(phone.desk.members().await.unwrap()).len(), names(desk.desk.members().await.unwrap()).len());
    assert_eq!(phone.text(mine, "customer.name").await, Some(json!("王芳")));
    assert!(phone.desk.show(other).await.is_err());
    let forms = phone.store().await.dump().await.unwrap();
    assert!(!forms.windows(16).any(|window| window == other.as_bytes()), "nothing of the other form came");

    // A later change comes along by itself, and one who was taken out gets no more.
    let amended =
        json!({"id": member, "name": "周工长", "department": "外勤组", "roles": [role::TECHNICIAN], "active": true});
    desk.desk.save_member(serde_json::from_value(amended).unwrap()).await.unwrap();
    desk.sync().await;
    phone.sync().await;
    assert_eq!(phone.desk.info().await.unwrap().member, "周工长");
    let records = "SELECT count(*) FROM kefu.assignments a JOIN kefu.records r USING (workspace, record) \
                   WHERE r.kind = 'company' AND a.member = ";
    let given = |world: &World| world.server.sql("kefu", &format!("{records}'{member}'"));
    assert_eq!(given(&world), "1");
    let out = RevokeRequest { member: Some(member), device: None };
    desk.desk.revoke(out).await.unwrap();
    desk.sync().await;
    assert_eq!(given(&world), "0");
    for machine in [&desk, &phone] {
        machine.sound().await;
    }
}

#[tokio::test]
async fn what_was_written_before_the_key_came_is_sent_once_it_came() {
    let mut world = World::new().await;
    let (desk, phone, member) = pair(&mut world).await;
    let form = desk.register(json!({"customer.name": "王芳"})).await;
    desk.sync().await;
    let store = phone.store().await;
    let mut door = store.door(chrono::Utc::now().fixed_offset()).await.unwrap();
    let values = [("product.name".to_owned(), json!("燃气热水器"))].into();
    let draft = kefu_domain::decide::Draft::new(form, "form", "correct").setting(values);
    door.write(draft, member).await.unwrap();
    door.commit().await.unwrap();
    store.close().await;
    phone.sync().await;
    assert_eq!(phone.desk.refused_changes().await.unwrap()[0].code, "no_key");
    dispatch(&desk, form, member, "周工").await;
    desk.sync().await;
    phone.sync().await;
    phone.sync().await;
    assert!(phone.desk.refused_changes().await.unwrap().is_empty());
    desk.sync().await;
    assert_eq!(desk.text(form, "product.name").await, Some(json!("燃气热水器")));
    phone.sound().await;
}

/// An act on a sheet.
pub async fn act(machine: &Machine, id: Uuid, act: &str, given: Value) -> ServiceView {
    let mut request: ServiceActRequest = serde_json::from_value(given).unwrap();
    (request.id, request.act) = (id, act.into());
    machine.desk.service_act(request).await.unwrap()
}

/// A visit to the heater of a customer, dispatched to 周工.
pub async fn heater(desk: &Machine, kind: &str) -> ServiceView {
    let over = json!({"customer.name": "陈秀英", "product.name": "燃气热水器", "product.serial": "LN16-2409-003817"});
    let form = desk.register(over).await;
    let values = json!({"engineer": "周工", "type": kind, "planned.from": "2026-11-30T09:00:00+08:00"});
    let request = DispatchRequest { form: Some(form), values: serde_json::from_value(values).unwrap() };
    desk.desk.dispatch_service(request).await.unwrap()
}

async fn stock(machine: &Machine) -> String {
    let rows = machine.desk.stock(StockRequest::default()).await.unwrap();
    rows.iter().map(|row| format!("{} {}", row.place_name, row.count)).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_visit_done_without_a_network_is_whole_at_the_desk() {
    let mut world = World::new().await;
    let (desk, phone, member) = pair(&mut world).await;
    for (from, to, count) in [("supplier", "store".to_owned(), 10), ("store", format!("van:{member}"), 4)] {
        let moved = json!({"part": "P-10", "name": "点火针", "serial": "", "count": count, "from": from, "to": to, "reason": ""});
        desk.desk.move_stock(serde_json::from_value(moved).unwrap()).await.unwrap();
    }
    let other = desk.register(json!({})).await;
    let id = heater(&desk, "install").await.id;
    desk.sync().await;
    phone.sync().await;
    let rows = phone.desk.services(ServicesRequest::default()).await.unwrap();
    assert_eq!((rows.len(), rows[0].id, rows[0].customer.as_str()), (1, id, "陈秀英"));
    assert!(phone.desk.show(other).await.is_err());

    world.server.kill();
    for step in ["accept", "set_out", "arrive"] {
        act(&phone, id, step, json!({})).await;
    }
    let fill = json!({
        "values": {"findings": "点火针积碳", "measures": "更换点火针", "warranty": "in", "result": "partial",
            "leftover": "须加装增压泵", "next_at": "2026-12-03T14:00:00+08:00"},
        "add": [{"name": "点火针", "part": "P-10", "count": 3, "price": 2550}],
    });
    act(&phone, id, "fill", fill).await;
    act(&phone, id, "rate", json!({"values": {"rating.overall": "satisfied"}})).await;
    for party in ["customer", "technician"] {
        act(&phone, id, "sign", json!({"add": [{"party": party, "path": INK}]})).await;
    }
    let left = act(&phone, id, "leave", json!({})).await;
    assert_eq!((left.state, left.follow_up), (State::Done, None), "what follows is the desk's");
    assert!(phone.desk.exchange().await.unwrap().trouble.is_some());

    world.server.start_again();
    assert_eq!(phone.sync().await.to_send, 0);
    assert!(phone.desk.refused_changes().await.unwrap().is_empty());
    desk.sync().await;
    let seen = desk.desk.service(id).await.unwrap();
    assert_eq!((seen.state, seen.values["rating.overall"].as_str()), (State::Done, Some("satisfied")));
    assert_eq!(seen.signatures.iter().map(|one| one.standing).collect::<Vec<_>>(), [Standing::Valid; 2]);
    assert_eq!(stock(&desk).await, "仓库 6; 周工的车 1", "three are at the customer's");
    assert_eq!(stock(&phone).await.matches("周工的车 1").count(), 1);

    // The desk has noted where the device stands and made the visit that follows; both reach whom they concern, once.
    let next = seen.follow_up.unwrap();
    assert_eq!(seen.installations.len(), 1);
    desk.sync().await;
    phone.sync().await;
    desk.sync().await;
    assert_eq!(phone.desk.service(next).await.unwrap().values["fault"], "须加装增压泵");
    assert_eq!(phone.desk.service(id).await.unwrap().follow_up, Some(next));
    assert_eq!(desk.desk.services(ServicesRequest::default()).await.unwrap().len(), 2);
    for machine in [&desk, &phone] {
        machine.sound().await;
    }
}
