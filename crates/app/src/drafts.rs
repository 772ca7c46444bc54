//! Drafts: several at once, saved while typing, encrypted like everything.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use kefu_domain::Values;
use kefu_domain::decide::moment;
use kefu_local::KeptDraft;

use crate::desk::Desk;
use crate::failure::logged;
use crate::privacy::Eyes;
use crate::wire::{Attachment, Call, Code, Draft, DraftSaveRequest, Failure};

/// What is kept of a draft.
#[derive(Serialize, Deserialize)]
struct Body {
    values: Values,
    attachments: Vec<Attachment>,
    /// Who wrote it last. Drafts of a version without seats name nobody.
    #[serde(default)]
    author: String,
    /// The call that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<Call>,
}

impl Body {
    fn draft(self, id: Uuid, saved_at: String) -> Draft {
        let Body { values, attachments, author, call } = self;
        Draft { id, saved_at, values, attachments, author, call }
    }
}

impl Desk {
    /// Saves a draft; on disk when this answers. It belongs to the machine: whoever sits here next goes on with it.
    ///
    /// # Errors
    /// The disk is full: the state saved before is kept.
    pub async fn save_draft(&self, request: DraftSaveRequest) -> Result<Draft, Failure> {
        let open = self.open()?;
        let DraftSaveRequest { id, values, attachments, call } = request;
        let body = Body { values, attachments, author: open.seat().member.name.clone(), call };
        let text = serde_json::to_string(&body).map_err(|error| logged(Code::Internal, &error))?;
        let saved_at = moment(self.now());
        open.store.save_draft(&KeptDraft { id, saved_at: saved_at.clone(), body: text }).await?;
        Ok(body.draft(id, saved_at))
    }

    /// All drafts, the last saved first; none for who does not register: they tell of customers (R120).
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn drafts(&self) -> Result<Vec<Draft>, Failure> {
        let open = self.open()?;
        if !Eyes::of(&open).await?.registers() {
            return Ok(Vec::new());
        }
        Ok(open.store.drafts().await?.into_iter().filter_map(read).collect())
    }

    /// Throws a draft away, with the files that nothing else names.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn discard_draft(&self, id: Uuid) -> Result<(), Failure> {
        let open = self.open()?;
        let draft = open.store.draft(id).await?.and_then(read);
        open.store.discard_draft(id).await?;
        let files: Vec<String> = draft.into_iter().flat_map(|d| d.attachments).map(|a| a.sha256).collect();
        Ok(open.store.forget_unused_files(&files).await?)
    }
}

fn read(kept: KeptDraft) -> Option<Draft> {
    let body: Body = serde_json::from_str(&kept.body).ok()?;
    Some(body.draft(kept.id, kept.saved_at))
}
