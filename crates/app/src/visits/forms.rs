//! What a visit found unsolved goes on as a form: the old one reopened, or a new one that names the old.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use kefu_domain::change::act;
use kefu_domain::decide::{Asked, moment};
use kefu_domain::process::Actor;
use kefu_domain::{Line, Record, Values};
use kefu_local::Door;

use crate::act::act_in;
use crate::correct::form;
use crate::desk::Open;
use crate::register::register_after;
use crate::wire::{Failure, RegisterRequest, Registered, Unsolved};

/// Fields of the old form that the new one is about, too.
const SAME: [&str; 3] = ["customer.", "contact.", "product."];

/// Reopens the form, or registers one that goes on with it.
pub(super) async fn goes_on(
    open: &Open,
    door: &mut Door,
    actor: &Actor,
    (id, visit): (Uuid, &Record),
    unsolved: Unsolved,
) -> Result<Registered, Failure> {
    let old = form(door, id).await?;
    let number = old.text("number").unwrap_or_default().to_string();
    let told = visit.text("number").unwrap_or_default();
    if unsolved == Unsolved::Reopen {
        let asked = Asked { act: act::REOPEN.into(), reason: format!("回访 {told}：未解决"), ..Asked::default() };
        act_in(open, door, actor, id, asked).await?;
        return Ok(Registered { id, number });
    }
    let mut values: Values = old.values();
    values
        .retain(|key, _| SAME.iter().any(|part| key.starts_with(part)) || ["kind", "category"].contains(&key.as_str()));
    let text = format!("回访 {told}：未解决。原登记 {number}：{}", old.text("description").unwrap_or_default());
    let text: String = text.chars().take(4000).collect();
    values.extend([
        ("received_at".to_string(), json!(moment(door.now()))),
        ("channel".into(), json!("other")),
        ("description".into(), json!({"text": text, "marks": []})),
    ]);
    let request = RegisterRequest { draft: None, values, attachments: Vec::new(), call: None };
    let registered = register_after(open, door, actor, request, Some(&number)).await?;
    let note = Values::from([("note".to_string(), json!(format!("回访 {told}：未解决，转 {}", registered.number)))]);
    let line = Line { id: Uuid::now_v7(), values: note, struck: false };
    let add = BTreeMap::from([("process".to_string(), vec![line])]);
    // A form that was filed takes no notes: the new one names it, that is enough.
    if kefu_domain::process::permit(actor, &old, act::NOTE).is_ok() {
        act_in(open, door, actor, id, Asked { act: act::NOTE.into(), add, ..Asked::default() }).await?;
    }
    Ok(registered)
}
