//! Scripts (话术) beside the form: what fits, with the words of this call filled in; the company's own edits; and the
//! check of what is written to a customer.

use serde_json::Value;

use kefu_domain::change::{Setting, act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::scripts::{self, Library, Placeholders, Script, Situation, fill};
use kefu_domain::validate::{FieldError, Problem};

use crate::actor::{actor, only};
use crate::desk::{Desk, Open, only_record};
use crate::failure::logged;
use crate::rules::RULERS;
use crate::wire::{Code, Failure, ReplyHit, ReplyRequest, Scripts, ScriptsRequest};

/// Longest title and group, in characters.
const LONGEST: usize = 40;

impl Desk {
    /// The scripts that are offered, or found, and those that fit best.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn scripts(&self, request: ScriptsRequest) -> Result<Scripts, Failure> {
        let open = self.open()?;
        let library = library(&open).await?;
        if request.raw {
            return Ok(Scripts { scripts: library.entries, suggested: Vec::new() });
        }
        let words = placeholders(&open, &request);
        let filled = |script: &Script| filled(script, &words);
        let found: Vec<Script> = match request.query.trim() {
            "" => library.offered().map(filled).collect(),
            query => library.search(query).into_iter().filter_map(|id| library.script(id)).map(filled).collect(),
        };
        let situation = Situation::of(&request.act, &request.values);
        let fits = library.suggest(&situation).into_iter().filter(|id| found.iter().any(|script| script.id == *id));
        let suggested = fits.map(str::to_string).collect();
        Ok(Scripts { scripts: found, suggested })
    }

    /// Saves a script: a new one where its id is empty. Its version is given here. Answers with the library as it
    /// stands, placeholders unfilled.
    ///
    /// # Errors
    /// [`Code::Denied`], [`Code::InvalidFields`], [`Code::NothingChanged`].
    pub async fn save_script(&self, mut script: Script) -> Result<Scripts, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        only(&actor, RULERS)?;
        tidy(&mut script);
        check(&script)?;
        let library = library(&open).await?;
        let before = library.script(&script.id).cloned();
        if script.id.is_empty() {
            script.id = format!("own-{}", uuid::Uuid::now_v7().simple());
        } else if before.is_none() {
            return Err(Failure::new(Code::NotFound));
        }
        script.version = before.as_ref().map_or(0, |before| before.version);
        if before.as_ref() == Some(&script) {
            return Err(Failure::new(Code::NothingChanged));
        }
        script.version = script.version.saturating_add(1);
        let id = only_record(&format!("script {}", script.id));
        let mut door = open.store.door(self.now()).await?;
        let record = door.record(id).await?.unwrap_or_default();
        let to = serde_json::to_value(&script).map_err(|error| logged(Code::Internal, &error))?;
        let mut draft = Draft::new(id, kind::SCRIPT, act::CONFIGURE);
        draft.set.insert(FIELD.into(), Setting { to, was: record.stamps(FIELD) });
        door.write(draft, actor.seat).await?;
        door.commit().await?;
        self.scripts(ScriptsRequest { raw: true, ..ScriptsRequest::default() }).await
    }

    /// Phrases of a written reply that are better put otherwise (R89).
    pub fn check_reply(&self, request: &ReplyRequest) -> Vec<ReplyHit> {
        let hits = scripts::check_reply(&request.text).into_iter();
        let shown = hits.map(|hit| ReplyHit {
            start: u32::try_from(hit.start).unwrap_or(u32::MAX),
            end: u32::try_from(hit.end).unwrap_or(u32::MAX),
            phrase: hit.phrase.to_string(),
            why: hit.why.to_string(),
            instead: hit.instead.to_string(),
        });
        shown.collect()
    }
}

/// Field of the record that holds an edited script.
const FIELD: &str = "script";

/// The shipped library with the company's edits laid over it. An edit that cannot be read is left out here.
async fn library(open: &Open) -> Result<Library, Failure> {
    let records = open.store.records_of(kind::SCRIPT).await?;
    let edits = records.iter().filter_map(|(_, record)| serde_json::from_value(record.get(FIELD)?.clone()).ok());
    Ok(Library::shipped().with(&edits.collect::<Vec<Script>>()))
}

/// What this call puts in the place of the placeholders.
fn placeholders(open: &Open, request: &ScriptsRequest) -> Placeholders {
    let text = |key: &str| {
        let value = request.values.get(key).and_then(Value::as_str).map(str::trim);
        value.filter(|text| !text.is_empty()).map(str::to_string)
    };
    let seat = open.seat();
    let member = &seat.member;
    let own = |text: &str| Some(text.trim().to_string()).filter(|text| !text.is_empty());
    let organisation = text("customer.type").as_deref() == Some("organisation");
    let customer = if organisation { text("contact.name") } else { text("customer.name") };
    let form = open.form();
    let salutation = text("customer.salutation");
    let salutation = salutation.map(|code| match form.codes.list("salutation") {
        Some(list) => list.label_of(&code).to_string(),
        None => code,
    });
    let promised = text("handling.promised_at").and_then(|at| chrono::DateTime::parse_from_rfc3339(&at).ok());
    let target = text("dispatch.department").filter(|_| matches!(request.act.as_str(), act::TRANSFER | act::PASS_ON));
    Placeholders {
        company: own(&open.company()),
        department: target.or_else(|| own(&member.department)),
        post: own(&member.post),
        employee_number: own(&member.employee_number),
        agent: own(&member.name),
        customer,
        salutation,
        number: text("number"),
        promised: promised.map(|at| at.format("%-m 月 %-d 日 %H:%M").to_string()),
    }
}

fn filled(script: &Script, words: &Placeholders) -> Script {
    let mut script = script.clone();
    let texts = script.say.iter_mut().chain(&mut script.do_not_say);
    for text in texts.chain(script.steps.iter_mut().map(|step| &mut step.text)) {
        *text = fill(text, words);
    }
    script
}

/// Takes blanks and empty sentences out.
fn tidy(script: &mut Script) {
    script.id = script.id.trim().into();
    script.title = script.title.trim().into();
    script.group = script.group.trim().into();
    for sentences in [&mut script.say, &mut script.do_not_say] {
        *sentences = sentences.iter().map(|text| text.trim().to_string()).filter(|text| !text.is_empty()).collect();
    }
    script.steps.retain(|step| !step.text.trim().is_empty());
}

fn check(script: &Script) -> Result<(), Failure> {
    let mut errors = Vec::new();
    for (field, text) in [("title", &script.title), ("group", &script.group)] {
        if text.is_empty() {
            errors.push(FieldError::new(field, Problem::Required));
        } else if text.chars().count() > LONGEST {
            let detail = Some(LONGEST.to_string());
            errors.push(FieldError { field: field.into(), problem: Problem::TooLong, detail });
        }
    }
    if script.say.is_empty() && script.steps.is_empty() {
        errors.push(FieldError::new("say", Problem::Required));
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::fields(errors)) }
}
