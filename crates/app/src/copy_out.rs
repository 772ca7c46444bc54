//! Paper: the preview, and every copy that leaves the desk, which is a change in the log.

use kefu_domain::change::kind;
use kefu_domain::{Lists, Values, decide, fold::state};

use crate::desk::{Desk, Open};
use crate::privacy::in_clear;
use crate::wire::{Code, Failure, Printed, Sheet};

/// The sheet as PDF, as it would be printed now. Writes nothing.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Masked`], [`Code::PaperFailed`].
pub async fn preview(desk: &Desk, sheet: Sheet) -> Result<Vec<u8>, Failure> {
    let open = desk.open()?;
    match sheet {
        Sheet::Blank => draw(desk, &open, None, None),
        Sheet::Form(id) => {
            let record = open.store.record(id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
            in_clear(&open, id, &record).await?;
            draw(desk, &open, Some(&record), None)
        }
    }
}

/// A file name for the sheet that every system accepts.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn file_name(desk: &Desk, sheet: Sheet) -> Result<String, Failure> {
    let open = desk.open()?;
    let number = match sheet {
        Sheet::Blank => "空白".to_string(),
        Sheet::Form(id) => {
            let record = open.store.record(id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
            record.text("number").unwrap_or_default().to_string()
        }
    };
    Ok(format!("客服登记表 {number}.pdf"))
}

impl Desk {
    /// Draws a copy, hands it to `deliver` (printer or file), and counts it. A copy that could not be delivered is not
    /// counted; the blank form never is.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Masked`], [`Code::PaperFailed`], or what `deliver` says.
    pub async fn copy_out<F>(&self, sheet: Sheet, deliver: F) -> Result<Printed, Failure>
    where
        F: FnOnce(&[u8]) -> Result<(), Failure> + Send,
    {
        let open = self.open()?;
        let Sheet::Form(id) = sheet else {
            deliver(&draw(self, &open, None, None)?)?;
            return Ok(Printed { copy: None, file: None, cancelled: false });
        };
        // One copy after the other, but outside the door: a printer that hangs must not keep anyone from registering.
        let _turn = self.copying.lock().await;
        let record = open.store.record(id).await?.filter(|record| record.kind == kind::FORM);
        let record = record.ok_or_else(|| Failure::new(Code::NotFound))?;
        in_clear(&open, id, &record).await?;
        let copy = record.copies + 1;
        deliver(&draw(self, &open, Some(&record), Some(copy))?)?;
        let mut door = open.store.door(self.now()).await?;
        door.write(decide::print(id), open.seat().id).await?;
        door.commit().await?;
        Ok(Printed { copy: Some(copy), file: None, cancelled: false })
    }
}

fn draw(desk: &Desk, open: &Open, record: Option<&kefu_domain::Record>, copy: Option<u32>) -> Result<Vec<u8>, Failure> {
    let form = open.form();
    let seat = open.seat();
    let (values, lists) = match record {
        Some(record) => (record.values(), record.lists.clone()),
        None => (Values::new(), Lists::new()),
    };
    let sheet = kefu_paper::Sheet {
        template: &form.template,
        codes: &form.codes,
        values: &values,
        lists: &lists,
        company: &open.company,
        number: record.and_then(|r| r.text("number")),
        copy,
        printed_at: desk.now(),
        printed_by: &seat.member.name,
        voided: record.is_some_and(|r| r.state == state::VOIDED),
    };
    Ok(desk.press()?.draw(&sheet)?)
}
