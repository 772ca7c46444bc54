//! Forms that may tell of the same fault as one that is being registered: candidates by telephone and serial.

use sqlx::{QueryBuilder, Sqlite};

use kefu_domain::Record;

use crate::search::{Query, caller_by_phone};
use crate::store::{Store, StoreError};

/// Forms looked at, newest first.
const LOOKED_AT: u32 = 40;
/// Shorter texts would find half the desk.
const SHORTEST: usize = 4;

impl Store {
    /// Forms with one of `phones` or with `serial`, as typed. It does not wait for the indexes, since whoever
    /// registers must not: the few changes that they do not hold yet are looked through as they stand.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn candidates(&self, phones: &[&str], serial: &str) -> Result<Vec<Record>, StoreError> {
        let long = |text: &&str| text.trim().len() >= SHORTEST;
        let serial = Some(serial).filter(long);
        let phones: Vec<&str> = phones.iter().copied().filter(long).collect();
        let by_phone = phones.iter().filter_map(|typed| caller_by_phone(typed));
        let by_serial = serial.and_then(Query::parse).map(|query| query.matching().to_string());
        let either: Vec<String> = by_phone.chain(by_serial).map(|one| format!("({one})")).collect();
        if either.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT r.body FROM records r WHERE r.kind = 'form' AND r.row IN \
             (SELECT rowid FROM (SELECT rowid FROM search WHERE search MATCH ",
        );
        query.push_bind(either.join(" OR ")).push(" ORDER BY rowid DESC LIMIT ").push_bind(LOOKED_AT);
        query.push(
            ") UNION SELECT c.record FROM changes c JOIN records n ON n.row = c.record \
             WHERE c.place > (SELECT place FROM indexed) AND (0",
        );
        for typed in phones.iter().copied().chain(serial) {
            query.push(" OR instr(n.body, ").push_bind(typed.trim().to_string()).push(") > 0");
        }
        query.push("))");
        let bodies: Vec<String> = query.build_query_scalar().fetch_all(&self.readers).await?;
        bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
    }
}
