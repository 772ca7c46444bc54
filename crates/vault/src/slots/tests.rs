use std::collections::HashMap;
use std::sync::Mutex;

use super::*;

/// A keyring that can be lost, locked and changed.
#[derive(Default)]
struct Memory {
    entries: Mutex<HashMap<String, [u8; 32]>>,
    trouble: Option<RingTrouble>,
}

impl Ring for Memory {
    fn get(&self, desk: &str) -> Result<Zeroizing<[u8; 32]>, RingTrouble> {
        self.trouble.map_or(Ok(()), Err)?;
        self.entries.lock().unwrap().get(desk).copied().map(Zeroizing::new).ok_or(RingTrouble::NoEntry)
    }

    fn set(&self, desk: &str, key: &[u8; 32]) -> Result<(), RingTrouble> {
        self.trouble.map_or(Ok(()), Err)?;
        self.entries.lock().unwrap().insert(desk.into(), *key);
        Ok(())
    }
}

const SEAT: Uuid = Uuid::from_u128(1);

#[test]
fn every_slot_opens_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, code) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    let ring = Memory::default();
    file.attach_ring(&key, &ring).unwrap();

    let file = KeyFile::read(folder.path()).unwrap();
    let (by_passphrase, seat) = file.open_by_passphrase("好长的口令 1").unwrap();
    assert_eq!((by_passphrase.bytes(), seat), (key.bytes(), SEAT));
    assert_eq!(file.open_by_recovery(&code).unwrap().bytes(), key.bytes());
    assert_eq!(file.open_by_ring(&ring).unwrap().bytes(), key.bytes());

    assert!(matches!(file.open_by_passphrase("好长的口令 2"), Err(KeysError::WrongPassphrase)));
    let other = RecoveryCode::random().unwrap();
    assert!(matches!(file.open_by_recovery(&other), Err(KeysError::WrongRecoveryCode)));
}

#[test]
fn a_key_is_never_made_over_another() {
    let folder = tempfile::tempdir().unwrap();
    KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    let before = fs::read(folder.path().join(FILE)).unwrap();
    assert!(matches!(KeyFile::create(folder.path(), SEAT, "别的口令 22"), Err(KeysError::Exists)));
    fs::remove_file(folder.path().join(FILE)).unwrap();
    assert!(matches!(KeyFile::create(folder.path(), SEAT, "别的口令 22"), Err(KeysError::Exists)), "the spare counts");
    assert_eq!(fs::read(folder.path().join(SPARE)).unwrap(), before);
}

#[test]
fn each_trouble_with_the_keyring_has_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, _) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    let ring = Memory::default();
    let trouble = |file: &KeyFile, ring: &Memory| match file.open_by_ring(ring) {
        Err(KeysError::Ring(trouble)) => Some(trouble),
        _ => None,
    };
    assert_eq!(trouble(&file, &ring), Some(RingTrouble::NoEntry), "never attached");
    file.attach_ring(&key, &ring).unwrap();
    for expected in [RingTrouble::Missing, RingTrouble::Locked] {
        assert_eq!(trouble(&file, &Memory { trouble: Some(expected), ..Memory::default() }), Some(expected));
    }
    assert_eq!(trouble(&file, &Memory::default()), Some(RingTrouble::NoEntry), "removed");
    ring.entries.lock().unwrap().values_mut().for_each(|k| k[0] ^= 1);
    assert_eq!(trouble(&file, &ring), Some(RingTrouble::Wrong), "changed");
    let (_, seat) = file.open_by_passphrase("好长的口令 1").unwrap();
    assert_eq!(seat, SEAT, "there is still a way in");
}

#[test]
fn a_damaged_file_falls_back_to_its_spare() {
    let folder = tempfile::tempdir().unwrap();
    KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    fs::write(folder.path().join(FILE), b"{").unwrap();
    assert!(KeyFile::read(folder.path()).unwrap().open_by_passphrase("好长的口令 1").is_ok());
    fs::write(folder.path().join(SPARE), b"").unwrap();
    assert!(matches!(KeyFile::read(folder.path()), Err(KeysError::Unreadable)));
    assert!(matches!(KeyFile::read(&folder.path().join("none")), Err(KeysError::Missing)));
}

#[test]
fn new_secrets_replace_the_old_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, first) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    file.set_passphrase(&key, SEAT, "新的口令 22").unwrap();
    let second = file.renew_recovery(&key).unwrap();
    let file = KeyFile::read(folder.path()).unwrap();
    assert!(file.open_by_passphrase("好长的口令 1").is_err() && file.open_by_recovery(&first).is_err());
    assert!(file.open_by_passphrase("新的口令 22").is_ok() && file.open_by_recovery(&second).is_ok());
}

#[test]
fn no_secret_is_ever_printed() {
    let folder = tempfile::tempdir().unwrap();
    let (_, key, code) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    let printed = format!("{key:?} {code:?}");
    assert!(!printed.contains(key.hex().as_str()) && !printed.contains(code.canonical()));
    for name in [FILE, SPARE] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(!text.contains(code.canonical()) && !text.contains("好长的口令"));
    }
}
