//! `kefu visit`: the work list of return visits, one visit, tries and answers, plans, quarterly surveys, the questionnaire.

use std::path::{Path, PathBuf};

use kefu_app::wire::{
    AllowVisitsRequest, Code, DrawRequest, Failure, FollowVisitRequest, Questionnaire, RecordVisitRequest, Sheet,
    VisitActRequest, VisitFilter, VisitPlanRequest, VisitRow, VisitsRequest,
};
use kefu_app::{Desk, in_words};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::arguments::Words;
use crate::{commands, line};

/// What `kefu visit` is asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Visit {
    List { filter: String, offset: u32, limit: u32 },
    Show { number: String },
    Act { number: String, act: String, json: Option<PathBuf> },
    Record { number: String, json: PathBuf },
    Follow { number: String, how: String },
    Print { number: String, out: PathBuf },
    Allow { customer: String, reason: String },
    Plans,
    Plan { file: PathBuf },
    Draw { quarter: String, size: u32, seed: u32 },
    Rounds,
    Questionnaire { file: Option<PathBuf> },
}

impl Words {
    /// Reads what stands behind `kefu visit`.
    pub(crate) fn visit(&mut self) -> Result<Visit, String> {
        let what = "list, show, act, record, follow, print, allow, plan, plans, draw, rounds or questionnaire";
        Ok(match self.one_text(what)?.as_str() {
            "list" => Visit::List {
                filter: self.text("--filter")?.unwrap_or_else(|| "due".into()),
                offset: self.number("--offset")?.unwrap_or(0),
                limit: self.number("--limit")?.unwrap_or(50),
            },
            "show" => Visit::Show { number: self.one_text("a number")? },
            "act" => Visit::Act {
                json: self.take("--json").map(PathBuf::from),
                number: self.one_text("a number")?,
                act: self.one_text("an act")?,
            },
            "record" => Visit::Record {
                json: self.take("--json").ok_or("kefu visit record: --json FILE|- is needed")?.into(),
                number: self.one_text("a number")?,
            },
            "follow" => Visit::Follow { number: self.one_text("a number")?, how: self.one_text("reopen or new_form")? },
            "print" => Visit::Print {
                out: self
                    .take("-o")
                    .or_else(|| self.take("--out"))
                    .ok_or("kefu visit print: -o OUT.pdf is needed")?
                    .into(),
                number: self.one_text("a number")?,
            },
            "allow" => Visit::Allow {
                reason: self.text("--reason")?.ok_or("kefu visit allow: --reason is needed")?,
                customer: self.one_text("the id of a customer")?,
            },
            "plans" => Visit::Plans,
            "plan" => Visit::Plan { file: self.one("a file, or - for standard input,")?.into() },
            "draw" => Visit::Draw {
                quarter: self.text("--quarter")?.ok_or("kefu visit draw: --quarter 2026Q3 is needed")?,
                size: self.number("--size")?.ok_or("kefu visit draw: --size is needed")?,
                seed: self.number("--seed")?.unwrap_or(1),
            },
            "rounds" => Visit::Rounds,
            "questionnaire" => Visit::Questionnaire { file: self.one("a file").ok().map(PathBuf::from) },
            other => return Err(format!("kefu visit: unknown {other}")),
        })
    }
}

/// Does what is asked for.
pub(crate) async fn run(desk: &Desk, visit: Visit) -> Result<(), Failure> {
    match visit {
        Visit::List { filter, offset, limit } => {
            let filter: VisitFilter = of_code(&filter)?;
            let page = desk.visits(VisitsRequest { filter, visitor: None, offset, limit }).await?;
            page.rows.iter().for_each(|row| line(&told(row)));
        }
        Visit::Show { number } => show(&desk.visit(desk.visit_of_number(&number).await?).await?),
        Visit::Act { number, act, json } => {
            let mut request: VisitActRequest = json.as_deref().map(read).transpose()?.unwrap_or_default();
            (request.id, request.act) = (desk.visit_of_number(&number).await?, act);
            line(&told(&desk.act_visit(request).await?.row));
        }
        Visit::Record { number, json } => {
            let mut request: RecordVisitRequest = read(&json)?;
            request.id = desk.visit_of_number(&number).await?;
            line(&told(&desk.record_visit(request).await?.row));
        }
        Visit::Follow { number, how } => {
            let request = FollowVisitRequest { id: desk.visit_of_number(&number).await?, unsolved: of_code(&how)? };
            let view = desk.follow_visit(request).await?;
            line(&json!({"number": view.row.number, "goes_on": view.values.get("follow.number")}));
        }
        Visit::Print { number, out } => {
            let sheet = Sheet::Visit(desk.visit_of_number(&number).await?);
            let failed =
                |error: std::io::Error| Failure::new(Code::FileNotWritten).with("detail", in_words(error.kind()));
            let printed = desk.copy_out(sheet, |pdf| std::fs::write(&out, pdf).map_err(failed)).await?;
            line(&json!({"number": number, "copy": printed.copy}));
        }
        Visit::Allow { customer, reason } => {
            let customer = customer.parse().map_err(|_| Failure::new(Code::NotFound))?;
            desk.allow_visits(AllowVisitsRequest { customer, reason }).await?;
            line(&json!({"customer": customer}));
        }
        Visit::Plans => desk.visit_plans().await?.iter().for_each(show),
        Visit::Plan { file } => {
            let request: VisitPlanRequest = read(&file)?;
            desk.save_visit_plan(request).await?.iter().for_each(show);
        }
        Visit::Draw { quarter, size, seed } => {
            show(&desk.draw_visits(DrawRequest { quarter, seed, size }).await?);
        }
        Visit::Rounds => desk.visit_rounds().await?.iter().for_each(show),
        Visit::Questionnaire { file: None } => show(&desk.questionnaires().await?.current),
        Visit::Questionnaire { file: Some(file) } => {
            let set: Questionnaire = read(&file)?;
            let current = desk.save_questionnaire(set).await?.current;
            line(&json!({"id": current.id, "version": current.version}));
        }
    }
    Ok(())
}

fn show(value: &impl serde::Serialize) {
    line(&serde_json::to_value(value).unwrap_or_default());
}

fn told(row: &VisitRow) -> Value {
    json!({
        "number": row.number, "type": row.occasion, "state": row.state, "due": row.due, "agreed_at": row.agreed_at,
        "overdue": row.overdue, "missing_year": row.missing_year, "form": row.form_number, "customer": row.customer,
        "phone": row.phone, "visitor": row.visitor, "tries": row.tries, "pending": row.pending,
    })
}

/// A value of an enumeration by its code.
fn of_code<T: DeserializeOwned>(code: &str) -> Result<T, Failure> {
    serde_json::from_value(json!(code)).map_err(|_| Failure::new(Code::NotFound))
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    serde_json::from_str(&commands::read(file)?).map_err(|error| {
        let place = format!("第 {} 行第 {} 列", error.line(), error.column());
        Failure::new(Code::BadJson).with("place", place)
    })
}
