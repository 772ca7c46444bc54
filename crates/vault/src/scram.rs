//! The verifier of a database login (RFC 5802, SCRAM-SHA-256): made here, so that the password itself never stands in a
//! statement, and so never in a log of the server.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// PostgreSQL's own count.
const ROUNDS: u32 = 4096;

/// The verifier of `password` as PostgreSQL stores it in `pg_authid`. Only printable ASCII is meant to come in: other
/// passwords would have to be prepared (SASLprep) before.
///
/// # Errors
/// The system's random source failed.
pub fn scram_verifier(password: &str) -> Result<String, getrandom::Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    Ok(verifier(password, &salt, ROUNDS))
}

/// 160 random bits in base 32, for a login that a device keeps: printable, so never in need of preparation.
///
/// # Errors
/// The system's random source failed.
pub fn random_password() -> Result<zeroize::Zeroizing<String>, getrandom::Error> {
    let mut bytes = zeroize::Zeroizing::new([0; 20]);
    getrandom::fill(bytes.as_mut())?;
    Ok(zeroize::Zeroizing::new(data_encoding::BASE32_NOPAD.encode(bytes.as_ref()).to_lowercase()))
}

fn verifier(password: &str, salt: &[u8], rounds: u32) -> String {
    let mut block = mac(password.as_bytes(), &[salt, &1u32.to_be_bytes()].concat());
    let mut salted = block;
    for _ in 1..rounds {
        block = mac(password.as_bytes(), &block);
        salted.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
    }
    let stored = Sha256::digest(mac(&salted, b"Client Key"));
    let server = mac(&salted, b"Server Key");
    format!("SCRAM-SHA-256${rounds}:{}${}:{}", BASE64.encode(salt), BASE64.encode(&stored), BASE64.encode(&server))
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of any length is taken: this cannot fail.
    Hmac::<Sha256>::new_from_slice(key).map(|m| m.chain_update(text).finalize().into_bytes().into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_postgresql_would_have_made() {
        // The example of RFC 7677: its proof and signature follow from these two keys.
        let salt = BASE64.decode(b"W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        assert_eq!(
            verifier("pencil", &salt, 4096),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
             wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
        let (one, other) = (scram_verifier("pencil").unwrap(), scram_verifier("pencil").unwrap());
        assert_ne!(one, other);
        assert_eq!(random_password().unwrap().len(), 32);
    }
}
