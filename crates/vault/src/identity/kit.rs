//! The recovery kit: the workspace root on paper, in lines that each notice a slip of the pen.

use std::fmt;

use zeroize::Zeroizing;

use crate::crockford;
use crate::frame::digest;

/// Lines of the kit.
const LINES: usize = 4;
/// Characters of a line that carry the code; one more checks them.
const CARRIED: usize = 14;
const LINE: usize = CARRIED + 1;
/// Version before the 32 bytes of the root; two bytes after them check the whole.
const VERSION: u8 = 1;

/// Why a typed kit is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KitError {
    /// Too many or too few characters, or one that belongs to no code.
    #[error("not the length of a recovery kit, or a character that belongs to no code")]
    Shape,
    /// A slip in this line, counted from 1.
    #[error("a slip in line {0}")]
    Line(usize),
    /// The lines hold, but not together: they come from two kits, or from a newer program.
    #[error("the lines do not belong together")]
    Whole,
}

/// The workspace root as four lines of three groups of five characters. Never printed by Debug.
#[derive(Clone)]
pub struct RecoveryKit(Zeroizing<[u8; 32]>);

impl RecoveryKit {
    pub(crate) fn of(seed: &[u8; 32]) -> Self {
        RecoveryKit(Zeroizing::new(*seed))
    }

    pub(crate) fn seed(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The four lines to print, each `XXXXX-XXXXX-XXXXX`.
    pub fn lines(&self) -> Vec<Zeroizing<String>> {
        let mut bytes = Zeroizing::new(vec![VERSION]);
        bytes.extend_from_slice(self.0.as_ref());
        let check = whole_check(&bytes);
        bytes.extend_from_slice(&check);
        let code = crockford::encode(&bytes);
        let line = |i: usize| {
            let part = &code[i * CARRIED..(i + 1) * CARRIED];
            let checked = Zeroizing::new(format!("{part}{}", line_check(i, part)));
            Zeroizing::new(crockford::grouped(&checked, 5))
        };
        (0..LINES).map(line).collect()
    }

    /// Reads a kit as typed, with or without line breaks, dashes and spaces, in any case.
    ///
    /// # Errors
    /// [`KitError`], which names the line to look at again.
    pub fn parse(typed: &str) -> Result<Self, KitError> {
        let typed = crockford::canonical(typed).filter(|code| code.len() == LINES * LINE).ok_or(KitError::Shape)?;
        let mut code = Zeroizing::new(String::with_capacity(LINES * CARRIED));
        for i in 0..LINES {
            let (part, check) = typed[i * LINE..(i + 1) * LINE].split_at(CARRIED);
            if !check.starts_with(line_check(i, part)) {
                return Err(KitError::Line(i + 1));
            }
            code.push_str(part);
        }
        let bytes = crockford::decode(&code).ok_or(KitError::Whole)?;
        let (kept, check) = bytes.split_at(bytes.len() - 2);
        match kept {
            [VERSION, seed @ ..] if check == whole_check(kept) => {
                let seed = seed.try_into().map_err(|_| KitError::Whole)?;
                Ok(RecoveryKit(Zeroizing::new(seed)))
            }
            _ => Err(KitError::Whole),
        }
    }
}

fn whole_check(bytes: &[u8]) -> [u8; 2] {
    let [a, b, ..] = digest("kefu kit 1", &[bytes]);
    [a, b]
}

/// One of 32 characters from a hash of the line and its place: a slip, or a line in the wrong place, is named with it 31
/// times in 32; the check of the whole catches the rest.
fn line_check(line: usize, part: &str) -> char {
    crockford::character(digest("kefu kit line 1", &[&[line as u8], part.as_bytes()])[0])
}

impl fmt::Debug for RecoveryKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKit(…)")
    }
}
