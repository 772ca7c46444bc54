//! Return visits from a terminal: the list, a rating refused to who handled the matter, recorded by another, printed.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use serde_json::json;
use terminal::{Desk, complaints};

#[test]
fn nobody_rates_his_own_matter_at_the_terminal_either() {
    let desk = Desk::new();
    let (_, forms) = complaints();
    let number = desk.kefu_with(&["register", "-"], &forms[0].to_string()).lines[0]["number"].clone();
    let number = number.as_str().unwrap();
    let settle = json!({"values": {"settled_on_spot": true, "outcome.result": "已说明", "outcome.told_means": "phone",
        "outcome.response": ["information"]}});
    let done = desk.kefu_with(&["act", number, "settle", "--json", "-"], &settle.to_string());
    assert_eq!(done.status, 0, "{}", done.errors);
    assert!(desk.kefu(&["visit", "list", "--filter", "open"]).lines.is_empty());
    assert_eq!(desk.kefu(&["act", number, "close"]).status, 0);
    let open = desk.kefu(&["visit", "list", "--filter", "open"]).lines;
    assert_eq!((open.len(), &open[0]["form"]), (1, &json!(number)));
    let visit = open[0]["number"].as_str().unwrap();

    let answers =
        json!({"values": {"means": "phone", "answer.solved": "yes", "answer.overall": "satisfied"}}).to_string();
    let own = desk.kefu_with(&["visit", "record", visit, "--json", "-"], &answers);
    assert_eq!((own.status, &own.refusals[0]["code"]), (1, &json!("denied")));
    assert!(own.refusals[0]["message"].as_str().unwrap().contains("由您经办"), "{}", own.errors);

    let added = desk.kefu(&["member", "add", "--name", "郑洁", "--roles", "inspector"]);
    assert_eq!(added.status, 0, "{}", added.errors);
    let other = desk.kefu_with(&["visit", "record", visit, "--json", "-", "--seat", "郑洁"], &answers);
    assert_eq!((other.status, &other.lines[0]["state"]), (0, &json!("done")), "{}", other.errors);
    let better = json!({"values": {"answer.overall": "very_satisfied"}, "reason": "客户改口"}).to_string();
    let changed = desk.kefu_with(&["visit", "act", visit, "visit_correct", "--json", "-"], &better);
    assert_eq!((changed.status, &changed.refusals[0]["code"]), (1, &json!("denied")));

    let out = desk.top.path().join("visit.pdf");
    // Who follows the form sees whom it is about; who made the visit, too.
    for (seat, copy) in [("孙丽", 1), ("郑洁", 2)] {
        let printed = desk.kefu(&["visit", "print", visit, "-o", out.to_str().unwrap(), "--seat", seat]);
        assert_eq!(printed.status, 0, "{}", printed.errors);
        assert_eq!(printed.lines[0]["copy"], json!(copy));
    }
    assert!(std::fs::read(&out).unwrap().starts_with(b"%PDF"));
    assert_eq!(desk.kefu(&["visit", "bend"]).status, 2);
    assert_eq!(desk.kefu(&["visit", "show", "HF-1"]).status, 1);
    let set = desk.kefu(&["visit", "questionnaire"]).lines;
    assert_eq!((&set[0]["version"], set[0]["questions"].as_array().unwrap().len()), (&json!(1), 10));
    assert_eq!(desk.kefu(&["verify"]).lines[0]["problems"], json!([]));
}
