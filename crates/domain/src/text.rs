//! Plain text rules shared by checking and searching.

/// Full-width ASCII (０１２ ＡＢＣ ！) and the ideographic space as their ordinary forms; everything else unchanged.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// [`half_width`] over a text.
pub fn to_half_width(text: &str) -> String {
    text.chars().map(half_width).collect()
}

/// A text as it is compared: ordinary width, small letters.
pub fn folded(text: &str) -> String {
    text.chars().map(half_width).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_becomes_ordinary() {
        assert_eq!(to_half_width("０１２－８８８８　Ａｂ（转）𠮷"), "012-8888 Ab(转)𠮷");
    }
}
