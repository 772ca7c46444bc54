//! An office of six with a rule set in force and a clock that the story sets: who does what is told in one line each.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use kefu_app::Desk;
use kefu_app::wire::*;
use kefu_testkit::MemoryRing;
use serde_json::{Value, json};
use uuid::Uuid;

const PASSPHRASE: &str = "足够长的口令二〇二六";

/// 管理, does nothing to forms.
pub const ADMIN: &str = "郑华";
/// 接待 of 客户服务中心.
pub const RECEPTION: &str = "孙丽";
/// A second 接待.
pub const COLLEAGUE: &str = "周敏";
/// 文档管理.
pub const RECORDS: &str = "吴静";
/// 部门处理 of 技术支持部.
pub const HANDLER: &str = "李强";
/// 部门处理 of 销售部.
pub const SALES: &str = "何平";
/// 主管.
pub const SUPERVISOR: &str = "陈刚";

const MEMBERS: [(&str, &str, &str, &str); 6] = [
    (RECEPTION, "108", "客户服务中心", "reception"),
    (COLLEAGUE, "109", "客户服务中心", "reception"),
    (RECORDS, "120", "客户服务中心", "records"),
    (HANDLER, "210", "技术支持部", "handler"),
    (SALES, "310", "销售部", "handler"),
    (SUPERVISOR, "101", "客户服务中心", "supervisor"),
];

/// The office.
pub struct Office {
    pub desk: Desk,
    seconds: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl Office {
    /// Founded on 2026-01-05, with a preset in force from the next day on; it is Monday 2026-11-02, 08:30.
    pub async fn with_rules(preset: &str) -> Self {
        let (folder, seconds) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(0)));
        let now = seconds.clone();
        let zone = chrono::FixedOffset::east_opt(8 * 3600).unwrap();
        let clock = move || DateTime::from_timestamp(now.load(Ordering::Relaxed), 0).unwrap().with_timezone(&zone);
        let desk = Desk::with(folder.path(), Arc::<MemoryRing>::default(), Arc::new(clock));
        let office = Office { desk, seconds, _folder: folder };
        office.at("2026-01-05T08:30");
        let request = SetupRequest {
            company: "杭州晨曦电器有限公司".into(),
            member: ADMIN.into(),
            employee_number: "100".into(),
            post: "管理员".into(),
            department: "客户服务中心".into(),
            device_code: "A03".into(),
            passphrase: PASSPHRASE.into(),
        };
        office.desk.setup(request).await.unwrap();
        for (name, number, department, role) in MEMBERS {
            let id = office.desk.save_member(member(None, name, number, department, role)).await.unwrap().id;
            let passphrase = format!("{PASSPHRASE}{number}");
            office.desk.give_sign_in(SignInRequest { id, passphrase }).await.unwrap();
        }
        let founder = member(Some(office.seat(ADMIN).await), ADMIN, "100", "客户服务中心", "admin");
        office.desk.save_member(founder).await.unwrap();
        let adopt =
            AdoptRequest { preset: preset.into(), effective_from: "2026-01-06".into(), approver: SUPERVISOR.into() };
        office.desk.adopt_preset(adopt).await.unwrap();
        office.at("2026-11-02T08:30");
        office
    }

    /// Sets the clock, to the minute, in the office's zone.
    pub fn at(&self, moment: &str) {
        let at = DateTime::parse_from_rfc3339(&format!("{moment}:00+08:00")).unwrap();
        self.seconds.store(at.timestamp(), Ordering::Relaxed);
    }

    /// The member's id.
    pub async fn seat(&self, name: &str) -> Uuid {
        let members = self.desk.members().await.unwrap().members;
        members.into_iter().find(|member| member.name == name).unwrap().id
    }

    /// Lets a member sit down; the first time he shows his passphrase.
    pub async fn sits(&self, name: &str) {
        let again = SwitchRequest { id: self.seat(name).await, passphrase: None };
        if self.desk.switch_seat(again).await.is_ok() {
            return;
        }
        let number = MEMBERS.iter().find(|(member, ..)| *member == name).map(|(_, number, ..)| *number);
        let passphrase = format!("{PASSPHRASE}{}", number.unwrap_or_default());
        let request = SwitchRequest { id: self.seat(name).await, passphrase: Some(passphrase) };
        self.desk.switch_seat(request).await.unwrap();
    }

    /// `name` registers a form; its values are laid over those of an ordinary complaint.
    pub async fn registers(&self, name: &str, over: Value) -> Uuid {
        self.sits(name).await;
        let mut values = json!({
            "received_at": self.desk.board().await.unwrap().at, "channel": "hotline", "ring_count": 2, "kind": "complaint",
            "category": "product_fault", "customer.name": "陈秀英", "customer.type": "person", "customer.phone": "13800138021",
            "product.name": "电热水器", "description": {"text": "热水器漏水，报 E1", "marks": [[0, 5]]},
        });
        values.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
        let values = serde_json::from_value(values).unwrap();
        self.desk
            .register(RegisterRequest { draft: None, values, attachments: Vec::new(), call: None })
            .await
            .unwrap()
            .id
    }

    /// `name` does an act; what he gives are field values, a member beginning with `@` is a list that gets a line, and
    /// `reason` is the reason.
    pub async fn tries(&self, name: &str, id: Uuid, act: &str, given: Value) -> Result<FormView, Failure> {
        self.sits(name).await;
        let mut request = ActRequest { id, act: act.into(), ..Default::default() };
        for (key, value) in given.as_object().unwrap().clone() {
            match key.strip_prefix('@') {
                Some(list) => {
                    request.add.insert(list.into(), vec![serde_json::from_value(value).unwrap()]);
                }
                None if key == "reason" => request.reason = value.as_str().unwrap().into(),
                None if key == "strike" => request.strike = serde_json::from_value(value).unwrap(),
                None => {
                    request.values.insert(key, value);
                }
            }
        }
        self.desk.act(request).await
    }

    /// The same, and it is done.
    #[track_caller]
    pub fn does<'a>(
        &'a self,
        name: &'a str,
        id: Uuid,
        act: &'a str,
        given: Value,
    ) -> impl Future<Output = FormView> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let done = self.tries(name, id, act, given).await;
            done.unwrap_or_else(|failure| panic!("{place}: {name} {act}: {failure:?}"))
        }
    }

    /// The same, and it is refused: the code of the reason.
    pub async fn refused(&self, name: &str, id: Uuid, act: &str, given: Value) -> String {
        match self.tries(name, id, act, given).await {
            Ok(view) => format!("done, now {}", view.state),
            Err(failure) if failure.code == Code::Denied => failure.params["why"].clone(),
            Err(failure) => format!("{:?}", failure.code),
        }
    }

    /// Numbers of the forms in a queue of `name`.
    pub async fn queue(&self, name: &str, key: &str) -> Vec<Uuid> {
        self.sits(name).await;
        let request = QueueRequest { key: key.into(), offset: 0, limit: 100 };
        self.desk.queue(request).await.unwrap().rows.into_iter().map(|row| row.form.id).collect()
    }

    /// The form as `name` sees it.
    pub async fn sees(&self, name: &str, id: Uuid) -> FormView {
        self.sits(name).await;
        self.desk.show(id).await.unwrap()
    }
}

fn member(id: Option<Uuid>, name: &str, number: &str, department: &str, role: &str) -> MemberRequest {
    MemberRequest {
        id,
        name: name.into(),
        employee_number: number.into(),
        post: "客服专员".into(),
        department: department.into(),
        phone_extension: String::new(),
        roles: vec![role.into()],
        active: true,
    }
}

/// When a clock is due, to the minute; empty where it does not run.
pub fn due(view: &FormView, clock: &str) -> String {
    let found = view.clocks.iter().find(|c| c.id == clock);
    found.and_then(|c| c.due.clone()).unwrap_or_default().chars().take(16).collect()
}

/// A field of the form as text.
pub fn text<'a>(view: &'a FormView, key: &str) -> &'a str {
    view.values.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What is given when a form goes to the department.
pub async fn to_technics(office: &Office) -> Value {
    json!({"dispatch.department": "技术支持部", "dispatch.handler": HANDLER, "dispatch.handler_seat": office.seat(HANDLER).await})
}

/// What is given when the customer is told the result.
pub fn told() -> Value {
    json!({
        "outcome.result": "更换内胆，试机正常", "outcome.response": ["rework"], "outcome.told_means": "phone",
        "outcome.reaction": "接受",
    })
}
