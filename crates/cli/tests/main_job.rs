//! The main job from the terminal: the twenty complaints registered unchanged, each found again and printed.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::process::Command;

use serde_json::Value;
use terminal::{Desk, complaints};

/// Initials that a receptionist would type for each customer; none where the name has no Chinese.
const INITIALS: [&str; 20] = [
    "cxy",
    "ljg",
    "ayglmmt",
    "ywscxspyxgs",
    "xm",
    "qwd",
    "",
    "",
    "",
    "",
    "qtsqjwh",
    "oyw",
    "cxy",
    "lxm",
    "wgl",
    "fzq",
    "ml",
    "hzmmzx",
    "nm",
    "smxy",
];

/// Two characters of what each caller said, that no other caller said.
const SAID: [&str; 20] = [
    "点火", "语音", "镇上", "红字", "过户", "橱柜", "电流", "断网", "补做", "跳闸", "便民", "雨天", "主板", "面板",
    "保健", "冒烟", "结算", "滤芯", "烟头", "尘盒",
];

#[test]
fn twenty_complaints_are_registered_found_and_printed() {
    let desk = Desk::new();
    let (path, forms) = complaints();
    let answer = desk.kefu(&["register", path.to_str().unwrap()]);
    assert_eq!((answer.status, answer.errors.as_str()), (0, ""));
    let numbers: Vec<String> = answer.lines.iter().map(|l| l["number"].as_str().unwrap().to_string()).collect();
    assert_eq!(numbers.len(), 20);

    let find = |query: &str| -> Vec<String> {
        let answer = desk.kefu(&["find", query, "--limit", "100"]);
        assert_eq!(answer.status, 0, "{query}: {}", answer.errors);
        answer.lines.iter().map(|l| l["number"].as_str().unwrap().to_string()).collect()
    };
    for (i, form) in forms.iter().enumerate() {
        let number = &numbers[i];
        let name = form["客户"]["名称"].as_str().unwrap();
        let has = |query: &str| assert!(find(query).contains(number), "{query} does not find form {i} ({name})");
        let only = std::slice::from_ref(number);
        assert_eq!(find(number), only, "by number");
        has(name);
        assert_eq!(find(SAID[i]), only, "by two characters of the text: {}", SAID[i]);
        if !INITIALS[i].is_empty() {
            has(INITIALS[i]);
        }
        if let Some(phone) = form["客户"]["电话"].as_str() {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            has(&digits[digits.len() - 4..]);
            has(phone);
        }
        for key in ["序列号", "订单号", "合同号"] {
            if let Some(known) = form["产品"][key].as_str() {
                has(known);
            }
        }
    }

    for (i, form) in forms.iter().enumerate() {
        let pdf = desk.top.path().join(format!("{i}.pdf"));
        let printed = desk.kefu(&["print", &numbers[i], "-o", pdf.to_str().unwrap()]);
        assert_eq!(printed.status, 0, "{}", printed.errors);
        assert_eq!(printed.lines[0]["copy"], 1);
        let text = Command::new("pdftotext").args(["-raw", pdf.to_str().unwrap(), "-"]).output().unwrap();
        let text = squeezed(&String::from_utf8(text.stdout).unwrap());
        for wanted in [&form["客户"]["名称"], &form["描述"]] {
            let wanted = squeezed(wanted.as_str().unwrap());
            assert!(text.contains(&wanted), "form {i} does not give back {wanted}\n{text}");
        }
        assert!(std::fs::metadata(&pdf).unwrap().len() <= 80 * 1024, "form {i} is larger than 80 KB");
    }
    let shown = desk.kefu(&["show", &numbers[0]]);
    assert_eq!(shown.lines[0]["copies"], 1);
    assert_eq!(shown.lines[0]["values"]["customer.phone"], "138 0013 8021", "shown as typed");
    let acts: Vec<&Value> = shown.lines[0]["timeline"].as_array().unwrap().iter().map(|t| &t["act"]).collect();
    assert_eq!(acts, ["print", "register"]);

    let blank = desk.top.path().join("blank.pdf");
    assert_eq!(desk.kefu(&["print", "--blank", "-o", blank.to_str().unwrap()]).status, 0);
    let verified = desk.kefu(&["verify"]);
    assert_eq!((verified.status, &verified.lines[0]["changes"]), (0, &Value::from(44))); // company, member, two rule sets; each form and its copy
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
