//! What the terminal refuses, and how: a code, a sentence, the place, and nothing lost.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use serde_json::json;
use terminal::{Desk, complaints};

#[test]
fn the_good_forms_of_an_array_are_kept_and_the_bad_named() {
    let desk = Desk::new();
    let (_, mut forms) = complaints();
    forms.truncate(7);
    forms[1]["铃响"] = json!("四");
    forms[2]["客户"]["电话号"] = json!("1");
    forms[3]["渠道"] = json!("飞鸽");
    forms[4].as_object_mut().unwrap().remove("描述");
    forms[5] = json!(["不是表单"]);
    let answer = desk.kefu_with(&["register", "-"], &json!(forms).to_string());
    assert_eq!((answer.status, answer.lines.len()), (1, 2));
    let places: Vec<_> = answer.refusals.iter().map(|r| &r["fields"][0]).collect();
    assert_eq!(
        places,
        [
            &json!({"field": "[1].铃响", "problem": "wrong_kind"}),
            &json!({"field": "[2].客户.电话号", "problem": "unknown_field"}),
            &json!({"field": "[3].渠道", "problem": "unknown_option", "detail": "飞鸽"}),
            &json!({"field": "[4].描述", "problem": "required"}),
            &json!({"field": "[5]", "problem": "wrong_kind"}),
        ]
    );
    let numbers: Vec<_> = answer.lines.iter().map(|l| l["number"].as_str().unwrap()[16..].to_string()).collect();
    assert_eq!(numbers, ["0001", "0002"], "no number is used up by a refusal");
}

#[test]
fn json_that_breaks_off_keeps_what_came_before() {
    let desk = Desk::new();
    let (_, forms) = complaints();
    let text = format!("[{},\n{},\n{{\"渠道\": ", forms[0], forms[1]);
    let answer = desk.kefu_with(&["register", "-"], &text);
    assert_eq!((answer.status, answer.lines.len()), (1, 2));
    assert_eq!(answer.refusals[0]["code"], "bad_json");
    assert!(answer.refusals[0]["message"].as_str().unwrap().contains("第 3 行"), "{}", answer.errors);
    let answer = desk.kefu_with(&["register", "-"], "渠道");
    assert_eq!((answer.status, &answer.refusals[0]["code"]), (1, &json!("bad_json")));
}

#[test]
fn one_object_is_one_form() {
    let desk = Desk::new();
    let (_, forms) = complaints();
    let answer = desk.kefu_with(&["register", "-"], &forms[0].to_string());
    assert_eq!((answer.status, answer.lines.len()), (0, 1));
    let answer = desk.kefu_with(&["register", "-"], "{\"客户\": {\"电话\": \"没有\"}}");
    assert_eq!(answer.refusals[0]["fields"][0]["field"], "客户.电话");
}

#[test]
fn what_would_take_the_place_of_something_else_is_refused() {
    let desk = Desk::new();
    let (_, forms) = complaints();
    let form = forms[0].to_string();
    let more = |members: &str| form.replacen('{', &format!("{{{members},"), 1);
    let fields = |text: &str| {
        let answer = desk.kefu_with(&["register", "-"], text);
        assert_eq!((answer.status, answer.lines.len(), answer.refusals.len()), (1, 0, 1), "{}", answer.errors);
        answer.refusals[0]["fields"].clone()
    };
    let repeated = |field: &str| json!([{"field": field, "problem": "repeated"}]);
    assert_eq!(fields(&more("\"描述\": \"另一段\"")), repeated("描述"));
    assert_eq!(fields(&format!("[{}]", more("\"描述\": \"另一段\""))), repeated("[0].描述"));
    assert_eq!(fields(&form.replacen("\"名称\":", "\"名称\":\"另一位\",\"名称\":", 1)), repeated("产品.名称"));
    assert_eq!(fields(&more("\"问题描述\": \"另一段\"")), repeated("问题描述"));
    assert_eq!(fields(&more("\"客户.名称\": \"另一位\"")), json!([{"field": "客户.名称", "problem": "unknown_field"}]));
}

#[test]
fn input_that_cannot_be_read_is_named_as_such() {
    let desk = Desk::new();
    let refused = |file: &std::path::Path| {
        let answer = desk.kefu(&["register", file.to_str().unwrap()]);
        assert_eq!((answer.status, &answer.refusals[0]["code"]), (1, &json!("file_not_read")));
        answer.refusals[0]["message"].as_str().unwrap().to_string()
    };
    assert!(refused(&desk.top.path().join("没有.json")).contains("不存在"));
    let latin = desk.top.path().join("latin.json");
    std::fs::write(&latin, b"{\"\xe9\": 1}").unwrap();
    assert!(refused(&latin).contains("不是 UTF-8 文本"));
}

#[test]
fn made_up_forms_never_mix_with_those_of_customers() {
    let desk = Desk::new();
    let (_, forms) = complaints();
    assert_eq!(desk.kefu_with(&["register", "-"], &forms[0].to_string()).status, 0);
    let answer = desk.kefu(&["demo", "--forms", "3"]);
    assert_eq!((answer.status, &answer.refusals[0]["code"]), (1, &json!("not_empty")));
    assert_eq!(desk.kefu(&["list"]).lines.len(), 1);
}

#[test]
fn each_way_in_that_fails_has_its_code() {
    let desk = Desk::bare();
    let refused = |desk: &Desk, arguments: &[&str]| {
        let answer = desk.kefu(arguments);
        assert_eq!(answer.status, 1);
        answer.refusals[0]["code"].as_str().unwrap().to_string()
    };
    assert_eq!(refused(&desk, &["find", "x"]), "not_set_up");
    let init = ["init", "--company", "良渚电器", "--member", "孙丽"];
    let bad_code = [init.as_slice(), &["--device-code", "太长了"]].concat();
    assert_eq!(refused(&desk, &bad_code), "bad_device_code");
    assert_eq!(desk.kefu(&init).status, 0);
    assert_eq!(refused(&desk, &init), "already_set_up");
    assert_eq!(refused(&desk, &["show", "KF-20261102-A01-9999"]), "not_found");

    let mut wrong = desk.command(&["find", "x"]);
    wrong.env("KEFU_PASSPHRASE", "不是这个口令啊");
    let codes: Vec<_> = (0..4)
        .map(|_| String::from_utf8(wrong.output().unwrap().stderr).unwrap())
        .map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap()["code"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(codes, ["wrong_passphrase", "wrong_passphrase", "wrong_passphrase", "too_soon"]);
    std::fs::remove_file(desk.data().join("tries.json")).unwrap();

    let mut keyless = desk.command(&["find", "x"]);
    keyless.env_remove("KEFU_PASSPHRASE");
    assert!(String::from_utf8(keyless.output().unwrap().stderr).unwrap().contains("\"locked\""));

    let before = std::fs::read(desk.data().join("desk.db")).unwrap();
    for name in ["keys.json", "keys.spare.json"] {
        std::fs::rename(desk.data().join(name), desk.top.path().join(name)).unwrap();
    }
    assert_eq!(refused(&desk, &["find", "x"]), "keys_unreadable");
    assert_eq!(refused(&desk, &init), "already_set_up", "no new key over an existing database");
    assert!(std::fs::read(desk.data().join("desk.db")).unwrap() == before, "the database was touched");
    assert!(!desk.data().join("keys.json").exists());
}

#[test]
fn slips_of_the_command_line_are_usage() {
    let desk = Desk::bare();
    let slips =
        [["dance", "x"].as_slice(), &["find"], &["demo", "--forms", "many"], &["demo", "--forms", "4294967295"]];
    for arguments in slips {
        assert_eq!(desk.kefu(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn demo_is_the_same_for_the_same_seed() {
    let all = |seed: &str| {
        let desk = Desk::new();
        assert_eq!(desk.kefu(&["demo", "--forms", "60", "--seed", seed]).status, 0);
        let lines = desk.kefu(&["list", "--limit", "100"]).lines;
        assert_eq!(lines.len(), 60);
        lines
    };
    assert_eq!(all("7"), all("7"));
    assert_ne!(all("7"), all("8"));
}
