//! A desk for the tests: people, forms in every state reached by real acts, and what each act is given.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta};
use kefu_domain::change::{ENCODING, act};
use kefu_domain::decide::{self, Asked, Draft, Receiver, Refusal, Rules};
use kefu_domain::fold::state;
use kefu_domain::process::{Actor, Undoable, role};
use kefu_domain::{Change, CodeLists, FormNumber, Line, Record, Stamp, Template};
use serde_json::{Value, json};
use uuid::Uuid;

pub const FORM: Uuid = Uuid::from_u128(0xf0);
pub const RECEPTION: u128 = 1;
pub const RECORDS: u128 = 2;
pub const HANDLER: u128 = 3;
pub const SUPERVISOR: u128 = 4;
pub const OTHER: u128 = 5;
/// The seat that everything of a form prepared by [`mine`] belongs to.
pub const ME: u128 = 9;

/// A person; everybody of these tests sits in 维修部 unless a test moves him.
pub fn person(seat: u128, roles: &[&str]) -> Actor {
    let name = format!("员工{seat}");
    let roles = roles.iter().map(|r| r.to_string()).collect();
    Actor { seat: Uuid::from_u128(seat), name, department: "维修部".into(), roles }
}

/// The person who usually does an act.
pub fn usual(act: &str) -> Actor {
    match act {
        act::DISPATCH | act::FILE | act::MERGE | act::UNMERGE | act::CHASE | act::MEASURE_ADD => {
            person(RECORDS, &[role::RECORDS])
        }
        act::ACCEPT
        | act::DECLINE
        | act::ANSWER
        | act::CARRY_OUT
        | act::HAND_BACK
        | act::ANSWER_CHASE
        | act::QUERY_ANSWER
        | act::MEASURE_DONE
        | act::TRANSFER => person(HANDLER, &[role::HANDLER]),
        act::DELEGATE_CLOSE | act::MEASURE_VERIFY => person(SUPERVISOR, &[role::SUPERVISOR]),
        _ => person(RECEPTION, &[role::RECEPTION]),
    }
}

/// A form with its log.
#[derive(Clone)]
pub struct Desk {
    pub log: Vec<Change>,
    pub record: Record,
    template: Template,
    codes: CodeLists,
    pub now: DateTime<FixedOffset>,
    ids: u128,
}

impl Desk {
    /// A form that [`RECEPTION`] has registered.
    pub fn new() -> Self {
        let now = DateTime::parse_from_rfc3339("2026-11-02T09:00:00+08:00").unwrap();
        let (template, codes) = (Template::registration(), CodeLists::shipped());
        let mut desk = Desk { log: vec![], record: Record::default(), template, codes, now, ids: 1 };
        let number = FormNumber { day: "2026-11-02".parse().unwrap(), device: "A".parse().unwrap(), serial: 1 };
        let values = serde_json::from_value(json!({
            "received_at": "2026-11-02T08:41:00+08:00", "channel": "hotline", "customer.name": "陈秀英",
            "kind": "complaint", "description": {"text": "热水器打开后火焰熄灭", "marks": []},
        }));
        let receiver = Receiver { name: "员工1", employee_number: "108", department: "客服部" };
        let draft = decide::register(desk.rules(), FORM, &number, receiver, values.unwrap(), vec![]).unwrap();
        desk.write(draft, Uuid::from_u128(RECEPTION));
        desk
    }

    /// A form brought into `state` by the acts that lead there.
    pub fn at(state: &str) -> Self {
        let mut desk = Desk::new();
        let main = [
            (state::REGISTERED, ""),
            (state::TO_DISPATCH, act::PASS_ON),
            (state::DISPATCHED, act::DISPATCH),
            (state::HANDLING, act::ACCEPT),
            (state::ANSWERED, act::ANSWER),
            (state::CARRYING_OUT, act::CARRY_OUT),
            (state::TO_INFORM, act::HAND_BACK),
            (state::INFORMED, act::INFORM),
            (state::CLOSED, act::CLOSE),
            (state::ARCHIVED, act::FILE),
        ];
        let goal = match state {
            state::SUSPENDED => state::HANDLING,
            state::MERGED | state::VOIDED => state::REGISTERED,
            other => other,
        };
        for (reached, act) in main {
            if !act.is_empty() {
                desk.does(&usual(act), act);
            }
            if reached == goal {
                break;
            }
        }
        match state {
            state::SUSPENDED => desk.does(&person(HANDLER, &[role::HANDLER]), act::SUSPEND),
            state::MERGED => desk.does(&usual(act::MERGE), act::MERGE),
            state::VOIDED => desk.does(&usual(act::VOID), act::VOID),
            _ => {}
        }
        assert_eq!(desk.record.state, state);
        desk
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules { template: &self.template, codes: &self.codes, now: self.now }
    }

    pub fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(0xa000_0000 + self.ids)
    }

    /// What `act` is given when nothing is wrong with it.
    pub fn asked(&mut self, act: &str) -> Asked {
        let seat = |seat: u128| Uuid::from_u128(seat).to_string();
        let values = match act {
            act::SETTLE => json!({"settled_on_spot": true, "outcome.result": "已说明用法，客户认可",
                "outcome.response": ["information"], "outcome.told_means": "phone"}),
            act::DISPATCH => json!({"dispatch.department": "维修部"}),
            act::TRANSFER => {
                json!({"transfer.to": "员工5", "transfer.to_seat": seat(OTHER), "transfer.points": "已拍照"})
            }
            act::ANSWER => json!({"handling.solution": "更换点火器", "handling.replied_means": "phone",
                "handling.promised_at": "2026-11-09T18:00:00+08:00"}),
            act::HAND_BACK => json!({"outcome.result": "点火器已更换", "outcome.response": ["rework"]}),
            act::INFORM => json!({"outcome.told_means": "phone", "outcome.response": ["rework"],
                "outcome.result": "点火器已更换，试机正常"}),
            act::DELEGATE_CLOSE => json!({"close.delegate": "员工5", "close.delegate_seat": seat(OTHER)}),
            act::FILE => {
                json!({"customer.type": "person", "category": "product_fault", "filing.retention": "y3"})
            }
            act::SUSPEND => json!({"suspension": "waiting_parts"}),
            act::MERGE => json!({"merged_into": seat(0xf1)}),
            act::ESCALATE => json!({"escalation.level": self.record.course.level + 1}),
            act::VERIFY_IDENTITY => json!({"identity": "order_number"}),
            act::CONSENT => json!({"consents": {"visit": "2026-11-02T08:50:00+08:00"}}),
            act::WITHDRAW_CONSENT => json!({"consent": "recording"}),
            act::CORRECT => json!({"customer.name": "陈秀瑛"}),
            _ => json!({}),
        };
        let line = match act {
            act::CHASE => Some(("chases", json!({"whom": "维修部", "content": "请今天答复客户"}))),
            act::ANSWER_CHASE => Some(("chases", json!({"answer": "下午上门"}))),
            act::QUERY => Some(("queries", json!({"question": "点火器在不在保修内", "whom": "维修部"}))),
            act::QUERY_ANSWER => Some(("queries", json!({"answer": "在，整机三年", "source": "说明书第 21 页"}))),
            act::NOTE => Some(("process", json!({"action": "联系", "note": "已约上门时间"}))),
            act::LOG_CALL => Some(("calls", json!({"direction": "in", "number": "13800138000", "rings": 2}))),
            act::MEASURE_ADD => Some((
                "measures",
                json!({"type": "corrective", "content": "出厂加测点火", "owner": "员工3", "due": "2026-12-01"}),
            )),
            act::MEASURE_DONE => Some(("measures", json!({"result": "已加测"}))),
            act::MEASURE_VERIFY => Some(("measures", json!({"effective": true}))),
            act::DISCLOSE => Some(("disclosures", json!({"recipient": "物流公司", "purpose": "上门取件"}))),
            act::HAND_OUT => Some(("disclosures", json!({"recipient": "客户本人", "purpose": "客户索取"}))),
            act::REVEAL => Some(("reveals", json!({"fields": "customer.phone", "purpose": "回电"}))),
            _ => None,
        };
        let add = line.map(|(list, values)| {
            let line = Line { id: self.id(), values: serde_json::from_value(values).unwrap(), struck: false };
            (list.to_string(), vec![line])
        });
        let open = |list: &str| {
            let lines = self.record.lists.get(list).into_iter().flatten();
            lines.filter(|l| !l.struck).map(|l| l.id).next_back().into_iter().collect::<Vec<_>>()
        };
        let strike = match act {
            act::ANSWER_CHASE => open("chases"),
            act::QUERY_ANSWER => open("queries"),
            act::MEASURE_DONE | act::MEASURE_VERIFY => open("measures"),
            _ => vec![],
        };
        let values = serde_json::from_value(values).unwrap();
        Asked { act: act.into(), values, add: add.into_iter().collect(), strike, reason: "按规定办理".into() }
    }

    /// What the rules say to `actor` who asks for this.
    pub fn decide(&self, actor: &Actor, asked: Asked) -> Result<Draft, Refusal> {
        decide::act(self.rules(), actor, FORM, &self.record, asked)
    }

    /// What the rules say to `actor` who asks for `act` with nothing wrong about it but for `over`.
    pub fn tries(&mut self, actor: &Actor, act: &str, over: Value) -> Result<Draft, Refusal> {
        let mut asked = self.asked(act);
        asked.values.extend(serde_json::from_value::<kefu_domain::Values>(over).unwrap());
        self.decide(actor, asked)
    }

    /// `actor` does `act`, with `over` laid over what it is given.
    #[track_caller]
    pub fn gives(&mut self, actor: &Actor, act: &str, over: Value) {
        match self.tries(actor, act, over) {
            Ok(draft) => self.write(draft, actor.seat),
            Err(refusal) => panic!("{act} in {}: {refusal:?}", self.record.state),
        }
    }

    /// `actor` does `act`.
    #[track_caller]
    pub fn does(&mut self, actor: &Actor, act: &str) {
        self.gives(actor, act, json!({}));
    }

    /// Writes a draft a minute after the last change.
    pub fn write(&mut self, draft: Draft, seat: Uuid) {
        self.now += TimeDelta::minutes(1);
        let change = self.change(draft, seat);
        self.record.apply(&change);
        self.log.push(change);
    }

    /// The change that a draft would become now.
    pub fn change(&mut self, draft: Draft, seat: Uuid) -> Change {
        Change {
            v: ENCODING,
            id: self.id(),
            seq: self.log.len() as u64 + 1,
            at: Stamp { ms: self.now.timestamp_millis() as u64, n: 0, device: Uuid::nil() },
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
}

/// The form of `desk` with everything about it that `act` asks for: it is mine, in my hands, offered to me, and so on.
pub fn mine(desk: &mut Desk, act: &str) {
    let (me, other) = (Uuid::from_u128(ME), Uuid::from_u128(OTHER));
    let record = &mut desk.record;
    let course = &mut record.course;
    course.first = Some(if act == act::UNFOLLOW { other } else { me });
    course.followers = if act == act::FOLLOW { vec![other] } else { vec![me] };
    (course.holder, course.offered_to, course.delegates) = (Some(me), Some(me), vec![me]);
    let mut line = |id: u128, list: &str, values| {
        let line = Line { id: Uuid::from_u128(id), values: serde_json::from_value(values).unwrap(), struck: false };
        record.lists.entry(list.into()).or_default().push(line);
    };
    line(0xc1, "chases", json!({"whom": "维修部", "content": "请答复"}));
    if act == act::QUERY_ANSWER {
        line(0xc3, "queries", json!({"question": "是否在保修内", "whom": "质量部", "whom_seat": me.to_string()}));
    }
    match act {
        act::MEASURE_VERIFY => line(0xc2, "measures", json!({"owner": "员工5", "result": "已加测"})),
        _ => line(0xc2, "measures", json!({"owner": "员工9"})),
    }
    let mut consents = record.fields["kind"].clone();
    consents.value = json!({"disclosure": "2026-11-02T08:50:00+08:00", "recording": "2026-11-02T08:50:00+08:00"});
    record.fields.insert("consents".into(), consents);
    record.undoable = Some(Box::new(Undoable {
        change: Uuid::from_u128(0xcc),
        act: act::NOTE.into(),
        seat: me,
        state: record.state.clone(),
        course: record.course.clone(),
        values: BTreeMap::new(),
        added: vec![],
        struck: vec![],
    }));
}
