//! Blank forms with numbers set aside, and what was written on them registered later (R24).
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::process::Command;

use serde_json::json;
use terminal::Desk;

#[test]
fn forms_written_on_paper_keep_number_and_time() {
    let desk = Desk::new();
    let pdf = desk.data().join("blank.pdf");
    let printed = desk.kefu(&["print", "--blank", "--sheets", "3", "-o", pdf.to_str().unwrap()]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let numbers: Vec<&str> =
        printed.lines[0]["numbers"].as_array().unwrap().iter().map(|number| number.as_str().unwrap()).collect();
    let text = Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap().stdout;
    let text = String::from_utf8(text).unwrap();
    for number in &numbers {
        assert!(text.contains(number), "R24: {number} stands on its form");
    }
    let waiting = || {
        let listed = desk.kefu(&["paper", "list"]).lines;
        listed.iter().map(|form| form["number"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(waiting(), numbers);

    let form = |number: &str| {
        json!({"登记编号": number, "来电时间": "2026-11-02T22:10:00+08:00", "渠道": "热线", "类别": ["报修"],
            "客户": {"名称": "陈秀英"}, "描述": "停电时记在纸上：热水器不点火"})
    };
    let taken = desk.kefu_with(&["register", "-"], &form(numbers[1]).to_string());
    assert_eq!((taken.status, taken.lines[0]["number"].as_str()), (0, Some(numbers[1])), "{}", taken.errors);
    let shown = &desk.kefu(&["show", numbers[1]]).lines[0];
    assert_eq!(shown["values"]["received_at"], "2026-11-02T22:10:00+08:00", "R24: the paper's time");
    assert_eq!(shown["values"]["from_paper"], true);
    assert_ne!(shown["values"]["registered_at"], shown["values"]["received_at"]);

    let [again, strange] = [numbers[1], "KF-20261102-A03-0099"]
        .map(|number| desk.kefu_with(&["register", "-"], &json!([form(number)]).to_string()));
    for refused in [again, strange] {
        assert_eq!((refused.status, &refused.refusals[0]["fields"][0]["field"]), (1, &json!("[0].登记编号")));
        assert_eq!(refused.refusals[0]["fields"][0]["problem"], "not_reserved");
    }
    assert_eq!(desk.kefu(&["paper", "spoil", numbers[0]]).refusals[0]["code"], "reason_required");
    let left = desk.kefu(&["paper", "spoil", numbers[0], "--reason", "打印机卡纸"]);
    assert_eq!((left.status, left.lines.len()), (0, 1), "{}", left.errors);
    assert_eq!(waiting(), [numbers[2]]);
    let board = desk.kefu(&["board"]).lines;
    assert!(board.iter().any(|queue| queue["key"] == "paper" && queue["count"] == 1), "{board:?}");

    let typed = json!({"来电时间": "2026-11-03T09:00:00+08:00", "渠道": "热线", "类别": ["咨询"],
        "客户": {"名称": "解敏"}, "描述": "问话费"});
    let next = desk.kefu_with(&["register", "-"], &typed.to_string());
    assert!(next.lines[0]["number"].as_str().unwrap().ends_with("-0004"), "numbers set aside are given to nobody else");
    assert_eq!(desk.kefu(&["verify"]).lines[0]["problems"], json!([]));
}
