//! Customers at a desk of several roles: who sees them (R120), what is handed out and destroyed (R121–R123), who is one
//! and the same (R32), and what is told twice (R70).
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use chrono::{DateTime, FixedOffset};
use kefu_app::wire::*;
use kefu_app::{Desk, preview};
use kefu_domain::warranty::Terms;
use kefu_testkit::{MemoryRing, form, now};
use serde_json::{Value, json};
use uuid::Uuid;

/// Words that tell of the customer of [`planted`]; none of them may reach a role without need.
const PLANTED: [&str; 9] =
    ["陈秀英", "秀英", "13800138021", "138 0013 8021", "杜甫村", "chenxy", "LN16-2409-003817", "003817", "隔壁王嫂"];

/// A form full of personal data, in fields and in what was told.
fn planted() -> Value {
    json!({
        "customer.name": "陈秀英", "customer.phone": "138 0013 8021", "customer.wechat": "chenxy_66",
        "customer.email": "chenxy@x.cn", "customer.region": "浙江省杭州市余杭区", "customer.address": "良渚街道杜甫村12组",
        "product.name": "燃气热水器", "product.serial": "LN16-2409-003817", "product.purchased_on": "2025-11-12",
        "description": {"text": "陈秀英来电，家住良渚街道杜甫村12组，电话13800138021，热水器打开后火焰熄灭，显示 E1。", "marks": []},
    })
}

const PASSPHRASE: &str = "足够长的口令之一";

struct Office {
    desk: Desk,
    clock: Arc<Mutex<DateTime<FixedOffset>>>,
    people: Vec<(&'static str, Uuid)>,
    _folder: tempfile::TempDir,
}

impl Office {
    /// One member for each role; 孙丽, who set the desk up, holds those of the founder.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Mutex::new(now()));
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
        let mut people = vec![("founder", desk.info().await.unwrap().seat)];
        for role in
            ["reception", "records", "dispatcher", "filer", "handler", "technician", "supervisor", "inspector", "admin"]
        {
            let member = MemberRequest {
                id: None,
                name: format!("成员{role}"),
                employee_number: role.into(),
                post: String::new(),
                department: "维修部".into(),
                phone_extension: String::new(),
                roles: vec![role.into()],
                active: true,
            };
            let id = desk.save_member(member).await.unwrap().id;
            desk.give_sign_in(SignInRequest { id, passphrase: PASSPHRASE.into() }).await.unwrap();
            people.push((role, id));
        }
        Office { desk, clock, people, _folder: folder }
    }

    async fn sit(&self, role: &str) {
        let id = self.people.iter().find(|(other, _)| *other == role).unwrap().1;
        self.desk.switch_seat(SwitchRequest { id, passphrase: Some(PASSPHRASE.into()) }).await.unwrap();
    }

    fn today(&self, day: &str) {
        *self.clock.lock().unwrap() = format!("{day}T10:00:00+08:00").parse().unwrap();
    }

    async fn register(&self, over: Value) -> Uuid {
        let request = RegisterRequest { draft: None, values: form(over), attachments: vec![], call: None };
        self.desk.register(request).await.unwrap().id
    }

    async fn customers(&self, query: &str) -> Vec<CustomerRow> {
        let request = CustomersRequest { query: query.into(), offset: 0, limit: 50 };
        self.desk.customers(request).await.unwrap().rows
    }

    /// Every answer of the wire in which a customer could stand, as JSON.
    async fn answers(&self, id: Uuid) -> String {
        let (desk, mut all) = (&self.desk, String::new());
        macro_rules! put {
            ($answer:expr) => {
                all.push_str(&serde_json::to_string(&$answer).unwrap())
            };
        }
        let list = ListRequest {
            filter: Default::default(),
            sort: SortKey::ReceivedAt,
            descending: true,
            offset: 0,
            limit: 50,
        };
        put!(desk.list(list).await.unwrap().rows);
        for query in ["陈秀英", "13800138021", "火焰", "LN16-2409-003817"] {
            let found = desk.find(FindRequest { query: query.into(), limit: 50 }).await.unwrap();
            assert!(!found.rows.is_empty(), "{query}: what is masked is still found");
            put!(found.rows);
            let found = self.customers(query).await;
            assert_eq!(found.is_empty(), query == "火焰", "{query}");
            put!(found);
        }
        put!(self.customers("").await);
        put!(desk.show(id).await.unwrap());
        put!(desk.hints(HintRequest::Phone("13800138021".into())).await.unwrap());
        put!(desk.hints(HintRequest::Name("陈秀英".into())).await.unwrap());
        put!(desk.drafts().await.unwrap());
        let values: kefu_domain::Values = serde_json::from_value(planted()).unwrap();
        let similar = desk.similar(SimilarRequest { values }).await.unwrap();
        assert!(!similar.forms.is_empty());
        put!(similar);
        let customer = self.customers("").await[0].id;
        put!(desk.customer(customer).await.unwrap());
        put!(desk.receivers().await.unwrap());
        put!(desk.info().await.unwrap());
        all
    }
}

fn code(result: Result<impl Sized, Failure>) -> Option<Code> {
    result.err().map(|failure| failure.code)
}

#[tokio::test]
async fn roles_without_need_never_get_what_is_masked() {
    let office = Office::open().await;
    office.sit("reception").await;
    let desk = &office.desk;
    let file = desk.attach("陈秀英的发票.txt", "text/plain", "陈秀英".as_bytes()).await.unwrap();
    let values = form(planted());
    let id =
        desk.register(RegisterRequest { draft: None, values, attachments: vec![file], call: None }).await.unwrap().id;
    let correction = CorrectRequest {
        id,
        values: serde_json::from_value(json!({"customer.address": "良渚街道杜甫村13组，隔壁王嫂家"})).unwrap(),
        add: Default::default(),
        attachments: vec![],
        strike: vec![],
        reason: "陈秀英更正住址".into(),
    };
    desk.correct(correction).await.unwrap();
    // Who has just written it goes on to print it.
    assert!(!desk.show(id).await.unwrap().masked);
    desk.copy_out(Sheet::Form(id), |_| Ok(())).await.unwrap();

    for role in ["records", "dispatcher", "filer", "handler", "technician", "supervisor", "inspector", "admin"] {
        office.sit(role).await;
        let answers = office.answers(id).await;
        for word in PLANTED {
            assert!(!answers.contains(word), "R120: {role} reads {word} in {answers}");
        }
        let view = desk.show(id).await.unwrap();
        assert!(view.masked && view.attachments[0].sha256.is_empty(), "{role}");
        assert_eq!(view.values["customer.phone"], "138****8021");
        assert_eq!(code(preview(desk, Sheet::Form(id)).await), Some(Code::Masked), "{role} draws it");
        let copy = desk.copy_out(Sheet::Form(id), |_| panic!("delivered")).await;
        assert_eq!(code(copy), Some(Code::Masked), "{role} prints it");
        let over = CorrectRequest {
            id,
            values: serde_json::from_value(json!({"customer.name": "陈**"})).unwrap(),
            add: Default::default(),
            attachments: vec![],
            strike: vec![],
            reason: "更正".into(),
        };
        assert_eq!(code(desk.correct(over).await), Some(Code::Masked), "{role} writes stars over a name");
    }
}

#[tokio::test]
async fn a_look_behind_the_mask_is_asked_for_and_logged() {
    let office = Office::open().await;
    office.sit("founder").await;
    let id = office.register(planted()).await;
    let desk = &office.desk;
    let reveal = |purpose: &str| desk.reveal(RevealRequest { id, purpose: purpose.into() });

    office.sit("records").await;
    assert_eq!(code(reveal("归档").await), Some(Code::Masked), "no need at all");
    office.sit("inspector").await;
    assert_eq!(code(reveal(" ").await), Some(Code::ReasonRequired));
    let view = reveal("核对电话与地址").await.unwrap();
    assert!(!view.masked);
    assert_eq!(view.values["customer.name"], "陈秀英");
    let look = &view.timeline[0];
    assert_eq!((look.act.as_str(), look.member.as_str()), ("reveal", "成员inspector"), "R120");
    assert_eq!(look.added["reveals"][0].values["purpose"], "核对电话与地址");
    let logged = serde_json::to_string(&look.added).unwrap();
    assert!(PLANTED.iter().all(|word| !logged.contains(word)), "the log names fields, not what stands in them");
    // Once in a session is enough, and one's look is not another's.
    assert_eq!(reveal("再看").await.unwrap().timeline.len(), view.timeline.len());
    assert!(!desk.show(id).await.unwrap().masked);
    office.sit("supervisor").await;
    assert!(desk.show(id).await.unwrap().masked);
}

#[tokio::test]
async fn what_is_written_on_the_customer_is_one_history() {
    let office = Office::open().await;
    office.sit("founder").await;
    let first =
        office.register(json!({"customer.phone": "138 0013 8021", "received_at": "2026-11-01T08:00:00+08:00"})).await;
    let second = office.register(json!({"customer.phone": "+86 13800138021"})).await;
    let other =
        office.register(json!({"customer.phone": "0571-8888 1234", "received_at": "2026-10-01T08:00:00+08:00"})).await;
    let ids = |view: &CustomerView| view.forms.iter().map(|form| form.id).collect::<Vec<_>>();
    let desk = &office.desk;

    let rows = office.customers("chenxiuying").await;
    assert_eq!(rows.iter().map(|row| row.forms).collect::<Vec<_>>(), [2, 1], "R32: by pinyin, spacing does not matter");
    let one = desk.customer(rows[0].id).await.unwrap();
    assert_eq!(ids(&one), [second, first], "newest first");
    assert_eq!(one.perhaps.iter().map(|row| row.id).collect::<Vec<_>>(), [rows[1].id], "the same name");

    // Merged: everything is found under one, by either number; taken back, nothing is lost.
    let merge =
        |id, into, reason: &str| desk.merge_customers(MergeCustomersRequest { id, into, reason: reason.into() });
    assert_eq!(code(merge(rows[1].id, Some(rows[0].id), "").await), Some(Code::ReasonRequired));
    let merged = merge(rows[1].id, Some(rows[0].id), "同一人，换了电话").await.unwrap();
    assert_eq!(ids(&merged), [second, first, other]);
    assert_eq!(merged.merged.len(), 1);
    assert_eq!(office.customers("0571 8888 1234").await[0].id, rows[0].id);
    assert_eq!(office.customers("").await.len(), 1);
    assert_eq!(code(merge(rows[0].id, Some(rows[1].id), "反过来").await), Some(Code::Denied), "no circle");
    // A later form of the merged one goes where he went.
    let later =
        office.register(json!({"customer.phone": "057188881234", "received_at": "2026-11-12T08:00:00+08:00"})).await;
    assert_eq!(ids(&desk.customer(rows[1].id).await.unwrap())[0], later);
    merge(rows[1].id, None, "不是同一人").await.unwrap();
    assert_eq!(ids(&desk.customer(rows[0].id).await.unwrap()), [second, first]);
    assert_eq!(ids(&desk.customer(rows[1].id).await.unwrap()), [later, other]);

    // A correction stands over the forms, which stay as they were written; the next call gets it.
    let correct = |values: Value, reason: &str| {
        let values = serde_json::from_value(values).unwrap();
        desk.correct_customer(CorrectCustomerRequest { id: rows[0].id, values, reason: reason.into() })
    };
    assert_eq!(code(correct(json!({"kind": "inquiry"}), "x").await), Some(Code::InvalidFields));
    let view =
        correct(json!({"customer.name": "陈秀瑛", "customer.address": "良渚街道2号"}), "客户来电更正").await.unwrap();
    assert_eq!((view.name.as_str(), view.corrected.len()), ("陈秀瑛", 2));
    assert_eq!(desk.show(second).await.unwrap().values["customer.name"], "陈秀英");
    let hint = &desk.hints(HintRequest::Phone("13800138021".into())).await.unwrap()[0];
    assert_eq!((hint.name.as_str(), &hint.values["customer.address"]), ("陈秀瑛", &json!("良渚街道2号")));
    let view = correct(json!({"customer.name": null}), "原来的名字是对的").await.unwrap();
    assert_eq!(view.name, "陈秀英");
    assert!(desk.verify().await.unwrap().problems.is_empty());
    // A form corrected to somebody else leaves him.
    let values = serde_json::from_value(json!({"customer.name": "李四", "customer.phone": "13900139000"})).unwrap();
    let correction = CorrectRequest {
        id: first,
        values,
        add: Default::default(),
        attachments: vec![],
        strike: vec![],
        reason: "记错".into(),
    };
    desk.correct(correction).await.unwrap();
    assert_eq!(ids(&desk.customer(rows[0].id).await.unwrap()), [second]);
    assert_eq!(office.customers("李四").await[0].forms, 1);
}

#[tokio::test]
async fn warranty_holds_to_its_last_day_and_not_beyond() {
    let office = Office::open().await;
    office.sit("founder").await;
    let values = json!({"customer.phone": "13800138021", "product.name": "燃气热水器", "product.serial": "LN16-2409-003817",
        "product.purchased_on": "2025-11-12"});
    office.register(values.clone()).await;
    let desk = &office.desk;
    let customer = office.customers("").await[0].id;
    let product = desk.customer(customer).await.unwrap().products.remove(0);
    assert_eq!(
        (product.serial.as_str(), product.warranty.code.as_str()),
        ("LN16-2409-003817", "unknown"),
        "nothing is guessed"
    );
    let day = |text: &str| Some(text.parse().unwrap());
    let save = |terms: Terms| {
        let request = SaveProductRequest {
            id: product.id,
            customer,
            serial: String::new(),
            terms,
            reason: "发票与安装单".into(),
        };
        desk.save_product(request)
    };
    let terms = Terms {
        purchased: day("2025-11-12"),
        delivered: day("2025-11-20"),
        months: Some(12),
        extended: Some(6),
        ..Terms::default()
    };
    assert_eq!(code(save(Terms { delivered: day("2026-11-13"), ..terms.clone() }).await), Some(Code::InvalidFields));
    let view = save(terms.clone()).await.unwrap();
    assert_eq!(view.products[0].windows.unwrap().seven_days.to_string(), "2025-11-27", "消费者权益保护法 24");
    assert_eq!(code(save(terms).await), Some(Code::NothingChanged));
    // The sheet of the next call asks with nothing but the serial.
    for (today, code, until) in [
        ("2026-11-20", "in", "2026-11-20"),
        ("2026-11-21", "extended", "2027-05-20"),
        ("2027-05-20", "extended", "2027-05-20"),
        ("2027-05-21", "out", "2027-05-20"),
    ] {
        office.today(today);
        let values = serde_json::from_value(json!({"product.serial": "ln16 2409 003817"})).unwrap();
        let found = desk.warranty(WarrantyRequest { values }).await.unwrap();
        assert_eq!(found, Warranty { code: code.into(), until: Some(until.into()) }, "{today}");
        assert_eq!(desk.customer(customer).await.unwrap().products[0].warranty, found);
    }
}

#[tokio::test]
async fn a_matter_told_twice_is_noticed_and_counted() {
    let office = Office::open().await;
    office.sit("founder").await;
    let told = |text: &str, day: &str| {
        let mut values = planted();
        values["description"] = json!({"text": text, "marks": []});
        values["received_at"] = json!(format!("{day}T08:41:00+08:00"));
        values
    };
    office.register(told("热水器打开后火焰熄灭，显示 E1。", "2026-09-01")).await;
    let near = office.register(told("热水器打开后火焰突然熄灭，显示 E1。", "2026-11-02")).await;
    office.register(told("开发票的抬头写错了，要求重开。", "2026-11-03")).await;
    office.register(json!({"customer.name": "周敏", "customer.phone": "13900139000"})).await;
    let similar = async |values: Value| {
        let values = serde_json::from_value(values).unwrap();
        office.desk.similar(SimilarRequest { values }).await.unwrap()
    };
    let again = similar(told("又来电：热水器火焰还是熄灭，显示 E1。", "2026-11-12")).await;
    assert_eq!(again.forms[0].form.id, near);
    assert!(again.forms[0].likely && again.forms[0].same_fault);
    assert!(
        again.forms.iter().all(|form| form.form.received_at.as_str() > "2026-10-13"),
        "within the days of the rules"
    );
    assert_eq!((again.nth, again.before.len()), (3, 2), "R70: 第 3 次, whenever the others were");
    let nobody = similar(json!({"description": {"text": "热水器火焰熄灭", "marks": []}})).await;
    assert_eq!((nobody.forms.len(), nobody.nth), (0, 1));
}

#[tokio::test]
async fn duplicates_are_found_through_the_store_as_the_labels_say() {
    let pairs: Value = serde_json::from_str(include_str!("../../crates/domain/src/similar/pairs.json")).unwrap();
    let office = Office::open().await;
    office.sit("founder").await;
    let (mut right, mut all) = (0, 0);
    for pair in pairs.as_array().unwrap() {
        let side = |key: &str| {
            let mut values = pair[key].clone();
            if let Some(text) = values["description"].as_str().map(str::to_string) {
                values["description"] = json!({"text": text, "marks": []});
            }
            values
        };
        let id = office.register(side("a")).await;
        let values = serde_json::from_value(side("b")).unwrap();
        let found = office.desk.similar(SimilarRequest { values }).await.unwrap();
        let hit = found.forms.iter().any(|form| form.form.id == id);
        right += usize::from(hit == pair["same"].as_bool().unwrap());
        all += 1;
    }
    assert!(all >= 200, "{all} pairs");
    assert!(right * 10 >= all * 9, "{right} of {all}");
}

#[tokio::test]
async fn what_is_held_is_handed_out_and_logged() {
    let office = Office::open().await;
    office.sit("founder").await;
    let id = office.register(planted()).await;
    let customer = office.customers("").await[0].id;
    let ask = |purpose: &str| HandOutRequest { id: customer, purpose: purpose.into() };
    let desk = &office.desk;
    assert_eq!(code(desk.hand_out(ask(" "), |_| panic!("delivered")).await), Some(Code::ReasonRequired));
    let failed = desk.hand_out(ask("本人索取"), |_| Err(Failure::new(Code::FileNotWritten))).await;
    assert_eq!(code(failed), Some(Code::FileNotWritten));
    assert_eq!(desk.show(id).await.unwrap().timeline.len(), 1, "what was not delivered was not handed out");
    let mut pdf = Vec::new();
    let handed = desk
        .hand_out(ask("本人持身份证索取"), |bytes| {
            pdf = bytes.to_vec();
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(handed.forms, 1);
    assert!(pdf.starts_with(b"%PDF"));
    let entry = &desk.show(id).await.unwrap().timeline[0];
    assert_eq!(entry.act, "hand_out", "R121");
    assert_eq!(entry.added["disclosures"][0].values["recipient"], "客户本人");
    office.sit("records").await;
    assert_eq!(code(desk.hand_out(ask("索取"), |_| panic!("delivered")).await), Some(Code::Masked));
}

/// Guards that an erasure destroys the words, keeps the figures, and that the log can still be trusted afterwards.
#[tokio::test]
async fn an_erasure_destroys_the_words_and_keeps_the_figures() {
    let office = Office::open().await;
    office.sit("founder").await;
    let desk = &office.desk;
    let file = desk.attach("杜甫村现场.txt", "text/plain", "陈秀英家，隔壁王嫂作证".as_bytes()).await.unwrap();
    let shared = desk.attach("说明书.txt", "text/plain", "点火说明".as_bytes()).await.unwrap();
    let register = async |over: Value, attachments: Vec<Attachment>| {
        let request = RegisterRequest { draft: None, values: form(over), attachments, call: None };
        desk.register(request).await.unwrap().id
    };
    let id = register(planted(), vec![file.clone(), shared.clone()]).await;
    let stays = register(json!({"customer.name": "周敏", "customer.phone": "13900139000"}), vec![shared.clone()]).await;
    let customer = office.customers("陈秀英").await[0].id;
    let correct = |values: Value| CorrectCustomerRequest {
        id: customer,
        values: serde_json::from_value(values).unwrap(),
        reason: "陈秀英来电更正".into(),
    };
    desk.correct_customer(correct(json!({"customer.address": "杜甫村13组，隔壁王嫂家"}))).await.unwrap();
    let product = desk.customer(customer).await.unwrap().products[0].id;
    let terms = Terms { months: Some(12), ..Terms::default() };
    let serial = "LN16-2409-003817".to_string();
    let reason = "陈秀英的发票".to_string();
    desk.save_product(SaveProductRequest { id: product, customer, serial, terms, reason }).await.unwrap();

    let ask = |although_kept| EraseRequest { id: customer, reason: "客户来函要求删除".into(), although_kept };
    assert_eq!(code(desk.erase(ask(true)).await), Some(Code::StillOpen), "somebody still works on it for him");
    assert_eq!(desk.customer(customer).await.unwrap().open.len(), 1);
    desk.void_form(VoidRequest { id, reason: "陈秀英说不投诉了".into() }).await.unwrap();
    office.sit("handler").await;
    assert_eq!(code(desk.erase(ask(true)).await), Some(Code::NotAllowed));
    office.sit("supervisor").await;

    let folder = office._folder.path();
    let key = || async { desk.dump_for_tests().await };
    let before = key().await;
    assert!(PLANTED.iter().filter(|word| contains(&before, word)).count() >= 6, "they were there");
    let erased = desk.erase(ask(true)).await.unwrap();
    assert_eq!((erased.forms, erased.files), (1, 1), "the file that another form has, too, stays");
    assert!(erased.entries >= 4, "registration, voiding, customer, product: {erased:?}");

    let after = key().await;
    for word in PLANTED.iter().chain(&["秀英", "陈秀", "chen xiu", "chenxiuying", "甫村"]) {
        assert!(!contains(&after, word), "{word} is left in the database");
    }
    assert!(folder.join("desk.db-wal").metadata().map_or(0, |file| file.len()) < 1 << 20, "the log of pages is short");
    assert_eq!(code(desk.attachment(&file.sha256).await), Some(Code::NotFound));
    assert!(desk.attachment(&shared.sha256).await.is_ok());
    assert!(office.customers("陈秀英").await.is_empty() && office.customers("13800138021").await.is_empty());

    // The figures: it is counted as what it was, and its course is told.
    office.sit("founder").await;
    let view = desk.show(id).await.unwrap();
    assert_eq!((view.values["kind"].as_str(), view.state.as_str()), (Some("complaint"), "voided"));
    assert!(!view.values.contains_key("customer.name") && !view.values.contains_key("description"));
    let acts: Vec<&str> = view.timeline.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["erase", "void", "register"]);
    assert_eq!(desk.show(stays).await.unwrap().values["customer.name"], "周敏");

    // The log is whole, and says what was erased.
    let report = desk.verify().await.unwrap();
    assert_eq!((report.problems, report.erased), (vec![], u64::from(erased.entries)));
    assert_eq!(code(desk.erase(ask(true)).await), Some(Code::NotFound), "nothing is left of him");
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
