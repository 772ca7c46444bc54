//! Consents: given on the form with their moment, given again or withdrawn later by a line.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use crate::Line;

/// Codes of the list `consent`, and the columns of a line that gives or withdraws one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent;

impl Consent {
    /// 回访.
    pub const VISIT: &str = "visit";
    /// 录音.
    pub const RECORDING: &str = "recording";
    /// 拍照.
    pub const PHOTO: &str = "photo";
    /// 向第三方提供.
    pub const DISCLOSURE: &str = "disclosure";
    /// Column with the code.
    pub const WHICH: &str = "consent";
    /// Column with the moment, RFC 3339.
    pub const AT: &str = "at";
    /// Column that tells [`Consent::GIVEN`] or [`Consent::WITHDRAWN`].
    pub const ACT: &str = "act";
    /// The customer agrees.
    pub const GIVEN: &str = "given";
    /// The customer no longer agrees (个人信息保护法 15).
    pub const WITHDRAWN: &str = "withdrawn";
}

/// Whether consent `which` is in force at `at`: the last of what was said up to then counts, and of two at one moment
/// the withdrawal.
///
/// `value` is the form's `consents` field, `lines` those that give or withdraw; struck ones do not count. An agreement
/// without a readable moment is none; a withdrawal without one holds at all times.
pub fn consent_in_force(value: Option<&Value>, lines: &[Line], which: &str, at: DateTime<FixedOffset>) -> bool {
    let moment = |v: Option<&Value>| DateTime::parse_from_rfc3339(v?.as_str()?).ok();
    let mut last = moment(value.and_then(|v| v.get(which))).filter(|m| *m <= at).map(|m| (m, true));
    for line in lines.iter().filter(|l| !l.struck) {
        let text = |key: &str| line.values.get(key).and_then(Value::as_str).unwrap_or_default();
        if text(Consent::WHICH) != which {
            continue;
        }
        let given = match text(Consent::ACT) {
            Consent::GIVEN => true,
            Consent::WITHDRAWN => false,
            _ => continue,
        };
        match moment(line.values.get(Consent::AT)) {
            None if !given => return false,
            None => {}
            Some(said) if said > at => {}
            Some(said) => match last {
                Some((before, _)) if said < before || (said == before && given) => {}
                _ => last = Some((said, given)),
            },
        }
    }
    last.is_some_and(|(_, given)| given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn hour(hour: u32) -> String {
        format!("2026-11-02T{hour:02}:00:00+08:00")
    }

    /// `given` is the hour on the form; lines are (hour, act), a struck one with `!` before its act.
    #[track_caller]
    fn check(given: Option<u32>, lines: &[(u32, &str)], at: u32, expected: bool) {
        let value = given.map(|h| json!({"visit": hour(h), "photo": "2000-01-01T00:00:00+08:00"}));
        let line = |(h, act): &(u32, &str)| {
            let values = json!({"consent": "visit", "at": if *h == 99 { "?".into() } else { hour(*h) }, "act": act.trim_start_matches('!')});
            Line { id: Uuid::nil(), values: serde_json::from_value(values).unwrap(), struck: act.starts_with('!') }
        };
        let lines: Vec<Line> = lines.iter().map(line).collect();
        let at = DateTime::parse_from_rfc3339(&hour(at)).unwrap();
        assert_eq!(consent_in_force(value.as_ref(), &lines, Consent::VISIT, at), expected);
    }

    #[test]
    fn the_last_word_counts() {
        check(None, &[], 12, false);
        check(Some(9), &[], 9, true);
        check(Some(9), &[], 8, false);
        check(Some(9), &[(11, "withdrawn")], 10, true);
        check(Some(9), &[(11, "withdrawn")], 11, false);
        check(Some(9), &[(9, "withdrawn")], 12, false);
        check(Some(9), &[(11, "withdrawn"), (13, "given")], 14, true);
        check(Some(9), &[(13, "given"), (11, "withdrawn")], 12, false);
        check(Some(12), &[(11, "withdrawn")], 13, true);
        check(Some(9), &[(11, "!withdrawn")], 12, true);
        check(None, &[(10, "given")], 12, true);
        check(None, &[(10, "given"), (10, "withdrawn")], 12, false);
        check(None, &[(10, "withdrawn"), (10, "given")], 12, false);
        check(Some(9), &[(99, "withdrawn")], 12, false);
        check(None, &[(99, "given")], 12, false);
        check(Some(9), &[(10, "teleported")], 12, true);
    }
}
