//! The knowledge base (知识库) beside the form: what fits or is found, what its keepers save, and how an entry came about.

use kefu_domain::change::{Setting, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::knowledge::{self, Entry, FIELD, KEEPERS};
use uuid::Uuid;

use crate::actor::{actor, only};
use crate::desk::{Desk, Open};
use crate::failure::logged;
use crate::sync::moment;
use crate::wire::{Code, Failure, Knowledge, KnowledgeCheck, KnowledgeRequest, KnowledgeVersion};

impl Desk {
    /// The entries that are offered, or found, and those that fit best.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn knowledge(&self, request: KnowledgeRequest) -> Result<Knowledge, Failure> {
        let open = self.open()?;
        let mut all = entries(&open).await?;
        let today = self.now().date_naive();
        all.retain(|entry| request.all || !entry.retired);
        let found: Vec<Entry> = match request.query.trim() {
            "" => all,
            query => knowledge::search(&all, query, kefu_local::sounds_like).into_iter().cloned().collect(),
        };
        let suggested = knowledge::suggest(&found, &request.values, today).iter().map(|entry| entry.id).collect();
        let stale = found.iter().filter(|entry| entry.is_stale(today)).map(|entry| entry.id).collect();
        Ok(Knowledge { entries: found, suggested, stale })
    }

    /// Saves an entry: a new one where its id is nil. Who saves it has verified it; putting it away or back is no
    /// verifying. Answers with all of them.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`], [`Code::NotFound`], [`Code::NothingChanged`].
    pub async fn save_knowledge(&self, mut entry: Entry) -> Result<Knowledge, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        only(&actor, KEEPERS)?;
        entry.tidy();
        let now = self.now();
        let mut door = open.store.door(now).await?;
        let record = match entry.id.is_nil() {
            true => None,
            false => door.record(entry.id).await?.filter(|record| record.kind == kind::KNOWLEDGE),
        };
        let before = record.as_ref().and_then(|record| Entry::read(entry.id, record));
        if entry.id.is_nil() {
            entry.id = Uuid::now_v7();
        } else if record.is_none() {
            return Err(Failure::new(Code::NotFound));
        }
        match &before {
            Some(before) if before.same_words(&entry) && before.retired == entry.retired => {
                return Err(Failure::new(Code::NothingChanged));
            }
            Some(before) if before.same_words(&entry) => {
                entry = Entry { retired: entry.retired, ..before.clone() };
            }
            _ => {
                let faults = entry.faults(&open.form().codes, now.date_naive());
                if !faults.is_empty() {
                    return Err(Failure::fields(faults));
                }
                (entry.verified_by, entry.verified_on) = (actor.name.clone(), Some(now.date_naive()));
            }
        }
        entry.version = before.map_or(0, |before| before.version).saturating_add(1);
        let to = serde_json::to_value(&entry).map_err(|error| logged(Code::Internal, &error))?;
        let mut draft = Draft::new(entry.id, kind::KNOWLEDGE, act::CONFIGURE);
        draft.set.insert(FIELD.into(), Setting { to, was: record.unwrap_or_default().stamps(FIELD) });
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        self.knowledge(KnowledgeRequest { all: true, ..KnowledgeRequest::default() }).await
    }

    /// Points out what looks like a customer's number or address.
    pub fn check_knowledge(&self, entry: &Entry) -> KnowledgeCheck {
        KnowledgeCheck { personal: entry.personal().into_iter().map(str::to_string).collect() }
    }

    /// Every version of an entry, the latest first.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn knowledge_versions(&self, id: Uuid) -> Result<Vec<KnowledgeVersion>, Failure> {
        let open = self.open()?;
        let changes = open.store.changes_of(id).await?;
        if changes.first().is_none_or(|first| first.kind != kind::KNOWLEDGE) {
            return Err(Failure::new(Code::NotFound));
        }
        let members = crate::seat::members(&open.store).await?;
        let name = |seat: Uuid| members.iter().find(|(id, _)| *id == seat).map(|(_, member)| member.name.clone());
        let zone = *self.now().offset();
        let shown = changes.iter().rev().filter_map(|change| {
            let entry: Entry = serde_json::from_value(change.set.get(FIELD)?.to.clone()).ok()?;
            let (at, member) = (moment(change.at.ms, zone)?, name(change.seat).unwrap_or_default());
            Some(KnowledgeVersion { at, member, entry: Entry { id, ..entry } })
        });
        Ok(shown.collect())
    }
}

/// All of them, in the order in which they came. One that cannot be read is left out here.
async fn entries(open: &Open) -> Result<Vec<Entry>, Failure> {
    let records = open.store.records_of(kind::KNOWLEDGE).await?;
    Ok(records.iter().filter_map(|(id, record)| Entry::read(*id, record)).collect())
}
