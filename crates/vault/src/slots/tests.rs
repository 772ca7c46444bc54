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
    let (by_passphrase, seat) = file.open_by_passphrase("好长的口令 1", None).unwrap();
    assert_eq!((by_passphrase.bytes(), seat), (key.bytes(), SEAT));
    assert_eq!(file.open_by_recovery(&code).unwrap().bytes(), key.bytes());
    assert_eq!(file.open_by_ring(&ring).unwrap().bytes(), key.bytes());

    assert!(matches!(file.open_by_passphrase("好长的口令 2", None), Err(KeysError::WrongPassphrase)));
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
    for expected in [RingTrouble::Missing, RingTrouble::Locked] {
        let ring = Memory { trouble: Some(expected), ..Memory::default() };
        assert_eq!(trouble(&file, &ring), Some(expected), "never attached");
    }
    file.attach_ring(&key, &ring).unwrap();
    for expected in [RingTrouble::Missing, RingTrouble::Locked] {
        assert_eq!(trouble(&file, &Memory { trouble: Some(expected), ..Memory::default() }), Some(expected));
    }
    assert_eq!(trouble(&file, &Memory::default()), Some(RingTrouble::NoEntry), "removed");
    ring.entries.lock().unwrap().values_mut().for_each(|k| k[0] ^= 1);
    assert_eq!(trouble(&file, &ring), Some(RingTrouble::Wrong), "changed");
    let (_, seat) = file.open_by_passphrase("好长的口令 1", None).unwrap();
    assert_eq!(seat, SEAT, "there is still a way in");
}

#[test]
fn a_damaged_file_falls_back_to_its_spare() {
    let folder = tempfile::tempdir().unwrap();
    KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    fs::write(folder.path().join(FILE), b"{").unwrap();
    assert!(KeyFile::read(folder.path()).unwrap().open_by_passphrase("好长的口令 1", None).is_ok());
    for name in [FILE, SPARE] {
        fs::write(folder.path().join(name), b"").unwrap();
    }
    assert!(matches!(KeyFile::read(folder.path()), Err(KeysError::Unreadable)));
    assert!(matches!(KeyFile::read(&folder.path().join("none")), Err(KeysError::Missing)));
}

#[test]
fn a_copy_that_cannot_be_read_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    for name in [FILE, SPARE] {
        let other = if name == FILE { SPARE } else { FILE };
        let (path, good) = (folder.path().join(name), fs::read(folder.path().join(other)).unwrap());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let file = KeyFile::read(folder.path()).unwrap();
        assert!(
            file.open_by_passphrase("好长的口令 1", None).is_ok(),
            "a copy that cannot be mended does not keep one out"
        );
        assert!(file.mend().is_err());
        assert_eq!(fs::read(folder.path().join(other)).unwrap(), good);
        fs::remove_file(folder.path().join(other)).unwrap();
        assert!(matches!(KeyFile::read(folder.path()), Err(KeysError::Unreadable)), "there is one, but unreadable");
        fs::create_dir(folder.path().join(other)).unwrap();
        assert!(matches!(KeyFile::read(folder.path()), Err(KeysError::Unreadable)));
        for name in [FILE, SPARE] {
            fs::remove_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name), &good).unwrap();
        }
    }
}

#[test]
fn opening_mends_a_copy_that_is_lost_damaged_or_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, _) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let behind = read(SPARE);
    let code = file.renew_recovery(&key).unwrap();
    let ring = Memory::default();
    file.attach_ring(&key, &ring).unwrap();
    let good = read(FILE);
    for name in [FILE, SPARE] {
        fs::write(folder.path().join(name), b"{").unwrap();
        KeyFile::read(folder.path()).unwrap().open_by_ring(&ring).unwrap();
        assert_eq!((read(FILE), read(SPARE)), (good.clone(), good.clone()), "damaged {name}");
    }
    fs::remove_file(folder.path().join(FILE)).unwrap();
    KeyFile::read(folder.path()).unwrap().open_by_recovery(&code).unwrap();
    assert_eq!(read(FILE), good);
    fs::write(folder.path().join(SPARE), &behind).unwrap();
    KeyFile::read(folder.path()).unwrap().open_by_passphrase("好长的口令 1", None).unwrap();
    assert_eq!(read(SPARE), good);
}

#[test]
fn what_may_hold_more_is_not_mended_away() {
    let folder = tempfile::tempdir().unwrap();
    KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    KeyFile::create(elsewhere.path(), SEAT, "好长的口令 1").unwrap();
    let other_desk = fs::read(elsewhere.path().join(FILE)).unwrap();
    for kept in [other_desk.as_slice(), br#"{"format":2,"more":true}"#] {
        fs::write(folder.path().join(SPARE), kept).unwrap();
        KeyFile::read(folder.path()).unwrap().open_by_passphrase("好长的口令 1", None).unwrap();
        assert_eq!(fs::read(folder.path().join(SPARE)).unwrap(), kept);
    }
}

#[test]
fn the_first_seat_stays_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, _) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    file.set_passphrase(&key, Uuid::from_u128(2), "第二席口令 2").unwrap();
    file.set_passphrase(&key, SEAT, "新的口令 22").unwrap();
    let file = KeyFile::read(folder.path()).unwrap();
    assert_eq!(file.first_seat(), Some(SEAT));
    assert_eq!(file.open_by_passphrase("第二席口令 2", None).unwrap().1, Uuid::from_u128(2));
    assert!(file.open_by_passphrase("好长的口令 1", None).is_err());
}

#[test]
fn each_seat_has_a_slot_that_opens_only_by_its_own_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, _) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    let [second, third] = [2, 3].map(Uuid::from_u128);
    file.set_passphrase(&key, second, "第二席口令 2").unwrap();
    file.set_passphrase(&key, third, "好长的口令 1").unwrap();
    let file = KeyFile::read(folder.path()).unwrap();
    assert_eq!(file.seats(), [SEAT, second, third]);
    assert_eq!(file.open_seat(second, "第二席口令 2").unwrap().bytes(), key.bytes());
    for (seat, passphrase) in [(second, "好长的口令 1"), (SEAT, "第二席口令 2"), (Uuid::from_u128(9), "好长的口令 1")]
    {
        assert!(matches!(file.open_seat(seat, passphrase), Err(KeysError::WrongPassphrase)));
    }
    for (likely, expected) in [(None, SEAT), (Some(third), third), (Some(second), SEAT), (Some(Uuid::nil()), SEAT)] {
        assert_eq!(file.open_by_passphrase("好长的口令 1", likely).unwrap().1, expected);
    }
}

#[test]
fn a_removed_seat_opens_nothing_and_the_last_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, _) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    file.set_passphrase(&key, Uuid::from_u128(2), "第二席口令 2").unwrap();
    file.remove_seat(Uuid::from_u128(2)).unwrap();
    file.remove_seat(SEAT).unwrap();
    let file = KeyFile::read(folder.path()).unwrap();
    assert!(file.open_by_passphrase("第二席口令 2", None).is_err());
    assert_eq!((file.seats(), file.open_by_passphrase("好长的口令 1", None).unwrap().1), (vec![SEAT], SEAT));
    let spare = fs::read(folder.path().join(SPARE)).unwrap();
    assert_eq!(spare, fs::read(folder.path().join(FILE)).unwrap(), "the spare forgets it too");
}

#[test]
fn new_secrets_replace_the_old_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, key, first) = KeyFile::create(folder.path(), SEAT, "好长的口令 1").unwrap();
    file.set_passphrase(&key, SEAT, "新的口令 22").unwrap();
    let second = file.renew_recovery(&key).unwrap();
    let file = KeyFile::read(folder.path()).unwrap();
    assert!(file.open_by_passphrase("好长的口令 1", None).is_err() && file.open_by_recovery(&first).is_err());
    assert!(file.open_by_passphrase("新的口令 22", None).is_ok() && file.open_by_recovery(&second).is_ok());
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
