//! Drafts, registration, list, search, detail, print.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use kefu_domain::statutory::Hint;
use kefu_domain::{Line, Lists, Values};

use super::{Call, ClockView, CourseView, FieldError, OfferView};

/// Values as they lie on a form under work. Keys and shapes as the template's fields say.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CheckRequest {
    /// Field key → value.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
}

/// Answer of `check`: empty when the form may be registered.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CheckAnswer {
    /// What stands in the way.
    pub fields: Vec<FieldError>,
}

/// A file that belongs to a draft or a form; its bytes lie sealed in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attachment {
    /// Identity of the attachment (of its line, once registered).
    pub id: Uuid,
    /// File name as given.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// When it was added, RFC 3339.
    pub added_at: String,
}

/// Asks for the bytes of a kept file.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct AttachmentRequest {
    /// Its hash, as the [`Attachment`] has it.
    pub sha256: String,
}

/// Saves a draft. An unknown id makes a new one.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct DraftSaveRequest {
    /// Made by the interface with `crypto.randomUUID()`.
    pub id: Uuid,
    /// Field key → value.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Files added so far.
    pub attachments: Vec<Attachment>,
    /// The call that opened it.
    #[serde(default)]
    #[ts(optional)]
    pub call: Option<Call>,
}

/// A draft in the list of drafts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Draft {
    /// Identity.
    pub id: Uuid,
    /// When it was last saved, RFC 3339.
    pub saved_at: String,
    /// Field key → value.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Files added so far.
    pub attachments: Vec<Attachment>,
    /// Name of the member who wrote it last; empty where nobody noted it.
    pub author: String,
    /// The call that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub call: Option<Call>,
}

/// Registers a form.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RegisterRequest {
    /// Draft that becomes the form; it is gone once the form is on disk.
    #[ts(optional)]
    pub draft: Option<Uuid>,
    /// Field key → value. `number` only where the form was written on paper under a number set aside for it.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The call that opened it: becomes the first line of its call log (通话记录).
    #[serde(default)]
    #[ts(optional)]
    pub call: Option<Call>,
}

/// Answer of `register`, given once the form is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Registered {
    /// Record id.
    pub id: Uuid,
    /// `KF-YYYYMMDD-终端码-流水`.
    pub number: String,
}

/// Names one record.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
pub struct ById {
    /// Record id.
    pub id: Uuid,
}

/// Corrects or completes a registered form.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CorrectRequest {
    /// Form.
    pub id: Uuid,
    /// New values of the fields that change; null empties a field.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Lines to add, by list; their ids are made by the backend.
    #[serde(default)]
    #[ts(type = "Record<string, Record<string, unknown>[]>")]
    pub add: std::collections::BTreeMap<String, Vec<Values>>,
    /// Files to add.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// Lines to strike out.
    #[serde(default)]
    pub strike: Vec<Uuid>,
    /// Why.
    pub reason: String,
}

/// Declares a form void.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct VoidRequest {
    /// Form.
    pub id: Uuid,
    /// Why.
    pub reason: String,
}

/// A form as one row of a list. Codes, not labels.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct FormRow {
    /// Record id.
    pub id: Uuid,
    /// Number.
    pub number: String,
    /// 来电时间, RFC 3339 with the zone it was entered in.
    pub received_at: String,
    /// Customer name.
    pub customer: String,
    /// First telephone, as typed; empty if none.
    pub phone: String,
    /// 类别一级.
    pub kind: String,
    /// 类别二级; empty if none.
    pub category: String,
    /// State.
    pub state: String,
    /// Channel.
    pub channel: String,
    /// Receiver's name.
    pub receiver: String,
    /// Product name; empty if none.
    pub product: String,
    /// Beginning of the description, on one line; for search results around the first hit.
    pub excerpt: String,
    /// It has changes of this device that the shared database has not acknowledged. Left out where it has none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub unsent: bool,
}

/// By what a list is ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// 来电时间.
    #[default]
    ReceivedAt,
    /// Number, that is order of registration.
    Number,
    /// Customer, by pinyin.
    Customer,
}

/// Which forms a list shows. Empty members do not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Filter {
    /// First day of 来电时间, `2026-11-02`, in the machine's zone.
    #[ts(optional)]
    pub from: Option<String>,
    /// Last day, included.
    #[ts(optional)]
    pub to: Option<String>,
    /// Codes of 类别一级.
    pub kinds: Vec<String>,
    /// Codes of 类别二级.
    pub categories: Vec<String>,
    /// Codes of 客户类型.
    pub customer_types: Vec<String>,
    /// Codes of states.
    pub states: Vec<String>,
    /// Codes of channels.
    pub channels: Vec<String>,
    /// Receivers' names.
    pub receivers: Vec<String>,
}

/// Asks for a page of the list.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ListRequest {
    /// Which forms.
    pub filter: Filter,
    /// Ordered by.
    pub sort: SortKey,
    /// Greatest first.
    pub descending: bool,
    /// Rows to skip.
    #[ts(type = "number")]
    pub offset: u64,
    /// Rows wanted, at most 100.
    pub limit: u32,
}

/// A page of the list.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ListPage {
    /// Rows from `offset` on.
    pub rows: Vec<FormRow>,
    /// Rows that the filter lets through in all.
    #[ts(type = "number")]
    pub total: u64,
}

/// Asks the one search box.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct FindRequest {
    /// As typed.
    pub query: String,
    /// Rows wanted, at most 100.
    pub limit: u32,
}

/// Answer of `find`, newest first.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FindPage {
    /// Forms found.
    pub rows: Vec<FormRow>,
    /// There are more than `limit`.
    pub more: bool,
}

/// Asks who the caller may be. One of the two, as typed so far.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HintRequest {
    /// By telephone: at least four digits.
    Phone(String),
    /// By name or its pinyin: at least two characters.
    Name(String),
}

/// A known customer, as his latest form has him.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomerHint {
    /// Name.
    pub name: String,
    /// Telephone as typed then.
    pub phone: String,
    /// Customer and product fields to fill in on choice, by field key.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// His latest forms, newest first, at most five.
    pub forms: Vec<FormRow>,
    /// Number of his forms among the latest looked at (at most 200).
    pub count: u32,
    /// Masked for who sits here; `reveal` of the first form clears it.
    pub masked: bool,
}

/// What a change did to one field, for the timeline.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FieldChange {
    /// Field key.
    pub field: String,
    /// Value before; null if it was empty.
    #[ts(type = "unknown")]
    pub from: serde_json::Value,
    /// Value after; null if it was emptied.
    #[ts(type = "unknown")]
    pub to: serde_json::Value,
}

/// One entry of a form's timeline.
#[derive(Debug, Clone, Serialize, TS)]
pub struct TimelineEntry {
    /// Identity of the change.
    pub id: Uuid,
    /// When, RFC 3339 in the author's zone.
    pub at: String,
    /// Who.
    pub member: String,
    /// Act: register, correct, void, print, or one of a newer version.
    pub act: String,
    /// Why.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Fields changed; for `register` left empty, the sheet shows them.
    pub fields: Vec<FieldChange>,
    /// Lines added, by list.
    pub added: Lists,
    /// Lines struck out.
    pub struck: Vec<Line>,
    /// Who wrote earlier corrections of other fields elsewhere, which its author did not know of: they were merged. Empty for
    /// one who is not known. Left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub merged_with: Vec<String>,
}

/// A form with all there is to it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FormView {
    /// Record id.
    pub id: Uuid,
    /// Number.
    pub number: String,
    /// State.
    pub state: String,
    /// Field key → value.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Lists, struck lines included.
    pub lists: Lists,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Copies printed or saved so far.
    pub copies: u32,
    /// Newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Fields of which two values stand against each other.
    pub conflicts: Vec<String>,
    /// Every act, possible or not, for who sits at the desk.
    pub offers: Vec<OfferView>,
    /// Clocks, the strictest first.
    pub clocks: Vec<ClockView>,
    /// Who has it in hand and what became of it.
    pub course: CourseView,
    /// What the law says to a form like this.
    pub statutory: Vec<Hint>,
    /// Sensitive fields are masked; revealing them is an act.
    pub masked: bool,
    /// It has changes of this device that the shared database has not acknowledged. Left out where it has none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub unsent: bool,
}

/// What to draw.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// A registered form.
    Form(Uuid),
    /// A 《售后服务单》.
    Service(Uuid),
    /// The empty form, to be filled in by hand.
    Blank,
    /// Empty forms with the numbers that were set aside for them in this printing and still wait.
    Printing(Uuid),
    /// A 《客户回访记录表》.
    Visit(Uuid),
}

/// Prints or saves a sheet.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct PrintRequest {
    /// What.
    pub sheet: Sheet,
}

/// Answer of `print` and `save_pdf`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Printed {
    /// Which copy it was; none for the empty form.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<u32>,
    /// File name it was saved under; none if it went to the printer.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The person closed the save dialog; nothing was written.
    pub cancelled: bool,
}
