//! The rule sets that the product ships with: one for each regulation that was analysed (requirements.md, S1–S4), and the
//! statutory one, which runs beside any of them.

use super::RuleSet;

/// Ids of the presets with their files.
pub const PRESETS: [(&str, &str); 5] = [
    ("s1", include_str!("presets/s1.json")),
    ("s2", include_str!("presets/s2.json")),
    ("s3", include_str!("presets/s3.json")),
    ("s4", include_str!("presets/s4.json")),
    ("statutory", include_str!("presets/statutory.json")),
];

/// The preset `id`, one of `s1`, `s2`, `s3`, `s4`, `statutory`.
pub fn preset(id: &str) -> Option<RuleSet> {
    // The files are embedded and `presets_are_sound` reads each: a file that does not parse cannot reach a user.
    PRESETS.iter().find(|(name, _)| *name == id).and_then(|(_, text)| serde_json::from_str(text).ok())
}
