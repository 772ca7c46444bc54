//! Four colleagues in the real window, one after another: the heater complaint goes along path B to the archive, the
//! remote control's question along path A, and each of the four sees what waits for him and nothing to press beyond it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use kefu_e2e::process::{self, chosen, does, fills, opens};
use kefu_e2e::{Window, kefu, kefu_as, key};
use serde_json::Value;

const ADMIN: &str = "zheng hua 2026";

/// Name, 工号, department, role, passphrase; their digits in the switcher follow the founder's.
const STAFF: [(&str, &str, &str, &str, &str); 3] = [
    ("孙丽", "108", "客户服务中心", "reception", "sun li 2026"),
    ("吴静", "120", "客户服务中心", "records", "wu jing 2026"),
    ("李强", "210", "技术支持部", "handler", "li qiang 2026"),
];

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
    for (name, number, department, role, own) in STAFF {
        let variable = format!("P{number}");
        let member = ["member", "add", "--name", name, "--employee-number", number, "--department", department];
        let rest = ["--roles", role, "--passphrase-env", &variable];
        kefu_as(&folder, ADMIN, &[&member[..], &rest].concat(), &[(&variable, own)]);
    }
    let (heater, question) = two_forms(top.path(), &folder);
    let window = Window::open(&folder).await;
    window.see("[data-sitting=郑华]").await;

    sits(&window, 0).await;
    opens(&window, "mine", &heater).await;
    window.painted("four-registered").await;
    does(&window, "pass_on", &[], "to_dispatch").await;

    sits(&window, 1).await;
    opens(&window, "to_dispatch", &heater).await;
    chosen(&window, "dispatch").await;
    window.painted("four-dispatching").await;
    fills(&window, &[("dispatch.department", "技术支持部"), ("dispatch.handler", "李强")], "dispatched").await;

    sits(&window, 2).await;
    opens(&window, "to_accept", &heater).await;
    window.see("[data-act=more-acts]").await.click().await.unwrap();
    window.read("[data-impossible=close]", "").await;
    window.painted("four-not-his").await;
    does(&window, "accept", &[], "handling").await;
    let answer = [
        ("handling.solution", "上门更换内胆，免收材料费"),
        ("handling.promised_at", "2030-12-02 18:00"),
        ("handling.replied_means", "1"),
    ];
    chosen(&window, "answer").await;
    window.painted("four-answering").await;
    fills(&window, &answer, "answered").await;
    does(&window, "carry_out", &[], "carrying_out").await;
    does(&window, "hand_back", &[("outcome.result", "已更换内胆，试机正常")], "to_inform").await;

    sits(&window, 0).await;
    opens(&window, "to_inform", &heater).await;
    does(&window, "inform", &[("outcome.response", "4"), ("outcome.told_means", "1")], "informed").await;
    window.painted("four-informed").await;
    does(&window, "close", &[], "closed").await;

    // Path A: settled at the desk.
    opens(&window, "mine", &question).await;
    let settled =
        [("outcome.result", "告知配对方法，客户已配对成功"), ("outcome.response", "6"), ("outcome.told_means", "1")];
    chosen(&window, "settle").await;
    window.painted("four-settling").await;
    fills(&window, &settled, "informed").await;
    does(&window, "close", &[], "closed").await;

    sits(&window, 1).await;
    for number in [&heater, &question] {
        opens(&window, "to_file", number).await;
        does(&window, "file", &[("filing.retention", "2")], "archived").await;
    }
    window.painted("four-archived").await;
    window.press(&[key::CONTROL], 'b').await;
    window.see("[data-queue=to_file]").await;
    window.painted("four-board-empty").await;
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

/// One of the staff takes the seat.
async fn sits(window: &Window, nth: usize) {
    process::sits(window, STAFF[nth].0, STAFF[nth].4).await;
}
