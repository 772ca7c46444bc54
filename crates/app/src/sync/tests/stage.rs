//! A shared database in memory, as good as the protocol's, and desks of one workspace: the real store, the real vault.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use kefu_domain::change::{ENCODING, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::envelope::{Clear, Envelope};
use kefu_domain::process::role;
use kefu_domain::{Change, Stamp};
use kefu_local::Workspace;
use kefu_sync::wire::{Answer, Answers, Greeting, Mark, Outgoing, Page, Pulled, Row, Welcome, Whole, Wrap};
use kefu_sync::{Remote, Report};
use kefu_testkit::{MemoryRing, now};
use kefu_vault::roster::MemberAct;
use kefu_vault::{
    Certificate, DeskKey, Issuer, RecordEpoch, Roster, SeatId, SeatKeys, Server, WorkspaceRoot, WrapKey, envelopes,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::super::Identity;
use crate::Desk;
use crate::wire::{Code, Failure, SetupRequest};

/// Rows of a page.
const PAGE: usize = 7;

/// All that a server keeps: rows in order with the chain over them, the wraps with the place they came with.
#[derive(Default)]
pub struct Kept {
    pub rows: Vec<(Outgoing, [u8; 32])>,
    pub wraps: Vec<(u64, Wrap)>,
    pub sent: HashMap<(Uuid, u64), ([u8; 32], Answer)>,
    pub last: HashMap<Uuid, u64>,
    pub refuse: Option<(&'static str, &'static str)>,
    /// Places that it keeps to itself.
    pub withheld: Vec<u64>,
}

#[derive(Default, Clone)]
pub struct Memory(pub Arc<Mutex<Kept>>);

/// The line breaks at the call of this number, before or after the server has done it.
pub struct Breaking {
    pub memory: Memory,
    pub left: AtomicUsize,
    pub after: bool,
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

    async fn newest(&self) -> Result<Vec<Uuid>, Failure> {
        self.call(self.memory.newest()).await
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
            last: kept.rows.len() as u64,
        })
    }

    async fn push(&self, changes: Vec<Outgoing>) -> Result<Answers, Failure> {
        let mut kept = self.0.lock().unwrap();
        let mut each: Vec<Answer> = Vec::new();
        for change in changes {
            match each.last() {
                Some(Answer::Refused(code)) if code == "forked" => {
                    each.push(Answer::Refused("forked".into()));
                    continue;
                }
                Some(Answer::Refused(code)) if code == "clock" || code == "gap" => {
                    each.push(Answer::Refused("gap".into()));
                    continue;
                }
                _ => {}
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
            let refused = kept.refuse.filter(|(act, _)| *act == change.envelope.act);
            if refused.is_some_and(|(_, code)| code == "clock") {
                kept.refuse = None; // only this time
                each.push(Answer::Refused("clock".into()));
                continue;
            }
            kept.last.insert(device, seq);
            let answer = match refused {
                Some((_, code)) => Answer::Refused(code.into()),
                None => {
                    let place = kept.rows.len() as u64 + 1;
                    let before = kept.rows.last().map_or([0; 32], |(_, chain)| *chain);
                    let chain = kefu_vault::Head { seq: 0, link: before }.then(&change.envelope.signature).link;
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

    async fn newest(&self) -> Result<Vec<Uuid>, Failure> {
        Ok(Vec::new())
    }

    async fn pull(&self, after: Mark) -> Result<Pulled, Failure> {
        let kept = self.0.lock().unwrap();
        let from = after.seq as usize;
        let to = kept.rows.len().min(from + PAGE);
        let shown = |place: &u64| !kept.withheld.contains(place);
        let places = (from as u64 + 1..=to as u64).filter(shown);
        let envelope = |seq: u64| kept.rows[seq as usize - 1].0.envelope.clone();
        let rows = places.map(|seq| Row { seq, envelope: envelope(seq) }).collect();
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
pub struct World {
    pub id: Uuid,
    pub root: WorkspaceRoot,
    pub roster: Roster,
    pub log: Vec<Vec<u8>>,
    pub desk_key: DeskKey,
    pub server: Memory,
}

impl World {
    pub fn new() -> Self {
        let (id, root) = (Uuid::now_v7(), WorkspaceRoot::random().unwrap());
        let (mut roster, first) = Roster::found(id, &root, 1).unwrap();
        let desk_key = DeskKey::first(id).unwrap();
        let turn = MemberAct::TurnDeskKey { epoch: 1, key: desk_key.id() };
        let second = roster.write(Issuer::Root(&root), 1, turn).unwrap();
        let log = vec![first.encode(), second.encode()];
        World { id, root, roster, log, desk_key, server: Memory::default() }
    }

    /// A desk on a machine of its own.
    pub async fn desk(&mut self, code: &str) -> Seated {
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
                pooled: false,
            },
            password: "x".to_owned().into(),
            joining: None,
            since: now().to_rfc3339(),
        };
        open.store.set_workspace(&wrap, &workspace).await.unwrap();
        open.store.put_desk_key(&wrap, &self.desk_key).await.unwrap();
        Seated { folder, desk }
    }

    pub async fn exchange(&self, seated: &Seated) -> Report {
        let open = seated.desk.open().unwrap();
        open.store.append_roster(1, &self.log).await.unwrap();
        let identity = Identity::read(&open).await.unwrap().unwrap();
        seated.desk.exchange_over(&open, identity, &self.server).await.unwrap()
    }

    /// Leaves in the shared database what another program on the device of `author` wrote: signed and sealed as it has to be,
    /// with `plain` for the bytes of what it `says`. That device must not exchange by itself. Gives the digest.
    pub async fn plant(&self, author: &Seated, says: &Change, plain: &[u8]) -> [u8; 32] {
        let open = author.desk.open().unwrap();
        open.store.append_roster(1, &self.log).await.unwrap();
        let identity = Identity::read(&open).await.unwrap().unwrap();
        let of = RecordEpoch { workspace: self.id, record: says.record, epoch: 1 };
        let (key, _, wrap) = identity.new_key(of).unwrap();
        let device = says.at.device;
        let (last, previous) = {
            let kept = self.server.0.lock().unwrap();
            let last = kept.last.get(&device).copied().unwrap_or(0);
            (last, kept.sent.get(&(device, last)).map_or([0; 32], |(digest, _)| *digest))
        };
        let head = Envelope {
            suite: 0,
            workspace: self.id,
            change: says.id,
            device,
            seq: last + 1,
            previous,
            at: says.at,
            seat: says.seat,
            record: says.record,
            kind: says.kind.clone(),
            act: says.act.clone(),
            schema: says.v,
            key: [0; 16],
            clear: Clear::default(),
            sealed: Vec::new(),
            signature: Vec::new(),
        };
        let mut envelope = envelopes::seal(&key, head, plain).unwrap();
        let digest = envelopes::hash(&envelope);
        envelope.signature = envelopes::sign(&[digest], &identity.workspace.keys).remove(0);
        let change = Outgoing { place: last + 1, again: false, digest, envelope, wraps: vec![wrap] };
        let answers = self.server.push(vec![change]).await.unwrap().each;
        assert!(matches!(answers[..], [Answer::Ok(_)]), "{answers:?}");
        digest
    }
}

pub struct Seated {
    pub folder: TempDir,
    pub desk: Desk,
}

impl Seated {
    /// A change of this seat that nobody wrote yet: the `nth`, counted in seconds from now.
    pub async fn says(&self, nth: u32, record: Uuid, act: &str, values: Value) -> Change {
        let seat = self.desk.open().unwrap().place().await.unwrap().seat;
        let set = Draft::new(record, kind::FORM, act::CORRECT).setting(serde_json::from_value(values).unwrap()).set;
        let ms = now().timestamp_millis().cast_unsigned() + 1_000 * u64::from(nth);
        Change {
            v: ENCODING,
            id: Uuid::now_v7(),
            seq: u64::from(nth) + 1,
            at: Stamp { ms, n: 0, device: seat.device },
            zone: 480,
            seat: seat.member,
            record,
            kind: kind::FORM.into(),
            act: act.into(),
            reason: None,
            set,
            add: Default::default(),
            strike: Vec::new(),
            seen: None,
        }
    }

    pub async fn write(&self, record: Uuid, act: &'static str, values: Value) {
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

    /// Registers so many forms in one transaction; the one at `odd` by another act. Gives their ids.
    pub async fn write_many(&self, count: usize, (odd, other): (usize, &'static str)) -> Vec<Uuid> {
        let open = self.desk.open().unwrap();
        let mut door = open.store.door(now()).await.unwrap();
        let forms: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        for (at, form) in forms.iter().enumerate() {
            let act = if at == odd { other } else { act::REGISTER };
            let values = serde_json::from_value(json!({"number": format!("KF-{at}")})).unwrap();
            door.write(Draft::new(*form, kind::FORM, act).setting(values), open.seat().id).await.unwrap();
        }
        door.commit().await.unwrap();
        forms
    }

    pub async fn text(&self, record: Uuid, key: &str) -> Option<String> {
        let open = self.desk.open().unwrap();
        open.store.record(record).await.unwrap().and_then(|record| record.text(key).map(str::to_owned))
    }

    pub async fn sound(&self) {
        let found = self.desk.open().unwrap().store.verify().await.unwrap().findings;
        assert_eq!(found, [], "{}", self.folder.path().display());
    }
}
