//! Preferences of this machine.

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
        let text = self.open()?.store.preference(KEY).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Saves the preferences.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn save_preferences(&self, preferences: &Preferences) -> Result<(), Failure> {
        let text = serde_json::to_string(preferences).map_err(|error| logged(Code::Internal, &error))?;
        Ok(self.open()?.store.set_preference(KEY, &text).await?)
    }
}
