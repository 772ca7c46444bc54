//! Guards that a signature has one answer, alone and among others, also where its signer means harm.

use curve25519_dalek::constants::EIGHT_TORSION;

use super::*;

fn key(n: u8) -> SignKey {
    SignKey::from_seed(&[n; 32])
}

/// A signature by the key's owner whose `R` carries a point of small order.
fn twisted(owner: &SignKey, message: &[u8], nonce: u64) -> [u8; 64] {
    let r = Scalar::from(nonce) * Scalar::from(0x9e37_79b9_7f4a_7c15u64);
    let point = (ED25519_BASEPOINT_TABLE * &r + EIGHT_TORSION[4]).compress();
    let hash =
        Sha512::new().chain_update(point.as_bytes()).chain_update(owner.public().as_bytes()).chain_update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s = r + k * owner.0.to_scalar();
    [*point.as_bytes(), s.to_bytes()].concat().try_into().unwrap()
}

#[test]
fn the_bad_ones_among_many_are_named() {
    let messages: Vec<Vec<u8>> = (0..300u32).map(|i| i.to_le_bytes().to_vec()).collect();
    let check = |bad: &[usize]| {
        let all: Vec<Signed> = messages
            .iter()
            .enumerate()
            .map(|(i, message)| {
                let own = key((i % 7) as u8 + 1);
                let mut signature = own.sign(message);
                signature[i % 64] ^= u8::from(bad.contains(&i)) << (i % 8);
                Signed { key: own.public(), message, signature }
            })
            .collect();
        assert_eq!(bad_signatures(&all), bad);
    };
    check(&[]);
    check(&[0]);
    check(&[127, 128, 299]);
    check(&(0..300).collect::<Vec<_>>());
}

#[test]
fn a_twisted_signature_has_the_same_answer_alone_and_in_every_company() {
    let owner = key(9);
    for nonce in 1..=40 {
        let bent = Signed { key: owner.public(), message: b"m", signature: twisted(&owner, b"m", nonce) };
        let signature = Signature::from_bytes(&bent.signature);
        assert!(bent.key.0.verify_strict(b"m", &signature).is_err(), "it is no honest signature");
        assert!(bent.key.verifies(b"m", &bent.signature));
        let other = nonce.to_le_bytes();
        let honest = Signed { key: owner.public(), message: &other, signature: owner.sign(&other) };
        assert_eq!(bad_signatures(&[honest, bent]), [0usize; 0]);
        assert_eq!(bad_signatures(&[bent, honest, bent]), [0usize; 0]);
    }
}

#[test]
fn weak_keys_and_unreduced_signatures_are_refused() {
    for point in EIGHT_TORSION {
        assert!(VerifyKey::from_bytes(point.compress().as_bytes()).is_none());
    }
    let own = key(3);
    let mut signature = own.sign(b"m");
    // S + ℓ stands for the same number, written another way.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0u16;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    assert!(own.public().verifies(b"m", &own.sign(b"m")));
    assert!(!own.public().verifies(b"m", &signature));
    assert_eq!(bad_signatures(&[Signed { key: own.public(), message: b"m", signature }; 2]), [0, 1]);
}
