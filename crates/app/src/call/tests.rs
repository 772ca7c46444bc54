//! Guards how calls are read, where they wait, and what becomes of them.

use std::sync::Arc;

use kefu_testkit::{MemoryRing, form, now};

use super::*;
use crate::wire::{RegisterRequest, SetupRequest, UnlockRequest};

#[track_caller]
fn check(address: &str, expected: Result<(&str, Option<u32>, &str, &str), BadCall>) {
    let read = read_call(address, now());
    let seen = read.as_ref().map(|c| (c.from.as_str(), c.rings, c.to.as_str(), c.at.as_str())).map_err(|bad| *bad);
    assert_eq!(seen, expected, "{address}");
    if let Ok(call) = &read {
        assert_eq!(read_call(&call_address(call), now()).as_ref(), Ok(call), "{address} does not read back");
    }
}

#[test]
fn addresses_are_read_strictly() {
    const NOW: &str = "2026-11-12T10:00:00+08:00";
    check("kefu://call?from=13800138021&rings=5", Ok(("13800138021", Some(5), "", NOW)));
    check("KEFU://Call/?from=%2B86%20138-0013-8021", Ok(("+86 138-0013-8021", None, "", NOW)));
    check("kefu://call?from=+8613800138021&rings=0#x", Ok(("+8613800138021", Some(0), "", NOW)));
    check("kefu://call?from=0571-88881234%E8%BD%AC801&to=400-820-8820", {
        Ok(("0571-88881234转801", None, "400-820-8820", NOW))
    });
    check("kefu://call?from=sip:13800138021@10.0.0.2;user=phone", Ok(("13800138021", None, "", NOW)));
    check("kefu://call?from=tel:057188881234", Ok(("057188881234", None, "", NOW)));
    check("kefu://call?from=&rings=2", Ok(("", Some(2), "", NOW)));
    check("kefu://call?from=Anonymous", Ok(("", None, "", NOW)));
    check("kefu://call?from=110&line=3&agent=x", Ok(("110", None, "", NOW)));
    check("kefu://call?from=110&at=2026-11-12T09:58:00+08:00", Ok(("110", None, "", "2026-11-12T09:58:00+08:00")));
    check("kefu://call?from=110&at=2026-11-12T09:58:00", Ok(("110", None, "", "2026-11-12T09:58:00+08:00")));
    check("kefu://call?from=110&at=2026-11-12T10:03:00%2B08:00", Ok(("110", None, "", NOW)));

    let long = format!("kefu://call?from=13800138021&note={}", "长".repeat(200));
    for other in ["", "call?from=110", "http://call?from=110", "kefu:call?from=110", "kefu://form?from=110", &long] {
        check(other, Err(BadCall::NotACall));
    }
    for cut in ["kefu://call?from=%E8%BD", "kefu://call?from=1%2", "kefu://call?from=1%zz", "kefu://call?from=11%00"] {
        check(cut, Err(BadCall::NotACall));
    }
    check("kefu://call", Err(BadCall::NoFrom));
    check("kefu://call?rings=3", Err(BadCall::NoFrom));
    check("kefu://call?from=110&from=119", Err(BadCall::Twice));
    for bad in ["12", "陈秀英", "138x", "123456789012345678901234", "<script>"] {
        check(&format!("kefu://call?from={bad}"), Err(BadCall::Number));
    }
    check("kefu://call?from=110&to=x", Err(BadCall::Number));
    for bad in ["-1", "61", "3.5", "three", "99999999999"] {
        check(&format!("kefu://call?from=110&rings={bad}"), Err(BadCall::Rings));
    }
    for bad in ["yesterday", "2026-11-12", "2026-11-12T10:06:00+08:00", "2026-11-11T09:59:00+08:00"] {
        check(&format!("kefu://call?from=110&at={bad}"), Err(BadCall::Time));
    }
}

#[test]
fn a_call_that_is_printed_names_nobody() {
    let call = read_call("kefu://call?from=13800138021&rings=5&to=4008208820", now()).unwrap();
    let printed = format!("{call:?}");
    assert!(printed.contains('5') && !printed.contains("8021") && !printed.contains("8820"), "{printed}");
}

const PASSPHRASE: &str = "八个字符的口令啊";

async fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(folder.path(), Arc::new(MemoryRing::default()), Arc::new(now));
    desk.setup(SetupRequest {
        company: "晨曦电器".into(),
        member: "周敏".into(),
        employee_number: "0317".into(),
        post: "接待".into(),
        department: "客服部".into(),
        device_code: "A01".into(),
        passphrase: PASSPHRASE.into(),
    })
    .await
    .unwrap();
    (folder, desk)
}

#[tokio::test]
async fn calls_wait_for_the_locked_desk_and_become_drafts_of_their_own() {
    let (_folder, desk) = desk().await;
    let typed = Values::from([("customer.name".to_string(), json!("陈秀英"))]);
    let own = DraftSaveRequest { id: Uuid::now_v7(), values: typed.clone(), attachments: Vec::new(), call: None };
    let own = desk.save_draft(own).await.unwrap();
    desk.lock().await;
    desk.announce("kefu://call?from=13800138021&rings=2").unwrap();
    desk.announce("kefu://call?from=&rings=1").unwrap();
    desk.announce("kefu://call?from=13800138021&rings=5").unwrap();
    assert_eq!(desk.announce("kefu://call?from=abc"), Err(BadCall::Number));
    assert_eq!(desk.waiting_calls().count, 2, "the same number again is the same call");
    assert!(desk.take_calls().await.is_err(), "a locked desk gives no number away");
    assert_eq!(desk.waiting_calls().count, 2);

    desk.unlock(UnlockRequest::Passphrase(PASSPHRASE.into())).await.unwrap();
    let taken = desk.take_calls().await.unwrap();
    assert_eq!(desk.waiting_calls().count, 0);
    let [first, second] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!(
        json!(first.values),
        json!({
            "channel": "hotline", "customer.phone": "13800138021", "ring_count": 5,
            "received_at": "2026-11-12T10:00:00+08:00",
        })
    );
    assert!(!second.values.contains_key("customer.phone"));
    let kept = desk.drafts().await.unwrap();
    assert_eq!(kept.len(), 3);
    assert_eq!(
        kept.iter().find(|d| d.id == own.id).map(|d| &d.values),
        Some(&typed),
        "what was on screen is untouched"
    );
    assert!(kept.contains(first), "the call is on disk with its draft");
}

#[tokio::test]
async fn the_call_that_opened_the_intake_is_the_first_line_of_its_call_log() {
    let (_folder, desk) = desk().await;
    desk.announce("kefu://call?from=13800138021&rings=5&at=2026-11-12T09:58:00").unwrap();
    let draft = desk.take_calls().await.unwrap().remove(0);
    let mut values = form(json!({}));
    values.extend(draft.values.clone());
    let request = RegisterRequest { draft: Some(draft.id), values, attachments: Vec::new(), call: draft.call.clone() };
    let registered = desk.register(request.clone()).await.unwrap();
    let view = desk.show(registered.id).await.unwrap();
    let lines: Vec<_> = view.lists["calls"].iter().map(|line| json!(line.values)).collect();
    assert_eq!(
        lines,
        [json!({
            "at": "2026-11-12T09:58:00+08:00", "direction": "in", "number": "13800138021", "rings": 5,
            "outcome": "reached", "who": "周敏",
        })]
    );
    assert_eq!(view.values["picked_in_three"], json!(false), "R61");
    let forged = RegisterRequest {
        call: Some(Call { from: "<b>".into(), rings: None, to: String::new(), at: String::new() }),
        ..request
    };
    assert!(desk.register(forged).await.is_err());
}

#[test]
fn not_every_web_page_can_fill_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(folder.path(), Arc::new(MemoryRing::default()), Arc::new(now));
    let refused = (0..100).filter(|n| desk.announce(&format!("kefu://call?from=1380013{n:04}")).is_err()).count();
    assert_eq!((refused, desk.waiting_calls().count), (80, 20));
}
