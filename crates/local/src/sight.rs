//! What a list shows of a form to somebody who must not see it in clear, and who may: kept beside its entry, because
//! masking a row takes the whole record and everything that ever stood in it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use uuid::Uuid;

use kefu_domain::change::{act, kind};
use kefu_domain::privacy::{Gate, Mask};
use kefu_domain::template::CustomField;
use kefu_domain::{Change, Record, Template, Values};

use crate::forms::{FormRow, beginning};
use crate::store::{Store, StoreError, Writer, marks};

/// Raised whenever the program masks otherwise than before.
const MASKING: u32 = 2;
/// Rows gone through in one transaction.
const BATCH: i64 = 256;

/// What a list shows of a form, by who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Who sees it in clear.
    pub(crate) gate: Gate,
    /// What all others see.
    pub(crate) masked: Masked,
}

impl Seen {
    /// Who sees it in clear, and what all others see, as the index keeps them.
    pub(crate) fn kept(&self) -> Result<[String; 2], StoreError> {
        Ok([serde_json::to_string(&self.gate)?, serde_json::to_string(&self.masked)?])
    }
}

/// A row of a list as somebody without need sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Masked {
    customer: String,
    phone: String,
    product: String,
    /// Beginning of the description.
    excerpt: String,
}

impl Masked {
    /// Shows this of the row.
    fn over(self, row: &mut FormRow) {
        let Masked { customer, phone, product, excerpt } = self;
        (row.customer, row.phone, row.product, row.excerpt) = (customer, phone, product, excerpt);
    }
}

/// The company's form, by which rows are masked.
#[derive(Debug, Clone, Copy)]
pub struct Masking<'a> {
    /// The form.
    pub template: &'a Template,
    /// Names the way in which this program masks by it.
    pub key: i64,
}

impl<'a> Masking<'a> {
    /// By this form. Its key is a sum over all of it: made once for many rows.
    pub fn by(template: &'a Template) -> Self {
        let mut hasher = DefaultHasher::new();
        (MASKING, format!("{template:?}")).hash(&mut hasher);
        Masking { template, key: hasher.finish() as i64 }
    }

    /// A row as it is seen. What was corrected may still stand in what was told: `entered` are the values that people
    /// entered.
    pub(crate) fn row(self, record: &Record, entered: &[Values]) -> Seen {
        let values = record.values();
        let mask = Mask::of(entered.iter().chain([&values]), self.template);
        let shown = |key: &str| match mask.value(key, &json!(record.text(key).unwrap_or_default())) {
            Value::String(text) => text,
            _ => String::new(),
        };
        // Made from the whole: a line cut out of the text may begin or end within a name.
        let told = values.get("description").and_then(|told| told.get("text")).and_then(Value::as_str);
        let masked = Masked {
            customer: shown("customer.name"),
            phone: shown("customer.phone"),
            product: shown("product.name"),
            excerpt: beginning(&mask.text(told.unwrap_or_default())),
        };
        Seen { gate: Gate::of(record), masked }
    }

    /// The same of the record in this row of the file; `corrected` as [`CORRECTED`] has it.
    pub(crate) async fn seen(
        self,
        connection: &mut SqliteConnection,
        (row, record): (i64, &Record),
        corrected: bool,
    ) -> Result<Seen, StoreError> {
        let entered = if corrected { entered(connection, row).await? } else { Vec::new() };
        Ok(self.row(record, &entered))
    }
}

/// Somebody who looks at records.
#[derive(Debug)]
pub struct Onlooker {
    /// His record, once it has come to this device.
    pub member: Option<Record>,
    /// Somebody else works here, too.
    pub others: bool,
    /// This device belongs to a workspace, and holds own changes that nobody else has yet.
    pub unsent: bool,
    /// It is a technician's device in a workspace: it holds no desk key.
    pub in_the_field: bool,
}

/// What an [`Onlooker`] is read from, as columns of a query that binds the seat as `?1` and the kind of members as `?2`.
pub(crate) const ONLOOKER: &str = "(SELECT body FROM records WHERE id = ?1), \
    EXISTS (SELECT 1 FROM records WHERE kind = ?2 AND kind <> 'form' AND id <> ?1 \
    AND json_type(body, '$.fields.active.value') IS NOT 'false'), \
    EXISTS (SELECT 1 FROM workspace WHERE joining IS NULL), EXISTS (SELECT 1 FROM desk_keys), \
    EXISTS (SELECT 1 FROM changes WHERE device = 1 AND seq > x.sealed AND standing >= 0) \
    OR EXISTS (SELECT 1 FROM envelopes WHERE device = 1 AND seq > x.acknowledged AND status = 0)";

impl Onlooker {
    /// From a row that begins with the columns of [`ONLOOKER`].
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let member = row.try_get::<Option<&str>, _>(0)?.map(serde_json::from_str).transpose()?;
        let (joined, office, waiting): (bool, bool, bool) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        Ok(Onlooker { member, others: row.try_get(1)?, unsent: joined && waiting, in_the_field: joined && !office })
    }
}

impl Store {
    /// Who looks from this seat: in one trip, because every list asks for it.
    ///
    /// # Errors
    /// The database does not answer, or the record cannot be read.
    pub async fn onlooker(&self, seat: Uuid) -> Result<Onlooker, StoreError> {
        let sql = format!("SELECT {ONLOOKER} FROM exchange x");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(seat).bind(kind::MEMBER);
        Onlooker::read(&query.fetch_one(self.near().await?.connection()?).await?)
    }

    /// Masks these rows but for those of which `clear` says, by record and gate, that whoever looks sees them in clear. What
    /// the index does not have yet is made: after an update of the program, or of the form.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn see(
        &self,
        rows: &mut [FormRow],
        masking: Masking<'_>,
        clear: impl Fn(Uuid, &Gate) -> bool,
    ) -> Result<(), StoreError> {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            match row.gate.take().filter(|_| row.masking == Some(masking.key)) {
                Some(gate) if clear(row.id, &gate) => {}
                Some(_) => kept.push(row),
                None => {
                    let seen = self.seen(row.id, masking).await?;
                    if !clear(row.id, &seen.gate) {
                        seen.masked.over(row);
                    }
                }
            }
        }
        if kept.is_empty() {
            return Ok(());
        }
        let sql = format!("SELECT id, seen FROM forms WHERE masking = ? AND row IN ({})", marks(kept.len()));
        let query = sqlx::query(AssertSqlSafe(sql)).bind(masking.key);
        let query = kept.iter().fold(query, |query, row| query.bind(row.row));
        let mut masked: HashMap<Uuid, Masked> = HashMap::with_capacity(kept.len());
        for found in &query.fetch_all(&self.readers).await? {
            if let Ok(one) = serde_json::from_str(found.try_get(1)?) {
                masked.insert(found.try_get(0)?, one);
            }
        }
        for row in kept {
            match masked.remove(&row.id) {
                Some(masked) => masked.over(row),
                None => self.seen(row.id, masking).await?.masked.over(row),
            }
        }
        Ok(())
    }

    /// What is seen of a record, made from it. Of one that was taken off this device since its row was read, nothing.
    async fn seen(&self, id: Uuid, masking: Masking<'_>) -> Result<Seen, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let sql = format!("SELECT r.row, r.body, {CORRECTED} FROM records r WHERE r.id = ?");
        match sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_optional(&mut *connection).await? {
            Some(found) => {
                let record: Record = serde_json::from_str(found.try_get(1)?)?;
                masking.seen(&mut connection, (found.try_get(0)?, &record), found.try_get(2)?).await
            }
            None => Ok(masking.row(&Record::default(), &[])),
        }
    }
}

/// The fields that the company added, in the order in which it did. One that a newer version wrote and this one cannot
/// read is left out of the form, not out of the record.
pub fn custom_fields(record: &Record) -> Vec<CustomField> {
    let mut custom: Vec<CustomField> =
        record.values().into_values().filter_map(|value| serde_json::from_value(value).ok()).collect();
    custom.sort_by(|a, b| a.key.cmp(&b.key)); // keys count up
    custom
}

/// The company's form, as the log has it.
pub(crate) async fn template(connection: &mut SqliteConnection) -> Result<Template, StoreError> {
    let sql = "SELECT body FROM records WHERE kind = ? AND kind <> 'form'";
    let body: Option<String> = sqlx::query_scalar(sql).bind(kind::TEMPLATE).fetch_optional(connection).await?;
    let record: Record = body.map(|body| serde_json::from_str(&body)).transpose()?.unwrap_or_default();
    Ok(Template::registration().with_custom(&custom_fields(&record)))
}

/// Whether the record in this row was ever corrected: only then somebody entered what its record does not show.
pub(crate) const CORRECTED: &str = "EXISTS (SELECT 1 FROM changes d WHERE d.record = r.row \
                                    AND instr(d.bytes, CAST('\"act\":\"correct\"' AS BLOB)))";

/// What people entered into the record in this row.
pub(crate) async fn entered(connection: &mut SqliteConnection, row: i64) -> Result<Vec<Values>, StoreError> {
    // A record that was taken off this device has places in the log without words.
    let sql = "SELECT bytes FROM changes WHERE record = ? AND standing >= 0";
    let bytes: Vec<Vec<u8>> = sqlx::query_scalar(sql).bind(row).fetch_all(connection).await?;
    let changes = bytes.iter().map(|bytes| Change::decode(bytes));
    let changes =
        changes.filter(|change| !matches!(change, Ok(c) if ![act::CORRECT, act::REGISTER].contains(&&*c.act)));
    changes.map(|change| Ok(change?.set.into_iter().map(|(key, setting)| (key, setting.to)).collect())).collect()
}

/// Goes through the next forms that were masked by another template or none, in one transaction; whether any are left.
pub(crate) async fn step(writer: &mut Writer) -> Result<bool, StoreError> {
    let mut transaction = writer.connection()?.begin_with("BEGIN IMMEDIATE").await?;
    let template = template(&mut transaction).await?;
    let masking = Masking::by(&template);
    let key = masking.key;
    sqlx::query("UPDATE indexed SET masking = ?, masked = 0 WHERE masking <> ?")
        .bind(key)
        .bind(key)
        .execute(&mut *transaction)
        .await?;
    let sql = "SELECT masked, (SELECT coalesce(max(row), 0) FROM forms) FROM indexed WHERE masked IS NOT NULL";
    let Some(found) = sqlx::query(sql).fetch_optional(&mut *transaction).await? else {
        transaction.commit().await?;
        return Ok(false);
    };
    let (from, end): (i64, i64) = (found.try_get(0)?, found.try_get(1)?);
    let to = from + BATCH;
    let sql = format!(
        "SELECT f.row, r.body, {CORRECTED} FROM forms f JOIN records r ON r.row = f.row \
         WHERE f.row > ? AND f.row <= ? AND f.masking IS NOT ?"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(from).bind(to).bind(key);
    for found in &query.fetch_all(&mut *transaction).await? {
        let (row, record): (i64, Record) = (found.try_get(0)?, serde_json::from_str(found.try_get(1)?)?);
        let seen = masking.seen(&mut transaction, (row, &record), found.try_get(2)?).await?;
        let query = sqlx::query("UPDATE forms SET gate = ?, seen = ?, masking = ? WHERE row = ?");
        let [gate, seen] = seen.kept()?;
        query.bind(gate).bind(seen).bind(key).bind(row).execute(&mut *transaction).await?;
    }
    let left = Some(to).filter(|to| *to < end);
    sqlx::query("UPDATE indexed SET masked = ?").bind(left).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(left.is_some())
}
