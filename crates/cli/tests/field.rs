//! Field service from a terminal: a visit from dispatch to the printed sheet, parts in store and van.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use std::process::Command;

use serde_json::{Value, json};
use terminal::{Desk, complaints};

const INK: &str =
    "M60 150L110 40L160 150M80 100L140 100M210 60L210 150L300 150M340 60L340 150M330 60L440 60M340 100L430 100";

fn printed(desk: &Desk, number: &str) -> String {
    let out = desk.top.path().join("sheet.pdf");
    let answer = desk.kefu(&["field", "print", number, "-o", out.to_str().unwrap()]);
    assert_eq!(answer.status, 0, "{}", answer.errors);
    let text = Command::new("pdftotext").arg("-raw").arg(&out).arg("-").output().unwrap();
    String::from_utf8(text.stdout).unwrap().split_whitespace().collect()
}

#[test]
fn a_visit_is_dispatched_done_signed_and_printed() {
    let desk = Desk::new();
    let (_, forms) = complaints();
    let form = desk.kefu_with(&["register", "-"], &forms[0].to_string()).lines[0]["number"].clone();
    let given = json!({"engineer": "孙丽", "planned.from": "2026-11-12T09:00:00+08:00"}).to_string();
    let dispatched = desk.kefu_with(&["field", "dispatch", "--form", form.as_str().unwrap(), "--json", "-"], &given);
    assert_eq!(dispatched.status, 0, "{}", dispatched.errors);
    let number = dispatched.lines[0]["number"].as_str().unwrap().to_string();
    assert!(number.starts_with("FW-"));
    let take = json!({"part": "P-10", "name": "点火针", "count": 5, "from": "supplier", "to": "van"}).to_string();
    assert_eq!(desk.kefu_with(&["field", "take", "--json", "-"], &take).lines[0]["count"], 5);

    let act = |act: &str, given: Value| desk.kefu_with(&["field", act, &number, "--json", "-"], &given.to_string());
    assert_eq!(act("fill", json!({"values": {"measures": "x"}})).refusals[0]["code"], "denied");
    for step in ["accept", "set_out", "arrive"] {
        assert_eq!(desk.kefu(&["field", step, &number]).status, 0, "{step}");
    }
    let fill = json!({
        "values": {"findings": "点火针积碳，火焰不稳", "fault_part": "点火针", "cause": "manufacture", "measures": "更换点火针，清洁燃烧器",
            "cost.minutes": 50, "cost.hourly": 9000, "cost.travel": 3000, "warranty": "out", "result": "ok"},
        "add": [{"name": "点火针", "part": "P-10", "count": 2, "price": 2550, "serial": "DH-77", "old": "pending"}],
    });
    let filled = act("fill", fill);
    assert_eq!(filled.lines[0]["total"], 15_600, "{}", filled.errors);
    let wrong = act("fill", json!({"values": {"cost.total": 1}}));
    assert_eq!(wrong.refusals[0]["fields"][0]["detail"], "15600");
    assert_eq!(act("rate", json!({"values": {"rating.overall": "very_satisfied", "rating.remark": "很快"}})).status, 0);
    for party in ["technician", "customer"] {
        assert_eq!(act("sign", json!({"add": [{"party": party, "path": INK}]})).status, 0);
    }
    let sheet = printed(&desk, &number);
    for words in ["售后服务单", "更换点火针，清洁燃烧器", "156.00", "☑很满意", "孙丽", "第1次打印"]
    {
        assert!(sheet.contains(words), "{words} is not on the sheet: {sheet}");
    }
    assert!(!sheet.contains("失效"));
    let changed = act("fill", json!({"values": {"cost.travel": 4000}}));
    assert_eq!(changed.lines[0]["signatures"][1], json!({"party": "customer", "standing": "void"}));
    assert!(printed(&desk, &number).contains("签名已失效"), "the paper says so, too");

    let stock = desk.kefu(&["field", "stock"]).lines;
    assert_eq!((stock.len(), &stock[0]["place_name"], &stock[0]["count"]), (1, &json!("孙丽的车"), &json!(3)));
    assert_eq!(desk.kefu(&["field", "stock", "--serial", "DH-77"]).lines[0]["sheet"], json!(number));
    let day =
        desk.kefu(&["field", "list", "--from", "2026-11-12", "--until", "2026-11-12", "--engineer", "孙丽"]).lines;
    assert_eq!((day.len(), &day[0]["state"]), (1, &json!("arrived")));
    assert_eq!(desk.kefu(&["field", "show", "FW-1"]).refusals[0]["code"], "not_found");
    assert_eq!(desk.kefu(&["verify"]).lines[0]["problems"], json!([]));
}
