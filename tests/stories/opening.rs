//! First start and every later one: through the keyring, by passphrase, by recovery code, and locked out.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use kefu_app::Desk;
use kefu_app::wire::{
    ChangePassphraseRequest, Code, Failure, KeyringTrouble, PassphraseRequest, SetupRequest, Stage, UnlockRequest,
};
use kefu_testkit::{MemoryRing, now};
use kefu_vault::RingTrouble;

const PASSPHRASE: &str = "足够长的口令之一";

/// A desk whose keyring and clock the test holds.
struct Machine {
    folder: tempfile::TempDir,
    ring: Arc<MemoryRing>,
    seconds: Arc<AtomicI64>,
}

impl Machine {
    fn new() -> Self {
        Machine { folder: tempfile::tempdir().unwrap(), ring: Arc::default(), seconds: Arc::default() }
    }

    /// The program, started anew on this machine.
    fn start(&self) -> Desk {
        let seconds = self.seconds.clone();
        let clock = move || now() + TimeDelta::seconds(seconds.load(Ordering::Relaxed));
        Desk::with(self.folder.path(), self.ring.clone(), Arc::new(clock))
    }

    fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

fn setup() -> SetupRequest {
    SetupRequest {
        company: "良渚电器有限公司".into(),
        member: "孙丽".into(),
        employee_number: "108".into(),
        post: "接待".into(),
        department: "客服部".into(),
        device_code: "a03".into(),
        passphrase: PASSPHRASE.into(),
    }
}

fn by_passphrase(text: &str) -> UnlockRequest {
    UnlockRequest::Passphrase(text.into())
}

fn code(result: Result<impl Sized, Failure>) -> Option<Code> {
    result.err().map(|failure| failure.code)
}

#[tokio::test]
async fn the_first_start_makes_a_desk_and_later_ones_open_it() {
    let machine = Machine::new();
    let desk = machine.start();
    assert_eq!(desk.start().await.unwrap().stage, Stage::FirstStart);
    for (over, expected) in [
        (SetupRequest { device_code: "终端".into(), ..setup() }, Code::BadDeviceCode),
        (SetupRequest { passphrase: "七个字的口令".into(), ..setup() }, Code::WeakPassphrase),
        (SetupRequest { company: " ".into(), ..setup() }, Code::InvalidFields),
    ] {
        assert_eq!(code(desk.setup(over).await), Some(expected));
        assert_eq!(desk.status().stage, Stage::FirstStart, "nothing was made");
    }
    let done = desk.setup(setup()).await.unwrap();
    assert_eq!((done.device_code.as_str(), done.keyring, done.recovery_code.len()), ("A03", true, 29));
    let info = desk.info().await.unwrap();
    assert_eq!((info.company.as_str(), info.member.as_str()), ("良渚电器有限公司", "孙丽"));
    assert!(!info.recovery_confirmed);
    desk.confirm_recovery().await.unwrap();
    assert!(desk.info().await.unwrap().recovery_confirmed);
    desk.lock().await;

    let desk = machine.start();
    assert_eq!(desk.start().await.unwrap().stage, Stage::Open, "through the keyring");
    assert_eq!(code(desk.setup(setup()).await), Some(Code::AlreadySetUp));
    assert_eq!(desk.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn each_keyring_trouble_is_told_apart_and_leaves_a_way_in() {
    let machine = Machine::new();
    let desk = machine.start();
    desk.setup(setup()).await.unwrap();
    desk.lock().await;
    let started = async || {
        let desk = machine.start();
        let status = desk.start().await.unwrap();
        assert_eq!(status.stage, Stage::Locked);
        (desk, status.keyring)
    };
    for (trouble, told) in
        [(RingTrouble::Missing, KeyringTrouble::Missing), (RingTrouble::Locked, KeyringTrouble::Locked)]
    {
        machine.ring.fail(Some(trouble));
        let (desk, keyring) = started().await;
        assert_eq!(keyring, Some(told));
        assert_eq!(desk.unlock(by_passphrase(PASSPHRASE)).await.unwrap().stage, Stage::Open);
        desk.lock().await;
    }
    machine.ring.fail(None);
    for (harm, told) in
        [(MemoryRing::corrupt as fn(&MemoryRing), KeyringTrouble::Wrong), (MemoryRing::clear, KeyringTrouble::NoEntry)]
    {
        harm(&machine.ring);
        let (desk, keyring) = started().await;
        assert_eq!(keyring, Some(told));
        desk.unlock(by_passphrase(PASSPHRASE)).await.unwrap();
        desk.lock().await;
        let desk = machine.start();
        assert_eq!(desk.start().await.unwrap().stage, Stage::Open, "the passphrase has mended the keyring");
        desk.lock().await;
    }
}

#[tokio::test]
async fn wrong_passphrases_slow_down_and_the_right_one_forgets_them() {
    let machine = Machine::new();
    let desk = machine.start();
    desk.setup(setup()).await.unwrap();
    desk.lock().await;
    for _ in 0..3 {
        assert_eq!(code(desk.unlock(by_passphrase("不是这一个口令")).await), Some(Code::WrongPassphrase));
    }
    let refused = desk.unlock(by_passphrase(PASSPHRASE)).await.unwrap_err();
    assert_eq!((refused.code, refused.params["seconds"].as_str()), (Code::TooSoon, "2"));
    assert_eq!(machine.start().status().wait_seconds, 2, "a new start does not shorten it");
    machine.wait(2);
    assert_eq!(desk.unlock(by_passphrase(PASSPHRASE)).await.unwrap().stage, Stage::Open);
    assert_eq!(desk.status().wait_seconds, 0);
}

#[tokio::test]
async fn the_recovery_code_opens_once_the_passphrase_is_forgotten() {
    let machine = Machine::new();
    let desk = machine.start();
    let first = desk.setup(setup()).await.unwrap().recovery_code;
    desk.lock().await;
    machine.ring.clear();
    let by_code = |code: &str, new: &str| UnlockRequest::Recovery { code: code.into(), new_passphrase: new.into() };
    assert_eq!(code(desk.unlock(by_code("AAAAA", "新的口令二二二二")).await), Some(Code::WrongRecoveryCode));
    assert_eq!(code(desk.unlock(by_code(&first, "短")).await), Some(Code::WeakPassphrase));
    let typed = first.to_lowercase().replace('-', " ");
    assert_eq!(desk.unlock(by_code(&typed, "新的口令二二二二")).await.unwrap().stage, Stage::Open);

    let renewed = PassphraseRequest { passphrase: "新的口令二二二二".into() };
    let second = desk.renew_recovery(renewed).await.unwrap().recovery_code;
    let change =
        ChangePassphraseRequest { passphrase: "新的口令二二二二".into(), new_passphrase: PASSPHRASE.into() };
    desk.change_passphrase(change).await.unwrap();
    desk.lock().await;
    assert_eq!(code(desk.unlock(by_passphrase("新的口令二二二二")).await), Some(Code::WrongPassphrase));
    assert_eq!(code(desk.unlock(by_code(&first, "又一个新的口令啊")).await), Some(Code::WrongRecoveryCode));
    assert_eq!(desk.unlock(by_code(&second, "又一个新的口令啊")).await.unwrap().stage, Stage::Open);
}

#[tokio::test]
async fn a_locked_desk_does_nothing() {
    let machine = Machine::new();
    let desk = machine.start();
    desk.setup(setup()).await.unwrap();
    assert!(desk.lock().await.idle_locked);
    assert_eq!(code(desk.info().await), Some(Code::Locked));
    assert_eq!(code(desk.drafts().await), Some(Code::Locked));
    assert_eq!(code(desk.verify().await), Some(Code::Locked));
}

#[tokio::test]
async fn a_database_without_its_keys_is_never_given_new_ones() {
    let machine = Machine::new();
    let desk = machine.start();
    desk.setup(setup()).await.unwrap();
    desk.lock().await;
    let at = |name: &str| machine.folder.path().join(name);
    let before = std::fs::read(at("desk.db")).unwrap();
    let keys = std::fs::read(at("keys.json")).unwrap();
    std::fs::remove_file(at("keys.json")).unwrap();
    std::fs::remove_file(at("keys.spare.json")).unwrap();
    let desk = machine.start();
    assert_eq!(code(desk.start().await), Some(Code::KeysUnreadable));
    assert_eq!(code(desk.setup(setup()).await), Some(Code::AlreadySetUp));
    assert!(std::fs::read(at("desk.db")).unwrap() == before && !at("keys.json").exists());

    // The other way round: a key file whose database was moved away is kept when a new desk is made.
    std::fs::write(at("keys.json"), &keys).unwrap();
    std::fs::rename(at("desk.db"), at("moved.db")).unwrap();
    assert_eq!(code(machine.start().start().await), Some(Code::NotSetUp), "no place to begin anew without being asked");
    std::fs::write(at("desk.db-wal"), b"the last forms").unwrap();
    desk.setup(setup()).await.unwrap();
    assert!(kept(machine.folder.path()).contains(&b"the last forms".to_vec()));
    assert!(kept(machine.folder.path()).contains(&keys), "the old keys still open the database that was moved");
}

fn kept(folder: &Path) -> Vec<Vec<u8>> {
    let old = |path: &Path| path.extension().is_some_and(|extension| extension == "old");
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries.filter(|path| old(path)).map(|path| std::fs::read(path).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_first_starts_at_once_one_wins_and_its_desk_opens() {
    let machine = Machine::new();
    let starts = (0..4).map(|_| {
        let desk = machine.start();
        tokio::spawn(async move { (desk.setup(setup()).await.is_ok(), desk.lock().await).0 })
    });
    let mut won = 0;
    for start in starts.collect::<Vec<_>>() {
        won += usize::from(start.await.unwrap());
    }
    assert_eq!(won, 1);
    let desk = machine.start();
    assert_eq!(desk.unlock(by_passphrase(PASSPHRASE)).await.unwrap().stage, Stage::Open);
    assert!(desk.verify().await.unwrap().problems.is_empty());
}
