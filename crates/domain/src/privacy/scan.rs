//! Finds in free text what tells who somebody is or how to reach him, and masks it there.

use serde_json::{Value, json};

use super::HIDDEN;
use super::mask::{mask_email, mask_phone};
use crate::text::half_width;

/// Words that a form itself gives away, with their masks.
#[derive(Debug, Clone, Default)]
pub struct Known(Vec<(Vec<char>, String)>);

/// A masked text and where it was changed.
pub(super) struct Masked {
    pub text: String,
    /// Replaced ranges of the original and the lengths of their masks, in order.
    edits: Vec<(usize, usize, usize)>,
}

impl Masked {
    fn place(&self, at: usize, is_end: bool) -> usize {
        let mut shift = 0isize;
        for (start, end, length) in &self.edits {
            if at >= *end {
                shift += *length as isize - (end - start) as isize;
            } else if at > *start {
                let inside = start.saturating_add_signed(shift);
                return if is_end { inside + length } else { inside };
            }
        }
        at.saturating_add_signed(shift)
    }

    /// As the value of a marked field, its marks moved along.
    pub fn marked(self, marks: Option<&Value>) -> Value {
        let pairs = marks.and_then(Value::as_array).into_iter().flatten().filter_map(|m| {
            let (start, end) = (m.get(0)?.as_u64()?, m.get(1)?.as_u64()?);
            Some((self.place(start as usize, false), self.place(end as usize, true)))
        });
        // Two marks may meet in one mask: the later begins where the earlier ends.
        let mut from = 0;
        let mut kept = Vec::new();
        for (start, end) in pairs {
            let start = start.max(from);
            if start < end {
                kept.push(json!([start, end]));
                from = end;
            }
        }
        json!({"text": self.text, "marks": kept})
    }
}

/// Characters that stand between the groups of a number.
fn separates(c: char) -> bool {
    matches!(c, ' ' | '-' | '–' | '—' | '(' | ')' | '.' | '/' | '\u{a0}')
}

/// A group of digits, half open.
type Group = (usize, usize);

fn groups(chars: &[char]) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        match out.last_mut() {
            _ if !c.is_ascii_digit() => {}
            Some(last) if last.1 == at => last.1 = at + 1,
            _ => out.push((at, at + 1)),
        }
    }
    out
}

fn digits(chars: &[char], from: usize, to: usize) -> String {
    chars[from..to].iter().filter(|c| c.is_ascii_digit()).collect()
}

fn is_mobile(digits: &str) -> bool {
    let rest = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(digits);
    rest.len() == 11 && rest.starts_with('1') && matches!(rest.as_bytes()[1], b'3'..=b'9')
}

fn is_date(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|d| d.parse::<u32>().ok()).unwrap_or_default();
    digits.len() == 8
        && (1900..2100).contains(&part(0, 4))
        && (1..=12).contains(&part(4, 6))
        && (1..=31).contains(&part(6, 8))
}

fn before(chars: &[char], at: usize, far: usize) -> String {
    chars[at.saturating_sub(far)..at].iter().collect()
}

fn letter_at(chars: &[char], at: Option<usize>) -> bool {
    at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_alphanumeric)
}

/// The mask of `chars[from..to]`, groups and the separators between them, if it is a number to hide.
fn number(chars: &[char], from: usize, to: usize, pieces: usize) -> Option<String> {
    let typed: String = chars[from..to].iter().collect();
    let plain = digits(chars, from, to);
    let plus = from.checked_sub(1).is_some_and(|at| chars[at] == '+');
    let length = plain.len();
    if plus && (8..=15).contains(&length) && !is_mobile(&plain) {
        return Some(mask_phone(&format!("+{typed}")));
    }
    let area = plain.starts_with('0') && plain.as_bytes().get(1).is_some_and(|d| *d != b'0');
    if is_mobile(&plain) || (area && (10..=12).contains(&length)) {
        return Some(mask_phone(&typed));
    }
    let group = |at: usize| chars[at..to].iter().take_while(|c| c.is_ascii_digit()).count();
    if pieces > 1 && length > 11 && group(from) == 3 && group(from + 4) >= 4 && is_mobile(&plain[..11]) {
        return Some("****".into()); // a mobile with digits too many: a slip, but still somebody's number
    }
    let code = before(chars, from, 10);
    if pieces == 1 && length == 4 && ["身份证", "证件"].iter().any(|word| code.contains(word)) {
        return Some("****".into());
    }
    let x = chars.get(to).is_some_and(|c| matches!(c, 'x' | 'X'));
    if pieces == 1 && (length == 18 || length == 15 || (length == 17 && x)) {
        return Some("****".into()); // identity card: its tail is what callers are verified by
    }
    if (12..=19).contains(&length) && (pieces == 1 || (matches!(pieces, 4 | 5) && length >= 16)) {
        return Some(format!("****{}", &plain[length - 4..]));
    }
    local(chars, from, to, pieces, &plain).then(|| mask_phone(&typed))
}

/// Whether it is a telephone without its area code: seven or eight digits that are no day, no sum and no years.
fn local(chars: &[char], from: usize, to: usize, pieces: usize, plain: &str) -> bool {
    let length = to - from;
    let gap = chars[from..to].iter().filter(|c| !c.is_ascii_digit()).all(|c| matches!(c, ' ' | '-'));
    let shaped = matches!((pieces, plain.len(), length), (1, 7 | 8, _) | (2, 7, 8) | (2, 8, 9));
    let years = pieces == 2 && ["19", "20"].iter().any(|c| plain.starts_with(c));
    let unit = chars[to..].iter().find(|c| **c != ' ').is_some_and(|c| "元块万个台件毫米克次年月%".contains(*c));
    let part = letter_at(chars, from.checked_sub(1)) || letter_at(chars, Some(to));
    let joined = from.checked_sub(2).is_some_and(|at| chars[at + 1] == '-' && letter_at(chars, Some(at)));
    shaped && gap && !years && !unit && !part && !joined && !plain.starts_with(['0', '1']) && !is_date(plain)
}

/// End of an extension (转 801) that follows at `at`.
fn extension(chars: &[char], at: usize) -> Option<usize> {
    let skip = |mut at: usize| {
        while chars.get(at) == Some(&' ') {
            at += 1;
        }
        at
    };
    let at = skip(at);
    let word = ["转", "轉", "分机", "ext.", "ext"].into_iter().find(|w| {
        w.chars().enumerate().all(|(i, c)| chars.get(at + i).is_some_and(|found| found.to_ascii_lowercase() == c))
    })?;
    let from = skip(at + word.chars().count());
    let count = chars[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    (1..=8).contains(&count).then_some(from + count)
}

type Found = (usize, usize, String);

fn numbers(chars: &[char], found: &mut Vec<Found>) {
    let groups = groups(chars);
    let mut at = 0;
    while at < groups.len() {
        // As many groups as separators join, seven at most.
        let mut last = at;
        while last + 1 < groups.len() && last - at < 6 {
            let gap = &chars[groups[last].1..groups[last + 1].0];
            if gap.len() > 3 || !gap.iter().all(|c| separates(*c)) {
                break;
            }
            last += 1;
        }
        let from = groups[at].0;
        let hit = (at..=last).rev().find_map(|to| {
            let mask = number(chars, from, groups[to].1, to - at + 1)?;
            Some((to, mask))
        });
        match hit {
            Some((to, mut mask)) => {
                let plus = from.checked_sub(1).filter(|at| chars[*at] == '+');
                let mut end = groups[to].1;
                if mask == "****" && chars.get(end).is_some_and(|c| matches!(c, 'x' | 'X')) {
                    end += 1;
                }
                at = to + 1;
                if let Some(after) = extension(chars, end) {
                    end = after;
                    mask.push_str(" 转 ***");
                    while groups.get(at).is_some_and(|g| g.0 < end) {
                        at += 1;
                    }
                }
                let bracket = from.checked_sub(1).filter(|at| chars[*at] == '(' && chars[from..end].contains(&')'));
                found.push((plus.or(bracket).unwrap_or(from), end, mask));
            }
            None => at += 1,
        }
    }
}

/// Telephones spelt out (一三八零零…): seven to eighteen numerals on end.
fn spelt(chars: &[char], found: &mut Vec<Found>) {
    let mut from = 0;
    for at in 0..=chars.len() {
        if !chars.get(at).is_some_and(|c| "零〇一二三四五六七八九幺两".contains(*c)) {
            if at - from >= 7 {
                found.push((from, at, "****".into()));
            }
            from = at + 1;
        }
    }
}

fn mails(chars: &[char], found: &mut Vec<Found>) {
    let name = |c: &char| c.is_ascii_alphanumeric() || "._%+-".contains(*c);
    let host = |c: &char| c.is_ascii_alphanumeric() || ".-".contains(*c);
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == '@') {
        let from = at - chars[..at].iter().rev().take_while(|c| name(c)).count();
        let to = at + 1 + chars[at + 1..].iter().take_while(|c| host(c)).count();
        if from < at && chars[at..to].contains(&'.') {
            found.push((from, to, mask_email(&chars[from..to].iter().collect::<String>())));
        }
    }
}

/// Names in WeChat: a letter and five to nineteen more, behind 微信.
fn wechat(chars: &[char], found: &mut Vec<Found>) {
    for at in 0..chars.len().saturating_sub(1) {
        if chars[at..at + 2] != ['微', '信'] {
            continue;
        }
        let gap = chars[at + 2..].iter().take(4).take_while(|c| "号是为:： ".contains(**c)).count();
        let from = at + 2 + gap;
        let length = chars[from..].iter().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(**c)).count();
        if (6..=20).contains(&length) && chars[from].is_ascii_alphabetic() {
            found.push((from, from + length, HIDDEN.into()));
        }
    }
}

impl Known {
    /// Adds a word and what stands in its place. Words of a single character are too common to hide.
    pub fn add(&mut self, word: &str, mask: String) {
        let chars: Vec<char> = word.chars().map(half_width).collect();
        if chars.len() > 1 {
            self.0.push((chars, mask));
            self.0.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        }
    }

    fn words(&self, chars: &[char], found: &mut Vec<Found>) {
        for (word, mask) in &self.0 {
            for at in 0..(chars.len() + 1).saturating_sub(word.len()) {
                if chars[at..at + word.len()] == **word {
                    found.push((at, at + word.len(), mask.clone()));
                }
            }
        }
    }

    pub(super) fn mask(&self, text: &str) -> Masked {
        let chars: Vec<char> = text.chars().map(half_width).collect();
        let mut found = Vec::new();
        self.words(&chars, &mut found);
        mails(&chars, &mut found);
        wechat(&chars, &mut found);
        numbers(&chars, &mut found);
        spelt(&chars, &mut found);
        // The leftmost, of those the longest; what overlaps it is covered as far as it reaches.
        found.sort_by_key(|(from, to, _)| (*from, std::cmp::Reverse(*to)));
        let mut out = String::with_capacity(text.len());
        let mut edits: Vec<(usize, usize, usize)> = Vec::new();
        let original: Vec<char> = text.chars().collect();
        let mut at = 0;
        for (from, to, mask) in found {
            if to <= at {
                continue;
            }
            // A find that only reaches over the end of the one before hides its rest.
            let (from, mask) = if from < at { (at, HIDDEN.to_string()) } else { (from, mask) };
            out.extend(&original[at..from]);
            out.push_str(&mask);
            edits.push((from, to, mask.chars().count()));
            at = to;
        }
        out.extend(&original[at..]);
        Masked { text: out, edits }
    }
}

/// Masks telephones, identity and card numbers, e-mail and WeChat names inside free text.
pub fn mask_text(text: &str) -> String {
    Known::default().mask(text).text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mask_text(text), expected, "{text}");
    }

    #[test]
    fn numbers_of_persons_are_hidden() {
        check("请打13800138021，谢谢", "请打138****8021，谢谢");
        check("手机 138 0013 8021 或 +86 186 2104 5577", "手机 138****8021 或 186****5577");
        check("０５７１－８８８８１２３４转８０１", "0571-****1234 转 ***");
        check("(0571) 8888-1234 分机 801，找老李", "0571-****1234 转 ***，找老李");
        check("香港 +852 2345 6789", "香港 +852 ****6789");
        check("家里 8888 1234，单位 87654321", "家里 ****1234，单位 ****4321");
        check("手机 138 0013 80211", "手机 ****");
        check("E1 13800138021", "E1 138****8021");
        check("3 13800138021", "3 138****8021");
        check("身份证 33010619600101123X", "身份证 ****");
        check("身份证330106196001011234", "身份证****");
        check("证件后四位是 1234", "证件后四位是 ****");
        check("卡号 6222 0212 3456 7890 123", "卡号 ****0123");
        check("卡号 6222021234567890123", "卡号 ****0123");
        check("订单 2026102911873345", "订单 ****3345");
        check("电话一三八零零一三八零二一", "电话****");
        check("写信到 shan@chenxi-sp.example 即可", "写信到 s***@chenxi-sp.example 即可");
        check("加微信：chen_xy66，或微信号wxid-99812", "加微信：***，或微信号***");
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "显示 E1，型号 JSQ30-16LN，序列号 LN16-2409-003817",
            "2026-11-02 08:41 来电，2026年11月3日前答复",
            "20261102 的单子 KF-20261102-A03-0001",
            "多收推广费 3,600 元，共 3600000 元",
            "橱柜留口 598 毫米，机身 600 毫米",
            "转办单 330200-2026-118820",
            "2024-2026 年三次，12315、110、@官微",
            "三五七八天，第三次，五六个人",
            "微信公众号上说的，微信 abc",
        ] {
            check(text, text);
        }
    }

    proptest! {
        #[test]
        fn a_mobile_never_survives_any_surroundings(
            before in "[ a-z0-9，。转+@微信年元-]{0,12}", middle in "[ -]?", after in "[，。转元年 a-z0-9-]{0,6}",
            tail in "[0-6]{4}", // holds no 7, so that 7215 is never its own
        ) {
            let text = format!("{before}，139{middle}7215{middle}{tail}{after}");
            let masked = mask_text(&text);
            prop_assert!(!masked.contains("7215"), "{} → {}", text, masked);
        }

        #[test]
        fn nothing_panics_and_marks_stay_sound(text in "\\PC{0,60}", a in 0usize..60, b in 0usize..60) {
            let length = text.chars().count();
            let (a, b) = (a.min(b).min(length), a.max(b).min(length));
            let marks = if a < b { json!([[a, b]]) } else { json!([]) };
            let value = Known::default().mask(&text).marked(Some(&marks));
            let length = value["text"].as_str().unwrap().chars().count() as u64;
            for mark in value["marks"].as_array().unwrap() {
                prop_assert!(mark[0].as_u64() < mark[1].as_u64() && mark[1].as_u64().unwrap() <= length);
            }
        }
    }
}
