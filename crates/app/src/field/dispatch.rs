//! Dispatches a visit (派工), from a form or without one.

use serde_json::{Value, json};
use uuid::Uuid;

use kefu_domain::Values;
use kefu_domain::change::{act, kind};
use kefu_domain::field::copied::of_form;
use kefu_domain::field::{ENGINEER_SEAT, acts, dispatch, number};
use kefu_domain::number::FormNumber;
use kefu_domain::process::state;
use kefu_domain::validate::{FieldError, Problem};
use kefu_domain::{Record, Refusal};
use kefu_local::Door;

use super::technicians;
use crate::actor::actor;
use crate::desk::{Desk, Open};
use crate::failure::logged;
use crate::privacy::in_clear;
use crate::wire::{Code, DispatchRequest, Failure, ServiceView};

impl Desk {
    /// Dispatches a visit.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::NotFound`] (no such form, or one that stands no longer), [`Code::InvalidFields`].
    pub async fn dispatch_service(&self, request: DispatchRequest) -> Result<ServiceView, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        acts::may(&actor, &Record::default(), act::DISPATCH).map_err(Refusal::Denied)?;
        let mut values = match request.form {
            Some(id) => {
                let record = open.store.record(id).await?.filter(|record| record.kind == kind::FORM);
                let gone = [state::MERGED, state::VOIDED];
                let record = record.filter(|record| !gone.contains(&record.state.as_str()));
                of_form(id, &record.ok_or_else(|| Failure::new(Code::NotFound))?)
            }
            None => Values::new(),
        };
        values.extend(request.values);
        if let Some(id) = request.form {
            // Who may not see what stands on the form may send a technician there all the same, but not write over it.
            let record = open.store.record(id).await?.unwrap_or_default();
            if in_clear(&open, id, &record).await.is_err() {
                values.extend(of_form(id, &record).into_iter().filter(|(key, _)| key.starts_with("customer.")));
            }
        }
        name_engineer(&open, &mut values).await?;
        let form = open.form();
        let mut door = open.store.door(self.now()).await?;
        let (id, number) = (Uuid::now_v7(), next_number(&open, &mut door).await?);
        let draft = dispatch::dispatch(form.sheet.rules(self.now()), &actor, id, &number, values)?;
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        self.service(id).await
    }
}

/// The next 服务单号 of this device.
pub(super) async fn next_number(open: &Open, door: &mut Door) -> Result<String, Failure> {
    let day = door.now().date_naive();
    let device = open.store.device().code.parse().map_err(|error| logged(Code::Internal, &error))?;
    Ok(number(&FormNumber { day, device, serial: door.next_service_serial(day).await? }))
}

/// Completes the technician: a seat finds its name, a name or 工号 its seat. Who does not go out cannot be sent.
pub(super) async fn name_engineer(open: &Open, values: &mut Values) -> Result<(), Failure> {
    let text =
        |values: &Values, key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_string();
    let (seat, name) = (text(values, ENGINEER_SEAT), text(values, "engineer"));
    if seat.is_empty() && name.is_empty() {
        return Ok(());
    }
    let known = technicians(open).await?;
    let mut fits =
        known.iter().filter(|one| if seat.is_empty() { one.name == name } else { one.id.to_string() == seat });
    match (fits.next(), fits.next()) {
        (Some(one), None) => {
            values.insert("engineer".into(), json!(one.name));
            values.insert(ENGINEER_SEAT.into(), json!(one.id.to_string()));
            Ok(())
        }
        _ => {
            let detail = Some(if name.is_empty() { seat } else { name });
            let error = FieldError { field: "engineer".into(), problem: Problem::UnknownOption, detail };
            Err(Failure::fields(vec![error]))
        }
    }
}
