//! The board against counting by hand: whatever the staff does, each queue holds the forms it says it holds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod office;

use std::collections::BTreeSet;

use kefu_app::wire::QueueRequest;
use kefu_domain::clocks::Facts;
use kefu_domain::decide::{self, Asked, Receiver, Rules};
use kefu_domain::process::condition::{asks, chase_open, measure_done, measure_open, query_open};
use kefu_domain::process::{Actor, offers, role};
use kefu_domain::rules::RuleSets;
use kefu_domain::{CodeLists, FormNumber, Line, Record, Template, Values};
use kefu_local::Store;
use kefu_testkit::form;
use office::{Office, START, bare};
use serde_json::json;
use uuid::Uuid;

/// The same walk in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}

/// What an act is given so that nothing of it is missing.
fn given(dice: &mut Dice, act: &str, record: &Record, people: &[Actor], other: Uuid) -> Asked {
    let person = &people[dice.below(people.len())];
    let told = json!({"settled_on_spot": true, "outcome.result": "已说明", "outcome.response": ["information"],
        "outcome.told_means": "phone"});
    let values = match act {
        "settle" => told,
        "dispatch" if dice.below(2) == 0 => json!({"dispatch.department": "技术支持部"}),
        "dispatch" => json!({"dispatch.department": person.department, "dispatch.handler": person.name,
            "dispatch.handler_seat": person.seat.to_string(), "dispatch.co_handlers": "质检部、销售部"}),
        "transfer" => json!({"transfer.to": person.name, "transfer.to_seat": person.seat.to_string(),
            "transfer.points": "见记录"}),
        "answer" => json!({"handling.solution": "更换", "handling.replied_means": "phone",
            "handling.promised_at": format!("2026-11-{:02}T12:00:00+08:00", 10 + dice.below(18))}),
        "hand_back" => json!({"outcome.result": "已更换", "outcome.response": ["rework"]}),
        "inform" => json!({"outcome.result": "已更换", "outcome.response": ["rework"], "outcome.told_means": "phone"}),
        "file" => json!({"filing.retention": "y3"}),
        "suspend" => json!({"suspension": (["waiting_customer", "waiting_parts"][dice.below(2)])}),
        "delegate_close" => json!({"close.delegate": person.name, "close.delegate_seat": person.seat.to_string()}),
        "escalate" => json!({"escalation.level": record.course.level + 1}),
        "merge" => json!({"merged_into": other.to_string()}),
        _ => json!({}),
    };
    let line = match act {
        "chase" => Some(("chases", json!({"whom": person.name, "content": "催"}))),
        "answer_chase" => Some(("chases", json!({"answer": "在办"}))),
        "query" if dice.below(2) == 0 => Some(("queries", json!({"question": "在保吗", "whom": person.department}))),
        "query" => {
            Some(("queries", json!({"question": "在保吗", "whom": person.name, "whom_seat": person.seat.to_string()})))
        }
        "query_answer" => Some(("queries", json!({"answer": "在保", "source": "合同"}))),
        "measure_add" => Some((
            "measures",
            json!({"type": "corrective", "content": "培训", "owner": person.name, "owner_seat": person.seat.to_string(),
                "due": "2026-12-01"}),
        )),
        "measure_done" => Some(("measures", json!({"result": "已做"}))),
        "measure_verify" => Some(("measures", json!({"effective": true}))),
        "note" => Some(("process", json!({"note": "记一笔"}))),
        _ => None,
    };
    let mut asked = Asked {
        act: act.into(),
        values: serde_json::from_value(values).unwrap(),
        reason: "按规定".into(),
        ..Asked::default()
    };
    if let Some((list, line)) = line {
        let values: Values = serde_json::from_value(line).unwrap();
        asked.add.insert(list.into(), vec![Line { id: Uuid::now_v7(), values, struck: false }]);
        if matches!(act, "answer_chase" | "query_answer" | "measure_done" | "measure_verify") {
            let lines = record.lists.get(list).into_iter().flatten().filter(|line| !line.struck);
            let waits = |line: &&Line| match act {
                "answer_chase" => chase_open(line),
                "query_answer" => query_open(line),
                "measure_done" => measure_open(line),
                _ => measure_done(line),
            };
            asked.strike.extend(lines.filter(waits).map(|line| line.id).take(1));
        }
    }
    asked
}

/// Forms whose acts are drawn by lot; acts that the rules refuse are left out.
async fn walks(store: &Store, people: &[Actor], dice: &mut Dice, forms: u32) -> Vec<Uuid> {
    let (template, codes) = (Template::registration(), CodeLists::shipped());
    let start = chrono::DateTime::parse_from_rfc3339(START).unwrap();
    let mut all: Vec<Uuid> = Vec::new();
    for serial in 1..=forms {
        let mut now = start + chrono::TimeDelta::minutes(dice.below(5 * 24 * 60) as i64);
        let mut door = store.door(now).await.unwrap();
        let number = FormNumber { day: now.date_naive(), device: "A03".parse().unwrap(), serial };
        let id = Uuid::now_v7();
        let kind = ["complaint", "repair", "consult"][dice.below(3)];
        let values = form(json!({"received_at": now.to_rfc3339(), "kind": kind, "demands": ["repair"],
            "channel": (["hotline", "regulator"][dice.below(2)])}));
        let receiver = Receiver { name: &people[0].name, employee_number: "", department: &people[0].department };
        let rules = Rules { template: &template, codes: &codes, now };
        let draft = decide::register(rules, id, &number, receiver, values, vec![]).unwrap();
        door.write(draft, people[0].seat).await.unwrap();
        for _ in 0..dice.below(22) {
            now += chrono::TimeDelta::minutes(1 + dice.below(900) as i64);
            door.set_now(now);
            let record = door.record(id).await.unwrap().unwrap();
            let actor = &people[dice.below(people.len())];
            let could = offers(actor, &record);
            let beside = ["void", "merge", "undo", "print", "consent", "reveal"];
            let could: Vec<_> = could.iter().filter(|o| o.verdict.is_ok()).map(|o| o.act).collect();
            let Some(act) = could.get(dice.below(could.len())) else { continue };
            if beside.contains(act) && dice.below(6) > 0 {
                continue;
            }
            let other = all.last().copied().unwrap_or(Uuid::nil());
            let asked = given(dice, act, &record, people, other);
            let rules = Rules { template: &template, codes: &codes, now };
            if let Ok(draft) = decide::act(rules, actor, id, &record, asked) {
                door.write(draft, actor.seat).await.unwrap();
            }
        }
        door.commit().await.unwrap();
        all.push(id);
    }
    all
}

/// The queues of `actor` that `record` belongs into, by reading it: nothing of the board is used here.
fn belongs(
    record: &Record,
    actor: &Actor,
    rules: &RuleSets,
    now: chrono::DateTime<chrono::FixedOffset>,
) -> BTreeSet<&'static str> {
    let (me, course) = (actor.seat, &record.course);
    let has = |role: &str| actor.roles.contains(role);
    let state = record.state.as_str();
    let open = !["archived", "voided", "merged"].contains(&state);
    let standing = |list: &str| record.lists.get(list).into_iter().flatten().filter(|line| !line.struck);
    let department = record.text("dispatch.department") == Some(actor.department.as_str());
    let held = course.holder == Some(me);
    let follows = course.followers.contains(&me);
    let (desk, office, handler, boss) =
        (has(role::RECEPTION), has(role::RECORDS), has(role::HANDLER), has(role::SUPERVISOR));
    let everything = office || boss;
    let co = record.text("dispatch.co_handlers").is_some_and(|names| names.contains(&actor.department));
    let concerned = everything
        || (desk && (follows || ["to_inform", "informed"].contains(&state)))
        || (handler && (department || held || course.offered_to == Some(me) || co));
    let running = rules.running(&Facts::of(record), now);
    let late = running.iter().any(|clock| clock.stopped.is_none() && clock.overdue);
    let midnight = "2026-11-13T00:00:00+08:00";
    let first = running.iter().find(|clock| clock.stopped.is_none() && !clock.paused).and_then(|clock| clock.due.ok());
    let today = !late && first.is_some_and(|due| due <= chrono::DateTime::parse_from_rfc3339(midnight).unwrap());
    let named = record.text("dispatch.handler").is_none_or(|name| name == actor.name);
    let free = held || (department && course.holder.is_none() && named);
    let chased = open && standing("chases").any(chase_open);
    let queried = open && standing("queries").any(query_open);
    let asked = standing("queries").any(|line| query_open(line) && asks(line, actor));
    let measures = standing("measures").any(|line| measure_open(line) || measure_done(line));
    let own =
        standing("measures").any(|l| measure_open(l) && l.values.get("owner_seat") == Some(&json!(me.to_string())));
    [
        ("to_dispatch", everything && state == "to_dispatch"),
        ("to_accept", state == "dispatched" && (everything || (handler && free))),
        (
            "mine",
            (desk && state == "registered" && follows)
                || (handler && held && ["handling", "answered", "carrying_out"].contains(&state)),
        ),
        ("due_today", concerned && open && today),
        ("overdue", concerned && open && late),
        ("to_inform", desk && state == "to_inform"),
        ("to_close", state == "informed" && (desk || course.delegates.contains(&me))),
        ("to_file", office && state == "closed"),
        ("suspended", state == "suspended" && (everything || (desk && follows) || (handler && held))),
        ("chased", chased && (everything || (handler && (department || held)))),
        ("queried", queried && (everything || asked || (desk && follows) || (handler && (department || held)))),
        ("offered", open && course.offered_to == Some(me)),
        ("following", desk && open && follows),
        ("measures", if boss || has(role::INSPECTOR) { measures } else { own }),
        ("out_of_place", boss && !record.out_of_place.is_empty()),
        ("open", boss && open),
    ]
    .into_iter()
    .filter_map(|(key, belongs)| belongs.then_some(key))
    .collect()
}

#[tokio::test]
async fn every_queue_holds_what_reading_all_forms_finds() {
    let office = Office::new().await;
    let people = office.actors();
    let store = office.store().await;
    let mut dice = Dice(7);
    let ids = walks(&store, &people, &mut dice, 160).await;
    let mut records = Vec::new();
    for id in &ids {
        records.push((*id, store.record(*id).await.unwrap().unwrap()));
    }
    let rules = store.rules().await.unwrap();
    store.close().await;
    office.goes_to("2026-11-12T15:00:00+08:00");
    let now = office.now();
    let (mut filled, mut checked) = (BTreeSet::new(), 0);
    for actor in &people {
        office.sits(&actor.name).await;
        // Visits are counted there and have a list of their own.
        for queue in office.desk.board().await.unwrap().queues.into_iter().filter(|queue| queue.key != "visits") {
            let belonging =
                records.iter().filter(|(_, r)| belongs(r, actor, &rules.sets, now).contains(queue.key.as_str()));
            let expected: BTreeSet<Uuid> = belonging.map(|(id, _)| *id).collect();
            let request = QueueRequest { key: queue.key.clone(), offset: 0, limit: 100 };
            let first = office.desk.queue(request).await.unwrap();
            let second = QueueRequest { key: queue.key.clone(), offset: 100, limit: 100 };
            let mut rows = first.rows;
            rows.extend(office.desk.queue(second).await.unwrap().rows);
            let found: BTreeSet<Uuid> = rows.iter().map(|row| row.form.id).collect();
            assert_eq!(found, expected, "{} of {}", queue.key, actor.name);
            assert_eq!((queue.count as usize, first.total), (expected.len(), queue.count), "{}", queue.key);
            let late = rows.iter().filter(|row| row.clock.as_ref().is_some_and(|clock| clock.overdue)).count();
            assert_eq!(queue.overdue as usize, late, "overdue in {} of {}", queue.key, actor.name);
            let marked = rows.iter().filter(|row| row.mark.is_some()).count();
            assert_eq!(queue.marked as usize, marked, "marked in {} of {}", queue.key, actor.name);
            let running = rows.iter().filter(|row| row.form.state != "suspended");
            let dues = running.map(|row| row.clock.as_ref().and_then(|clock| clock.due.as_deref()));
            let order: Vec<_> = dues.map(|due| (due.is_none(), due)).collect();
            assert!(order.is_sorted(), "the strictest first in {} of {}", queue.key, actor.name);
            checked += rows.len();
            if !rows.is_empty() {
                filled.insert(queue.key);
            }
        }
    }
    assert!(checked > 400, "only {checked} rows: the walks were too short");
    let missing: Vec<_> = [
        "to_dispatch",
        "to_accept",
        "mine",
        "overdue",
        "due_today",
        "to_close",
        "suspended",
        "measures",
        "chased",
        "queried",
    ]
    .into_iter()
    .filter(|key| !filled.contains(*key))
    .collect();
    assert!(missing.is_empty(), "never filled: {missing:?} of {filled:?}");
    assert!(office.desk.verify().await.unwrap().problems.is_empty());

    // The bites: a row that is not what its record gives is named.
    office.desk.lock().await;
    let mut connection = bare(office.folder.path(), &office.key).await;
    sqlx::query("UPDATE board SET due = 0 WHERE row = (SELECT min(row) FROM board)")
        .execute(&mut connection)
        .await
        .unwrap();
    drop(connection);
    office.sits("钱敏").await;
    assert_eq!(office.desk.verify().await.unwrap().problems.len(), 1);
}

/// Guards that a desk of an earlier version comes over whole: its forms get their course, also where the program ends in
/// the middle of it.
#[tokio::test]
async fn an_earlier_desk_is_folded_anew_once() {
    let office = Office::new().await;
    let store = office.store().await;
    let people = office.actors();
    walks(&store, &people, &mut Dice(11), 40).await;
    store.close().await;
    let mut connection = bare(office.folder.path(), &office.key).await;
    // As an earlier program left it: no course in the records, no board, no registry, nothing masked, no visits.
    for sql in [
        "UPDATE records SET body = json_remove(body, '$.course', '$.undoable', '$.out_of_place') WHERE kind = 'form'",
        "DROP TABLE visits",
        "DROP TABLE board",
        "DROP TABLE parties",
        "DROP TABLE customers",
        "ALTER TABLE indexed DROP COLUMN folded",
        "ALTER TABLE indexed DROP COLUMN rules",
        "ALTER TABLE indexed DROP COLUMN timed",
        "ALTER TABLE indexed DROP COLUMN masking",
        "ALTER TABLE indexed DROP COLUMN masked",
        "ALTER TABLE forms DROP COLUMN seen",
        "ALTER TABLE forms DROP COLUMN masking",
        "DELETE FROM _sqlx_migrations WHERE version IN (5, 6, 9, 11, 16)",
    ] {
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    drop(connection);
    office.sits("钱敏").await;
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
    let before = office.queues().await;
    assert!(before.contains("open "), "{before}");

    office.desk.lock().await;
    let mut connection = bare(office.folder.path(), &office.key).await;
    // Cut off after the first records: those are folded, the others are not, and the board holds nothing yet.
    let middle: i64 = sqlx::query_scalar("SELECT row FROM records WHERE kind = 'form' ORDER BY row LIMIT 1 OFFSET 15")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let strip = "UPDATE records SET body = json_remove(body, '$.course', '$.undoable', '$.out_of_place') \
                 WHERE kind = 'form' AND row > ?";
    sqlx::query(strip).bind(middle).execute(&mut connection).await.unwrap();
    sqlx::query("DELETE FROM board").execute(&mut connection).await.unwrap();
    sqlx::query("UPDATE indexed SET place = 0, folded = ?").bind(middle).execute(&mut connection).await.unwrap();
    drop(connection);
    office.sits("钱敏").await;
    assert_eq!(office.queues().await, before);
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}
