//! What comes out of the printer's file again: text, pages, fonts and size, read with poppler as a stranger would.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod samples;

use std::process::Command;

use kefu_paper::Press;
use samples::{DESCRIPTION, Sample, long_text};
use serde_json::json;

/// Output of a poppler tool on the PDF. The tools are part of the test machine: without them the test fails.
fn poppler(tool: &str, options: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sheet.pdf");
    std::fs::write(&file, pdf).unwrap();
    let mut command = Command::new(tool);
    command.args(options).arg(&file);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let out = command.output().unwrap_or_else(|e| panic!("{tool} (poppler-utils) must be installed: {e}"));
    assert!(out.status.success(), "{tool} rejects the file");
    assert!(out.stderr.is_empty(), "{tool} complains: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// All text of the sheet without white space, in each of the ways in which poppler orders it.
fn texts(sample: &Sample) -> [String; 3] {
    let pdf = sample.draw(&Press::new().unwrap());
    [&["-raw"][..], &["-layout"], &[]].map(|options| bare(&poppler("pdftotext", options, &pdf)))
}

fn raw(sample: &Sample) -> String {
    poppler("pdftotext", &["-raw"], &sample.draw(&Press::new().unwrap()))
}

fn pages(sample: &Sample) -> usize {
    let info = poppler("pdfinfo", &[], &sample.draw(&Press::new().unwrap()));
    assert!(info.contains("(A4)"), "not A4: {info}");
    info.lines().find_map(|l| l.strip_prefix("Pages:")).unwrap().trim().parse().unwrap()
}

#[test]
fn awkward_names_come_back() {
    for name in [
        "㛃䶮𠮷喆",
        "阿依古丽·买买提",
        "单雄信 解缙 仇英 尤芳",
        "O'Brien Liam",
        "=HYPERLINK(\"x\")",
        "０１２３ＡＢＣ",
        "聊天截图已发😡👍",
        "張國榮 · 张国荣 • ‧",
        "没有字形的\u{e123}字",
        "Shàn ǐ ñ №①",
    ] {
        let mut sample = Sample::ordinary();
        sample.set(&[("customer.name", json!(name)), ("description", json!({"text": name, "marks": []}))]);
        for text in texts(&sample) {
            assert_eq!(text.matches(&bare(name)).count(), 2, "{name} in {text}");
        }
    }
}

#[test]
fn long_descriptions_come_back_in_one_piece() {
    let mut before = pages(&Sample::described(DESCRIPTION));
    for count in [300, 4_000, 20_000] {
        let text = long_text(count);
        let sample = Sample::described(&text);
        for found in texts(&sample) {
            assert!(found.contains(&bare(&text)), "{count} characters are torn or incomplete");
        }
        let now = pages(&sample);
        assert!(count < 1_000 || now > before, "{count} characters on {now} pages");
        before = now;
    }
}

#[test]
fn marks_leave_the_text_alone() {
    let mut plain = Sample::ordinary();
    plain.set(&[("description", json!({"text": DESCRIPTION, "marks": []}))]);
    let marked = Sample::ordinary();
    let size = |sample: &Sample| sample.draw(&Press::new().unwrap()).len();
    assert!(size(&marked) > size(&plain) + 50, "marks are not drawn");
    assert_eq!(texts(&plain), texts(&marked));
}

#[test]
fn file_is_small_and_its_fonts_are_subsets() {
    let press = Press::new().unwrap();
    for (sample, most) in [(Sample::blank(), 60_000), (Sample::ordinary(), 75_000), (Sample::handled(), 80_000)] {
        let size = sample.draw(&press).len();
        assert!(size <= most, "{size} bytes, more than {most}");
    }
    let mut sample = Sample::ordinary();
    sample.set(&[("customer.name", json!("𠮷田😡"))]);
    let fonts = poppler("pdffonts", &[], &sample.draw(&press));
    let rows: Vec<_> = fonts.lines().skip(2).collect();
    assert_eq!(rows.len(), 3, "{fonts}");
    for row in rows {
        assert!(row.contains("yes yes yes"), "not embedded, subset and mapped to Unicode: {row}");
    }
}

#[test]
fn nothing_stands_outside_the_sheet() {
    let press = Press::new().unwrap();
    for sample in [Sample::blank(), Sample::handled(), Sample::described(&long_text(4_000))] {
        let boxes = poppler("pdftotext", &["-bbox"], &sample.draw(&press));
        let mut words = 0;
        for word in boxes.lines().filter(|l| l.contains("<word ")) {
            let edge = |name: &str| -> f32 {
                let from = word.find(name).unwrap() + name.len() + 2;
                word[from..].split('"').next().unwrap().parse().unwrap()
            };
            words += 1;
            assert!(edge("xMin") > 36.0 && edge("xMax") < 566.0, "{word}");
            assert!(edge("yMin") > 15.0 && edge("yMax") < 830.0, "{word}");
        }
        assert!(words > 80);
    }
}

#[test]
fn blank_form_is_for_a_pen() {
    let sample = Sample::blank();
    let text = bare(&raw(&sample));
    for field in sample.template.fields() {
        assert!(text.contains(&field.label), "{} is missing", field.label);
    }
    assert!(!text.contains('☑') && !text.contains("预览") && !text.contains("次打印"));
    assert!(text.contains("空白表") && text.contains("□投诉") && text.contains("□换货"));
    let reserved = Sample { number: Some("KF-20261102-A03-0007".to_owned()), ..Sample::blank() };
    assert!(raw(&reserved).contains("KF-20261102-A03-0007"));
}

#[test]
fn foot_says_which_copy_it_is() {
    let text = bare(&raw(&Sample::handled()));
    for part in ["第1页/共2页", "第2页/共2页", "打印时间：2026-11-0209:15", "打印人：王芳", "第3次打印"]
    {
        assert!(text.contains(part), "{part}");
    }
    let preview = raw(&Sample { copy: None, ..Sample::ordinary() });
    assert!(preview.contains("预览") && !preview.contains("次打印") && !preview.contains("打印时间"));
}

#[test]
fn void_form_says_so_on_every_page() {
    let press = Press::new().unwrap();
    let voided = Sample { voided: true, ..Sample::handled() };
    let text = poppler("pdftotext", &["-raw"], &voided.draw(&press));
    let pages: Vec<_> = text.split('\u{c}').filter(|p| !p.trim().is_empty()).collect();
    assert_eq!(pages.len(), 2);
    assert!(pages.iter().all(|p| p.contains("已作废")));
    assert!(!raw(&Sample::handled()).contains("已作废"));
}

#[test]
fn what_the_template_does_not_know_is_printed_too() {
    let mut sample = Sample::handled();
    sample.set(&[
        ("x.floor", json!("十七楼")),
        ("future.flag", json!(true)),
        ("future.nested", json!({"甲": 1, "乙": ["丙", "丁"]})),
        ("future.empty", json!(null)),
    ]);
    sample.list("future_lines", &[json!({"who": "某人", "what": "某事"})]);
    sample.list("chases", &[json!({"content": "催办", "channel_used": "对讲机"})]);
    let text = bare(&raw(&sample));
    for part in ["x.floor十七楼", "future.flag是", "丙、丁", "某人", "某事", "channel_used：对讲机", "催办", "其他"]
    {
        assert!(text.contains(&bare(part)), "{part} is missing");
    }
    assert!(!text.contains("future.empty"));
}

/// Guards the wording, order and completeness of the printed sheet against accidental change.
#[test]
fn handled_form_reads_as_before() {
    insta::assert_snapshot!(raw(&Sample::handled()));
}

#[test]
fn one_press_serves_all_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let press = Press::new().unwrap();
    shared(&press);
    let sample = Sample::ordinary();
    std::thread::scope(|scope| {
        let sizes: Vec<_> = [0; 4].map(|_| scope.spawn(|| sample.draw(&press).len())).into_iter().collect();
        let sizes: Vec<_> = sizes.into_iter().map(|s| s.join().unwrap()).collect();
        assert!(sizes.windows(2).all(|s| s[0] == s[1]), "the same form gives files of different size: {sizes:?}");
    });
}
