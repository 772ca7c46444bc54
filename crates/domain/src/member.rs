//! A member of the staff: read from its record, enrolled, amended, retired. A desk never ends without an administrator.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::{Setting, act, kind};
use crate::decide::Draft;
use crate::validate::{FieldError, Problem};
use crate::{Record, Values};

/// Role code of the administrator.
pub const ADMIN: &str = "admin";

/// Codes of the roles this version grants, in the order in which they are shown.
pub const ROLES: [&str; 9] =
    ["reception", "records", "dispatcher", "filer", "handler", "technician", "supervisor", "inspector", ADMIN];

/// Roles of whoever sets a desk up: enough that a desk of one person can do everything.
pub const FOUNDER: [&str; 5] = ["reception", "records", "handler", "supervisor", ADMIN];

/// Names of the acts on a member besides [`act::ENROL`].
pub mod member_act {
    /// Data or roles of a member are changed.
    pub const AMEND: &str = "amend";
    /// A member leaves; the record stays, since the log names him.
    pub const RETIRE: &str = "retire";
}

/// Longest name, number, post, department and extension, in characters.
const LONGEST: usize = 80;

/// A member of the staff. Texts that were never given are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Name.
    pub name: String,
    /// 工号.
    pub employee_number: String,
    /// Post (岗位).
    pub post: String,
    /// Department.
    pub department: String,
    /// Telephone extension (分机).
    pub phone_extension: String,
    /// Role codes, those of a newer version included.
    pub roles: Vec<String>,
    /// Works here; false once retired.
    pub active: bool,
}

/// Why a member is not written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MemberRefusal {
    /// Fields are missing or wrong: `name`, `roles`, …
    #[error("fields are missing or wrong")]
    Fields(Vec<FieldError>),
    /// Nobody would be left who may change members and settings.
    #[error("at least one active administrator must remain")]
    LastAdmin,
    /// Nothing would change.
    #[error("nothing would change")]
    NothingChanged,
}

impl Member {
    /// Reads a member from its record. One without roles was enrolled before there were any and has every role.
    pub fn read(record: &Record) -> Self {
        let text = |key: &str| record.text(key).unwrap_or_default().to_string();
        let roles = match record.get("roles") {
            Some(Value::Array(codes)) => codes.iter().filter_map(|code| code.as_str().map(str::to_string)).collect(),
            Some(_) => Vec::new(), // of a shape we do not know: better no role than every role
            None if record.fields.contains_key("roles") => Vec::new(),
            None => ROLES.map(str::to_string).to_vec(),
        };
        Member {
            name: text("name"),
            employee_number: text("employee_number"),
            post: text("post"),
            department: text("department"),
            phone_extension: text("phone_extension"),
            roles,
            active: record.get("active") != Some(&Value::Bool(false)),
        }
    }

    /// Whether he has the role with this code.
    pub fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|code| code == role)
    }

    /// Whether he works here and is an administrator.
    pub fn administers(&self) -> bool {
        self.active && self.has(ADMIN)
    }

    fn texts(&self) -> [(&'static str, &str); 5] {
        [
            ("name", &self.name),
            ("employee_number", &self.employee_number),
            ("post", &self.post),
            ("department", &self.department),
            ("phone_extension", &self.phone_extension),
        ]
    }
}

/// Enrols a member under `id`.
///
/// # Errors
/// [`MemberRefusal::Fields`]: no name, a text too long, a role that this version does not grant.
pub fn enrol(id: Uuid, member: &Member) -> Result<Draft, MemberRefusal> {
    let roles = granted(&member.roles, &[])?;
    check(member)?;
    let mut values: Values = member
        .texts()
        .iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(k, t)| own(k, json!(t.trim())))
        .collect();
    values.extend([own("roles", json!(roles)), own("active", json!(member.active))]);
    Ok(Draft::new(id, kind::MEMBER, act::ENROL).setting(values))
}

/// Changes the data, the roles or the activity of the member with `record`. Roles of a newer version stay with him.
/// `others` are all other members of the desk.
///
/// # Errors
/// As [`enrol`], and [`MemberRefusal::LastAdmin`], [`MemberRefusal::NothingChanged`].
pub fn amend(id: Uuid, record: &Record, to: &Member, others: &[Member]) -> Result<Draft, MemberRefusal> {
    let before = Member::read(record);
    let roles = granted(&to.roles, &before.roles)?;
    let after = Member { roles, ..to.clone() };
    check(&after)?;
    if before.administers() && !after.administers() && !others.iter().any(Member::administers) {
        return Err(MemberRefusal::LastAdmin);
    }
    let leaves = before.active && !after.active;
    let mut draft = Draft::new(id, kind::MEMBER, if leaves { member_act::RETIRE } else { member_act::AMEND });
    let mut set = |key: &str, to: Value| {
        draft.set.insert(key.into(), Setting { to, was: record.stamps(key) });
    };
    for ((key, was), (_, to)) in before.texts().into_iter().zip(after.texts()) {
        if was != to.trim() {
            set(key, if to.trim().is_empty() { Value::Null } else { json!(to.trim()) });
        }
    }
    let sorted = |roles: &[String]| roles.iter().cloned().collect::<std::collections::BTreeSet<_>>();
    if sorted(&before.roles) != sorted(&after.roles) {
        set("roles", json!(after.roles));
    }
    if before.active != after.active {
        set("active", json!(after.active));
    }
    if draft.set.is_empty() { Err(MemberRefusal::NothingChanged) } else { Ok(draft) }
}

/// Retires the member with `record`; his data and roles stay as they are.
///
/// # Errors
/// [`MemberRefusal::LastAdmin`], [`MemberRefusal::NothingChanged`] where he is retired already.
pub fn retire(id: Uuid, record: &Record, others: &[Member]) -> Result<Draft, MemberRefusal> {
    amend(id, record, &Member { active: false, ..Member::read(record) }, others)
}

fn own(key: &str, value: Value) -> (String, Value) {
    (key.to_string(), value)
}

/// The asked roles that we grant, in their order, and after them those of a newer version that he has already.
fn granted(asked: &[String], before: &[String]) -> Result<Vec<String>, MemberRefusal> {
    let ours = |code: &&String| ROLES.contains(&code.as_str());
    let kept: Vec<&String> = before.iter().filter(|code| !ours(code)).collect();
    if let Some(unknown) = asked.iter().find(|code| !ours(code) && !kept.contains(code)) {
        let detail = Some(unknown.clone());
        return Err(MemberRefusal::Fields(vec![FieldError {
            field: "roles".into(),
            problem: Problem::UnknownOption,
            detail,
        }]));
    }
    let known = ROLES.iter().filter(|code| asked.iter().any(|a| a == *code)).map(ToString::to_string);
    Ok(known.chain(kept.into_iter().cloned()).collect())
}

fn check(member: &Member) -> Result<(), MemberRefusal> {
    let mut errors = Vec::new();
    if member.name.trim().is_empty() {
        errors.push(FieldError::new("name", Problem::Required));
    }
    for (key, text) in member.texts() {
        if text.trim().chars().count() > LONGEST {
            errors.push(FieldError { field: key.into(), problem: Problem::TooLong, detail: Some(LONGEST.to_string()) });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(MemberRefusal::Fields(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stamp;
    use crate::change::{Change, ENCODING};

    const ID: Uuid = Uuid::from_u128(7);

    fn member(name: &str, roles: &[&str]) -> Member {
        Member {
            name: name.into(),
            roles: roles.iter().map(ToString::to_string).collect(),
            active: true,
            ..Member::default()
        }
    }

    /// The record that a draft gives, after others.
    fn record(drafts: &[Draft]) -> Record {
        let mut record = Record::default();
        for (n, draft) in drafts.iter().enumerate() {
            let at = Stamp { ms: n as u64 + 1, n: 0, device: ID };
            record.apply(&Change {
                v: ENCODING,
                id: ID,
                seq: n as u64 + 1,
                at,
                zone: 480,
                seat: ID,
                record: draft.record,
                kind: draft.kind.into(),
                act: draft.act.into(),
                reason: None,
                set: draft.set.clone(),
                add: draft.add.clone(),
                strike: Vec::new(),
                seen: None,
            });
        }
        record
    }

    fn founder() -> Record {
        record(&[Draft::new(ID, kind::MEMBER, act::ENROL).setting([own("name", json!("孙丽"))].into())])
    }

    #[test]
    fn what_is_enrolled_reads_back() {
        let asked = Member { department: " 客服部 ".into(), ..member("孙丽", &["admin", "reception"]) };
        let found = Member::read(&record(&[enrol(ID, &asked).unwrap()]));
        assert_eq!(found, Member { department: "客服部".into(), ..member("孙丽", &["reception", "admin"]) });
    }

    #[test]
    fn who_was_here_before_roles_has_every_one() {
        let found = Member::read(&founder());
        assert!(found.active && ROLES.iter().all(|role| found.has(role)));
        let same = amend(ID, &founder(), &found, &[]);
        assert_eq!(same, Err(MemberRefusal::NothingChanged), "reading him is no change");
    }

    #[test]
    fn refusals_name_their_field() {
        let check = |to: Member, field: &str, problem: Problem| match enrol(ID, &to) {
            Err(MemberRefusal::Fields(errors)) => assert_eq!((&*errors[0].field, errors[0].problem), (field, problem)),
            other => panic!("{other:?}"),
        };
        check(member("  ", &[]), "name", Problem::Required);
        check(member(&"长".repeat(81), &[]), "name", Problem::TooLong);
        check(member("孙丽", &["emperor"]), "roles", Problem::UnknownOption);
    }

    #[test]
    fn roles_of_a_newer_version_stay_and_are_not_given() {
        let newer = Values::from([own("name", json!("孙丽")), own("roles", json!(["oracle", "handler"]))]);
        let record = record(&[Draft::new(ID, kind::MEMBER, act::ENROL).setting(newer)]);
        let draft = amend(ID, &record, &member("孙丽", &["reception"]), &[]).unwrap();
        assert_eq!(draft.set["roles"].to, json!(["reception", "oracle"]));
        assert!(amend(ID, &record, &member("孙丽", &["prophet"]), &[]).is_err());
    }

    #[test]
    fn one_active_administrator_remains() {
        let stripped = Member { roles: vec!["reception".into()], ..Member::read(&founder()) };
        let (active, gone) = (member("李强", &[ADMIN]), Member { active: false, ..member("周敏", &[ADMIN]) });
        for others in [&[][..], std::slice::from_ref(&gone), &[member("王芳", &["handler"])]] {
            assert_eq!(amend(ID, &founder(), &stripped, others), Err(MemberRefusal::LastAdmin));
            assert_eq!(retire(ID, &founder(), others), Err(MemberRefusal::LastAdmin));
        }
        assert!(amend(ID, &founder(), &stripped, std::slice::from_ref(&active)).is_ok());
        let draft = retire(ID, &founder(), &[gone, active]).unwrap();
        assert_eq!((draft.act, draft.set.len()), (member_act::RETIRE, 1));
    }

    #[test]
    fn a_retired_member_stays_readable_and_may_come_back() {
        let enrolled = enrol(ID, &member("李强", &["handler"])).unwrap();
        let left = retire(ID, &record(std::slice::from_ref(&enrolled)), &[]).unwrap();
        let gone = record(&[enrolled.clone(), left.clone()]);
        assert!(!Member::read(&gone).active && Member::read(&gone).has("handler"));
        assert_eq!(retire(ID, &gone, &[]), Err(MemberRefusal::NothingChanged));
        let back = amend(ID, &gone, &member("李强", &["handler"]), &[]).unwrap();
        assert_eq!(back.act, member_act::AMEND);
        let again = record(&[enrolled, left, back]);
        assert!(Member::read(&again).active && again.fields.values().all(|cell| cell.rivals.is_empty()));
    }
}
