//! Routing: which department, and which person of it, a form belongs to (R40, R44).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::clocks::Condition;

/// At which hours a route counts, by the calendar of its department; text, so that a newer version's survive.
pub mod route_hours {
    /// Always.
    pub const ANY: &str = "any";
    /// While the department is open.
    pub const OPEN: &str = "open";
    /// While it is closed: the night desk.
    pub const CLOSED: &str = "closed";
}

/// One line of the routing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Route {
    /// Forms it is for.
    #[serde(default)]
    pub when: Condition,
    /// Hours at which it counts, one of [`route_hours`]. A route with any other text sends nothing anywhere.
    #[serde(default = "any")]
    pub hours: String,
    /// Department whose calendar says whether it is open; absent: the one that it goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hours_of: Option<String>,
    /// 责任部门.
    pub department: String,
    /// 经办人, where one is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub person: Option<String>,
}

fn any() -> String {
    route_hours::ANY.into()
}
