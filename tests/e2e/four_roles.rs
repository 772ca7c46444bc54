//! Four colleagues in the real window, one after another: the heater complaint goes along path B to the archive, the
//! remote control's question along path A, and each of the four sees what waits for him and nothing to press beyond it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::process::Command;

use kefu_e2e::{Window, key};
use serde_json::Value;

const ADMIN: &str = "zheng hua 2026";

/// Name, 工号, department, role, passphrase; their digits in the switcher follow the founder's.
const STAFF: [(&str, &str, &str, &str, &str); 3] = [
    ("孙丽", "108", "客户服务中心", "reception", "sun li 2026"),
    ("吴静", "120", "客户服务中心", "records", "wu jing 2026"),
    ("李强", "210", "技术支持部", "handler", "li qiang 2026"),
];

/// The terminal, on the same desk; lines that it gave.
fn kefu(folder: &Path, passphrase: &str, arguments: &[&str]) -> Vec<Value> {
    let mut command = Command::new(std::env::var_os("KEFU_BIN").unwrap());
    command.args(arguments).arg("--data").arg(folder).env("KEFU_PASSPHRASE", passphrase);
    let done = STAFF.iter().fold(&mut command, |c, (_, number, .., own)| c.env(format!("P{number}"), own)).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Registers two of the twenty complaints as 孙丽: the heater and the question about the remote control.
fn two_forms(top: &Path, folder: &Path) -> (String, String) {
    let all: Vec<Value> = serde_json::from_str(include_str!("../fixtures/complaints.json")).unwrap();
    let question = all.iter().find(|form| form.to_string().contains("遥控")).unwrap();
    let file = top.join("two.json");
    std::fs::write(&file, serde_json::to_string(&[&all[0], question]).unwrap()).unwrap();
    let lines = kefu(folder, STAFF[0].4, &["register", file.to_str().unwrap()]);
    let number = |nth: usize| lines[nth]["number"].as_str().unwrap().to_string();
    (number(0), number(1))
}

#[tokio::test]
#[ignore = "needs a screen and a keyring; `cargo xtask test` gives it both"]
async fn four_colleagues_along_both_paths() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("desk");
    kefu(&folder, ADMIN, &["init", "--company", "良渚电器有限公司", "--member", "郑华", "--employee-number", "100"]);
    for (name, number, department, role, _) in STAFF {
        let variable = format!("P{number}");
        let member = ["member", "add", "--name", name, "--employee-number", number, "--department", department];
        kefu(&folder, ADMIN, &[&member[..], &["--roles", role, "--passphrase-env", &variable]].concat());
    }
    let (heater, question) = two_forms(top.path(), &folder);
    let window = Window::open(&folder).await;
    window.see("[data-sitting=郑华]").await;

    sits(&window, 0).await;
    opens(&window, "mine", &heater).await;
    picture(&window, "four-registered").await;
    does(&window, "pass_on", &[], "to_dispatch").await;

    sits(&window, 1).await;
    opens(&window, "to_dispatch", &heater).await;
    chosen(&window, "dispatch").await;
    picture(&window, "four-dispatching").await;
    fills(&window, &[("dispatch.department", "技术支持部"), ("dispatch.handler", "李强")], "dispatched").await;

    sits(&window, 2).await;
    opens(&window, "to_accept", &heater).await;
    window.see("[data-act=more-acts]").await.click().await.unwrap();
    window.read("[data-impossible=close]", "").await;
    picture(&window, "four-not-his").await;
    does(&window, "accept", &[], "handling").await;
    let answer = [
        ("handling.solution", "上门更换内胆，免收材料费"),
        ("handling.promised_at", "2030-12-02 18:00"),
        ("handling.replied_means", "1"),
    ];
    chosen(&window, "answer").await;
    picture(&window, "four-answering").await;
    fills(&window, &answer, "answered").await;
    does(&window, "carry_out", &[], "carrying_out").await;
    does(&window, "hand_back", &[("outcome.result", "已更换内胆，试机正常")], "to_inform").await;

    sits(&window, 0).await;
    opens(&window, "to_inform", &heater).await;
    does(&window, "inform", &[("outcome.response", "4"), ("outcome.told_means", "1")], "informed").await;
    picture(&window, "four-informed").await;
    does(&window, "close", &[], "closed").await;

    // Path A: settled at the desk.
    opens(&window, "mine", &question).await;
    let settled =
        [("outcome.result", "告知配对方法，客户已配对成功"), ("outcome.response", "6"), ("outcome.told_means", "1")];
    chosen(&window, "settle").await;
    picture(&window, "four-settling").await;
    fills(&window, &settled, "informed").await;
    does(&window, "close", &[], "closed").await;

    sits(&window, 1).await;
    for number in [&heater, &question] {
        opens(&window, "to_file", number).await;
        does(&window, "file", &[("filing.class", "个人 · 产品故障"), ("filing.retention", "2")], "archived").await;
    }
    picture(&window, "four-archived").await;
    window.press(&[key::CONTROL], 'b').await;
    window.see("[data-queue=to_file]").await;
    picture(&window, "four-board-empty").await;
    window.close().await;
    let logs =
        std::fs::read_dir(folder.join("logs")).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()));
    let logs: String = logs.map(Result::unwrap).collect();
    for told in ["陈秀英", "8021", "热水器", "李强", "内胆"] {
        assert!(!logs.contains(told), "the program's log says {told}");
    }
    let acts = kefu(&folder, ADMIN, &["show", &heater])[0]["timeline"].as_array().unwrap().clone();
    let acts: Vec<&str> = acts.iter().rev().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert_eq!(
        acts.join(" "),
        "register pass_on dispatch accept answer carry_out hand_back inform close file",
        "every step is in the log, and nothing else"
    );
}

/// A picture of what stands there once it was painted.
async fn picture(window: &Window, name: &str) {
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    window.picture(name).await;
}

/// One of the staff takes the seat by two keys; the first time he shows his passphrase.
async fn sits(window: &Window, nth: usize) {
    let (name, .., passphrase) = STAFF[nth];
    window.press(&[key::CONTROL], 'u').await;
    window.see(&format!("[data-seat={name}]")).await.click().await.unwrap();
    for _ in 0..100 {
        let there = format!(
            "return document.querySelector('[data-sitting={name}]') ? 'sits' : document.querySelector('[data-field=seat_passphrase]') ? 'asks' : ''"
        );
        match window.ask(&there).await.as_str() {
            Some("sits") => return,
            Some("asks") => break,
            _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
    window.see("[data-field=seat_passphrase]").await;
    window.type_text(passphrase).await;
    window.press(&[], key::ENTER).await;
    window.see(&format!("[data-sitting={name}]")).await;
}

/// Opens a form from a queue of the board.
async fn opens(window: &Window, queue: &str, number: &str) {
    window.press(&[key::CONTROL], 'b').await;
    window.see(&format!("[data-queue={queue}]")).await.click().await.unwrap();
    let row = format!("[data-row='{number}']");
    window.see(&row).await;
    picture(window, &format!("four-board-{queue}")).await;
    window.see(&row).await.click().await.unwrap();
    window.see(&format!("h1[data-number='{number}']")).await;
}

/// Chooses an act in the panel.
async fn chosen(window: &Window, act: &str) {
    window.see(&format!("[data-act=act-{act}]")).await.click().await.unwrap();
    window.see("[data-act=do]").await;
}

/// Fills in what the chosen act asks for, by keyboard, and does it.
async fn fills(window: &Window, given: &[(&str, &str)], state: &str) {
    for (field, typed) in given {
        window.tab_to(field).await;
        window.type_text(typed).await;
        if ["dispatch.department", "dispatch.handler"].contains(field) {
            tokio::time::sleep(std::time::Duration::from_millis(150)).await;
            window.press(&[], key::ENTER).await;
        }
    }
    window.press(&[key::CONTROL], 's').await;
    window.see(&format!("[data-state={state}]")).await;
}

async fn does(window: &Window, act: &str, given: &[(&str, &str)], state: &str) {
    chosen(window, act).await;
    fills(window, given, state).await;
}
