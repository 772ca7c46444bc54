//! Field service as a whole: parts are conserved whatever the order of arrival, and who may do what with a sheet.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use kefu_domain::change::{ENCODING, act, kind};
use kefu_domain::decide::{Draft, Rules};
use kefu_domain::field::stock::{self, Move, moves, record_id, sums, van};
use kefu_domain::field::{self, Given, State, acts, code_lists, dispatch, sheet, signature, template};
use kefu_domain::process::{Actor, Why, role};
use kefu_domain::{Change, CodeLists, Line, Record, Refusal, Stamp, Values};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn now() -> chrono::DateTime<chrono::FixedOffset> {
    "2026-11-12T10:00:00+08:00".parse().unwrap()
}

fn change(draft: Draft, ms: u64, device: u128) -> Change {
    Change {
        v: ENCODING,
        id: Uuid::from_u128(u128::from(ms) << 16 | device),
        seq: ms,
        at: Stamp { ms, n: 0, device: Uuid::from_u128(device) },
        zone: 480,
        seat: Uuid::from_u128(device),
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

fn actor(seat: u128, roles: &[&str]) -> Actor {
    let roles = roles.iter().map(|role| role.to_string()).collect();
    Actor { seat: Uuid::from_u128(seat), name: format!("成员{seat}"), department: "维修部".into(), roles }
}

fn values(value: Value) -> Values {
    serde_json::from_value(value).unwrap()
}

/// A sheet assigned to seat 1, and whoever asks something of it.
struct Visit {
    record: Record,
    ms: u64,
}

const SHEET: Uuid = Uuid::from_u128(0x5ee7);

impl Visit {
    fn dispatched() -> Self {
        let (template, codes) = (template(), code_lists(CodeLists::shipped()));
        let rules = Rules { template: &template, codes: &codes, now: now() };
        let given = json!({
            "customer.name": "陈秀英", "type": "repair", "urgency": "normal", "engineer": "成员1",
            "engineer_seat": Uuid::from_u128(1).to_string(), "planned.from": "2026-11-12T09:00:00+08:00",
        });
        let office = actor(9, &[role::RECORDS]);
        let draft = dispatch::dispatch(rules, &office, SHEET, "FW-1", values(given)).unwrap();
        let mut record = Record::default();
        record.apply(&change(draft, 1, 9));
        Visit { record, ms: 1 }
    }

    fn ask(&mut self, who: &Actor, act: &str, given: Value) -> Result<(), Refusal> {
        let (template, codes) = (template(), code_lists(CodeLists::shipped()));
        let rules = Rules { template: &template, codes: &codes, now: now() };
        self.ms += 1;
        let line = |nth: usize, line: &Value| Line {
            id: Uuid::from_u128(u128::from(self.ms) << 8 | nth as u128),
            values: values(line.clone()),
            struck: false,
        };
        let add = given["add"].as_array().into_iter().flatten().enumerate().map(|(n, l)| line(n, l)).collect();
        let given = Given {
            act: act.into(),
            values: given.get("values").map(|v| values(v.clone())).unwrap_or_default(),
            add,
            strike: Vec::new(),
            reason: given["reason"].as_str().unwrap_or_default().into(),
            content: String::from_utf8(signature::content(&self.record)).unwrap(),
        };
        let draft = acts::decide(rules, who, SHEET, &self.record, given)?;
        self.record.apply(&change(draft, self.ms, 1));
        Ok(())
    }
}

fn why(result: Result<(), Refusal>) -> String {
    match result {
        Ok(()) => "done".into(),
        Err(Refusal::Denied(why)) => json!(why)["code"].as_str().unwrap().into(),
        Err(Refusal::Fields(errors)) => errors
            .iter()
            .map(|e| format!("{}:{}", e.field, json!(e.problem).as_str().unwrap()))
            .collect::<Vec<_>>()
            .join(" "),
        Err(other) => format!("{other:?}"),
    }
}

const INK: &str = "M10 20L30 40L50 60L70 80L90 90L100 100L110 110L120 120";

#[test]
fn a_visit_from_dispatch_to_the_second_signature() {
    let (mine, other, office) =
        (actor(1, &[role::TECHNICIAN]), actor(2, &[role::TECHNICIAN]), actor(9, &[role::RECORDS]));
    let mut visit = Visit::dispatched();
    let check = |visit: &mut Visit, who: &Actor, act: &str, given: Value, expected: &str| {
        assert_eq!(why(visit.ask(who, act, given)), expected, "{act}");
    };
    check(&mut visit, &other, act::ACCEPT, json!({}), "not_assigned");
    check(&mut visit, &office, act::ACCEPT, json!({}), "wrong_role");
    check(&mut visit, &mine, field::act::FILL, json!({"values": {"measures": "x"}}), "wrong_state");
    check(&mut visit, &mine, act::ACCEPT, json!({}), "done");
    check(&mut visit, &mine, act::ACCEPT, json!({}), "wrong_state");
    check(&mut visit, &mine, field::act::SIGN, json!({}), "wrong_state");
    check(&mut visit, &mine, field::act::SET_OUT, json!({}), "done");
    check(&mut visit, &mine, field::act::ARRIVE, json!({}), "done");
    check(&mut visit, &mine, act::VOID, json!({"reason": "x"}), "wrong_state");
    let sign = |party: &str| json!({"add": [{"party": party, "path": INK}]});
    check(&mut visit, &mine, field::act::SIGN, sign("technician"), "guard_missing");
    let part = json!({"name": "点火针", "part": "P-1", "count": 2, "price": 1250});
    let fill = |total: i64| {
        json!({"values": {"measures": "换点火针", "result": "ok", "cost.minutes": 45, "cost.hourly": 8000,
            "cost.travel": 3000, "cost.total": total}, "add": [part]})
    };
    check(&mut visit, &mine, field::act::FILL, fill(11_499), "cost.total:out_of_range");
    check(&mut visit, &mine, field::act::FILL, fill(11_500), "done");
    check(
        &mut visit,
        &mine,
        field::act::FILL,
        json!({"values": {"rating.overall": "satisfied"}}),
        "rating.overall:not_yours",
    );
    check(&mut visit, &mine, field::act::RATE, json!({"values": {"rating.overall": "very_satisfied"}}), "done");
    check(&mut visit, &mine, field::act::RATE, json!({"values": {"rating.overall": "very_satisfied"}}), "nothing_open");
    check(
        &mut visit,
        &mine,
        act::CORRECT,
        json!({"values": {"rating.overall": "fair"}, "reason": "x"}),
        "rating.overall:not_yours",
    );
    check(
        &mut visit,
        &mine,
        field::act::SIGN,
        json!({"add": [{"party": "customer", "path": "M1 1"}]}),
        "signatures.path:required",
    );
    check(
        &mut visit,
        &mine,
        field::act::SIGN,
        json!({"add": [{"party": "customer", "declined": "refused"}]}),
        "signatures.reason:required",
    );
    check(
        &mut visit,
        &mine,
        field::act::SIGN,
        json!({"add": [{"party": "technician", "declined": "absent", "reason": "x"}]}),
        "signatures.declined:unknown_option",
    );
    check(&mut visit, &mine, field::act::SIGN, sign("technician"), "done");
    check(&mut visit, &mine, field::act::SIGN, sign("customer"), "done");
    let standing = |visit: &Visit| {
        let hash = String::from_utf8(signature::content(&visit.record)).unwrap();
        signature::PARTIES.map(|party| signature::standing_of(&visit.record, party, &hash))
    };
    assert_eq!(standing(&visit), [signature::Standing::Valid; 2]);
    check(&mut visit, &mine, field::act::LEAVE, json!({}), "done");
    assert_eq!(standing(&visit), [signature::Standing::Valid; 2], "leaving voids nothing");
    check(&mut visit, &mine, field::act::FILL, json!({"values": {"measures": "换点火针两支"}}), "done");
    assert_eq!(standing(&visit), [signature::Standing::Void; 2]);
    check(
        &mut visit,
        &mine,
        field::act::SIGN,
        json!({"add": [{"party": "customer", "declined": "absent", "reason": "已外出"}]}),
        "done",
    );
    check(&mut visit, &mine, field::act::SIGN, sign("technician"), "done");
    assert_eq!(standing(&visit), [signature::Standing::Valid, signature::Standing::Declined]);
    // What becomes of the old part is told later, by two people, and is not what was signed.
    let of = visit.record.lists[field::PARTS][0].id.to_string();
    let told = |old: &str| json!({"add": [{"of": of, "old": old, "tracking": "SF1"}]});
    check(&mut visit, &mine, field::act::RETURN_PART, told("sent"), "done");
    check(&mut visit, &mine, field::act::RETURN_PART, told("confirmed"), "returns.old:not_yours");
    check(&mut visit, &office, field::act::RETURN_PART, told("confirmed"), "done");
    assert_eq!(sheet::parts(&visit.record)[0].values["old"], "confirmed");
    assert_eq!(standing(&visit), [signature::Standing::Valid, signature::Standing::Declined]);
    assert_eq!(sheet::state(&visit.record), State::Done);
}

#[test]
fn times_stay_in_their_order() {
    let mine = actor(1, &[role::TECHNICIAN]);
    let mut visit = Visit::dispatched();
    for act in [act::ACCEPT, field::act::SET_OUT, field::act::ARRIVE] {
        visit.ask(&mine, act, json!({})).unwrap();
    }
    let ask = |visit: &mut Visit, at: &str| {
        why(visit.ask(&mine, act::CORRECT, json!({"values": {"times.set_out": at}, "reason": "忘记点了"})))
    };
    assert_eq!(ask(&mut visit, "2026-11-12T09:30:00+08:00"), "times.set_out:out_of_range", "before accepting");
    assert_eq!(ask(&mut visit, "2026-11-12T10:01:00+08:00"), "times.arrived:out_of_range", "after arriving");
    let earlier = json!({"values": {"times.accepted": "2026-11-12T08:00:00+08:00", "times.set_out": "2026-11-12T09:30:00+08:00"}, "reason": "忘记点了"});
    assert_eq!(why(visit.ask(&mine, act::CORRECT, earlier)), "done");
}

/// Every act × state × who: what the table allows, as a picture that a change of the table has to change.
#[test]
fn who_may_do_what() {
    let states = [
        ("待派", json!({})),
        ("已派", json!({"engineer_seat": Uuid::from_u128(1).to_string()})),
        ("到达", json!({"engineer_seat": Uuid::from_u128(1).to_string(), "times.arrived": "t"})),
        ("完成", json!({"engineer_seat": Uuid::from_u128(1).to_string(), "times.left": "t"})),
        ("取消", json!({"engineer_seat": Uuid::from_u128(1).to_string(), "cancelled_at": "t"})),
    ];
    let people = [
        ("mine", actor(1, &[role::TECHNICIAN])),
        ("other", actor(2, &[role::TECHNICIAN])),
        ("office", actor(9, &[role::RECORDS])),
        ("admin", actor(8, &[role::ADMIN])),
    ];
    let mut picture = String::new();
    for (who, actor) in &people {
        for (state, fields) in &states {
            let draft = Draft::new(SHEET, kind::SERVICE, act::DISPATCH).setting(values(fields.clone()));
            let record = Record::fold([&change(draft, 1, 1)]);
            let acts: BTreeSet<&str> = acts::TABLE.iter().map(|row| row.act).collect();
            let may: Vec<&str> = acts.into_iter().filter(|act| acts::may(actor, &record, act).is_ok()).collect();
            if !may.is_empty() {
                picture += &format!("{who} {state}: {}\n", may.join(" "));
            }
        }
    }
    assert_eq!(
        picture,
        "mine 已派: accept arrive decline print set_out\n\
         mine 到达: correct fill leave photo print rate return_part sign\n\
         mine 完成: correct fill photo print rate return_part sign\n\
         mine 取消: print\n\
         office 待派: correct move print void\n\
         office 已派: correct move print void\n\
         office 到达: correct print return_part\n\
         office 完成: correct print return_part\n\
         office 取消: print\n"
    );
    let fresh = Record::default();
    assert!(acts::may(&people[2].1, &fresh, act::DISPATCH).is_ok());
    assert_eq!(acts::may(&people[0].1, &fresh, act::DISPATCH), Err(Why::WrongRole));
    assert_eq!(acts::may(&people[0].1, &fresh, "teleport"), Err(Why::UnknownAct));
}

#[test]
fn a_technician_moves_his_own_parts() {
    let (mine, office) = (actor(1, &[role::TECHNICIAN]), actor(9, &[role::RECORDS]));
    let check = |who: &Actor, from: &str, to: &str, count: i64, reason: &str, expected: &str| {
        let (part, name) = ("P-1".to_string(), "点火针".to_string());
        let asked = Move {
            line: Uuid::from_u128(1),
            part,
            name,
            serial: String::new(),
            count,
            from: from.into(),
            to: to.into(),
        };
        let found = stock::take(who, now(), &Record::default(), &asked, reason).map(drop);
        assert_eq!(why(found), expected, "{from} → {to}");
    };
    let (own, foreign) = (van(Uuid::from_u128(1)), van(Uuid::from_u128(2)));
    check(&mine, "store", &own, 3, "", "done");
    check(&mine, &own, "scrap", 1, "", "done");
    check(&mine, "store", &foreign, 3, "", "not_assigned");
    check(&mine, "store", "scrap", 3, "", "not_assigned");
    check(&mine, "supplier", &own, 3, "", "not_assigned");
    check(&office, "supplier", "store", 3, "", "done");
    check(&office, "supplier", "customer", 3, "", "to:unknown_option");
    check(&office, "store", "store", 3, "", "to:unknown_option");
    check(&office, "store", "moon", 3, "", "to:unknown_option");
    check(&office, "store", &own, 0, "", "count:out_of_range");
    check(&office, "store", "count", 1, "", "ReasonRequired");
    check(&office, "store", "count", 1, "盘亏", "done");
    check(&actor(5, &[role::ADMIN]), "store", &own, 1, "", "wrong_role");
}

/// One thing that a device did while it was alone.
#[derive(Debug, Clone)]
enum Did {
    /// From place to place of the four, so many of one of two parts.
    Moved(usize, usize, usize, i64),
    /// Used so many out of its van on one of three sheets.
    Used(usize, usize, i64),
    /// Struck the line that it wrote so many steps before.
    Struck(usize),
}

fn did() -> impl Strategy<Value = Did> {
    prop_oneof![
        (0usize..5, 0usize..5, 0usize..2, 1i64..40).prop_map(|(a, b, p, n)| Did::Moved(a, b, p, n)),
        (0usize..3, 0usize..2, 1i64..40).prop_map(|(s, p, n)| Did::Used(s, p, n)),
        (0usize..6).prop_map(Did::Struck),
    ]
}

proptest! {
    /// Devices without a network write moves; they meet in any order. Every part is still somewhere, and
    /// each place holds what a plain count of the moves that stand says.
    #[test]
    fn parts_are_conserved_whatever_the_order(
        done in proptest::collection::vec((0u128..4, did()), 1..60),
        order in any::<u64>(),
    ) {
        let places = [stock::STORE.to_string(), van(Uuid::from_u128(1)), van(Uuid::from_u128(2)), stock::SUPPLIER.to_string(), stock::SCRAP.to_string()];
        let parts = ["P-1", "P-2"];
        let mut changes: Vec<Change> = Vec::new();
        // Line → what it moves; the plain count.
        let mut stands: BTreeMap<Uuid, (String, String, &str, i64)> = BTreeMap::new();
        let mut written: BTreeMap<u128, Vec<(Uuid, Uuid, &'static str)>> = BTreeMap::new();
        for (nth, (device, did)) in done.iter().enumerate() {
            let line = Uuid::from_u128(1000 + nth as u128);
            let draft = match did {
                Did::Moved(from, to, part, count) if from != to => {
                    let (from, to) = (places[*from].clone(), places[*to].clone());
                    let asked = Move { line, part: parts[*part].into(), name: "件".into(), serial: String::new(), count: *count, from: from.clone(), to: to.clone() };
                    let id = record_id(stock::home(&asked));
                    let mut draft = Draft::new(id, kind::STOCK, field::act::STOCK);
                    let values = values(json!({"part": parts[*part], "name": "件", "count": count, "from": from, "to": to}));
                    draft.add.insert(stock::MOVES.into(), vec![Line { id: line, values, struck: false }]);
                    stands.insert(line, (from, to, parts[*part], *count));
                    written.entry(*device).or_default().push((id, line, kind::STOCK));
                    draft
                }
                Did::Moved(..) => continue,
                Did::Used(sheet, part, count) => {
                    let id = Uuid::from_u128(50 + *sheet as u128);
                    let from = van(Uuid::from_u128(1 + device % 2));
                    let mut draft = Draft::new(id, kind::SERVICE, field::act::FILL);
                    let values = values(json!({"part": parts[*part], "name": "件", "count": count, "from": from}));
                    draft.add.insert(field::PARTS.into(), vec![Line { id: line, values, struck: false }]);
                    stands.insert(line, (from, stock::CUSTOMER.into(), parts[*part], *count));
                    written.entry(*device).or_default().push((id, line, kind::SERVICE));
                    draft
                }
                Did::Struck(back) => {
                    let own = written.entry(*device).or_default();
                    let Some((id, line, kind)) = own.len().checked_sub(1 + back).map(|at| own[at]) else { continue };
                    let mut draft = Draft::new(id, kind, field::act::FILL);
                    draft.strike.push(line);
                    stands.remove(&line);
                    draft
                }
            };
            // Clocks of lonely devices run apart.
            changes.push(change(draft, nth as u64 + 7 * *device as u64, *device + 16 * nth as u128));
        }
        let mut arrived: Vec<&Change> = changes.iter().collect();
        let mut state = order | 1;
        for i in (1..arrived.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            arrived.swap(i, (state >> 33) as usize % (i + 1));
        }
        let mut records: BTreeMap<Uuid, Vec<&Change>> = BTreeMap::new();
        arrived.iter().for_each(|change| records.entry(change.record).or_default().push(change));
        let folded: Vec<Record> = records.values().map(|changes| Record::fold(changes.iter().copied())).collect();
        let all: Vec<Move> = folded.iter().flat_map(moves).collect();
        let found = sums(&all);

        let mut expected: BTreeMap<(String, String), i64> = BTreeMap::new();
        for (from, to, part, count) in stands.into_values() {
            *expected.entry((from, part.into())).or_default() -= count;
            *expected.entry((to, part.into())).or_default() += count;
        }
        expected.retain(|_, count| *count != 0);
        prop_assert_eq!(&found, &expected);
        for part in parts {
            let everywhere: i64 = found.iter().filter(|((_, of), _)| of == part).map(|(_, count)| count).sum();
            prop_assert_eq!(everywhere, 0, "a part was made or lost");
        }
    }
}
