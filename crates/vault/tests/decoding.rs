//! Guards that nothing which comes from outside panics: noise, cut bytes, and real bytes with a few of them altered.
#![allow(clippy::unwrap_used, reason = "tests")]

mod workspace;

use std::sync::LazyLock;

use kefu_vault::roster::{Entry, Roster};
use kefu_vault::{Certificate, Grant, Invite, JoinRequest, RecoveryKit, Welcome, WrappedRecordKey, envelopes};
use proptest::prelude::*;
use workspace::{Person, WORKSPACE, Workspace, envelope, record_key, server};

struct Scene {
    world: Workspace,
    person: Person,
    invite: Invite,
    request: JoinRequest,
    real: Vec<Vec<u8>>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let world = Workspace::new();
    let person = Person::new(9, 19);
    let invite = Invite::random(WORKSPACE, person.id.member, world.root.fingerprint(), 100, server(0)).unwrap();
    let request = JoinRequest::new(&invite, person.id.device, "B1", &person.keys, 1).unwrap();
    let sealed = envelope(&world.desk, &record_key(5), 1, [0; 32], b"x");
    let mut real = world.encoded();
    real.push(request.encode());
    real.push(envelopes::encode(&sealed));
    real.push(envelopes::bare(&sealed).unwrap());
    let (key, tech) = (record_key(5), &world.tech);
    real.push(
        Grant::seal(&key, tech.id, &tech.keys.public().receive, world.desk.id, &world.desk.keys).unwrap().encode(),
    );
    real.push(key.wrap(world.desk_keys().newest().unwrap()).unwrap().encode());
    real.push(invite.text().unwrap().as_bytes().to_vec());
    Scene { world, person, invite, request, real }
});

/// Hands `bytes` to everything that reads bytes from outside. What is read has to be written the same way again.
fn read_everything(bytes: &[u8]) {
    let scene = &*SCENE;
    if let Some(envelope) = envelopes::decode(bytes) {
        assert_eq!(envelopes::encode(&envelope), bytes);
        let _ = envelopes::verify(&envelope, &scene.world.roster);
        let _ = envelopes::open(&record_key(5), &envelope);
    }
    let _ = envelopes::bare_head(bytes);
    let _ = envelopes::restore(bytes, &record_key(5), b"x");
    if let Some(wrapped) = WrappedRecordKey::decode(bytes) {
        assert_eq!(wrapped.encode(), bytes);
    }
    if let Some(grant) = Grant::decode(bytes) {
        assert_eq!(grant.encode(), bytes);
    }
    if let Some(entry) = Entry::decode(bytes) {
        assert_eq!(entry.encode(), bytes);
        let _ = scene.world.roster.clone().append(&entry);
    }
    if let Some(certificate) = Certificate::decode(bytes) {
        assert_eq!(certificate.encode(), bytes);
    }
    if let Some(request) = JoinRequest::decode(bytes) {
        assert_eq!(request.encode(), bytes);
        let _ = request.check(&scene.invite, 1, false);
    }
    let _ = Roster::replay(WORKSPACE, &scene.world.root.fingerprint(), &[bytes, bytes]);
    let _ = Welcome::open(bytes, &scene.invite, &scene.request, &scene.person.keys, &scene.world.roster);
    let text = String::from_utf8_lossy(bytes);
    let _ = Invite::parse(&text).map(|invite| invite.text());
    let _ = RecoveryKit::parse(&text);
    let key = record_key(5);
    let tech = &scene.world.tech;
    let grant = Grant::seal(&key, tech.id, &tech.keys.public().receive, tech.id, &tech.keys).unwrap();
    let _ = Grant { sealed: bytes.to_vec(), ..grant }.open(tech.id, &tech.keys, &scene.world.roster);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn noise(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_everything(&bytes);
    }

    #[test]
    fn noise_as_text(text in "(KEFU:)?[0-9A-Za-z -]{0,120}|\\PC{0,60}") {
        read_everything(text.as_bytes());
    }

    #[test]
    fn altered_and_cut(
        which in 0usize..64,
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in any::<[u8; 4]>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = SCENE.real[which % SCENE.real.len()].clone();
        let place = at.index(bytes.len());
        for (byte, new) in bytes[place..].iter_mut().zip(with) {
            *byte = new;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_everything(&bytes);
    }
}

#[test]
fn what_is_real_is_read() {
    let scene = &*SCENE;
    assert!(scene.real.iter().all(|bytes| {
        Entry::decode(bytes).is_some()
            || JoinRequest::decode(bytes).is_some()
            || envelopes::decode(bytes).is_some()
            || envelopes::bare_head(bytes).is_some()
            || WrappedRecordKey::decode(bytes).is_some()
            || Grant::decode(bytes).is_some()
            || std::str::from_utf8(bytes).is_ok_and(|text| Invite::parse(text).is_ok())
    }));
}
