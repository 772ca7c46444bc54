//! Rule sets and scripts on a desk: adopted, edited in versions, refused with their places, and what they change.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod office;

use kefu_app::wire::{
    AdoptRequest, Code, Failure, ImportYearsRequest, ReplyRequest, SaveRulesRequest, Script, ScriptsRequest,
};
use kefu_domain::clocks::Limit;
use kefu_domain::rules::preset;
use kefu_domain::validate::Problem;
use office::{Office, why};
use serde_json::json;

fn adopt(preset: &str, day: &str, approver: &str) -> AdoptRequest {
    AdoptRequest { preset: preset.into(), effective_from: day.into(), approver: approver.into() }
}

fn first_field(result: Result<impl Sized, Failure>) -> (String, Problem) {
    let failure = result.map(|_| ()).unwrap_err();
    assert_eq!(failure.code, Code::InvalidFields);
    (failure.fields[0].field.clone(), failure.fields[0].problem)
}

/// R15, R60: every version stays, the one of the day counts, and who lays it down is named.
#[tokio::test]
async fn rules_are_adopted_and_edited_in_versions() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    let id = office.register(json!({"received_at": "2026-11-02T08:41:00+08:00"})).await;
    let begun = office.desk.rules().await.unwrap();
    assert_eq!(begun.in_force, Some(("s2".into(), 1)));
    let told: Vec<_> = begun.sets.iter().map(|set| (set.id.as_str(), set.approver.as_str())).collect();
    assert_eq!(told, [("s2", "孙丽"), ("statutory", "孙丽")], "the desk was founded with them");
    assert_eq!((begun.presets.len(), begun.years.as_slice()), (5, &[2026][..]));
    assert_eq!(why(office.desk.adopt_preset(adopt("s3", "2026-11-03", "钱敏")).await), "wrong_role");

    office.sits("钱敏").await;
    use Problem::*;
    let tried = |preset: &str, day: &str, by: &str| office.desk.adopt_preset(adopt(preset, day, by));
    assert_eq!(first_field(tried("s9", "2026-11-03", "钱敏").await), ("preset".into(), UnknownOption));
    assert_eq!(first_field(tried("s3", "11 月", "钱敏").await), ("effective_from".into(), NotADate));
    assert_eq!(first_field(tried("s3", "2026-11-03", " ").await), ("approver".into(), Required));
    let adopted = tried("s3", "2026-11-03", "钱敏").await.unwrap();
    assert_eq!(adopted.in_force, Some(("s2".into(), 1)), "not before its day");
    assert_eq!(adopted.sets[0].id, "s3");

    office.goes_to("2026-11-03T09:00:00+08:00");
    assert_eq!(office.desk.rules().await.unwrap().in_force, Some(("s3".into(), 1)));
    let clocks = async |id| office.desk.show(id).await.unwrap().clocks;
    assert!(
        clocks(id).await.iter().any(|clock| clock.rules.starts_with("当日答复")),
        "a form keeps the rules of its day"
    );

    let mut set = preset("s3").unwrap();
    set.approver = "钱敏".into();
    set.effective_from = "2026-11-04".parse().unwrap();
    set.clocks[0].limit = Limit::WorkingDays(0);
    set.clocks[1].when.kinds = vec!["grumble".into()];
    let refused = office.desk.save_rules(SaveRulesRequest { set: set.clone() }).await.unwrap_err();
    let places: Vec<_> = refused.fields.iter().map(|e| (e.field.as_str(), e.problem, e.detail.as_deref())).collect();
    assert_eq!(
        places,
        [("clocks[0].limit", OutOfRange, None), ("clocks[1].when.kinds", UnknownOption, Some("grumble"))]
    );
    let mut set = preset("s3").unwrap();
    set.approver = "钱敏".into();
    set.effective_from = "2026-11-04".parse().unwrap();
    let saved = office.desk.save_rules(SaveRulesRequest { set: set.clone() }).await.unwrap();
    assert_eq!(saved.sets.iter().filter(|other| other.id == "s3").count(), 2, "the earlier version stays");
    let again = office.desk.save_rules(SaveRulesRequest { set }).await;
    assert_eq!(again.unwrap_err().code, Code::NothingChanged);
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}

/// R54: two working days; and a board that follows when the rules change, or a year becomes known.
#[tokio::test]
async fn the_board_follows_new_rules_and_years() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    office.goes_to("2026-11-03T09:00:00+08:00");
    office.register(json!({"received_at": "2026-11-03T08:41:00+08:00"})).await;
    assert!(office.queues().await.contains("due_today 1/0/0"), "the same day (R55)");
    office.sits("钱敏").await;
    office.desk.adopt_preset(adopt("s3", "2026-11-03", "钱敏")).await.unwrap();
    office.sits("孙丽").await;
    assert!(!office.queues().await.contains("due_today"), "two working days instead");
    office.goes_to("2026-12-31T09:00:00+08:00");
    let id = office.register(json!({"received_at": "2026-12-31T08:41:00+08:00"})).await;
    let clock = office.desk.show(id).await.unwrap().clocks.remove(0);
    assert_eq!((clock.due, clock.missing_year), (None, Some(2027)), "a year without data is not guessed");
    office.goes_to("2027-01-06T09:00:00+08:00");
    assert!(office.queues().await.contains("overdue 1/1/0"), "the November form alone");

    let years = |text: &str| ImportYearsRequest { text: text.into() };
    let notice = r#"{"year": 2027, "off": ["01-01..01-03"], "working": []}"#;
    assert_eq!(why(office.desk.import_years(years(notice)).await), "wrong_role");
    office.sits("钱敏").await;
    let bad = office.desk.import_years(years(r#"{"year": 2027, "off": ["02-30"]}"#)).await;
    assert_eq!(first_field(bad), ("off[0]".into(), Problem::NotADate));
    assert_eq!(office.desk.import_years(years(notice)).await.unwrap().years, [2026, 2027]);
    assert_eq!(office.desk.import_years(years(notice)).await.unwrap_err().code, Code::NothingChanged);
    office.sits("孙丽").await;
    assert!(office.queues().await.contains("overdue 2/2/0"), "now the New Year's form is known to be late, too");
    assert_eq!(office.desk.show(id).await.unwrap().clocks[0].due.as_deref(), Some("2027-01-06T00:00:00+08:00"));
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}

/// R80–R81, R89: scripts come with the words of this call, edits are the company's own.
#[tokio::test]
async fn scripts_are_filled_edited_and_found() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    let values =
        json!({"customer.name": "陈秀英", "customer.salutation": "ms", "kind": "complaint", "mood": "agitated"});
    let asked = |act: &str, query: &str| ScriptsRequest {
        act: act.into(),
        values: serde_json::from_value(values.clone()).unwrap(),
        query: query.into(),
        raw: false,
    };
    let shown = office.desk.scripts(asked("intake", "")).await.unwrap();
    assert!(!shown.suggested.is_empty() && shown.suggested.iter().all(|id| shown.scripts.iter().any(|s| s.id == *id)));
    let said = serde_json::to_string(&shown.scripts).unwrap();
    assert!(said.contains("良渚电器有限公司") && said.contains("孙丽") && !said.contains("{公司名}"), "{said}");
    let raw = office.desk.scripts(ScriptsRequest { raw: true, ..ScriptsRequest::default() }).await.unwrap();
    assert!(serde_json::to_string(&raw.scripts).unwrap().contains("{公司名}"));

    let own: Script = serde_json::from_value(json!({
        "id": "", "version": 0, "title": " 燃气安全 ", "group": "本公司", "when": {"acts": ["intake"]},
        "say": ["{姓}{称谓}，请先关闭阀门。", " "],
    }))
    .unwrap();
    assert_eq!(why(office.desk.save_script(own.clone()).await), "wrong_role");
    office.sits("钱敏").await;
    let untitled = Script { title: "  ".into(), ..own.clone() };
    assert_eq!(first_field(office.desk.save_script(untitled).await), ("title".into(), Problem::Required));
    let saved = office.desk.save_script(own).await.unwrap().scripts.pop().unwrap();
    assert_eq!((saved.title.as_str(), saved.version, saved.say.len()), ("燃气安全", 1, 1));
    assert_eq!(office.desk.save_script(saved.clone()).await.unwrap_err().code, Code::NothingChanged);
    let found = office.desk.scripts(asked("intake", "燃气 阀门")).await.unwrap();
    assert_eq!(found.scripts.len(), 1);
    assert!(found.scripts[0].say[0].starts_with("陈"), "{}", found.scripts[0].say[0]);
    let retired = Script { retired: true, ..saved.clone() };
    let all = office.desk.save_script(retired).await.unwrap().scripts;
    assert_eq!(all.iter().find(|script| script.id == saved.id).unwrap().version, 2);
    assert!(office.desk.scripts(asked("intake", "燃气 阀门")).await.unwrap().scripts.is_empty(), "put away, not gone");

    let hits = office.desk.check_reply(&ReplyRequest { text: "这不归我们管，您自己看着办。".into() });
    assert!(!hits.is_empty() && hits.iter().all(|hit| !hit.instead.is_empty()));
}
