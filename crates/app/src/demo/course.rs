//! How far made-up forms have come: most are filed, a few per cent lie all over the process, with a made-up staff.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde_json::{Value, json};
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::{self, Asked, Draft, moment};
use kefu_domain::process::{Actor, role};
use kefu_domain::{Line, Record, Values};
use kefu_local::Door;

use super::Dice;
use crate::desk::Open;
use crate::wire::{Code, Failure};

/// Name, department, roles.
const STAFF: [(&str, &str, &[&str]); 8] = [
    ("李娜", "客服部", &[role::RECEPTION]),
    ("何平", "客服部", &[role::RECORDS]),
    ("周国栋", "技术支持部", &[role::HANDLER]),
    ("吴建明", "技术支持部", &[role::HANDLER, role::TECHNICIAN]),
    ("郑小燕", "销售部", &[role::HANDLER]),
    ("冯秀兰", "客户服务中心", &[role::HANDLER]),
    ("钱敏", "客服部", &[role::SUPERVISOR]),
    ("郑洁", "质检部", &[role::INSPECTOR]),
];
const RECEPTION: usize = 0;
const RECORDS: usize = 1;
const SUPERVISOR: usize = 6;

/// The made-up staff, enrolled.
pub(super) async fn enrol(door: &mut Door, by: Uuid) -> Result<Vec<Actor>, Failure> {
    let mut staff = Vec::with_capacity(STAFF.len());
    for (name, department, roles) in STAFF {
        let seat = Uuid::now_v7();
        let values = json!({"name": name, "department": department, "roles": roles, "active": true});
        door.write(Draft::new(seat, kind::MEMBER, act::ENROL).setting(members(values)), by).await?;
        let roles = roles.iter().map(|role| role.to_string()).collect();
        staff.push(Actor { seat, name: name.into(), department: department.into(), roles });
    }
    Ok(staff)
}

fn members(value: Value) -> Values {
    match value {
        Value::Object(members) => members.into_iter().collect(),
        _ => Values::new(),
    }
}

/// Acts of path B up to each state, in order.
const PATH_B: [&str; 9] = [
    act::PASS_ON,
    act::DISPATCH,
    act::ACCEPT,
    act::ANSWER,
    act::CARRY_OUT,
    act::HAND_BACK,
    act::INFORM,
    act::CLOSE,
    act::FILE,
];

/// Where a form goes: acts in order. Of the forms of the last weeks one in five has stopped somewhere.
fn way(dice: &mut Dice, recent: bool) -> Vec<&'static str> {
    let path_a = [act::SETTLE, act::CLOSE, act::FILE];
    if recent && dice.chance(20) {
        let mut way = PATH_B[..dice.below(PATH_B.len() as u64) as usize].to_vec();
        let beside = [act::CHASE, act::SUSPEND, act::MEASURE_ADD, act::ESCALATE, act::NOTE];
        if dice.chance(50) {
            way.push(*dice.pick(&beside));
        }
        return way;
    }
    match dice.below(100) {
        0..88 => path_a.to_vec(),
        88..99 => PATH_B.to_vec(),
        _ => vec![act::VOID],
    }
}

/// What is still to be done, in the order of time: the log of a desk never goes back.
#[derive(Default)]
pub(super) struct Agenda {
    next: BinaryHeap<Reverse<(DateTime<FixedOffset>, u32)>>,
    forms: BTreeMap<u32, Under>,
}

/// A form under way.
struct Under {
    id: Uuid,
    handler: usize,
    /// What is left, the next act last.
    acts: Vec<&'static str>,
}

impl Agenda {
    /// Sends the form that was just registered as the `nth` on its way.
    pub(super) fn send(&mut self, nth: u32, id: Uuid, now: DateTime<FixedOffset>, recent: bool, dice: &mut Dice) {
        let mut acts = way(dice, recent);
        acts.reverse();
        let handler = 2 + dice.below(4) as usize;
        self.forms.insert(nth, Under { id, handler, acts });
        self.next.push(Reverse((now + pause(dice), nth)));
    }

    /// Does what is due by `now`.
    pub(super) async fn work(
        &mut self,
        open: &Open,
        door: &mut Door,
        staff: &[Actor],
        dice: &mut Dice,
        now: DateTime<FixedOffset>,
    ) -> Result<(), Failure> {
        while let Some(Reverse((at, nth))) = self.next.peek().copied().filter(|Reverse((at, _))| *at <= now) {
            self.next.pop();
            let Some(form) = self.forms.get_mut(&nth) else { continue };
            let Some(act) = form.acts.pop() else {
                self.forms.remove(&nth);
                continue;
            };
            door.set_now(at);
            one(open, door, staff, dice, form, act).await?;
            self.next.push(Reverse((at + pause(dice), nth)));
        }
        Ok(())
    }
}

/// Between two acts mostly minutes pass, sometimes days.
fn pause(dice: &mut Dice) -> TimeDelta {
    let minutes = if dice.chance(75) { 2 + dice.below(40) } else { 60 + dice.below(1500) };
    TimeDelta::minutes(minutes as i64)
}

async fn one(
    open: &Open,
    door: &mut Door,
    staff: &[Actor],
    dice: &mut Dice,
    form: &Under,
    act: &'static str,
) -> Result<(), Failure> {
    let Under { id, handler, .. } = *form;
    let record = door.record(id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
    let actor = match act {
        act::DISPATCH | act::FILE | act::CHASE | act::MEASURE_ADD | act::SUSPEND => &staff[RECORDS],
        act::ACCEPT | act::ANSWER | act::CARRY_OUT | act::HAND_BACK => &staff[handler],
        act::VOID | act::ESCALATE | act::NOTE => &staff[SUPERVISOR],
        _ => &staff[RECEPTION],
    };
    let asked = asked(act, &record, &staff[handler], dice, door.now());
    // What the process does not allow here (a form that was told its result is not chased) is left out.
    if let Ok(draft) = decide::act(open.form().rules(door.now()), actor, id, &record, asked) {
        door.write(draft, actor.seat).await?;
    }
    Ok(())
}

fn asked(act: &str, record: &Record, handler: &Actor, dice: &mut Dice, now: DateTime<FixedOffset>) -> Asked {
    let means = *dice.pick(&["phone", "phone", "wechat", "sms"]);
    let results = ["已说明用法，客户认可。", "已更换故障件，试机正常。", "已退还多收款项。", "已道歉并约定改进。"];
    let result = *dice.pick(&results);
    let response = *dice.pick(&["information", "rework", "refund", "apology"]);
    let promised = moment(now + TimeDelta::days(1 + dice.below(5) as i64));
    let values = match act {
        act::SETTLE => json!({"settled_on_spot": true, "outcome.result": result, "outcome.response": [response],
            "outcome.told_means": means, "outcome.reaction": "满意"}),
        act::DISPATCH => json!({"dispatch.department": handler.department, "dispatch.handler": handler.name,
            "dispatch.handler_seat": handler.seat.to_string()}),
        act::ANSWER => json!({"handling.solution": "上门检查，更换故障件。", "handling.promised_at": promised,
            "handling.replied_means": means, "handling.cause": "使用中磨损"}),
        act::HAND_BACK => json!({"outcome.result": result, "outcome.response": [response]}),
        act::INFORM => json!({"outcome.told_means": means}),
        act::FILE => json!({"filing.retention": "y3"}),
        act::SUSPEND => json!({"suspension": dice.pick(&["waiting_customer", "waiting_parts"])}),
        act::ESCALATE => json!({"escalation.level": 1}),
        _ => json!({}),
    };
    let line = match act {
        act::CHASE => Some(("chases", json!({"whom": handler.name, "content": "客户来电催问，请今天答复。"}))),
        act::MEASURE_ADD => Some((
            "measures",
            json!({"type": "preventive", "content": "出库前加检一次。", "owner": handler.name,
                "owner_seat": handler.seat.to_string(), "due": promised[..10]}),
        )),
        act::NOTE => Some(("process", json!({"note": "客户希望周末上门。"}))),
        _ => None,
    };
    let add = line.map(|(list, line)| {
        let id = Uuid::new_v5(&handler.seat, format!("{act} {:?}", record.last).as_bytes());
        (list.to_string(), vec![Line { id, values: members(line), struck: false }])
    });
    Asked {
        act: act.into(),
        values: members(values),
        add: add.into_iter().collect::<BTreeMap<_, _>>(),
        reason: match act {
            act::VOID => "重复登记".into(),
            act::ESCALATE => "客户再次来电".into(),
            _ => String::new(),
        },
        strike: Vec::new(),
    }
}
