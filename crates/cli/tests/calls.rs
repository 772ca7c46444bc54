//! A call from the terminal where there is no window: who calls, as JSON; nonsense is refused.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use serde_json::json;
use terminal::{Desk, complaints};

#[test]
fn who_calls_is_told_where_there_is_no_window() {
    let desk = Desk::new();
    let (path, forms) = complaints();
    assert_eq!(desk.kefu(&["register", path.to_str().unwrap()]).status, 0);
    let phone = forms[0]["客户"]["电话"].as_str().unwrap();
    let known = desk.kefu(&["call", "--from", phone, "--rings", "5", "--lookup"]);
    assert_eq!(known.status, 0, "{}", known.errors);
    let [line] = known.lines.as_slice() else { panic!("{:?}", known.lines) };
    assert_eq!((&line["late"], &line["rings"]), (&json!(true), &json!(5)));
    assert_eq!(line["known"][0]["name"], forms[0]["客户"]["名称"]);
    assert!(line["known"][0]["forms"][0]["number"].as_str().unwrap().starts_with("KF-"));

    let stranger = desk.kefu(&["call", "--from", "", "--rings", "3", "--lookup"]);
    assert_eq!((stranger.status, &stranger.lines[0]["known"]), (0, &json!([])));
    assert_eq!(stranger.lines[0]["late"], json!(false));
    for nonsense in [["--from", "abc"], ["--from", "13800138021;rm"], ["--from", "12"]] {
        let refused = desk.kefu(&["call", nonsense[0], nonsense[1], "--lookup"]);
        assert_eq!((refused.status, &refused.refusals[0]["code"]), (1, &json!("invalid_fields")), "{nonsense:?}");
    }
    let refused = desk.kefu(&["call", "--from", "110", "--rings", "61"]);
    assert_eq!(refused.status, 1, "refused before any window is looked for");
}
