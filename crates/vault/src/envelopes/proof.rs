//! What proves that an envelope is its author's: one signature for several envelopes, and with each of them what leads
//! from its digest to what was signed.
//!
//! A device signs what waits together. The digests of these envelopes are the leaves of a tree, each node is the digest of
//! the two below it, and the root is signed. An envelope carries the signature and the nodes beside its way up, so that who
//! has this one alone proves it as well as who has all of them: a technician has a few of many. What a signature costs is
//! shared by all of them, when signing as when verifying.
//!
//! The two below a node stand in the order of their bytes: which is left and which is right says nothing, for the place of
//! an envelope is in its head. So there is one proof of an envelope under a signature, and nobody makes a second of it.

use kefu_domain::envelope::Envelope;

use super::{Digest, FIRST};
use crate::frame::{digest, frame};
use crate::{SeatKeys, VerifyKey};

/// Most envelopes under one signature: each doubling adds a node to every one of them.
const TOGETHER: usize = 16;

/// Most nodes of a way that is followed; the shared database takes no longer proof.
const LONGEST: usize = 8;

/// Proofs of envelopes with these digests, in their order, under as few signatures as may be.
pub fn sign(digests: &[Digest], keys: &SeatKeys) -> Vec<Vec<u8>> {
    let together = digests.chunks(TOGETHER).map(|some| {
        let (root, ways) = tree(some);
        let signature = keys.sign.sign(&of_root(&root));
        ways.into_iter().map(move |way| [&signature[..], &way].concat())
    });
    together.flatten().collect()
}

/// What a proof says, to be verified: that this is a signature over this message.
#[derive(PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) message: Vec<u8>,
    pub(crate) signature: [u8; 64],
}

impl Claim {
    /// Of an envelope with this digest. None where the bytes beside it are no proof.
    pub(crate) fn of(envelope: &Envelope, digest: &Digest) -> Option<Self> {
        let (signature, way) = envelope.signature.split_first_chunk::<64>()?;
        let (nodes, rest) = way.as_chunks::<32>();
        if !rest.is_empty() || nodes.len() > LONGEST {
            return None;
        }
        let message = match envelope.suite {
            FIRST if nodes.is_empty() => of_first(envelope),
            FIRST => return None,
            _ => of_root(&nodes.iter().fold(*digest, |below, beside| node(&below, beside))),
        };
        Some(Claim { message, signature: *signature })
    }

    /// Whether the signature is this key's.
    pub(crate) fn holds(&self, key: &VerifyKey) -> bool {
        key.verifies(&self.message, &self.signature)
    }
}

/// What was signed of an envelope in the first suite: head, then sealed bytes.
pub(crate) fn of_first(envelope: &Envelope) -> Vec<u8> {
    [envelope.head(), envelope.sealed.clone()].concat()
}

/// What is signed of a tree.
fn of_root(root: &Digest) -> Vec<u8> {
    frame("kefu envelopes 2", &[root])
}

fn node(one: &Digest, other: &Digest) -> Digest {
    digest("kefu envelopes node 2", &[one.min(other), one.max(other)])
}

/// The root over these leaves, and for each of them the nodes beside its way there, from below.
fn tree(leaves: &[Digest]) -> (Digest, Vec<Vec<u8>>) {
    let [_, _, ..] = leaves else {
        return (leaves.first().copied().unwrap_or_default(), vec![Vec::new(); leaves.len()]);
    };
    let (left, right) = leaves.split_at(leaves.len().div_ceil(2));
    let ((left, mut ways), (right, mut more)) = (tree(left), tree(right));
    ways.iter_mut().for_each(|way| way.extend_from_slice(&right));
    more.iter_mut().for_each(|way| way.extend_from_slice(&left));
    ways.append(&mut more);
    (node(&left, &right), ways)
}

#[cfg(test)]
mod tests {
    use std::slice;

    use kefu_domain::Stamp;
    use kefu_domain::envelope::{Clear, SUITE};
    use uuid::Uuid;

    use super::super::{EnvelopeError, Tail, decode, encode, hash, verify, verify_all};
    use super::*;
    use crate::roster::MemberAct;
    use crate::{Certificate, Issuer, Roster, SeatId, WorkspaceRoot};

    #[test]
    fn every_leaf_leads_to_the_root_and_no_other_does() {
        for many in 1..=TOGETHER + 3 {
            let leaves: Vec<Digest> = (0..many as u8).map(|leaf| digest("leaf", &[&[leaf]])).collect();
            let (root, ways) = tree(&leaves);
            assert_eq!(ways.len(), many);
            let climb =
                |leaf: &Digest, way: &[u8]| way.as_chunks().0.iter().fold(*leaf, |below, beside| node(&below, beside));
            for (at, leaf) in leaves.iter().enumerate() {
                let led = ways.iter().filter(|way| climb(leaf, way) == root).count();
                // Two that share a parent are beside each other: each has a way of its own.
                assert_eq!((climb(leaf, &ways[at]), led), (root, 1), "{at} of {many}");
                assert_ne!(climb(&digest("leaf", &[b"another"]), &ways[at]), root);
            }
        }
        assert!(sign(&[], &SeatKeys::random().unwrap()).is_empty());
    }

    #[test]
    fn what_was_signed_by_itself_stays_good() {
        let (workspace, root, keys) =
            (Uuid::from_u128(1), WorkspaceRoot::random().unwrap(), SeatKeys::random().unwrap());
        let seat = SeatId { member: Uuid::from_u128(2), device: Uuid::from_u128(3) };
        let (mut roster, _) = Roster::found(workspace, &root, 1).unwrap();
        let certificate = Certificate::issue(Issuer::Root(&root), workspace, seat, keys.public(), 1).unwrap();
        let roles = ["reception".to_owned()].into();
        let admit = MemberAct::Admit { certificate: Box::new(certificate), roles, code: String::new() };
        roster.write(Issuer::Root(&root), 2, admit).unwrap();
        let mut envelope = Envelope {
            suite: FIRST,
            workspace,
            change: Uuid::from_u128(4),
            device: seat.device,
            seq: 1,
            previous: [0; 32],
            at: Stamp { ms: 1, n: 0, device: seat.device },
            seat: seat.member,
            record: Uuid::from_u128(5),
            kind: "form".into(),
            act: "note".into(),
            schema: 1,
            key: [7; 16],
            clear: Clear::default(),
            sealed: vec![9; 296],
            signature: Vec::new(),
        };
        envelope.signature = keys.sign.sign(&of_first(&envelope)).to_vec();
        let both =
            |envelope: &Envelope| (verify(envelope, &roster), verify_all(slice::from_ref(envelope), &roster)[0].1);
        assert_eq!(both(&envelope), (Ok(()), Ok(())));
        assert_eq!(decode(&encode(&envelope)).as_ref(), Some(&envelope));
        let next = Envelope { suite: SUITE, seq: 2, previous: hash(&envelope), ..envelope.clone() };
        let tail = Tail::start(seat.device).follow(&envelope).and_then(|tail| tail.follow(&next)).unwrap();
        assert_eq!(tail.hash, hash(&next), "the chain goes on from it");
        let bad = Err(EnvelopeError::BadSignature);
        for alter in [
            |e: &mut Envelope| e.sealed[3] ^= 1,
            |e: &mut Envelope| e.signature[3] ^= 1,
            |e: &mut Envelope| e.signature.extend([0; 32]),
            |e: &mut Envelope| e.suite = SUITE,
            |e: &mut Envelope| e.signature.clear(),
        ] {
            let mut altered = envelope.clone();
            alter(&mut altered);
            assert_eq!(both(&altered), (bad, bad));
            assert_ne!(hash(&altered), hash(&envelope), "its digest is of the signature as well");
        }
    }
}
