//! Customers and products (R32): found by what forms say of them, recorded only where somebody knows more than a form.
//!
//! Nobody enrols a customer. Forms with the same name and telephone are one customer, forms with the same serial one
//! product; their ids follow from that, the same on every device. A record of kind `customer` or `product` holds
//! corrections, merges and what was agreed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::{Setting, act, kind};
use crate::decide::{Draft, Refusal, Rules};
use crate::phone::Phone;
use crate::process::{Actor, Why, role};
use crate::text::folded;
use crate::validate::{FieldError, Problem, check_values, is_empty};
use crate::warranty::Terms;
use crate::{Record, Values, names};

/// Field of a customer's record: the id of the customer he was merged into.
pub const MERGED_INTO: &str = "merged_into";
/// Field of a product's record: its serial as corrected.
pub const SERIAL: &str = "serial";

/// Who keeps the registry: those who speak with customers and keep their files, and whoever supervises them.
const KEEPERS: &[&str] = &[role::RECEPTION, role::RECORDS, role::SUPERVISOR];

/// Whether he may correct and merge customers and change products.
pub fn keeps_registry(actor: &Actor) -> bool {
    actor.holds(KEEPERS)
}

fn compact(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn id(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kefu {}", parts.join("\n")).as_bytes())
}

/// Id of the customer with this name and telephone. None where there is neither: nobody can be told from nobody. A
/// name in place of a name (匿名) is none.
pub fn customer_id(name: &str, phone: &str) -> Option<Uuid> {
    let bare = names::bare(name);
    let name = if names::is_nameless(bare) { String::new() } else { compact(bare) };
    let digits =
        Phone::parse(phone).map_or_else(String::new, |p| p.digits + p.extension.as_deref().unwrap_or_default());
    (!name.is_empty() || !digits.is_empty()).then(|| id(&["customer", &name, &digits]))
}

/// Who and what a form is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Party {
    /// Customer.
    pub customer: Option<Uuid>,
    /// Product: by its serial, whoever has it; without one by customer, name and model.
    pub product: Option<Uuid>,
}

impl Party {
    /// Of a form with these values.
    pub fn of(values: &Values) -> Self {
        let text = |key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default();
        let customer = customer_id(text("customer.name"), text("customer.phone"));
        let [serial, name, model] = ["serial", "name", "model"].map(|key| compact(text(&format!("product.{key}"))));
        let product = match (serial.is_empty(), customer) {
            (false, _) => Some(id(&["product", &serial])),
            (true, Some(owner)) if !name.is_empty() || !model.is_empty() => {
                Some(id(&["product of", &owner.to_string(), &name, &model]))
            }
            _ => None,
        };
        Party { customer, product }
    }
}

/// What was agreed for a product: what its record says, and where that says nothing, what a form says.
pub fn terms(product: Option<&Record>, form: &Values) -> Terms {
    let object = product.map(|record| record.values().into_iter().collect()).unwrap_or_default();
    let mut terms: Terms = serde_json::from_value(Value::Object(object)).unwrap_or_default();
    let day = |key: &str| form.get(key).and_then(Value::as_str).and_then(|text| text.parse::<NaiveDate>().ok());
    terms.purchased = terms.purchased.or_else(|| day("product.purchased_on"));
    terms.installed = terms.installed.or_else(|| day("product.installed_on"));
    terms
}

fn keeper(actor: &Actor) -> Result<(), Refusal> {
    if keeps_registry(actor) { Ok(()) } else { Err(Refusal::Denied(Why::WrongRole)) }
}

/// Sets what differs.
fn draft(
    (id, kind, act): (Uuid, &'static str, &'static str),
    record: &Record,
    values: BTreeMap<String, Value>,
    reason: &str,
) -> Result<Draft, Refusal> {
    let mut draft = Draft::new(id, kind, act);
    for (key, to) in values {
        let to = if is_empty(Some(&to)) { Value::Null } else { to };
        if record.get(&key).unwrap_or(&Value::Null) != &to {
            let was = record.stamps(&key);
            draft.set.insert(key, Setting { to, was });
        }
    }
    if draft.set.is_empty() {
        return Err(Refusal::NothingChanged);
    }
    let reason = reason.trim();
    draft.reason = Some(if reason.is_empty() { return Err(Refusal::ReasonRequired) } else { reason.into() });
    Ok(draft)
}

/// Corrects what is known of a customer; null: as on the forms again. The forms stay as they were written.
///
/// # Errors
/// [`Refusal::Denied`], [`Refusal::Fields`] (only `customer.*` and `contact.*`), [`Refusal::NothingChanged`],
/// [`Refusal::ReasonRequired`].
pub fn correct(
    rules: Rules<'_>,
    actor: &Actor,
    id: Uuid,
    record: &Record,
    values: Values,
    reason: &str,
) -> Result<Draft, Refusal> {
    keeper(actor)?;
    let mut errors = check_values(rules.template, rules.codes, &values, rules.now);
    let foreign = values.keys().filter(|key| !key.starts_with("customer.") && !key.starts_with("contact."));
    errors.extend(foreign.map(|key| FieldError::new(key, Problem::UnknownField)));
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    draft((id, kind::CUSTOMER, act::CORRECT), record, values, reason)
}

/// Merges customer `id` into `into`, or takes that back where `into` is none. `roots` are those into whom `into` was
/// merged himself, up to the last: a circle is refused.
///
/// # Errors
/// [`Refusal::Denied`], [`Refusal::NothingChanged`], [`Refusal::ReasonRequired`].
pub fn merge(
    actor: &Actor,
    id: Uuid,
    record: &Record,
    into: Option<Uuid>,
    roots: &[Uuid],
    reason: &str,
) -> Result<Draft, Refusal> {
    keeper(actor)?;
    if into == Some(id) || roots.contains(&id) {
        return Err(Refusal::Denied(Why::SameForm));
    }
    let act = if into.is_some() { act::MERGE } else { act::UNMERGE };
    let to = into.map_or(Value::Null, |into| json!(into.to_string()));
    draft((id, kind::CUSTOMER, act), record, [(MERGED_INTO.to_string(), to)].into(), reason)
}

/// Into whom a customer was merged.
pub fn merged_into(record: &Record) -> Option<Uuid> {
    record.text(MERGED_INTO).and_then(|text| Uuid::try_parse(text).ok())
}

/// Notes what was agreed for a product.
///
/// # Errors
/// [`Refusal::Denied`], [`Refusal::Fields`] (a day that lies ahead, an end before its beginning, months beyond 600),
/// [`Refusal::NothingChanged`], [`Refusal::ReasonRequired`].
pub fn agree(
    rules: Rules<'_>,
    actor: &Actor,
    id: Uuid,
    record: &Record,
    (serial, terms): (&str, &Terms),
    reason: &str,
) -> Result<Draft, Refusal> {
    keeper(actor)?;
    let mut errors = Vec::new();
    let today = rules.now.date_naive();
    for (key, day) in [("purchased", terms.purchased), ("delivered", terms.delivered), ("installed", terms.installed)] {
        if day.is_some_and(|day| day > today) {
            errors.push(FieldError::new(key, Problem::InTheFuture));
        }
    }
    for (key, months) in [("months", terms.months), ("extended", terms.extended)] {
        if months.is_some_and(|months| months > 600) {
            errors.push(FieldError::new(key, Problem::OutOfRange));
        }
    }
    if terms.contract.is_some_and(|c| c.until.is_some_and(|until| until < c.from)) {
        errors.push(FieldError::new("contract", Problem::OutOfRange));
    }
    if !errors.is_empty() {
        return Err(Refusal::Fields(errors));
    }
    let mut values: BTreeMap<String, Value> = match serde_json::to_value(terms) {
        Ok(Value::Object(members)) => members.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    if record.get("start").is_none() && *terms == (Terms { start: Default::default(), ..terms.clone() }) {
        values.remove("start"); // the default needs no saying
    }
    values.insert(SERIAL.into(), json!(serial.trim()));
    draft((id, kind::PRODUCT, act::CORRECT), record, values, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CodeLists, Template};

    #[track_caller]
    fn check(a: (&str, &str), b: (&str, &str), same: bool) {
        let (a, b) = (customer_id(a.0, a.1), customer_id(b.0, b.1));
        assert_eq!(a.is_some() && a == b, same);
    }

    #[test]
    fn one_customer_however_it_is_written() {
        check(("陈秀英", "138 0013 8021"), ("陈秀英（女）", "+86-13800138021"), true);
        check(("阿依古丽·买买提", ""), ("阿依古丽买买提", ""), true);
        check(("王伟", "13800138021"), ("王伟", "13800138022"), false);
        check(("王伟", ""), ("王伟", "13800138022"), false);
        check(("匿名", ""), ("匿名", ""), false);
        check(("", "13800138021"), ("不详", "138-0013-8021"), true);
    }

    #[test]
    fn a_serial_is_one_product_whoever_calls() {
        let party = |over: Value| Party::of(&serde_json::from_value(over).unwrap());
        let a = party(json!({"customer.name": "陈秀英", "product.serial": "LN16-2409-003817"}));
        let b = party(json!({"customer.name": "王磊", "product.serial": "ln16 2409 003817", "product.name": "热水器"}));
        assert!(a.product.is_some() && a.product == b.product && a.customer != b.customer);
        let c = party(json!({"customer.name": "陈秀英", "product.name": "热水器"}));
        let d = party(json!({"customer.name": "王磊", "product.name": "热水器"}));
        assert!(c.product.is_some() && c.product != d.product, "without a serial it is each one's own");
        assert_eq!(party(json!({"product.name": "热水器"})), Party::default());
    }

    fn keeper_actor(role: &str) -> Actor {
        Actor { seat: Uuid::nil(), name: "孙丽".into(), department: String::new(), roles: [role.to_string()].into() }
    }

    #[test]
    fn what_is_agreed_stands_over_the_form() {
        let (template, codes) = (Template::registration(), CodeLists::shipped());
        let now = chrono::DateTime::parse_from_rfc3339("2026-11-12T10:00:00+08:00").unwrap();
        let rules = Rules { template: &template, codes: &codes, now };
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let asked = Terms { purchased: day("2025-11-12"), months: Some(12), ..Terms::default() };
        let actor = keeper_actor(role::RECORDS);
        let draft = agree(rules, &actor, Uuid::nil(), &Record::default(), ("S-1", &asked), "发票").unwrap();
        let mut record = Record::default();
        for (key, setting) in draft.set {
            let at = crate::Stamp { ms: 1, n: 0, device: Uuid::nil() };
            let cell = crate::Cell { value: setting.to, at, seat: Uuid::nil(), rivals: vec![] };
            record.fields.insert(key, cell);
        }
        let form: Values =
            serde_json::from_value(json!({"product.purchased_on": "2024-01-01", "product.installed_on": "2025-11-20"}))
                .unwrap();
        let found = terms(Some(&record), &form);
        assert_eq!((found.purchased, found.installed, found.months), (day("2025-11-12"), day("2025-11-20"), Some(12)));
        assert_eq!(terms(None, &form).purchased, day("2024-01-01"));
        let again = agree(rules, &actor, Uuid::nil(), &record, ("S-1", &asked), "发票");
        assert_eq!(again, Err(Refusal::NothingChanged));
        let ahead = Terms { delivered: day("2026-11-13"), ..Terms::default() };
        assert!(matches!(
            agree(rules, &actor, Uuid::nil(), &record, ("", &ahead), "x"),
            Err(Refusal::Fields(errors)) if errors[0].problem == Problem::InTheFuture
        ));
        let denied = agree(rules, &keeper_actor(role::HANDLER), Uuid::nil(), &record, ("", &asked), "x");
        assert_eq!(denied, Err(Refusal::Denied(Why::WrongRole)));
    }

    #[test]
    fn a_merge_never_closes_a_circle() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let actor = keeper_actor(role::RECEPTION);
        let merge = |into, roots: &[Uuid], reason| merge(&actor, a, &Record::default(), into, roots, reason);
        assert_eq!(merge(Some(b), &[], "同一人").unwrap().set[MERGED_INTO].to, json!(b.to_string()));
        assert_eq!(merge(Some(b), &[a], "同一人"), Err(Refusal::Denied(Why::SameForm)));
        assert_eq!(merge(Some(a), &[], "同一人"), Err(Refusal::Denied(Why::SameForm)));
        assert_eq!(merge(None, &[], "不是"), Err(Refusal::NothingChanged));
        assert_eq!(merge(Some(b), &[], " "), Err(Refusal::ReasonRequired));
    }
}
