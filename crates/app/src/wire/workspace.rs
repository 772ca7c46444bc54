//! The workspace: made, joined, its members and their devices, and whether its database is in order.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// Makes a workspace of this desk.
#[derive(Clone, Deserialize, TS)]
pub struct CreateWorkspaceRequest {
    /// Host of the PostgreSQL, as its certificate names it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Database, which is there already.
    pub database: String,
    /// Login that may install there: superuser, or owner of the database who may make roles. Used once, never kept.
    pub login: String,
    /// Its password.
    pub password: String,
    /// Certificate (PEM) of the authority that signed the server's; empty where the system knows it.
    pub authority: String,
    /// PgBouncer in transaction mode stands before it.
    pub pooled: bool,
}

/// A workspace was made.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WorkspaceCreated {
    /// The recovery kit, line by line, to be printed and locked away; shown this once.
    pub recovery_kit: Vec<String>,
    /// Fingerprint of the workspace's root, in groups.
    pub fingerprint: String,
    /// Rights of PostgreSQL that the login could not take from members; a sentence each.
    pub left: Vec<String>,
}

/// This device's place in a workspace.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WorkspaceInfo {
    /// Workspace.
    pub id: Uuid,
    /// Fingerprint of its root, in groups.
    pub fingerprint: String,
    /// Host and port of its database.
    pub address: String,
    /// Database.
    pub database: String,
    /// When it was made or joined, RFC 3339.
    pub since: String,
    /// Waits until an administrator lets it in; compare this with his screen: six groups of digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub waiting: Option<String>,
    /// This device may invite, admit and revoke.
    pub administers: bool,
    /// It holds the root: it alone can make others administrators.
    pub founder: bool,
}

/// Takes this device's workspace over, where no administrator's device is left.
#[derive(Clone, Deserialize, TS)]
pub struct TakeOverRequest {
    /// The recovery kit as typed; breaks, dashes and case do not matter.
    pub kit: String,
    /// The server, with a login that may install there.
    pub server: CreateWorkspaceRequest,
}

/// Whether this device belongs to a workspace.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WorkspaceState {
    /// Its place there; missing for a desk of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub workspace: Option<WorkspaceInfo>,
}

/// Invites a member on another device.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct InviteRequest {
    /// An active member of this desk.
    pub member: Uuid,
    /// Days that the invite lasts, 1–30.
    pub days: u8,
}

/// An invite. Who holds it can ask to come in with it, once.
#[derive(Debug, Clone, Serialize, TS)]
pub struct InviteShown {
    /// As text.
    pub text: String,
    /// As a QR code: path of an SVG in units of one module, dark on light.
    pub qr: String,
    /// Modules of a side, without the quiet zone of four.
    pub side: u32,
    /// Member's name.
    pub name: String,
    /// When it runs out, RFC 3339.
    pub expires: String,
}

/// Makes this device a new desk of the workspace of an invite. Nothing lies in its folder yet.
#[derive(Clone, Deserialize, TS)]
pub struct JoinRequest {
    /// The invite's text.
    pub invite: String,
    /// Code of this device in form numbers, one to four of A–Z and 0–9; no other device has it.
    pub device_code: String,
    /// Passphrase of the member on this device.
    pub passphrase: String,
}

/// Asks to come in with another invite.
#[derive(Clone, Deserialize, TS)]
pub struct AskAgainRequest {
    /// The invite's text, for the member whom this device was first invited for.
    pub invite: String,
}

/// The desk is made and asks to come in.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Joining {
    /// Recovery code of this device's own data, shown this once.
    pub recovery_code: String,
    /// To be compared with the administrator's screen: six groups of digits.
    pub fingerprint: String,
    /// Whether the request lies at the database already; otherwise it is sent as soon as that can be reached.
    pub sent: bool,
    /// Opened by the system's keyring from now on.
    pub keyring: bool,
}

/// Somebody was invited, and perhaps asks to come in.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PendingJoin {
    /// Names the invite.
    pub id: String,
    /// Member's name; empty where another device invited.
    pub name: String,
    /// Code of the new device; empty while nobody asked.
    pub device_code: String,
    /// To be compared with the new device's screen; empty while nobody asked.
    pub fingerprint: String,
    /// When the invite runs out, RFC 3339.
    pub expires: String,
    /// `open`, `asked`, `elsewhere` (only the device that invited can judge it), `false` (made with another invite or altered).
    pub state: String,
}

/// Lets a device in, or takes its invite back.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct AdmitRequest {
    /// As [`PendingJoin`] names the invite.
    pub id: String,
}

/// A device of the workspace with the member it was admitted with.
#[derive(Debug, Clone, Serialize, TS)]
pub struct WorkspaceSeat {
    /// Member.
    pub member: Uuid,
    /// His name; empty where his record has not arrived.
    pub name: String,
    /// Device.
    pub device: Uuid,
    /// Its code in form numbers.
    pub device_code: String,
    /// Roles of the member in the member log.
    pub roles: Vec<String>,
    /// `active`, `revoked`, or of a newer version.
    pub status: String,
    /// Admitted, RFC 3339.
    pub admitted: String,
    /// Last contact, RFC 3339, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seen: Option<String>,
    /// The last of its changes that the database has dealt with.
    pub sent: u64,
    /// This very device.
    pub own: bool,
}

/// Takes devices out: all of a member, one device (a lost laptop), or the one of both.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RevokeRequest {
    /// Member.
    #[ts(optional)]
    pub member: Option<Uuid>,
    /// Device.
    #[ts(optional)]
    pub device: Option<Uuid>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CheckLine {
    /// `reach`, `tls`, `login`, `schema`, `rights`, `clock`, `version`, `storage`, `members`.
    pub what: String,
    /// In order.
    pub good: bool,
    /// What was found.
    pub found: String,
    /// How to mend it; empty where it is in order.
    pub mend: String,
}
