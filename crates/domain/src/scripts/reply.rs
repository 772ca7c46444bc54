//! Checks a written reply to a customer for coarse or cold phrases (R89) before it goes out.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::text::{folded, half_width};

/// A phrase in a reply that a customer should not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Hit {
    /// Where it begins, counted in Unicode scalar values as the marks of a description are.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// The phrase as the list has it.
    pub phrase: String,
    /// What is wrong with it.
    pub why: String,
    /// How it can be said instead.
    pub instead: String,
}

/// One entry of the list of phrases.
#[derive(Debug, Deserialize)]
struct Phrase {
    /// Ways it is written.
    forms: Vec<String>,
    why: String,
    instead: String,
    /// Longer phrases that hold one of the forms and are fine.
    #[serde(default)]
    except: Vec<String>,
}

static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    // Embedded; the tests below find their phrases in it.
    let mut phrases: Vec<Phrase> = serde_json::from_str(include_str!("phrases.json")).unwrap_or_default();
    for text in phrases.iter_mut().flat_map(|p| p.forms.iter_mut().chain(&mut p.except)) {
        *text = folded(text); // compared with replies of ordinary width
    }
    phrases
});

/// Characters of a reply with their places; spaces are dropped, so that spacing out a phrase hides nothing.
fn read(text: &str) -> (Vec<char>, Vec<usize>) {
    let plain = text.chars().map(half_width).enumerate().filter(|(_, c)| !c.is_whitespace());
    plain.map(|(at, c)| (c.to_lowercase().next().unwrap_or(c), at)).unzip()
}

/// Which characters stand inside quotation marks: there a reply repeats what somebody said. A mark that is never
/// closed quotes nothing.
fn quoted(chars: &[char]) -> Vec<bool> {
    let mut inside = vec![false; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let closing = match chars[at] {
            '“' => Some('”'),
            '「' => Some('」'),
            '『' => Some('』'),
            _ => None,
        };
        let end = closing.and_then(|mark| chars[at..].iter().position(|c| *c == mark)).map(|length| at + length);
        if let Some(end) = end {
            inside[at..end].fill(true);
            at = end;
        }
        at += 1;
    }
    inside
}

fn starts(chars: &[char], form: &str) -> Option<usize> {
    let mut length = 0;
    for c in form.chars() {
        if chars.get(length) != Some(&c) {
            return None;
        }
        length += 1;
    }
    (length > 0).then_some(length)
}

/// Whether one of `except` covers `start..end`.
fn excepted(chars: &[char], except: &[String], start: usize, end: usize) -> bool {
    except.iter().any(|phrase| {
        let longest = phrase.chars().count();
        let earliest = end.saturating_sub(longest);
        (earliest..=start).any(|at| starts(&chars[at..], phrase).is_some_and(|length| at + length >= end))
    })
}

/// Finds the phrases of our list in `text`, from left to right, the longest where several begin, never overlapping.
/// What stands in quotation marks is not looked at: it tells what was said.
pub fn check_reply(text: &str) -> Vec<Hit> {
    let (chars, places) = read(text);
    let quoted = quoted(&chars);
    let mut hits = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let found = PHRASES.iter().flat_map(|p| p.forms.iter().map(move |form| (p, form)));
        let longest = found
            .filter(|_| !quoted[at])
            .filter_map(|(p, form)| Some((starts(&chars[at..], form)?, p, form)))
            .filter(|(length, p, _)| !excepted(&chars, &p.except, at, at + length))
            .max_by_key(|(length, ..)| *length);
        match longest {
            Some((length, phrase, form)) => {
                hits.push(Hit {
                    start: places[at],
                    end: places[at + length - 1] + 1,
                    phrase: form.clone(),
                    why: phrase.why.clone(),
                    instead: phrase.instead.clone(),
                });
                at += length;
            }
            None => at += 1,
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Replies {
        good: Vec<String>,
        /// Reply, and the words in it that are to be found.
        bad: Vec<(String, String)>,
    }

    fn replies() -> Replies {
        serde_json::from_str(include_str!("replies.json")).unwrap()
    }

    #[test]
    fn good_replies_are_left_alone() {
        let good = replies().good;
        assert!(good.len() >= 40);
        for reply in good {
            assert_eq!(check_reply(&reply), [], "{reply}");
        }
    }

    #[test]
    fn bad_replies_are_found_where_they_are_bad() {
        let bad = replies().bad;
        assert!(bad.len() >= 40);
        for (reply, words) in bad {
            let chars: Vec<char> = reply.chars().collect();
            let found: Vec<String> =
                check_reply(&reply).iter().map(|h| chars[h.start..h.end].iter().collect()).collect();
            assert!(found.contains(&words), "{reply}: {words} not in {found:?}");
        }
    }

    #[test]
    fn places_are_those_of_the_reply() {
        let check = |text: &str, expected: &[(usize, usize)]| {
            let found: Vec<_> = check_reply(text).iter().map(|h| (h.start, h.end)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("😡这 不 归 我 管。", &[(3, 10)]);
        check("他当时说“不归我管”，我们向您道歉。", &[]);
        check("他说“不归我管”，但这确实不归我管。", &[(13, 17)]);
        check("没有合上的“引号里不归我管", &[(9, 13)]);
        check("不归我管不归我管", &[(0, 4), (4, 8)]);
        check("", &[]);
    }

    #[test]
    fn every_phrase_says_why_and_what_instead() {
        assert!(PHRASES.len() >= 40);
        for phrase in PHRASES.iter() {
            assert!(!phrase.forms.is_empty() && !phrase.why.is_empty() && !phrase.instead.is_empty());
            for form in &phrase.forms {
                assert!(!check_reply(form).is_empty(), "{form} is never found");
                assert_eq!(check_reply(&phrase.instead), [], "instead of {form} we say another forbidden phrase");
            }
        }
    }
}
