//! What this machine keeps for itself: drafts and preferences. Encrypted like everything, but no part of the log:
//! a draft is not a record yet, and a preference never becomes one.

use sqlx::Row;
use uuid::Uuid;

use crate::door::Door;
use crate::store::{Store, StoreError};

/// A draft as kept.
#[derive(Debug, Clone)]
pub struct KeptDraft {
    /// Identity.
    pub id: Uuid,
    /// When it was last saved, RFC 3339.
    pub saved_at: String,
    /// JSON that the caller understands.
    pub body: String,
}

impl Store {
    /// Saves a draft; on disk when this returns.
    ///
    /// # Errors
    /// The database does not answer, or the disk is full; the earlier state is then kept.
    pub async fn save_draft(&self, draft: &KeptDraft) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("INSERT OR REPLACE INTO drafts (id, saved_at, body) VALUES (?, ?, ?)")
            .bind(draft.id)
            .bind(&draft.saved_at)
            .bind(&draft.body)
            .execute(writer.connection()?)
            .await?;
        Ok(())
    }

    /// All drafts, the last saved first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drafts(&self) -> Result<Vec<KeptDraft>, StoreError> {
        let rows = sqlx::query("SELECT id, saved_at, body FROM drafts ORDER BY saved_at DESC")
            .fetch_all(&self.readers)
            .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(KeptDraft { id: row.try_get(0)?, saved_at: row.try_get(1)?, body: row.try_get(2)? })
        };
        rows.iter().map(read).collect()
    }

    /// One draft.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn draft(&self, id: Uuid) -> Result<Option<KeptDraft>, StoreError> {
        Ok(self.drafts().await?.into_iter().find(|d| d.id == id))
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn discard_draft(&self, id: Uuid) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("DELETE FROM drafts WHERE id = ?").bind(id).execute(writer.connection()?).await?;
        Ok(())
    }

    /// A preference of this machine.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn preference(&self, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM preferences WHERE key = ?";
        Ok(sqlx::query_scalar(sql).bind(key).fetch_optional(&self.readers).await?)
    }

    /// Sets a preference.
    ///
    /// # Errors
    /// The database does not answer, or the disk is full.
    pub async fn set_preference(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("INSERT OR REPLACE INTO preferences (key, value) VALUES (?, ?)")
            .bind(key)
            .bind(value)
            .execute(writer.connection()?)
            .await?;
        Ok(())
    }

    /// Forgets a preference.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forget_preference(&self, key: &str) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("DELETE FROM preferences WHERE key = ?").bind(key).execute(writer.connection()?).await?;
        Ok(())
    }
}

impl Door {
    /// Removes the draft that has become a record, in the same transaction.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drop_draft(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM drafts WHERE id = ?").bind(id).execute(self.connection().await?).await?;
        Ok(())
    }
}
