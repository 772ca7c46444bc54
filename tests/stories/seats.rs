//! Several members at one desk: each signs in with a passphrase of his own, they change places, leave, and are left in.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use kefu_app::Desk;
use kefu_app::wire::*;
use kefu_testkit::{MemoryRing, form, now};
use serde_json::json;
use uuid::Uuid;

const SUN: &str = "孙丽的口令足够长";
const LI: &str = "李强的口令足够长";
const ZHOU: &str = "周敏的口令足够长";

/// A desk of three: 孙丽 set it up, 李强 handles, 周敏 receives.
struct Office {
    folder: tempfile::TempDir,
    ring: Arc<MemoryRing>,
    seconds: Arc<AtomicI64>,
    sun: Uuid,
    li: Uuid,
    zhou: Uuid,
}

impl Office {
    async fn open() -> (Self, Desk) {
        let (folder, ring, seconds) = (tempfile::tempdir().unwrap(), Arc::default(), Arc::default());
        let mut office = Office { folder, ring, seconds, sun: Uuid::nil(), li: Uuid::nil(), zhou: Uuid::nil() };
        let desk = office.start();
        desk.setup(SetupRequest {
            company: "良渚电器有限公司".into(),
            member: "孙丽".into(),
            employee_number: "108".into(),
            post: "接待".into(),
            department: "客服部".into(),
            device_code: "A03".into(),
            passphrase: SUN.into(),
        })
        .await
        .unwrap();
        office.sun = desk.info().await.unwrap().seat;
        office.li = desk.save_member(member("李强", "210", &["handler"])).await.unwrap().id;
        office.zhou = desk.save_member(member("周敏", "109", &["reception"])).await.unwrap().id;
        for (id, passphrase) in [(office.li, LI), (office.zhou, ZHOU)] {
            desk.give_sign_in(SignInRequest { id, passphrase: passphrase.into() }).await.unwrap();
        }
        (office, desk)
    }

    /// The program, started anew.
    fn start(&self) -> Desk {
        let seconds = self.seconds.clone();
        let clock = move || now() + TimeDelta::seconds(seconds.load(Ordering::Relaxed));
        Desk::with(self.folder.path(), self.ring.clone(), Arc::new(clock))
    }
}

fn member(name: &str, number: &str, roles: &[&str]) -> MemberRequest {
    MemberRequest {
        id: None,
        name: name.into(),
        employee_number: number.into(),
        post: String::new(),
        department: "客服部".into(),
        phone_extension: String::new(),
        roles: roles.iter().map(ToString::to_string).collect(),
        active: true,
    }
}

/// The request that changes nothing of a listed member, with `over` done to it.
async fn changed(desk: &Desk, id: Uuid, over: impl FnOnce(&mut MemberRequest)) -> Result<Member, Failure> {
    let Member { name, employee_number, post, department, phone_extension, roles, active, .. } =
        desk.members().await.unwrap().members.into_iter().find(|member| member.id == id).unwrap();
    let mut request =
        MemberRequest { id: Some(id), name, employee_number, post, department, phone_extension, roles, active };
    over(&mut request);
    desk.save_member(request).await
}

fn to(id: Uuid, passphrase: Option<&str>) -> SwitchRequest {
    SwitchRequest { id, passphrase: passphrase.map(Into::into) }
}

async fn unlock(desk: &Desk, passphrase: &str) -> Result<String, Failure> {
    desk.unlock(UnlockRequest::Passphrase(passphrase.into())).await?;
    Ok(desk.info().await?.member)
}

async fn sitting(desk: &Desk) -> String {
    desk.info().await.unwrap().member
}

fn code(result: Result<impl Sized, Failure>) -> Option<Code> {
    result.err().map(|failure| failure.code)
}

#[tokio::test]
async fn who_sets_the_desk_up_can_do_everything_and_others_what_they_are_given() {
    let (_office, desk) = Office::open().await;
    let info = desk.info().await.unwrap();
    assert_eq!(info.roles, ["reception", "records", "handler", "supervisor", "admin"]);
    let listed = desk.members().await.unwrap();
    let rows: Vec<_> = listed.members.iter().map(|m| (m.name.as_str(), m.roles.len(), m.active, m.sign_in)).collect();
    assert_eq!(rows, [("孙丽", 5, true, true), ("李强", 1, true, true), ("周敏", 1, true, true)]);
    assert_eq!(listed.roles.len(), 9);
}

#[tokio::test]
async fn each_seat_opens_by_its_own_passphrase_and_only_that() {
    let (office, desk) = Office::open().await;
    for (passphrase, name) in [(LI, "李强"), (ZHOU, "周敏"), (SUN, "孙丽"), (LI, "李强")] {
        desk.lock().await;
        assert_eq!(unlock(&desk, passphrase).await.unwrap(), name);
    }
    // His own he changes himself; another's does not do for it.
    let change = |old: &str, new: &str| ChangePassphraseRequest { passphrase: old.into(), new_passphrase: new.into() };
    assert_eq!(code(desk.change_passphrase(change(SUN, "李强的新口令更长")).await), Some(Code::WrongPassphrase));
    desk.change_passphrase(change(LI, "李强的新口令更长")).await.unwrap();
    let desk = office.start();
    assert_eq!(code(unlock(&desk, LI).await), Some(Code::WrongPassphrase));
    assert_eq!(unlock(&desk, "李强的新口令更长").await.unwrap(), "李强");
    assert_eq!(unlock(&desk, SUN).await.unwrap(), "孙丽", "the others are untouched");
}

#[tokio::test]
async fn a_seat_asks_for_its_passphrase_once_until_the_desk_is_locked() {
    let (office, desk) = Office::open().await;
    assert_eq!(code(desk.switch_seat(to(office.li, None)).await), Some(Code::PassphraseRequired));
    assert_eq!(code(desk.switch_seat(to(office.li, Some(SUN))).await), Some(Code::WrongPassphrase), "not his own");
    assert_eq!(sitting(&desk).await, "孙丽", "a refusal moves nobody");
    assert_eq!(desk.switch_seat(to(office.li, Some(LI))).await.unwrap().member, "李强");
    for (id, name) in [(office.sun, "孙丽"), (office.li, "李强"), (office.sun, "孙丽")] {
        assert_eq!(desk.switch_seat(to(id, None)).await.unwrap().member, name, "without a passphrase");
    }
    let seats = desk.seats().await.unwrap();
    let rows: Vec<_> = seats.iter().map(|s| (s.name.as_str(), s.signed_in, s.sitting)).collect();
    assert_eq!(rows, [("孙丽", true, true), ("李强", true, false), ("周敏", false, false)]);

    desk.lock().await;
    assert_eq!(code(desk.switch_seat(to(office.li, None)).await), Some(Code::Locked));
    unlock(&desk, SUN).await.unwrap();
    assert_eq!(code(desk.switch_seat(to(office.li, None)).await), Some(Code::PassphraseRequired), "forgotten");
}

#[tokio::test]
async fn wrong_passphrases_slow_a_change_of_operator_down_too() {
    let (office, desk) = Office::open().await;
    for _ in 0..3 {
        assert_eq!(code(desk.switch_seat(to(office.li, Some("猜一个口令看看"))).await), Some(Code::WrongPassphrase));
    }
    assert_eq!(code(desk.switch_seat(to(office.li, Some(LI))).await), Some(Code::TooSoon));
    office.seconds.fetch_add(2, Ordering::Relaxed);
    assert_eq!(desk.switch_seat(to(office.li, Some(LI))).await.unwrap().member, "李强");
}

#[tokio::test]
async fn what_is_written_is_written_by_whoever_sits_there() {
    let (office, desk) = Office::open().await;
    let draft = Uuid::now_v7();
    let save = |values| DraftSaveRequest { id: draft, values, attachments: Vec::new(), call: None };
    desk.save_draft(save(form(json!({})))).await.unwrap();
    desk.switch_seat(to(office.zhou, Some(ZHOU))).await.unwrap();
    let kept = desk.drafts().await.unwrap();
    assert_eq!((kept.len(), kept[0].author.as_str()), (1, "孙丽"), "the draft stays with the machine");
    let values = kept[0].values.clone();
    let registered = desk
        .register(RegisterRequest { draft: Some(draft), values, attachments: Vec::new(), call: None })
        .await
        .unwrap();
    let view = desk.show(registered.id).await.unwrap();
    assert_eq!((&view.values["receiver.name"], &*view.timeline[0].member), (&json!("周敏"), "周敏"));
    desk.switch_seat(to(office.sun, None)).await.unwrap();
    let void = VoidRequest { id: registered.id, reason: "重复登记".into() };
    assert_eq!(desk.void_form(void).await.unwrap().timeline[0].member, "孙丽");
    assert!(desk.verify().await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn only_administrators_change_members_departments_and_the_keyring() {
    let (office, desk) = Office::open().await;
    desk.switch_seat(to(office.li, Some(LI))).await.unwrap();
    let refused = Some(Code::NotAllowed);
    assert_eq!(code(desk.save_member(member("王芳", "", &["admin"])).await), refused);
    assert_eq!(code(changed(&desk, office.li, |m| m.roles.push("admin".into())).await), refused);
    let sign_in = SignInRequest { id: office.sun, passphrase: "换成李强知道的".into() };
    assert_eq!(code(desk.give_sign_in(sign_in).await), refused);
    assert_eq!(code(desk.save_departments(DepartmentsRequest { departments: vec![] }).await), refused);
    assert_eq!(code(desk.renew_recovery(PassphraseRequest { passphrase: LI.into() }).await), refused);
    let mut preferences = desk.preferences().await.unwrap();
    preferences.idle_minutes = 30;
    desk.save_preferences(&preferences).await.unwrap();
    preferences.keyring_seat = false;
    assert_eq!(code(desk.save_preferences(&preferences).await), refused);
    assert_eq!(desk.members().await.unwrap().members.len(), 3, "looking is free");
}

#[tokio::test]
async fn whoever_leaves_cannot_sit_down_and_one_administrator_stays() {
    let (office, desk) = Office::open().await;
    desk.switch_seat(to(office.li, Some(LI))).await.unwrap();
    desk.switch_seat(to(office.sun, None)).await.unwrap();
    let gone = changed(&desk, office.li, |m| m.active = false).await.unwrap();
    assert!(!gone.active && !gone.sign_in);
    assert_eq!(code(desk.switch_seat(to(office.li, None)).await), Some(Code::NoSeat), "though he had signed in");
    assert_eq!(code(desk.switch_seat(to(office.li, Some(LI))).await), Some(Code::NoSeat));
    let sign_in = || SignInRequest { id: office.li, passphrase: LI.into() };
    assert_eq!(code(desk.give_sign_in(sign_in()).await), Some(Code::NoSeat));
    assert_eq!(code(unlock(&office.start(), LI).await), Some(Code::WrongPassphrase), "his slot is gone");
    office.seconds.fetch_add(10, Ordering::Relaxed);

    // Nor may the desk lose its only administrator; one who cannot sign in here does not count.
    for over in [(|m| m.active = false) as fn(&mut MemberRequest), |m| m.roles.retain(|role| role != "admin")] {
        assert_eq!(code(changed(&desk, office.sun, over).await), Some(Code::LastAdmin));
    }
    let wang = desk.save_member(member("王芳", "301", &["admin"])).await.unwrap();
    assert_eq!(
        code(changed(&desk, office.sun, |m| m.active = false).await),
        Some(Code::LastAdmin),
        "王芳 cannot sign in"
    );
    desk.give_sign_in(SignInRequest { id: wang.id, passphrase: "王芳的口令足够长".into() }).await.unwrap();
    changed(&desk, office.sun, |m| m.active = false).await.unwrap();
    assert_eq!(desk.status().stage, Stage::Locked, "whoever retires himself gets up");
    assert_eq!(code(unlock(&desk, SUN).await), Some(Code::WrongPassphrase));

    // He may come back, with a new sign-in.
    assert_eq!(unlock(&desk, "王芳的口令足够长").await.unwrap(), "王芳");
    changed(&desk, office.li, |m| m.active = true).await.unwrap();
    assert_eq!(code(desk.switch_seat(to(office.li, Some(LI))).await), Some(Code::NoSeat));
    desk.give_sign_in(sign_in()).await.unwrap();
    assert_eq!(desk.switch_seat(to(office.li, Some(LI))).await.unwrap().member, "李强");
}

#[tokio::test]
async fn a_new_passphrase_ends_the_sign_in_made_with_the_old_one() {
    let (office, desk) = Office::open().await;
    desk.switch_seat(to(office.li, Some(LI))).await.unwrap();
    desk.switch_seat(to(office.sun, None)).await.unwrap();
    let give = |id, passphrase: &str| SignInRequest { id, passphrase: passphrase.into() };
    assert_eq!(code(desk.give_sign_in(give(office.li, "短")).await), Some(Code::WeakPassphrase));
    assert_eq!(code(desk.give_sign_in(give(office.sun, "不问旧的就换掉")).await), Some(Code::WeakPassphrase));
    assert_eq!(code(desk.give_sign_in(give(office.sun, "不问旧的就换掉它")).await), Some(Code::PassphraseRequired));
    desk.give_sign_in(give(office.li, "忘了之后的新口令")).await.unwrap();
    assert_eq!(code(desk.switch_seat(to(office.li, None)).await), Some(Code::PassphraseRequired));
    assert_eq!(desk.switch_seat(to(office.li, Some("忘了之后的新口令"))).await.unwrap().member, "李强");
}

#[tokio::test]
async fn the_keyring_seats_whoever_signed_in_last_unless_told_not_to() {
    let (office, desk) = Office::open().await;
    desk.switch_seat(to(office.zhou, Some(ZHOU))).await.unwrap();
    desk.lock().await;
    // A job in the terminal in between changes nothing of that.
    let job = office.start();
    job.sign_in_once(Some(SUN.into()), None).await.unwrap();
    job.lock().await;
    let desk = office.start();
    assert_eq!((desk.start().await.unwrap().stage, &*sitting(&desk).await), (Stage::Open, "周敏"));

    desk.switch_seat(to(office.sun, Some(SUN))).await.unwrap();
    let preferences = Preferences { keyring_seat: false, ..desk.preferences().await.unwrap() };
    desk.save_preferences(&preferences).await.unwrap();
    desk.lock().await;
    let desk = office.start();
    let status = desk.start().await.unwrap();
    assert_eq!((status.stage, status.keyring), (Stage::Locked, Some(KeyringTrouble::Unseated)));
    assert_eq!(unlock(&desk, ZHOU).await.unwrap(), "周敏");
    desk.switch_seat(to(office.sun, Some(SUN))).await.unwrap();
    desk.save_preferences(&Preferences { keyring_seat: true, ..preferences }).await.unwrap();
    desk.switch_seat(to(office.zhou, None)).await.unwrap();
    desk.switch_seat(to(office.sun, None)).await.unwrap();
    changed(&desk, office.zhou, |m| m.active = false).await.unwrap();
    desk.lock().await;
    let desk = office.start();
    desk.start().await.unwrap();
    assert_eq!(sitting(&desk).await, "孙丽");
}

#[tokio::test]
async fn whoever_left_is_not_seated_by_the_keyring() {
    let (office, desk) = Office::open().await;
    desk.switch_seat(to(office.zhou, Some(ZHOU))).await.unwrap();
    let job = office.start();
    job.sign_in_once(Some(SUN.into()), None).await.unwrap();
    changed(&job, office.zhou, |m| m.active = false).await.unwrap();
    job.lock().await;
    desk.lock().await;
    let status = office.start().start().await.unwrap();
    assert_eq!((status.stage, status.keyring), (Stage::Locked, Some(KeyringTrouble::Unseated)));
}

#[tokio::test]
async fn the_recovery_code_seats_an_administrator() {
    let (office, desk) = Office::open().await;
    let renewed = desk.renew_recovery(PassphraseRequest { passphrase: SUN.into() }).await.unwrap();
    desk.switch_seat(to(office.li, Some(LI))).await.unwrap();
    desk.lock().await;
    let recovery =
        UnlockRequest::Recovery { code: renewed.recovery_code, new_passphrase: "孙丽的新口令也长".into() };
    desk.unlock(recovery).await.unwrap();
    assert_eq!(sitting(&desk).await, "孙丽");
    desk.lock().await;
    assert_eq!(unlock(&desk, "孙丽的新口令也长").await.unwrap(), "孙丽");
    desk.lock().await;
    assert_eq!(unlock(&desk, LI).await.unwrap(), "李强", "the others keep theirs");
}

#[tokio::test]
async fn an_administrator_acts_on_behalf_and_nobody_else_does() {
    let (office, desk) = Office::open().await;
    let li = office.li.to_string();
    desk.lock().await;
    for wanted in ["李强", "210", li.as_str()] {
        desk.sign_in_once(Some(SUN.into()), Some(wanted)).await.unwrap();
        let info = desk.info().await.unwrap();
        assert_eq!((info.member.as_str(), info.via), ("李强", Some(office.sun)), "{wanted}");
        assert_eq!(code(desk.save_member(member("王芳", "", &[])).await), Some(Code::NotAllowed), "with his roles");
        desk.lock().await;
    }
    desk.sign_in_once(Some(LI.into()), Some("李强")).await.unwrap();
    assert_eq!(desk.info().await.unwrap().via, None, "his own");
    desk.lock().await;
    for (passphrase, wanted, expected) in
        [(LI, "周敏", Code::NotAllowed), (LI, "孙丽", Code::NotAllowed), (SUN, "赵云", Code::NoSeat)]
    {
        assert_eq!(code(desk.sign_in_once(Some(passphrase.into()), Some(wanted)).await), Some(expected));
        assert_eq!(desk.status().stage, Stage::Locked, "nobody stays seated");
    }
    unlock(&desk, SUN).await.unwrap();
    desk.save_member(member("李强", "211", &[])).await.unwrap();
    desk.lock().await;
    let two = desk.sign_in_once(Some(SUN.into()), Some("李强")).await;
    assert_eq!(code(two), Some(Code::SeveralMembers));
    desk.sign_in_once(Some(LI.into()), Some("李强")).await.unwrap();
}

#[tokio::test]
async fn departments_are_listed_and_those_of_members_named() {
    let (_office, desk) = Office::open().await;
    let found = desk.departments().await.unwrap();
    assert_eq!((found.departments.len(), found.named), (0, vec!["客服部".to_string()]));
    let one = |code: Option<&str>, name: &str| Department { code: code.map(Into::into), name: name.into() };
    let save = async |departments: Vec<Department>| desk.save_departments(DepartmentsRequest { departments }).await;
    let listed = vec![one(Some("JS"), "技术部"), one(None, "客服部")];
    let found = save(vec![one(Some(" JS "), " 技术部 "), one(Some(""), "客服部")]).await.unwrap();
    assert_eq!(found, Departments { departments: listed.clone(), named: vec![] });
    assert_eq!(code(save(listed.clone()).await), Some(Code::NothingChanged));
    for (bad, field, problem) in [
        (one(None, " "), "departments[1].name", Problem::Required),
        (one(None, "技术部"), "departments[1].name", Problem::Repeated),
        (one(Some("JS"), "仓库"), "departments[1].code", Problem::Repeated),
    ] {
        let refused = save(vec![listed[0].clone(), bad]).await.unwrap_err();
        assert_eq!((refused.fields[0].field.as_str(), refused.fields[0].problem), (field, problem));
    }
    assert_eq!(desk.departments().await.unwrap().departments, listed, "a refusal changes nothing");
    assert_eq!(save(vec![one(None, "技术部")]).await.unwrap().named, ["客服部"]);
}
