//! Record keys between their three shapes: as they travel, as they lie in the local file, and open.

use std::collections::HashMap;

use kefu_local::sync::KeptKey;
use kefu_sync::wire::Wrap;
use kefu_vault::{Grant, RecordEpoch, RecordKey, SeatId, WrappedRecordKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Identity;
use super::clear::clear;
use crate::desk::Open;
use crate::wire::Failure;

/// Open record keys by their ids.
pub(crate) type Keys = HashMap<[u8; 16], RecordKey>;

/// Keys that travel with a change, as they wait in the local file.
#[derive(Serialize, Deserialize)]
struct Waiting {
    record: Uuid,
    #[serde(with = "short")]
    key: [u8; 16],
    member: Option<Uuid>,
    #[serde(with = "short")]
    sealed: Vec<u8>,
}

/// Bytes in JSON: Base64, a third of what their numbers take, which stand in files of earlier programs.
mod short {
    use data_encoding::BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Short(String),
        Numbers(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(bytes: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes.as_ref()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(deserializer: D) -> Result<T, D::Error> {
        let bytes = match Written::deserialize(deserializer)? {
            Written::Short(text) => BASE64.decode(text.as_bytes()).map_err(|_| D::Error::custom("not Base64"))?,
            Written::Numbers(bytes) => bytes,
        };
        T::try_from(bytes).map_err(|_| D::Error::custom("not of its length"))
    }
}

/// As they are kept beside an envelope; None where there are none.
pub(crate) fn keep(wraps: &[Wrap]) -> Option<Vec<u8>> {
    let waiting = |w: &Wrap| Waiting { record: w.record, key: w.key, member: w.member, sealed: w.sealed.clone() };
    let waiting: Vec<Waiting> = wraps.iter().map(waiting).collect();
    if waiting.is_empty() { None } else { serde_json::to_vec(&waiting).ok() }
}

/// What [`keep`] kept.
pub(crate) fn kept(bytes: Option<&[u8]>) -> Vec<Wrap> {
    let waiting: Vec<Waiting> = bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
    waiting.into_iter().map(|w| Wrap { record: w.record, key: w.key, member: w.member, sealed: w.sealed }).collect()
}

/// The keys of what a member has in hand already, sealed to a seat of his that was let in just now. What is not sealed yet
/// brings its keys along.
pub(crate) async fn wraps_for_seat(open: &Open, identity: &Identity, seat: SeatId) -> Result<Vec<Wrap>, Failure> {
    let mut in_hand = Vec::new();
    for (id, record) in open.store.records_with(&open.store.shown_to(seat.member).await?).await? {
        if clear(identity, &record, None).assignees.contains(&seat.member) {
            in_hand.push(id);
        }
    }
    let mut exchange = open.store.exchange().await?;
    let mut wraps = Vec::new();
    for record in in_hand {
        for kept in exchange.keys_of(&[record]).await? {
            if exchange.gives_first(&kept.key, seat.member, seat.device).await? {
                wraps.extend(identity.open_key(&kept).and_then(|key| identity.grant(&key, seat)));
            }
        }
    }
    exchange.commit().await?;
    Ok(wraps)
}

impl Identity {
    /// Opens a key of the local file. None where this device cannot, or not yet.
    pub(crate) fn open_key(&self, kept: &KeptKey) -> Option<RecordKey> {
        if kept.here {
            let of = RecordEpoch { workspace: self.workspace.id, record: kept.record, epoch: kept.epoch };
            return RecordKey::unwrap_here(&self.wrap, of, &kept.key, &kept.sealed).ok();
        }
        WrappedRecordKey::decode(&kept.sealed)?.unwrap(&self.desk_keys).ok()
    }

    /// A key that came, as it is kept here, and open where it opens. None where it is not what it says, or not for us.
    pub(crate) fn receive(&self, wrap: &Wrap) -> Option<(KeptKey, Option<RecordKey>)> {
        let kept = |of: RecordEpoch, sealed: Vec<u8>, here: bool, writable: bool| KeptKey {
            key: wrap.key,
            record: wrap.record,
            epoch: of.epoch,
            sealed,
            here,
            writable,
            shown: Vec::new(),
        };
        let ours = |of: RecordEpoch| of.record == wrap.record && of.workspace == self.workspace.id;
        if wrap.member.is_none() {
            let wrapped = WrappedRecordKey::decode(&wrap.sealed).filter(|w| ours(w.of) && w.key == wrap.key)?;
            let key = wrapped.unwrap(&self.desk_keys).ok();
            return Some((kept(wrapped.of, wrap.sealed.clone(), false, true), key));
        }
        let grant = Grant::decode(&wrap.sealed).filter(|grant| ours(grant.of) && grant.key == wrap.key)?;
        let key = grant.open(self.workspace.seat, &self.workspace.keys, &self.roster).ok()?;
        let here = key.wrap_here(&self.wrap).ok()?;
        Some((kept(grant.of, here, true, grant.is_current(&self.roster)), Some(key)))
    }

    /// A new key of a record for office devices, with what travels of it.
    pub(crate) fn new_key(&self, of: RecordEpoch) -> Option<(RecordKey, KeptKey, Wrap)> {
        let key = RecordKey::random(of).ok()?;
        let sealed = key.wrap(self.desk_keys.newest()?).ok()?.encode();
        let wrap = Wrap { record: of.record, key: key.id(), member: None, sealed: sealed.clone() };
        let kept = KeptKey {
            key: key.id(),
            record: of.record,
            epoch: of.epoch,
            sealed,
            here: false,
            writable: true,
            shown: Vec::new(),
        };
        Some((key, kept, wrap))
    }

    /// Seals a key to a seat in the field.
    pub(crate) fn grant(&self, key: &RecordKey, to: SeatId) -> Option<Wrap> {
        let receive = self.roster.seats().get(&to)?.keys.receive;
        let grant = Grant::seal(key, to, &receive, self.workspace.seat, &self.workspace.keys).ok()?;
        Some(Wrap { record: key.of().record, key: key.id(), member: Some(to.member), sealed: grant.encode() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_wait_are_read_as_this_program_and_earlier_ones_keep_them() {
        let wrap = |member| Wrap { record: Uuid::from_u128(7), key: [200; 16], member, sealed: (0..=255).collect() };
        let wraps = [wrap(None), wrap(Some(Uuid::from_u128(9)))];
        let short = keep(&wraps).unwrap();
        assert_eq!(kept(Some(&short)), wraps);
        let numbers = |wrap: &Wrap| {
            let Wrap { record, key, member, sealed } = wrap;
            serde_json::json!({ "record": record, "key": key, "member": member, "sealed": sealed })
        };
        let earlier = serde_json::to_vec(&wraps.iter().map(numbers).collect::<Vec<_>>()).unwrap();
        assert_eq!(kept(Some(&earlier)), wraps);
        assert!(short.len() * 2 < earlier.len(), "{} against {} bytes", short.len(), earlier.len());
        assert_eq!((keep(&[]), kept(None)), (None, Vec::new()));
    }
}
