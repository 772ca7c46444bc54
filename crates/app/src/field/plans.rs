//! After-sales plans and the visits that they ask for.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::field::acts::OFFICE;
use kefu_domain::field::dispatch::made;
use kefu_domain::field::plan::Plan;
use kefu_domain::validate::{FieldError, Problem};

use super::dispatch::next_number;
use super::technicians;
use crate::actor::{actor, only};
use crate::desk::{Desk, Open};
use crate::wire::{Code, Failure, MadeVisits, MakeVisitsRequest, PlanView, SavePlanRequest};

impl Desk {
    /// All plans, in the order in which they were made.
    ///
    /// # Errors
    /// [`Code::Denied`].
    pub async fn plans(&self) -> Result<Vec<PlanView>, Failure> {
        let open = self.open()?;
        only(&actor(&open).await?, OFFICE)?;
        plans(&open).await
    }

    /// Makes or changes a plan.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::NotFound`], [`Code::InvalidFields`], [`Code::NothingChanged`].
    pub async fn save_plan(&self, request: SavePlanRequest) -> Result<Vec<PlanView>, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let SavePlanRequest { id, mut plan } = request;
        if let Some(seat) = plan.engineer_seat {
            let known = technicians(&open).await?.into_iter().find(|one| one.id == seat);
            let unknown = || Failure::fields(vec![FieldError::new("engineer", Problem::UnknownOption)]);
            plan.engineer = known.ok_or_else(unknown)?.name;
        }
        let mut door = open.store.door(self.now()).await?;
        let record = match id {
            Some(id) => door.record(id).await?.filter(|record| record.kind == kind::PLAN),
            None => Some(Default::default()),
        };
        let record = record.ok_or_else(|| Failure::new(Code::NotFound))?;
        door.write(plan.save(&actor, id.unwrap_or_else(Uuid::now_v7), &record)?, actor.seat).await?;
        door.commit().await?;
        plans(&open).await
    }

    /// Makes the visits that active plans ask for from today up to a day; those that are there already are left alone.
    /// A plan whose days lie in a year of which nothing is known is named, and its visits wait.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`].
    pub async fn make_visits(&self, request: MakeVisitsRequest) -> Result<MadeVisits, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        only(&actor, OFFICE)?;
        let until: NaiveDate =
            request.until.parse().map_err(|_| Failure::fields(vec![FieldError::new("until", Problem::NotADate)]))?;
        let today = self.now().date_naive();
        let (rules, form) = (open.store.rules().await?, open.form());
        let mut done = MadeVisits { made: Vec::new(), unknown: BTreeMap::new() };
        let Some(in_force) = rules.sets.in_force(today) else { return Ok(done) };
        let calendar = in_force.calendar("");
        let mut door = open.store.door(self.now()).await?;
        for PlanView { id, plan } in plans(&open).await? {
            let due = match plan.due(id, today, until, calendar) {
                Ok(due) => due,
                Err(unknown) => {
                    done.unknown.insert(plan.content.clone(), unknown.0);
                    continue;
                }
            };
            for one in due {
                if door.record(one.id).await?.is_some() {
                    continue;
                }
                let number = next_number(&open, &mut door).await?;
                let values = plan.sheet(id, &one, calendar);
                door.write(made(form.sheet.rules(self.now()), &actor, one.id, &number, values)?, actor.seat).await?;
                done.made.push(number);
            }
        }
        door.commit().await?;
        Ok(done)
    }
}

async fn plans(open: &Open) -> Result<Vec<PlanView>, Failure> {
    let records = open.store.records_of(kind::PLAN).await?;
    Ok(records.iter().filter_map(|(id, record)| Some(PlanView { id: *id, plan: Plan::read(record)? })).collect())
}
