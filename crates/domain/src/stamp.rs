//! Hybrid logical clock: the order of all changes, the same on every device.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A moment in the order of changes: wall clock, then a counter, then the device that breaks ties.
///
/// Ordered by (`ms`, `n`, `device`). Written `ms-n-device` in lower-case hexadecimal of fixed width, so that the text
/// sorts as the stamp does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Milliseconds since 1970-01-01 UTC, never behind any change this device has seen.
    pub ms: u64,
    /// Counts changes within one millisecond.
    pub n: u32,
    /// Device that made the change.
    pub device: Uuid,
}

impl Stamp {
    /// The stamp of the next change on `device`, given the greatest stamp it has seen and its wall clock.
    ///
    /// A wall clock that stands behind `last` does not take the order back: the counter goes on instead.
    pub fn next(last: Option<Stamp>, now_ms: u64, device: Uuid) -> Stamp {
        match last {
            Some(last) if now_ms <= last.ms => match last.n.checked_add(1) {
                Some(n) => Stamp { ms: last.ms, n, device },
                None => Stamp { ms: last.ms + 1, n: 0, device },
            },
            _ => Stamp { ms: now_ms, n: 0, device },
        }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The length of every stamp that a clock can make. Digit by digit: each change is read and written with several.
        let mut text = [b'-'; 54];
        let mut digits = |from: usize, count: usize, value: u128| {
            for (place, at) in (from..from + count).rev().enumerate() {
                text[at] = b"0123456789abcdef"[(value >> (4 * place)) as usize & 15];
            }
        };
        if self.ms >> 48 != 0 {
            return write!(f, "{:012x}-{:08x}-{}", self.ms, self.n, self.device.simple());
        }
        digits(0, 12, self.ms.into());
        digits(13, 8, self.n.into());
        digits(22, 32, self.device.as_u128());
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// The text is not a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stamp")]
pub struct NotAStamp;

impl FromStr for Stamp {
    type Err = NotAStamp;

    fn from_str(text: &str) -> Result<Self, NotAStamp> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(NotAStamp);
        let ms = u64::from_str_radix(part()?, 16).map_err(|_| NotAStamp)?;
        let n = u32::from_str_radix(part()?, 16).map_err(|_| NotAStamp)?;
        let device = Uuid::try_parse(part()?).map_err(|_| NotAStamp)?;
        parts.next().is_none().then_some(Stamp { ms, n, device }).ok_or(NotAStamp)
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_clock_set_back_does_not_reorder() {
        let device = Uuid::from_u128(7);
        let first = Stamp::next(None, 5_000, device);
        let second = Stamp::next(Some(first), 1_000, device);
        let third = Stamp::next(Some(second), 6_000, device);
        assert!(first < second && second < third);
        assert_eq!((second.ms, second.n, third.n), (5_000, 1, 0));
    }

    #[test]
    fn a_full_counter_moves_on() {
        let last = Stamp { ms: 9, n: u32::MAX, device: Uuid::nil() };
        assert!(Stamp::next(Some(last), 9, Uuid::nil()) > last);
    }

    proptest! {
        #[test]
        fn text_sorts_as_the_stamp_and_reads_back(
            a in (0u64..1 << 48, any::<u32>(), any::<u128>()),
            b in (0u64..1 << 48, any::<u32>(), any::<u128>()),
        ) {
            let stamp = |(ms, n, d)| Stamp { ms, n, device: Uuid::from_u128(d) };
            let (a, b) = (stamp(a), stamp(b));
            prop_assert_eq!(a.to_string().parse::<Stamp>(), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }
}
