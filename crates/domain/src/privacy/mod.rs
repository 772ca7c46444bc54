//! Privacy (R120–R123): what is masked and for whom, which consents are in force, what a customer is told that we
//! hold about him, and what an erasure leaves.

mod consent;
mod erased;
mod erasure;
mod held;
mod mask;
mod scan;
mod sight;
mod view;

use serde_json::{Value, json};

pub use consent::{Consent, consent_in_force};
pub use erased::{ERASABLE, ERASED, LEFT, ends, is_ended, remainders, superseded};
pub use erasure::{Erasure, erasure, redacted};
pub use held::{Item, Section, held};
pub use mask::{mask_address, mask_email, mask_name, mask_number, mask_phone};
pub use scan::{Known, mask_text};
pub use sight::{Gate, Sight, may_see, verified};
pub use view::Mask;

use crate::{Field, FieldKind, Lists, Template, Values, names};

/// Shown for what cannot be judged.
pub(crate) const HIDDEN: &str = "***";

/// How a field is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Tells nothing about a person.
    Open,
    /// Free text, in which anything may stand.
    Free,
    /// Name of a person, or of an organisation.
    Name,
    /// Telephone.
    Phone,
    /// E-mail address.
    Email,
    /// Region or address: province and city stay.
    Address,
    /// Number that identifies: its last four stay.
    Number,
    /// Nothing of it stays.
    Secret,
}

/// Words in the label of a company's own field that tell what it holds.
const LABELS: [(&str, Class); 16] = [
    ("身份证", Class::Secret),
    ("证件", Class::Secret),
    ("护照", Class::Secret),
    ("密码", Class::Secret),
    ("生日", Class::Secret),
    ("出生", Class::Secret),
    ("微信", Class::Secret),
    ("电话", Class::Phone),
    ("手机", Class::Phone),
    ("邮箱", Class::Email),
    ("地址", Class::Address),
    ("住址", Class::Address),
    ("姓名", Class::Name),
    ("联系人", Class::Name),
    ("卡号", Class::Number),
    ("账号", Class::Number),
];

/// What a field holds, from its key, its kind and, for a company's own fields, its label.
pub(crate) fn class(field: &Field) -> Class {
    match (field.key.as_str(), field.kind) {
        ("customer.name" | "contact.name" | "agent.name", _) => Class::Name,
        ("customer.region" | "customer.address", _) => Class::Address,
        ("customer.wechat", _) => Class::Secret,
        ("product.serial" | "product.order_number" | "product.contract_number", _) => Class::Number,
        (_, FieldKind::Phone) => Class::Phone,
        (_, FieldKind::Email) => Class::Email,
        (key, kind) if key.starts_with(crate::template::CUSTOM_PREFIX) => {
            let named = LABELS.iter().find(|(word, _)| field.label.contains(word)).map(|(_, class)| *class);
            match kind {
                FieldKind::Text | FieldKind::Long => named.unwrap_or(Class::Free),
                _ => named.filter(|c| *c == Class::Secret).unwrap_or(Class::Open),
            }
        }
        (_, FieldKind::Text | FieldKind::Long | FieldKind::Marked) => Class::Free,
        _ => Class::Open,
    }
}

/// Whether a field lies behind the identity gate. Free text does not by itself; what it says of persons is masked.
pub fn sensitive(field: &Field) -> bool {
    !matches!(class(field), Class::Open | Class::Free)
}

fn masked_value(class: Class, value: &Value, known: &Known) -> Value {
    let free = |text: &str| known.mask(text).text;
    match (class, value) {
        (_, Value::Null) | (Class::Open, _) => value.clone(),
        (Class::Free, Value::String(text)) => json!(free(text)),
        (Class::Free, Value::Object(members)) => match members.get("text").and_then(Value::as_str) {
            Some(text) => known.mask(text).marked(members.get("marks")),
            None => json!(HIDDEN),
        },
        (Class::Name, Value::String(name)) => json!(mask_name(name)),
        (Class::Phone, Value::String(phone)) => json!(mask_phone(phone)),
        (Class::Email, Value::String(email)) => json!(mask_email(email)),
        (Class::Address, Value::String(address)) => json!(mask_address(address)),
        (Class::Number, Value::String(number)) => json!(mask_number(number)),
        _ => json!(HIDDEN),
    }
}

/// The values as somebody without need sees them. A name, address or number that stands on the form is masked in its
/// free texts, too. Fields that the template does not have cannot be judged and show nothing.
pub fn masked(values: &Values, template: &Template) -> Values {
    Mask::of([values], template).values(values)
}

/// The lines as somebody without need sees them ([`Mask::lists`]). `values` are those of the form, unmasked.
pub fn masked_lists(lists: &Lists, values: &Values, template: &Template) -> Lists {
    Mask::of([values], template).lists(lists)
}

impl Known {
    /// Words of the form that tell who somebody is: persons' names, numbers and addresses.
    pub fn of(values: &Values, template: &Template) -> Known {
        let mut known = Known::default();
        known.learn(values, template);
        known
    }

    /// Adds those of further values.
    pub(crate) fn learn(&mut self, values: &Values, template: &Template) {
        for field in template.fields() {
            let Some(text) = values.get(&field.key).and_then(Value::as_str).map(str::trim) else { continue };
            match class(field) {
                Class::Name if !names::is_organisation(text) => self.add(names::bare(text), mask_name(text)),
                Class::Address => self.add(text, mask_address(text)),
                Class::Number => self.add(text, mask_number(text)),
                Class::Secret => self.add(text, HIDDEN.into()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Line;
    use crate::template::CustomField;
    use uuid::Uuid;

    fn form() -> Values {
        let fields = json!({
            "customer.name": "陈秀英", "customer.phone": "138 0013 8021", "customer.phone2": "0571-8888 1234 转 801",
            "customer.email": "chen@x.cn", "customer.wechat": "chenxy_66", "customer.region": "浙江省杭州市余杭区",
            "customer.address": "良渚街道杜甫村 12 组", "agent.name": "王磊（之子）", "contact.name": "晨曦饰品有限公司",
            "product.serial": "LN16-2409-003817", "product.order_number": "2026102911873345", "kind": "complaint",
            "consents": {"visit": "2026-11-02T08:45:00+08:00"}, "occurrence": 2, "customer.confidential": true,
            "description": {"text": "陈秀英来电，住良渚街道杜甫村 12 组，请打13800138021，机号LN16-2409-003817，显示 E1。",
                "marks": [[0, 5], [50, 52]]},
            "handling.solution": "已与王磊联系，微信 chenxy_66", "x.id": "330106196001011234", "x.note": "门禁 1234",
            "future.field": {"who": "陈秀英"},
        });
        serde_json::from_value(fields).unwrap()
    }

    fn template() -> Template {
        let own = |key: &str, label: &str| CustomField {
            key: key.into(),
            label: label.into(),
            kind: FieldKind::Text,
            block: "customer".into(),
            options: Vec::new(),
            required: false,
            retired: false,
        };
        Template::registration().with_custom(&[own("x.id", "身份证号"), own("x.note", "备注")])
    }

    #[test]
    fn each_field_is_masked_by_what_it_holds() {
        let shown = masked(&form(), &template());
        let check = |key: &str, expected: Value| assert_eq!(shown[key], expected, "{key}");
        check("customer.name", json!("陈**"));
        check("customer.phone", json!("138****8021"));
        check("customer.phone2", json!("0571-****1234 转 ***"));
        check("customer.email", json!("c***@x.cn"));
        check("customer.wechat", json!("***"));
        check("customer.region", json!("浙江省杭州市***"));
        check("customer.address", json!("***"));
        check("agent.name", json!("王**"));
        check("contact.name", json!("晨曦饰品有限公司"));
        check("product.serial", json!("****3817"));
        check("product.order_number", json!("****3345"));
        check("kind", json!("complaint"));
        check("occurrence", json!(2));
        check("customer.confidential", json!(true));
        check("consents", form()["consents"].clone());
        check("handling.solution", json!("已与王**联系，微信 ***"));
        check("x.id", json!("***"));
        check("x.note", json!("门禁 1234"));
        check("future.field", json!("***"));
        let text = shown["description"]["text"].as_str().unwrap();
        assert_eq!(text, "陈**来电，住***，请打138****8021，机号****3817，显示 E1。");
        let marked: Vec<String> = shown["description"]["marks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| {
                let (start, end) = (m[0].as_u64().unwrap() as usize, m[1].as_u64().unwrap() as usize);
                text.chars().skip(start).take(end - start).collect()
            })
            .collect();
        assert_eq!(marked[0], "陈**来电", "marks move with the text");
    }

    #[test]
    fn nothing_planted_is_left_in_the_masked_view() {
        let mut values = form();
        let planted =
            ["陈秀英", "13800138021", "0013", "888812", "801", "chen@", "chenxy", "杜甫村", "王磊", "2409", "330106"];
        let lines = [
            ("process", "note"),
            ("chases", "content"),
            ("queries", "question"),
            ("calls_of_tomorrow", "number"),
            ("attachments", "name"),
        ]
        .map(|(list, column)| {
            let text = "陈秀英 13800138021 杜甫村 chen@x.cn 0571-88881234转801";
            let text = if column == "content" { "催王磊，LN16-2409-003817" } else { text };
            let values = [(column.to_string(), json!(text))].into();
            (list.to_string(), vec![Line { id: Uuid::from_u128(1), values, struck: false }])
        });
        values.insert("customer.address".into(), json!("杜甫村"));
        values.insert("description".into(), json!({"text": "住杜甫村，王磊转述", "marks": []}));
        let shown = serde_json::to_string(&masked(&values, &template())).unwrap()
            + &serde_json::to_string(&masked_lists(&lines.into(), &values, &template())).unwrap();
        for word in planted {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }

    #[test]
    fn the_gate_stands_before_what_identifies() {
        let template = template();
        let behind: Vec<_> = template.fields().filter(|f| sensitive(f)).map(|f| f.key.as_str()).collect();
        let expected = [
            "customer.name",
            "customer.phone",
            "customer.phone2",
            "customer.wechat",
            "customer.email",
            "contact.name",
            "customer.region",
            "customer.address",
            "agent.name",
            "x.id",
            "product.serial",
            "product.order_number",
            "product.contract_number",
        ];
        assert_eq!(behind, expected);
    }
}
