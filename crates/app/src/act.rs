//! Does an act of the process: asks the rules as the person who sits at the desk, writes, and shows the form as it is.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::{self, Asked};
use kefu_domain::process::{Actor, state};
use kefu_domain::validate::{FieldError, Problem};
use kefu_domain::{Line, Values};
use kefu_local::Door;

use crate::actor::{colleagues, door_to};
use crate::correct::form;
use crate::desk::{Desk, Open};
use crate::named;
use crate::privacy::correctable;
use crate::repeats::escalate;
use crate::visits;
use crate::wire::{ActRequest, Failure, FormView};

impl Desk {
    /// Does an act to a form, and shows the form as it is then.
    ///
    /// # Errors
    /// Those of [`Desk::commit`].
    pub async fn act(&self, request: ActRequest) -> Result<FormView, Failure> {
        let id = request.id;
        self.commit(request).await?;
        self.show(id).await
    }

    /// Does an act to a form; it is on disk when this returns.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::wire::Code::NotFound), [`Code::Denied`](crate::wire::Code::Denied) with the reason,
    /// [`Code::InvalidFields`](crate::wire::Code::InvalidFields),
    /// [`Code::ReasonRequired`](crate::wire::Code::ReasonRequired),
    /// [`Code::NothingChanged`](crate::wire::Code::NothingChanged). Nothing is written then.
    pub async fn commit(&self, request: ActRequest) -> Result<(), Failure> {
        let id = request.id;
        let reveals = request.act == act::REVEAL;
        let open = self.open()?;
        let asked = asked(&open, request).await?;
        let (mut door, actor) = door_to(&open, self.now(), id).await?;
        act_in(&open, &mut door, &actor, id, asked).await?;
        door.commit().await?;
        if reveals {
            open.revealed.note(actor.seat, id);
        }
        Ok(())
    }
}

/// Does an act inside an open door; the caller commits.
pub(crate) async fn act_in(open: &Open, door: &mut Door, actor: &Actor, id: Uuid, asked: Asked) -> Result<(), Failure> {
    let record = form(door, id).await?;
    let reopens = asked.act == act::REOPEN;
    let closes = visits::closed_between(&asked.act);
    if asked.act == act::CORRECT {
        correctable(open, id, &record, &asked.values).await?;
    }
    let form = open.form();
    let draft = decide::act(form.rules(door.now()), actor, id, &record, asked)?;
    door.write(draft, actor.seat).await?;
    if closes {
        visits::after_form_act(open, door, actor, id, &record).await?;
    }
    if reopens {
        escalate(open, door, actor, id, 1).await?;
    }
    Ok(())
}

/// The request with its people and forms found and its lines given their ids.
async fn asked(open: &Open, request: ActRequest) -> Result<Asked, Failure> {
    let ActRequest { act, mut values, add, strike, reason, .. } = request;
    let names = |values: &Values| values.keys().any(|key| named::named(key));
    let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    let colleagues = match names(&values) || add.keys().any(|list| named::list(list)) {
        true => colleagues(open).await?,
        false => Vec::new(),
    };
    named::complete(&mut values, &colleagues)?;
    for (list, given) in add {
        for mut values in given {
            named::complete_line(&list, &mut values, &colleagues)?;
            let line = Line { id: Uuid::now_v7(), values, struck: false };
            lines.entry(list.clone()).or_default().push(line);
        }
    }
    if act == act::MERGE
        && let Some(Value::String(into)) = values.get("merged_into")
    {
        let id = other_form(open, into).await?;
        values.insert("merged_into".into(), json!(id.to_string()));
    }
    Ok(Asked { act, values, add: lines, strike, reason })
}

/// The form that another one is merged into, by id or number: one that stands on its own.
async fn other_form(open: &Open, text: &str) -> Result<Uuid, Failure> {
    let number = kefu_domain::text::to_half_width(text.trim()).to_uppercase();
    let id = match Uuid::try_parse(text.trim()) {
        Ok(id) => Some(id),
        Err(_) => open.store.form_by_number(&number).await?,
    };
    if let Some(id) = id {
        let record = open.store.record(id).await?.filter(|record| record.kind == kind::FORM);
        let gone = [state::MERGED, state::VOIDED];
        if record.is_some_and(|record| !gone.contains(&record.state.as_str())) {
            return Ok(id);
        }
    }
    let detail = Some(text.to_string());
    Err(Failure::fields(vec![FieldError { field: "merged_into".into(), problem: Problem::UnknownOption, detail }]))
}
