//! Cuts text into the tokens of the index. The same cut serves the query, so that what went in comes out.

use kefu_domain::text::half_width;

/// Whether `c` is written without spaces between words: Chinese characters of all planes, kana and hangul.
pub(super) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether `c` is part of a word for us and for SQLite's `unicode61` alike. Letters and numbers in circles, brackets and
/// squares are none there: a mark before them would be left alone, and find everything.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{2460}'..='\u{24ff}' | '\u{3200}'..='\u{33ff}' | '\u{1f100}'..='\u{1f1ff}')
}

/// A letter as it is compared: half width, lower case.
pub(super) fn plain(c: char) -> char {
    if is_han(c) {
        return c;
    }
    half_width(c).to_lowercase().next().unwrap_or(c)
}

/// Text as it is compared: half width, lower case, simplified, without the dots and apostrophes inside names.
pub(super) fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let letters = text.chars().map(half_width);
    let letters = letters.filter(|c| !matches!(c, '·' | '•' | '・' | '‧' | '\'' | '’' | '`'));
    plain.extend(letters.flat_map(char::to_lowercase));
    simplified(&plain)
}

/// Traditional characters as simplified ones, one for one, so that positions stay.
fn simplified(text: &str) -> String {
    if text.chars().any(is_han) { fast2s::convert(text) } else { text.to_string() }
}

/// A stretch of text of one sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Run {
    /// Written without spaces.
    Han(Vec<char>),
    /// A word or a number.
    Word(String),
}

/// The runs of a folded text.
pub(super) fn runs(folded: &str) -> Vec<Run> {
    let mut all = Vec::new();
    for c in folded.chars() {
        match (all.last_mut(), is_han(c)) {
            (Some(Run::Han(run)), true) => run.push(c),
            (_, true) => all.push(Run::Han(vec![c])),
            (Some(Run::Word(word)), false) if is_word(c) && !word.is_empty() => word.push(c),
            (_, false) if is_word(c) => all.push(Run::Word(c.into())),
            // anything else ends a run; the empty word is a mark of that
            _ => all.push(Run::Word(String::new())),
        }
    }
    all.retain(|run| *run != Run::Word(String::new()));
    all
}

/// Appends the tokens of `text`: bigrams and the last character of Chinese runs, words of others.
pub(super) fn push(out: &mut String, text: &str) {
    for run in runs(&folded(text)) {
        match run {
            Run::Han(run) => {
                for pair in run.windows(2) {
                    out.extend(pair);
                    out.push(' ');
                }
                out.extend(run.last());
            }
            Run::Word(word) => out.push_str(&word),
        }
        out.push(' ');
    }
    out.push_str("| "); // no token of its own, but keeps texts apart for the reader of a dump
}

/// Letters and digits only: a number as it is compared, however it was spaced and dashed.
pub(super) fn squeezed(text: &str) -> String {
    folded(text).chars().filter(|c| is_word(*c)).collect()
}

/// Appends a number twice, each time behind a mark: forwards for its beginning, backwards for its tail.
pub(super) fn push_ends(out: &mut String, forwards: char, backwards: char, number: &str) {
    if !number.is_empty() {
        out.push(forwards);
        out.push_str(number);
        out.push(' ');
        out.push(backwards);
        out.extend(number.chars().rev());
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::new();
        push(&mut out, text);
        assert_eq!(out.trim_end_matches("| ").trim_end(), expected, "{text}");
    }

    #[test]
    fn text_is_cut_into_bigrams_and_words() {
        check("火焰熄灭", "火焰 焰熄 熄灭 灭");
        check("显示 E1，断电", "显示 示 e1 断电 电");
        check("𠮷田設備（宁波）", "𠮷田 田设 设备 备 宁波 波");
        check("阿依古丽·买买提", "阿依 依古 古丽 丽买 买买 买提 提");
        check("O'Brien Liam", "obrien liam");
        check("０１２ ＡＢＣ", "012 abc");
        check("售後網點", "售后 后网 网点 点");
        check("㛃䶮", "㛃䶮 䶮");
        check("😡", "");
        check("Ⓐb🄰c①㈱5", "b c 5");
    }

    #[test]
    fn a_number_is_squeezed_to_what_the_index_keeps() {
        assert_eq!(squeezed("ｌｎ16-2409 /Ⓐ🄰①㈱"), "ln162409");
    }
}
