//! Does an act to a sheet, and writes what follows from it: the visit for what is left over, where a device now stands.

use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::customer::Party;
use kefu_domain::field::{self, Given, act as own, acts, copied, dispatch, follow_up_id, install, sheet as told};
use kefu_domain::process::Actor;
use kefu_domain::{Line, Record};
use kefu_local::Door;

use super::dispatch::{name_engineer, next_number};
use super::{Form, hash_of, sheet};
use crate::actor::actor;
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::wire::{Code, Failure, ServiceActRequest, ServiceView};

impl Desk {
    /// Does an act to a sheet.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Denied`], [`Code::Masked`], [`Code::InvalidFields`], [`Code::ReasonRequired`],
    /// [`Code::NothingChanged`]. Nothing is written then.
    pub async fn service_act(&self, request: ServiceActRequest) -> Result<ServiceView, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let ServiceActRequest { id, act, mut values, add, strike, reason } = request;
        sheet(&open, &actor, id).await?;
        if act == own::MOVE {
            name_engineer(&open, &mut values).await?;
        }
        let form = Form::of(&open);
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(id).await?.filter(|record| record.kind == kind::SERVICE);
        let record = record.ok_or_else(|| Failure::new(Code::NotFound))?;
        let personal =
            |key: &String| key.starts_with("customer.") || key.starts_with("contact.") || key == "product.serial";
        if values.keys().any(personal) && !Eyes::of(&open).await?.sees_sheet(&open, &record).await? {
            return Err(Failure::new(Code::Masked));
        }
        let add = add.into_iter().map(|values| Line { id: Uuid::now_v7(), values, struck: false }).collect();
        let content = hash_of(&record);
        let given = Given { act, values, add, strike, reason, content };
        let draft = acts::decide(form.rules(self.now()), &actor, id, &record, given)?;
        door.write(draft, actor.seat).await?;
        follow(&open, &mut door, &form, &actor, id).await?;
        door.commit().await?;
        // A technician who sent it back sees it no more.
        match self.service(id).await {
            Err(failure) if failure.code == Code::NotFound => Err(Failure::new(Code::NotFound)),
            other => other,
        }
    }
}

/// What follows once the technician has left. Ids are made of the sheet, so that two devices make the same once.
async fn follow(open: &Open, door: &mut Door, form: &Form, actor: &Actor, id: Uuid) -> Result<(), Failure> {
    let record: Record = door.record(id).await?.unwrap_or_default();
    if told::state(&record) != field::State::Done {
        return Ok(());
    }
    let next = follow_up_id(id);
    if copied::leaves_work(&record) && door.record(next).await?.is_none() {
        let number = next_number(open, door).await?;
        let values = copied::of_sheet(id, &record);
        door.write(dispatch::made(form.rules(door.now()), actor, next, &number, values)?, actor.seat).await?;
    }
    if let Some(product) = Party::of(&record.values()).product {
        let known = door.record(product).await?.unwrap_or_default();
        if let Some(draft) = install::of_sheet(id, &record, &known) {
            door.write(draft, actor.seat).await?;
        }
    }
    Ok(())
}
