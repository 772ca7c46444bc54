//! First start, opening, locking.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use kefu_domain::{CodeLists, Template};

/// How far the desk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing here yet: show the first-start page.
    FirstStart,
    /// A desk is here; it wants the passphrase or the recovery code.
    Locked,
    /// Open.
    Open,
}

/// Why the system's keyring did not open the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyringTrouble {
    /// This machine offers no keyring.
    Missing,
    /// The keyring is there but locked, or refused access.
    Locked,
    /// The keyring is there but has no entry for this desk (removed, or another user, or locked: it does not tell).
    NoEntry,
    /// The entry does not fit this desk (changed, or the database came from another machine).
    Wrong,
    /// It would open, but seats nobody: an administrator wants everyone to sign in, or whoever signed in last has left.
    Unseated,
}

/// Answer of `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Status {
    /// How far the desk is.
    pub stage: Stage,
    /// Why the keyring did not open it, where it did not.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyring: Option<KeyringTrouble>,
    /// Locked by hand or by idleness, rather than just started.
    pub idle_locked: bool,
    /// Seconds until the next try is allowed.
    pub wait_seconds: u32,
    /// Program version.
    pub version: String,
}

/// What the first-start page asks.
#[derive(Clone, Deserialize, TS)]
pub struct SetupRequest {
    /// Company name as it stands over the form.
    pub company: String,
    /// Own name.
    pub member: String,
    /// 工号, may be empty.
    #[serde(default)]
    pub employee_number: String,
    /// Post (岗位), may be empty.
    #[serde(default)]
    pub post: String,
    /// Department, may be empty.
    #[serde(default)]
    pub department: String,
    /// Short code of this device in form numbers: one to four of A–Z, 0–9.
    pub device_code: String,
    /// At least eight characters.
    pub passphrase: String,
}

/// Answer of `setup`.
#[derive(Clone, Serialize, TS)]
pub struct SetupDone {
    /// Shown once: five groups of five characters, joined by `-`.
    pub recovery_code: String,
    /// Device code as stored.
    pub device_code: String,
    /// Whether later starts open through the system's keyring.
    pub keyring: bool,
}

/// Opens a locked desk: one of the two secrets.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnlockRequest {
    /// By passphrase.
    Passphrase(String),
    /// By recovery code; a new passphrase is set at once.
    Recovery {
        /// The code; case, spaces and dashes do not matter.
        code: String,
        /// At least eight characters.
        new_passphrase: String,
    },
}

/// Asks for the passphrase again before something grave.
#[derive(Clone, Deserialize, TS)]
pub struct PassphraseRequest {
    /// Current passphrase.
    pub passphrase: String,
}

/// Changes the passphrase.
#[derive(Clone, Deserialize, TS)]
pub struct ChangePassphraseRequest {
    /// Current passphrase.
    pub passphrase: String,
    /// At least eight characters.
    pub new_passphrase: String,
}

/// A fresh recovery code; the old one no longer opens the desk.
#[derive(Clone, Serialize, TS)]
pub struct RecoveryCode {
    /// Shown once.
    pub recovery_code: String,
}

/// The open desk: what the interface needs to draw itself.
#[derive(Debug, Clone, Serialize, TS)]
pub struct DeskInfo {
    /// Company name.
    pub company: String,
    /// Id of the member who sits at the desk.
    pub seat: Uuid,
    /// The administrator on whose passphrase he sits here, where it is not his own.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Uuid>,
    /// Role codes of the member.
    pub roles: Vec<String>,
    /// Member at the desk.
    pub member: String,
    /// 工号.
    pub employee_number: String,
    /// Post.
    pub post: String,
    /// Department.
    pub department: String,
    /// Device code.
    pub device_code: String,
    /// The form with the company's own fields.
    pub template: Template,
    /// Options of all choice fields.
    pub codes: CodeLists,
    /// The recovery code has been confirmed by typing part of it.
    pub recovery_confirmed: bool,
}
