//! Pages → the PDF: shades, rules and text of every cell, then the document around them.

use std::ops::Range;

use kefu_domain::field::signature::{HEIGHT, WIDTH};
use printpdf::{FontId, Mm, OffsetDateTime, PdfDocument, PdfFont, PdfPage, PdfSaveOptions};

use crate::canvas::{Canvas, Used, grey};
use crate::font::Faces;
use crate::frame::Frame;
use crate::geometry::{BAND, BLOCK_RULE, BORDER, GRID_LEFT, LEFT, PAD_X, PAD_Y, RIGHT, RULE, SMALL, SMALL_LEADING};
use crate::layout::{Cell, Role};
use crate::pages::{Page, Pages, Placed};
use crate::wrap::{self, Ink, Piece};
use crate::{PaperError, Sheet};

/// Thickness of a signature's strokes.
const INK: f32 = 1.1;
/// Ground of labels.
const SHADE: f32 = 0.945;

/// The bytes of the PDF of these sheets; its head names the first of them.
pub fn document(sheets: &[(&Sheet, Pages)], faces: &Faces) -> Result<Vec<u8>, PaperError> {
    let mut used = Used::new();
    let mut paper = Vec::new();
    for (sheet, pages) in sheets {
        let frame = Frame::new(sheet, pages.pages.len())?;
        for (index, page) in pages.pages.iter().enumerate() {
            let mut canvas = Canvas::new(faces, &mut used);
            one_page(&mut canvas, page, pages, &frame, index);
            paper.push(PdfPage::new(Mm(210.0), Mm(297.0), canvas.finish()));
        }
    }
    let first = sheets.first().map(|(sheet, _)| *sheet);
    let title = first.map_or_else(String::new, |sheet| match sheet.number {
        Some(number) => format!("{} {number}", sheet.template.title),
        None => sheet.template.title.clone(),
    });
    let mut pdf = PdfDocument::new(&title);
    pdf.metadata.info.producer = concat!("kefu-paper ", env!("CARGO_PKG_VERSION")).to_owned();
    if let Some(moment) = first.and_then(|s| OffsetDateTime::from_unix_timestamp(s.printed_at.timestamp()).ok()) {
        pdf.metadata.info.creation_date = moment;
        pdf.metadata.info.modification_date = moment;
    }
    for (slot, glyphs) in &used {
        let font = PdfFont::new(faces.subset(*slot, glyphs)?);
        pdf.resources.fonts.map.insert(FontId(slot.resource().to_owned()), font);
    }
    pdf.with_pages(paper);
    // The fonts are subsets already; printpdf must take them as they are.
    let options = PdfSaveOptions { subset_fonts: false, image_optimization: None, ..PdfSaveOptions::default() };
    Ok(pdf.save(&options, &mut Vec::new()))
}

/// Order of drawing is order of reading for whoever extracts the text. A text that goes on overleaf is to be found in one
/// piece, so what would come between its parts (foot, head, repeated titles and labels) is drawn without being extracted.
fn one_page(canvas: &mut Canvas, page: &Page, pages: &Pages, frame: &Frame, index: usize) {
    let begun = page.rows.iter().any(|p| p.row.continued && !p.row.head);
    canvas.fill_colour(grey(SHADE));
    shades(canvas, page, pages);
    canvas.fill_colour(grey(0.0));
    frame.stamp(canvas);
    if begun {
        canvas.silent(|page| frame.head(page, index));
    } else {
        frame.head(canvas, index);
    }
    rules(canvas, page, pages);
    for range in runs(&page.rows, |p| p.section) {
        let rows = &page.rows[range];
        band(canvas, rows, pages, index);
        for (i, placed) in rows.iter().enumerate() {
            let opens = placed.row.span.is_some() && (i == 0 || rows[i - 1].row.span != placed.row.span);
            if opens {
                span_label(canvas, &rows[i..], pages);
            }
            texts(canvas, placed);
        }
    }
    if page.goes_on {
        canvas.silent(|page| frame.foot(page, index));
    } else {
        frame.foot(canvas, index);
    }
}

/// Ranges of neighbours with the same key.
fn runs<K: PartialEq>(rows: &[Placed], key: impl Fn(&Placed) -> K) -> Vec<Range<usize>> {
    let mut at = 0;
    rows.chunk_by(|a, b| key(a) == key(b))
        .map(|run| {
            at += run.len();
            at - run.len()..at
        })
        .collect()
}

fn top(rows: &[Placed]) -> f32 {
    rows.first().map_or(0.0, |p| p.y)
}

fn bottom(rows: &[Placed]) -> f32 {
    rows.last().map_or(0.0, |p| p.y + p.row.height)
}

/// Rows of one list that stand together, with the label left of them.
fn spans<'p>(page: &'p Page, pages: &'p Pages) -> impl Iterator<Item = (&'p [Placed], &'p Cell)> {
    runs(&page.rows, |p| (p.section, p.row.span)).into_iter().filter_map(|range| {
        let rows = &page.rows[range];
        let first = rows.first()?;
        Some((rows, pages.sections.get(first.section)?.spans.get(first.row.span?)?))
    })
}

fn shades(canvas: &mut Canvas, page: &Page, pages: &Pages) {
    let (from, to) = (top(&page.rows), bottom(&page.rows));
    canvas.area(LEFT, from, BAND, to - from);
    for placed in &page.rows {
        for cell in placed.row.cells.iter().filter(|c| c.role != Role::Value) {
            canvas.area(GRID_LEFT + cell.x, placed.y, cell.w, placed.row.height);
        }
    }
    for (rows, label) in spans(page, pages) {
        canvas.area(GRID_LEFT + label.x, top(rows), label.w, bottom(rows) - top(rows));
    }
}

fn rules(canvas: &mut Canvas, page: &Page, pages: &Pages) {
    canvas.pen(RULE, grey(0.0));
    for placed in &page.rows {
        let (y, end) = (placed.y, placed.y + placed.row.height);
        for cell in placed.row.cells.iter().filter(|c| c.x > 0.0) {
            canvas.line(&[(GRID_LEFT + cell.x, y), (GRID_LEFT + cell.x, end)]);
        }
    }
    for pair in page.rows.windows(2) {
        let joined = pair[0].section == pair[1].section;
        let spanned = joined && pair[0].row.span.is_some() && pair[0].row.span == pair[1].row.span;
        let from = match pages.sections.get(pair[1].section).zip(pair[1].row.span) {
            Some((section, span)) if spanned => section.spans.get(span).map_or(0.0, |c| c.x + c.w),
            _ => 0.0,
        };
        let y = pair[1].y;
        if joined {
            canvas.line(&[(GRID_LEFT + from, y), (RIGHT, y)]);
        } else {
            canvas.pen(BLOCK_RULE, grey(0.0));
            canvas.line(&[(LEFT, y), (RIGHT, y)]);
            canvas.pen(RULE, grey(0.0));
        }
    }
    let (from, to) = (top(&page.rows), bottom(&page.rows));
    canvas.line(&[(GRID_LEFT, from), (GRID_LEFT, to)]);
    canvas.pen(BORDER, grey(0.0));
    canvas.outline(LEFT, from, RIGHT - LEFT, to - from);
}

/// The title of a block, one character under the other.
fn band(canvas: &mut Canvas, rows: &[Placed], pages: &Pages, index: usize) {
    let Some(section) = rows.first().and_then(|p| pages.sections.get(p.section)) else { return };
    let before = index.checked_sub(1).and_then(|i| pages.pages.get(i)).and_then(|p| p.rows.last());
    if before.is_some_and(|p| p.section == rows[0].section) {
        canvas.silent(|page| title(page, &section.title, rows, true));
    } else {
        title(canvas, &section.title, rows, false);
    }
}

fn title(canvas: &mut Canvas, title: &str, rows: &[Placed], repeated: bool) {
    let height = bottom(rows) - top(rows);
    let count = title.chars().count().max(1) as f32;
    let note = if repeated && height > count * 13.0 + 14.0 { 10.0 } else { 0.0 };
    let leading = ((height - 3.0 - note) / count).min(13.0);
    let size = (leading / 1.06).clamp(5.0, 10.0);
    let long = rows.iter().any(|p| p.row.cells.iter().any(Cell::is_long));
    let mut y = top(rows) + if long { 5.0 } else { (height - count * leading - note) / 2.0 };
    let middle = LEFT + BAND / 2.0;
    for c in title.chars() {
        let ink = Ink { bold: true, ..Ink::default() };
        let piece = Piece { c, ink, width: canvas.faces.width(c), glued: false };
        canvas.text(middle - piece.width * size / 2.0, baseline(y, leading, size), size, &[piece]);
        y += leading;
    }
    if note > 0.0 {
        crate::frame::centred(canvas, middle, baseline(y, note, 7.0), 7.0, "续", Ink::default());
    }
}

fn span_label(canvas: &mut Canvas, from_here: &[Placed], pages: &Pages) {
    let Some(first) = from_here.first() else { return };
    let Some(span) = first.row.span else { return };
    let Some(label) = pages.sections.get(first.section).and_then(|s| s.spans.get(span)) else { return };
    let count = from_here.iter().take_while(|p| p.row.span == Some(span)).count();
    let rows = &from_here[..count];
    let (y, height) = (top(rows), bottom(rows) - top(rows));
    if first.row.continued {
        canvas.silent(|page| cell_text(page, label, y, height, true));
    } else {
        cell_text(canvas, label, y, height, false);
    }
}

fn texts(canvas: &mut Canvas, placed: &Placed) {
    let row = &placed.row;
    for cell in &row.cells {
        let repeated = row.continued && cell.role == Role::Label;
        if row.continued && cell.role != Role::Value {
            canvas.silent(|page| cell_text(page, cell, placed.y, row.height, repeated));
        } else {
            cell_text(canvas, cell, placed.y, row.height, false);
        }
    }
}

fn cell_text(canvas: &mut Canvas, cell: &Cell, y: f32, height: f32, repeated: bool) {
    let note = if repeated { SMALL_LEADING } else { 0.0 };
    let tall = cell.lines.len() as f32 * cell.leading;
    let mut at = if cell.top { y + PAD_Y } else { y + (height - tall - note) / 2.0 };
    if !cell.ink.is_empty() {
        at = y + height - tall - PAD_Y;
        signature(canvas, cell, y, at);
    }
    for line in &cell.lines {
        let x = match cell.role {
            Role::Value => cell.x + PAD_X,
            Role::Label | Role::Head => cell.x + (cell.w - wrap::width(line) * cell.size) / 2.0,
        };
        canvas.text(GRID_LEFT + x, baseline(at, cell.leading, cell.size), cell.size, line);
        at += cell.leading;
    }
    if repeated {
        let middle = GRID_LEFT + cell.x + cell.w / 2.0;
        crate::frame::centred(canvas, middle, baseline(at, note, SMALL), SMALL, "（续）", Ink::default());
    }
}

/// A signature: its strokes as large as the room above the text allows, at the left.
fn signature(canvas: &mut Canvas, cell: &Cell, top: f32, bottom: f32) {
    let scale = ((cell.w - 2.0 * PAD_X) / WIDTH).min((bottom - top - PAD_Y) / HEIGHT).max(0.0);
    canvas.pen(INK, grey(0.0));
    for stroke in &cell.ink {
        let to = |(x, y): &(f32, f32)| (GRID_LEFT + cell.x + PAD_X + x * scale, top + PAD_Y + y * scale);
        let mut points: Vec<(f32, f32)> = stroke.iter().map(to).collect();
        if let [(x, y)] = points.as_slice() {
            points.push((x + INK, *y)); // a dot
        }
        canvas.line(&points);
    }
    canvas.pen(RULE, grey(0.0));
}

/// Baseline of a line whose box begins at `y`: the square of an ideograph reaches 0.88 em up and 0.12 em down.
fn baseline(y: f32, leading: f32, size: f32) -> f32 {
    y + (leading - size) / 2.0 + 0.88 * size
}
