//! Forms that may tell of the same fault as one that was registered: candidates by telephone and serial.

use sqlx::{QueryBuilder, Row, Sqlite};
use uuid::Uuid;

use kefu_domain::Record;

use crate::search::{caller_by_phone, serial_number};
use crate::store::{Store, StoreError};

/// Forms looked at, newest first.
const LOOKED_AT: u32 = 40;
/// Forms handed out at once.
const PAGE: u32 = 256;

/// A form with its place in the order in which forms came to this desk.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Its place, from 1.
    pub place: i64,
    /// Identity.
    pub id: Uuid,
    /// As it stands.
    pub record: Record,
}

impl Store {
    /// The next forms that came to this desk after the one at `place`, a page at most.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn arrived_after(&self, place: i64) -> Result<Vec<Arrived>, StoreError> {
        let sql = "SELECT row, id, body FROM records WHERE kind = 'form' AND row > ? ORDER BY row LIMIT ?";
        let rows = sqlx::query(sql).bind(place).bind(PAGE).fetch_all(&self.aside).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Arrived { place: row.try_get(0)?, id: row.try_get(1)?, record: serde_json::from_str(row.try_get(2)?)? })
        };
        rows.iter().map(read).collect()
    }

    /// Place of the form that came last; 0 where there is none.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn last_arrived(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(row), 0) FROM records WHERE kind = 'form'";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.readers).await?)
    }

    /// Forms that came before `form` with one of its telephones or its serial. Nobody waits for the answer: it is looked up
    /// beside those who do.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn candidates(&self, form: &Arrived) -> Result<Vec<Record>, StoreError> {
        let text = |key: &str| form.record.text(key).unwrap_or_default();
        let phones = [text("customer.phone"), text("customer.phone2")];
        let phones = phones.iter().filter_map(|typed| caller_by_phone(typed));
        let either: Vec<String> =
            phones.chain(serial_number(text("product.serial"))).map(|one| format!("({one})")).collect();
        if either.is_empty() {
            return Ok(Vec::new());
        }
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT r.body FROM (SELECT rowid AS at FROM search WHERE search MATCH ");
        query.push_bind(either.join(" OR ")).push(" AND rowid < ").push_bind(form.place);
        query.push(" ORDER BY rowid DESC LIMIT ").push_bind(LOOKED_AT).push(") JOIN records r ON r.row = at");
        self.indexed().await;
        let bodies: Vec<String> = query.build_query_scalar().fetch_all(&self.aside).await?;
        bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
    }
}
