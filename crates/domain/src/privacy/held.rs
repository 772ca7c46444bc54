//! What we hold about a customer, as one document for him (个人信息保护法 44–48, R120–R123).

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::validate::is_empty;
use crate::{CodeLists, Field, FieldKind, Record, Template};

/// One line of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Item {
    /// What it is.
    pub label: String,
    /// What we hold, in words.
    pub text: String,
}

/// A titled part of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Section {
    /// Title.
    pub label: String,
    /// Its lines, in paper order.
    pub items: Vec<Item>,
}

/// Fields and columns that name our own people: their data, not the customer's.
fn staff(field: &Field) -> bool {
    let key = field.key.as_str();
    let named = key.starts_with("receiver.") || key.ends_with(".by") || key.ends_with("_by");
    // `reply_by` is a moment in spite of its ending.
    (named && field.kind != FieldKind::Datetime)
        || ["dispatch.handler", "dispatch.co_handlers", "filing.box", "filing.cabinet"].contains(&key)
        || ["who", "whom", "owner", "verifier"].contains(&key)
}

fn moment(text: &str) -> String {
    let read: Option<DateTime<FixedOffset>> = DateTime::parse_from_rfc3339(text).ok();
    read.map_or_else(|| text.to_string(), |m| m.format("%Y-%m-%d %H:%M").to_string())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "是" } else { "否" }.into(),
        other => other.to_string(),
    }
}

fn in_words(field: &Field, value: &Value, codes: &CodeLists) -> String {
    let label = |code: &str| codes.label(field.list.as_deref().unwrap_or_default(), code).to_string();
    match (field.kind, value) {
        (FieldKind::Choice, Value::String(code)) => label(code),
        (FieldKind::Choices, Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(label).collect::<Vec<_>>().join("、")
        }
        (FieldKind::Dated, Value::Object(members)) => {
            let one =
                |(code, at): (&String, &Value)| format!("{}（{}）", label(code), moment(at.as_str().unwrap_or("?")));
            members.iter().map(one).collect::<Vec<_>>().join("、")
        }
        (FieldKind::Datetime, Value::String(text)) => moment(text),
        (FieldKind::Money, Value::Number(fen)) => {
            let fen = fen.as_i64().unwrap_or_default();
            format!("{}.{:02} 元", fen / 100, fen % 100)
        }
        (FieldKind::Size, Value::Number(bytes)) => format!("{bytes} 字节"),
        (FieldKind::Marked, Value::Object(members)) => members.get("text").map(plain).unwrap_or_default(),
        (_, value) => plain(value),
    }
}

/// All that a form holds about the customer, block by block: fields, what two people wrote without seeing each other,
/// lines, struck ones marked as such, and at the end what this version does not know. Our staff's names are left out,
/// as are empty fields and the signatures, which are on paper only.
pub fn held(record: &Record, template: &Template, codes: &CodeLists) -> Vec<Section> {
    let mut sections = Vec::new();
    for block in &template.blocks {
        let mut items = Vec::new();
        for field in block.rows.iter().flatten().filter(|f| !staff(f)) {
            items.extend(values(record, field, codes));
            items.extend(lines(record, field, codes));
        }
        if !items.is_empty() {
            sections.push(Section { label: block.label.clone(), items });
        }
    }
    let items = others(record, template);
    if !items.is_empty() {
        sections.push(Section { label: "其他".into(), items });
    }
    sections
}

fn values(record: &Record, field: &Field, codes: &CodeLists) -> Vec<Item> {
    let Some(cell) = record.fields.get(&field.key) else { return Vec::new() };
    let rivals = cell.rivals.iter().map(|r| (format!("{}（另一处登记）", field.label), &r.value));
    std::iter::once((field.label.clone(), &cell.value))
        .chain(rivals)
        .filter(|(_, value)| !is_empty(Some(value)))
        .map(|(label, value)| Item { label, text: in_words(field, value, codes) })
        .collect()
}

fn lines(record: &Record, field: &Field, codes: &CodeLists) -> Vec<Item> {
    let told = |line: &crate::Line| {
        let columns = field.columns.iter().filter(|c| !staff(c));
        let mut parts: Vec<String> = columns
            .filter_map(|c| line.values.get(&c.key).filter(|v| !is_empty(Some(v))).map(|v| in_words(c, v, codes)))
            .collect();
        let unknown = line.values.iter().filter(|(key, _)| field.columns.iter().all(|c| c.key != **key));
        parts.extend(unknown.filter(|(_, v)| !is_empty(Some(v))).map(|(_, v)| plain(v)));
        let struck = if line.struck { "（已划去）" } else { "" };
        Item { label: field.label.clone(), text: parts.join("，") + struck }
    };
    record.lists.get(&field.key).into_iter().flatten().map(told).collect()
}

/// Fields and lists that the template does not have; a key is better than silence.
fn others(record: &Record, template: &Template) -> Vec<Item> {
    let unknown = |key: &str| template.field(key).is_none();
    let fields = record.fields.iter().filter(|(key, cell)| unknown(key) && !is_empty(Some(&cell.value)));
    let mut items: Vec<Item> =
        fields.map(|(key, cell)| Item { label: key.clone(), text: plain(&cell.value) }).collect();
    for (key, lines) in record.lists.iter().filter(|(key, _)| unknown(key)) {
        items.extend(lines.iter().map(|line| {
            let parts: Vec<String> = line.values.values().filter(|v| !is_empty(Some(v))).map(plain).collect();
            Item { label: key.clone(), text: parts.join("，") + if line.struck { "（已划去）" } else { "" } }
        }));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::{Cell, Rival};
    use crate::{Line, Stamp};
    use serde_json::json;
    use uuid::Uuid;

    fn record() -> Record {
        let at = Stamp { ms: 1, n: 0, device: Uuid::nil() };
        let values = json!({
            "number": "KF-20261102-A03-0001", "receiver.name": "王小接", "customer.name": "陈秀英",
            "customer.salutation": "ms", "customer.phone": "138 0013 8021", "customer.confidential": true,
            "consents": {"visit": "2026-11-02T08:45:00+08:00"}, "demands": ["exchange", "compensation"],
            "description": {"text": "熄火", "marks": []}, "handling.cost": 12050, "handling.replied_by": "李答",
            "reply_by": "2026-11-05T10:00:00+08:00", "closing.by": "王小接", "product.model": "", "future": {"a": 1},
        });
        let mut record = Record::default();
        for (key, value) in values.as_object().unwrap() {
            let cell = Cell { value: value.clone(), at, seat: Uuid::nil(), rivals: Vec::new() };
            record.fields.insert(key.clone(), cell);
        }
        let rival = Rival { value: json!("陈秀瑛"), at, seat: Uuid::nil() };
        record.fields.get_mut("customer.name").unwrap().rivals.push(rival);
        let line =
            |values: Value, struck| Line { id: Uuid::nil(), values: serde_json::from_value(values).unwrap(), struck };
        let noted = json!({"at": "2026-11-03T09:00:00+08:00", "who": "李四", "action": "上门", "note": "换点火针"});
        record.lists.insert("process".into(), vec![line(noted, false), line(json!({"note": "错记"}), true)]);
        record.lists.insert("disclosures".into(), vec![line(json!({"recipient": "某快递"}), false)]);
        record
    }

    #[test]
    fn one_document_in_paper_order() {
        let sections = held(&record(), &Template::registration(), &CodeLists::shipped());
        let lines: Vec<String> = sections
            .iter()
            .flat_map(|s| s.items.iter().map(move |i| format!("{}/{}: {}", s.label, i.label, i.text)))
            .collect();
        let expected = [
            "登记/登记编号: KF-20261102-A03-0001",
            "客户/客户名称: 陈秀英",
            "客户/客户名称（另一处登记）: 陈秀瑛",
            "客户/称谓: 女士",
            "客户/电话: 138 0013 8021",
            "客户/客户要求保密: 是",
            "客户/客户同意: 回访（2026-11-02 08:45）",
            "诉求/问题描述: 熄火",
            "诉求/客户要求: 换货、补偿",
            "诉求/约定答复: 2026-11-05 10:00",
            "处理/费用（元）: 120.50 元",
            "处理/处理过程: 2026-11-03 09:00，上门，换点火针",
            "处理/处理过程: 错记（已划去）",
            "其他/future: {\"a\":1}",
            "其他/disclosures: 某快递",
        ];
        assert_eq!(lines, expected);
    }
}
