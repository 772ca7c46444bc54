//! Who acts: a member at his seat with the roles that he holds. The table asks nothing else of a person.

use std::collections::BTreeSet;

use uuid::Uuid;

/// A role. A string, so that roles of a newer version survive here.
pub type Role = String;

/// Codes of the roles this version knows (code list `role`).
pub mod role {
    /// 接待: receives, records, informs the customer, closes (R4).
    pub const RECEPTION: &str = "reception";
    /// 文档管理: dispatches, chases, hands results back, files (R5). Holds what the two halves below hold.
    pub const RECORDS: &str = "records";
    /// 分发: the dispatching half of 文档管理 (R5).
    pub const DISPATCHER: &str = "dispatcher";
    /// 归档: the filing half of 文档管理 (R5).
    pub const FILER: &str = "filer";
    /// 部门处理: handles for the responsible department (R6).
    pub const HANDLER: &str = "handler";
    /// 外勤: handles at the customer's place (R6, R43).
    pub const TECHNICIAN: &str = "technician";
    /// 主管: supervises, mends what went out of place (R7).
    pub const SUPERVISOR: &str = "supervisor";
    /// 质检: checks and verifies (R7, R118).
    pub const INSPECTOR: &str = "inspector";
    /// 管理: members and settings; no hand in any form beyond printing it and erasing it by law.
    pub const ADMIN: &str = "admin";

    /// All of them, in the order of the code list.
    pub const EVERY: &[&str] =
        &[RECEPTION, RECORDS, DISPATCHER, FILER, HANDLER, TECHNICIAN, SUPERVISOR, INSPECTOR, ADMIN];
}

/// A member at a seat, as the table sees him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Member's record id: the `seat` of the changes he makes.
    pub seat: Uuid,
    /// Name, as it is written onto the form.
    pub name: String,
    /// Department; empty where he belongs to none.
    pub department: String,
    /// Roles held.
    pub roles: BTreeSet<Role>,
}

impl Actor {
    /// Whether he holds one of `roles`.
    pub fn holds(&self, roles: &[&str]) -> bool {
        roles.iter().any(|role| self.roles.contains(*role))
    }
}
