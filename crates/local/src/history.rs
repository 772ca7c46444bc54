//! One record with all its changes.

use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use kefu_domain::{Change, Record};

use crate::store::{Store, StoreError};

/// The bytes of what stands of a record's changes; wants its id.
const CHANGES_OF: &str =
    "SELECT bytes FROM changes WHERE record = (SELECT row FROM records WHERE id = ?) AND standing = 1";

/// The changes of a record in the order of their stamps.
pub(crate) async fn changes_of(connection: &mut SqliteConnection, id: Uuid) -> Result<Vec<Change>, StoreError> {
    let rows = sqlx::query(CHANGES_OF).bind(id).fetch_all(connection).await?;
    let mut changes: Vec<Change> =
        rows.iter().map(|row| Ok(Change::decode(row.try_get(0)?)?)).collect::<Result<_, StoreError>>()?;
    changes.sort_by_key(|change| change.at);
    Ok(changes)
}

impl Store {
    /// The record with this id, as folded.
    ///
    /// # Errors
    /// The database does not answer, or the record cannot be read.
    pub async fn record(&self, id: Uuid) -> Result<Option<Record>, StoreError> {
        let query = sqlx::query_scalar("SELECT body FROM records WHERE id = ?").bind(id);
        let body: Option<String> = query.fetch_optional(self.near().await?.connection()?).await?;
        body.map(|text| serde_json::from_str(&text)).transpose().map_err(Into::into)
    }

    /// All records of a kind other than form with their ids, oldest first. For kinds of which there are few.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn records_of(&self, kind: &str) -> Result<Vec<(Uuid, Record)>, StoreError> {
        let rows = sqlx::query(
            // The second condition names the index of those few; without it every form would be read.
            "SELECT id, body FROM records WHERE kind = ? AND kind <> 'form' ORDER BY row",
        )
        .bind(kind)
        .fetch_all(self.near().await?.connection()?)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, serde_json::from_str(row.try_get(1)?)?))).collect()
    }

    /// Records with these ids, in no order; ids that are not here are left out.
    ///
    /// # Errors
    /// The database does not answer, or a record cannot be read.
    pub async fn records_with(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, Record)>, StoreError> {
        let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new("SELECT id, body FROM records WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(")");
        let rows = query.build().fetch_all(self.near().await?.connection()?).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, serde_json::from_str(row.try_get(1)?)?))).collect()
    }

    /// The changes of a record in the order of their stamps.
    ///
    /// # Errors
    /// The database does not answer, or a change cannot be read.
    pub async fn changes_of(&self, id: Uuid) -> Result<Vec<Change>, StoreError> {
        changes_of(self.near().await?.connection()?, id).await
    }
}
