//! Members of the staff, their departments, and the seats of this machine.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// A member as the desk shows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Member {
    /// Record id, also the id of his seat.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// 工号, may be empty.
    pub employee_number: String,
    /// Post (岗位), may be empty.
    pub post: String,
    /// Department, may be empty.
    pub department: String,
    /// Telephone extension (分机), may be empty.
    pub phone_extension: String,
    /// Role codes; those of a newer version are among them.
    pub roles: Vec<String>,
    /// False once retired.
    pub active: bool,
    /// Has a passphrase of his own on this machine.
    pub sign_in: bool,
}

/// Answer of `members`: active ones first, each group in the order of enrolment.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Members {
    /// All of them, retired ones included.
    pub members: Vec<Member>,
    /// Codes of the roles that can be given, in the order in which they are shown.
    pub roles: Vec<String>,
}

/// Enrols a member (no id) or changes one. `active: false` retires him and takes his sign-in away.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct MemberRequest {
    /// Whom to change; none: a new member.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<Uuid>,
    /// Name.
    pub name: String,
    /// 工号, may be empty.
    #[serde(default)]
    pub employee_number: String,
    /// Post (岗位), may be empty.
    #[serde(default)]
    pub post: String,
    /// Department, may be empty.
    #[serde(default)]
    pub department: String,
    /// Telephone extension (分机), may be empty.
    #[serde(default)]
    pub phone_extension: String,
    /// Role codes.
    pub roles: Vec<String>,
    /// False retires.
    pub active: bool,
}

/// A department of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Department {
    /// Short code, where the company has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<String>,
    /// Name.
    pub name: String,
}

/// The departments of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Departments {
    /// Those that are listed, in the company's order.
    pub departments: Vec<Department>,
    /// Further ones that active members name as theirs.
    pub named: Vec<String>,
}

/// Lists the departments anew, whole.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct DepartmentsRequest {
    /// In the order in which they are to be shown.
    pub departments: Vec<Department>,
}

/// Gives a member a passphrase of his own on this machine, or a new one where he forgot it.
#[derive(Clone, Deserialize, TS)]
pub struct SignInRequest {
    /// The member.
    pub id: Uuid,
    /// At least eight characters; he changes it himself later.
    pub passphrase: String,
}

/// A seat of this machine: an active member with a sign-in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Seat {
    /// The member's id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// 工号, may be empty.
    pub employee_number: String,
    /// Department, may be empty.
    pub department: String,
    /// Role codes.
    pub roles: Vec<String>,
    /// Has signed in since the desk was opened: sits down without a passphrase.
    pub signed_in: bool,
    /// Sits at the desk now.
    pub sitting: bool,
}

/// Changes who sits at the desk.
#[derive(Clone, Deserialize, TS)]
pub struct SwitchRequest {
    /// The seat.
    pub id: Uuid,
    /// Its own passphrase; needed unless it has signed in since the desk was opened.
    #[serde(default)]
    #[ts(optional)]
    pub passphrase: Option<String>,
}
