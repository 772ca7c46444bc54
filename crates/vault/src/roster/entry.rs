//! Entries of the member log: what was done with seats, roles and desk keys, signed and chained by hash.

use std::collections::{BTreeMap, BTreeSet};

use kefu_domain::process::actor::Role;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::certificate::{Author, Issuer};
use crate::frame::{Parts, digest, frame, hex};
use crate::{Certificate, SeatId, VerifyKey};

const TAG: &str = "kefu member log 1";

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MemberAct {
    /// The first entry: the workspace begins with this root.
    Found {
        /// Public half of the root.
        root: VerifyKey,
    },
    /// Admits a seat. The member's roles become these, on all seats he has.
    Admit {
        /// The seat and its keys, by the same author as the entry.
        certificate: Box<Certificate>,
        /// Roles; never 管理, which is granted apart.
        roles: BTreeSet<Role>,
        /// Code of the device in form numbers; no two devices have the same.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        code: String,
    },
    /// Gives a member other roles.
    SetRoles {
        /// Member.
        member: Uuid,
        /// All roles he holds from here on but 管理.
        roles: BTreeSet<Role>,
    },
    /// Makes a member an administrator (管理). The root alone does this.
    GrantAdmin {
        /// Member.
        member: Uuid,
    },
    /// Takes that right back. The root alone does this.
    WithdrawAdmin {
        /// Member.
        member: Uuid,
    },
    /// Revokes every seat that fits: of a member, on a device (a lost laptop), or the one seat that is both.
    Revoke {
        /// Only this member's seats.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member: Option<Uuid>,
        /// Only seats on this device.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<Uuid>,
        /// By device, the last sequence that still counts; 0 where nothing does. Names every device concerned.
        until: BTreeMap<Uuid, u64>,
    },
    /// The profile of a seat was copied, and one of the copies goes on as another device with the same keys.
    Renew {
        /// The seat.
        seat: SeatId,
        /// The new identity of its device.
        device: Uuid,
    },
    /// The desk key is from here on another one.
    TurnDeskKey {
        /// One more than before; 1 is the first.
        epoch: u32,
        /// Id of the new key, which commits to it.
        #[serde(with = "hex")]
        key: [u8; 16],
    },
    /// Something of a newer version: kept in the chain, without effect here.
    #[serde(other)]
    Unknown,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryBody {
    /// Workspace.
    pub workspace: Uuid,
    /// Place in the log: 1, 2, 3, …
    pub seq: u64,
    /// Hash of the entry before it; zeros for the first.
    #[serde(with = "hex")]
    pub previous: [u8; 32],
    /// When, seconds since 1970 UTC by the author's clock.
    pub at: i64,
    /// Who.
    pub by: Author,
    /// What.
    pub act: MemberAct,
}

/// A signed entry. Its bytes are kept as they were signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it says.
    pub says: EntryBody,
    body: Vec<u8>,
    signature: [u8; 64],
}

impl Entry {
    pub(crate) fn sign(issuer: Issuer, says: EntryBody) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_vec(&says)?;
        let signature = issuer.sign(&frame(TAG, &[&body]));
        Ok(Entry { says, body, signature })
    }

    pub(crate) fn is_by(&self, key: &VerifyKey) -> bool {
        key.verifies(&frame(TAG, &[&self.body]), &self.signature)
    }

    /// What the next entry names as its predecessor.
    pub fn hash(&self) -> [u8; 32] {
        digest(TAG, &[&self.body, &self.signature])
    }

    /// Its bytes, as they are stored and sent.
    pub fn encode(&self) -> Vec<u8> {
        frame(TAG, &[&self.body, &self.signature])
    }

    /// Reads its bytes; None where they are no entry. Nothing is verified here.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts::of(bytes, TAG)?;
        let body = parts.next()?.to_vec();
        let signature = parts.array()?;
        parts.end()?;
        Some(Entry { says: serde_json::from_slice(&body).ok()?, body, signature })
    }
}
