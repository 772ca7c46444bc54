//! One way to turn several values into bytes before they are hashed, bound or signed, so that none runs into the next.
//!
//! A frame is a tag, then every part, each with its length before it (u32, little-endian). Two lists of parts never give
//! the same bytes, and what was made for one purpose never fits another.

use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The frame of `parts` under `tag`.
pub(crate) fn frame(tag: &str, parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = parts.iter().map(|part| part.len() + 4).sum();
    let mut out = Vec::with_capacity(tag.len() + 4 + size);
    let mut put = |part: &[u8]| {
        out.extend_from_slice(&(part.len() as u32).to_le_bytes());
        out.extend_from_slice(part);
    };
    put(tag.as_bytes());
    parts.iter().for_each(|part| put(part));
    out
}

/// SHA-256 of a frame.
pub(crate) fn digest(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [tag.as_bytes()].iter().chain(parts) {
        hasher.update((part.len() as u32).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A key for the purpose that the frame names, from a key that is random already (HKDF-SHA256).
pub(crate) fn derive(key: &[u8], tag: &str, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // The output is as long as the hash: expansion cannot fail.
    let _ = Hkdf::<Sha256>::new(None, key).expand(&frame(tag, parts), out.as_mut());
    out
}

/// Reads the parts of a frame back, one by one. Never panics; the first part that is not whole ends it.
pub(crate) struct Parts<'a>(pub(crate) &'a [u8]);

impl<'a> Parts<'a> {
    /// The parts of a frame that carries `tag`.
    pub(crate) fn of(bytes: &'a [u8], tag: &str) -> Option<Self> {
        let mut parts = Parts(bytes);
        (parts.next()? == tag.as_bytes()).then_some(parts)
    }

    /// The next part, of exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.next()?.try_into().ok()
    }

    /// The next part, as text.
    pub(crate) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.next()?.to_vec()).ok()
    }

    /// Whether nothing is left: what follows a frame is no part of it and is refused.
    pub(crate) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        Some(part)
    }
}

/// Byte arrays in JSON: lower-case hexadecimal.
pub(crate) mod hex {
    use data_encoding::HEXLOWER;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(deserializer: D) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| D::Error::custom("not hexadecimal"))?;
        T::try_from(bytes).map_err(|_| D::Error::custom("not of its length"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_never_run_into_each_other() {
        let frames = [
            frame("t", &[b"ab", b"c"]),
            frame("t", &[b"a", b"bc"]),
            frame("t", &[b"abc"]),
            frame("t", &[b"abc", b""]),
            frame("ta", &[b"b", b"c"]),
        ];
        for (i, one) in frames.iter().enumerate() {
            assert!(frames[i + 1..].iter().all(|other| other != one && digest("x", &[one]) != digest("x", &[other])));
        }
        let mut parts = Parts::of(&frames[0], "t").unwrap();
        assert_eq!(
            (parts.next(), parts.end(), parts.array(), parts.end()),
            (Some(&b"ab"[..]), None, Some(*b"c"), Some(()))
        );
        assert!(Parts::of(&frames[4], "t").is_none());
    }
}
