//! A form from its draft to the archive cabinet's copy: drafts, files, registration, correction, voiding, copies, own
//! fields of the company.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use kefu_app::wire::{
    CheckRequest, Code, CorrectRequest, CustomFieldRequest, DraftSaveRequest, Failure, FindRequest, RegisterRequest,
    SetupRequest, Sheet, VoidRequest,
};
use kefu_app::{Desk, file_name, preview};
use kefu_domain::FieldKind;
use kefu_domain::template::CustomField;
use kefu_testkit::{MemoryRing, form, now};
use serde_json::{Value, json};
use uuid::Uuid;

struct Office {
    desk: Desk,
    _folder: tempfile::TempDir,
}

async fn office() -> Office {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(folder.path(), Arc::new(MemoryRing::default()), Arc::new(now));
    let setup = SetupRequest {
        company: "良渚电器有限公司".into(),
        member: "孙丽".into(),
        employee_number: String::new(),
        post: String::new(),
        department: String::new(),
        device_code: "A03".into(),
        passphrase: "足够长的口令之一".into(),
    };
    desk.setup(setup).await.unwrap();
    Office { desk, _folder: folder }
}

impl Office {
    async fn register(&self, over: Value) -> Result<Uuid, Failure> {
        let request = RegisterRequest { draft: None, values: form(over), attachments: vec![], call: None };
        self.desk.register(request).await.map(|registered| registered.id)
    }

    async fn correct(&self, id: Uuid, values: Value, reason: &str) -> Result<(), Failure> {
        let request = CorrectRequest {
            id,
            values: serde_json::from_value(values).unwrap(),
            add: Default::default(),
            attachments: vec![],
            strike: vec![],
            reason: reason.into(),
        };
        self.desk.correct(request).await.map(|_| ())
    }
}

fn code(result: Result<impl Sized, Failure>) -> Option<Code> {
    result.err().map(|failure| failure.code)
}

#[tokio::test]
async fn a_draft_with_a_file_becomes_a_form() {
    let Office { desk, _folder } = office().await;
    let photo = desk.attach("C:\\照片\\热水器 E1.png", "image/png", &[9; 300_000]).await.unwrap();
    assert_eq!((photo.name.as_str(), photo.size), ("热水器 E1.png", 300_000));
    assert_eq!(code(desk.attach("big", "", &vec![0; 20 * 1024 * 1024 + 1]).await), Some(Code::AttachmentTooLarge));

    let ids = [Uuid::now_v7(), Uuid::now_v7()];
    for id in ids {
        let values = form(json!({"description": null}));
        desk.save_draft(DraftSaveRequest { id, values, attachments: vec![photo.clone()], call: None }).await.unwrap();
    }
    let drafts = desk.drafts().await.unwrap();
    assert_eq!(drafts.len(), 2, "several at once");
    let draft = drafts.into_iter().find(|d| d.id == ids[0]).unwrap();

    let request =
        |values| RegisterRequest { draft: Some(ids[0]), values, attachments: draft.attachments.clone(), call: None };
    let refused = desk.register(request(draft.values.clone())).await.unwrap_err();
    assert_eq!((refused.code, refused.fields[0].field.as_str()), (Code::InvalidFields, "description"));
    assert_eq!(desk.drafts().await.unwrap().len(), 2, "a refusal keeps the draft");

    let registered = desk.register(request(form(json!({})))).await.unwrap();
    assert_eq!(registered.number, "KF-20261112-A03-0001");
    assert_eq!(desk.drafts().await.unwrap().iter().map(|d| d.id).collect::<Vec<_>>(), [ids[1]]);
    desk.discard_draft(ids[1]).await.unwrap();
    let shown = desk.show(registered.id).await.unwrap();
    assert_eq!(shown.attachments, std::slice::from_ref(&photo));
    assert_eq!(desk.attachment(&photo.sha256).await.unwrap(), vec![9; 300_000], "the form still has its file");
}

#[tokio::test]
async fn corrections_are_told_with_reason_and_both_values() {
    let office = office().await;
    let id = office.register(json!({"customer.phone": "13800138021"})).await.unwrap();
    assert_eq!(
        code(office.correct(id, json!({"customer.phone": "13800138022"}), "").await),
        Some(Code::ReasonRequired)
    );
    assert_eq!(code(office.correct(id, json!({"number": "KF-1"}), "改号").await), Some(Code::InvalidFields));
    office.correct(id, json!({"customer.phone": "13800138022", "mood": "agitated"}), "回拨核实").await.unwrap();

    let add = [("process".to_string(), vec![form_line("上门换点火针")])].into();
    let request = CorrectRequest {
        id,
        values: Default::default(),
        add,
        attachments: vec![],
        strike: vec![],
        reason: "补记".into(),
    };
    let view = office.desk.correct(request).await.unwrap();
    let line = view.lists["process"][0].id;
    let strike = CorrectRequest {
        id,
        values: Default::default(),
        add: Default::default(),
        attachments: vec![],
        strike: vec![line],
        reason: "记错了表".into(),
    };
    let view = office.desk.correct(strike).await.unwrap();
    assert!(view.lists["process"][0].struck, "struck out, not gone");

    let told: Vec<_> = view.timeline.iter().map(|e| (e.act.as_str(), e.reason.as_deref())).collect();
    assert_eq!(
        told,
        [("correct", Some("记错了表")), ("correct", Some("补记")), ("correct", Some("回拨核实")), ("register", None)]
    );
    let phone = view.timeline[2].fields.iter().find(|f| f.field == "customer.phone").unwrap();
    assert_eq!((&phone.from, &phone.to), (&json!("13800138021"), &json!("13800138022")));
    assert_eq!((view.timeline[2].member.as_str(), view.timeline[2].at.as_str()), ("孙丽", "2026-11-12T10:00:00+08:00"));

    let find = async |query: &str| {
        let page = office.desk.find(FindRequest { query: query.into(), limit: 10 }).await.unwrap();
        page.rows.len()
    };
    assert_eq!((find("8021").await, find("8022").await), (0, 1), "search follows the correction");
    assert_eq!((find("点火针").await, find("火焰突然").await), (0, 1), "a struck line is not found");
}

fn form_line(note: &str) -> kefu_domain::Values {
    [("note".to_string(), json!(note))].into()
}

#[tokio::test]
async fn a_void_form_keeps_its_number_and_says_so() {
    let office = office().await;
    let id = office.register(json!({})).await.unwrap();
    let void = |reason: &str| VoidRequest { id, reason: reason.into() };
    assert_eq!(code(office.desk.void_form(void(" ")).await), Some(Code::ReasonRequired));
    assert_eq!(office.desk.void_form(void("重复登记")).await.unwrap().state, "voided");
    assert_eq!(code(office.correct(id, json!({"mood": "calm"}), "再改").await), Some(Code::Denied));
    let again = office.register(json!({})).await.unwrap();
    assert_eq!(office.desk.show(again).await.unwrap().number, "KF-20261112-A03-0002", "its number is never used again");
}

#[tokio::test]
async fn only_copies_that_left_the_desk_are_counted() {
    let office = office().await;
    let id = office.register(json!({})).await.unwrap();
    let sheet = Sheet::Form(id);
    assert!(preview(&office.desk, sheet).await.unwrap().starts_with(b"%PDF"));
    let jammed = office.desk.copy_out(sheet, |_| Err(Failure::new(Code::PrinterUnavailable))).await;
    assert_eq!(code(jammed), Some(Code::PrinterUnavailable));
    assert_eq!(office.desk.show(id).await.unwrap().copies, 0);
    for nth in 1..=2 {
        let printed =
            office.desk.copy_out(sheet, |pdf| if pdf.is_empty() { Err(Failure::new(Code::Internal)) } else { Ok(()) });
        assert_eq!(printed.await.unwrap().copy, Some(nth));
    }
    let blank = office.desk.copy_out(Sheet::Blank, |_| Ok(())).await.unwrap();
    assert_eq!((blank.copy, office.desk.show(id).await.unwrap().copies), (None, 2));
    assert_eq!(file_name(&office.desk, sheet).await.unwrap(), "客服登记表 KF-20261112-A03-0001.pdf");
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn a_company_adds_fields_of_its_own() {
    let office = office().await;
    let field = |key: &str, options: &[&str], retired| CustomFieldRequest {
        field: CustomField {
            key: key.into(),
            label: "购买门店".into(),
            kind: FieldKind::Choice,
            block: "product".into(),
            options: options.iter().map(|o| o.to_string()).collect(),
            required: true,
            retired,
        },
    };
    assert_eq!(code(office.desk.save_custom_field(field("", &[], false)).await), Some(Code::InvalidFields));
    office.desk.save_custom_field(field("", &["城西店", "城东店"], false)).await.unwrap();
    let key = office.desk.custom_fields().unwrap().fields[0].key.clone();
    assert!(office.desk.info().await.unwrap().template.field(&key).is_some(), "it stands on the form");

    let missing = office.desk.check(&CheckRequest { values: form(json!({})) }).unwrap().fields;
    assert_eq!(missing.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), [key.as_str()]);
    let id = office.register(json!({ key.as_str(): "城西店" })).await.unwrap();
    assert_eq!(code(office.register(json!({ key.as_str(): "城北店" })).await), Some(Code::InvalidFields));

    office.desk.save_custom_field(field(&key, &["城西店", "城东店"], true)).await.unwrap();
    assert!(office.register(json!({})).await.is_ok(), "a retired field is no longer asked for");
    assert_eq!(office.desk.show(id).await.unwrap().values[&key], "城西店", "and stays where it was filled in");
    assert!(preview(&office.desk, Sheet::Form(id)).await.is_ok());
}
