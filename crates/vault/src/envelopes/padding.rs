//! Padding: sealed changes have few different sizes, so that their length tells little of what a customer said.

use zeroize::Zeroizing;

/// Smallest size.
const SMALLEST: usize = 256;
/// Largest size of a padded change, in bytes: 1 MiB.
pub const LARGEST: usize = 1 << 20;
/// The true length stands first, as u32.
const LENGTH: usize = 4;

/// Length, bytes, and zeros up to the next of 256, 512, 1 k, 2 k, … None where that is beyond [`LARGEST`].
pub(crate) fn pad(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let size = size_of(bytes.len())?;
    let mut padded = Zeroizing::new(Vec::with_capacity(size));
    padded.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    padded.extend_from_slice(bytes);
    padded.resize(size, 0);
    Some(padded)
}

fn size_of(length: usize) -> Option<usize> {
    Some(length.checked_add(LENGTH)?.max(SMALLEST).next_power_of_two()).filter(|size| *size <= LARGEST)
}

/// The bytes within the padding. None where the size is not the one that their length gives, or a byte of the padding is
/// not zero: there is one padded form of each.
pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<LENGTH>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (bytes, zeros) = rest.split_at_checked(length)?;
    (size_of(length) == Some(padded.len()) && zeros.iter().all(|zero| *zero == 0)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_few() {
        let check = |length: usize, expected: Option<usize>| {
            assert_eq!(pad(&vec![7; length]).map(|padded| padded.len()), expected, "{length}");
        };
        check(0, Some(256));
        check(252, Some(256));
        check(253, Some(512));
        check(1020, Some(1024));
        check(1021, Some(2048));
        check(LARGEST - 4, Some(LARGEST));
        check(LARGEST - 3, None);
    }

    #[test]
    fn there_is_one_padded_form() {
        let good = pad(b"abc").unwrap();
        assert_eq!(unpad(&good), Some(&b"abc"[..]));
        let mut written = good.to_vec();
        written[200] = 1;
        assert_eq!(unpad(&written), None, "something in the padding");
        let longer = [good.as_slice(), &[0; 256]].concat();
        assert_eq!(unpad(&longer), None, "a larger size than needed");
        let mut beyond = good.to_vec();
        beyond[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(unpad(&beyond), None, "a length beyond the end");
    }

    proptest! {
        #[test]
        fn whatever_is_padded_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let padded = pad(&bytes).unwrap();
            prop_assert_eq!(unpad(&padded), Some(bytes.as_slice()));
            prop_assert!(padded.len().is_power_of_two());
        }

        #[test]
        fn anything_else_is_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Some(inner) = unpad(&bytes) {
                let again = pad(inner).unwrap();
                prop_assert_eq!(again.as_slice(), bytes.as_slice());
            }
        }
    }
}
