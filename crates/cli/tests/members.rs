//! Members from a terminal: added, listed, carried to another desk, and acting for themselves or on behalf.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use serde_json::{Value, json};
use terminal::{Desk, complaints};

/// Runs with the passphrase of someone else than the founder.
fn with(desk: &Desk, passphrase: &str, arguments: &[&str]) -> (i32, String) {
    let mut command = desk.command(arguments);
    let output = command.env("KEFU_PASSPHRASE", passphrase).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(told).unwrap())
}

fn add(desk: &Desk, passphrase: &str) -> (i32, String) {
    let mut command = desk.command(&[
        "member",
        "add",
        "--name",
        "李强",
        "--employee-number",
        "210",
        "--department",
        "技术部",
        "--roles",
        "handler,technician",
        "--passphrase-env",
        "LI",
    ]);
    let output = command.env("LI", passphrase).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn a_member_is_added_with_a_passphrase_and_signs_in_with_it() {
    let desk = Desk::new();
    let (status, told) = add(&desk, "太短");
    assert!(status == 1 && told.contains("weak_passphrase"), "{told}");
    assert_eq!(desk.kefu(&["member", "list"]).lines.len(), 1, "nobody is enrolled without the sign-in he was to have");
    let (status, told) = add(&desk, "李强的口令足够长");
    let line: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((status, &line["roles"], &line["sign_in"]), (0, &json!(["handler", "technician"]), &json!(true)));

    assert_eq!(with(&desk, "李强的口令足够长", &["list"]).0, 0);
    let (status, told) = with(&desk, "李强的口令足够长", &["member", "add", "--name", "王芳"]);
    assert!(status == 1 && told.contains("not_allowed"), "{told}");
    assert_eq!(desk.kefu(&["member", "list"]).lines.len(), 2);
}

#[test]
fn a_command_is_done_for_whom_seat_names() {
    let desk = Desk::new();
    add(&desk, "李强的口令足够长");
    let (_, forms) = complaints();
    let file = desk.top.path().join("form.json");
    std::fs::write(&file, forms[0].to_string()).unwrap();
    let register = ["register", file.to_str().unwrap()];
    let number = desk.kefu(&register).lines[0]["number"].as_str().unwrap().to_string();
    let note = desk.top.path().join("note.json");
    std::fs::write(&note, r#"{"add": {"process": [{"note": "已致电客户"}]}}"#).unwrap();
    desk.kefu(&["act", &number, "note", "--seat", "210", "--json", note.to_str().unwrap()]);
    let shown = &desk.kefu(&["show", &number]).lines[0];
    assert_eq!((&shown["timeline"][1]["member"], &shown["timeline"][0]["member"]), (&json!("孙丽"), &json!("李强")));

    let (status, told) = with(&desk, "李强的口令足够长", &["list", "--seat", "孙丽"]);
    assert!(status == 1 && told.contains("not_allowed"), "{told}");
    assert_eq!(with(&desk, "李强的口令足够长", &["list", "--seat", "李强"]).0, 0);
    let nobody = desk.kefu(&["list", "--seat", "赵云"]);
    assert_eq!((nobody.status, &nobody.refusals[0]["code"]), (1, &json!("no_seat")));
}

#[test]
fn what_one_desk_exports_another_imports() {
    let (one, other) = (Desk::new(), Desk::new());
    add(&one, "李强的口令足够长");
    let exported = one.kefu(&["member", "export"]).lines;
    let lines: String = exported.iter().map(|line| format!("{line}\n")).collect();
    let answer = other.kefu_with(&["member", "import", "-"], &lines);
    assert_eq!((answer.status, answer.lines.len()), (0, 2), "{}", answer.errors);
    let again = other.kefu_with(&["member", "import", "-"], &lines);
    assert_eq!((again.status, again.lines), (0, answer.lines.clone()), "a second time changes nothing");
    let li = &other.kefu(&["member", "list"]).lines[2];
    assert_eq!((&li["id"], &li["name"], &li["sign_in"]), (&exported[1]["id"], &json!("李强"), &json!(false)));
}

#[test]
fn good_lines_are_kept_and_bad_ones_named() {
    let desk = Desk::new();
    let lines = [
        r#"{"name": "王芳", "employee_number": "301", "roles": ["inspector"]}"#,
        "",
        r#"{"name": "赵云", "roles": ["emperor"]}"#,
        r#"{"employee_number": "302"}"#,
        r#"{"name": "周敏", "role": ["handler"]}"#,
        r#"{"name": 3}"#,
        "no json",
        r#"{"employee_number": "301", "active": false}"#,
    ];
    let answer = desk.kefu_with(&["member", "import", "-"], &lines.join("\n"));
    assert_eq!((answer.status, answer.lines.len()), (1, 2), "{}", answer.errors);
    let (first, last) = (&answer.lines[0], &answer.lines[1]);
    assert_eq!((&last["id"], &last["name"], &last["active"]), (&first["id"], &json!("王芳"), &json!(false)));
    let places: Vec<_> = answer.refusals.iter().map(|r| (&r["line"], &r["fields"][0])).collect();
    assert_eq!(
        places,
        [
            (&json!(3), &json!({"field": "[3].roles", "problem": "unknown_option", "detail": "emperor"})),
            (&json!(4), &json!({"field": "[4].name", "problem": "required"})),
            (&json!(5), &json!({"field": "[5].role", "problem": "unknown_field"})),
            (&json!(6), &json!({"field": "[6].name", "problem": "wrong_kind"})),
            (&json!(7), &json!({"field": "[7]", "problem": "wrong_kind"})),
        ]
    );
    assert_eq!(desk.kefu(&["member", "list"]).lines.len(), 2);
}
