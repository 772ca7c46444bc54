//! Envelopes of erased records: what was sealed is gone, and the digest of the whole stands in its place, so that the chains
//! of devices and of the workspace still hold. Nothing in its head is proven any more; what is left of the change is said by
//! the change that erased it.

use kefu_domain::envelope::Envelope;

use super::{bare_head, decode};

/// The digest of what the envelope was, where what was sealed in it is gone. No ciphertext is as short.
pub fn emptied_digest(envelope: &Envelope) -> Option<[u8; 32]> {
    envelope.sealed.as_slice().try_into().ok()
}

/// The emptied envelope of this digest, from what [`bare`](super::bare) or [`encode`](super::encode) gave of it.
pub fn emptied(bytes: &[u8], digest: &[u8; 32]) -> Option<Envelope> {
    let envelope = bare_head(bytes).or_else(|| decode(bytes))?;
    Some(Envelope { sealed: digest.to_vec(), ..envelope })
}

#[cfg(test)]
mod tests {
    use super::super::{bare, encode};
    use super::*;
    use kefu_domain::Stamp;
    use kefu_domain::envelope::Clear;
    use uuid::Uuid;

    #[test]
    fn no_ciphertext_is_taken_for_an_emptied_place() {
        // A nonce of 24 bytes and a tag of 16 stand in every one.
        let envelope = |sealed: usize| {
            let head = Envelope {
                suite: kefu_domain::envelope::SUITE,
                workspace: Uuid::nil(),
                change: Uuid::nil(),
                device: Uuid::nil(),
                seq: 1,
                previous: [0; 32],
                at: Stamp { ms: 1, n: 0, device: Uuid::nil() },
                seat: Uuid::nil(),
                record: Uuid::nil(),
                kind: "form".into(),
                act: "note".into(),
                schema: 1,
                key: [0; 16],
                clear: Clear::default(),
                sealed: vec![7; sealed],
                signature: vec![3; 64],
            };
            let bare = bare(&head);
            (head, bare)
        };
        let check = |sealed: usize, expected: bool| {
            assert_eq!(emptied_digest(&envelope(sealed).0).is_some(), expected, "{sealed}");
        };
        check(32, true);
        check(24 + 256 + 16, false);
        check(0, false);
        let (head, bare) = envelope(296);
        let again = emptied(&bare.unwrap(), &[9; 32]).unwrap();
        assert_eq!((again.head(), again.signature, again.sealed), (head.head(), head.signature.clone(), vec![9; 32]));
        assert!(emptied(&encode(&head), &[9; 32]).is_some(), "what was kept whole, too");
        assert!(emptied(b"", &[9; 32]).is_none());
    }
}
