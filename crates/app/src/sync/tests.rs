//! Desks that exchange through a shared database in memory, as good as the protocol's: the real store, the real vault.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::process::role;
use kefu_local::Workspace;
use kefu_sync::wire::{Answer, Answers, Greeting, Mark, Outgoing, Page, Pulled, Row, Welcome, Whole, Wrap};
use kefu_sync::{Remote, Report};
use kefu_testkit::{MemoryRing, now};
use kefu_vault::roster::MemberAct;
use kefu_vault::{Certificate, DeskKey, Issuer, Roster, SeatId, SeatKeys, Server, WorkspaceRoot, WrapKey};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::Identity;
use crate::Desk;
use crate::wire::{Code, Failure, ResolveRequest, SetupRequest, StandingProblem};

/// Rows of a page.
const PAGE: usize = 7;

/// All that a server keeps: rows in order with the chain over them, the wraps with the place they came with.
#[derive(Default)]
struct Kept {
    rows: Vec<(Outgoing, [u8; 32])>,
    wraps: Vec<(u64, Wrap)>,
    sent: HashMap<(Uuid, u64), ([u8; 32], Answer)>,
    last: HashMap<Uuid, u64>,
    refuse: Option<(&'static str, &'static str)>,
}

#[derive(Default, Clone)]
struct Memory(Arc<Mutex<Kept>>);

/// The line breaks at the call of this number, before or after the server has done it.
struct Breaking {
    memory: Memory,
    left: AtomicUsize,
    after: bool,
}

impl Breaking {
    async fn call<T>(&self, done: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let broken = || Failure::new(Code::SharedUnreachable);
        let last = match self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
            Ok(left) => left == 1,
            Err(_) => return Err(broken()),
        };
        if last && !self.after {
            return Err(broken());
        }
        let answer = done.await?;
        if last { Err(broken()) } else { Ok(answer) }
    }
}

impl Remote for Breaking {
    type Error = Failure;

    async fn hello(&self, greeting: Greeting) -> Result<Welcome, Failure> {
        self.call(self.memory.hello(greeting)).await
    }

    async fn push(&self, changes: Vec<Outgoing>) -> Result<Answers, Failure> {
        self.call(self.memory.push(changes)).await
    }

    async fn pull(&self, after: Mark) -> Result<Pulled, Failure> {
        self.call(self.memory.pull(after)).await
    }

    async fn pull_record(&self, record: Uuid) -> Result<Option<Whole>, Failure> {
        self.call(self.memory.pull_record(record)).await
    }
}

impl Remote for Memory {
    type Error = Failure;

    async fn hello(&self, greeting: Greeting) -> Result<Welcome, Failure> {
        let kept = self.0.lock().unwrap();
        let holds = |mark: &&Mark| {
            let index = (mark.seq as usize).checked_sub(1);
            index.and_then(|index| kept.rows.get(index)).is_some_and(|(_, chain)| *chain == mark.hash)
        };
        let own = greeting
            .own
            .iter()
            .find(|head| kept.sent.get(&(greeting.device, head.seq)).is_some_and(|(digest, _)| *digest == head.digest));
        Ok(Welcome {
            now_ms: now().timestamp_millis().cast_unsigned(),
            epoch: 1,
            matched: greeting.marks.iter().find(holds).map_or(0, |mark| mark.seq),
            own: own.map_or(0, |head| head.seq),
        })
    }

    async fn push(&self, changes: Vec<Outgoing>) -> Result<Answers, Failure> {
        let mut kept = self.0.lock().unwrap();
        let mut each: Vec<Answer> = Vec::new();
        for change in changes {
            if each.last().is_some_and(|answer| *answer == Answer::Refused("forked".into())) {
                each.push(Answer::Refused("forked".into()));
                continue;
            }
            let (device, seq) = (change.envelope.device, change.envelope.seq);
            if let Some((digest, answer)) = kept.sent.get(&(device, seq)) {
                let known = |answer: &Answer| match answer {
                    Answer::Ok(place) => Answer::Known(*place),
                    other => other.clone(),
                };
                let forked = Answer::Refused("forked".into());
                each.push(if *digest == change.digest { known(answer) } else { forked });
                continue;
            }
            assert_eq!(kept.last.get(&device).copied().unwrap_or(0) + 1, seq, "dense numbers");
            kept.last.insert(device, seq);
            let refused = kept.refuse.filter(|(act, _)| *act == change.envelope.act);
            let answer = match refused {
                Some((_, code)) => Answer::Refused(code.into()),
                None => {
                    let place = kept.rows.len() as u64 + 1;
                    let before = kept.rows.last().map_or([0; 32], |(_, chain)| *chain);
                    let chain = kefu_vault::Head { seq: 0, link: before }.then(&change.digest).link;
                    let came: Vec<Wrap> = change.wraps.clone();
                    kept.wraps.extend(came.into_iter().map(|wrap| (place, wrap)));
                    kept.rows.push((change.clone(), chain));
                    Answer::Ok(place)
                }
            };
            kept.sent.insert((device, seq), (change.digest, answer.clone()));
            each.push(answer);
        }
        Ok(Answers { now_ms: now().timestamp_millis().cast_unsigned(), each })
    }

    async fn pull(&self, after: Mark) -> Result<Pulled, Failure> {
        let kept = self.0.lock().unwrap();
        let from = after.seq as usize;
        let to = kept.rows.len().min(from + PAGE);
        let rows = (from..to).map(|i| Row { seq: i as u64 + 1, envelope: kept.rows[i].0.envelope.clone() }).collect();
        let within = |(place, _): &&(u64, Wrap)| *place > after.seq && *place <= to as u64;
        let wraps = kept.wraps.iter().filter(within).map(|(_, wrap)| wrap.clone()).collect();
        let hash = if to == 0 { [0; 32] } else { kept.rows[to - 1].1 };
        let cursor = Mark { seq: to as u64, hash };
        Ok(Pulled::Page(Page { rows, wraps, cursor, more: to < kept.rows.len(), assigned: None }))
    }

    async fn pull_record(&self, _: Uuid) -> Result<Option<Whole>, Failure> {
        Ok(None)
    }
}

/// A workspace with its root and desk key, and the desks in it.
struct World {
    id: Uuid,
    root: WorkspaceRoot,
    roster: Roster,
    log: Vec<Vec<u8>>,
    desk_key: DeskKey,
    server: Memory,
}

impl World {
    fn new() -> Self {
        let (id, root) = (Uuid::now_v7(), WorkspaceRoot::random().unwrap());
        let (mut roster, first) = Roster::found(id, &root, 1).unwrap();
        let desk_key = DeskKey::first(id).unwrap();
        let turn = MemberAct::TurnDeskKey { epoch: 1, key: desk_key.id() };
        let second = roster.write(Issuer::Root(&root), 1, turn).unwrap();
        let log = vec![first.encode(), second.encode()];
        World { id, root, roster, log, desk_key, server: Memory::default() }
    }

    /// A desk on a machine of its own.
    async fn desk(&mut self, code: &str) -> Seated {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::with(folder.path(), Arc::new(MemoryRing::default()), Arc::new(now));
        let request = json!({
            "company": "某公司", "member": format!("孙{code}"), "employee_number": "108", "post": "", "department": "客服部",
            "device_code": code, "passphrase": "correct horse battery",
        });
        let request: SetupRequest = serde_json::from_value(request).unwrap();
        desk.setup(request).await.unwrap();
        let open = desk.open().unwrap();
        let (keys, seat) =
            (SeatKeys::random().unwrap(), SeatId { member: open.seat().id, device: open.store.device().id });
        let issuer = Issuer::Root(&self.root);
        let certificate = Certificate::issue(issuer, self.id, seat, keys.public(), 1).unwrap();
        let roles = [role::RECEPTION, role::SUPERVISOR].map(str::to_owned).into();
        let admit = MemberAct::Admit { certificate: Box::new(certificate), roles, code: code.into() };
        self.log.push(self.roster.write(issuer, 1, admit).unwrap().encode());
        let wrap = WrapKey::of(&open.key);
        let workspace = Workspace {
            id: self.id,
            root: self.root.fingerprint(),
            seat,
            keys,
            founder: None,
            server: Server {
                address: "db.example.cn:5432".into(),
                database: "kefu".into(),
                login: "kefu_m".into(),
                authority: Vec::new(),
            },
            password: "x".to_owned().into(),
            keeps_statements: true,
            joining: None,
            since: now().to_rfc3339(),
        };
        open.store.set_workspace(&wrap, &workspace).await.unwrap();
        open.store.put_desk_key(&wrap, &self.desk_key).await.unwrap();
        Seated { folder, desk }
    }

    async fn exchange(&self, seated: &Seated) -> Report {
        let open = seated.desk.open().unwrap();
        open.store.append_roster(1, &self.log).await.unwrap();
        let identity = Identity::read(&open).await.unwrap().unwrap();
        seated.desk.exchange_over(&open, identity, &self.server).await.unwrap()
    }
}

struct Seated {
    folder: TempDir,
    desk: Desk,
}

impl Seated {
    async fn write(&self, record: Uuid, act: &'static str, values: Value) {
        let open = self.desk.open().unwrap();
        let mut door = open.store.door(now()).await.unwrap();
        let before = door.record(record).await.unwrap().unwrap_or_default();
        let mut draft = Draft::new(record, kind::FORM, act).setting(serde_json::from_value(values).unwrap());
        for (key, setting) in &mut draft.set {
            setting.was = before.stamps(key);
        }
        door.write(draft, open.seat().id).await.unwrap();
        door.commit().await.unwrap();
    }

    async fn text(&self, record: Uuid, key: &str) -> Option<String> {
        let open = self.desk.open().unwrap();
        open.store.record(record).await.unwrap().and_then(|record| record.text(key).map(str::to_owned))
    }

    async fn sound(&self) {
        let found = self.desk.open().unwrap().store.verify().await.unwrap().findings;
        assert_eq!(found, [], "{}", self.folder.path().display());
    }
}

#[tokio::test]
async fn two_desks_come_to_the_same_forms() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let forms: Vec<Uuid> = (0..20).map(|_| Uuid::now_v7()).collect();
    for (nth, form) in forms.iter().enumerate() {
        one.write(*form, act::REGISTER, json!({"number": format!("KF-{nth}"), "customer.name": "陈秀英"})).await;
    }
    let report = world.exchange(&one).await;
    assert!(report.sent >= 20, "what a single machine wrote goes along: {report:?}");
    let report = world.exchange(&two).await;
    assert!(report.received >= 20 && report.quarantined == 0, "{report:?}");
    for form in &forms {
        assert_eq!(two.text(*form, "customer.name").await.as_deref(), Some("陈秀英"));
    }
    assert_eq!(two.desk.open().unwrap().store.find("陈秀英", 100).await.unwrap().rows.len(), 20, "searchable");
    two.write(forms[3], act::CORRECT, json!({"customer.name": "陈秀瑛"})).await;
    world.exchange(&two).await;
    world.exchange(&one).await;
    assert_eq!(one.text(forms[3], "customer.name").await.as_deref(), Some("陈秀瑛"));
    for seated in [&one, &two] {
        let standing = seated.desk.standing().await.unwrap();
        assert!(standing.joined && standing.online && standing.to_send == 0, "{standing:?}");
        seated.sound().await;
    }
    assert_eq!(world.exchange(&one).await, Report::default(), "nothing is left to do");
}

#[tokio::test]
async fn what_two_wrote_unseen_is_listed_and_decided() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1", "product.name": "热水器"})).await;
    world.exchange(&one).await;
    world.exchange(&two).await;
    one.write(form, act::CORRECT, json!({"product.name": "燃气热水器"})).await;
    two.write(form, act::CORRECT, json!({"product.name": "电热水器"})).await;
    for seated in [&one, &two, &one] {
        world.exchange(seated).await;
    }
    let mut lists = Vec::new();
    for seated in [&one, &two] {
        let found = seated.desk.conflicts().await.unwrap();
        let name = found.iter().find(|conflict| conflict.field == "product.name").unwrap().clone();
        assert_eq!((name.values.len(), name.title.as_str(), name.decidable), (2, "KF-1", true));
        assert!(name.values.iter().any(|value| value.value == "燃气热水器" && value.device == "A1"), "{name:?}");
        let problems = seated.desk.standing().await.unwrap().problems;
        assert!(problems.iter().any(|entry| entry.problem == StandingProblem::Conflicts), "{problems:?}");
        lists.push(name);
    }
    assert_eq!(lists[0].values, lists[1].values, "both see the same");
    let chosen = lists[0].values.iter().find(|value| value.value == "燃气热水器").unwrap().stamp.clone();
    let seen = lists[0].values.iter().map(|value| value.stamp.clone()).collect();
    let request = ResolveRequest { id: form, field: "product.name".into(), choose: Some(chosen), value: None, seen };
    let left = two.desk.resolve_conflict(request.clone()).await.unwrap();
    assert!(left.iter().all(|conflict| conflict.id != form), "{left:?}");
    assert!(two.desk.resolve_conflict(request).await.is_err(), "decided already");
    world.exchange(&two).await;
    world.exchange(&one).await;
    assert!(one.desk.conflicts().await.unwrap().iter().all(|conflict| conflict.id != form));
    assert_eq!(one.text(form, "product.name").await.as_deref(), Some("燃气热水器"));
}

#[tokio::test]
async fn a_refused_change_has_no_effect_and_stays_to_be_seen() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1", "customer.name": "陈"})).await;
    world.exchange(&one).await;
    world.server.0.lock().unwrap().refuse = Some((act::VOID, "role"));
    one.write(form, act::VOID, json!({})).await;
    one.write(form, act::CORRECT, json!({"customer.name": "陈秀英"})).await;
    let report = world.exchange(&one).await;
    assert_eq!((report.sent, report.refused), (1, 1));
    assert_eq!(one.text(form, "customer.name").await.as_deref(), Some("陈秀英"), "the rest goes on");
    let record = one.desk.open().unwrap().store.record(form).await.unwrap().unwrap();
    assert_ne!(record.state, "voided");
    let refused = one.desk.refused_changes().await.unwrap();
    assert_eq!(
        (refused[0].act.as_str(), refused[0].code.as_str(), refused[0].number.as_str()),
        ("void", "role", "KF-1")
    );
    one.sound().await;
    let left = one.desk.dismiss_refused(crate::wire::ById { id: refused[0].id }).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn a_database_put_back_is_healed_and_poison_lies_aside() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let forms: Vec<Uuid> = (0..12).map(|_| Uuid::now_v7()).collect();
    for form in &forms[..6] {
        one.write(*form, act::REGISTER, json!({"number": "KF"})).await;
    }
    for seated in [&one, &two] {
        world.exchange(seated).await;
    }
    for form in &forms[6..] {
        one.write(*form, act::REGISTER, json!({"number": "KF"})).await;
    }
    for seated in [&one, &two] {
        world.exchange(seated).await;
    }
    // The backup of before.
    {
        let mut kept = world.server.0.lock().unwrap();
        let cut = kept.rows.len() - 9;
        let gone: Vec<(Uuid, u64)> =
            kept.rows.split_off(cut).iter().map(|(out, _)| (out.envelope.device, out.envelope.seq)).collect();
        kept.wraps.retain(|(place, _)| *place <= cut as u64);
        for key in gone {
            kept.sent.remove(&key);
            let last = kept.last.entry(key.0).or_default();
            *last = (*last).min(key.1 - 1);
        }
    }
    for seated in [&two, &one, &two] {
        world.exchange(seated).await;
    }
    let three = world.desk("C1").await;
    let report = world.exchange(&three).await;
    assert_eq!(report.quarantined, 0, "{report:?}");
    for form in &forms {
        assert_eq!(three.text(*form, "number").await.as_deref(), Some("KF"));
    }
    // A row that was altered on the way.
    one.write(forms[0], act::CORRECT, json!({"number": "KF-9"})).await;
    world.exchange(&one).await;
    world.server.0.lock().unwrap().rows.last_mut().unwrap().0.envelope.sealed[40] ^= 1;
    let report = world.exchange(&three).await;
    assert_eq!((report.quarantined, report.received), (1, 0));
    let aside = three.desk.quarantine().await.unwrap();
    assert_eq!((aside[0].reason.as_str(), aside[0].device.as_str()), ("signature", "A1"));
    assert!(String::from_utf8(three.desk.quarantine_file().await.unwrap()).unwrap().contains(&aside[0].digest));
    let page = three.desk.diagnosis().await.unwrap().text;
    assert!(page.contains("signature × 1") && !page.contains("孙"), "{page}");
    for seated in [&one, &two, &three] {
        seated.sound().await;
    }
}

#[tokio::test]
async fn a_line_that_breaks_anywhere_loses_and_doubles_nothing() {
    let mut world = World::new();
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let mut forms = Vec::new();
    for round in 1..12 {
        forms.push(Uuid::now_v7());
        one.write(forms[round - 1], act::REGISTER, json!({"number": format!("KF-{round}")})).await;
        two.write(forms[round / 2], act::CORRECT, json!({"product.name": format!("第 {round} 次")})).await;
        for (seated, after) in [(&one, true), (&two, false), (&two, true), (&one, false)] {
            let open = seated.desk.open().unwrap();
            open.store.append_roster(1, &world.log).await.unwrap();
            let identity = Identity::read(&open).await.unwrap().unwrap();
            let line = Breaking { memory: world.server.clone(), left: AtomicUsize::new(round % 6 + 1), after };
            let _ = seated.desk.exchange_over(&open, identity, &line).await;
        }
    }
    for seated in [&one, &two, &one] {
        world.exchange(seated).await;
    }
    let kept = world.server.0.lock().unwrap().rows.len();
    let changes: std::collections::HashSet<Uuid> =
        world.server.0.lock().unwrap().rows.iter().map(|(out, _)| out.envelope.change).collect();
    assert_eq!(changes.len(), kept, "nothing stands twice");
    for form in &forms {
        let both = [one.desk.open().unwrap(), two.desk.open().unwrap()];
        let mut seen = Vec::new();
        for open in &both {
            seen.push(open.store.record(*form).await.unwrap().unwrap());
        }
        assert_eq!(seen[0], seen[1]);
    }
    for seated in [&one, &two] {
        seated.sound().await;
        assert_eq!(seated.desk.standing().await.unwrap().to_send, 0);
    }
}

/// The whole folder of a desk, copied while it is closed, goes on as a machine of its own.
#[tokio::test]
async fn a_copied_profile_takes_another_name_and_both_branches_live() {
    let mut world = World::new();
    let one = world.desk("A1").await;
    let form = Uuid::now_v7();
    one.write(form, act::REGISTER, json!({"number": "KF-1"})).await;
    world.exchange(&one).await;
    one.desk.lock().await;
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(one.folder.path()).unwrap().flatten() {
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let opened = async |folder: &std::path::Path| {
        let desk = Desk::with(folder, Arc::new(MemoryRing::default()), Arc::new(now));
        desk.unlock(crate::wire::UnlockRequest::Passphrase("correct horse battery".into())).await.unwrap();
        desk
    };
    let desk = opened(copy.path()).await;
    let two = Seated { folder: copy, desk };
    let one = Seated { desk: opened(one.folder.path()).await, folder: one.folder };
    one.write(form, act::CORRECT, json!({"product.name": "热水器"})).await;
    two.write(form, act::CORRECT, json!({"product.model": "JSQ-16"})).await;
    two.write(form, act::CORRECT, json!({"product.serial": "SN 1"})).await;
    world.exchange(&one).await;
    let report = world.exchange(&two).await;
    let renewed = report.renewed.unwrap();
    let open = two.desk.open().unwrap();
    assert_eq!((open.store.device().id, open.store.device().code.as_str()), (renewed, "A12"));
    assert_eq!((report.sent, open.store.exchange_counts().await.unwrap().to_send), (3, 0), "{report:?}");
    for (field, value) in [("product.name", "热水器"), ("product.model", "JSQ-16"), ("product.serial", "SN 1")] {
        assert_eq!(two.text(form, field).await.as_deref(), Some(value));
    }
    two.sound().await;
    let rows = world.server.0.lock().unwrap().rows.iter().filter(|(out, _)| out.envelope.device == renewed).count();
    assert_eq!(rows, 2, "both branches are in the shared database");
    // Opened again it is still the one it became.
    two.desk.lock().await;
    let again = Seated { desk: opened(two.folder.path()).await, folder: two.folder };
    assert_eq!(again.desk.open().unwrap().store.device().id, renewed);
    again.write(form, act::CORRECT, json!({"product.name": "燃气热水器"})).await;
    assert_eq!(world.exchange(&again).await.sent, 1);
    again.sound().await;
}
