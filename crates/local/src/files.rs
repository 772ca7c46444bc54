//! Attached files: addressed by their content, in parts, inside the encrypted database.

use sqlx::Row;

use kefu_vault::content_hash;

use crate::store::{Store, StoreError};

/// Largest attachment in bytes.
pub const FILE_LIMIT: usize = 20 * 1024 * 1024;

/// Bytes of a part.
const PART: usize = 256 * 1024;

/// Why a file is not kept or not given.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Larger than [`FILE_LIMIT`].
    #[error("larger than the limit")]
    TooLarge,
    /// Not here, or its parts are not what its hash says.
    #[error("not here or damaged")]
    Missing,
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for FileError {
    fn from(error: sqlx::Error) -> Self {
        FileError::Store(error.into())
    }
}

impl Store {
    /// Keeps a file and gives its hash. The same content is kept once.
    ///
    /// # Errors
    /// [`FileError::TooLarge`]; the disk is full; then nothing is kept.
    pub async fn keep_file(&self, bytes: &[u8]) -> Result<String, FileError> {
        if bytes.len() > FILE_LIMIT {
            return Err(FileError::TooLarge);
        }
        let hash = content_hash(bytes);
        let mut door = self.door(chrono::DateTime::UNIX_EPOCH.fixed_offset()).await?;
        let empty: &[u8] = &[];
        let parts = if bytes.is_empty() { vec![empty] } else { bytes.chunks(PART).collect() };
        for (part, bytes) in parts.into_iter().enumerate() {
            sqlx::query("INSERT OR IGNORE INTO files (hash, part, bytes) VALUES (?, ?, ?)")
                .bind(&hash)
                .bind(part as i64)
                .bind(bytes)
                .execute(door.connection().await?)
                .await?;
        }
        door.commit().await?;
        Ok(hash)
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// [`FileError::Missing`] also where the bytes are no longer what the hash says.
    pub async fn file(&self, hash: &str) -> Result<Vec<u8>, FileError> {
        let rows = sqlx::query("SELECT bytes FROM files WHERE hash = ? ORDER BY part")
            .bind(hash)
            .fetch_all(&self.readers)
            .await?;
        let mut bytes = Vec::new();
        for row in &rows {
            bytes.extend_from_slice(row.try_get(0)?);
        }
        if rows.is_empty() || content_hash(&bytes) != hash { Err(FileError::Missing) } else { Ok(bytes) }
    }

    /// Forgets the files of a discarded draft that no other draft and no record names.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forget_unused_files(&self, hashes: &[String]) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        for hash in hashes {
            let like = format!("%{hash}%");
            sqlx::query(
                "DELETE FROM files WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM drafts WHERE body LIKE ?2) \
                 AND NOT EXISTS (SELECT 1 FROM records WHERE body LIKE ?2)",
            )
            .bind(hash)
            .bind(&like)
            .execute(writer.connection()?)
            .await?;
        }
        Ok(())
    }
}
