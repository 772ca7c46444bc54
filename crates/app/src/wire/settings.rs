//! Preferences of this machine, the company's own fields, the integrity check.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use kefu_domain::template::CustomField;

use super::{Filter, SortKey};

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Preferences of this machine. They are no record: they neither sync nor enter the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Size of the interface in per cent: 100, 110, 125 or 150.
    pub scale: u32,
    /// Minutes without input until the desk locks; 0 never.
    pub idle_minutes: u32,
    /// Printer for direct printing; empty: the system's default printer.
    pub printer: String,
    /// Filter of the list, remembered.
    pub filter: Filter,
    /// Order of the list, remembered.
    pub sort: SortKey,
    /// Greatest first.
    pub descending: bool,
    /// Whether whoever signed in last sits down where the keyring opens the desk. Only an administrator changes it.
    pub keyring_seat: bool,
    /// Notifications of the system: new forms in a queue, clocks that run out.
    pub notifications: bool,
    /// No notification from this time of day on, `22:00`; empty: no quiet hours.
    pub quiet_from: String,
    /// Until then; before `quiet_from`: over midnight.
    pub quiet_to: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences {
            theme: Theme::System,
            scale: 100,
            idle_minutes: 10,
            printer: String::new(),
            filter: Filter::default(),
            sort: SortKey::default(),
            descending: true,
            keyring_seat: true,
            notifications: true,
            quiet_from: String::new(),
            quiet_to: String::new(),
        }
    }
}

/// The company's own fields.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomFields {
    /// All of them, retired ones included.
    pub fields: Vec<CustomField>,
}

/// Adds one of the company's own fields or changes it. The desk answers with the template as it is then.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CustomFieldRequest {
    /// The field; an empty key makes a new one.
    pub field: CustomField,
}

/// Answer of `verify`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct VerifyReport {
    /// Changes read.
    #[ts(type = "number")]
    pub changes: u64,
    /// Records folded.
    #[ts(type = "number")]
    pub records: u64,
    /// Entries whose words were destroyed on a customer's demand.
    #[ts(type = "number")]
    pub erased: u64,
    /// What is wrong, one sentence each; empty is good.
    pub problems: Vec<String>,
}

/// Receivers that occur in the list, for the filter.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Receivers {
    /// Names, by pinyin.
    pub names: Vec<String>,
}

/// Answer of what saves a file where the person wants it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Saved {
    /// File name it was saved under; none if the person closed the dialog.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}
