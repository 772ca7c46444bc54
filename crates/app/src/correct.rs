//! Corrects or completes a registered form (更正), and declares one void (作废).

use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::{ATTACHMENTS, Asked};
use kefu_domain::{Line, Record};
use kefu_local::Door;

use crate::act::act_in;
use crate::actor::actor;
use crate::desk::Desk;
use crate::register::attachment_line;
use crate::wire::{Code, CorrectRequest, Failure, FormView, VoidRequest};

impl Desk {
    /// Corrects a form, with a reason.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Denied`], [`Code::InvalidFields`], [`Code::ReasonRequired`], [`Code::NothingChanged`].
    pub async fn correct(&self, request: CorrectRequest) -> Result<FormView, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let line = |values| Line { id: Uuid::now_v7(), values, struck: false };
        let mut add: std::collections::BTreeMap<_, Vec<Line>> =
            request.add.into_iter().map(|(list, lines)| (list, lines.into_iter().map(line).collect())).collect();
        add.insert(ATTACHMENTS.into(), request.attachments.iter().map(attachment_line).collect());
        let CorrectRequest { id, values, strike, reason, .. } = request;
        let asked = Asked { act: act::CORRECT.into(), values, add, strike, reason };
        let mut door = open.store.door(self.now()).await?;
        act_in(&open, &mut door, &actor, id, asked).await?;
        door.commit().await?;
        self.show(id).await
    }

    /// Declares a form void, with a reason.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Denied`], [`Code::ReasonRequired`].
    pub async fn void_form(&self, request: VoidRequest) -> Result<FormView, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let asked = Asked { act: act::VOID.into(), reason: request.reason, ..Asked::default() };
        let mut door = open.store.door(self.now()).await?;
        act_in(&open, &mut door, &actor, request.id, asked).await?;
        door.commit().await?;
        self.show(request.id).await
    }
}

/// The form with this id, as it stands inside the door.
pub(crate) async fn form(door: &mut Door, id: Uuid) -> Result<Record, Failure> {
    let record = door.record(id).await?.filter(|record| record.kind == kind::FORM);
    record.ok_or_else(|| Failure::new(Code::NotFound))
}
