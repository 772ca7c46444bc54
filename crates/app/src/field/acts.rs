//! Does an act to a sheet, and writes what follows from it: the visit for what is left over, where a device now stands.

use serde_json::{Value, json};
use uuid::Uuid;

use chrono::{DateTime, FixedOffset};
use kefu_domain::customer::Party;
use kefu_domain::field::{self, Given, act as own, acts, copied, dispatch, follow_up_id, install, sheet as told};
use kefu_domain::process::Actor;
use kefu_domain::{Line, Record, Values};
use kefu_local::Door;

use super::dispatch::{name_engineer, next_number};
use super::show::view;
use super::{Sheet, found, hash_of};
use crate::actor::{known, of_member};
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::sync::Identity;
use crate::wire::{Code, Failure, ServiceActRequest, ServiceView};

impl Desk {
    /// Does an act to a sheet, and shows the sheet as it is then.
    ///
    /// # Errors
    /// Those of [`Desk::commit_service`].
    pub async fn service_act(&self, request: ServiceActRequest) -> Result<ServiceView, Failure> {
        let (open, id) = (self.open()?, request.id);
        let (eyes, record) = self.commit_to(&open, request).await?;
        // A technician who sent it back sees it no more.
        view(&open, &eyes, self.now(), id, &found(eyes.actor(), record)?).await
    }

    /// Does an act to a sheet; it is on disk when this returns.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Denied`], [`Code::Masked`], [`Code::InvalidFields`], [`Code::ReasonRequired`],
    /// [`Code::NothingChanged`]. Nothing is written then.
    pub async fn commit_service(&self, request: ServiceActRequest) -> Result<(), Failure> {
        self.commit_to(&*self.open()?, request).await.map(drop)
    }

    /// The same; who did it, and the sheet as it is then.
    async fn commit_to(&self, open: &Open, request: ServiceActRequest) -> Result<(Eyes, Option<Record>), Failure> {
        let eyes = Eyes::of(open).await?;
        let ServiceActRequest { id, act, mut values, mut add, strike, reason } = request;
        if act == own::MOVE {
            name_engineer(open, &mut values).await?;
        }
        let (form, actor) = (open.form(), eyes.actor());
        let mut door = open.store.door_with(self.now(), [id, Uuid::nil()]).await?;
        let record = found(actor, door.record(id).await?)?;
        let personal =
            |key: &String| key.starts_with("customer.") || key.starts_with("contact.") || key == "product.serial";
        if values.keys().any(personal) && !eyes.sees_sheet(open, &record).await? {
            return Err(Failure::new(Code::Masked));
        }
        for line in &mut add {
            with_size(open, line).await?;
        }
        let add = add.into_iter().map(|values| Line { id: Uuid::now_v7(), values, struck: false }).collect();
        let content = hash_of(&record);
        let given = Given { act, values, add, strike, reason, content };
        let draft = acts::decide(form.sheet.rules(self.now()), actor, id, &record, given)?;
        door.write(draft, actor.seat).await?;
        // What follows from the sheet of a technician's device is written at the desk that dispatched it.
        if !eyes.in_the_field() {
            follow(open, &mut door, &form.sheet, actor, id).await?;
        }
        let record = door.record(id).await?;
        door.commit().await?;
        Ok((eyes, record))
    }
}

/// A line that names a file of this machine says how large it is: without that no other device could fetch it.
async fn with_size(open: &Open, line: &mut Values) -> Result<(), Failure> {
    if line.contains_key("size") {
        return Ok(());
    }
    if let Some(hash) = line.get("sha256").and_then(Value::as_str)
        && let Ok(bytes) = open.store.file(hash).await
    {
        line.insert("size".into(), json!(bytes.len()));
    }
    Ok(())
}

/// What follows from the sheet `id` that came in an exchange. One device writes it, though all receive the sheet: the one
/// that dispatched it, any where that one has left. In the name of who dispatched it.
pub(crate) async fn follow_received(
    open: &Open,
    identity: &Identity,
    now: DateTime<FixedOffset>,
    id: Uuid,
) -> Result<(), Failure> {
    let changes = open.store.changes_of(id).await?;
    let Some(first) = changes.first() else { return Ok(()) };
    let at_desk = |device: Uuid| {
        let mut seats = identity.roster.seats().iter().filter(|(id, _)| id.device == device);
        seats.any(|(id, _)| identity.roster.holds_desk_key(*id))
    };
    let by = first.at.device;
    if by != open.store.device().id && at_desk(by) || told::state(&Record::fold(&changes)) != field::State::Done {
        return Ok(());
    }
    let member = open.store.record(first.seat).await?;
    let actor = of_member(first.seat, &known(member.as_ref()));
    let mut door = open.store.door(now).await?;
    follow(open, &mut door, &open.form().sheet, &actor, id).await?;
    Ok(door.commit().await?)
}

/// What follows once the technician has left. Ids are made of the sheet, so that two devices make the same once.
async fn follow(open: &Open, door: &mut Door, sheet: &Sheet, actor: &Actor, id: Uuid) -> Result<(), Failure> {
    let record: Record = door.record(id).await?.unwrap_or_default();
    if told::state(&record) != field::State::Done {
        return Ok(());
    }
    let next = follow_up_id(id);
    if copied::leaves_work(&record) && door.record(next).await?.is_none() {
        let number = next_number(open, door).await?;
        let values = copied::of_sheet(id, &record);
        door.write(dispatch::made(sheet.rules(door.now()), actor, next, &number, values)?, actor.seat).await?;
    }
    if let Some(product) = Party::of(&record.values()).product {
        let known = door.record(product).await?.unwrap_or_default();
        if let Some(draft) = install::of_sheet(id, &record, &known) {
            door.write(draft, actor.seat).await?;
        }
    }
    Ok(())
}
