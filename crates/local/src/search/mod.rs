//! The one search box: what goes into the index and how a query finds it again.
//!
//! SQLite's own tokenizers swallow Chinese runs whole or need three characters, so text is cut here: Chinese runs into
//! bigrams (and their last character), other runs into words, names also into pinyin, numbers from both ends.

mod pinyin;
mod query;
mod tokens;

use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use kefu_domain::phone::Phone;
use kefu_domain::{Cell, Record};

pub use pinyin::pinyin_key;

use crate::forms::{COLUMNS, FormRow};
use crate::store::{Store, StoreError};

pub(crate) use query::{Query, caller_by_name, caller_by_phone};

/// Fields whose text is a person's or a company's name.
const NAMES: [&str; 3] = ["customer.name", "contact.name", "agent.name"];
/// Telephones.
const PHONES: [&str; 2] = ["customer.phone", "customer.phone2"];
/// Other numbers by which a form is known.
const NUMBERS: [&str; 4] = ["number", "product.serial", "product.order_number", "product.contract_number"];
/// Fields that only classify or date; filters find them.
const SKIPPED: [&str; 3] = ["received_at", "occurred_at", "registered_at"];

/// The four columns of the search index for one record.
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
            } else if !SKIPPED.contains(&key) {
                tokens::push(&mut entry.text, text);
            }
        }
        for line in record.lists.values().flatten().filter(|l| !l.struck) {
            for text in line.values.values().filter_map(|v| v.as_str()) {
                tokens::push(&mut entry.text, text);
            }
        }
        entry
    }
}

/// Text of a field, marked or plain; codes of choices are short ASCII words and do no harm.
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

/// Brings the search index up to a record.
pub(crate) async fn index(
    connection: &mut SqliteConnection,
    row: i64,
    record: &Record,
    replace: bool,
) -> Result<(), StoreError> {
    if replace {
        sqlx::query("DELETE FROM search WHERE rowid = ?").bind(row).execute(&mut *connection).await?;
    }
    let entry = Entry::of(record);
    sqlx::query("INSERT INTO search (rowid, name, text, py, id) VALUES (?, ?, ?, ?, ?)")
        .bind(row)
        .bind(entry.name)
        .bind(entry.text)
        .bind(entry.py)
        .bind(entry.id)
        .execute(connection)
        .await?;
    Ok(())
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
    /// Asks the one search box. An empty query finds nothing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find(&self, typed: &str, limit: u32) -> Result<FoundForms, StoreError> {
        let Some(query) = Query::parse(typed) else { return Ok(FoundForms::default()) };
        let sql = format!(
            "SELECT {COLUMNS}, json_extract(r.body, '$.fields.description.value.text') FROM \
             (SELECT rowid AS at FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) \
             JOIN forms f ON f.row = at JOIN records r ON r.row = at ORDER BY at DESC"
        );
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(query.matching())
            .bind(i64::from(limit) + 1)
            .fetch_all(&self.readers)
            .await?;
        let more = found.len() > limit as usize;
        let mut rows = Vec::with_capacity(found.len());
        for row in found.iter().take(limit as usize) {
            let mut form = FormRow::read(row)?;
            let description: Option<&str> = row.try_get(12)?;
            if let Some(excerpt) = description.and_then(|text| query.excerpt(text, BEFORE_HIT, 60)) {
                form.excerpt = excerpt;
            }
            rows.push(form);
        }
        Ok(FoundForms { rows, more })
    }

    /// Rows of the newest forms that match, as the index numbers them.
    pub(crate) async fn matching_rows(&self, expression: &str, limit: u32) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?";
        Ok(sqlx::query_scalar(sql).bind(expression).bind(limit).fetch_all(&self.readers).await?)
    }
}
