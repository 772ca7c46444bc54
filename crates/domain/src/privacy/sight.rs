//! Who may see personal data in clear: a table of roles, each row with its reason.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use crate::process::state;
use crate::{Record, Values};

/// What one sees of the sensitive fields of a form. Ordered: the later sees more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// Masked; this role has no need.
    Masked,
    /// Masked; each look behind the mask is logged (act `reveal`).
    OnRequest,
    /// In clear.
    Clear,
}

struct Row {
    role: &'static str,
    /// Whether the caller must be verified; None where it makes no difference.
    verified: Option<bool>,
    /// Whether the form must be assigned to the member.
    assigned: Option<bool>,
    sight: Sight,
}

const fn row(role: &'static str, verified: Option<bool>, assigned: Option<bool>, sight: Sight) -> Row {
    Row { role, verified, assigned, sight }
}

const ROWS: [Row; 13] = [
    // speaks with a customer who has shown who he is (R79)
    row("reception", Some(true), None, Sight::Clear),
    // follows the form, and owes the call that tells the customer: it goes to the number on it
    row("reception", None, Some(true), Sight::Clear),
    // needs a line of the form to verify the caller
    row("reception", Some(false), Some(false), Sight::OnRequest),
    // has to reach the customer whose matter he solves
    row("handler", None, Some(true), Sight::Clear),
    // another's form does not concern him
    row("handler", None, Some(false), Sight::Masked),
    // drives to the address of his own order only
    row("technician", None, Some(true), Sight::Clear),
    row("technician", None, Some(false), Sight::Masked),
    // has taken over an escalated form and speaks with the customer
    row("supervisor", None, Some(true), Sight::Clear),
    // judges the work; looks behind the mask where a complaint turns on it
    row("supervisor", None, Some(false), Sight::OnRequest),
    // checks completeness and accuracy: telephone and address can be compared one form at a time (R118)
    row("inspector", None, None, Sight::OnRequest),
    // dispatches and files by type and class (R40, R41), which names nobody
    row("records", None, None, Sight::Masked),
    row("dispatcher", None, None, Sight::Masked),
    row("filer", None, None, Sight::Masked),
];

/// What of a form decides who sees it in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    verified: bool,
    /// Seats to whom it is assigned.
    hands: Vec<Uuid>,
    /// 协办 as entered.
    named: String,
}

impl Gate {
    /// Of a form: whoever has it in hand, is named as co-handler, or follows it while it is open.
    pub fn of(record: &Record) -> Self {
        let open = ![state::ARCHIVED, state::VOIDED, state::MERGED].contains(&record.state.as_str());
        let followers = record.course.followers.iter().filter(|_| open);
        Gate {
            verified: verified(&record.values()),
            hands: record.course.holder.iter().chain(followers).copied().collect(),
            named: record.text("dispatch.co_handlers").unwrap_or_default().into(),
        }
    }

    /// What a member sees.
    pub fn sight<'a>(&self, seat: Uuid, name: &str, roles: impl IntoIterator<Item = &'a str>) -> Sight {
        let separates = |c: char| matches!(c, '、' | '，' | ',' | '；' | ';' | '/') || c.is_whitespace();
        let co_handler = !name.is_empty() && self.named.split(separates).any(|named| named == name);
        may_see(roles, self.verified, co_handler || self.hands.contains(&seat))
    }
}

/// What a member with `roles` sees of a form whose caller is `verified` and which is, or is not, `assigned` to him.
/// With several roles the widest sight counts. Administrators (settings only) and roles of a newer version: masked.
pub fn may_see<'a>(roles: impl IntoIterator<Item = &'a str>, verified: bool, assigned: bool) -> Sight {
    let fits = |asked: Option<bool>, given: bool| asked.is_none_or(|asked| asked == given);
    let of = |role: &str| {
        let rows = ROWS.iter().filter(|r| r.role == role && fits(r.verified, verified) && fits(r.assigned, assigned));
        rows.map(|r| r.sight).max().unwrap_or(Sight::Masked)
    };
    roles.into_iter().map(of).max().unwrap_or(Sight::Masked)
}

/// Whether a way of verification is recorded on the form (核实方式); 未核实 is none.
pub fn verified(values: &Values) -> bool {
    let way = values.get("identity").and_then(Value::as_str).unwrap_or_default();
    !way.is_empty() && way != "unverified"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// roles | sight: not verified and not assigned, verified, assigned, both; M masked, R on request, C clear
    const TABLE: &str = "
        reception            | R C C C
        handler              | M M C C
        technician           | M M C C
        supervisor           | R R C C
        inspector            | R R R R
        records              | M M M M
        dispatcher           | M M M M
        filer                | M M M M
        admin                | M M M M
        astronaut            | M M M M
        reception handler    | R C C C
        records inspector    | R R R R
        admin technician     | M M C C
    ";

    #[test]
    fn each_role_sees_what_it_needs() {
        for row in TABLE.lines().map(str::trim).filter(|r| !r.is_empty()) {
            let (roles, expected) = row.split_once('|').unwrap();
            let cases = [(false, false), (true, false), (false, true), (true, true)];
            for ((verified, assigned), expected) in cases.into_iter().zip(expected.split_whitespace()) {
                let found = match may_see(roles.split_whitespace(), verified, assigned) {
                    Sight::Masked => "M",
                    Sight::OnRequest => "R",
                    Sight::Clear => "C",
                };
                assert_eq!(found, expected, "{roles} verified {verified} assigned {assigned}");
            }
        }
        assert_eq!(may_see([], true, true), Sight::Masked);
    }

    #[test]
    fn only_a_recorded_way_verifies() {
        let check = |identity: Value, expected| {
            assert_eq!(verified(&[("identity".to_string(), identity)].into()), expected);
        };
        check(json!("call_back"), true);
        check(json!("unverified"), false);
        check(json!(""), false);
        check(Value::Null, false);
        assert!(!verified(&Values::new()));
    }
}
