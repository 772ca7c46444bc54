//! Guards what notifications say, to whom, and that they say it once.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use kefu_testkit::{MemoryRing, form, now};
use serde_json::json;

use super::*;
use crate::wire::{RegisterRequest, SetupRequest};

type Hand = Arc<Mutex<DateTime<FixedOffset>>>;

/// A desk whose founder holds every role of a desk of one person, with the clock in the test's hand.
async fn desk() -> (tempfile::TempDir, Desk, Hand) {
    let folder = tempfile::tempdir().unwrap();
    let hand = Arc::new(Mutex::new(now()));
    let clock = hand.clone();
    let ring = Arc::new(MemoryRing::default());
    let desk = Desk::with(folder.path(), ring, Arc::new(move || *clock.lock().unwrap()));
    desk.setup(SetupRequest {
        company: "晨曦电器".into(),
        member: "周敏".into(),
        employee_number: "0317".into(),
        post: "接待".into(),
        department: "客服部".into(),
        device_code: "A01".into(),
        passphrase: "八个字符的口令啊".into(),
    })
    .await
    .unwrap();
    (folder, desk, hand)
}

async fn registered(desk: &Desk, received: &str) -> String {
    let values = form(json!({
        "received_at": received, "customer.name": "陈秀英", "customer.phone": "13800138021", "customer.address": "文三路9号",
    }));
    let request = RegisterRequest { draft: None, values, attachments: Vec::new(), call: None };
    desk.register(request).await.unwrap().number
}

fn ahead(hand: &Hand, minutes: i64) {
    *hand.lock().unwrap() += TimeDelta::minutes(minutes);
}

async fn news(desk: &Desk) -> Vec<News> {
    desk.alerts().await.unwrap().alerts.into_iter().map(|alert| alert.news).collect()
}

#[tokio::test]
async fn each_step_is_told_once_also_after_a_restart() {
    let (folder, desk, hand) = desk().await;
    registered(&desk, "2026-11-12T09:59:00+08:00").await;
    assert_eq!(news(&desk).await, [], "who registered it knows");
    let counts = desk.alerts().await.unwrap();
    assert_eq!((counts.to_do, counts.overdue), (1, 0));
    // S2 answers on the day of receipt; a day later that is past, and told once.
    ahead(&hand, 24 * 60);
    let first = news(&desk).await;
    assert!(matches!(first.as_slice(), [News::Overdue(_), ..]), "{first:?}");
    assert_eq!(news(&desk).await, []);
    desk.lock().await;
    let clock = hand.clone();
    let again = Desk::with(folder.path(), Arc::new(MemoryRing::default()), Arc::new(move || *clock.lock().unwrap()));
    again.unlock(crate::wire::UnlockRequest::Passphrase("八个字符的口令啊".into())).await.unwrap();
    assert_eq!(news(&again).await, [], "a restart tells nothing twice");
    assert_eq!(again.alerts().await.unwrap().overdue, 1);
}

#[tokio::test]
async fn silence_holds_news_back_and_loses_none() {
    let (_folder, desk, hand) = desk().await;
    registered(&desk, "2026-11-12T09:59:00+08:00").await;
    ahead(&hand, 24 * 60);
    let mut preferences = desk.preferences().await.unwrap();
    (preferences.quiet_from, preferences.quiet_to) = ("09:00".into(), "11:00".into());
    desk.save_preferences(&preferences).await.unwrap();
    assert_eq!(news(&desk).await, []);
    preferences.quiet_from.clear();
    preferences.notifications = false;
    desk.save_preferences(&preferences).await.unwrap();
    assert_eq!(news(&desk).await, []);
    preferences.notifications = true;
    desk.save_preferences(&preferences).await.unwrap();
    assert_ne!(news(&desk).await, []);
}

#[tokio::test]
async fn a_locked_desk_tells_nothing() {
    let (_folder, desk, _) = desk().await;
    desk.lock().await;
    assert!(desk.alerts().await.is_err());
}

#[test]
fn quiet_hours_run_over_midnight() {
    let check = |from: &str, to: &str, at: &str, expected: bool| {
        let preferences = Preferences { quiet_from: from.into(), quiet_to: to.into(), ..Preferences::default() };
        let at = DateTime::parse_from_rfc3339(&format!("2026-11-12T{at}:00+08:00")).unwrap();
        assert_eq!(silent(&preferences, at), expected, "{from}–{to} at {at}");
    };
    check("22:00", "07:00", "22:00", true);
    check("22:00", "07:00", "03:00", true);
    check("22:00", "07:00", "07:00", false);
    check("22:00", "07:00", "12:00", false);
    check("12:00", "13:30", "12:59", true);
    check("12:00", "13:30", "13:30", false);
    check("", "07:00", "03:00", false);
    check("08:00", "08:00", "08:00", false);
    check("soon", "later", "08:00", false);
    assert!(silent(&Preferences { notifications: false, ..Preferences::default() }, now()));
}

/// Forms that wait for a dispatcher, received at an hour of a Thursday.
fn waiting(numbers: &[&str]) -> Vec<Watched> {
    let received = DateTime::parse_from_rfc3339("2026-11-12T09:00:00+08:00").unwrap();
    let facts = kefu_domain::clocks::Facts {
        kind: "complaint".into(),
        events: [("received", received), ("registered", received), ("passed_on", received)]
            .map(|(name, at)| (name.to_string(), at))
            .into(),
        ..Default::default()
    };
    let form = |number: &&str| Watched {
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, number.as_bytes()),
        number: number.to_string(),
        queues: vec!["to_dispatch"],
        holder: None,
        followers: Vec::new(),
        facts: facts.clone(),
    };
    numbers.iter().map(form).collect()
}

fn dispatcher(roles: &[&str]) -> Actor {
    let roles = roles.iter().map(|role| role.to_string()).collect();
    Actor { seat: Uuid::from_u128(7), name: "李文".into(), department: "客服部".into(), roles }
}

#[test]
fn nothing_of_working_time_is_told_outside_of_it() {
    let usual = ["s2", "statutory"].into_iter().filter_map(kefu_domain::rules::preset);
    let rules = RuleSets::new(usual, &kefu_domain::calendar::Years::shipped()).unwrap();
    let forms = waiting(&["KF-1"]);
    let told = |roles: &[&str], at: &str| {
        let at = DateTime::parse_from_rfc3339(at).unwrap();
        found(&forms, &dispatcher(roles), &rules, at).into_iter().map(|(.., news)| news).collect::<Vec<_>>()
    };
    assert!(told(&["records"], "2026-11-12T10:00:00+08:00").contains(&News::Entered("to_dispatch")));
    let natural = |n: &News| {
        let (News::Overdue(name) | News::Used(_, name)) = n else { return false };
        let all = rules.all().flat_map(|r| &r.set.clocks);
        all.filter(|clock| clock.name == *name).all(|clock| clock.runs_by_night())
    };
    for at in ["2026-11-12T23:30:00+08:00", "2026-11-14T23:30:00+08:00"] {
        assert!(told(&["records", "supervisor"], at).iter().all(natural), "{at}");
    }
    assert!(told(&["inspector"], "2026-11-20T10:00:00+08:00").iter().all(|n| matches!(n, News::Entered(_))));
}

#[test]
fn what_is_told_names_nobody() {
    let alert = |number: &str, news: News| Alert { number: number.into(), news };
    assert_eq!(notice(&[]), None);
    let one = [alert("KF-20261112-A01-0001", News::Entered("to_accept"))];
    assert_eq!(notice(&one), Some(("新到 · 待接收".into(), "KF-20261112-A01-0001".into())));
    let mut many = vec![alert("KF-1", News::Overdue("处理完毕".into()))];
    many.extend((2..=5).map(|n| alert(&format!("KF-{n}"), News::Used(80, "方案答复".into()))));
    let (title, body) = notice(&many).unwrap();
    assert_eq!(title, "5 条提醒，其中超时 1 条");
    assert_eq!(
        body,
        "已超时 · 处理完毕：KF-1\n时限已用 80% · 方案答复：KF-2\n时限已用 80% · 方案答复：KF-3\n另有 2 条，请看工作台"
    );
}

/// Planted personal data never reaches a notification: all that a desk with such a form tells is its number, names of
/// clocks and queues, and counts.
#[tokio::test]
async fn planted_personal_data_stays_out_of_notifications() {
    let (_folder, desk, hand) = desk().await;
    let number = registered(&desk, "2026-11-12T09:59:00+08:00").await;
    ahead(&hand, 4 * 24 * 60);
    let alerts = desk.alerts().await.unwrap();
    let (title, body) = notice(&alerts.alerts).unwrap();
    assert!(body.contains(&number));
    let told = format!("{title}\n{body}\n{alerts:?}");
    for planted in ["陈秀英", "13800138021", "8021", "文三路", "热水器", "周敏", "客服部"] {
        assert!(!told.contains(planted), "{planted} in {told}");
    }
}
