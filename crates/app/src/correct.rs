//! Corrects or completes a registered form (更正), and declares one void (作废).

use uuid::Uuid;

use kefu_domain::decide::{self, ATTACHMENTS, Correction};
use kefu_domain::{Line, change::kind};
use kefu_local::Door;

use crate::desk::Desk;
use crate::privacy::correctable;
use crate::register::attachment_line;
use crate::wire::{Code, CorrectRequest, Failure, FormView, VoidRequest};

impl Desk {
    /// Corrects a form, with a reason.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::NotNow`], [`Code::InvalidFields`], [`Code::ReasonRequired`], [`Code::NothingChanged`].
    pub async fn correct(&self, request: CorrectRequest) -> Result<FormView, Failure> {
        let open = self.open()?;
        let mut door = open.store.door(self.now()).await?;
        let record = form(&mut door, request.id).await?;
        correctable(&open, request.id, &record, &request.values).await?;
        let line = |values| Line { id: Uuid::now_v7(), values, struck: false };
        let mut add: std::collections::BTreeMap<_, Vec<Line>> =
            request.add.into_iter().map(|(list, lines)| (list, lines.into_iter().map(line).collect())).collect();
        add.insert(ATTACHMENTS.into(), request.attachments.iter().map(attachment_line).collect());
        let asked = Correction { values: request.values, add, strike: request.strike, reason: request.reason };
        let draft = decide::correct(open.form().rules(self.now()), request.id, &record, asked)?;
        door.write(draft, open.seat().id).await?;
        door.commit().await?;
        self.show(request.id).await
    }

    /// Declares a form void, with a reason.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::NotNow`], [`Code::ReasonRequired`].
    pub async fn void_form(&self, request: VoidRequest) -> Result<FormView, Failure> {
        let open = self.open()?;
        let mut door = open.store.door(self.now()).await?;
        let record = form(&mut door, request.id).await?;
        door.write(decide::void(request.id, &record, &request.reason)?, open.seat().id).await?;
        door.commit().await?;
        self.show(request.id).await
    }
}

/// The form with this id, as it stands inside the door.
async fn form(door: &mut Door, id: Uuid) -> Result<kefu_domain::Record, Failure> {
    let record = door.record(id).await?.filter(|record| record.kind == kind::FORM);
    record.ok_or_else(|| Failure::new(Code::NotFound))
}
