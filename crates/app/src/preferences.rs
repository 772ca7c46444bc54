//! Preferences of this machine.

use kefu_local::Store;

use crate::desk::Desk;
use crate::failure::logged;
use crate::wire::{Code, Failure, Preferences};

const KEY: &str = "preferences";

impl Desk {
    /// The preferences; the defaults where none were saved or they cannot be read.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn preferences(&self) -> Result<Preferences, Failure> {
        read(&self.open()?.store).await
    }

    /// Saves the preferences.
    ///
    /// # Errors
    /// [`Code::NotAllowed`] where someone who is no administrator changes `keyring_seat`; nothing is saved then.
    pub async fn save_preferences(&self, preferences: &Preferences) -> Result<(), Failure> {
        let open = self.open()?;
        if read(&open.store).await?.keyring_seat != preferences.keyring_seat {
            open.administrator()?;
        }
        let text = serde_json::to_string(preferences).map_err(|error| logged(Code::Internal, &error))?;
        Ok(open.store.set_preference(KEY, &text).await?)
    }
}

/// The preferences as kept.
pub(crate) async fn read(store: &Store) -> Result<Preferences, Failure> {
    let text = store.preference(KEY).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}
