//! Registers a form (登记): checks it, gives its number, writes it, and answers when it is on disk.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use kefu_domain::change::{Setting, act};
use kefu_domain::process::{Actor, permit};
use kefu_domain::validate::{check_form, is_empty};
use kefu_domain::{Line, Record, Refusal, decide};
use kefu_local::Door;

use crate::actor::door_for;
use crate::desk::{Desk, Open};
use crate::repeats::look_soon;
use crate::wire::{Attachment, CheckAnswer, CheckRequest, Failure, RegisterRequest, Registered};
use crate::{book, call};

/// List of the calls of a form.
const CALLS: &str = "calls";
/// Field of the number; given only for a form on paper.
const NUMBER: &str = "number";
/// Field that says so (补录, R24).
const FROM_PAPER: &str = "from_paper";
/// Field that names the form that this one goes on with (关联登记).
const RELATED: &str = "related.number";

impl Desk {
    /// What stands in the way of registering these values; empty when nothing does.
    ///
    /// # Errors
    /// The desk is locked.
    pub fn check(&self, request: &CheckRequest) -> Result<CheckAnswer, Failure> {
        let form = self.open()?.form();
        let mut values = request.values.clone();
        values.remove(NUMBER);
        Ok(CheckAnswer { fields: check_form(&form.template, &form.codes, &values, self.now()) })
    }

    /// Registers a form.
    ///
    /// # Errors
    /// [`Code::Denied`] to whom registers nothing, [`Code::InvalidFields`] with the fields; nothing is written then and no number is used up.
    pub async fn register(&self, request: RegisterRequest) -> Result<Registered, Failure> {
        let open = self.open()?;
        let (mut door, actor) = door_for(&open, self.now()).await?;
        let registered = register(&open, &mut door, &actor, request).await?;
        door.commit().await?;
        // He has just written it, and goes on to print it.
        open.revealed.note(open.seat().id, registered.id);
        look_soon(&open, &self.clock);
        Ok(registered)
    }
}

/// Registers inside an open door; the caller commits.
pub(crate) async fn register(
    open: &Open,
    door: &mut Door,
    actor: &Actor,
    request: RegisterRequest,
) -> Result<Registered, Failure> {
    register_after(open, door, actor, request, None).await
}

/// Registers a form that goes on with the one numbered `related`.
pub(crate) async fn register_after(
    open: &Open,
    door: &mut Door,
    actor: &Actor,
    request: RegisterRequest,
    related: Option<&str>,
) -> Result<Registered, Failure> {
    permit(actor, &Record::default(), act::REGISTER).map_err(Refusal::Denied)?;
    let (now, id) = (door.now(), Uuid::now_v7());
    let mut values = request.values;
    let on_paper = values.remove(NUMBER).filter(|number| !is_empty(Some(number)));
    let (number, taken_in) = match &on_paper {
        Some(number) => {
            book::take_in(open, door, actor, number, id).await.map(|(number, draft)| (number, Some(draft)))?
        }
        None => (book::next_number(open, door).await?, None),
    };
    let files = request.attachments.iter().map(attachment_line).collect();
    let form = open.form();
    let seat = open.seat();
    let mut draft = decide::register(form.rules(now), id, &number, seat.receiver(), values, files)?;
    if let Some(call) = &request.call {
        draft.add.insert(CALLS.into(), vec![call::line(call, &seat.member.name, now)?]);
    }
    if let Some(number) = related {
        draft.set.insert(RELATED.into(), Setting { to: json!(number), was: Vec::new() });
    }
    if taken_in.is_some() {
        draft.set.insert(FROM_PAPER.into(), Setting { to: json!(true), was: Vec::new() });
    }
    door.write(draft, seat.id).await?;
    if let Some(taken_in) = taken_in {
        door.write(taken_in, seat.id).await?;
    }
    if let Some(draft) = request.draft {
        door.drop_draft(draft).await?;
    }
    Ok(Registered { id, number: number.to_string() })
}

/// The line of the attachments list that names a kept file.
pub(crate) fn attachment_line(file: &Attachment) -> Line {
    let values = BTreeMap::from([
        ("name".to_string(), json!(file.name)),
        ("mime".to_string(), json!(file.mime)),
        ("size".to_string(), json!(file.size)),
        ("sha256".to_string(), json!(file.sha256)),
        ("added_at".to_string(), json!(file.added_at)),
    ]);
    Line { id: file.id, values, struck: false }
}
