//! The one search box finds what people type, and nothing else.
#![allow(clippy::unwrap_used, reason = "tests")]

use kefu_testkit::TempStore;
use serde_json::{Value, json};
use uuid::Uuid;

/// Registers each form and checks that each query finds exactly the forms named, newest first.
async fn check(forms: &[Value], queries: &[(&str, &[usize])]) {
    let desk = TempStore::new().await;
    let mut numbers = Vec::new();
    for form in forms {
        numbers.push(desk.register(form.clone()).await.1);
    }
    for (query, expected) in queries {
        let (found, _) = desk.store.find(query, 50, Uuid::nil()).await.unwrap();
        let found: Vec<_> =
            found.rows.iter().map(|row| numbers.iter().position(|n| *n == row.number).unwrap()).collect();
        assert_eq!(found, *expected, "{query:?}");
    }
}

fn said(text: &str) -> Value {
    json!({"description": {"text": text, "marks": []}})
}

fn named(name: &str) -> Value {
    json!({"customer.name": name})
}

#[tokio::test]
async fn chinese_text_of_any_length() {
    check(
        &[said("火焰突然熄灭，显示 E1"), said("遥控器语音键按坏了"), said("售後網點名單（繁體）"), said("断𠮷㛃䶮裂")],
        &[
            ("焰", &[0]),
            ("灭", &[0]),
            ("火焰", &[0]),
            ("突然熄", &[0]),
            ("火焰突然熄灭", &[0]),
            ("焰突", &[0]),
            ("火突", &[]),
            ("熄灭显示", &[]),
            ("火焰 E1", &[0]),
            ("e1", &[0]),
            ("遥控器语音键按坏", &[1]),
            ("售后网点", &[2]),
            ("售後網點", &[2]),
            ("名单", &[2]),
            ("𠮷", &[3]),
            ("𠮷㛃䶮", &[3]),
            ("裂", &[3]),
        ],
    )
    .await;
}

#[tokio::test]
async fn names_by_character_and_pinyin() {
    check(
        &[
            named("单雄信"),
            named("解敏"),
            named("仇卫东"),
            named("尤芳"),
            named("阿依古丽·买买提"),
            named("O'Brien Liam"),
            named("吕绿"),
            named("Müller"),
        ],
        &[
            ("lv", &[6]),
            ("lvlv", &[6]),
            ("lulu", &[6]),
            ("lülü", &[6]),
            ("LÜ", &[6]),
            ("ll", &[6]),
            ("müller", &[7]),
            ("mü", &[7]),
            ("单雄信", &[0]),
            ("shanxiongxin", &[0]),
            ("sxx", &[0]),
            ("xiongxin", &[0]),
            ("xiemin", &[1]),
            ("xm", &[1]),
            ("qiuwd", &[]),
            ("qiuweidong", &[2]),
            ("qwd", &[2]),
            ("youfang", &[3]),
            ("阿依古丽买买提", &[4]),
            ("买买提", &[4]),
            ("ayglmmt", &[4]),
            ("O'Brien", &[5]),
            ("obrien", &[5]),
            ("Liam", &[5]),
            ("ＬＩＡＭ", &[5]),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_from_both_ends() {
    check(
        &[
            json!({"customer.phone": "138 0013 8021", "product.serial": "LN16-2409-003817"}),
            json!({"customer.phone": "0579-8552 7733 转 801", "product.contract_number": "CM-2025-4471"}),
            json!({"customer.phone": "+852 2345 6789", "product.order_number": "2026110600231188"}),
            json!({"customer.phone": "０５７１－８８９０ １２６６", "customer.phone2": "13777883410"}),
        ],
        &[
            ("8021", &[0]),
            ("13800138021", &[0]),
            ("138 0013 8021", &[0]),
            ("+86 138 0013 8021", &[0]),
            ("138-0013", &[0]),
            ("003817", &[0]),
            ("LN16-2409-003817", &[0]),
            ("ln162409", &[0]),
            ("7733", &[1]),
            ("0579-8552 7733 转 801", &[1]),
            ("CM-2025-4471", &[1]),
            ("4471", &[1]),
            ("6789", &[2]),
            ("+852 2345 6789", &[2]),
            ("1188", &[2]),
            ("1266", &[3]),
            ("0571-88901266", &[3]),
            ("3410", &[3]),
            ("KF-20261112-T1-0002", &[1]),
            ("kf20261112t10002", &[1]),
            ("0004", &[3]),
        ],
    )
    .await;
}

#[tokio::test]
async fn codes_and_dates_are_no_text() {
    check(
        &[
            json!({"channel": "app", "product.purchased_on": "2025-03-04", "demands": ["refund"],
                "consents": {"visit": "2026-11-02T08:45:00+08:00"}}),
            json!({"channel": "other", "product.warranty": "in", "customer.type": "person"}),
            json!({"product.name": "other APP 2025"}),
        ],
        &[
            ("hotline", &[]),
            ("complaint", &[]),
            ("product_fault", &[]),
            ("refund", &[]),
            ("person", &[]),
            ("in", &[]),
            ("app", &[2]),
            ("other", &[2]),
            ("2025", &[2]),
            ("2025-03-04", &[]),
            ("2026-11-02T08:45:00+08:00", &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_looks_like_syntax_is_only_text() {
    let mut form = named("=HYPERLINK(\"http://x\",\"点我\")");
    form["customer.phone"] = json!("138 0013 8021");
    let forms = [form];
    let queries: &[(&str, &[usize])] = &[
        ("点我", &[0]),
        ("=HYPERLINK", &[0]),
        ("\"", &[]),
        ("*", &[]),
        ("name:x OR 1", &[]),
        ("NOT", &[]),
        (")(", &[]),
        ("😡", &[]),
        ("Ⓐ", &[]),
        ("🄰", &[]),
        ("①", &[]),
        ("㈱", &[]),
        ("\u{e34}", &[]), // a vowel sign alone
        ("", &[]),
        ("   ", &[]),
    ];
    check(&forms, queries).await;
}

#[tokio::test]
async fn the_excerpt_shows_the_hit() {
    let desk = TempStore::new().await;
    let long = format!("{}扫地机器人尘盒里有头发。{}", "前言很长。".repeat(60), "后语也长。".repeat(60));
    desk.register(said(&long)).await;
    let (found, _) = desk.store.find("尘盒", 5, Uuid::nil()).await.unwrap();
    assert!(found.rows[0].excerpt.starts_with('…') && found.rows[0].excerpt.contains("尘盒里有头发"));
}

#[tokio::test]
async fn known_customers_are_offered_with_their_forms() {
    use kefu_local::Caller;
    let desk = TempStore::new().await;
    let heater = json!({"customer.phone": "138 0013 8021", "product.name": "热水器", "customer.address": "良渚街道"});
    desk.register(heater.clone()).await;
    desk.register(json!({"customer.name": "陈小二", "customer.phone": "13800139999"})).await;
    let mut again = heater.clone();
    again["customer.phone"] = json!("13800138021");
    let (_, last) = desk.register(again).await;

    let known = desk.store.known_customers(Caller::Phone("1380013")).await.unwrap();
    let names: Vec<_> = known.iter().map(|k| (k.name.as_str(), k.count)).collect();
    assert_eq!(names, [("陈秀英", 2), ("陈小二", 1)], "one customer, however the number was spaced");
    assert_eq!(known[0].forms[0].number, last);
    assert_eq!(known[0].values["customer.address"], "良渚街道");
    assert!(!known[0].values.contains_key("description"));
    for typed in [Caller::Name("陈秀"), Caller::Name("chenxiu"), Caller::Name("cxy"), Caller::Phone("+86 138 0013 802")]
    {
        assert_eq!(desk.store.known_customers(typed).await.unwrap()[0].name, "陈秀英", "{typed:?}");
    }
    for typed in [Caller::Phone("138"), Caller::Name("陈"), Caller::Phone("8021")] {
        assert!(desk.store.known_customers(typed).await.unwrap().is_empty(), "{typed:?}");
    }
}
