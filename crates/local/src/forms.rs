//! The index of forms: what lists show, filter, sort and count ([`crate::list`] pages it).

use chrono::DateTime;
use serde::{Deserialize, Deserializer};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use kefu_domain::Record;
use kefu_domain::privacy::Gate;

use crate::search::pinyin_key;
use crate::store::{ROWS, Store, StoreError, execute_all, rows_of_marks};

/// Characters of the description that a list shows.
const EXCERPT: usize = 60;

/// A form as one row of a list. Codes, not labels.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FormRow {
    /// In the file.
    pub(crate) row: i64,
    /// Record id.
    pub id: Uuid,
    /// Number.
    pub number: String,
    /// 来电时间 as entered, RFC 3339.
    pub received_at: String,
    /// Customer.
    pub customer: String,
    /// First telephone as typed.
    pub phone: String,
    /// 类别一级.
    pub kind: String,
    /// 类别二级.
    pub category: String,
    /// State.
    pub state: String,
    /// Channel.
    pub channel: String,
    /// Receiver.
    pub receiver: String,
    /// Product.
    pub product: String,
    /// Beginning of the description on one line.
    pub excerpt: String,
    /// By which template it is kept masked, [`crate::Masking::key`]; none where it is not.
    pub(crate) masking: Option<i64>,
    /// Who sees it in clear; none where it was not made yet.
    #[serde(deserialize_with = "kept_gate")]
    pub(crate) gate: Option<Gate>,
}

pub(crate) const COLUMNS: &str = "f.row, f.id, f.number, f.received_at, f.customer, f.phone, f.kind, f.category, f.state, \
                                  f.channel, f.receiver, f.product, f.description, f.masking, f.gate";
/// How many those are.
pub(crate) const WIDTH: usize = 15;

impl FormRow {
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(FormRow {
            row: row.try_get(0)?,
            id: row.try_get(1)?,
            number: row.try_get(2)?,
            received_at: row.try_get(3)?,
            customer: row.try_get(4)?,
            phone: row.try_get(5)?,
            kind: row.try_get(6)?,
            category: row.try_get(7)?,
            state: row.try_get(8)?,
            channel: row.try_get(9)?,
            receiver: row.try_get(10)?,
            product: row.try_get(11)?,
            excerpt: beginning(row.try_get(12)?),
            masking: row.try_get(13)?,
            gate: row.try_get::<Option<&str>, _>(14)?.and_then(|gate| serde_json::from_str(gate).ok()),
        })
    }
}

/// Rows in one piece of JSON: [`GATHER`], a query that names the row of each form `at` and its place `nth`, [`FROM_FORMS`].
///
/// One by one each row would wake who waits for them, which takes longer than to read it.
pub(crate) const GATHER: &str = "SELECT json_group_array(json_array(nth, json_array(f.row, hex(f.id), f.number, f.received_at, \
                                 f.customer, f.phone, f.kind, f.category, f.state, f.channel, f.receiver, f.product, \
                                 f.description, f.masking, f.gate))) FROM (";
/// See [`GATHER`].
pub(crate) const FROM_FORMS: &str = ") CROSS JOIN forms f ON f.row = at";

/// Reads what [`GATHER`] gave, by the places of the rows; where a row has its excerpt there is the whole description yet.
pub(crate) fn gathered(piece: &str) -> Result<impl Iterator<Item = FormRow>, StoreError> {
    let mut rows: Vec<(i64, FormRow)> = serde_json::from_str(piece)?;
    rows.sort_by_key(|(nth, _)| *nth);
    Ok(rows.into_iter().map(|(_, row)| row))
}

/// Who sees it in clear, as the index keeps it; none where this version cannot read it.
fn kept_gate<'de, D: Deserializer<'de>>(kept: D) -> Result<Option<Gate>, D::Error> {
    Ok(Option::<String>::deserialize(kept)?.and_then(|gate| serde_json::from_str(&gate).ok()))
}

/// The beginning of a description on one line, as lists show it.
pub fn beginning(description: &str) -> String {
    let mut line = String::with_capacity(4 * EXCERPT);
    on_one_line(&mut line, description.chars(), EXCERPT);
    line
}

/// Adds at most `most` of these letters to `line`, one space for each stretch of blanks and none at its beginning.
pub(crate) fn on_one_line(line: &mut String, letters: impl Iterator<Item = char>, most: usize) {
    let (mut left, mut blank) = (most, false);
    for letter in letters {
        if letter.is_whitespace() {
            blank = !line.is_empty();
            continue;
        }
        for shown in blank.then_some(' ').into_iter().chain([letter]) {
            if left == 0 {
                return;
            }
            line.push(shown);
            left -= 1;
        }
        blank = false;
    }
}

/// What the index keeps of a record.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) received: i64,
    pub(crate) customer_key: String,
    /// As [`TEXTS`].
    pub(crate) texts: [String; 12],
}

/// Columns of an entry's texts.
pub(crate) const TEXTS: &str = "number, received_at, customer, phone, kind, category, customer_type, state, channel, \
                                receiver, product, description";

impl Entry {
    pub(crate) fn of(record: &Record) -> Self {
        let text = |key: &str| record.text(key).unwrap_or_default().to_string();
        let received_at = text("received_at");
        let received = DateTime::parse_from_rfc3339(&received_at).map_or(0, |at| at.timestamp());
        Entry {
            received,
            customer_key: pinyin_key(&text("customer.name")),
            texts: [
                text("number"),
                received_at,
                text("customer.name"),
                text("customer.phone"),
                text("kind"),
                text("category"),
                text("customer.type"),
                record.state.clone(),
                text("channel"),
                text("receiver.name"),
                text("product.name"),
                text("description"),
            ],
        }
    }
}

/// A form's entry with all that stands beside it in its row.
#[derive(Debug)]
pub(crate) struct Indexed {
    pub(crate) row: i64,
    pub(crate) id: Uuid,
    pub(crate) entry: Entry,
    /// Of what the search index holds of it.
    pub(crate) sum: i64,
    /// As [`crate::sight::Seen::kept`].
    pub(crate) gate: String,
    pub(crate) seen: String,
}

/// Brings the entries of forms up to their records; `masking` names the way in which they were masked. An update rather
/// than a replacement: the counts follow by triggers.
pub(crate) async fn index(
    connection: &mut SqliteConnection,
    forms: &[Indexed],
    masking: i64,
) -> Result<(), StoreError> {
    let statements = forms.chunks(ROWS).map(|some| {
        let sql = format!(
            "INSERT INTO forms (row, id, received, customer_key, {TEXTS}, search_sum, gate, seen, masking) VALUES {} \
             ON CONFLICT (row) DO UPDATE SET received = excluded.received, customer_key = excluded.customer_key, \
             number = excluded.number, received_at = excluded.received_at, customer = excluded.customer, \
             phone = excluded.phone, kind = excluded.kind, category = excluded.category, \
             customer_type = excluded.customer_type, state = excluded.state, channel = excluded.channel, \
             receiver = excluded.receiver, product = excluded.product, description = excluded.description, \
             search_sum = excluded.search_sum, gate = excluded.gate, seen = excluded.seen, masking = excluded.masking",
            rows_of_marks(20, some.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for Indexed { row, id, entry, sum, gate, seen } in some {
            query = query.bind(*row).bind(*id).bind(entry.received).bind(entry.customer_key.as_str());
            query = entry.texts.iter().fold(query, |query, text| query.bind(text.as_str())).bind(*sum);
            query = query.bind(gate.as_str()).bind(seen.as_str()).bind(masking);
        }
        query
    });
    execute_all(connection, statements).await
}

impl Store {
    /// Names of all receivers that occur.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn receivers(&self) -> Result<Vec<String>, StoreError> {
        let mut names: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT receiver FROM form_counts WHERE receiver <> '' AND forms > 0")
                .fetch_all(self.indexed().await)
                .await?;
        names.sort_by_cached_key(|name| pinyin_key(name));
        Ok(names)
    }

    /// Id of the form with this number.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn form_by_number(&self, number: &str) -> Result<Option<Uuid>, StoreError> {
        Ok(sqlx::query_scalar("SELECT id FROM forms WHERE number = ?")
            .bind(number)
            .fetch_optional(self.indexed().await)
            .await?)
    }

    pub(crate) async fn rows_of(&self, rows: &[i64]) -> Result<Vec<FormRow>, StoreError> {
        let list = rows.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let sql = format!("SELECT {COLUMNS} FROM forms f WHERE f.row IN ({list}) ORDER BY f.row DESC");
        let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&self.readers).await?;
        Ok(found.iter().map(FormRow::read).collect::<Result<_, _>>()?)
    }
}
