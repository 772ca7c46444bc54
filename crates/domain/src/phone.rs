//! Telephone numbers: shown as typed, compared by their digits.

use crate::text::half_width;

/// A telephone reduced to what identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// Digits without the prefix of the mainland (+86); other countries keep theirs.
    pub digits: String,
    /// Extension (分机), if any.
    pub extension: Option<String>,
}

impl Phone {
    /// Reads a telephone as people write it: spaces, dashes, brackets, full-width digits, `+86`, `转 801`, `ext. 801`.
    ///
    /// None where it is no telephone: letters, fewer than 3 digits (110 is one), or more than 20.
    pub fn parse(typed: &str) -> Option<Phone> {
        let text: String = typed.chars().map(half_width).collect::<String>().to_lowercase();
        let mut main = text.as_str();
        let mut extension = None;
        for mark in ["转", "轉", "分机", "ext.", "ext", "#", "x"] {
            if let Some((before, after)) = text.split_once(mark) {
                let after = digits(after)?;
                if after.is_empty() || after.len() > 8 {
                    return None;
                }
                extension = Some(after);
                main = before;
                break;
            }
        }
        let mut digits = digits(main)?;
        for prefix in ["0086", "+86"] {
            if let Some(rest) = digits.strip_prefix(prefix) {
                digits = rest.to_string();
                break;
            }
        }
        // 86 without a plus, before a mobile number
        if digits.len() == 13 && digits.starts_with("861") {
            digits = digits[2..].to_string();
        }
        let digits = digits.trim_start_matches('+').to_string();
        (3..=20).contains(&digits.len()).then_some(Phone { digits, extension })
    }
}

/// Digits of `text` (a leading plus kept); None if anything but digits and the usual separators is in it.
fn digits(text: &str) -> Option<String> {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => out.push(c),
            '+' if out.is_empty() => out.push(c),
            ' ' | '-' | '–' | '—' | '(' | ')' | '.' | '/' | ',' | ':' | '\u{a0}' => {}
            _ => return None,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Option<(&str, Option<&str>)>) {
        let found = Phone::parse(typed);
        let found = found.as_ref().map(|p| (p.digits.as_str(), p.extension.as_deref()));
        assert_eq!(found, expected, "{typed}");
    }

    #[test]
    fn telephones_as_people_write_them() {
        check("138 0013 8000", Some(("13800138000", None)));
        check("+86 186 2104 5577", Some(("18621045577", None)));
        check("0086-18621045577", Some(("18621045577", None)));
        check("8618621045577", Some(("18621045577", None)));
        check("0571-8888 1234 转 801", Some(("057188881234", Some("801"))));
        check("０５７１－８８８８１２３４转８０１", Some(("057188881234", Some("801"))));
        check("(0571) 8888-1234 ext. 801", Some(("057188881234", Some("801"))));
        check("+852 2345 6789", Some(("85223456789", None)));
        check("400-820-8820", Some(("4008208820", None)));
        check("110", Some(("110", None)));
        check("12", None);
        check("", None);
        check("陈秀英", None);
        check("138x", None);
        check("138 0013 8000 转", None);
        check("1234567890123456789012", None);
    }
}
