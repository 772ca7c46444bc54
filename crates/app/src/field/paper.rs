//! 《售后服务单》 on paper, signatures included.

use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::field::{State, sheet as told};

use super::{hash_of, sheet, show::here};
use crate::actor::actor;
use crate::desk::{Desk, Open};
use crate::privacy::Eyes;
use crate::wire::{Code, Failure};

/// The sheet `id` for printing: who does not see it in clear does not print it either.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Masked`].
pub(crate) async fn sheet_record(open: &Open, id: Uuid) -> Result<Record, Failure> {
    let record = sheet(open, &actor(open).await?, id).await?;
    if Eyes::of(open).await?.sees_sheet(open, &record).await? { Ok(record) } else { Err(Failure::new(Code::Masked)) }
}

/// Draws a sheet as it stands; a signature that was voided by a change says so in its place.
///
/// # Errors
/// [`Code::PaperFailed`].
pub(crate) async fn draw(desk: &Desk, open: &Open, record: &Record, copy: Option<u32>) -> Result<Vec<u8>, Failure> {
    let form = open.form();
    let here = here(open, record).await?;
    let (mut values, mut lists) = told::shown(record, &hash_of(record), |photo| here.contains(photo));
    values.retain(|key, _| form.sheet.template.field(key).is_some());
    // Where a part was taken from is the company's own affair.
    for (key, line) in lists.iter_mut().flat_map(|(key, lines)| lines.iter_mut().map(move |line| (key, line))) {
        let columns = form.sheet.template.field(key).map(|field| field.columns.as_slice()).unwrap_or_default();
        line.values.retain(|name, _| columns.iter().any(|column| column.key == *name));
    }
    let seat = open.seat();
    let sheet = kefu_paper::Sheet {
        template: &form.sheet.template,
        codes: &form.sheet.codes,
        values: &values,
        lists: &lists,
        company: &open.company(),
        number: record.text("number"),
        copy,
        printed_at: desk.now(),
        printed_by: &seat.member.name,
        rules: None,
        voided: told::state(record) == State::Cancelled,
    };
    Ok(desk.press()?.draw(&sheet)?)
}
