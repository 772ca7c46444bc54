//! Photos of a visit: cleaned of what a camera writes beside the picture before a byte of them is kept.

use serde_json::Value;
use uuid::Uuid;

use kefu_domain::field::{self, act as own, acts, photo};
use kefu_domain::{
    Refusal,
    validate::{FieldError, Problem},
};

use super::sheet;
use crate::actor::actor;
use crate::desk::Desk;
use crate::wire::{Failure, PhotoView};

impl Desk {
    /// Keeps a photo for the sheet `id`; it stands on the sheet once an act `photo` names it. Where the customer did not
    /// agree to it (`photos.location`), the place is taken out.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::wire::Code::NotFound), [`Code::Denied`](crate::wire::Code::Denied),
    /// [`Code::InvalidFields`](crate::wire::Code::InvalidFields): neither JPEG nor PNG, or a side of more than 1600
    /// pixels.
    pub async fn attach_photo(&self, id: Uuid, name: &str, bytes: &[u8]) -> Result<PhotoView, Failure> {
        let open = self.open()?;
        let actor = actor(&open).await?;
        let record = sheet(&open, &actor, id).await?;
        acts::may(&actor, &record, own::PHOTO).map_err(Refusal::Denied)?;
        let location = record.get("photos.location") == Some(&Value::Bool(true));
        let photo = photo::read(bytes, location).map_err(|bad| {
            let error = match bad {
                photo::BadPhoto::Unreadable => FieldError::new(field::PHOTOS, Problem::WrongKind),
                photo::BadPhoto::TooLarge => {
                    let detail = Some(photo::LONGEST_SIDE.to_string());
                    FieldError { field: field::PHOTOS.into(), problem: Problem::OutOfRange, detail }
                }
            };
            Failure::fields(vec![error])
        })?;
        let kept = self.attach(name, photo.mime, &photo.bytes).await?;
        Ok(PhotoView {
            id: Uuid::nil(),
            when: String::new(),
            name: kept.name,
            mime: kept.mime,
            size: kept.size,
            width: photo.width,
            height: photo.height,
            sha256: kept.sha256,
            here: true,
        })
    }
}
