//! Builders, a fixed clock, a keyring in memory and temporary stores, for tests only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests are built on this")]

mod pgbouncer;
mod postgres;

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use kefu_domain::decide::{self, Receiver, Rules};
use kefu_domain::number::FormNumber;
use kefu_domain::{CodeLists, Template, Values};
use kefu_local::{DeviceInfo, Store};
use kefu_vault::{DatabaseKey, Ring, RingTrouble};

pub use pgbouncer::PgBouncer;
pub use postgres::{Certificates, Postgres};

/// The moment at which tests take place unless they say otherwise.
pub fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-12T10:00:00+08:00").unwrap()
}

/// The member who sits at test desks.
pub const SEAT: Uuid = Uuid::from_u128(0x5ea7);

/// A keyring in memory that can be told to fail.
#[derive(Debug, Default)]
pub struct MemoryRing {
    entries: Mutex<HashMap<String, [u8; 32]>>,
    trouble: Mutex<Option<RingTrouble>>,
}

impl MemoryRing {
    /// From now on every call fails in this way; None: none does.
    pub fn fail(&self, trouble: Option<RingTrouble>) {
        *self.trouble.lock().unwrap() = trouble;
    }

    /// Alters every key kept.
    pub fn corrupt(&self) {
        self.entries.lock().unwrap().values_mut().for_each(|key| key[0] ^= 1);
    }

    /// Forgets every key kept.
    pub fn clear(&self) {
        self.entries.lock().unwrap().clear();
    }
}

impl Ring for MemoryRing {
    fn get(&self, desk: &str) -> Result<zeroize::Zeroizing<[u8; 32]>, RingTrouble> {
        self.trouble.lock().unwrap().map_or(Ok(()), Err)?;
        let key = self.entries.lock().unwrap().get(desk).copied();
        key.map(zeroize::Zeroizing::new).ok_or(RingTrouble::NoEntry)
    }

    fn set(&self, desk: &str, key: &[u8; 32]) -> Result<(), RingTrouble> {
        self.trouble.lock().unwrap().map_or(Ok(()), Err)?;
        self.entries.lock().unwrap().insert(desk.into(), *key);
        Ok(())
    }
}

/// An empty store in a folder that goes away with it.
pub struct TempStore {
    /// Its folder.
    pub folder: TempDir,
    /// Its key.
    pub key: DatabaseKey,
    /// The store.
    pub store: Store,
}

impl TempStore {
    /// Makes one.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = DatabaseKey::random().unwrap();
        let device = DeviceInfo { id: Uuid::now_v7(), code: "T1".into() };
        let store = Store::create(folder.path(), &key, device).await.unwrap();
        TempStore { folder, key, store }
    }

    /// Registers a form with `values` over [`form`] and gives its id and number.
    pub async fn register(&self, values: Value) -> (Uuid, String) {
        let (template, codes) = (Template::registration(), CodeLists::shipped());
        let mut door = self.store.door(now()).await.unwrap();
        let day = now().date_naive();
        let serial = door.next_serial(day).await.unwrap();
        let number = FormNumber { day, device: "T1".parse().unwrap(), serial };
        let rules = Rules { template: &template, codes: &codes, now: now() };
        let receiver = Receiver { name: "孙丽", employee_number: "108", department: "客服部" };
        let id = Uuid::now_v7();
        let draft = decide::register(rules, id, &number, receiver, form(values), vec![]).unwrap();
        door.write(draft, SEAT).await.unwrap();
        door.commit().await.unwrap();
        (id, number.to_string())
    }
}

/// The values of a sound form, with `over` laid over them; null takes a field away.
pub fn form(over: Value) -> Values {
    let mut values: Values = serde_json::from_value(json!({
        "received_at": "2026-11-02T08:41:00+08:00",
        "channel": "hotline",
        "customer.name": "陈秀英",
        "customer.type": "person",
        "kind": "complaint",
        "category": "product_fault",
        "description": {"text": "热水器打开后火焰突然熄灭，显示 E1。", "marks": [[9, 13]]},
    }))
    .unwrap();
    let over: Values = serde_json::from_value(over).unwrap();
    values.extend(over);
    values.retain(|_, value| !value.is_null());
    values
}
