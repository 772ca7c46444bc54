//! A return visit in the real window: due after the desk closed the form, refused to who handled it, made by a colleague
//! beside the number to dial, and on paper.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use kefu_e2e::{Window, kefu, kefu_as, key};
use serde_json::{Value, json};

const ADMIN: &str = "zheng hua 2026";
const RECEPTION: &str = "sun li 2026";

#[tokio::test]
#[ignore = "needs a screen and a keyring; `cargo xtask test` gives it both"]
async fn a_colleague_makes_the_visit() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("desk");
    kefu(&folder, ADMIN, &["init", "--company", "良渚电器有限公司", "--member", "郑华", "--employee-number", "100"]);
    let member = ["member", "add", "--name", "孙丽", "--employee-number", "108", "--roles", "reception"];
    kefu_as(&folder, ADMIN, &[&member[..], &["--passphrase-env", "P108"]].concat(), &[("P108", RECEPTION)]);
    let all: Vec<Value> = serde_json::from_str(include_str!("../fixtures/complaints.json")).unwrap();
    let file = top.path().join("form.json");
    std::fs::write(&file, all[0].to_string()).unwrap();
    let lines = kefu(&folder, RECEPTION, &["register", file.to_str().unwrap()]);
    let number = lines[0]["number"].as_str().unwrap().to_string();
    let settle = json!({"values": {"settled_on_spot": true, "outcome.result": "当场指导复位，点火正常",
        "outcome.told_means": "phone", "outcome.response": ["support"]}});
    std::fs::write(&file, settle.to_string()).unwrap();
    kefu(&folder, RECEPTION, &["act", &number, "settle", "--json", file.to_str().unwrap()]);
    kefu(&folder, RECEPTION, &["act", &number, "close"]);

    let window = Window::open(&folder).await;
    window.see("[data-sitting=郑华]").await;
    window.see("[data-act=visits]").await.click().await.unwrap();
    window.see("[data-filter=open]").await;
    window.press(&[], '5').await;
    window.see("[role=grid] [data-visit]").await;
    window.read("[data-total]", "1").await;
    window.picture("visits-list").await;
    window.press(&[], key::ENTER).await;
    window.see("[data-dial]").await;
    window.read("[data-dial]", "138").await;
    window.picture("visits-page").await;

    // The first question has the focus; digits answer, Enter goes on.
    assert_eq!(window.focus().await, "answer.solved");
    for (digit, field) in [('3', "quality"), ('3', "speed"), ('2', "skill"), ('4', "attitude"), ('4', "use")] {
        window.press(&[], digit).await;
        window.press(&[], key::ENTER).await;
        assert_eq!(window.focus().await, format!("answer.{field}"));
    }
    window.type_text("水温忽冷忽热").await;
    window.press(&[], key::ENTER).await;
    window.press(&[], '4').await;
    window.press(&[], key::ENTER).await;
    window.press(&[], key::ENTER).await;
    window.type_text("上门前先来电话").await;
    window.see("[data-group=unsolved] [data-option=reopen]").await.click().await.unwrap();
    window.picture("visits-answered").await;
    window.press(&[key::CONTROL], 's').await;
    window.see("[data-state=done]").await;
    window.read("[data-goes-on]", &number).await;
    window.see("[data-act=improve]").await.click().await.unwrap();
    window.see("[data-dialog=confirm] [data-field=content]").await;
    window.picture("visits-improvement").await;
    window.press(&[], key::ESCAPE).await;
    window.picture("visits-done").await;
    window.press(&[key::CONTROL], 'p').await;
    window.see("[data-dialog=print] canvas").await;
    window.picture("visits-print").await;
    window.press(&[], key::ESCAPE).await;
    window.close().await;
}
