//! What is done about a visit: taken, tried, agreed, refused, recorded, corrected, and what follows, each through the door.

use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::{self, Asked, Rules, moment};
use kefu_domain::process::Actor;
use kefu_domain::visits::{self, ATTEMPTS, Questionnaire, TASKS};
use kefu_domain::{Line, Record, Refusal, Values};
use kefu_local::Door;

use super::{forms, matter, named, plans, questionnaire, template, visit};
use crate::actor::{actor, colleagues};
use crate::desk::{Desk, Open};
use crate::named as people;
use crate::wire::{
    AllowVisitsRequest, Code, Failure, FollowVisitRequest, RecordVisitRequest, Unsolved, VisitActRequest, VisitView,
};

impl Desk {
    /// Does an act to a visit.
    ///
    /// # Errors
    /// [`Code::NotFound`]; [`Code::Denied`], first of all to whom handled the matter; [`Code::InvalidFields`],
    /// [`Code::ReasonRequired`], [`Code::NothingChanged`]. Nothing is written then.
    pub async fn act_visit(&self, request: VisitActRequest) -> Result<VisitView, Failure> {
        let VisitActRequest { id, act, mut values, line, strike, reason } = request;
        // What follows a form's closing is the program's to write, what copies and erases has an operation of its own.
        let own = [act::VISIT_PLAN, act::VISIT_SKIP, act::VISIT_DROP, act::VISIT_FOLLOW, act::PRINT, act::ERASE];
        if own.contains(&act.as_str()) {
            return Err(Refusal::Denied(kefu_domain::process::Why::UnknownAct).into());
        }
        let open = self.open()?;
        let colleagues = colleagues(&open).await?;
        people::complete(&mut values, &colleagues)?;
        let mut asked = Asked { act, values, reason, strike: strike.into_iter().collect(), ..Asked::default() };
        if let Some(mut values) = line {
            let list = if asked.act.starts_with(act::VISIT_TASK) { TASKS } else { ATTEMPTS };
            people::complete_line(list, &mut values, &colleagues)?;
            asked.add.insert(list.into(), vec![Line { id: Uuid::now_v7(), values, struck: false }]);
        }
        let writing = Writing::of(&open, id).await?;
        let mut door = open.store.door(self.now()).await?;
        writing.act(&mut door, asked).await?;
        door.commit().await?;
        self.visit(id).await
    }

    /// Records what a customer answered, and what follows from it, in one transaction.
    ///
    /// # Errors
    /// As [`Desk::act_visit`], and what reopening or registering a form says.
    pub async fn record_visit(&self, request: RecordVisitRequest) -> Result<VisitView, Failure> {
        let open = self.open()?;
        let colleagues = colleagues(&open).await?;
        let writing = Writing::of(&open, request.id).await?;
        let mut door = open.store.door(self.now()).await?;
        let asked = Asked { act: act::VISIT_RECORD.into(), values: request.values, ..Asked::default() };
        writing.act(&mut door, asked).await?;
        for mut values in request.tasks {
            people::complete_line(TASKS, &mut values, &colleagues)?;
            let add = [(TASKS.to_string(), vec![Line { id: Uuid::now_v7(), values, struck: false }])].into();
            writing.act(&mut door, Asked { act: act::VISIT_TASK.into(), add, ..Asked::default() }).await?;
        }
        if let Some(unsolved) = request.unsolved {
            writing.follow(&mut door, unsolved).await?;
        }
        door.commit().await?;
        self.visit(request.id).await
    }

    /// Sees to a visit whose matter is not solved: the form is reopened, or a new one goes on with it.
    ///
    /// # Errors
    /// As [`Desk::record_visit`]; [`Code::NothingChanged`] where it was seen to.
    pub async fn follow_visit(&self, request: FollowVisitRequest) -> Result<VisitView, Failure> {
        let open = self.open()?;
        let writing = Writing::of(&open, request.id).await?;
        let mut door = open.store.door(self.now()).await?;
        writing.follow(&mut door, request.unsolved).await?;
        door.commit().await?;
        self.visit(request.id).await
    }

    /// Lets a customer be visited again who had refused; his plans go on.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Denied`], [`Code::ReasonRequired`], [`Code::NothingChanged`].
    pub async fn allow_visits(&self, request: AllowVisitsRequest) -> Result<(), Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let entry = open.store.customer(request.customer).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(entry.id).await?.unwrap_or_default();
        door.write(visits::allow(&actor, entry.id, &record, &request.reason)?, actor.seat).await?;
        plans::go_on(&open, &mut door, &actor, entry.id).await?;
        door.commit().await?;
        Ok(())
    }
}

/// A visit about to be written to.
struct Writing<'a> {
    open: &'a Open,
    actor: Actor,
    id: Uuid,
    set: Questionnaire,
    /// The form asked after, as it is: who handled it counts, whatever the visit was planned with.
    matter: Option<Record>,
    /// The customer's own record, him into whom he was merged.
    customer: Option<Uuid>,
}

impl<'a> Writing<'a> {
    async fn of(open: &'a Open, id: Uuid) -> Result<Self, Failure> {
        let (record, _) = visit(open, id).await?;
        let customer = match named(&record, "customer") {
            Some(customer) => Some(open.store.customer(customer).await?.map_or(customer, |entry| entry.id)),
            None => None,
        };
        let (set, matter) = (questionnaire(open, &record).await?, matter(open, &record).await?);
        Ok(Writing { open, actor: actor(open).await?, id, set, matter, customer })
    }

    /// As it stands inside the door.
    async fn record(&self, door: &mut Door) -> Result<Record, Failure> {
        let record = door.record(self.id).await?.filter(|record| record.kind == kind::VISIT);
        let record = record.ok_or_else(|| Failure::new(Code::NotFound))?;
        Ok(visits::seen_with(&record, self.matter.as_ref()))
    }

    async fn act(&self, door: &mut Door, asked: Asked) -> Result<(), Failure> {
        let record = self.record(door).await?;
        let (template, codes) = template(self.open, &self.set, &record);
        let rules = Rules { template: &template, codes: &codes, now: door.now() };
        let refuses = asked.act == act::VISIT_REFUSE;
        let why = asked.reason.trim().to_string();
        let draft = decide::visit(rules, &self.actor, self.id, &record, &self.set, asked)?;
        door.write(draft, self.actor.seat).await?;
        if let Some(customer) = self.customer.filter(|_| refuses) {
            let known = door.record(customer).await?.unwrap_or_default();
            let draft = visits::keep_out(customer, &known, &self.actor, &why, &moment(door.now()));
            door.write(draft, self.actor.seat).await?;
        }
        plans::after(self.open, door, &self.actor, self.id).await
    }

    async fn follow(&self, door: &mut Door, unsolved: Unsolved) -> Result<(), Failure> {
        let record = self.record(door).await?;
        if record.get("follow.form").is_some() {
            return Err(Failure::new(Code::NothingChanged));
        }
        let form = named(&record, "form").ok_or_else(|| Failure::new(Code::NotNow))?;
        let went_on = forms::goes_on(self.open, door, &self.actor, (form, &record), unsolved).await?;
        let how = match unsolved {
            Unsolved::Reopen => "reopened",
            Unsolved::NewForm => "new_form",
        };
        let values = [("how", how), ("form", &went_on.id.to_string()), ("number", &went_on.number)];
        let values: Values =
            values.into_iter().map(|(key, value)| (format!("follow.{key}"), serde_json::json!(value))).collect();
        self.act(door, Asked { act: act::VISIT_FOLLOW.into(), values, ..Asked::default() }).await
    }
}
