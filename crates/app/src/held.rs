//! What is held about a customer, as one document for him (个人信息保护法 45, R120); handing it out is an act on each
//! of his forms.

use kefu_domain::change::act;
use kefu_domain::decide::{self, Asked};
use kefu_domain::privacy::{Item, Section, held};
use kefu_domain::template::{Author, Block};
use kefu_domain::{Field, FieldKind, Line, Lists, Template, Values};
use serde_json::json;
use uuid::Uuid;

use crate::customers::{HISTORY, overlaid};
use crate::desk::Desk;
use crate::privacy::{Eyes, in_clear};
use crate::visits;
use crate::wire::{Code, Failure, HandOutRequest, HandedOut};

/// Title of the document.
const TITLE: &str = "个人信息清单";
/// Recipient, as the log of disclosures names him.
const HIMSELF: &str = "客户本人";

impl Desk {
    /// Draws the document, hands it to `deliver`, and logs on each form that it was handed out, in this order: what was
    /// not delivered was not handed out.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Masked`], [`Code::NotNow`] where a role may not, [`Code::ReasonRequired`] without a
    /// purpose, [`Code::PaperFailed`], or what `deliver` says.
    pub async fn hand_out<F>(&self, request: HandOutRequest, deliver: F) -> Result<HandedOut, Failure>
    where
        F: FnOnce(&[u8]) -> Result<(), Failure> + Send,
    {
        let open = self.open()?;
        let entry = open.store.customer(request.id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
        let latest = open.store.record(entry.latest).await?.unwrap_or_default();
        in_clear(&open, entry.latest, &latest).await?;
        let purpose = request.purpose.trim();
        if purpose.is_empty() {
            return Err(Failure::new(Code::ReasonRequired));
        }
        let (form, eyes, now) = (open.form(), Eyes::of(&open).await?, self.now());
        let rows = open.store.forms_of_customer(entry.id, HISTORY).await?;
        let template = &form.whole;
        let mut blocks = Vec::new();
        let mut drafts = Vec::new();
        let known = open.store.record(entry.id).await?.unwrap_or_default();
        let registry = overlaid(&Values::new(), &known);
        if !registry.is_empty() {
            let items = registry.iter().map(|(key, value)| Item {
                label: form.template.field(key).map_or_else(|| key.clone(), |field| field.label.clone()),
                text: value.as_str().map_or_else(|| value.to_string(), str::to_string),
            });
            blocks.push(("客户档案".to_string(), vec![Section { label: "更正".into(), items: items.collect() }]));
        }
        for row in &rows {
            let record = open.store.record(row.id).await?.ok_or_else(|| Failure::new(Code::NotFound))?;
            let values =
                Values::from([("recipient".to_string(), json!(HIMSELF)), ("purpose".to_string(), json!(purpose))]);
            let line = Line { id: Uuid::now_v7(), values, struck: false };
            let add = [("disclosures".to_string(), vec![line])].into();
            let asked = Asked { act: act::HAND_OUT.into(), add, ..Asked::default() };
            drafts.push(decide::act(form.rules(now), eyes.actor(), row.id, &record, asked)?);
            blocks.push((row.number.clone(), held(&record, template, &form.codes)));
        }
        for (_, visit) in open.store.visits_of_customer(entry.id, HISTORY).await? {
            let number = visit.text("number").unwrap_or_default().to_string();
            let (sheet, words) = visits::sheet_words(&open, &visit).await?;
            blocks.push((number, held(&visit, &sheet, &words)));
        }
        let (template, values) = document(blocks);
        let sheet = kefu_paper::Sheet {
            template: &template,
            codes: &form.codes,
            values: &values,
            lists: &Lists::new(),
            company: &open.company(),
            number: None,
            copy: Some(1),
            printed_at: now,
            printed_by: &eyes.actor().name,
            rules: None,
            voided: false,
        };
        deliver(&self.press()?.draw(&sheet)?)?;
        let mut door = open.store.door(now).await?;
        for draft in drafts {
            door.write(draft, eyes.actor().seat).await?;
        }
        door.commit().await?;
        Ok(HandedOut { file: None, forms: rows.len() as u32 })
    }
}

/// The document as a form of its own: a block per registered form, a row per item, so that paper cuts nothing off and
/// numbers its pages.
fn document(forms: Vec<(String, Vec<Section>)>) -> (Template, Values) {
    const WIDTH: u8 = 24;
    let mut values = Values::new();
    let mut blocks = Vec::new();
    let mut row = |label: String, text: String| {
        let key = format!("item.{}", values.len());
        values.insert(key.clone(), json!(text));
        vec![Field {
            key,
            label,
            kind: FieldKind::Long,
            w: WIDTH,
            lw: 4,
            by: Author::System,
            list: None,
            required: false,
            boxes: false,
            max: None,
            rows: 1,
            hint: None,
            columns: Vec::new(),
        }]
    };
    for (number, sections) in forms {
        let mut first = Some(row("登记编号".into(), number));
        for section in sections {
            let rows: Vec<Vec<Field>> = first
                .take()
                .into_iter()
                .chain(section.items.into_iter().map(|item| row(item.label, item.text)))
                .collect();
            blocks.push(Block { key: format!("part.{}", blocks.len()), label: section.label, rows });
        }
    }
    (Template { id: "held".into(), version: 1, title: TITLE.into(), columns: WIDTH, blocks }, values)
}
