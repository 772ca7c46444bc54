//! From what was typed to an FTS5 expression.

use kefu_domain::phone::Phone;

use super::pinyin::as_pinyin;
use super::tokens::{Run, folded, is_han, is_word, plain, runs, squeezed};
use crate::forms::on_one_line;

/// Longest query looked at, in characters.
const LONGEST: usize = 64;

/// A parsed query.
#[derive(Debug)]
pub(crate) struct Query {
    expression: String,
    /// Folded runs, for the excerpt.
    wanted: Vec<String>,
}

impl Query {
    /// Reads what was typed; None where nothing in it can be searched for.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        let typed: String = typed.trim().chars().take(LONGEST).collect();
        let folded = folded(&typed);
        let terms: Vec<String> = folded.split_whitespace().filter_map(term).collect();
        let mut expression = one_number(&typed, &folded).unwrap_or_else(|| terms.join(" AND "));
        // Without Chinese it may be one number, however spaced and dashed.
        let number = squeezed(&typed);
        if !folded.chars().any(is_han) && !number.is_empty() && number != folded {
            let whole = ends(&number);
            let either: Vec<String> =
                (!terms.is_empty()).then(|| format!("({expression})")).into_iter().chain(whole).collect();
            expression = either.join(" OR ");
        }
        // A telephone with +86 or an extension is compared by its digits.
        if let Some(phone) = Phone::parse(&typed).filter(|p| p.digits.len() > 4) {
            let phone = phone.digits + phone.extension.as_deref().unwrap_or_default();
            expression = format!("({expression}) OR (id : \"p{phone}\" *)");
        }
        let wanted = runs(&folded)
            .into_iter()
            .map(|run| match run {
                Run::Han(run) => run.into_iter().collect(),
                Run::Word(word) => word,
            })
            .collect();
        (!expression.is_empty()).then_some(Query { expression, wanted })
    }

    pub(crate) fn matching(&self) -> &str {
        &self.expression
    }

    /// A line of `text` around the first hit; None where the hit is not in it. What stands in one of the texts `shown`
    /// beside it, as it was typed, is not looked for.
    pub(crate) fn excerpt(&self, text: &str, shown: [&str; 2], before: usize, length: usize) -> Option<String> {
        let left = self.wanted.iter().filter(|run| !shown.iter().any(|shown| shown.contains(run.as_str())));
        let left: Vec<&str> = left.map(String::as_str).collect();
        let as_written = || left.iter().find_map(|run| place(text, run));
        let hit = as_written().or_else(|| {
            if left.is_empty() {
                return None;
            }
            // Only what was typed in Chinese can stand there in traditional characters.
            let han = left.iter().any(|run| run.chars().any(is_han));
            let mut compared = String::with_capacity(text.len());
            match han {
                true => compared = folded(text),
                false => compared.extend(text.chars().map(plain)),
            }
            if han && compared.chars().count() != text.chars().count() {
                // Folding a single character keeps positions; the few that vanish only shift the window.
                compared = text.chars().map(|c| folded(&c.to_string()).chars().next().unwrap_or(' ')).collect();
            }
            left.iter().find_map(|run| place(&compared, run))
        })?;
        let start = hit.saturating_sub(before);
        let mut line = String::with_capacity(4 * (length + 1));
        if start > 0 {
            line.push('…');
        }
        on_one_line(&mut line, text.chars().skip(start), length);
        Some(line)
    }
}

/// Characters before `run` in `text`.
fn place(text: &str, run: &str) -> Option<usize> {
    text.find(run).map(|at| text[..at].chars().count())
}

/// A form's number or a telephone, whole but written in pieces: in a text they follow one another. Asking for each piece
/// by itself would read every number that begins with `kf` or `138`.
fn one_number(typed: &str, folded: &str) -> Option<String> {
    let pieces: Vec<String> = runs(folded)
        .into_iter()
        .map(|run| match run {
            Run::Word(word) => Some(word),
            Run::Han(_) => None,
        })
        .collect::<Option<_>>()?;
    let form = |number: &str| {
        let day = number.strip_prefix("kf").and_then(|rest| rest.get(..8));
        number.len() >= 15 && day.is_some_and(|day| day.bytes().all(|b| b.is_ascii_digit()))
    };
    // A mobile number or one with its area: other digits may be several numbers of which each is meant.
    let telephone = |digits: &str| {
        digits.len() == 11 && digits.starts_with('1') || matches!(digits.len(), 11 | 12) && digits.starts_with('0')
    };
    let whole = form(&pieces.concat()) || Phone::parse(typed).is_some_and(|phone| telephone(&phone.digits));
    (whole && pieces.len() > 1).then(|| format!("{{name text}} : \"{}\" *", pieces.join(" ")))
}

/// The expression of one term without spaces.
fn term(term: &str) -> Option<String> {
    let parts: Vec<String> = runs(term)
        .into_iter()
        .map(|run| match run {
            Run::Han(run) => phrase(&run),
            Run::Word(word) if term.chars().any(is_han) => format!("(\"{word}\" *)"),
            Run::Word(word) => {
                let text = format!("{{name text}} : \"{word}\" *");
                let pinyin = as_pinyin(&word).map(|typed| format!("py : \"{typed}\" *"));
                let either: Vec<String> = [Some(text), ends(&word), pinyin].into_iter().flatten().collect();
                format!("({})", either.join(" OR "))
            }
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

/// A Chinese run as a phrase of its bigrams; a single character as the beginning of one.
fn phrase(run: &[char]) -> String {
    match run {
        [one] => format!("(\"{one}\" *)"),
        _ => {
            let pairs: Vec<String> = run.windows(2).map(|pair| pair.iter().collect()).collect();
            format!("\"{}\"", pairs.join(" "))
        }
    }
}

/// Numbers that begin or end with `number`; None where nothing in it is sure to be a token. SQLite drops signs that it
/// does not know, and the mark left alone would find every number.
fn ends(number: &str) -> Option<String> {
    let back: String = number.chars().rev().collect();
    number
        .contains(|c: char| c.is_ascii_alphanumeric())
        .then(|| format!("(id : \"p{number}\" * OR id : \"q{back}\" * OR id : \"f{number}\" * OR id : \"r{back}\" *)"))
}

/// Forms with exactly this serial, order or contract number; None for one too short to tell anything.
pub(crate) fn serial_number(typed: &str) -> Option<String> {
    let number = squeezed(typed);
    (number.chars().filter(char::is_ascii_alphanumeric).count() >= 4).then(|| format!("id : \"f{number}\""))
}

/// Forms of a caller whose telephone begins with what was typed.
pub(crate) fn caller_by_phone(typed: &str) -> Option<String> {
    let digits: String = squeezed(typed).chars().filter(char::is_ascii_digit).collect();
    let phone = Phone::parse(typed).map_or(digits, |p| p.digits);
    (phone.len() >= 4).then(|| format!("id : \"p{phone}\" *"))
}

/// Forms of a caller by name or pinyin.
pub(crate) fn caller_by_name(typed: &str) -> Option<String> {
    let folded = folded(typed);
    if folded.chars().filter(|c| is_word(*c)).count() < 2 {
        return None;
    }
    let parts: Vec<String> = runs(&folded)
        .into_iter()
        .map(|run| match run {
            Run::Han(run) => format!("name : {}", phrase(&run)),
            Run::Word(word) => match as_pinyin(&word) {
                Some(typed) => format!("name : \"{word}\" * OR py : \"{typed}\" *"),
                None => format!("name : \"{word}\" *"),
            },
        })
        .collect();
    (!parts.is_empty()).then(|| parts.iter().map(|p| format!("({p})")).collect::<Vec<_>>().join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, text: &str, expected: Option<&str>) {
        let line = Query::parse(typed).and_then(|query| query.excerpt(text, ["陈秀英", "0571-8021"], 2, 6));
        assert_eq!(line.as_deref(), expected, "{typed} in {text}");
    }

    #[test]
    fn what_the_row_shows_already_is_not_looked_for() {
        check("陈秀英 熄灭", "陈秀英说点火后火焰熄灭，面板显示", Some("…火焰熄灭，面"));
        check("秀英", "陈秀英说点火后火焰熄灭", None);
        check("8021", "回电8021", None);
    }

    #[test]
    fn the_line_begins_a_little_before_the_hit() {
        check("熄灭", "点火后火焰熄灭，面板显示", Some("…火焰熄灭，面"));
        check("点火", "点火后火焰熄灭", Some("点火后火焰熄"));
        check("熄灭", "没有水\n压力正常", None);
    }

    #[test]
    fn the_hit_is_found_however_it_was_written() {
        check("设备", "購買的設備漏水，要求退款", Some("…買的設備漏水"));
        check("設備", "购买的设备漏水，要求退款", Some("…买的设备漏水"));
        check("e1", "面板显示 Ｅ１ 断电", Some("…示 Ｅ１ 断"));
        check("13858", "请回电 １３８５８，谢谢", Some("…电 １３８５"));
        check("设备", "O’Brien 的設備漏水", Some("… 的設備漏水"));
    }
}
