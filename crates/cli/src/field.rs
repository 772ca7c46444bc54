//! Field service from a terminal: visits, their sheets, parts and plans.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kefu_app::wire::{
    Code, DispatchRequest, Failure, MakeVisitsRequest, SaveCrewRequest, SavePlanRequest, ServiceActRequest,
    ServiceView, ServicesRequest, Sheet, StockRequest,
};
use kefu_app::{Desk, in_words};
use serde_json::{Value, json};

use crate::arguments::Words;
use crate::commands::{copy_out, read};
use crate::line;

/// Options that take a value and belong to no other command.
pub(crate) const VALUED: [&str; 6] = ["--until", "--engineer", "--form", "--when", "--place", "--serial"];

/// What is asked.
#[derive(Debug, PartialEq)]
pub(crate) enum FieldCommand {
    List { from: String, until: String, engineer: String },
    Show { number: String },
    Dispatch { form: String, json: Option<PathBuf> },
    Act { number: String, act: String, json: Option<PathBuf> },
    Photo { number: String, file: PathBuf, when: String },
    Print { number: String, out: PathBuf },
    Stock { place: String, serial: String },
    Take { json: PathBuf },
    Plans,
    Plan { json: PathBuf },
    Visits { until: String },
    Crew { json: Option<PathBuf> },
}

impl FieldCommand {
    /// Reads what follows `kefu field`.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub(crate) fn read(words: &mut Words) -> Result<Self, String> {
        let what = words.one_text("what to do")?;
        let json = words.take("--json").map(PathBuf::from);
        let mut text = |option: &str| words.text(option).map(Option::unwrap_or_default);
        Ok(match what.as_str() {
            "list" => {
                FieldCommand::List { from: text("--from")?, until: text("--until")?, engineer: text("--engineer")? }
            }
            "dispatch" => FieldCommand::Dispatch { form: text("--form")?, json },
            "stock" => FieldCommand::Stock { place: text("--place")?, serial: text("--serial")? },
            "take" => FieldCommand::Take { json: json.ok_or("kefu field take: --json is needed")? },
            "plans" => FieldCommand::Plans,
            "plan" => FieldCommand::Plan { json: json.ok_or("kefu field plan: --json is needed")? },
            "visits" => FieldCommand::Visits { until: text("--until")? },
            "crew" => FieldCommand::Crew { json },
            "photo" => {
                let when = text("--when")?;
                FieldCommand::Photo { when, number: words.one_text("a number")?, file: words.one("a file")?.into() }
            }
            "show" => FieldCommand::Show { number: words.one_text("a number")? },
            "print" => {
                let out = words.take("-o").or_else(|| words.take("--out")).ok_or("kefu field print: -o is needed")?;
                FieldCommand::Print { number: words.one_text("a number")?, out: out.into() }
            }
            _ => FieldCommand::Act { act: what, number: words.one_text("a number")?, json },
        })
    }
}

/// The JSON of a file, as the type that is wanted.
macro_rules! parsed {
    ($file:expr) => {
        serde_json::from_str(&read($file)?).map_err(|error| bad_json(&error))?
    };
}

/// Runs it on an open desk.
pub(crate) async fn run(desk: &Desk, command: FieldCommand) -> Result<(), Failure> {
    match command {
        FieldCommand::List { from, until, engineer } => {
            let mut request = ServicesRequest { from, until, ..ServicesRequest::default() };
            if !engineer.is_empty() {
                let known = desk.field_desk().await?.technicians;
                let found = known.iter().find(|one| one.name == engineer || one.id.to_string() == engineer);
                request.engineer = Some(found.ok_or_else(|| Failure::new(Code::NotFound))?.id);
            }
            desk.services(request).await?.iter().for_each(|row| line(&json!(row)));
        }
        FieldCommand::Show { number } => line(&json!(desk.service(desk.service_id(&number).await?).await?)),
        FieldCommand::Dispatch { form, json } => {
            let mut request = DispatchRequest::default();
            if let Some(file) = json {
                request.values = parsed!(&file);
            }
            if !form.is_empty() {
                request.form = Some(desk.id_of(&form).await?);
            }
            told(&desk.dispatch_service(request).await?);
        }
        FieldCommand::Act { number, act, json } => {
            let mut request: ServiceActRequest = match json {
                Some(file) => parsed!(&file),
                None => ServiceActRequest::default(),
            };
            (request.id, request.act) = (desk.service_id(&number).await?, act);
            told(&desk.service_act(request).await?);
        }
        FieldCommand::Photo { number, file, when } => {
            let id = desk.service_id(&number).await?;
            let unreadable =
                |error: std::io::Error| Failure::new(Code::FileNotRead).with("detail", in_words(error.kind()));
            let bytes = std::fs::read(&file).map_err(unreadable)?;
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let mut photo = desk.attach_photo(id, &name, &bytes).await?;
            photo.when = when;
            let request =
                ServiceActRequest { id, act: "photo".into(), add: vec![members(json!(photo))], ..Default::default() };
            told(&desk.service_act(request).await?);
        }
        FieldCommand::Print { number, out } => {
            let sheet = Sheet::Service(desk.service_id(&number).await?);
            let copy = copy_out(desk, sheet, &out).await?;
            line(&json!({"number": number, "copy": copy}));
        }
        FieldCommand::Stock { place, serial } if serial.is_empty() => {
            desk.stock(StockRequest { place }).await?.iter().for_each(|row| line(&json!(row)));
        }
        FieldCommand::Stock { serial, .. } => desk.piece(&serial).await?.iter().for_each(|one| line(&json!(one))),
        FieldCommand::Take { json } => {
            desk.move_stock(parsed!(&json)).await?.iter().for_each(|row| line(&json!(row)));
        }
        FieldCommand::Plans => desk.plans().await?.iter().for_each(|plan| line(&json!(plan))),
        FieldCommand::Plan { json } => {
            let request: SavePlanRequest = parsed!(&json);
            desk.save_plan(request).await?.iter().for_each(|plan| line(&json!(plan)));
        }
        FieldCommand::Visits { until } => line(&json!(desk.make_visits(MakeVisitsRequest { until }).await?)),
        FieldCommand::Crew { json } => {
            let known = match json {
                Some(file) => {
                    let request: SaveCrewRequest = parsed!(&file);
                    desk.save_crew(request).await?
                }
                None => desk.field_desk().await?,
            };
            known.technicians.iter().for_each(|one| line(&json!(one)));
        }
    }
    Ok(())
}

fn members(value: Value) -> BTreeMap<String, Value> {
    value.as_object().cloned().unwrap_or_default().into_iter().filter(|(key, _)| key != "id" && key != "here").collect()
}

/// One line for a sheet after an act.
fn told(view: &ServiceView) {
    let signatures: Vec<Value> =
        view.signatures.iter().map(|one| json!({"party": one.party, "standing": one.standing})).collect();
    line(&json!({
        "number": view.number, "state": view.state, "id": view.id, "total": view.costs.total,
        "payable": view.costs.payable, "signatures": signatures,
    }));
}

fn bad_json(error: &serde_json::Error) -> Failure {
    Failure::new(Code::BadJson).with("place", format!("第 {} 行第 {} 列", error.line(), error.column()))
}
