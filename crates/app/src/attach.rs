//! Files of a form: kept sealed in the database, named by a line of the form.

use uuid::Uuid;

use kefu_domain::decide::moment;
use kefu_local::FileError;

use crate::desk::Desk;
use crate::wire::{Attachment, Code, Failure};

/// Longest file name, in characters.
const LONGEST_NAME: usize = 200;

impl Desk {
    /// Keeps a file of at most 20 MB. It belongs to a draft or a form once that names it.
    ///
    /// # Errors
    /// [`Code::AttachmentTooLarge`], [`Code::DiskFull`]; nothing is kept then.
    pub async fn attach(&self, name: &str, mime: &str, bytes: &[u8]) -> Result<Attachment, Failure> {
        let sha256 = self.open()?.store.keep_file(bytes).await?;
        // A path of the sender's machine is none of ours.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        Ok(Attachment {
            id: Uuid::now_v7(),
            name: name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect(),
            mime: mime.into(),
            size: bytes.len() as u64,
            sha256,
            added_at: moment(self.now()),
        })
    }

    /// The bytes of a kept file, by its SHA-256; fetched from the shared database where another device keeps it.
    ///
    /// # Errors
    /// [`Code::NotFound`], also where the bytes are no longer what their hash says; what the server says.
    pub async fn attachment(&self, sha256: &str) -> Result<Vec<u8>, Failure> {
        if sha256.len() != 64 {
            return Err(Failure::new(Code::NotFound));
        }
        match self.open()?.store.file(sha256).await {
            Err(FileError::Missing) => self.fetch_file(sha256).await,
            kept => Ok(kept?),
        }
    }
}
