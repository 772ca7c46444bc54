//! Scripts (话术): what to say, what not to say and in which steps, beside the form (R76–R89).
//!
//! The library ships as data in our own wording. A company's edits are entries of their own with a version, laid over
//! the shipped ones, so that an update of the program never undoes them.

mod fill;
mod reply;
mod suggest;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use fill::{Placeholders, fill};
pub use reply::{Hit, check_reply};
pub use suggest::Situation;

use crate::text::folded;

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Step {
    /// What to do or say; may hold placeholders.
    pub text: String,
    /// Seconds to wait before the next step (R82, R84–R86); none where the next follows at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seconds: Option<u32>,
}

/// Which situations a script fits: codes of the form's lists. An empty list fits every value, several lists must all
/// fit. The empty code stands for a field that is not filled in yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct When {
    /// Acts that are being done; `intake` while the form is not registered yet.
    pub acts: Vec<String>,
    /// 受理渠道.
    pub channels: Vec<String>,
    /// 类别.
    pub kinds: Vec<String>,
    /// 业务类别.
    pub categories: Vec<String>,
    /// 情绪.
    pub moods: Vec<String>,
    /// 严重度.
    pub severities: Vec<String>,
    /// 客户要求; one of them is enough.
    pub demands: Vec<String>,
    /// Only where the call was picked up after the third ring (R83).
    pub late: bool,
    /// Only from the second time on (第__次).
    pub again: bool,
}

/// One situation of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Script {
    /// Stable identifier.
    pub id: String,
    /// Raised with every edit of this entry.
    pub version: u32,
    /// Name of the situation.
    pub title: String,
    /// Group under which it is listed.
    pub group: String,
    /// Where it fits.
    #[serde(default)]
    pub when: When,
    /// Sentences to say.
    #[serde(default)]
    pub say: Vec<String>,
    /// Sentences never to say.
    #[serde(default)]
    pub do_not_say: Vec<String>,
    /// What to do, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// No longer offered; kept, so that a shipped entry can be put away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// The scripts of a desk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Library {
    /// Raised with every change of the shipped library.
    pub version: u32,
    /// Scripts in the order in which they are listed, retired ones included.
    pub entries: Vec<Script>,
}

impl Library {
    /// The library the product ships with.
    pub fn shipped() -> Self {
        // Embedded; `the_shipped_library_is_sound` reads it, so the empty one cannot reach a user.
        serde_json::from_str(include_str!("library.json")).unwrap_or_default()
    }

    /// Lays a company's own entries over these: of entries with one id that of the greatest version counts, of equal
    /// versions the edit. New ids come last, in their order.
    pub fn with(mut self, edits: &[Script]) -> Self {
        for edit in edits {
            match self.entries.iter_mut().find(|e| e.id == edit.id) {
                Some(entry) if entry.version <= edit.version => *entry = edit.clone(),
                Some(_) => {}
                None => self.entries.push(edit.clone()),
            }
        }
        self
    }

    /// The script under `id`, retired or not.
    pub fn script(&self, id: &str) -> Option<&Script> {
        self.entries.iter().find(|e| e.id == id)
    }

    /// Scripts in use.
    pub fn offered(&self) -> impl Iterator<Item = &Script> {
        self.entries.iter().filter(|e| !e.retired)
    }

    /// Ids of the scripts in use in which every word of `query` stands (title, group, sentences, steps), those with
    /// it in the title first. Width and case of letters make no difference. An empty query finds nothing.
    pub fn search(&self, query: &str) -> Vec<&str> {
        let query = folded(query);
        let words: Vec<&str> = query.split_whitespace().collect();
        if words.is_empty() {
            return Vec::new();
        }
        let has = |text: &str| words.iter().all(|w| text.contains(w));
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for script in self.offered() {
            let title = folded(&script.title);
            if has(&title) {
                first.push(script.id.as_str());
            } else if has(&script.everything(title)) {
                rest.push(script.id.as_str());
            }
        }
        first.extend(rest);
        first
    }
}

impl Script {
    fn everything(&self, title: String) -> String {
        let texts = self.say.iter().chain(&self.do_not_say).chain(self.steps.iter().map(|s| &s.text));
        texts.chain([&self.group]).fold(title, |mut all, text| {
            all.push('\n');
            all.push_str(&folded(text));
            all
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::CodeLists;

    fn own(id: &str, version: u32, say: &str) -> Script {
        let text = format!(r#"{{"id":"{id}","version":{version},"title":"自编","group":"本公司","say":["{say}"]}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_shipped_library_is_sound() {
        let library = Library::shipped();
        assert!(library.entries.len() >= 40, "the embedded file did not parse");
        let ids: BTreeSet<_> = library.entries.iter().map(|e| &e.id).collect();
        assert_eq!(ids.len(), library.entries.len(), "an id stands twice");
        let lists = CodeLists::shipped();
        for script in &library.entries {
            let known = |list: &str, codes: &[String]| {
                codes.iter().all(|c| c.is_empty() || lists.list(list).is_some_and(|l| l.offers(c)))
            };
            let when = &script.when;
            assert!(known("channel", &when.channels) && known("kind", &when.kinds), "{}", script.id);
            assert!(known("category", &when.categories) && known("mood", &when.moods), "{}", script.id);
            assert!(known("severity", &when.severities) && known("demand", &when.demands), "{}", script.id);
            assert!(!script.say.is_empty() && !script.do_not_say.is_empty(), "{}", script.id);
            let texts: Vec<&String> = script.say.iter().chain(script.steps.iter().map(|s| &s.text)).collect();
            for text in &texts {
                let filled = fill(text, &Placeholders::default());
                assert!(!filled.contains(['{', '}']), "{}: an unknown placeholder in {text}", script.id);
            }
            for said in &script.say {
                assert_eq!(check_reply(said), [], "{}: we forbid what we say", script.id);
                assert!(!said.contains('你'), "{}: 您 to the customer", script.id);
            }
        }
    }

    #[test]
    fn a_silent_call_has_its_three_pauses() {
        let library = Library::shipped();
        let waits: Vec<_> = library.script("silent").unwrap().steps.iter().map(|s| s.seconds).collect();
        assert_eq!(waits, [Some(5), Some(5), Some(5), None], "R82");
        for id in ["hands_free", "low_voice", "noise"] {
            assert_eq!(library.script(id).unwrap().steps[0].seconds, Some(5), "R84–R86: {id}");
        }
    }

    #[test]
    fn edits_lie_over_the_shipped_entries() {
        let shipped = Library::shipped();
        let count = shipped.entries.len();
        let mut gone = shipped.script("praise").unwrap().clone();
        gone.retired = true;
        gone.version = 2;
        let library = shipped.with(&[own("opening", 2, "甲"), own("opening", 1, "旧"), own("ours", 1, "乙"), gone]);
        assert_eq!(library.entries.len(), count + 1);
        assert_eq!(library.script("opening").unwrap().say, ["甲"]);
        assert_eq!(library.entries[0].id, "opening", "an edited entry keeps its place");
        assert_eq!(library.entries[count].id, "ours");
        assert!(library.offered().all(|s| s.id != "praise"));
        assert!(library.script("praise").is_some());
        assert_eq!(library.with(&[own("opening", 1, "更旧")]).script("opening").unwrap().say, ["甲"]);
    }

    #[test]
    fn found_by_any_characters() {
        let library = Library::shipped();
        let check = |query: &str, expected: &[&str]| {
            let found = library.search(query);
            assert_eq!(found.get(..expected.len().min(found.len())), Some(expected), "{query}: {found:?}");
        };
        check("无声", &["silent"]);
        check("免提", &["hands_free"]);
        check("方言 普通话", &["dialect"]);
        check("投诉", &["complaint", "complaint_person"]);
        check("序列号", &["ask_fault"]);
        assert_eq!(library.search("  "), [""; 0]);
        assert_eq!(library.search("量子纠缠"), [""; 0]);
    }
}
