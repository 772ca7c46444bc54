//! The channels are checked regularly (R23): set up, due on the board, logged, late, a fault that stands.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod office;

use kefu_app::wire::*;
use office::{Office, why};

fn set(code: &str, every: u32, who: &str) -> SaveChannelRequest {
    let routine = Routine { every: Some(every), who: who.into(), how: "外线拨打".into() };
    SaveChannelRequest { code: code.into(), routine }
}

fn check(code: &str, result: &str, note: &str) -> CheckChannelRequest {
    CheckChannelRequest { code: code.into(), result: result.into(), note: note.into(), follow_up: String::new() }
}

fn row(channels: Channels, code: &str) -> ChannelRow {
    channels.rows.into_iter().find(|row| row.code == code).unwrap()
}

async fn seen(office: &Office, code: &str) -> ChannelRow {
    row(office.desk.channels().await.unwrap(), code)
}

/// R23: who is asked sees it on the board on its day, whoever logs it, and the next is counted from there.
#[tokio::test]
async fn a_channel_is_checked_once_a_working_week() {
    let office = Office::new().await;
    office.sits("孙丽").await;
    assert_eq!(why(office.desk.save_channel(set("hotline", 5, "接待")).await), "wrong_role");
    assert!(!office.queues().await.contains("channels"), "nothing is checked yet");
    office.sits("钱敏").await;
    let laid = row(office.desk.save_channel(set("热线", 5, "接待")).await.unwrap(), "hotline");
    assert_eq!((laid.routine.who.as_str(), laid.due.as_deref()), ("reception", Some("2026-11-09")), "R23");
    assert!(laid.mine && !laid.is_due, "the supervisor sees to it");

    office.goes_to("2026-11-09T09:00:00+08:00");
    for (name, expected) in [("孙丽", true), ("钱敏", true), ("何平", false), ("郑洁", false), ("周工", false)]
    {
        office.sits(name).await;
        assert_eq!(office.queues().await.contains("channels 1/0/0"), expected, "R23: {name}");
    }
    office.goes_to("2026-11-10T09:00:00+08:00");
    office.sits("孙丽").await;
    assert!(office.queues().await.contains("channels 1/1/0"), "R23: the day is over");
    assert!(seen(&office, "hotline").await.overdue);

    office.sits("周工").await;
    assert_eq!(why(office.desk.check_channel(check("hotline", "normal", "")).await), "wrong_role");
    office.sits("孙丽").await;
    let done = row(office.desk.check_channel(check("热线", "normal", "两声接起")).await.unwrap(), "hotline");
    assert_eq!((done.due.as_deref(), done.is_due), (Some("2026-11-17"), false), "R23: five working days from now");
    assert_eq!(done.last.map(|last| (last.by, last.note)), Some(("孙丽".into(), "两声接起".into())));
    assert!(!office.queues().await.contains("channels"));
    assert!(office.desk.verify().await.unwrap().problems.is_empty());
}

/// R23: a fault has to be described, stands until a check finds none, and the log keeps everything.
#[tokio::test]
async fn a_fault_stands_and_the_log_keeps_it() {
    let office = Office::new().await;
    office.sits("钱敏").await;
    let all = office.desk.suggest_channels().await.unwrap();
    let checked = all.rows.iter().filter(|row| row.routine.every == Some(5) && row.routine.who == "supervisor");
    assert_eq!((checked.count(), all.suggested), (8, 0), "R23, S0: each at which there is something to try");
    assert!(seen(&office, "visit").await.routine.every.is_none());
    assert_eq!(seen(&office, "email").await.due.as_deref(), Some("2026-11-09"));

    let mute = office.desk.check_channel(check("email", "fault", " ")).await.unwrap_err();
    assert_eq!((mute.code, mute.fields[0].field.as_str()), (Code::InvalidFields, "note"));
    office.sits("孙丽").await;
    let form = office.register(serde_json::json!({"received_at": "2026-11-02T08:41:00+08:00"})).await;
    let number = office.desk.show(form).await.unwrap().number;
    let broken = CheckChannelRequest { follow_up: number.to_lowercase(), ..check("email", "fault", "来信被退回") };
    let broken = row(office.desk.check_channel(broken).await.unwrap(), "email");
    assert_eq!(broken.fault.as_ref().unwrap().note, "来信被退回");
    assert_eq!(broken.fault.unwrap().form, Some(form), "R23: what follows from it is one step away");
    for day in 3..=6 {
        office.goes_to(&format!("2026-11-0{day}T09:00:00+08:00"));
        office.desk.check_channel(check("email", "fault", "仍退信")).await.unwrap();
    }
    assert_eq!(seen(&office, "email").await.fault.unwrap().note, "来信被退回", "since the first of them");
    office.goes_to("2026-11-07T09:00:00+08:00");
    let mended = row(office.desk.check_channel(check("email", "normal", "")).await.unwrap(), "email");
    assert_eq!(mended.fault, None, "R23: in order again");

    let part = |before| ChannelLogRequest { code: "email".into(), before, limit: 4 };
    let latest = office.desk.channel_log(part(None)).await.unwrap();
    assert_eq!((latest.checks.len(), latest.more, latest.checks[0].result.as_str()), (4, true, "normal"));
    let older = office.desk.channel_log(part(latest.checks.last().map(|one| one.id))).await.unwrap();
    assert_eq!((older.checks.len(), older.more), (2, false), "R23: the log is whole");
    assert_eq!(older.checks[1].note, "来信被退回");
}

/// A year without a calendar is said, not guessed; known, the day is there.
#[tokio::test]
async fn the_years_end() {
    let office = Office::new().await;
    office.goes_to("2026-12-30T09:00:00+08:00");
    office.sits("钱敏").await;
    let laid = row(office.desk.save_channel(set("wechat", 5, "")).await.unwrap(), "wechat");
    assert_eq!((laid.due, laid.missing_year, laid.is_due), (None, Some(2027), false), "R23: not guessed");
    office.goes_to("2027-01-04T09:00:00+08:00");
    let unknown = seen(&office, "wechat").await;
    assert_eq!((unknown.is_due, unknown.overdue), (true, false), "five days have passed, so it may be due");
    let years = r#"{"year": 2027, "off": ["01-01..01-03"], "working": []}"#;
    office.desk.import_years(ImportYearsRequest { text: years.into() }).await.unwrap();
    let known = seen(&office, "wechat").await;
    assert_eq!((known.due.as_deref(), known.missing_year, known.is_due), (Some("2027-01-07"), None, false));
}

/// R23: told once a check is due, in working hours, to whom it is asked of, and once.
#[tokio::test]
async fn who_is_asked_is_alerted_in_working_hours() {
    let office = Office::new().await;
    office.sits("钱敏").await;
    office.desk.save_channel(set("hotline", 1, "郑洁")).await.unwrap();
    let told = async |moment: &str| {
        office.goes_to(moment);
        let alerts = office.desk.alerts().await.unwrap().alerts;
        kefu_app::notice(&alerts)
    };
    assert_eq!(told("2026-11-03T10:00:00+08:00").await, None, "the supervisor is not asked himself");
    office.sits("郑洁").await;
    assert_eq!(told("2026-11-03T07:00:00+08:00").await, None, "not before work begins");
    let expected = Some(("渠道检查到期".to_string(), "热线".to_string()));
    assert_eq!(told("2026-11-03T09:30:00+08:00").await, expected, "R23");
    assert_eq!(told("2026-11-04T10:00:00+08:00").await, None, "once");
    office.desk.check_channel(check("hotline", "normal", "")).await.unwrap();
    assert_eq!(told("2026-11-04T11:00:00+08:00").await, None);
    assert_eq!(told("2026-11-05T23:30:00+08:00").await, None, "nor in the evening");
    assert_eq!(told("2026-11-06T10:00:00+08:00").await, expected, "the next one is news again");
}
