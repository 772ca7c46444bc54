//! The index of customers and products: whose forms are whose, which customers there are.

use std::collections::HashMap;

use chrono::DateTime;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use kefu_domain::customer::{Party, merged_into};
use kefu_domain::phone::Phone;
use kefu_domain::{Record, Values};

use crate::door::Door;
use crate::forms::{COLUMNS, FormRow, WIDTH};
use crate::search::{Query, caller_by_name, caller_by_phone, pinyin_key, serial_number};
use crate::store::{ROWS, Store, StoreError, execute_all, marks, rows_of_marks};

/// A customer in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerEntry {
    /// Customer.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Telephone as last typed.
    pub phone: String,
    /// Forms, those of customers merged into him included.
    pub forms: u32,
    /// 来电时间 of the latest as entered.
    pub last_at: String,
    /// The latest form; nil where that is gone.
    pub latest: Uuid,
}

/// A product of a customer.
#[derive(Debug, Clone)]
pub struct ProductEntry {
    /// Product.
    pub id: Uuid,
    /// Forms about it, whoever wrote.
    pub forms: u32,
    /// What his latest form with it says.
    pub latest: Values,
}

const ENTRY: &str = "c.id, c.name, c.phone, \
    (SELECT sum(m.forms) FROM customers m WHERE m.id = c.id OR (m.root = c.id AND m.root <> m.id)), c.last_at, \
    coalesce((SELECT f.id FROM parties p JOIN forms f ON f.row = p.row WHERE p.customer = c.id \
    ORDER BY p.received DESC, p.row DESC LIMIT 1), zeroblob(16))";

fn entry(row: &SqliteRow) -> Result<CustomerEntry, StoreError> {
    Ok(CustomerEntry {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        phone: row.try_get(2)?,
        forms: row.try_get(3)?,
        last_at: row.try_get(4)?,
        latest: row.try_get(5)?,
    })
}

/// Forms of a customer and of those merged into him.
const OF_CUSTOMER: &str = "p.customer IN (SELECT id FROM customers WHERE id = ?1 OR (root = ?1 AND root <> id))";

/// Whose a form is, as the index keeps it.
#[derive(Debug)]
pub(crate) struct Entry {
    party: OfForm,
    received_at: String,
    name: String,
    name_key: String,
    phone: String,
    digits: String,
}

/// Customer, product, 来电时间 in seconds since 1970 UTC; the ids empty where there are none.
type OfForm = (Vec<u8>, Vec<u8>, i64);

impl Entry {
    pub(crate) fn of(record: &Record) -> Self {
        let text = |key: &str| record.text(key).unwrap_or_default();
        let party = Party::of(&record.values());
        let bytes = |id: Option<Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
        let (name, phone, received_at) = (text("customer.name"), text("customer.phone"), text("received_at"));
        let received = DateTime::parse_from_rfc3339(received_at).map_or(0, |at| at.timestamp());
        Entry {
            party: (bytes(party.customer), bytes(party.product), received),
            received_at: received_at.to_owned(),
            name: name.to_owned(),
            name_key: pinyin_key(name),
            phone: phone.to_owned(),
            digits: Phone::parse(phone).map_or_else(String::new, |phone| phone.digits),
        }
    }

    fn customer(&self) -> &[u8] {
        &self.party.0
    }
}

/// Enters forms, by their rows, with their customers; `held` are the rows of those that may have been entered before.
pub(crate) async fn index(
    connection: &mut SqliteConnection,
    mut entries: Vec<(i64, Entry)>,
    held: &[i64],
) -> Result<(), StoreError> {
    let mut before: HashMap<i64, OfForm> = HashMap::with_capacity(held.len());
    for some in held.chunks(ROWS) {
        let sql = format!("SELECT row, customer, product, received FROM parties WHERE row IN ({})", marks(some.len()));
        let query = some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, row| query.bind(*row));
        for found in query.fetch_all(&mut *connection).await? {
            before.insert(found.try_get(0)?, (found.try_get(1)?, found.try_get(2)?, found.try_get(3)?));
        }
    }
    // Most acts leave a form with its customer.
    entries.retain(|(row, entry)| before.get(row) != Some(&entry.party));
    let put = entries.chunks(ROWS).map(|some| {
        let sql = format!(
            "INSERT INTO parties (row, customer, product, received) VALUES {} ON CONFLICT (row) DO UPDATE SET \
             customer = excluded.customer, product = excluded.product, received = excluded.received",
            rows_of_marks(4, some.len())
        );
        some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (row, entry)| {
            let (customer, product, received) = &entry.party;
            query.bind(*row).bind(customer.as_slice()).bind(product.as_slice()).bind(*received)
        })
    });
    let of_somebody: Vec<&Entry> =
        entries.iter().map(|(_, entry)| entry).filter(|entry| !entry.customer().is_empty()).collect();
    let put_somebody = of_somebody.chunks(ROWS).map(|some| {
        let sql = format!("{ENTER} {} {FOLLOW}", vec![CUSTOMER; some.len()].join(", "));
        some.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, entry| {
            let query = query.bind(entry.customer()).bind(entry.customer()).bind(entry.customer());
            let query = query.bind(entry.name.as_str()).bind(entry.name_key.as_str()).bind(entry.phone.as_str());
            query.bind(entry.digits.as_str()).bind(entry.party.2).bind(entry.received_at.as_str())
        })
    });
    execute_all(&mut *connection, put.chain(put_somebody)).await?;
    let left = |(row, entry): &(i64, Entry)| {
        before.get(row).map(|(customer, ..)| customer).filter(|customer| *customer != entry.customer())
    };
    for customer in entries.iter().filter_map(left).filter(|customer| !customer.is_empty()) {
        let sql = "UPDATE customers SET forms = (SELECT count(*) FROM parties WHERE customer = ?1) WHERE id = ?1; \
                   DELETE FROM customers WHERE id = ?1 AND forms = 0";
        sqlx::query(sql).bind(customer.as_slice()).bind(customer.as_slice()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Enters the customers of forms that stand in `parties`. One whose entry is made anew stays merged, as his record says.
const ENTER: &str = "INSERT INTO customers (id, root, name, name_key, phone, digits, forms, last, last_at) VALUES";
const CUSTOMER: &str = "(?, coalesce((SELECT unhex(replace(json_extract(body, '$.fields.merged_into.value'), '-', '')) \
    FROM records WHERE id = ?), ?), ?, ?, ?, ?, 1, ?, ?)";
const FOLLOW: &str = "ON CONFLICT (id) DO UPDATE SET forms = (SELECT count(*) FROM parties WHERE customer = excluded.id), \
     name = CASE WHEN excluded.last >= last THEN excluded.name ELSE name END, \
     phone = CASE WHEN excluded.last >= last THEN excluded.phone ELSE phone END, \
     last_at = CASE WHEN excluded.last >= last THEN excluded.last_at ELSE last_at END, last = max(last, excluded.last)";

impl Store {
    /// Customers, the latest caller first, and how many there are.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn customers(&self, offset: u32, limit: u32) -> Result<(Vec<CustomerEntry>, u32), StoreError> {
        let readers = self.indexed().await;
        let total = sqlx::query_scalar("SELECT count(*) FROM customers INDEXED BY customers_by_last WHERE root = id")
            .fetch_one(readers)
            .await?;
        let sql = format!(
            "SELECT {ENTRY} FROM (SELECT id AS at, last FROM customers INDEXED BY customers_by_last WHERE root = id \
             ORDER BY last DESC, id DESC LIMIT ? OFFSET ?) JOIN customers c ON c.id = at ORDER BY c.last DESC, c.id DESC"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(limit).bind(offset).fetch_all(readers).await?;
        Ok((rows.iter().map(entry).collect::<Result<_, _>>()?, total))
    }

    /// Customers of the latest forms whose names or numbers match; at most `limit`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find_customers(&self, typed: &str, limit: u32) -> Result<Vec<CustomerEntry>, StoreError> {
        let Some(query) = Query::parse(typed) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {ENTRY} FROM (SELECT coalesce(m.root, p.customer) AS at, max(p.received) AS latest FROM \
             (SELECT rowid AS hit FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) \
             JOIN parties p ON p.row = hit JOIN customers m ON m.id = p.customer GROUP BY 1) \
             JOIN customers c ON c.id = at ORDER BY latest DESC LIMIT ?"
        );
        let expression = format!("{{name py id}} : ({})", query.matching());
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(expression)
            .bind(LOOKED_AT)
            .bind(limit)
            .fetch_all(self.indexed().await)
            .await?;
        rows.iter().map(entry).collect()
    }

    /// The customer under whom `id` is found: himself, or into whom he was merged.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn customer(&self, id: Uuid) -> Result<Option<CustomerEntry>, StoreError> {
        let sql = format!(
            "SELECT {ENTRY} FROM customers c WHERE c.id = coalesce((SELECT root FROM customers WHERE id = ?), ?)"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(id).fetch_optional(self.indexed().await).await?;
        row.as_ref().map(entry).transpose()
    }

    /// Customers merged into `id`, and those that may be the same: the same telephone, or the same name.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn kin(&self, id: Uuid) -> Result<(Vec<CustomerEntry>, Vec<CustomerEntry>), StoreError> {
        let readers = self.indexed().await;
        let sql = format!("SELECT {ENTRY} FROM customers c WHERE c.root = ? AND c.root <> c.id ORDER BY c.last DESC");
        let merged = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_all(readers).await?;
        let sql = format!(
            "SELECT {ENTRY} FROM customers c WHERE c.root = c.id AND c.id <> ?1 AND ( \
             (c.digits <> '' AND c.digits = (SELECT digits FROM customers WHERE id = ?1)) OR \
             (c.name <> '' AND c.name = (SELECT name FROM customers WHERE id = ?1))) ORDER BY c.last DESC LIMIT 10"
        );
        let perhaps = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_all(readers).await?;
        let read = |rows: Vec<SqliteRow>| rows.iter().map(entry).collect::<Result<Vec<_>, _>>();
        Ok((read(merged)?, read(perhaps)?))
    }

    /// Forms of a customer, newest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forms_of_customer(&self, id: Uuid, limit: u32) -> Result<Vec<FormRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM parties p JOIN forms f ON f.row = p.row WHERE {OF_CUSTOMER} \
             ORDER BY p.received DESC, p.row DESC LIMIT ?2"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(limit).fetch_all(self.indexed().await).await?;
        Ok(rows.iter().map(FormRow::read).collect::<Result<_, _>>()?)
    }

    /// Products of a customer, that of his latest form first.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn products_of(&self, id: Uuid) -> Result<Vec<ProductEntry>, StoreError> {
        let sql = format!(
            "SELECT product, (SELECT count(*) FROM parties o WHERE o.product = latest.product), r.body FROM \
             (SELECT p.product, max(p.received), p.row FROM parties p WHERE {OF_CUSTOMER} AND length(p.product) = 16 \
             GROUP BY p.product ORDER BY 2 DESC LIMIT 100) latest JOIN records r USING (row)"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_all(self.indexed().await).await?;
        let read = |row: &SqliteRow| {
            let record: Record = serde_json::from_str(row.try_get(2)?)?;
            Ok(ProductEntry { id: row.try_get(0)?, forms: row.try_get(1)?, latest: record.values() })
        };
        rows.iter().map(read).collect()
    }

    /// Forms about a product, whoever wrote.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forms_of_product(&self, id: Uuid) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM parties WHERE product = ?";
        Ok(sqlx::query_scalar(sql).bind(id).fetch_one(self.indexed().await).await?)
    }

    /// Earlier forms that may tell of the same matter as a sheet with these values: of the same telephone, name, serial
    /// or order number, the newest first.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn alike(&self, values: &Values) -> Result<Vec<(FormRow, Record)>, StoreError> {
        let Some(expression) = alike_expression(values) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {COLUMNS}, r.body FROM (SELECT rowid AS at FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) \
             JOIN forms f ON f.row = at JOIN records r ON r.row = at ORDER BY at DESC"
        );
        let rows =
            sqlx::query(AssertSqlSafe(sql)).bind(expression).bind(LOOKED_AT).fetch_all(self.indexed().await).await?;
        rows.iter().map(|row| Ok((FormRow::read(row)?, serde_json::from_str(row.try_get(WIDTH)?)?))).collect()
    }
}

/// Forms looked at, newest first.
const LOOKED_AT: u32 = 200;

/// What the index is asked for [`Store::alike`]; None while nothing identifies. Public for the floor of the benchmark.
#[doc(hidden)]
pub fn alike_expression(values: &Values) -> Option<String> {
    let text = |key: &str| values.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    let phones = ["customer.phone", "customer.phone2"].map(|key| Phone::parse(text(key)).map(|p| p.digits));
    let phones = phones.into_iter().flatten().filter_map(|digits| caller_by_phone(&digits));
    let numbers = ["product.serial", "product.order_number", "product.contract_number"];
    let numbers = numbers.iter().filter_map(|key| serial_number(text(key)));
    let name = caller_by_name(kefu_domain::names::bare(text("customer.name")));
    let either: Vec<String> = phones.chain(numbers).chain(name).map(|one| format!("({one})")).collect();
    (!either.is_empty()).then(|| either.join(" OR "))
}

impl Door {
    /// Takes over into the index, in this transaction, into whom customer `id` is merged now, and with him those that
    /// were merged into him.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn relink_customer(&mut self, id: Uuid) -> Result<(), StoreError> {
        let root = self.roots(id).await?.last().copied().unwrap_or(id);
        let connection = self.connection().await?;
        sqlx::query("UPDATE customers SET root = ? WHERE id = ?").bind(root).bind(id).execute(&mut *connection).await?;
        // Those that were merged into him, or stood under his old root because of him, each by his own record.
        let sql = "SELECT c.id FROM customers c JOIN records r ON r.id = c.id WHERE c.root <> c.id AND c.id <> ?";
        let others: Vec<Uuid> = sqlx::query_scalar(sql).bind(id).fetch_all(connection).await?;
        for other in others {
            let root = self.roots(other).await?.last().copied().unwrap_or(other);
            let sql = "UPDATE customers SET root = ? WHERE id = ?";
            sqlx::query(sql).bind(root).bind(other).execute(self.connection().await?).await?;
        }
        Ok(())
    }

    /// Into whom `id` was merged, and he in turn, up to the last. Two devices may close a circle: it is cut where it
    /// begins.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn roots(&mut self, id: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let (mut roots, mut at) = (Vec::new(), id);
        while let Some(next) = self.record(at).await?.as_ref().and_then(merged_into) {
            if next == id || roots.contains(&next) {
                break;
            }
            roots.push(next);
            at = next;
        }
        Ok(roots)
    }
}
