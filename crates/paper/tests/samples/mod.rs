//! Forms as they come up at a desk, for the tests of the printed sheet and for looking at it.
#![allow(dead_code, missing_docs, reason = "each test file and the example use their own part")]
#![allow(clippy::unwrap_used, reason = "sample data")]

use chrono::DateTime;
use kefu_domain::{CodeLists, Line, Lists, Template, Values};
use kefu_paper::{Press, Sheet};
use serde_json::{Value, json};

/// A form together with what is printed around it.
pub struct Sample {
    pub template: Template,
    pub codes: CodeLists,
    pub values: Values,
    pub lists: Lists,
    pub number: Option<String>,
    pub copy: Option<u32>,
    pub voided: bool,
}

impl Sample {
    /// An empty form.
    pub fn blank() -> Self {
        Sample {
            template: Template::registration(),
            codes: CodeLists::shipped(),
            values: Values::new(),
            lists: Lists::new(),
            number: None,
            copy: None,
            voided: false,
        }
    }

    /// What a receptionist registers on an ordinary morning.
    pub fn ordinary() -> Self {
        let mut sample = Sample::blank();
        sample.number = Some("KF-20261102-A03-0001".to_owned());
        sample.copy = Some(1);
        sample.set(&[
            ("channel", json!("hotline")),
            ("received_at", json!("2026-11-02T08:41:00+08:00")),
            ("registered_at", json!("2026-11-02T08:47:12+08:00")),
            ("receiver.name", json!("王芳")),
            ("receiver.employee_number", json!("1027")),
            ("receiver.department", json!("客服一组")),
            ("ring_count", json!(2)),
            ("picked_in_three", json!(true)),
            ("customer.name", json!("阿依古丽·买买提")),
            ("customer.salutation", json!("ms")),
            ("customer.type", json!("person")),
            ("customer.phone", json!("0571-8888 1234 转 801")),
            ("customer.region", json!("浙江省杭州市余杭区")),
            ("customer.address", json!("良渚街道杜甫村 12 组")),
            ("consents", json!({"visit": "2026-11-02T08:44:00+08:00", "recording": "2026-11-02T08:41:30+08:00"})),
            ("product.name", json!("冷凝式燃气热水器")),
            ("product.model", json!("JSQ30-16LN")),
            ("product.serial", json!("LN16-2409-003817")),
            ("product.purchased_on", json!("2025-11-28")),
            ("product.warranty", json!("in")),
            ("kind", json!("complaint")),
            ("category", json!("product_fault")),
            ("description", json!({"text": DESCRIPTION, "marks": [[9, 15], [37, 44]]})),
            ("demands", json!(["exchange", "compensation"])),
            ("occurrence", json!(2)),
            ("mood", json!("agitated")),
            ("reply_by", json!("2026-11-04T17:00:00+08:00")),
            ("severity", json!("heavy")),
            ("risk", json!("medium")),
            ("immediate", json!(true)),
            ("informed", json!(true)),
        ]);
        sample
    }

    /// The same with everything that the later steps fill in.
    pub fn handled() -> Self {
        let mut sample = Sample::ordinary();
        sample.copy = Some(3);
        sample.set(&[
            ("judgement", json!("valid")),
            ("impact", json!("single")),
            ("complexity", json!("ordinary")),
            ("dispatch.department", json!("售后技术部")),
            ("dispatch.handler", json!("赵强")),
            ("dispatch.by", json!("王芳")),
            ("dispatch.at", json!("2026-11-02T09:00:00+08:00")),
            ("handling.cause", json!("点火针老化，更换后未校准间隙，火焰检测信号弱，触发 E1 保护。")),
            ("handling.cause_code", json!("service")),
            ("handling.solution", json!("上门更换整机，旧机带回检测；补偿两个月延保。")),
            ("handling.cost", json!(32_050)),
            ("handling.promised_at", json!("2026-11-05T12:00:00+08:00")),
            ("handling.replied_means", json!("phone")),
            ("outcome.response", json!(["exchange", "apology"])),
            ("outcome.result", json!("换货完成，客户满意。")),
        ]);
        sample.list(
            "attachments",
            &[json!({"name": "热水器故障显示.jpg", "size": 1_834_220, "added_at": "2026-11-02T08:46:00+08:00"})],
        );
        sample.list("process", &[
            json!({"at": "2026-11-02T09:20:00+08:00", "who": "赵强", "action": "电话联系", "note": "约定 11 月 3 日上午上门"}),
            json!({"at": "2026-11-03T10:05:00+08:00", "who": "赵强", "action": "上门检测", "note": "火焰检测信号弱，建议整机更换；客户同意，等待库房确认同型号现货，预计两日内到货"}),
            json!({"at": "2026-11-05T09:30:00+08:00", "who": "李工", "action": "换机", "note": "新机序列号 LN16-2610-000112"}),
        ]);
        if let Some(lines) = sample.lists.get_mut("process") {
            lines[0].struck = true;
        }
        sample.list("measures", &[
            json!({"type": "corrective", "content": "点火针更换后必须用量规校准", "owner": "赵强", "due": "2026-11-10", "verifier": "陈静", "result": "有效"}),
        ]);
        sample.list("chases", &[
            json!({"at": "2026-11-03T16:00:00+08:00", "whom": "售后技术部", "content": "客户家有老人，请当日答复", "answer": "已安排"}),
        ]);
        sample.list("queries", &[
            json!({"at": "2026-11-03T09:10:00+08:00", "whom": "质检部", "question": "点火针是否在保修内", "answer": "在，整机三年", "source": "说明书第 21 页"}),
        ]);
        sample
    }

    /// A form with this description.
    pub fn described(text: &str) -> Self {
        let mut sample = Sample::ordinary();
        sample.set(&[("description", json!({"text": text, "marks": [[3, 40]]}))]);
        sample
    }

    pub fn set(&mut self, values: &[(&str, Value)]) {
        self.values.extend(values.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
    }

    pub fn list(&mut self, key: &str, lines: &[Value]) {
        let lines = lines
            .iter()
            .map(|v| serde_json::from_value::<Line>(json!({"id": "00000000-0000-7000-8000-000000000000", "values": v})))
            .collect::<Result<_, _>>()
            .unwrap();
        self.lists.insert(key.to_owned(), lines);
    }

    pub fn sheet(&self) -> Sheet<'_> {
        Sheet {
            template: &self.template,
            codes: &self.codes,
            values: &self.values,
            lists: &self.lists,
            company: "杭州良渚燃气器具有限公司",
            number: self.number.as_deref(),
            copy: self.copy,
            printed_at: DateTime::parse_from_rfc3339("2026-11-02T09:15:00+08:00").unwrap(),
            printed_by: "王芳",
            rules: None,
            voided: self.voided,
        }
    }

    pub fn draw(&self, press: &Press) -> Vec<u8> {
        press.draw(&self.sheet()).unwrap()
    }
}

pub const DESCRIPTION: &str = "热水器打开后火焰突然熄灭，显示 E1，断电重启能用十分钟。上周已报修一次，师傅来换了点火针，当天晚上又坏。家里有八十岁老人，天冷没法洗澡。";

/// A text of `count` characters in which every sentence is different, so that a lost or moved one is noticed.
pub fn long_text(count: usize) -> String {
    let mut text = String::new();
    let mut length = 0;
    for n in 1.. {
        let end = if n % 7 == 0 { "\n" } else { "" };
        let sentence = format!("第{n}次来电：客户说“设备 Model-{n} 仍未修好”，要求{}日内答复！{end}", n % 9 + 1);
        length += sentence.chars().count();
        text.push_str(&sentence);
        if length >= count {
            break;
        }
    }
    text.chars().take(count).collect()
}
