//! The index of forms: what lists show, filter, sort and count.

use chrono::DateTime;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, sqlite::SqliteRow};
use uuid::Uuid;

use kefu_domain::Record;
use serde::Deserialize;

use crate::search::pinyin_key;
use crate::sight::Seen;
use crate::store::{Statement, Store, StoreError};

/// Characters of the description that a list shows.
const EXCERPT: usize = 60;

/// A form as one row of a list. Codes, not labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow {
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
    /// The same for somebody without need; none where it was not made yet.
    pub seen: Option<Seen>,
}

pub(crate) const COLUMNS: &str = "f.id, f.number, f.received_at, f.customer, f.phone, f.kind, f.category, f.state, \
                                  f.channel, f.receiver, f.product, f.description, f.seen";
/// How many those are.
pub(crate) const WIDTH: usize = 13;

impl FormRow {
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(FormRow {
            id: row.try_get(0)?,
            number: row.try_get(1)?,
            received_at: row.try_get(2)?,
            customer: row.try_get(3)?,
            phone: row.try_get(4)?,
            kind: row.try_get(5)?,
            category: row.try_get(6)?,
            state: row.try_get(7)?,
            channel: row.try_get(8)?,
            receiver: row.try_get(9)?,
            product: row.try_get(10)?,
            excerpt: beginning(row.try_get(11)?),
            seen: row.try_get::<Option<&str>, _>(12)?.and_then(|seen| serde_json::from_str(seen).ok()),
        })
    }
}

/// Rows in one piece of JSON: [`GATHER`], a query that names the row of each form `at` and its place `nth`, [`FROM_FORMS`].
///
/// One by one each row would wake who waits for them, which takes longer than to read it.
pub(crate) const GATHER: &str = "SELECT json_group_array(json_array(nth, hex(f.id), f.number, f.received_at, f.customer, \
                                 f.phone, f.kind, f.category, f.state, f.channel, f.receiver, f.product, f.description, \
                                 f.seen)) FROM (";
/// See [`GATHER`].
pub(crate) const FROM_FORMS: &str = ") CROSS JOIN forms f ON f.row = at";

/// A row as [`GATHER`] writes it.
#[derive(Deserialize)]
struct Gathered {
    nth: i64,
    id: String,
    number: String,
    received_at: String,
    customer: String,
    phone: String,
    kind: String,
    category: String,
    state: String,
    channel: String,
    receiver: String,
    product: String,
    description: String,
    seen: Option<String>,
}

/// Reads what [`GATHER`] gave, by the places of the rows; each comes with its whole description.
pub(crate) fn gathered(piece: &str) -> Result<Vec<(FormRow, String)>, StoreError> {
    let mut rows: Vec<Gathered> = serde_json::from_str(piece)?;
    rows.sort_by_key(|row| row.nth);
    let read = |row: Gathered| {
        let form = FormRow {
            id: Uuid::parse_str(&row.id).map_err(|_| StoreError::Unreadable)?,
            number: row.number,
            received_at: row.received_at,
            customer: row.customer,
            phone: row.phone,
            kind: row.kind,
            category: row.category,
            state: row.state,
            channel: row.channel,
            receiver: row.receiver,
            product: row.product,
            excerpt: beginning(&row.description),
            seen: row.seen.and_then(|seen| serde_json::from_str(&seen).ok()),
        };
        Ok((form, row.description))
    };
    rows.into_iter().map(read).collect()
}

/// The beginning of a description on one line, as lists show it.
pub fn beginning(description: &str) -> String {
    let words = description.split_whitespace().flat_map(|word| [" ", word]).skip(1);
    words.flat_map(str::chars).take(EXCERPT).collect()
}

/// What the index keeps of a record.
pub(crate) struct Entry {
    pub(crate) received: i64,
    pub(crate) customer_key: String,
    /// number, received_at, customer, phone, kind, category, state, channel, receiver, product, description
    pub(crate) texts: [String; 11],
}

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
                record.state.clone(),
                text("channel"),
                text("receiver.name"),
                text("product.name"),
                text("description"),
            ],
        }
    }
}

/// Brings the entry of a form up to its record. An update rather than a replacement: the counts follow by triggers.
pub(crate) const INDEX: &str = "INSERT INTO forms \
     (row, id, received, customer_key, number, received_at, customer, phone, kind, category, state, channel, receiver, \
     product, description, search_sum, seen, masking) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
     ON CONFLICT (row) DO UPDATE SET received = excluded.received, customer_key = excluded.customer_key, \
     number = excluded.number, received_at = excluded.received_at, customer = excluded.customer, \
     phone = excluded.phone, kind = excluded.kind, category = excluded.category, state = excluded.state, \
     channel = excluded.channel, receiver = excluded.receiver, product = excluded.product, \
     description = excluded.description, search_sum = excluded.search_sum, seen = excluded.seen, \
     masking = excluded.masking";

/// Binds what [`INDEX`] wants.
pub(crate) fn bind_index<'q>(
    query: Statement<'q>,
    (row, id): (i64, Uuid),
    record: &Record,
    sum: i64,
    seen: (String, i64),
) -> Statement<'q> {
    let entry = Entry::of(record);
    let query = query.bind(row).bind(id).bind(entry.received).bind(entry.customer_key);
    entry.texts.into_iter().fold(query, |query, text| query.bind(text)).bind(sum).bind(seen.0).bind(seen.1)
}

/// Which forms a list shows. Empty members do not narrow it.
#[derive(Debug, Clone, Default)]
pub struct FormFilter {
    /// Received at this second or later.
    pub from: Option<i64>,
    /// Received before this second.
    pub before: Option<i64>,
    /// 类别一级.
    pub kinds: Vec<String>,
    /// 类别二级.
    pub categories: Vec<String>,
    /// States.
    pub states: Vec<String>,
    /// Channels.
    pub channels: Vec<String>,
    /// Receivers.
    pub receivers: Vec<String>,
}

impl FormFilter {
    fn push(&self, query: &mut QueryBuilder<Sqlite>) {
        let mut and = [" WHERE "].into_iter().chain(std::iter::repeat(" AND "));
        let mut and = || and.next().unwrap_or_default();
        if let Some(from) = self.from {
            query.push(and()).push("received >= ").push_bind(from);
        }
        if let Some(before) = self.before {
            query.push(and()).push("received < ").push_bind(before);
        }
        let among = [
            ("kind", &self.kinds),
            ("category", &self.categories),
            ("state", &self.states),
            ("channel", &self.channels),
            ("receiver", &self.receivers),
        ];
        for (column, values) in among.into_iter().filter(|(_, values)| !values.is_empty()) {
            query.push(and()).push(format!("{column} IN ("));
            let mut list = query.separated(", ");
            for value in values {
                list.push_bind(value.clone());
            }
            query.push(")");
        }
    }
}

/// By what a list is ordered; ties by registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormSort {
    /// 来电时间.
    Received,
    /// Number.
    Number,
    /// Customer by pinyin.
    Customer,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct FormPage {
    /// Rows of the page.
    pub rows: Vec<FormRow>,
    /// Rows in all.
    pub total: u64,
}

impl Store {
    /// A page of forms and how many there are in all.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(
        &self,
        filter: &FormFilter,
        sort: FormSort,
        descending: bool,
        offset: u64,
        limit: u32,
    ) -> Result<FormPage, StoreError> {
        let mut connection = self.indexed().await.acquire().await?;
        // The counts by sort know nothing of time: within a period the forms themselves are counted.
        let timed = filter.from.or(filter.before).is_some();
        let counted = if timed { "count(*) FROM forms" } else { "coalesce(sum(forms), 0) FROM form_counts" };
        let mut count = QueryBuilder::new(format!("SELECT {counted}"));
        filter.push(&mut count);
        let total: i64 = count.build_query_scalar().fetch_one(&mut *connection).await?;

        // The inner query walks the index of its order, and only that: the planner would rather sort all forms of a kind.
        // Only the rows of the page are looked up.
        let (column, index) = match sort {
            FormSort::Received => ("received", "forms_by_received"),
            FormSort::Number => ("number", "forms_by_number"),
            FormSort::Customer => ("customer_key", "forms_by_customer"),
        };
        let mut page = QueryBuilder::new(GATHER);
        page.push("SELECT row AS at, row_number() OVER () AS nth FROM (SELECT row FROM forms INDEXED BY ").push(index);
        filter.push(&mut page);
        let way = if descending { "DESC" } else { "ASC" };
        // A limit that is bound would have the statement compiled anew each time.
        page.push(format!(" ORDER BY {column} {way}, row {way} LIMIT {limit} OFFSET "))
            .push_bind(offset.min(i64::MAX as u64) as i64)
            .push(")")
            .push(FROM_FORMS);
        let piece: String = page.build_query_scalar().fetch_one(&mut *connection).await?;
        let rows = gathered(&piece)?.into_iter().map(|(row, _)| row).collect();
        Ok(FormPage { rows, total: total as u64 })
    }

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

    pub(crate) async fn rows_of(&self, rows: &[i64]) -> Result<Vec<(i64, FormRow)>, StoreError> {
        let list = rows.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let sql = format!("SELECT {COLUMNS}, f.row FROM forms f WHERE f.row IN ({list}) ORDER BY f.row DESC");
        let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&self.readers).await?;
        found.iter().map(|row| Ok((row.try_get(WIDTH)?, FormRow::read(row)?))).collect()
    }
}
