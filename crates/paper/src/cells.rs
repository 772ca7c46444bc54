//! What stands in a cell: a stored value → the text that people read on paper.

use chrono::{DateTime, NaiveDate};
use kefu_domain::{CodeLists, Field, FieldKind};
use serde_json::Value;

use crate::font::Faces;
use crate::wrap::{self, Ink, Piece};

/// Ticked box. Drawn as □ with a tick, extracted as this character.
pub const TICKED: char = '☑';
/// Empty box.
pub const UNTICKED: char = '□';

/// Pieces of the value of `field`; tick boxes also where there is none.
pub fn content(faces: &Faces, codes: &CodeLists, field: &Field, value: &Value, ink: Ink) -> Vec<Piece> {
    let list = field.list.as_deref().unwrap_or_default();
    match field.kind {
        FieldKind::Choice if field.boxes => options(faces, codes, list, &chosen(value), ink),
        FieldKind::Choices if field.boxes => options(faces, codes, list, &chosen(value), ink),
        FieldKind::Dated => options(faces, codes, list, &chosen(value), ink),
        FieldKind::Flag => option(faces, &field.label, value == &Value::Bool(true), ink),
        FieldKind::Marked => marked(faces, value, ink),
        _ => wrap::plain(faces, &words(codes, field, value), ink),
    }
}

/// A value without tick boxes, as words.
pub fn words(codes: &CodeLists, field: &Field, value: &Value) -> String {
    match (field.kind, value) {
        (FieldKind::Choice | FieldKind::Choices, _) => {
            let list = field.list.as_deref().unwrap_or_default();
            let labels: Vec<_> = chosen(value).iter().map(|(code, _)| codes.label(list, code).to_owned()).collect();
            labels.join("、")
        }
        (FieldKind::Datetime, Value::String(s)) => moment(s),
        (FieldKind::Date, Value::String(s)) => day(s),
        (FieldKind::Money, Value::Number(n)) => n.as_i64().map_or_else(|| n.to_string(), money),
        (FieldKind::Size, Value::Number(n)) => n.as_u64().map_or_else(|| n.to_string(), size),
        _ => anything(value),
    }
}

/// A value of unknown meaning, so that nothing is silently missing.
pub fn anything(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::String(s) => s.clone(),
        Value::Array(items) => items.iter().map(anything).collect::<Vec<_>>().join("、"),
        Value::Object(map) => match map.get("text") {
            Some(Value::String(s)) => s.clone(),
            _ => map.iter().map(|(k, v)| format!("{k}：{}", anything(v))).collect::<Vec<_>>().join("；"),
        },
        Value::Number(n) => n.to_string(),
    }
}

/// Codes chosen, each with what is noted beside it: of a code, an array of codes, or an object code → moment.
fn chosen(value: &Value) -> Vec<(String, Option<String>)> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(|v| (anything(v), None)).collect(),
        Value::Object(map) => {
            map.iter().filter(|(_, v)| !v.is_null()).map(|(code, v)| (code.clone(), v.as_str().map(moment))).collect()
        }
        other => vec![(anything(other), None)],
    }
}

fn options(faces: &Faces, codes: &CodeLists, list: &str, chosen: &[(String, Option<String>)], ink: Ink) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut add = |label: &str, note: Option<&str>, ticked: bool| {
        if !out.is_empty() {
            out.extend(wrap::plain(faces, "   ", ink));
        }
        out.extend(option(faces, label, ticked, ink));
        if let Some(note) = note {
            let note = wrap::plain(faces, &format!("（{note}）"), ink);
            out.extend(note.into_iter().map(|p| Piece { glued: true, ..p }));
        }
    };
    let known = codes.list(list).map(|l| l.items.as_slice()).unwrap_or_default();
    for item in known {
        let hit = chosen.iter().find(|(code, _)| *code == item.code);
        if hit.is_some() || !item.retired {
            add(&item.label, hit.and_then(|(_, note)| note.as_deref()), hit.is_some());
        }
    }
    for (code, note) in chosen.iter().filter(|(code, _)| !known.iter().any(|o| o.code == *code)) {
        add(code, note.as_deref(), true);
    }
    out
}

/// One box with its label. The box never stands alone at the end of a line; a short label is not broken either.
fn option(faces: &Faces, label: &str, ticked: bool, ink: Ink) -> Vec<Piece> {
    let mark = if ticked { TICKED } else { UNTICKED };
    let ink = Ink { bold: ink.bold || ticked, ..ink };
    let mut out = wrap::plain(faces, &format!("{mark}{label}"), ink);
    let short = out.len() <= 32;
    for (i, piece) in out.iter_mut().enumerate() {
        piece.glued = i == 1 || (short && i > 0) || (i > 0 && piece.glued);
    }
    out
}

fn marked(faces: &Faces, value: &Value, ink: Ink) -> Vec<Piece> {
    let text = anything(value);
    let ranges: Vec<(usize, usize)> = value["marks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|m| Some((m[0].as_u64()? as usize, m[1].as_u64()? as usize)))
        .collect();
    wrap::pieces(faces, &text, |i| Ink { marked: ranges.iter().any(|&(a, b)| a <= i && i < b), ..ink })
}

/// RFC 3339 → local date and time as it was stored; anything else as it is.
fn moment(stored: &str) -> String {
    DateTime::parse_from_rfc3339(stored).map_or_else(|_| stored.to_owned(), |t| t.format("%Y-%m-%d %H:%M").to_string())
}

fn day(stored: &str) -> String {
    NaiveDate::parse_from_str(stored, "%Y-%m-%d").map_or_else(|_| stored.to_owned(), |d| d.to_string())
}

/// Fen → yuan with two decimals.
fn money(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kefu_domain::Template;
    use serde_json::json;

    fn check(key: &str, value: Value, expected: &str) {
        let (faces, codes, template) = (Faces::new().unwrap(), CodeLists::shipped(), Template::registration());
        let field = template.field(key).unwrap();
        let shown: String = content(&faces, &codes, field, &value, Ink::default()).iter().map(|p| p.c).collect();
        assert_eq!(shown, expected, "{key} = {value}");
    }

    #[test]
    fn values_are_printed_as_people_write_them() {
        check("received_at", json!("2026-11-02T08:41:00+08:00"), "2026-11-02 08:41");
        check("received_at", json!("昨天"), "昨天");
        check("product.purchased_on", json!("2025-11-28"), "2025-11-28");
        check("handling.cost", json!(32_050), "320.50");
        check("handling.cost", json!(-5), "-0.05");
        check("ring_count", json!(3), "3");
        check("channel", json!("hotline"), "热线");
        check("channel", json!("hologram"), "hologram");
        check("mood", Value::Null, "□平稳   □不满   □激动");
        check("mood", json!("calm"), "☑平稳   □不满   □激动");
        check("mood", json!("furious"), "□平稳   □不满   □激动   ☑furious");
        check("picked_in_three", json!(true), "☑三声内接听");
        check("picked_in_three", Value::Null, "□三声内接听");
        check("description", json!({"text": "甲乙", "marks": [[0, 1]]}), "甲乙");
        check(
            "consents",
            json!({"photo": "2026-11-02T08:41:00+08:00"}),
            "□回访   □录音   ☑拍照（2026-11-02 08:41）   □向第三方提供",
        );
    }

    #[test]
    fn marks_fall_on_their_characters() {
        let faces = Faces::new().unwrap();
        // 𠮷 and the line end count as one each; the range ends before its end.
        let value = json!({"text": "甲𠮷\n乙丙丁", "marks": [[1, 4]]});
        let marked: String =
            marked(&faces, &value, Ink::default()).iter().filter(|p| p.ink.marked).map(|p| p.c).collect();
        assert_eq!(marked, "𠮷\n乙");
    }

    #[test]
    fn sizes_are_readable() {
        for (bytes, expected) in [(0, "0 B"), (1_023, "1023 B"), (1_025, "2 KB"), (20 * 1_048_576, "20.0 MB")] {
            assert_eq!(size(bytes), expected);
        }
    }
}
