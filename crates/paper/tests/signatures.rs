//! 《售后服务单》 on paper: ink where somebody signed, words where nobody did.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use kefu_domain::field::{code_lists, template};
use kefu_domain::{CodeLists, Lists, Values};
use kefu_paper::{Press, Sheet};
use serde_json::{Value, json};

const INK: &str = "M60 150L110 40L160 150M80 100L140 100M210 60L210 150L300 150M340 60L340 150M330 60L440 60";

/// The text of a sheet without white space, and how many dark points it has at 100 dpi.
fn printed(signature: Value) -> (String, usize) {
    let (template, codes) = (template(), code_lists(CodeLists::shipped()));
    let values: Values = [
        ("customer.name".to_string(), json!("陈秀英")),
        ("cost.payable".to_string(), json!(16_080)),
        ("sign.customer".to_string(), signature),
    ]
    .into();
    let sheet = Sheet {
        template: &template,
        codes: &codes,
        values: &values,
        lists: &Lists::new(),
        company: "良渚电器有限公司",
        number: Some("FW-20261112-A03-0001"),
        copy: Some(1),
        printed_at: "2026-11-12T10:00:00+08:00".parse().unwrap(),
        printed_by: "周工",
        rules: None,
        voided: false,
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sheet.pdf");
    std::fs::write(&file, Press::new().unwrap().draw(&sheet).unwrap()).unwrap();
    let run =
        |tool: &str, options: &[&str]| Command::new(tool).args(options).arg(&file).arg("-").output().unwrap().stdout;
    let text = String::from_utf8(run("pdftotext", &["-raw"])).unwrap();
    let picture = Command::new("pdftoppm").args(["-gray", "-r", "100"]).arg(&file).output().unwrap().stdout;
    let dark = picture.iter().filter(|point| **point < 96).count();
    (text.split_whitespace().collect(), dark)
}

#[test]
fn a_signature_is_drawn_and_a_void_one_is_not() {
    let (text, plain) = printed(json!({"text": "陈秀英 2026-11-12 10:00"}));
    assert!(text.contains("售后服务单") && text.contains("160.80") && text.contains("陈秀英2026-11-1210:00"));
    let (text, signed) = printed(json!({"text": "陈秀英 2026-11-12 10:00", "path": INK}));
    assert!(text.contains("陈秀英2026-11-1210:00"));
    assert!(signed > plain + 300, "the ink is not there: {plain} and {signed} dark points");
    let (text, void) = printed(json!({"text": "【签名已失效】签署后内容有改动", "path": "M1 1C2 2"}));
    assert!(text.contains("签名已失效") && void < signed, "what is no path is not drawn");
}
