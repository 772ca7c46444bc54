//! Checks of the channels from a terminal (R23): set up, due, logged, a fault that stands, slips named.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use serde_json::json;
use terminal::Desk;

#[test]
fn channels_are_set_up_and_checked_from_the_terminal() {
    let desk = Desk::new();
    let all = desk.kefu(&["channels"]);
    assert_eq!((all.status, all.lines.len()), (0, 11), "{}", all.errors);
    assert!(
        all.lines.iter().all(|line| line["every"].is_null() && line["due"].is_null()),
        "R23: nothing is checked yet"
    );

    let set = desk.kefu(&["channels", "set", "热线", "--every", "5", "--who", "接待", "--how", "外线拨打"]);
    assert_eq!((set.status, set.lines.len()), (0, 1), "{}", set.errors);
    let row = &set.lines[0];
    assert_eq!((&row["channel"], &row["every"], &row["who"]), (&json!("hotline"), &json!(5), &json!("reception")));
    // The desk runs by the machine's clock, whose year may be one without a calendar.
    assert!(row["due"].is_string() || row["missing_year"].is_number(), "R23: {row}");
    assert_eq!(row["last"], json!(null));

    let mute = desk.kefu(&["channels", "check", "hotline", "--result", "fault"]);
    assert_eq!((mute.status, &mute.refusals[0]["fields"][0]["field"]), (1, &json!("note")), "{}", mute.errors);
    let fault =
        ["channels", "check", "hotline", "--result", "fault", "--note", "占线，打不进", "--follow-up", "报修线路"];
    let broken = desk.kefu(&fault);
    assert_eq!((broken.status, &broken.lines[0]["fault"]["note"]), (0, &json!("占线，打不进")), "{}", broken.errors);
    let mended = desk.kefu(&["channels", "check", "hotline", "--result", "normal"]);
    assert_eq!(mended.lines[0]["fault"], json!(null), "R23: it stands until the next check that finds none");

    let log = desk.kefu(&["channels", "log", "热线"]).lines;
    let told: Vec<_> = log.iter().map(|one| (one["result"].as_str().unwrap(), one["by"].as_str().unwrap())).collect();
    assert_eq!(told, [("normal", "孙丽"), ("fault", "孙丽")], "R23: the log keeps both, the latest first");
    assert_eq!(log[1]["follow_up"], json!("报修线路"));
    assert_eq!(desk.kefu(&["channels", "log", "热线", "--limit", "1"]).lines.len(), 1);

    let stopped = desk.kefu(&["channels", "set", "hotline", "--every", "0"]);
    let row = &stopped.lines[0];
    assert_eq!((&row["every"], &row["due"], &row["how"]), (&json!(null), &json!(null), &json!("外线拨打")));
    assert_eq!(desk.kefu(&["verify"]).lines[0]["problems"], json!([]));
}

#[test]
fn slips_are_named_and_nothing_is_written() {
    let desk = Desk::new();
    let field = |arguments: &[&str]| {
        let answer = desk.kefu(arguments);
        let refusal = &answer.refusals[0];
        (answer.status, refusal["fields"][0]["field"].clone(), refusal["message"].as_str().unwrap().to_string())
    };
    let (status, at, said) = field(&["channels", "set", "烽火台", "--every", "5"]);
    assert_eq!((status, at), (1, json!("channel")));
    assert!(said.contains("烽火台"), "{said}");
    let (_, at, said) = field(&["channels", "set", "hotline", "--every", "5", "--who", "钱敏"]);
    assert!(at == json!("who") && said.contains("钱敏"), "nobody of that name works here: {said}");
    assert_eq!(field(&["channels", "set", "hotline", "--every", "61"]).1, json!("every"));
    assert_eq!(field(&["channels", "check", "hotline", "--result", "坏"]).1, json!("result"));
    assert_eq!(desk.kefu(&["channels", "log", "烽火台"]).status, 1);
    assert_eq!(desk.kefu(&["channels", "check", "hotline"]).status, 2);
    // Who may not check is refused whatever he gives.
    assert_eq!(desk.kefu(&["member", "add", "--name", "周工", "--roles", "handler"]).status, 0);
    let refused = desk.kefu(&["channels", "check", "hotline", "--result", "normal", "--seat", "周工"]);
    assert_eq!((refused.status, &refused.refusals[0]["code"]), (1, &json!("denied")));
    assert!(desk.kefu(&["channels"]).lines.iter().all(|line| line["every"].is_null() && line["last"].is_null()));

    // The suggestion asks the supervisors, so there has to be one: the founder of a desk of one person is.
    let suggested = desk.kefu(&["channels", "suggest"]);
    assert_eq!(suggested.status, 0, "{}", suggested.errors);
    assert_eq!(suggested.lines.len(), 8, "R23, S0");
    assert!(suggested.lines.iter().all(|line| line["every"] == json!(5) && line["who"] == json!("supervisor")));
}
