//! Members from JSON lines, one object a line, as `kefu member export` writes them: new ones are enrolled, known ones
//! (by id, else by 工号) changed. What is wrong is named with its line; the good lines are kept all the same.

use serde_json::{Map, Value};
use uuid::Uuid;

use kefu_domain::validate::{FieldError, Problem};

use crate::desk::Desk;
use crate::wire::{Code, Failure, Member, MemberRequest};

/// Keys of a line. `sign_in` is what an export tells; a passphrase never comes through a file.
const KEYS: [&str; 9] =
    ["id", "name", "employee_number", "post", "department", "phone_extension", "roles", "active", "sign_in"];

/// Enrols or changes every good line of `text`. `done` hears of each line that was not blank; one that changes nothing
/// counts as good.
///
/// # Errors
/// [`Code::NotAllowed`], or the desk is locked, or the disk fails; what was answered before is kept.
pub async fn import_members(
    desk: &Desk,
    text: &str,
    mut done: impl FnMut(&Result<Member, Failure>),
) -> Result<(), Failure> {
    desk.open()?.administrator()?;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let result = match one(desk, line).await {
            Err(failure) if ends_all(failure.code) => return Err(failure),
            result => result.map_err(|failure| placed(failure, index + 1)),
        };
        done(&result);
    }
    Ok(())
}

fn ends_all(code: Code) -> bool {
    matches!(code, Code::DiskFull | Code::Storage | Code::Locked | Code::DatabaseUnreadable | Code::NotAllowed)
}

fn placed(failure: Failure, line: usize) -> Failure {
    let mut failure = failure.with("line", line);
    for error in &mut failure.fields {
        error.field = match error.field.as_str() {
            "" => format!("[{line}]"),
            field => format!("[{line}].{field}"),
        };
    }
    failure
}

async fn one(desk: &Desk, line: &str) -> Result<Member, Failure> {
    let object: Map<String, Value> = serde_json::from_str(line).map_err(|_| wrong(""))?;
    if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(Failure::fields(vec![FieldError::new(unknown, Problem::UnknownField)]));
    }
    let all = desk.members().await?.members;
    let id = match text(&object, "id")? {
        Some(id) => Some(id.parse::<Uuid>().map_err(|_| wrong("id"))?),
        None => None,
    };
    let number = text(&object, "employee_number")?.filter(|number| !number.is_empty());
    let known = match (id, &number) {
        (Some(id), _) => all.iter().find(|member| member.id == id),
        (None, Some(number)) => all.iter().find(|member| member.employee_number == *number),
        (None, None) => None,
    };
    let kept = |key: &str, was: fn(&Member) -> &str| {
        Ok::<_, Failure>(text(&object, key)?.unwrap_or_else(|| known.map(was).unwrap_or_default().to_string()))
    };
    let request = MemberRequest {
        id: known.map(|member| member.id),
        name: kept("name", |member| &member.name)?,
        employee_number: kept("employee_number", |member| &member.employee_number)?,
        post: kept("post", |member| &member.post)?,
        department: kept("department", |member| &member.department)?,
        phone_extension: kept("phone_extension", |member| &member.phone_extension)?,
        roles: roles(&object)?.unwrap_or_else(|| known.map(|member| member.roles.clone()).unwrap_or_default()),
        active: match object.get("active") {
            Some(active) => active.as_bool().ok_or_else(|| wrong("active"))?,
            None => known.is_none_or(|member| member.active),
        },
    };
    match (known, desk.save_member_as(request, id).await) {
        (Some(same), Err(failure)) if failure.code == Code::NothingChanged => Ok(same.clone()),
        (_, result) => result,
    }
}

fn text(object: &Map<String, Value>, key: &str) -> Result<Option<String>, Failure> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_string())),
        Some(_) => Err(wrong(key)),
    }
}

fn roles(object: &Map<String, Value>) -> Result<Option<Vec<String>>, Failure> {
    let Some(roles) = object.get("roles") else { return Ok(None) };
    let codes = roles.as_array().ok_or_else(|| wrong("roles"))?;
    let code = |code: &Value| code.as_str().map(str::to_string).ok_or_else(|| wrong("roles"));
    codes.iter().map(code).collect::<Result<_, _>>().map(Some)
}

fn wrong(key: &str) -> Failure {
    Failure::fields(vec![FieldError::new(key, Problem::WrongKind)])
}
