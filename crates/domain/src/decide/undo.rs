//! Takes the last act back (撤销): a change that sets its fields back, strikes what it added, puts back what it struck.

use serde_json::json;
use uuid::Uuid;

use super::{Draft, Refusal, Rules, moment};
use crate::Record;
use crate::change::{Line, Setting, act, kind};
use crate::process::course::{OF, UNDONE};
use crate::process::{Actor, Why};

/// Lines are never given out twice, so a line that is put back gets an id of its own, made from the one it had and the
/// change that is taken back: the same on every device.
pub(super) fn undo(rules: Rules<'_>, actor: &Actor, id: Uuid, record: &Record) -> Result<Draft, Refusal> {
    let last = record.undoable.as_deref().ok_or(Refusal::Denied(Why::NothingToUndo))?;
    let mut draft = Draft::new(id, kind::FORM, act::UNDO);
    for (key, before) in &last.values {
        if record.fields.get(key).is_none_or(|cell| cell.value != *before) {
            draft.set.insert(key.clone(), Setting { to: before.clone(), was: record.stamps(key) });
        }
    }
    draft.strike.clone_from(&last.added);
    for (list, lines) in &record.lists {
        for line in lines.iter().filter(|line| last.struck.contains(&line.id)) {
            let id = Uuid::new_v5(&last.change, line.id.as_bytes());
            let line = Line { id, values: line.values.clone(), struck: false };
            draft.add.entry(list.clone()).or_default().push(line);
        }
    }
    let values = [
        ("at".to_string(), json!(moment(rules.now))),
        ("act".to_string(), json!(last.act)),
        ("who".to_string(), json!(actor.name)),
        (OF.to_string(), json!(last.change.to_string())),
    ];
    let line = Line { id: Uuid::new_v5(&last.change, UNDONE.as_bytes()), values: values.into(), struck: false };
    draft.add.entry(UNDONE.into()).or_default().push(line);
    Ok(draft)
}
