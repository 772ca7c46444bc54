//! The recovery code: 125 random bits that a person writes down once.

use std::fmt;

use zeroize::Zeroizing;

use crate::crockford;

const GROUPS: usize = 5;
const GROUP: usize = 5;

/// Five groups of five characters. Never printed by Debug.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// A new random code.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0u8; GROUPS * GROUP]);
        getrandom::fill(bytes.as_mut())?;
        // 256 is a multiple of 32: every character is equally likely.
        Ok(RecoveryCode(Zeroizing::new(bytes.iter().map(|b| crockford::character(*b)).collect())))
    }

    /// Reads a code as typed: case, spaces and dashes do not matter; O is read as 0, I and L as 1.
    pub fn parse(typed: &str) -> Option<Self> {
        let code = crockford::canonical(typed)?;
        (code.len() == GROUPS * GROUP).then_some(RecoveryCode(code))
    }

    pub(crate) fn canonical(&self) -> &str {
        &self.0
    }

    /// The code as it is shown: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`.
    pub fn shown(&self) -> Zeroizing<String> {
        Zeroizing::new(crockford::grouped(&self.0, GROUP))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_was_written() {
        let code = RecoveryCode::random().unwrap();
        let shown = code.shown();
        assert_eq!(shown.len(), 29);
        assert_eq!(RecoveryCode::parse(&shown), Some(code.clone()));
        assert_eq!(RecoveryCode::parse(&shown.to_lowercase().replace('-', " ")), Some(code.clone()));
        assert_eq!(RecoveryCode::parse(&shown.replace('0', "o").replace('1', "l")), Some(code));
        assert_eq!(RecoveryCode::parse(&shown[1..]), None);
        assert_eq!(RecoveryCode::parse("ÜÜÜÜÜ-AAAAA-AAAAA-AAAAA-AAAAA"), None);
    }
}
