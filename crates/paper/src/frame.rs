//! What stands around the form on each page: company, title, QR code and number above; page, print time, operator and
//! copy below; the 已作废 stamp across.

use printpdf::{Color, Rgb};

use crate::canvas::{Canvas, grey};
use crate::geometry::{FOOT, LEFT, PAGE_H, PAGE_W, RIGHT, TEXT, TOP};
use crate::wrap::{self, Ink};
use crate::{PaperError, Sheet, qr};

/// Title of the first page.
const TITLE: f32 = 21.0;
/// Width kept free on either side of the title.
const SIDE: f32 = 150.0;

/// Everything around the form that is the same in kind on each page.
pub struct Frame<'s> {
    sheet: &'s Sheet<'s>,
    code: Vec<[f32; 4]>,
    pages: usize,
}

impl<'s> Frame<'s> {
    /// Prepares the frame of a document of `pages` pages.
    pub fn new(sheet: &'s Sheet<'s>, pages: usize) -> Result<Self, PaperError> {
        let code = sheet.number.map(qr::squares).transpose()?.unwrap_or_default();
        Ok(Frame { sheet, code, pages })
    }

    /// Head of page `index`, counted from 0.
    pub fn head(&self, page: &mut Canvas, index: usize) {
        let first = index == 0;
        self.company(page);
        if first {
            self.title(page)
        } else {
            self.running_title(page)
        }
        self.code(page, if first { 46.0 } else { 32.0 });
    }

    fn company(&self, page: &mut Canvas) {
        let pieces = wrap::plain(page.faces, self.sheet.company, Ink::default());
        let mut size = TEXT;
        let mut lines = wrap::fill(&pieces, (SIDE - 10.0) / size);
        while lines.len() as f32 * (size + 3.0) > 40.0 && size > 3.0 {
            size -= 0.5;
            lines = wrap::fill(&pieces, (SIDE - 10.0) / size);
        }
        for (row, line) in lines.iter().enumerate() {
            page.text(LEFT, TOP + 10.0 + row as f32 * (size + 3.0), size, line);
        }
        if self.sheet.voided {
            let below = TOP + 12.0 + lines.len() as f32 * (size + 3.0);
            let mark = wrap::plain(page.faces, "【已作废】", Ink { bold: true, ..Ink::default() });
            page.text(LEFT - 4.0, below, TEXT, &mark);
        }
    }

    fn title(&self, page: &mut Canvas) {
        let title = self.sheet.template.title.as_str();
        let ems = page.faces.text_width(title);
        let count = title.chars().count() as f32;
        let room = PAGE_W - 2.0 * SIDE - 20.0;
        let size = TITLE.min(room / (ems * 1.3).max(1.0));
        let gap = size * 0.3;
        let wide = ems * size + gap * (count - 1.0).max(0.0);
        let x = (LEFT + RIGHT - wide) / 2.0;
        page.spaced(x, TOP + 38.0, size, gap, title, Ink { bold: true, ..Ink::default() });
    }

    fn running_title(&self, page: &mut Canvas) {
        let title = format!("{}（续页）", self.sheet.template.title);
        centred(page, (LEFT + RIGHT) / 2.0, TOP + 18.0, 13.0, &title, Ink { bold: true, ..Ink::default() });
    }

    fn code(&self, page: &mut Canvas, side: f32) {
        let Some(number) = self.sheet.number else { return };
        let size = 7.5;
        let wide = page.faces.text_width(number) * size;
        // Number and code share a middle line; the wider of the two ends at the right edge of the form.
        let middle = RIGHT - wide.max(side) / 2.0;
        let (x, y) = (middle - side / 2.0, TOP - 4.0);
        page.fill_colour(grey(0.0));
        page.areas(self.code.iter().map(|[a, b, w, h]| [x + a * side, y + b * side, w * side, h * side]));
        centred(page, middle, y + side + 9.0, size, number, Ink::default());
    }

    /// Foot of page `index`.
    pub fn foot(&self, page: &mut Canvas, index: usize) {
        let size = 8.0;
        let sheet = self.sheet;
        let time = sheet.printed_at.format("%Y-%m-%d %H:%M");
        let left = match sheet.copy {
            Some(copy) => format!("打印时间：{time}　打印人：{}　第 {copy} 次打印", sheet.printed_by),
            None if sheet.is_blank() => format!("空白表　打印时间：{time}　打印人：{}", sheet.printed_by),
            None => "预览".to_owned(),
        };
        let left = sheet.rules.map_or(left.clone(), |rules| format!("{left}　规则：{rules}"));
        let right = format!("第 {} 页 / 共 {} 页", index + 1, self.pages);
        let wide = page.faces.text_width(&right) * size;
        let pieces = wrap::plain(page.faces, &left, Ink::default());
        let fitting = (RIGHT - LEFT - wide - 12.0) / wrap::width(&pieces).max(1.0);
        page.text(LEFT, FOOT, size.min(fitting), &pieces);
        let pieces = wrap::plain(page.faces, &right, Ink::default());
        page.text(RIGHT - wide, FOOT, size, &pieces);
    }

    /// The stamp of a void form: under the text, so that everything stays legible, and not extracted, because the head
    /// says the same and the text it lies under must not be torn.
    pub fn stamp(&self, page: &mut Canvas) {
        if !self.sheet.voided {
            return;
        }
        let red = Color::Rgb(Rgb { r: 0.92, g: 0.56, b: 0.56, icc_profile: None });
        page.apart(|page| {
            page.turn(PAGE_W / 2.0, PAGE_H / 2.0, 24.0);
            page.pen(2.4, red.clone());
            // After the turn the origin lies in the middle of the page, which for the canvas is at (0, PAGE_H).
            page.outline(-150.0, PAGE_H - 50.0, 300.0, 100.0);
            page.outline(-144.0, PAGE_H - 44.0, 288.0, 88.0);
            page.fill_colour(red);
            page.silent(|page| page.spaced(-126.0, PAGE_H + 25.0, 66.0, 27.0, "已作废", Ink::default()));
        });
    }
}

/// A short text centred on `middle`.
pub fn centred(page: &mut Canvas, middle: f32, baseline: f32, size: f32, text: &str, ink: Ink) {
    let pieces = wrap::plain(page.faces, text, ink);
    let wide = wrap::width(&pieces) * size;
    page.text(middle - wide / 2.0, baseline, size, &pieces);
}
