//! A visit on a stage: its changes made one after another by people at devices.

use chrono::{DateTime, FixedOffset};
use kefu_domain::change::{ENCODING, act, kind};
use kefu_domain::decide::{self, Asked, Draft, Rules};
use kefu_domain::process::{Actor, role};
use kefu_domain::rules::{Rules as HouseRules, preset};
use kefu_domain::visits::{self, Questionnaire};
use kefu_domain::{Change, CodeLists, Line, Record, Refusal, Stamp, Values};
use serde_json::{Value, json};
use uuid::Uuid;

pub const FORM: Uuid = Uuid::from_u128(0xf0);
pub const HANDLER: u128 = 7;

pub fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

pub fn house() -> HouseRules {
    HouseRules::new(preset("s2").unwrap(), &kefu_domain::calendar::Years::shipped()).unwrap()
}

pub fn actor(seat: u128, role: &str) -> Actor {
    let seat = Uuid::from_u128(seat);
    Actor { seat, name: format!("成员{seat}"), department: "客服部".into(), roles: [role.to_string()].into() }
}

pub fn visitor() -> Actor {
    actor(1, role::RECEPTION)
}

/// A closed complaint that [`HANDLER`] handled, folded from nothing but what a visit asks of it.
pub fn closed(over: Value) -> Record {
    let mut values: Values = serde_json::from_value(json!({
        "number": "KF-20261102-A03-0001", "received_at": "2026-11-02T08:41:00+08:00", "kind": "complaint",
        "category": "product_fault", "customer.name": "陈秀英", "customer.phone": "13800138021",
    }))
    .unwrap();
    let over: Values = serde_json::from_value(over).unwrap();
    values.extend(over);
    let change = change(
        Draft::new(FORM, kind::FORM, act::REGISTER).setting(values),
        1,
        Uuid::from_u128(1),
        Uuid::from_u128(0xa),
    );
    let mut record = Record::default();
    record.apply(&change);
    record.state = "closed".into();
    record.course.hands = vec![Uuid::from_u128(HANDLER)];
    record
}

pub fn change(draft: Draft, ms: u64, seat: Uuid, device: Uuid) -> Change {
    Change {
        v: ENCODING,
        id: Uuid::from_u128(u128::from(ms) << 64 | device.as_u128()),
        seq: ms,
        at: Stamp { ms, n: 0, device },
        zone: 480,
        seat,
        record: draft.record,
        kind: draft.kind.into(),
        act: draft.act.into(),
        reason: draft.reason,
        set: draft.set,
        add: draft.add,
        strike: draft.strike,
        seen: None,
    }
}

/// A visit and the log it is folded from.
pub struct Stage {
    pub id: Uuid,
    pub log: Vec<Change>,
    pub now: DateTime<FixedOffset>,
}

impl Stage {
    /// The complaint was closed on Friday 2026-11-20.
    pub fn planned() -> Self {
        let closing = at("2026-11-20T09:10:00+08:00");
        let draft = visits::of_closing(&house(), FORM, &closed(json!({})), None, &Record::default(), closing).unwrap();
        let mut stage = Stage { id: draft.record, log: Vec::new(), now: at("2026-11-23T10:00:00+08:00") };
        stage.write(draft, &visitor());
        stage
    }

    pub fn record(&self) -> Record {
        Record::fold(&self.log)
    }

    pub fn write(&mut self, draft: Draft, who: &Actor) {
        let ms = self.log.len() as u64 + 1;
        self.log.push(change(draft, ms, who.seat, Uuid::from_u128(0xa)));
    }

    /// What `who` may do; nothing is written.
    pub fn ask(&self, who: &Actor, act: &str, given: Value) -> Result<Draft, Refusal> {
        let mut values: Values = serde_json::from_value(given).unwrap();
        let mut asked = Asked { act: act.into(), ..Asked::default() };
        if let Some(reason) = values.remove("reason") {
            asked.reason = reason.as_str().unwrap().into();
        }
        if let Some(Value::Object(line)) = values.remove("line") {
            let list = if act == act::VISIT_TRY { visits::ATTEMPTS } else { visits::TASKS };
            let id = Uuid::from_u128(0x1000 + self.log.len() as u128);
            asked.add.insert(list.into(), vec![Line { id, values: line.into_iter().collect(), struck: false }]);
        }
        if let Some(id) = values.remove("strike") {
            asked.strike.push(id.as_str().unwrap().parse().unwrap());
        }
        asked.values = values;
        let (record, set) = (self.record(), Questionnaire::shipped());
        let occasion = record.text("occasion").unwrap_or_default().to_string();
        let (template, codes) = visits::template(&set, &occasion, &CodeLists::shipped());
        let rules = Rules { template: &template, codes: &codes, now: self.now };
        decide::visit(rules, who, self.id, &record, &set, asked)
    }

    pub fn act(&mut self, who: &Actor, act: &str, given: Value) -> Result<Record, Refusal> {
        let draft = self.ask(who, act, given)?;
        self.write(draft, who);
        Ok(self.record())
    }

    /// Nobody answers at `moment`.
    pub fn tries(&mut self, moment: &str) -> String {
        self.now = at(moment);
        self.act(&visitor(), act::VISIT_TRY, json!({"line": {"outcome": "no_answer", "means": "phone"}})).unwrap().state
    }
}
