//! Guards that private halves come back whole, only where they belong, and are printed nowhere.

use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[test]
fn wrapped_keys_come_back_only_to_their_desk_and_seat() {
    let (desk, other) = (DatabaseKey::random().unwrap(), DatabaseKey::random().unwrap());
    let (own, stranger) = (WrapKey::of(&desk), WrapKey::of(&other));
    let seat = SeatId { member: id(1), device: id(2) };
    let keys = SeatKeys::random().unwrap();
    let wrapped = keys.wrap(&own, seat).unwrap();
    assert_eq!(SeatKeys::unwrap(&own, seat, &wrapped).unwrap().public(), keys.public());
    assert_eq!(SeatKeys::unwrap(&stranger, seat, &wrapped).err(), Some(Unsealable));
    let moved = SeatId { device: id(3), ..seat };
    assert_eq!(SeatKeys::unwrap(&own, moved, &wrapped).err(), Some(Unsealable));

    let root = WorkspaceRoot::random().unwrap();
    let wrapped = root.wrap(&own, id(5)).unwrap();
    assert_eq!(WorkspaceRoot::unwrap(&own, id(5), &wrapped).unwrap().fingerprint(), root.fingerprint());
    assert!(WorkspaceRoot::unwrap(&own, id(6), &wrapped).is_err());
    assert!(WorkspaceRoot::unwrap(&stranger, id(5), &wrapped).is_err());
    assert!(WorkspaceRoot::unwrap(&own, id(5), &wrapped[1..]).is_err());
}

#[test]
fn a_kit_is_read_back_however_it_was_typed() {
    let root = WorkspaceRoot::random().unwrap();
    let lines = root.kit().lines();
    let shown: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
    assert!(shown.len() == 4 && shown.iter().all(|line| line.len() == 17));
    let check = |typed: &str, expected: Result<Fingerprint, KitError>| {
        assert_eq!(
            RecoveryKit::parse(typed).map(|kit| WorkspaceRoot::from_kit(&kit).fingerprint()),
            expected,
            "{typed}"
        );
    };
    check(&shown.join("\n"), Ok(root.fingerprint()));
    check(&shown.join(" ").to_lowercase().replace('-', "").replace('0', "o"), Ok(root.fingerprint()));
    check(&shown[..3].join(""), Err(KitError::Shape));
    check(&shown.join("").replace('-', "Ü"), Err(KitError::Shape));
    let other = WorkspaceRoot::random().unwrap().kit().lines();
    check(&[shown[0], shown[1], other[2].as_str(), shown[3]].join(""), Err(KitError::Whole));
}

#[test]
fn a_slip_in_the_kit_is_never_taken() {
    let root = WorkspaceRoot::from_kit(&RecoveryKit::of(&[0x5a; 32]));
    let code: Vec<u8> = root.kit().lines().iter().flat_map(|line| line.replace('-', "").into_bytes()).collect();
    let mut named = 0;
    for place in 0..code.len() {
        let mut slip = code.clone();
        slip[place] = if slip[place] == b'7' { b'1' } else { b'7' };
        match RecoveryKit::parse(std::str::from_utf8(&slip).unwrap()) {
            Err(KitError::Line(line)) => {
                assert_eq!(line, place / 15 + 1);
                named += 1;
            }
            other => assert_eq!(other.err(), Some(KitError::Whole)),
        }
    }
    assert!(named > 50, "{named} of 60 slips named with their line");
}

#[test]
fn fingerprints_are_shown_in_groups() {
    let root = WorkspaceRoot::from_kit(&RecoveryKit::of(&[1; 32])).fingerprint();
    let shape = |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect::<String>();
    assert_eq!(shape(&root.digits()), "99999 99999 99999 99999 99999 99999");
    assert_eq!(root.groups().split('-').map(str::len).collect::<Vec<_>>(), [5; 5]);
    assert_ne!(root, WorkspaceRoot::random().unwrap().fingerprint());
}

#[test]
fn nothing_private_is_in_debug() {
    let root = WorkspaceRoot::from_kit(&RecoveryKit::of(&[0x41; 32]));
    let keys = SeatKeys { sign: root.0.clone(), receive: Zeroizing::new([0x41; 32]) };
    let key = WrapKey(Zeroizing::new([0x41; 32]));
    for shown in [format!("{root:?}"), format!("{keys:#?}"), format!("{:?}", root.kit()), format!("{key:?}")] {
        assert!(shown.ends_with("(…)"), "{shown}");
    }
}
