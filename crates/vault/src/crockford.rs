//! Crockford's base 32, for codes that people copy by hand and machines read from a QR code.

use zeroize::Zeroizing;

/// No I, L, O, U, so that handwriting is read back right.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The character for the five lowest bits.
pub(crate) fn character(five: u8) -> char {
    ALPHABET[usize::from(five % 32)] as char
}

/// The characters of what was typed, in their canonical form: case, spaces and dashes do not matter; O is read as 0,
/// I and L as 1. None where a character belongs to no code.
pub(crate) fn canonical(typed: &str) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(typed.len()));
    for c in typed.chars() {
        let c = match c.to_ascii_uppercase() {
            ' ' | '-' | '\n' | '\r' | '\t' | '\u{3000}' | '－' => continue,
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if !u8::try_from(c).is_ok_and(|b| ALPHABET.contains(&b)) {
            return None;
        }
        code.push(c);
    }
    Some(code)
}

/// Bytes as characters, the last padded with zero bits.
pub(crate) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(5) * 8));
    let (mut held, mut bits) = (0u16, 0);
    for byte in bytes {
        held = (held << 8) | u16::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(character((held >> bits) as u8 & 31));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(character((held << (5 - bits)) as u8 & 31));
    }
    out
}

/// The bytes of canonical characters. None where the padding is not zero, so that each code is written one way only.
pub(crate) fn decode(code: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(code.len() * 5 / 8));
    let (mut held, mut bits) = (0u16, 0);
    for c in code.bytes() {
        let five = ALPHABET.iter().position(|a| *a == c)?;
        held = (held << 5) | five as u16;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0 && bits < 5).then_some(out)
}

/// Groups of `size` characters, joined by dashes.
pub(crate) fn grouped(code: &str, size: usize) -> String {
    let characters: Vec<char> = code.chars().collect();
    characters.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_read_back_and_written_one_way() {
        for length in 0..40u8 {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(151) ^ 0xa5).collect();
            let code = encode(&bytes);
            assert_eq!(decode(&code).as_deref(), Some(&bytes), "{length}");
            if !(bytes.len() * 8).is_multiple_of(5) {
                assert!(decode(&last_bit_turned(&code)).is_none(), "{length}: padding that is not zero");
            }
        }
        assert!(canonical("AÜ").is_none());
        assert_eq!(canonical("o1-il 　z").unwrap().as_str(), "0111Z");
    }

    /// The same code with the lowest bit of its last character turned.
    fn last_bit_turned(code: &str) -> String {
        let last = code.bytes().last().unwrap();
        let place = ALPHABET.iter().position(|a| *a == last).unwrap() as u8;
        format!("{}{}", &code[..code.len() - 1], character(place ^ 1))
    }
}
