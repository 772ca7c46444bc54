//! Code lists: the options of choice fields, versioned, kept as data so that a company can change its words
//! without changing what earlier forms say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One option. Forms store `code`; people see `label`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CodeItem {
    /// Stable identifier, ASCII, never reused for another meaning.
    pub code: String,
    /// What is shown and printed.
    pub label: String,
    /// First letters of the label's pinyin: typing them picks the option.
    pub initials: String,
    /// No longer offered, but still shown where it was chosen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// A named list of options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CodeList {
    /// Raised with every change of the list.
    pub version: u32,
    /// Name of the list for people.
    pub label: String,
    /// Options in the order of the paper form.
    pub items: Vec<CodeItem>,
}

impl CodeList {
    /// Label of `code`; an unknown code (from a newer version) is shown as it is rather than lost.
    pub fn label_of<'a>(&'a self, code: &'a str) -> &'a str {
        self.items.iter().find(|o| o.code == code).map_or(code, |o| &o.label)
    }

    /// Code of the option written as `label`, retired ones excluded.
    pub fn code_of(&self, label: &str) -> Option<&str> {
        self.items.iter().find(|o| !o.retired && o.label == label).map(|o| o.code.as_str())
    }

    /// Whether `code` may be chosen now.
    pub fn offers(&self, code: &str) -> bool {
        self.items.iter().any(|o| !o.retired && o.code == code)
    }
}

/// All code lists by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct CodeLists(pub BTreeMap<String, CodeList>);

impl CodeLists {
    /// The lists the product ships with, forms.md's starting content.
    pub fn shipped() -> Self {
        // The file is embedded and `shipped_lists_are_sound` reads it: an empty set here cannot reach a user.
        serde_json::from_str(include_str!("../templates/codes.json")).unwrap_or_default()
    }

    /// The list under `key`.
    pub fn list(&self, key: &str) -> Option<&CodeList> {
        self.0.get(key)
    }

    /// Label of `code` in list `key`; the code itself where either is unknown.
    pub fn label<'a>(&'a self, key: &str, code: &'a str) -> &'a str {
        self.list(key).map_or(code, |l| l.label_of(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn shipped_lists_are_sound() {
        let lists = CodeLists::shipped();
        assert!(lists.0.len() >= 18, "the embedded file did not parse");
        for (key, list) in &lists.0 {
            let codes: BTreeSet<_> = list.items.iter().map(|o| &o.code).collect();
            let labels: BTreeSet<_> = list.items.iter().map(|o| &o.label).collect();
            assert_eq!(codes.len(), list.items.len(), "{key}: a code stands twice");
            assert_eq!(labels.len(), list.items.len(), "{key}: a label stands twice");
            assert!(list.items.iter().all(|o| o.code.is_ascii() && o.initials.is_ascii()), "{key}");
        }
    }

    #[test]
    fn unknown_codes_stay_visible() {
        let lists = CodeLists::shipped();
        assert_eq!(lists.label("channel", "hotline"), "热线");
        assert_eq!(lists.label("channel", "hologram"), "hologram");
        assert_eq!(lists.label("no_such_list", "x"), "x");
    }
}
