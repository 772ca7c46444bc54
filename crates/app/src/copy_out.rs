//! Paper: the preview, and every copy that leaves the desk, which is a change in the log.

use chrono::DateTime;
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::field::acts;
use kefu_domain::privacy::is_ended;
use kefu_domain::process::Why;
use kefu_domain::{Lists, Record, Refusal, Template, Values, decide, fold::state};

use crate::actor::actor;
use crate::desk::{Desk, Open};
use crate::privacy::in_clear;
use crate::visits::{VisitSheet, printed, sheet_of};
use crate::wire::{Code, Failure, Printed, Sheet};
use crate::{book, field};

/// What is on paper, as it stands now, for somebody who may see it.
enum Original {
    Blank,
    /// Empty forms with these numbers.
    Printing(Vec<String>),
    Form(Uuid, Record),
    Service(Uuid, Record),
    Visit(Uuid, Box<VisitSheet>),
}

impl Original {
    /// `judge` may refuse it before anybody asks who sees it.
    async fn of(open: &Open, sheet: Sheet, judge: fn(&Record) -> Result<(), Refusal>) -> Result<Self, Failure> {
        Ok(match sheet {
            Sheet::Blank => Original::Blank,
            Sheet::Printing(id) => match book::printing(open, id).await? {
                none if none.is_empty() => return Err(Failure::new(Code::NotFound)),
                numbers => Original::Printing(numbers),
            },
            Sheet::Service(id) => Original::Service(id, field::sheet_record(open, id).await?),
            Sheet::Visit(id) => {
                let visit = sheet_of(open, id).await?;
                judge(&visit.record)?;
                Original::Visit(id, Box::new(visit))
            }
            Sheet::Form(id) => {
                let record = open.store.record(id).await?.filter(|record| record.kind == kind::FORM);
                let record = record.ok_or_else(|| Failure::new(Code::NotFound))?;
                judge(&record)?;
                in_clear(open, id, &record).await?;
                Original::Form(id, record)
            }
        })
    }

    async fn draw(&self, desk: &Desk, open: &Open, copy: Option<u32>) -> Result<Vec<u8>, Failure> {
        match self {
            Original::Blank => draw_blank(desk, open, &[None]),
            Original::Printing(numbers) => {
                draw_blank(desk, open, &numbers.iter().map(|number| Some(number.as_str())).collect::<Vec<_>>())
            }
            Original::Form(_, record) => draw(desk, open, record, copy).await,
            Original::Service(_, record) => field::draw(desk, open, record, copy).await,
            Original::Visit(_, visit) => draw_visit(desk, open, visit, copy).await,
        }
    }

    /// The number of the next copy, and the change that counts it; None for blank forms, which are not counted.
    async fn next_copy(&self, open: &Open) -> Result<Option<(u32, Draft)>, Failure> {
        let (record, draft) = match self {
            Original::Blank | Original::Printing(_) => return Ok(None),
            Original::Form(id, record) => (record, decide::print(*id)),
            Original::Visit(id, visit) => (&visit.record, printed(*id)),
            Original::Service(id, record) => {
                acts::may(&actor(open).await?, record, act::PRINT).map_err(Refusal::Denied)?;
                (record, Draft::new(*id, kind::SERVICE, act::PRINT))
            }
        };
        Ok(Some((record.copies + 1, draft)))
    }
}

/// The sheet as PDF, as it would be printed now. Writes nothing.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Masked`], [`Code::PaperFailed`].
pub async fn preview(desk: &Desk, sheet: Sheet) -> Result<Vec<u8>, Failure> {
    let open = desk.open()?;
    Original::of(&open, sheet, |_| Ok(())).await?.draw(desk, &open, None).await
}

/// A file name for the sheet that every system accepts.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn file_name(desk: &Desk, sheet: Sheet) -> Result<String, Failure> {
    let open = desk.open()?;
    let (title, id) = match sheet {
        Sheet::Blank => return Ok("客服登记表 空白.pdf".into()),
        Sheet::Printing(id) => {
            let numbers = book::printing(&open, id).await?;
            let first = numbers.first().ok_or_else(|| Failure::new(Code::NotFound))?;
            return Ok(format!("客服登记表 空白 {first} 起 {} 份.pdf", numbers.len()));
        }
        Sheet::Form(id) => ("客服登记表", id),
        Sheet::Service(id) => ("售后服务单", id),
        Sheet::Visit(id) => ("客户回访记录表", id),
    };
    let record = open.store.record(id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
    Ok(format!("{title} {}.pdf", record.text("number").unwrap_or_default()))
}

impl Desk {
    /// Draws a copy, hands it to `deliver` (printer or file), and counts it. A copy that could not be delivered is not
    /// counted; blank forms never are.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Masked`], [`Code::PaperFailed`], or what `deliver` says.
    pub async fn copy_out<F>(&self, sheet: Sheet, deliver: F) -> Result<Printed, Failure>
    where
        F: FnOnce(&[u8]) -> Result<(), Failure> + Send,
    {
        let open = self.open()?;
        // One copy after the other, but outside the door: a printer that hangs must not keep anyone from registering.
        let _turn = self.copying.lock().await;
        let original = Original::of(&open, sheet, goes_on).await?;
        let (copy, draft) = original.next_copy(&open).await?.unzip();
        deliver(&original.draw(self, &open, copy).await?)?;
        if let Some(draft) = draft {
            let mut door = open.store.door(self.now()).await?;
            door.write(draft, open.seat().id).await?;
            door.commit().await?;
        }
        Ok(Printed { copy, file: None, cancelled: false })
    }
}

/// A copy is a change: an erased record takes none.
fn goes_on(record: &Record) -> Result<(), Refusal> {
    if is_ended(record) { Err(Refusal::Denied(Why::WrongState)) } else { Ok(()) }
}

async fn draw_visit(desk: &Desk, open: &Open, visit: &VisitSheet, copy: Option<u32>) -> Result<Vec<u8>, Failure> {
    let seat = open.seat();
    let sheet = kefu_paper::Sheet {
        template: &visit.template,
        codes: &visit.codes,
        values: &visit.values,
        lists: &visit.lists,
        company: &open.company(),
        number: visit.record.text("number"),
        copy,
        printed_at: desk.now(),
        printed_by: &seat.member.name,
        rules: None,
        voided: visit.record.state == kefu_domain::visits::state::CANCELLED,
    };
    Ok(desk.press()?.draw(&sheet)?)
}

/// Empty forms for a pen, one for each number or none.
fn draw_blank(desk: &Desk, open: &Open, numbers: &[Option<&str>]) -> Result<Vec<u8>, Failure> {
    let (form, seat, company) = (open.form(), open.seat(), open.company());
    let (values, lists) = Default::default();
    let sheet = |number: &Option<_>| kefu_paper::Sheet {
        template: &form.template,
        codes: &form.codes,
        values: &values,
        lists: &lists,
        company: &company,
        number: *number,
        copy: None,
        printed_at: desk.now(),
        printed_by: &seat.member.name,
        rules: None,
        voided: false,
    };
    Ok(desk.press()?.draw_all(&numbers.iter().map(sheet).collect::<Vec<_>>())?)
}

async fn draw(desk: &Desk, open: &Open, record: &Record, copy: Option<u32>) -> Result<Vec<u8>, Failure> {
    let form = open.form();
    let seat = open.seat();
    let (values, lists) = on_paper(record, &form.template);
    let day = record.text("received_at").and_then(|at| DateTime::parse_from_rfc3339(at).ok()).map(|at| at.date_naive());
    let rules = open.store.rules().await?;
    let rules = day.and_then(|day| rules.sets.in_force(day)).map(|r| format!("{} 第 {} 版", r.set.name, r.set.version));
    let sheet = kefu_paper::Sheet {
        template: &form.template,
        codes: &form.codes,
        values: &values,
        lists: &lists,
        company: &open.company(),
        number: record.text("number"),
        copy,
        printed_at: desk.now(),
        printed_by: &seat.member.name,
        rules: rules.as_deref(),
        voided: record.state == state::VOIDED,
    };
    Ok(desk.press()?.draw(&sheet)?)
}

/// What of a record belongs on the sheet: not what the process keeps for itself, such as seats and the log of calls.
/// What nobody here knows, because a newer version wrote it, stays.
fn on_paper(record: &Record, template: &Template) -> (Values, Lists) {
    let process = Template::process();
    let printed = |key: &str| template.field(key).is_some() || process.field(key).is_none();
    let mut values = record.values();
    values.retain(|key, _| printed(key));
    let mut lists = record.lists.clone();
    lists.retain(|key, _| printed(key));
    for (key, lines) in &mut lists {
        let has = |template: &Template, column: &str| {
            template.field(key).is_some_and(|list| list.columns.iter().any(|c| c.key == column))
        };
        for line in lines {
            line.values.retain(|column, _| has(template, column) || !has(&process, column));
        }
    }
    (values, lists)
}
