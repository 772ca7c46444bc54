//! What did not come through: own changes that were refused, changes of others in quarantine, and the page for support.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use kefu_domain::change::kind;
use kefu_domain::decide::ATTACHMENTS;
use kefu_domain::privacy::{ERASED, Mask};
use kefu_domain::{Change, Lists, Record, Values};
use kefu_local::sync::Quarantine;
use kefu_vault::envelopes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Identity;
use super::conflicts::{sees, words};
use super::standing::moment;
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::wire::{ById, Diagnosis, Failure, Quarantined, RefusedChange};

/// Entries of quarantine, or refused changes, shown at most.
const SHOWN: usize = 500;

/// Names of members, by id.
pub(crate) async fn names(open: &Open) -> Result<HashMap<Uuid, String>, Failure> {
    let members = open.store.records_of(kind::MEMBER).await?;
    Ok(members.iter().map(|(id, member)| (*id, member.text("name").unwrap_or_default().to_owned())).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Number of the form that a change belongs to; empty for other records. A registration that was refused has left no form;
/// its own change still says it.
fn number_of(record: &Record, change: &Change) -> String {
    let own = change.set.get("number").and_then(|setting| setting.to.as_str());
    record.text("number").or(own).unwrap_or_default().to_owned()
}

/// What was typed into a change, by label where the form has the field; as `mask` leaves it.
fn typed(open: &Open, change: Change, mask: Option<&Mask<'_>>) -> Value {
    let form = open.form();
    let shown = |key: &str, value: Value| mask.map_or_else(|| value.clone(), |mask| mask.value(key, &value));
    let field = |(key, to): (String, Value)| {
        let label = form.whole.field(&key).map(|field| field.label.as_str());
        json!({"field": key, "label": label, "to": shown(&key, to)})
    };
    let fields: Vec<Value> = change.set.into_iter().map(|(key, setting)| field((key, setting.to))).collect();
    let mut added: Lists = mask.map_or_else(|| change.add.clone(), |mask| mask.lists(&change.add));
    added.remove(ERASED); // written by the program
    if mask.is_some() {
        added.remove(ATTACHMENTS);
    }
    let reason = change.reason.map(|reason| mask.map_or_else(|| reason.clone(), |mask| mask.text(&reason)));
    json!({"fields": fields, "added": added, "struck": change.strike, "reason": reason, "masked": mask.is_some()})
}

impl Desk {
    /// Own changes that the shared database refused for good, newest first. They have no effect any more.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn refused_changes(&self) -> Result<Vec<RefusedChange>, Failure> {
        let open = self.open()?;
        let zone = *self.now().offset();
        let mut all = Vec::new();
        for refused in open.store.refused_changes(SHOWN).await? {
            let change = refused.change;
            let record = open.store.record(change.record).await?.unwrap_or_default();
            all.push(RefusedChange {
                id: change.id,
                record: change.record,
                number: number_of(&record, &change),
                kind: change.kind,
                act: change.act,
                at: moment(change.at.ms, zone).unwrap_or_default(),
                code: refused.code,
            });
        }
        Ok(all)
    }

    /// Notes that a refusal was dealt with. The change stays in the log.
    ///
    /// # Errors
    /// The desk is locked, or the disk is full.
    pub async fn dismiss_refused(&self, request: ById) -> Result<Vec<RefusedChange>, Failure> {
        self.open()?.store.dismiss_refused(request.id).await?;
        self.refused_changes().await
    }

    /// The refused changes as a file to work from: a line of JSON for each, newest first, with who, when, why and what was
    /// typed. It holds data of customers: what somebody else typed is masked for whom the record is masked.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn refused_file(&self) -> Result<Vec<u8>, Failure> {
        let open = self.open()?;
        let (names, eyes, form) = (names(&open).await?, Eyes::of(&open).await?, open.form());
        let (zone, mut text) = (*self.now().offset(), String::new());
        for refused in open.store.refused_changes(usize::MAX).await? {
            let change = refused.change;
            // Without a record the change itself says who may see it.
            let record = open.store.record(change.record).await?.filter(|record| record.changes > 0);
            let record = record.unwrap_or_else(|| Record::fold([&change]));
            let clear = change.seat == eyes.actor().seat || sees(&open, &eyes, change.record, &record).await?;
            let own: Values = change.set.iter().map(|(key, setting)| (key.clone(), setting.to.clone())).collect();
            let known: Vec<Values> = words(&record).into_iter().chain([own]).collect();
            let mask = (!clear).then(|| Mask::of(&known, &form.whole));
            let line = json!({
                "id": change.id, "record": change.record, "number": number_of(&record, &change), "kind": change.kind,
                "act": change.act, "at": moment(change.at.ms, zone), "code": refused.code,
                "member": names.get(&change.seat), "typed": typed(&open, change, mask.as_ref()),
            });
            let _ = writeln!(text, "{line}");
        }
        Ok(text.into_bytes())
    }

    /// Changes of others that do not count here, or not yet.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn quarantine(&self) -> Result<Vec<Quarantined>, Failure> {
        let open = self.open()?;
        let (names, identity) = (names(&open).await?, Identity::read(&open).await?);
        let zone = *self.now().offset();
        let shown = |one: Quarantine| {
            let bare =
                Quarantined { digest: hex(&one.digest), place: one.at, reason: one.reason, ..Quarantined::default() };
            let Some(envelope) = envelopes::decode(&one.bytes) else { return bare };
            Quarantined {
                device: identity.as_ref().map(|identity| identity.code_of(envelope.device)).unwrap_or_default(),
                member: names.get(&envelope.seat).cloned().unwrap_or_default(),
                kind: envelope.kind,
                act: envelope.act,
                at: moment(envelope.at.ms, zone).unwrap_or_default(),
                ..bare
            }
        };
        Ok(open.store.quarantine(0, SHOWN).await?.into_iter().map(shown).collect())
    }

    /// The quarantine as a file to pass on: a line of JSON for each change, sealed as it came.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn quarantine_file(&self) -> Result<Vec<u8>, Failure> {
        let open = self.open()?;
        let (mut text, mut after) = (String::new(), 0);
        loop {
            let some = open.store.quarantine(after, SHOWN).await?;
            let Some(last) = some.last() else { return Ok(text.into_bytes()) };
            after = last.at;
            for one in &some {
                let line = json!({
                    "digest": hex(&one.digest), "place": one.at, "reason": one.reason, "envelope": hex(&one.bytes),
                });
                let _ = writeln!(text, "{line}");
            }
        }
    }

    /// A page for support: versions, states and counts. Nothing of customers or members, no address, no key.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn diagnosis(&self) -> Result<Diagnosis, Failure> {
        let open = self.open()?;
        let (standing, counts) = (self.standing().await?, open.store.exchange_counts().await?);
        let mut exchange = open.store.exchange().await?;
        let position = exchange.position().await?;
        let device = exchange.device();
        exchange.commit().await?;
        let mut text = String::new();
        let mut line = |name: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(text, "{name}：{value}");
        };
        line("程序版本", &env!("CARGO_PKG_VERSION"));
        line("系统", &format_args!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
        line("时间", &self.now().to_rfc3339());
        line("终端", &format_args!("{}（{device}）", open.store.device().code));
        line("已加入共享库", &if standing.joined { "是" } else { "否" });
        if let Some(identity) = Identity::read(&open).await? {
            line("共享台", &identity.workspace.id);
            line("成员日志", &format_args!("{} 条", identity.roster.head().seq));
            line("终端类别", &if identity.office() { "办公室" } else { "外勤" });
        }
        line("在线", &if standing.online { "是" } else { "否" });
        line("离线自", &standing.offline_since.as_deref().unwrap_or("—"));
        line("上次同步", &standing.last_exchange.as_deref().unwrap_or("—"));
        let trouble = standing.trouble.as_ref().map(|failure| format!("{:?}", failure.code));
        line("上次失败原因", &trouble.as_deref().unwrap_or("—"));
        line("时钟偏差（毫秒）", &position.offset_ms);
        line("纪元", &position.epoch);
        line("同步位置", &position.marks.first().map_or(0, |(seq, _)| *seq));
        line("本机已确认序号", &position.acknowledged);
        line("待发送", &counts.to_send);
        line("被拒绝", &counts.refused);
        line("隔离区", &counts.quarantined);
        line("待补发", &counts.astray);
        line("待裁定冲突", &counts.conflicts);
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for one in open.store.quarantine(0, SHOWN).await? {
            *reasons.entry(one.reason).or_default() += 1;
        }
        for (reason, count) in reasons {
            line("隔离原因", &format_args!("{reason} × {count}"));
        }
        let mut codes: BTreeMap<String, u64> = BTreeMap::new();
        for one in open.store.refused_changes(SHOWN).await? {
            *codes.entry(one.code).or_default() += 1;
        }
        for (code, count) in codes {
            line("拒绝原因", &format_args!("{code} × {count}"));
        }
        Ok(Diagnosis { text })
    }
}
