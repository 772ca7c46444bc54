//! Customers and their products: what is masked, who they are, what is like what.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use kefu_domain::Values;
use kefu_domain::warranty::{Terms, Windows};

use super::FormRow;

/// Looks behind the mask of a form; logged on it.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RevealRequest {
    /// Form.
    pub id: Uuid,
    /// What for.
    pub purpose: String,
}

/// Asks what is already known of the matter that is being told.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SimilarRequest {
    /// The sheet as far as it is filled in.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
}

/// A form that may tell of the same matter.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SimilarForm {
    /// The form.
    pub form: FormRow,
    /// 很可能是同一件事; otherwise 可能.
    pub likely: bool,
    /// The same fault of the same product.
    pub same_fault: bool,
}

/// Answer of `similar`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct Similar {
    /// Forms within the days of the rules, the likeliest first, at most five.
    pub forms: Vec<SimilarForm>,
    /// Which time it is that this customer reports this fault of this product (第__次); 1 where there is none before.
    pub nth: u32,
    /// Forms that were counted for it, newest first.
    pub before: Vec<String>,
    /// Days looked back for duplicates.
    pub days: u32,
}

/// Asks for customers.
#[derive(Debug, Clone, Default, Deserialize, TS)]
#[serde(default)]
pub struct CustomersRequest {
    /// Name, pinyin, telephone or its tail, serial, order or contract number; empty: all, the latest caller first.
    pub query: String,
    /// Rows to skip.
    pub offset: u32,
    /// Rows wanted, at most 100.
    pub limit: u32,
}

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CustomerRow {
    /// Customer.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Telephone as last typed.
    pub phone: String,
    /// Forms.
    pub forms: u32,
    /// 来电时间 of the latest, RFC 3339.
    pub last_at: String,
}

/// A page of customers.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomersPage {
    /// Rows from `offset` on.
    pub rows: Vec<CustomerRow>,
    /// Rows in all; of a search as many as it looked at.
    pub total: u32,
}

/// Where a product stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Warranty {
    /// Code of the list `warranty`.
    pub code: String,
    /// Last day on which this holds, `2026-11-02`; for 保外 the last day that was covered.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Asks for the warranty of the product on a sheet, today.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct WarrantyRequest {
    /// The sheet as far as it is filled in.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
}

/// A product of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ProductView {
    /// Product.
    pub id: Uuid,
    /// Name; empty if none.
    pub name: String,
    /// Model; empty if none.
    pub model: String,
    /// Serial; empty if none.
    pub serial: String,
    /// What was agreed, from its record and, where that says nothing, from its latest form.
    pub terms: Terms,
    /// Today.
    pub warranty: Warranty,
    /// Windows that consumer law counts from the day of delivery; none where that is not known.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Windows>,
    /// Forms about it.
    pub forms: u32,
}

/// A customer with all there is to him.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomerView {
    /// Customer.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// `customer.*` and `contact.*` as they now hold: the latest form's, with corrections over them.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Keys of `values` that were corrected here.
    pub corrected: Vec<String>,
    /// His forms, newest first, at most 200.
    pub forms: Vec<FormRow>,
    /// His products.
    pub products: Vec<ProductView>,
    /// Customers that were merged into him.
    pub merged: Vec<CustomerRow>,
    /// Customers that may be the same: the same telephone, or the same name.
    pub perhaps: Vec<CustomerRow>,
    /// Masked for who sits here; `reveal` of the first form clears it.
    pub masked: bool,
    /// He may correct, merge and change products.
    pub may_edit: bool,
    /// He may hand out what is held.
    pub may_hand_out: bool,
    /// He may erase.
    pub may_erase: bool,
    /// Numbers of the forms that are still open: nothing is erased before they are closed.
    pub open: Vec<String>,
    /// Until when law or house rules keep forms: number and last day `2029-11-02`, empty for 永久.
    pub kept: Vec<(String, String)>,
}

/// Corrects what is known of a customer.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CorrectCustomerRequest {
    /// Customer.
    pub id: Uuid,
    /// New values of `customer.*` and `contact.*`; null: as on the forms again.
    #[ts(type = "Record<string, unknown>")]
    pub values: Values,
    /// Why.
    pub reason: String,
}

/// Merges a customer into another, who is the same.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct MergeCustomersRequest {
    /// Who was found twice.
    pub id: Uuid,
    /// Under whom everything is found from now on; none takes an earlier merge back.
    #[ts(optional)]
    pub into: Option<Uuid>,
    /// Why.
    pub reason: String,
}

/// Saves what was agreed for a product.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SaveProductRequest {
    /// Product.
    pub id: Uuid,
    /// Customer, whose page is the answer.
    pub customer: Uuid,
    /// Serial as corrected; empty: as on the forms.
    pub serial: String,
    /// What was agreed.
    pub terms: Terms,
    /// Why.
    pub reason: String,
}

/// Gives a customer what is held about him, as one PDF; logged on each of his forms.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct HandOutRequest {
    /// Customer.
    pub id: Uuid,
    /// What he asked for, and how he was identified.
    pub purpose: String,
}

/// Answer of `hand_out`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HandedOut {
    /// File name it was saved under; none if the person closed the dialog: then nothing was logged.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Forms in it.
    pub forms: u32,
}

/// Destroys what tells of a customer on all his forms; their statistics stay.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct EraseRequest {
    /// Customer.
    pub id: Uuid,
    /// Why, and on whose demand.
    pub reason: String,
    /// Confirmed although forms are to be kept longer.
    #[serde(default)]
    pub although_kept: bool,
}

/// Answer of `erase`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Erased {
    /// Forms erased.
    pub forms: u32,
    /// Entries of the log whose words were destroyed.
    pub entries: u32,
    /// Files destroyed.
    pub files: u32,
}
