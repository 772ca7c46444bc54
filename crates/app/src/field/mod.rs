//! Field service (外勤): dispatch, the sheet, signatures, photos, parts and plans. One file per operation.

mod acts;
mod dispatch;
pub(crate) mod erase;
mod list;
mod paper;
mod photos;
mod plans;
mod show;
mod stock;

use kefu_domain::decide::Rules;
use kefu_domain::field::acts::{CREW, OFFICE};
use kefu_domain::field::{code_lists, engineer, signature, template};
use kefu_domain::process::{Actor, role};
use kefu_domain::{CodeLists, Record, Template, change::kind};
use kefu_vault::content_hash;
use uuid::Uuid;

use crate::actor::{actor, of_member};
use crate::desk::{Desk, Open};
use crate::seat::members;
use crate::wire::{Code, Failure, FieldDesk, SaveCrewRequest, Technician};
use kefu_domain::field::{crew_id, dispatch::Crew};

pub(crate) use acts::follow_received;
pub(crate) use paper::{draw, sheet_record};

/// 《售后服务单》 with the company's code lists.
pub(crate) struct Sheet {
    pub(crate) template: Template,
    pub(crate) codes: CodeLists,
}

impl Sheet {
    pub(crate) fn of(company: CodeLists) -> Self {
        Sheet { template: template(), codes: code_lists(company) }
    }

    pub(crate) fn rules(&self, now: chrono::DateTime<chrono::FixedOffset>) -> Rules<'_> {
        Rules { template: &self.template, codes: &self.codes, now }
    }
}

/// What the sheet says now, as its signatures name it.
pub(crate) fn hash_of(record: &Record) -> String {
    content_hash(&signature::content(record))
}

/// Whether he sees sheets of others.
fn sees_all(actor: &Actor) -> bool {
    actor.holds(OFFICE) || actor.holds(&[role::INSPECTOR])
}

/// The sheet `id`, where it concerns who sits here: a technician finds his own and no other.
///
/// # Errors
/// [`Code::NotFound`].
async fn sheet(open: &Open, actor: &Actor, id: Uuid) -> Result<Record, Failure> {
    found(actor, open.store.record(id).await?)
}

/// The same of a record that was read.
fn found(actor: &Actor, record: Option<Record>) -> Result<Record, Failure> {
    let record = record.filter(|record| record.kind == kind::SERVICE);
    let record = record.filter(|record| sees_all(actor) || engineer(record) == Some(actor.seat));
    record.ok_or_else(|| Failure::new(Code::NotFound))
}

/// Who goes out: active members with the role 外勤 or 部门处理.
async fn technicians(open: &Open) -> Result<Vec<Technician>, Failure> {
    let mut found = Vec::new();
    for (id, member) in members(&open.store).await? {
        if of_member(id, &member).holds(CREW) {
            let known = open.store.record(crew_id(id)).await?.unwrap_or_default();
            let (name, department) = (member.name, member.department);
            found.push(Technician { id, name, department, crew: Crew::read(&known) });
        }
    }
    Ok(found)
}

impl Desk {
    /// What the pages of the field service need to draw themselves.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn field_desk(&self) -> Result<FieldDesk, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let form = open.form();
        let (template, codes) = (form.sheet.template.clone(), form.sheet.codes.clone());
        let technicians = if sees_all(&actor) { technicians(&open).await? } else { Vec::new() };
        let (dispatches, goes_out) = (actor.holds(OFFICE), actor.holds(CREW));
        Ok(FieldDesk { template, codes, technicians, dispatches, goes_out })
    }

    /// Notes what a technician can do and where he drives.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::NotFound`], [`Code::NothingChanged`].
    pub async fn save_crew(&self, request: SaveCrewRequest) -> Result<FieldDesk, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        if technicians(&open).await?.iter().all(|known| known.id != request.id) {
            return Err(Failure::new(Code::NotFound));
        }
        let id = crew_id(request.id);
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(id).await?.unwrap_or_default();
        door.write(request.crew.save(&actor, id, &record)?, actor.seat).await?;
        door.commit().await?;
        self.field_desk().await
    }
}
