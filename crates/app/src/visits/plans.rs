//! Periodic plans (R90): each has one visit that waits; the next is made when that is over.

use chrono::NaiveDate;
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::process::Actor;
use kefu_domain::visits::arise::left_out;
use kefu_domain::visits::plan::{self, Plan};
use kefu_domain::visits::{Origin, state};
use kefu_domain::{Record, Values};
use kefu_local::Door;

use super::closing::refusing;
use super::list::rows;
use super::named;
use crate::actor::actor;
use crate::desk::{Desk, Open};
use crate::wire::{Code, Failure, VisitPlanRequest, VisitPlanView};

impl Desk {
    /// Every plan with the visit of it that waits.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn visit_plans(&self) -> Result<Vec<VisitPlanView>, Failure> {
        let (open, now) = (self.open()?, self.now());
        let mut views = Vec::new();
        for (id, record) in open.store.records_of(kind::VISIT_PLAN).await? {
            let plan = Plan::read(&record);
            // The customer as a visit of the plan would show him.
            let customer = Values::from([("customer".to_string(), serde_json::json!(plan.customer.to_string()))]);
            let mut shown = Record::default();
            for (key, value) in customer {
                let at = record.last.unwrap_or(kefu_domain::Stamp { ms: 0, n: 0, device: Uuid::nil() });
                shown.fields.insert(key, kefu_domain::Cell { value, at, seat: Uuid::nil(), rivals: Vec::new() });
            }
            let waiting = open.store.visits_of_plan(id).await?;
            let waiting = waiting.into_iter().find(|(_, visit)| visit.state == state::PLANNED);
            let mut told = rows(&open, &[(id, shown)], now).await?;
            let next = match waiting {
                Some(waiting) => rows(&open, &[waiting], now).await?.into_iter().next(),
                None => None,
            };
            views.push(VisitPlanView {
                id,
                plan,
                customer: told.pop().map(|row| row.customer).unwrap_or_default(),
                next,
            });
        }
        Ok(views)
    }

    /// Lays down a plan, or changes one. Its first visit, or its next, is made at once.
    ///
    /// # Errors
    /// [`Code::NotFound`] without such a customer, [`Code::Denied`], [`Code::InvalidFields`], [`Code::NothingChanged`].
    pub async fn save_visit_plan(&self, request: VisitPlanRequest) -> Result<Vec<VisitPlanView>, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let id = request.id.unwrap_or_else(Uuid::now_v7);
        let mut asked = request.plan;
        if !asked.customer.is_nil() {
            let entry = open.store.customer(asked.customer).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
            asked.customer = entry.id;
        }
        let visits = open.store.visits_of_plan(id).await?;
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(id).await?.filter(|record| record.kind == kind::VISIT_PLAN).unwrap_or_default();
        door.write(plan::save(&actor, id, &record, &asked)?, actor.seat).await?;
        let over = visits.iter().filter(|(_, visit)| !waits(visit)).filter_map(|(_, visit)| day_of(visit)).max();
        let next = asked.next(over, door.now().date_naive());
        for (visit_id, visit) in visits.iter().filter(|(_, visit)| waits(visit)) {
            if day_of(visit) != next {
                let mut draft = Draft::new(*visit_id, kind::VISIT, act::VISIT_DROP);
                draft.reason = Some("plan".into());
                door.write(draft, actor.seat).await?;
            }
        }
        make(&open, &mut door, &actor, (id, &asked), next).await?;
        door.commit().await?;
        self.visit_plans().await
    }
}

fn waits(visit: &Record) -> bool {
    visit.state == state::PLANNED
}

fn day_of(visit: &Record) -> Option<NaiveDate> {
    visit.text("plan_on")?.parse().ok()
}

async fn make(
    open: &Open,
    door: &mut Door,
    actor: &Actor,
    (id, plan): (Uuid, &Plan),
    on: Option<NaiveDate>,
) -> Result<(), Failure> {
    let Some(on) = on else { return Ok(()) };
    let rules = open.store.rules().await?;
    let Some(rules) = rules.sets.in_force(door.now().date_naive()) else { return Ok(()) };
    let refused = refusing(door, plan.customer).await?;
    let reason = left_out(refused.as_ref(), None);
    let visit = door.record(Origin::Plan { plan: id, on }.id()).await?.unwrap_or_default();
    if let Some(draft) = plan.visit(id, on, rules.calendar(""), &visit, reason) {
        door.write(draft, actor.seat).await?;
    }
    Ok(())
}

/// After an act to a visit: where that is over and belongs to a plan, the plan's next is made.
pub(super) async fn after(open: &Open, door: &mut Door, actor: &Actor, visit: Uuid) -> Result<(), Failure> {
    let Some(record) = door.record(visit).await? else { return Ok(()) };
    let (Some(id), Some(on)) = (named(&record, "plan"), day_of(&record)) else { return Ok(()) };
    if waits(&record) {
        return Ok(());
    }
    let Some(plan) = door.record(id).await?.filter(|plan| plan.kind == kind::VISIT_PLAN) else { return Ok(()) };
    let plan = Plan::read(&plan);
    let next = plan.next(Some(on), door.now().date_naive());
    make(open, door, actor, (id, &plan), next).await
}

/// The plans of a customer who may be visited again go on.
pub(super) async fn go_on(open: &Open, door: &mut Door, actor: &Actor, customer: Uuid) -> Result<(), Failure> {
    for (id, record) in open.store.records_of(kind::VISIT_PLAN).await? {
        let plan = Plan::read(&record);
        if plan.customer == customer {
            let today = door.now().date_naive();
            let next = plan.next(today.pred_opt(), today);
            make(open, door, actor, (id, &plan), next).await?;
        }
    }
    Ok(())
}
