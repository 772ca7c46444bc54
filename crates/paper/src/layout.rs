//! Template and values → rows of bordered cells with their heights, still on one endless page.

use kefu_domain::field::signature::strokes;
use kefu_domain::{Author, Field, FieldKind};
use serde_json::Value;

use crate::Sheet;
use crate::cells;
use crate::font::Faces;
use crate::geometry::{GRID_W, LEADING, PAD_X, PAD_Y, PEN_ROW, ROW, SIGN_ROW, SMALL, SMALL_LEADING, TEXT};
use crate::wrap::{self, Ink, Line, Piece};

/// What a cell is for, and so how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Name of a field: shaded, centred.
    Label,
    /// Head of a column: shaded, centred.
    Head,
    /// Something filled in.
    Value,
}

/// One bordered cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Left edge, from the left edge of the grid.
    pub x: f32,
    /// Width.
    pub w: f32,
    /// What it is for.
    pub role: Role,
    /// Its text.
    pub lines: Vec<Line>,
    /// Size of the text.
    pub size: f32,
    /// Line distance.
    pub leading: f32,
    /// Text begins at the top instead of standing in the middle.
    pub top: bool,
    /// Strokes of a signature in a field of 600 × 200, above the text.
    pub ink: Vec<Vec<(f32, f32)>>,
}

impl Cell {
    /// Height of its text with the space around it.
    pub fn needs(&self) -> f32 {
        self.lines.len() as f32 * self.leading + 2.0 * PAD_Y
    }

    /// Holds so much text that labels beside it stand at its beginning: in the middle they would be read into it.
    pub fn is_long(&self) -> bool {
        self.role == Role::Value && self.top && self.lines.len() > 3
    }
}

/// A row of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Cells from left to right, without gaps.
    pub cells: Vec<Cell>,
    /// Height.
    pub height: f32,
    /// Label that stands left of several rows: index into [`Section::spans`].
    pub span: Option<usize>,
    /// Column heads: repeated where the list goes on overleaf.
    pub head: bool,
    /// Begun on an earlier page.
    pub continued: bool,
    /// May be made higher where the page has room: its share of it.
    pub stretch: f32,
}

/// A block of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Title for the band at the left.
    pub title: String,
    /// Labels that stand left of several rows.
    pub spans: Vec<Cell>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// All blocks of the sheet, with one more for what the template does not know.
pub fn blocks(sheet: &Sheet, faces: &Faces) -> Vec<Section> {
    let setter = Setter { sheet, faces };
    let mut out: Vec<Section> = sheet
        .template
        .blocks
        .iter()
        .map(|block| {
            let mut section = Section { title: block.label.clone(), spans: Vec::new(), rows: Vec::new() };
            for row in &block.rows {
                setter.row(row, &mut section);
            }
            section
        })
        .filter(|s| !s.rows.is_empty())
        .collect();
    let other = setter.other();
    if !other.is_empty() {
        // Before the signatures, which close the form.
        let at = out.len() - usize::from(out.last().is_some_and(|s| s.rows.iter().all(|r| r.height >= SIGN_ROW)));
        out.insert(at, Section { title: "其他".to_owned(), spans: Vec::new(), rows: other });
    }
    out
}

/// Sets the fields of one sheet.
pub struct Setter<'s> {
    /// What is printed.
    pub sheet: &'s Sheet<'s>,
    /// For measuring.
    pub faces: &'s Faces,
}

impl Setter<'_> {
    /// Width of so many grid columns.
    pub fn column(&self, columns: f32) -> f32 {
        GRID_W * columns / f32::from(self.sheet.template.columns.max(1))
    }

    fn row(&self, fields: &[Field], section: &mut Section) {
        let mut cells = Vec::new();
        let mut at = 0.0;
        for field in fields {
            let (x, w) = (self.column(at), self.column(f32::from(field.w)));
            at += f32::from(field.w);
            match field.kind {
                FieldKind::Lines => {
                    self.list(field, section);
                    continue;
                }
                FieldKind::Flag => cells.push(self.value(field, x, w)),
                _ => {
                    let label = self.column(f32::from(field.lw.min(field.w)));
                    cells.push(self.label(&field.label, x, label, Role::Label));
                    cells.push(self.value(field, x + label, w - label));
                }
            }
        }
        if cells.is_empty() {
            return;
        }
        let least = fields.iter().map(least_height).fold(ROW, f32::max);
        let roomy = fields.iter().any(|f| f.rows > 1);
        section.rows.push(closed(cells, least, if roomy { 1.0 } else { 0.0 }));
    }

    /// A shaded cell with a name; in smaller letters where it needs more than one line.
    pub fn label(&self, text: &str, x: f32, w: f32, role: Role) -> Cell {
        let room = w - 4.0;
        let pieces = wrap::plain(self.faces, text, Ink::default());
        let (size, leading) =
            if wrap::width(&pieces) * TEXT <= room { (TEXT, LEADING) } else { (SMALL, SMALL_LEADING) };
        let mut lines = wrap::fill(&pieces, room / size);
        if lines.len() == 2 {
            lines = balanced(&pieces, room / size);
        }
        Cell { x, w, role, lines, size, leading, top: false, ink: Vec::new() }
    }

    fn value(&self, field: &Field, x: f32, w: f32) -> Cell {
        let null = Value::Null;
        let number = self.sheet.number.map(|n| Value::String(n.to_owned()));
        let value = match (field.kind, &number) {
            (FieldKind::Number, Some(number)) => number,
            _ => self.sheet.values.get(&field.key).unwrap_or(&null),
        };
        let ink = Ink { bold: field.kind == FieldKind::Number, ..Ink::default() };
        let pieces = cells::content(self.faces, self.sheet.codes, field, value, ink);
        let mut cell = self.filled(&pieces, x, w);
        cell.top = field.rows > 1;
        if field.kind == FieldKind::Signature {
            let path = value.get("path").and_then(Value::as_str);
            cell.ink = path.and_then(strokes).unwrap_or_default();
        }
        cell
    }

    /// A cell with text.
    pub fn filled(&self, pieces: &[Piece], x: f32, w: f32) -> Cell {
        let lines = wrap::fill(pieces, (w - 2.0 * PAD_X) / TEXT);
        Cell { x, w, role: Role::Value, lines, size: TEXT, leading: LEADING, top: false, ink: Vec::new() }
    }
}

fn least_height(field: &Field) -> f32 {
    let lines = f32::from(field.rows) * LEADING + 2.0 * PAD_Y;
    match (field.kind, field.by) {
        (FieldKind::Signature, _) => SIGN_ROW.max(lines),
        (_, Author::Process) if field.rows == 1 => PEN_ROW,
        _ if field.rows > 1 => lines,
        _ => ROW,
    }
}

/// A row just high enough for its cells, and for `least`.
pub fn closed(mut cells: Vec<Cell>, least: f32, stretch: f32) -> Row {
    if cells.iter().any(Cell::is_long) {
        cells.iter_mut().for_each(|c| c.top = true);
    }
    let height = cells.iter().map(Cell::needs).fold(least, f32::max);
    Row { cells, height, span: None, head: false, continued: false, stretch }
}

/// Two lines of nearly the same length read better in a label than a full one and a remnant.
fn balanced(pieces: &[Piece], room: f32) -> Vec<Line> {
    let half = wrap::width(pieces) / 2.0;
    (0..8)
        .map(|step| half + 0.5 * step as f32)
        .filter(|limit| *limit <= room)
        .map(|limit| wrap::fill(pieces, limit))
        .find(|lines| lines.len() == 2)
        .unwrap_or_else(|| wrap::fill(pieces, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn cells_of_a_row_share_their_edges() {
        let faces = Faces::new().unwrap();
        for sample in [Sample::blank(), Sample::ordinary(), Sample::handled()] {
            for section in blocks(&sample.sheet(), &faces) {
                for row in &section.rows {
                    let left = row.span.map_or(0.0, |s| section.spans[s].x + section.spans[s].w);
                    let mut edge = left;
                    for cell in &row.cells {
                        assert!((cell.x - edge).abs() < 0.01, "a gap in {}", section.title);
                        assert!(cell.needs() <= row.height + 0.01, "text higher than its row in {}", section.title);
                        edge = cell.x + cell.w;
                        for line in &cell.lines {
                            assert!(wrap::width(line) * cell.size <= cell.w - 3.9, "text wider than its cell");
                        }
                    }
                    assert!((edge - GRID_W).abs() < 0.01, "a row of {} does not reach the border", section.title);
                }
            }
        }
    }

    #[test]
    fn every_field_of_the_template_has_its_cell() {
        let faces = Faces::new().unwrap();
        let sample = Sample::blank();
        let sections = blocks(&sample.sheet(), &faces);
        let text = |cell: &Cell| cell.lines.iter().flatten().map(|p| p.c).collect::<String>();
        let all: Vec<String> = sections
            .iter()
            .flat_map(|s| s.spans.iter().chain(s.rows.iter().flat_map(|r| &r.cells)))
            .map(text)
            .collect();
        for field in sample.template.fields() {
            assert!(all.iter().any(|t| t.trim_start_matches(cells::UNTICKED) == field.label), "{}", field.label);
        }
    }
}
