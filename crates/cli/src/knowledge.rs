//! The knowledge base (知识库, R71) from a terminal: what it holds, and saving entries.

use std::path::Path;

use kefu_app::Desk;
use kefu_app::wire::{Failure, KnowledgeEntry, KnowledgeRequest};
use serde_json::{Value, json};

use crate::commands::read;
use crate::line;
use crate::process::bad_json;

/// A line for each entry, retired ones included: those that are found, where something is looked for.
pub(crate) async fn list(desk: &Desk, query: String) -> Result<(), Failure> {
    let found = desk.knowledge(KnowledgeRequest { query, all: true, ..KnowledgeRequest::default() }).await?;
    for entry in &found.entries {
        let mut told = json!(entry);
        told["stale"] = json!(found.stale.contains(&entry.id));
        line(&told);
    }
    Ok(())
}

/// Saves the entries of a file: one JSON value, or one a line. An entry with an `id` is edited, any other one is new.
/// `personal` names the texts that look as if they told of a customer.
pub(crate) async fn save(desk: &Desk, file: &Path) -> Result<(), Failure> {
    let text = read(file)?;
    for value in serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter::<Value>() {
        let entry = value.and_then(serde_json::from_value::<KnowledgeEntry>).map_err(|error| bad_json(&error))?;
        let (id, personal) = (entry.id, desk.check_knowledge(&entry).personal);
        let all = desk.save_knowledge(entry).await?.entries;
        // A new one has come last.
        let saved = all.iter().find(|saved| saved.id == id).or(all.last());
        if let Some(saved) = saved {
            line(&json!({"id": saved.id, "version": saved.version, "title": saved.title, "personal": personal}));
        }
    }
    Ok(())
}
