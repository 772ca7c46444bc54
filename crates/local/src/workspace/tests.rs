//! Guards that a device finds its place again: keys, log and invites as they were kept, and nothing under another key.

use kefu_vault::roster::MemberAct;
use kefu_vault::{Certificate, DatabaseKey, Issuer};

use super::*;
use crate::DeviceInfo;

const MEMBER: Uuid = Uuid::from_u128(1);
const ID: Uuid = Uuid::from_u128(0xa);

fn server() -> Server {
    Server {
        address: "db.example.cn:5432".into(),
        database: "kefu".into(),
        login: "kefu_01".into(),
        authority: vec![0x30; 3],
        pooled: true,
    }
}

#[tokio::test]
async fn a_place_in_a_workspace_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let key = DatabaseKey::random().unwrap();
    let device = DeviceInfo { id: Uuid::from_u128(7), code: "A1".into() };
    let store = Store::create(folder.path(), &key, device.clone()).await.unwrap();
    let wrap = WrapKey::of(&key);
    assert!(store.workspace(&wrap).await.unwrap().is_none());

    let (root, keys) = (WorkspaceRoot::random().unwrap(), SeatKeys::random().unwrap());
    let seat = SeatId { member: MEMBER, device: device.id };
    let place = Workspace {
        id: ID,
        root: root.fingerprint(),
        seat,
        keys: keys.clone(),
        founder: Some(root.clone()),
        server: server(),
        password: Zeroizing::new("geheim".into()),
        joining: None,
        since: "2026-11-02T08:00:00+08:00".into(),
    };
    store.set_workspace(&wrap, &place).await.unwrap();

    let (mut roster, first) = Roster::found(ID, &root, 1).unwrap();
    let issuer = Issuer::Root(&root);
    let certificate = Certificate::issue(issuer, ID, seat, keys.public(), 1).unwrap();
    let roles = ["reception".to_owned()].into();
    let act = MemberAct::Admit { certificate: Box::new(certificate), roles, code: device.code };
    let admitted = roster.write(issuer, 1, act).unwrap();
    store.append_roster(1, &[first.encode()]).await.unwrap();
    store.append_roster(1, &[first.encode(), admitted.encode()]).await.unwrap();
    let desk = DeskKey::first(ID).unwrap();
    store.put_desk_key(&wrap, &desk).await.unwrap();
    let invite = Invite::random(ID, Uuid::from_u128(2), root.fingerprint(), 9, server()).unwrap();
    let given = GivenInvite { invite, roles: vec!["technician".into()], admitted: false };
    store.put_invite(&given).await.unwrap();
    store.close().await;

    let store = Store::open(folder.path(), &key).await.unwrap();
    let found = store.workspace(&wrap).await.unwrap().unwrap();
    assert_eq!((found.id, found.seat, found.keys.public()), (ID, seat, keys.public()));
    assert_eq!((&found.server, found.password.as_str()), (&server(), "geheim"));
    assert_eq!(found.founder.as_ref().map(WorkspaceRoot::fingerprint), Some(root.fingerprint()));
    assert_eq!(store.roster(&found).await.unwrap(), roster);
    assert_eq!(store.desk_keys(&wrap, ID).await.unwrap().newest().map(DeskKey::id), Some(desk.id()));
    let invites = store.invites().await.unwrap();
    assert_eq!(invites.iter().map(|given| given.invite.id()).collect::<Vec<_>>(), [given.invite.id()]);
    assert_eq!(invites[0].roles, ["technician"]);

    let other = WrapKey::of(&DatabaseKey::random().unwrap());
    assert!(matches!(store.workspace(&other).await, Err(StoreError::Unreadable)));
    assert!(matches!(store.desk_keys(&other, ID).await, Err(StoreError::Unreadable)));
    let elsewhere = Workspace { id: Uuid::from_u128(0xb), ..place };
    assert!(matches!(store.set_workspace(&wrap, &elsewhere).await, Err(StoreError::Exists)));
    assert_eq!(store.workspace(&wrap).await.unwrap().unwrap().id, ID);
    store.close().await;
}
