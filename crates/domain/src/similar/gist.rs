//! What of a form is compared: who, which product, and the words reduced to what carries meaning.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::phone::Phone;
use crate::text::folded;
use crate::{Values, names};

/// A form reduced to what is compared. Made once; small enough to keep beside an index entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gist {
    /// Digits of both telephones, sorted.
    pub(super) phones: Vec<String>,
    /// Serial, letters and digits only.
    pub(super) serial: String,
    /// Order number, or contract number.
    pub(super) order: String,
    /// Name without spaces and dots; empty where nobody is named.
    pub(super) name: String,
    /// Model, letters and digits only.
    pub(super) model: String,
    /// Characters in pairs of the product's name, sorted.
    pub(super) product: Vec<u64>,
    /// Characters in pairs of what is told, without words that every complaint has; sorted.
    pub(super) grams: Vec<u64>,
    /// Single characters of the same; sorted.
    pub(super) chars: Vec<char>,
    /// What is meant, whatever the word; sorted.
    pub(super) concepts: Vec<u16>,
    /// Fault codes (E1, F12), sorted.
    pub(super) codes: Vec<String>,
}

#[derive(Deserialize)]
struct Words {
    /// Words that every complaint has.
    stop: Vec<String>,
    /// Groups of words that mean the same here.
    same: Vec<Vec<String>>,
}

/// Words by their first character: characters, and the group they belong to; None for a stop word.
type Index = HashMap<char, Vec<(Vec<char>, Option<u16>)>>;

static WORDS: LazyLock<Index> = LazyLock::new(|| {
    // Embedded; `the_words_are_read` looks at it.
    let empty = Words { stop: Vec::new(), same: Vec::new() };
    let words: Words = serde_json::from_str(include_str!("words.json")).unwrap_or(empty);
    let mut index = Index::new();
    let mut add = |word: &str, group| {
        let chars: Vec<char> = folded(word).chars().collect();
        if let Some(first) = chars.first().copied() {
            index.entry(first).or_default().push((chars, group));
        }
    };
    words.stop.iter().for_each(|w| add(w, None));
    for (group, same) in words.same.iter().enumerate() {
        same.iter().for_each(|w| add(w, Some(group as u16)));
    }
    for words in index.values_mut() {
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    }
    index
});

fn compact(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn pair(a: char, b: char) -> u64 {
    (u64::from(u32::from(a)) << 21) | u64::from(u32::from(b))
}

/// A word of letters and digits as a number that no pair of characters has (FNV-1a).
fn token(word: &str) -> u64 {
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    hash | 1 << 63
}

fn pairs(chars: &[char]) -> impl Iterator<Item = u64> {
    chars.windows(2).map(|w| pair(w[0], w[1]))
}

fn settle<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}

/// E1, F12, ER03, ERR103: what displays show when something fails.
fn is_fault_code(word: &str) -> bool {
    let letters = word.chars().take_while(char::is_ascii_alphabetic).count();
    let digits = word.len() - letters;
    let shaped = (1..=2).contains(&letters) || word.starts_with("err");
    shaped && letters <= 3 && (1..=3).contains(&digits) && word[letters..].chars().all(|c| c.is_ascii_digit())
}

impl Gist {
    /// The gist of a form's values.
    pub fn of(values: &Values) -> Gist {
        let text = |key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default();
        let phones = ["customer.phone", "customer.phone2"].iter().filter_map(|key| Phone::parse(text(key)));
        let name = names::bare(text("customer.name"));
        let order = [text("product.order_number"), text("product.contract_number")];
        let product: Vec<char> = compact(text("product.name")).chars().collect();
        let mut gist = Gist {
            phones: settle(phones.map(|p| p.digits).collect()),
            serial: compact(text("product.serial")),
            order: order.iter().map(|o| compact(o)).find(|o| !o.is_empty()).unwrap_or_default(),
            name: if names::is_nameless(name) { String::new() } else { compact(name) },
            model: compact(text("product.model")),
            product: settle(pairs(&product).collect()),
            ..Gist::default()
        };
        let description = values.get("description");
        gist.read(description.and_then(|d| d.get("text")).or(description).and_then(Value::as_str).unwrap_or_default());
        gist
    }

    /// Reads what is told: stop words and punctuation part the text, the rest gives pairs, tokens and concepts.
    fn read(&mut self, told: &str) {
        let chars: Vec<char> = folded(told).chars().collect();
        let (mut grams, mut run, mut at) = (Vec::new(), Vec::new(), 0);
        while at < chars.len() {
            let c = chars[at];
            if c.is_ascii_alphanumeric() {
                let length = chars[at..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
                let word: String = chars[at..at + length].iter().collect();
                grams.push(token(&word));
                if is_fault_code(&word) && !self.model.contains(&word) {
                    self.codes.push(word);
                }
                grams.extend(pairs(&run));
                run.clear();
                at += length;
                continue;
            }
            let words = WORDS.get(&c).map(Vec::as_slice).unwrap_or_default();
            let found = words.iter().filter(|(word, _)| chars[at..].starts_with(word));
            let mut step = 1;
            let mut stop = !names::is_han(c);
            for (word, group) in found {
                match group {
                    Some(group) => self.concepts.push(*group),
                    None if step == 1 => {
                        stop = true;
                        step = word.len();
                    }
                    None => {}
                }
            }
            if stop {
                grams.extend(pairs(&run));
                run.clear();
            } else {
                run.push(c);
                self.chars.push(c);
            }
            at += step;
        }
        grams.extend(pairs(&run));
        // The product's own name says nothing of what is wrong with it.
        grams.retain(|g| self.product.binary_search(g).is_err());
        self.chars = settle(std::mem::take(&mut self.chars));
        self.grams = settle(grams);
        self.concepts = settle(std::mem::take(&mut self.concepts));
        self.codes = settle(std::mem::take(&mut self.codes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_words_are_read() {
        assert!(WORDS.values().map(Vec::len).sum::<usize>() > 250, "the embedded file did not parse");
    }

    #[test]
    fn a_gist_keeps_what_identifies() {
        let values = json!({"customer.name": "阿依古丽·买买提（女）", "customer.phone": "+86 138 0013 8021",
            "customer.phone2": "0571-8888 1234 转 801", "product.serial": "ln16-2409-003817", "product.model": "JSQ30-16LN",
            "description": {"text": "显示 E1，Ｆ１２，型号 JSQ30", "marks": []}});
        let gist = Gist::of(&serde_json::from_value(values).unwrap());
        assert_eq!(gist.phones, ["057188881234", "13800138021"]);
        assert_eq!((gist.serial.as_str(), gist.model.as_str()), ("ln162409003817", "jsq3016ln"));
        assert_eq!(gist.name, "阿依古丽买买提");
        assert_eq!(gist.codes, ["e1", "f12"], "a model is no fault code");
        assert_eq!(Gist::of(&Values::new()), Gist::default());
    }
}
