//! Signatures: bound to what was signed. Whatever of that changes afterwards voids them, visibly, and asks again.
//!
//! The domain says what is signed ([`content`]); who calls hashes it, for cryptography lives elsewhere. A signature is a
//! line that keeps the hash; the latest of each party counts, earlier ones stay in the record.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};
use ts_rs::TS;

use super::{PARTS, PHOTOS};
use crate::process::condition::{column, standing};
use crate::{Line, Record};

/// List that holds the signatures.
pub const LIST: &str = "signatures";
/// Who signs a sheet, in the order of the paper.
pub const PARTIES: [&str; 2] = [TECHNICIAN, CUSTOMER];
/// The technician.
pub const TECHNICIAN: &str = "technician";
/// The customer, or whoever stands in for him.
pub const CUSTOMER: &str = "customer";

/// Width of the field a path is drawn in.
pub const WIDTH: f32 = 600.0;
/// Height of the field a path is drawn in.
pub const HEIGHT: f32 = 200.0;
/// Longest path, in bytes.
const LONGEST: usize = 48 * 1024;
/// Points without which nothing can be read.
const FEWEST: usize = 8;

/// What of a sheet its signers do not sign: who planned it, and what becomes of it afterwards.
const UNSIGNED: [&str; 13] = [
    "planned.from",
    "planned.until",
    "dispatch.by",
    "dispatch.at",
    "dispatch.by_seat",
    "urgency",
    "form",
    "plan",
    "follows_id",
    "identity",
    "photos.location",
    "district",
    // One signs, and leaves.
    "times.left",
];

/// Where the signature of a party stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SignatureStanding")]
pub enum Standing {
    /// There is none.
    Missing,
    /// Given to what the sheet says now.
    Valid,
    /// Refused, or nobody was there, with a reason; said of what the sheet says now.
    Declined,
    /// What was signed has changed since.
    Void,
}

/// The words that are signed: every field and standing line of the sheet but [`UNSIGNED`], one way only. Hash it.
pub fn content(record: &Record) -> Vec<u8> {
    let mut out = String::from("kefu service sheet 1\n");
    for (key, value) in record.values().iter().filter(|(key, _)| !UNSIGNED.contains(&key.as_str())) {
        put(&mut out, key);
        canonical(&mut out, value);
        out.push('\n');
    }
    for list in [PARTS, PHOTOS] {
        let lines: BTreeMap<_, &Line> = standing(record, list).map(|line| (line.id, line)).collect();
        for (id, line) in lines {
            let _ = write!(out, "{list} {id} ");
            for (key, value) in line.values.iter().filter(|(_, value)| !value.is_null()) {
                put(&mut out, key);
                canonical(&mut out, value);
            }
            out.push('\n');
        }
    }
    out.into_bytes()
}

/// A text behind its length, so that no two contents read the same.
fn put(out: &mut String, text: &str) {
    let _ = write!(out, "{}:{text}", text.len());
}

fn canonical(out: &mut String, value: &Value) {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().collect();
            let _ = write!(out, "{{{}", sorted.len());
            for (key, value) in sorted {
                put(out, key);
                canonical(out, value);
            }
        }
        Value::Array(items) => {
            let _ = write!(out, "[{}", items.len());
            items.iter().for_each(|item| canonical(out, item));
        }
        other => put(out, &other.to_string()),
    }
}

/// The signature of `party` that counts: the last one given.
pub fn latest<'a>(record: &'a Record, party: &str) -> Option<&'a Line> {
    let of = |line: &&Line| column(line, "party").and_then(Value::as_str) == Some(party);
    standing(record, LIST).filter(of).last()
}

/// Where the signature of `party` stands, while the sheet hashes to `hash`.
pub fn standing_of(record: &Record, party: &str, hash: &str) -> Standing {
    match latest(record, party) {
        None => Standing::Missing,
        Some(line) if column(line, "content").and_then(Value::as_str) != Some(hash) => Standing::Void,
        Some(line) if column(line, "declined").is_some() => Standing::Declined,
        Some(_) => Standing::Valid,
    }
}

/// What stands in the cell of a signature: `{"text", "path"}`; a void one keeps its words and shows no ink.
pub fn shown(record: &Record, party: &str, hash: &str) -> Option<Value> {
    let line = latest(record, party)?;
    let text = |key: &str| column(line, key).and_then(Value::as_str).unwrap_or_default();
    let day = |at: &str| at.get(..16).unwrap_or(at).replace('T', " ");
    let (name, at) = (text("name"), day(text("at")));
    Some(match standing_of(record, party, hash) {
        Standing::Missing => return None,
        Standing::Valid => json!({"text": format!("{name} {at}"), "path": text("path")}),
        Standing::Declined => {
            let how = if text("declined") == "absent" { "无人" } else { "拒签" };
            json!({"text": format!("{how}：{} {at}", text("reason"))})
        }
        Standing::Void => json!({"text": format!("【签名已失效】{at} 签署后内容有改动，须重新签署")}),
    })
}

/// The strokes of a path of `M` and `L` with absolute numbers, within [`WIDTH`] × [`HEIGHT`]; none where it is no such
/// path, or too little to be a signature.
pub fn strokes(path: &str) -> Option<Vec<Vec<(f32, f32)>>> {
    if path.len() > LONGEST {
        return None;
    }
    let mut strokes: Vec<Vec<(f32, f32)>> = Vec::new();
    for part in path.replace('M', " M ").replace('L', " L ").split(" M ") {
        if part.trim().is_empty() {
            continue;
        }
        let mut stroke = Vec::new();
        for point in part.split(" L ") {
            let mut numbers = point.split([' ', ',']).filter(|n| !n.is_empty()).map(|n| n.parse::<f32>().ok());
            let (x, y) = (numbers.next()??, numbers.next()??);
            let within = (0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y);
            if !within || numbers.next().is_some() {
                return None;
            }
            stroke.push((x, y));
        }
        strokes.push(stroke);
    }
    (strokes.iter().map(Vec::len).sum::<usize>() >= FEWEST).then_some(strokes)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{Cell, Stamp};

    fn record(values: Value) -> Record {
        let mut record = Record::default();
        for (key, value) in values.as_object().unwrap() {
            let at = Stamp { ms: 1, n: 0, device: Uuid::nil() };
            record.fields.insert(key.clone(), Cell { value: value.clone(), at, seat: Uuid::nil(), rivals: vec![] });
        }
        record
    }

    fn line(id: u128, values: Value) -> Line {
        Line { id: Uuid::from_u128(id), values: serde_json::from_value(values).unwrap(), struck: false }
    }

    #[test]
    fn every_word_of_the_sheet_is_signed() {
        let base = record(json!({"findings": "漏水", "cost.travel": 3000, "planned.from": "a"}));
        let differs = |change: &dyn Fn(&mut Record)| {
            let mut other = base.clone();
            change(&mut other);
            content(&other) != content(&base)
        };
        assert!(differs(&|r| r.fields.get_mut("findings").unwrap().value = json!("漏气")));
        assert!(differs(&|r| r.fields.get_mut("cost.travel").unwrap().value = json!(3001)));
        assert!(differs(&|r| drop(r.fields.remove("findings"))));
        assert!(differs(&|r| drop(r.lists.insert(PARTS.into(), vec![line(1, json!({"part": "P"}))]))));
        assert!(differs(&|r| drop(r.lists.insert(PHOTOS.into(), vec![line(1, json!({"sha256": "a"}))]))));
        // Planning, and what is signed itself, are not what is signed.
        assert!(!differs(&|r| r.fields.get_mut("planned.from").unwrap().value = json!("b")));
        assert!(!differs(&|r| drop(r.lists.insert(LIST.into(), vec![line(1, json!({"party": "customer"}))]))));
        // The order in which lines came does not count.
        let with = |ids: [u128; 2]| {
            let mut record = base.clone();
            record.lists.insert(PARTS.into(), ids.map(|id| line(id, json!({"part": id.to_string()}))).into());
            content(&record)
        };
        assert_eq!(with([1, 2]), with([2, 1]));
        // Nor can a value pass for another by where it is cut.
        assert_ne!(content(&record(json!({"a": "b", "c": ""}))), content(&record(json!({"a": "b3:c"}))));
    }

    #[test]
    fn a_change_voids_and_the_latest_counts() {
        let mut sheet = record(json!({"findings": "漏水"}));
        assert_eq!(standing_of(&sheet, CUSTOMER, "h1"), Standing::Missing);
        let signed = json!({"party": CUSTOMER, "content": "h1", "name": "陈秀英", "at": "2026-11-12T10:00:00+08:00", "path": "M1 1"});
        sheet.lists.insert(LIST.into(), vec![line(1, signed)]);
        assert_eq!(standing_of(&sheet, CUSTOMER, "h1"), Standing::Valid);
        assert_eq!(standing_of(&sheet, TECHNICIAN, "h1"), Standing::Missing);
        assert_eq!(standing_of(&sheet, CUSTOMER, "h2"), Standing::Void);
        let told = shown(&sheet, CUSTOMER, "h2").unwrap();
        assert!(told["text"].as_str().unwrap().contains("失效") && told.get("path").is_none());
        let refused = json!({"party": CUSTOMER, "content": "h2", "declined": "refused", "reason": "有异议", "at": "2026-11-12T11:00:00+08:00"});
        sheet.lists.get_mut(LIST).unwrap().push(line(2, refused));
        assert_eq!(standing_of(&sheet, CUSTOMER, "h2"), Standing::Declined);
        assert_eq!(shown(&sheet, CUSTOMER, "h2").unwrap()["text"], "拒签：有异议 2026-11-12 11:00");
    }

    #[test]
    fn only_ink_is_a_signature() {
        let ink = "M10 20L30 40L50,60L70 80M5.5 5L6 6L7 7L8 8";
        let found = strokes(ink).unwrap();
        assert_eq!((found.len(), found[0][1], found[1][0]), (2, (30.0, 40.0), (5.5, 5.0)));
        for wrong in
            ["", "M1 1", "M10 20L30 40L50 60L70 80L1 1L2 2L3 3L900 1", "M1 1C2 2 3 3", "javascript:", "M1 NaN L2 2"]
        {
            assert_eq!(strokes(wrong), None, "{wrong}");
        }
    }
}
