//! A visit (外勤, R42, R43, R138–R141): dispatched at the desk, done by the technician without a network, signed, printed;
//! a change voids the signature; parts stay conserved.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use chrono::{DateTime, FixedOffset};
use kefu_app::wire::*;
use kefu_app::{Desk, file_name, preview};
use kefu_domain::field::State;
use kefu_domain::field::dispatch::{Crew, Warning};
use kefu_domain::field::plan::{Every, Plan};
use kefu_domain::field::signature::Standing;
use kefu_testkit::{MemoryRing, form};
use serde_json::{Value, json};
use uuid::Uuid;

const PASSPHRASE: &str = "足够长的口令之一";
const INK: &str =
    "M20 150L60 40L90 150M40 100L80 100M130 60L130 150L190 150M240 60L240 150M230 60L300 60M240 100L290 100";

struct House {
    desk: Desk,
    clock: Arc<Mutex<DateTime<FixedOffset>>>,
    people: Vec<(&'static str, Uuid)>,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Mutex::new("2026-11-12T08:00:00+08:00".parse().unwrap()));
        let told = clock.clone();
        let desk = Desk::with(folder.path(), Arc::new(MemoryRing::default()), Arc::new(move || *told.lock().unwrap()));
        let setup = SetupRequest {
            company: "良渚电器有限公司".into(),
            member: "孙丽".into(),
            employee_number: "108".into(),
            post: String::new(),
            department: "客服部".into(),
            device_code: "A03".into(),
            passphrase: PASSPHRASE.into(),
        };
        desk.setup(setup).await.unwrap();
        let mut people = vec![("孙丽", desk.info().await.unwrap().seat)];
        for (name, role) in [("周工", "technician"), ("吴工", "technician"), ("何平", "records"), ("郑洁", "admin")]
        {
            let member = MemberRequest {
                id: None,
                name: name.into(),
                employee_number: String::new(),
                post: String::new(),
                department: "维修部".into(),
                phone_extension: String::new(),
                roles: vec![role.into()],
                active: true,
            };
            let id = desk.save_member(member).await.unwrap().id;
            desk.give_sign_in(SignInRequest { id, passphrase: PASSPHRASE.into() }).await.unwrap();
            people.push((name, id));
        }
        House { desk, clock, people, _folder: folder }
    }

    fn seat(&self, name: &str) -> Uuid {
        self.people.iter().find(|(other, _)| *other == name).unwrap().1
    }

    async fn sits(&self, name: &str) {
        let request = SwitchRequest { id: self.seat(name), passphrase: Some(PASSPHRASE.into()) };
        self.desk.switch_seat(request).await.unwrap();
    }

    fn at(&self, time: &str) {
        *self.clock.lock().unwrap() = format!("2026-11-{time}:00+08:00").parse().unwrap();
    }

    /// The heater of a customer, registered, and dispatched to 周工 for nine o'clock.
    async fn heater(&self) -> ServiceView {
        let values = form(json!({
            "customer.name": "陈秀英", "customer.phone": "138 0013 8021", "customer.region": "浙江省杭州市余杭区",
            "customer.address": "良渚街道杜甫村12组", "product.name": "燃气热水器", "product.serial": "LN16-2409-003817",
            "product.purchased_on": "2025-11-12", "identity": "order_number",
        }));
        let request = RegisterRequest { draft: None, values, attachments: vec![], call: None };
        let form = self.desk.register(request).await.unwrap().id;
        let values = json!({"engineer": "周工", "planned.from": "2026-11-12T09:00:00+08:00", "planned.until": "2026-11-12T10:30:00+08:00"});
        let request = DispatchRequest { form: Some(form), values: serde_json::from_value(values).unwrap() };
        self.desk.dispatch_service(request).await.unwrap()
    }

    async fn act(&self, id: Uuid, act: &str, given: Value) -> Result<ServiceView, Failure> {
        let mut request: ServiceActRequest = serde_json::from_value(given).unwrap();
        (request.id, request.act) = (id, act.into());
        self.desk.service_act(request).await
    }

    async fn take(&self, from: &str, to: &str, count: i64) {
        let move_it = json!({"part": "P-10", "name": "点火针", "count": count, "from": from, "to": to});
        self.desk.move_stock(serde_json::from_value(move_it).unwrap()).await.unwrap();
    }

    async fn stock(&self) -> String {
        let rows = self.desk.stock(StockRequest::default()).await.unwrap();
        rows.iter().map(|row| format!("{} {} {}", row.place_name, row.part, row.count)).collect::<Vec<_>>().join("; ")
    }
}

fn standing(view: &ServiceView) -> [Standing; 2] {
    [view.signatures[0].standing, view.signatures[1].standing]
}

fn code<T>(result: Result<T, Failure>) -> String {
    match result {
        Ok(_) => "done".into(),
        Err(failure) if failure.code == Code::Denied => failure.params["why"].clone(),
        Err(failure) => format!("{:?}", failure.code),
    }
}

/// A JPEG of 1200 × 900 with a place in its EXIF, and another that is larger than a photo may be.
fn jpeg(width: u16) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xe1, 0, 20];
    out.extend_from_slice(b"Exif\0\0GPS 30N 120E");
    out.extend_from_slice(&[0xff, 0xc0, 0, 11, 8, 0x03, 0x84]);
    out.extend_from_slice(&width.to_be_bytes());
    out.extend_from_slice(&[1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xff, 0xd9]);
    out
}

#[tokio::test]
async fn the_heater_visit() {
    let house = House::open().await;
    house.take("supplier", "store", 10).await;
    let sheet = house.heater().await;
    let id = sheet.id;
    assert_eq!((sheet.number.as_str(), sheet.state), ("FW-20261112-A03-0001", State::Dispatched));
    assert_eq!(sheet.values["fault"], "热水器打开后火焰突然熄灭，显示 E1。");
    assert_eq!(sheet.values["form.number"], "KF-20261112-A03-0001", "forms and sheets are counted apart");

    // The other technician finds nothing of it, nor does the administrator; who dispatches sees it masked.
    house.sits("吴工").await;
    assert!(house.desk.services(ServicesRequest::default()).await.unwrap().is_empty());
    assert_eq!(code(house.desk.service(id).await), "NotFound");
    assert_eq!(code(house.act(id, "accept", json!({})).await), "NotFound");
    house.sits("郑洁").await;
    assert_eq!(code(house.desk.service(id).await), "NotFound");
    house.sits("何平").await;
    let masked = house.desk.service(id).await.unwrap();
    assert!(masked.masked && masked.values["customer.name"] == "陈**" && masked.history.is_empty());
    assert_eq!(
        code(house.act(id, "correct", json!({"values": {"customer.name": "王"}, "reason": "x"})).await),
        "Masked"
    );
    assert_eq!(code(preview(&house.desk, Sheet::Service(id)).await), "Masked");

    // His day, in flight mode: nothing below asks anybody but this machine.
    house.sits("周工").await;
    house.take("store", "van", 4).await;
    let day = ServicesRequest { from: "2026-11-12".into(), until: "2026-11-12".into(), ..ServicesRequest::default() };
    let rows = house.desk.services(day).await.unwrap();
    assert_eq!((rows.len(), rows[0].address.as_str()), (1, "浙江省杭州市余杭区良渚街道杜甫村12组"));
    for (at, act) in [("12T08:10", "accept"), ("12T08:20", "set_out"), ("12T08:58", "arrive")] {
        house.at(at);
        house.act(id, act, json!({})).await.unwrap();
    }
    let photo = house.desk.attach_photo(id, "前.jpg", &jpeg(1200)).await.unwrap();
    let kept = house.desk.attachment(&photo.sha256).await.unwrap();
    assert!(!kept.windows(3).any(|window| window == b"GPS"), "the place stays behind");
    assert_eq!(code(house.desk.attach_photo(id, "大.jpg", &jpeg(1601)).await), "InvalidFields");
    let line = json!({"when": "before", "name": photo.name, "mime": photo.mime, "sha256": photo.sha256, "width": 1200});
    let view = house.act(id, "photo", json!({"add": [line]})).await.unwrap();
    assert_eq!((view.photos.len(), view.photos[0].here), (1, true));
    assert_eq!(view.values["photos.before"], "1 张，已到 1 张");
    house.at("12T09:40");
    let fill = json!({
        "values": {"findings": "点火针积碳", "fault_part": "点火针", "cause": "manufacture", "measures": "更换点火针并清洁",
            "warranty": "in", "cost.minutes": 40, "cost.hourly": 9000, "result": "partial",
            "leftover": "水压偏低，须加装增压泵", "next_at": "2026-11-16T14:00:00+08:00"},
        "add": [{"name": "点火针", "part": "P-10", "count": 6, "price": 2550, "serial": "DH-77", "old": "pending"}],
    });
    let view = house.act(id, "fill", fill).await.unwrap();
    assert_eq!(
        (view.costs.materials, view.costs.labour, view.costs.total, view.costs.payable),
        (15_300, 6_000, 21_300, 0)
    );
    assert_eq!(house.stock().await, "仓库 P-10 6; 周工的车 P-10 -2", "shown, not hidden");

    // The customer rates and signs on the device.
    house.act(id, "rate", json!({"values": {"rating.overall": "satisfied"}})).await.unwrap();
    house.act(id, "sign", json!({"add": [{"party": "customer", "path": INK}]})).await.unwrap();
    let signed = house.act(id, "sign", json!({"add": [{"party": "technician", "path": INK}]})).await.unwrap();
    assert_eq!(standing(&signed), [Standing::Valid; 2]);
    let before = preview(&house.desk, Sheet::Service(id)).await.unwrap();
    assert_eq!(file_name(&house.desk, Sheet::Service(id)).await.unwrap(), "售后服务单 FW-20261112-A03-0001.pdf");
    let printed = house.desk.copy_out(Sheet::Service(id), |_| Ok(())).await.unwrap();
    assert_eq!(printed.copy, Some(1));
    assert_eq!(standing(&house.desk.service(id).await.unwrap()), [Standing::Valid; 2], "printing voids nothing");

    // He counts again: four were built in, not six. That voids both signatures, and they are asked for again.
    let part = view.parts[0].id;
    let again = json!({"strike": [part], "add": [{"name": "点火针", "part": "P-10", "count": 4, "price": 2550, "serial": "DH-77"}]});
    let changed = house.act(id, "fill", again).await.unwrap();
    assert_eq!(standing(&changed), [Standing::Void; 2]);
    assert!(changed.values["sign.customer"]["text"].as_str().unwrap().contains("失效"));
    assert_ne!(preview(&house.desk, Sheet::Service(id)).await.unwrap().len(), before.len());
    assert_eq!(house.stock().await, "仓库 P-10 6", "the van is empty, and every part is somewhere");
    let declined = json!({"add": [{"party": "customer", "declined": "absent", "reason": "客户已外出"}]});
    house.act(id, "sign", declined).await.unwrap();
    let signed = house.act(id, "sign", json!({"add": [{"party": "technician", "path": INK}]})).await.unwrap();
    assert_eq!(standing(&signed), [Standing::Valid, Standing::Declined]);
    assert_eq!(signed.signatures[1].given, 2, "what was signed before is kept");

    // He leaves; the visit for what is left over makes itself, once.
    house.at("12T10:20");
    let left = house.act(id, "leave", json!({})).await.unwrap();
    let next = left.follow_up.unwrap();
    let follow = house.desk.service(next).await.unwrap();
    assert_eq!((follow.values["fault"].as_str(), follow.state), (Some("水压偏低，须加装增压泵"), State::Dispatched));
    assert_eq!((follow.values["follows"].as_str(), follow.history.len()), (Some("FW-20261112-A03-0001"), 1));
    house.act(id, "fill", json!({"values": {"findings": "点火针积碳严重"}})).await.unwrap();
    assert_eq!(house.desk.services(ServicesRequest::default()).await.unwrap().len(), 2, "no second follow-up");

    // Back at the desk: who can have looked at the form sees the sheet, and the log holds together.
    house.sits("孙丽").await;
    let seen = house.desk.service(id).await.unwrap();
    assert_eq!((seen.state, seen.masked, standing(&seen)), (State::Done, false, [Standing::Void; 2]));
    let piece = house.desk.piece("DH-77").await.unwrap();
    assert_eq!((piece.len(), piece[0].to.as_str(), piece[0].sheet.as_str()), (1, "客户", "FW-20261112-A03-0001"));
    assert!(house.desk.verify().await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn dispatch_warns_moves_and_plans() {
    let house = House::open().await;
    let sheet = house.heater().await;
    let crew = Crew { skills: vec!["install".into()], districts: vec!["西湖".into()] };
    house.desk.save_crew(SaveCrewRequest { id: house.seat("吴工"), crew }).await.unwrap();
    let second = house.heater().await;
    assert_eq!(second.warnings, [Warning::Clash { number: sheet.number.clone() }]);
    let moved = json!({"values": {"engineer": "吴工", "engineer_seat": house.seat("吴工"), "planned.from": "2026-11-14T09:00:00+08:00", "planned.until": "2026-11-14T10:00:00+08:00"}});
    let moved = house.act(second.id, "move", moved).await.unwrap();
    assert_eq!(moved.warnings, [Warning::DayOff, Warning::Skill, Warning::District]);
    assert_eq!(moved.values["engineer"], "吴工");
    let nobody = json!({"values": {"engineer": "何平", "engineer_seat": house.seat("何平")}});
    assert_eq!(code(house.act(second.id, "move", nobody).await), "InvalidFields", "he does not go out");
    house.sits("周工").await;
    assert_eq!(house.desk.services(ServicesRequest::default()).await.unwrap().len(), 1, "taken from him, gone for him");
    house.sits("孙丽").await;
    assert_eq!(code(house.act(second.id, "void", json!({})).await), "ReasonRequired");
    let voided = house.act(second.id, "void", json!({"reason": "客户取消"})).await.unwrap();
    assert_eq!(voided.state, State::Cancelled);

    let plan = Plan {
        content: "月度保养".into(),
        service: "maintain".into(),
        first: "2026-11-14".parse().unwrap(),
        until: None,
        every: Every::Months,
        step: 1,
        time: "09:30:00".parse().unwrap(),
        minutes: 60,
        engineer_seat: Some(house.seat("周工")),
        engineer: String::new(),
        values: [("customer.name".to_string(), json!("良渚小学"))].into(),
        active: true,
    };
    house.desk.save_plan(SavePlanRequest { id: None, plan }).await.unwrap();
    let made = house.desk.make_visits(MakeVisitsRequest { until: "2026-12-31".into() }).await.unwrap();
    assert_eq!((made.made.len(), made.unknown.len()), (2, 0));
    let again = house.desk.make_visits(MakeVisitsRequest { until: "2026-12-31".into() }).await.unwrap();
    assert!(again.made.is_empty(), "no visit twice");
    let beyond = house.desk.make_visits(MakeVisitsRequest { until: "2027-02-28".into() }).await.unwrap();
    assert_eq!(beyond.unknown["月度保养"], 2027, "a year without data is said");
    let day = ServicesRequest { from: "2026-11-16".into(), until: "2026-11-16".into(), ..ServicesRequest::default() };
    let rows = house.desk.services(day).await.unwrap();
    assert_eq!(rows[0].from, "2026-11-16T09:30:00+08:00", "the 14th is a Saturday");
    assert_eq!((rows[0].customer.as_str(), rows[0].engineer.as_str()), ("良渚小学", "周工"));
}

#[tokio::test]
async fn a_device_moves_from_one_customer_to_another() {
    let house = House::open().await;
    for (day, customer) in [("12", "陈秀英"), ("13", "王磊")] {
        house.sits("孙丽").await;
        let values = json!({"customer.name": customer, "customer.address": "某路 1 号", "type": "install", "urgency": "normal",
            "engineer": "周工", "product.serial": "LN16-2409-003817", "product.name": "燃气热水器"});
        let request = DispatchRequest { form: None, values: serde_json::from_value(values).unwrap() };
        let id = house.desk.dispatch_service(request).await.unwrap().id;
        house.sits("周工").await;
        house.at(&format!("{day}T10:00"));
        for act in ["accept", "arrive", "leave"] {
            house.act(id, act, json!({})).await.unwrap();
        }
        let told = house.desk.service(id).await.unwrap().installations;
        assert_eq!(told.last().unwrap().values["customer"], customer);
    }
    house.sits("孙丽").await;
    let rows = house.desk.services(ServicesRequest::default()).await.unwrap();
    let told = house.desk.service(rows[0].id).await.unwrap().installations;
    let customers: Vec<&str> = told.iter().map(|line| line.values["customer"].as_str().unwrap()).collect();
    assert_eq!(customers, ["陈秀英", "王磊"], "where it stood before is kept");
}

/// Guards that an erasure reaches sheets, plans, photos and installations, and makes no part come back.
#[tokio::test]
async fn an_erased_customer_is_gone_from_the_vans_too() {
    let house = House::open().await;
    house.take("supplier", "store", 3).await;
    let sheet = house.heater().await;
    let form = sheet.form.unwrap();
    let close = async |act: &str, values: Value| {
        let request = ActRequest {
            id: form,
            act: act.into(),
            values: serde_json::from_value(values).unwrap(),
            ..Default::default()
        };
        house.desk.act(request).await.unwrap();
    };
    house.sits("周工").await;
    for act in ["accept", "arrive"] {
        house.act(sheet.id, act, json!({})).await.unwrap();
    }
    let photo = house.desk.attach_photo(sheet.id, "陈秀英家.jpg", &jpeg(1200)).await.unwrap();
    let line = json!({"when": "before", "name": photo.name, "sha256": photo.sha256});
    house.act(sheet.id, "photo", json!({"add": [line]})).await.unwrap();
    let part = json!({"name": "点火针", "part": "P-10", "count": 2, "from": "store", "serial": "DH-77"});
    let fill =
        json!({"values": {"measures": "给陈秀英换点火针", "result": "ok", "findings": "陈秀英说漏水"}, "add": [part]});
    house.act(sheet.id, "fill", fill).await.unwrap();
    house.act(sheet.id, "sign", json!({"add": [{"party": "customer", "path": INK}]})).await.unwrap();

    house.sits("孙丽").await;
    close("settle", json!({"outcome.result": "已修好", "outcome.response": ["rework"], "outcome.told_means": "phone", "settled_on_spot": true})).await;
    close("close", json!({})).await;
    let customer = house
        .desk
        .customers(CustomersRequest { query: "陈秀英".into(), limit: 9, ..Default::default() })
        .await
        .unwrap()
        .rows[0]
        .id;
    let erase = || house.desk.erase(EraseRequest { id: customer, reason: "客户要求".into(), although_kept: true });
    assert_eq!(code(erase().await), "StillOpen", "the technician is still there");
    house.sits("周工").await;
    house.act(sheet.id, "leave", json!({})).await.unwrap();
    house.sits("孙丽").await;
    let erased = erase().await.unwrap();
    assert_eq!((erased.forms, erased.files), (1, 1));
    let dump = house.desk.dump_for_tests().await;
    for word in ["陈秀英", "13800138021", "138 0013 8021", "杜甫村", "DH-77", "M20 150"] {
        assert!(!dump.windows(word.len()).any(|window| window == word.as_bytes()), "{word} is still there");
    }
    assert_eq!(house.stock().await, "仓库 P-10 1", "a part that was used does not come back");
    assert_eq!(house.desk.service(sheet.id).await.unwrap().state, State::Done);
    assert!(house.desk.verify().await.unwrap().problems.is_empty());
}
