//! The one search box: what goes into the index and how a query finds it again.
//!
//! SQLite's own tokenizers swallow Chinese runs whole or need three characters, so text is cut here: Chinese runs into
//! bigrams (and their last character), other runs into words, names also into pinyin, numbers from both ends.

pub(crate) mod merging;
mod pinyin;
mod query;
mod tokens;

use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::decide::ATTACHMENTS;
use kefu_domain::phone::Phone;
use kefu_domain::{Cell, Record};

pub use pinyin::{pinyin_key, sounds_like};

use crate::forms::{FROM_FORMS, FormRow, GATHER, beginning, gathered};
use crate::sight::{ONLOOKER, Onlooker};
use crate::store::{ROWS, Store, StoreError, execute_all};

pub(crate) use query::{Query, caller_by_name, caller_by_phone, serial_number};

/// Fields whose text is a person's or a company's name.
const NAMES: [&str; 3] = ["customer.name", "contact.name", "agent.name"];
/// Telephones.
const PHONES: [&str; 2] = ["customer.phone", "customer.phone2"];
/// Other numbers by which a form is known.
const NUMBERS: [&str; 4] = ["number", "product.serial", "product.order_number", "product.contract_number"];
/// Fields, and columns of lists, that only classify or date; filters find them. A record does not know what kinds its
/// fields are of, so they are named here.
const SKIPPED: [&str; 58] = [
    "channel",
    "received_at",
    "occurred_at",
    "registered_at",
    "customer.salutation",
    "customer.type",
    "identity",
    "consents",
    "product.purchased_on",
    "product.installed_on",
    "product.warranty",
    "kind",
    "category",
    "demands",
    "mood",
    "reply_by",
    "judgement",
    "severity",
    "risk",
    "impact",
    "complexity",
    "dispatch.at",
    "dispatch.accepted_at",
    "handling.cause_code",
    "handling.promised_at",
    "handling.replied_at",
    "handling.replied_means",
    "process.at",
    "measures.type",
    "measures.due",
    "chases.at",
    "outcome.response",
    "outcome.told_at",
    "outcome.told_means",
    "closing.at",
    "filing.at",
    "filing.retention",
    "passed_on_at",
    "transfer.at",
    "transfer.accepted_at",
    "suspension",
    "identity_at",
    "consent",
    "calls.at",
    "calls.direction",
    "calls.outcome",
    "chases.answered_at",
    "queries.at",
    "queries.due",
    "queries.answered_at",
    "measures.done_at",
    "measures.verified_at",
    "consent_log.at",
    "consent_log.consent",
    "disclosures.at",
    "reveals.at",
    "undone.at",
    "undone.act",
];

/// The four columns of the search index for one record.
#[derive(Debug)]
pub(crate) struct Entry {
    name: String,
    text: String,
    py: String,
    id: String,
}

impl Entry {
    pub(crate) fn of(record: &Record) -> Self {
        let mut entry = Entry { name: String::new(), text: String::new(), py: String::new(), id: String::new() };
        for (key, cell) in &record.fields {
            let key = key.as_str();
            let Some(text) = shown_text(cell) else { continue };
            if NAMES.contains(&key) {
                tokens::push(&mut entry.name, text);
                pinyin::push(&mut entry.py, text);
            } else if PHONES.contains(&key) {
                push_phone(&mut entry.id, text);
            } else if NUMBERS.contains(&key) {
                tokens::push_ends(&mut entry.id, 'f', 'r', &tokens::squeezed(text));
                if key != "number" {
                    tokens::push(&mut entry.text, text);
                }
            } else if !SKIPPED.contains(&key) && !holds_id(key) {
                tokens::push(&mut entry.text, text);
            }
        }
        for (list, lines) in &record.lists {
            for (column, value) in lines.iter().filter(|l| !l.struck).flat_map(|l| &l.values) {
                // Of a file only the name is for people; the rest is the program's.
                let skipped = match list.as_str() {
                    ATTACHMENTS => column != "name",
                    _ => holds_id(column) || SKIPPED.contains(&format!("{list}.{column}").as_str()),
                };
                if let Some(text) = value.as_str().filter(|_| !skipped) {
                    tokens::push(&mut entry.text, text);
                }
            }
        }
        entry
    }

    /// A sum of it, never 0. It may differ between versions of the program: then the words are written once more.
    pub(crate) fn sum(&self) -> i64 {
        let mut hasher = DefaultHasher::new();
        [&self.name, &self.text, &self.py, &self.id].hash(&mut hasher);
        hasher.finish() as i64 | 1
    }
}

/// Fields and columns that hold the id of a seat, a form or a line: nobody looks for one.
fn holds_id(key: &str) -> bool {
    key.ends_with("_seat") || ["merged_into", "of"].contains(&key)
}

/// Text of a field, marked or plain.
fn shown_text(cell: &Cell) -> Option<&str> {
    cell.value.as_str().or_else(|| cell.value.get("text")?.as_str())
}

fn push_phone(out: &mut String, typed: &str) {
    if let Some(phone) = Phone::parse(typed) {
        tokens::push_ends(out, 'p', 'q', &phone.digits);
        if let Some(extension) = phone.extension {
            tokens::push_ends(out, 'p', 'q', &(phone.digits + &extension));
        }
    }
}

/// Puts records into the search index, each by its row, in place of what it held of those in `held`; a row at a time.
pub(crate) async fn index(
    connection: &mut SqliteConnection,
    entries: &[(i64, Entry)],
    held: &[i64],
) -> Result<(), StoreError> {
    let out = held.chunks(ROWS).map(|some| {
        let sql = vec!["DELETE FROM search WHERE rowid = ?"; some.len()].join("; ");
        some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, row| query.bind(*row))
    });
    let put = entries.chunks(ROWS).map(|some| {
        let sql = vec!["INSERT INTO search (rowid, name, text, py, id) VALUES (?, ?, ?, ?, ?)"; some.len()].join("; ");
        some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (row, entry)| {
            let Entry { name, text, py, id } = entry;
            query.bind(*row).bind(name.as_str()).bind(text.as_str()).bind(py.as_str()).bind(id.as_str())
        })
    });
    execute_all(connection, out.chain(put)).await
}

/// Forms that a query found, newest registration first.
#[derive(Debug, Clone, Default)]
pub struct FoundForms {
    /// At most as many as asked for.
    pub rows: Vec<FormRow>,
    /// There are more.
    pub more: bool,
}

/// What the index is asked for a typed query, for the floor of the benchmark: the bare index query.
#[doc(hidden)]
pub fn match_expression(typed: &str) -> Option<String> {
    Query::parse(typed).map(|query| query.matching().to_string())
}

/// Characters of the description shown before a hit.
const BEFORE_HIT: usize = 12;

impl Store {
    /// Asks the one search box, and who looks from `seat` in the same trip. An empty query finds nothing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find(&self, typed: &str, limit: u32, seat: Uuid) -> Result<(FoundForms, Onlooker), StoreError> {
        let Some(query) = Query::parse(typed) else { return Ok((FoundForms::default(), self.onlooker(seat).await?)) };
        // A limit that is bound would have the statement compiled anew each time.
        let sql = format!(
            "SELECT {ONLOOKER}, ({GATHER}SELECT rowid AS at, -rowid AS nth FROM search WHERE search MATCH ?3 \
             ORDER BY rowid DESC LIMIT {}{FROM_FORMS}) FROM exchange x",
            u64::from(limit) + 1
        );
        let statement = sqlx::query(AssertSqlSafe(sql)).bind(seat).bind(kind::MEMBER).bind(query.matching());
        let row = statement.fetch_one(self.indexed().await).await?;
        let mut rows: Vec<FormRow> = gathered(row.try_get(5)?)?.collect();
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        for row in &mut rows {
            let shown = [&*row.customer, &row.phone];
            let line = query.excerpt(&row.excerpt, shown, BEFORE_HIT, 60);
            row.excerpt = line.unwrap_or_else(|| beginning(&row.excerpt));
        }
        Ok((FoundForms { rows, more }, Onlooker::read(&row)?))
    }

    /// Rows of the newest forms that match, as the index numbers them.
    pub(crate) async fn matching_rows(&self, expression: &str, limit: u32) -> Result<Vec<i64>, StoreError> {
        let sql = format!("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT {limit}");
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(expression).fetch_all(self.indexed().await).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kefu_domain::{Field, FieldKind, Template};
    use std::collections::BTreeSet;

    /// Whether a field of this kind only classifies or dates.
    fn no_text(field: &Field) -> bool {
        match field.kind {
            FieldKind::Choice
            | FieldKind::Choices
            | FieldKind::Dated
            | FieldKind::Date
            | FieldKind::Datetime
            | FieldKind::Number => true,
            FieldKind::Text | FieldKind::Long | FieldKind::Marked | FieldKind::Phone | FieldKind::Email => false,
            FieldKind::Integer | FieldKind::Money | FieldKind::Size | FieldKind::Flag => false, // no strings
            FieldKind::Lines | FieldKind::Signature => false, // no fields of the record
        }
    }

    #[test]
    fn what_only_classifies_or_dates_is_skipped() {
        let mut expected = BTreeSet::from(["undone.act".to_string()]); // a code, though the column is of text
        for template in [Template::registration(), Template::process()] {
            let fields = template.fields().filter(|f| no_text(f) && !NUMBERS.contains(&f.key.as_str()));
            expected.extend(fields.map(|f| f.key.clone()));
            for list in template.fields().filter(|f| f.key != ATTACHMENTS) {
                let columns = list.columns.iter().filter(|c| no_text(c));
                expected.extend(columns.map(|c| format!("{}.{}", list.key, c.key)));
            }
        }
        assert_eq!(SKIPPED.iter().map(|key| key.to_string()).collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn of_lines_only_the_words_are_kept() {
        let record: Record = serde_json::from_value(serde_json::json!({
            "kind": "form", "state": "registered", "fields": {}, "last": null, "changes": 1,
            "lists": {
                "attachments": [{"id": "00000000-0000-0000-0000-000000000001", "values": {
                    "name": "发票.pdf", "mime": "application/pdf", "sha256": "c0ffee", "added_at": "2026-11-02T09:00:00+08:00",
                }}],
                "measures": [{"id": "00000000-0000-0000-0000-000000000002", "values": {
                    "type": "corrective", "content": "换阀", "due": "2026-12-01",
                    "owner_seat": "5e5e5e5e-0000-4000-8000-000000000009", "of": "00000000-0000-0000-0000-000000000001",
                }}],
                "process": [{"id": "00000000-0000-0000-0000-000000000003", "values": {
                    "at": "2026-11-02T09:00:00+08:00", "who": "周工",
                }}],
            },
        }))
        .unwrap();
        let text = Entry::of(&record).text;
        assert_eq!(text.replace("| ", "").trim(), "发票 票 pdf 换阀 阀 周工 工");
    }
}
