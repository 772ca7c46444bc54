//! Text on a page: which face draws what, heavier strokes, the ground and lines of its ink, and what is extracted.

use printpdf::{Color, FontId, Op, PdfFontHandle, Pt, TextItem, TextMatrix, TextRenderingMode};

use crate::canvas::{Canvas, grey, round};
use crate::cells::{TICKED, UNTICKED};
use crate::font::Slot;
use crate::geometry::PAGE_H;
use crate::wrap::{Ink, Piece, width};

/// Drawn for characters that no face has.
const MISSING: char = '▢';

/// Pieces drawn by one show operation: same face, same weight, and what they are to be extracted as.
struct Run {
    slot: Slot,
    bold: bool,
    shown: String,
    spoken: Option<String>,
    width: f32,
}

impl Canvas<'_> {
    /// Pieces on one baseline, with the ground, underline and strike of their ink.
    pub fn text(&mut self, x: f32, baseline: f32, size: f32, pieces: &[Piece]) {
        self.grounds(x, baseline, size, pieces);
        let runs = self.runs(pieces);
        if runs.is_empty() {
            return;
        }
        self.ops.push(Op::StartTextSection);
        let mut at = x;
        let mut bold = false;
        for run in &runs {
            if run.bold != bold {
                bold = run.bold;
                self.weight(bold, size);
            }
            let start = self.span(run.spoken.as_deref());
            let font = PdfFontHandle::External(FontId(run.slot.resource().to_owned()));
            self.ops.push(Op::SetFont { font, size: Pt(round(size * run.slot.scale())) });
            let matrix = TextMatrix::Raw([1.0, 0.0, 0.0, 1.0, round(at), round(PAGE_H - baseline)]);
            self.ops.push(Op::SetTextMatrix { matrix });
            self.ops.push(Op::ShowText { items: vec![TextItem::Text(run.shown.clone())] });
            if start {
                self.ops.push(Op::EndMarkedContent);
            }
            at += run.width * size;
        }
        if bold {
            self.weight(false, size);
        }
        self.ops.push(Op::EndTextSection);
        self.ticks(x, baseline, size, pieces);
    }

    /// Heavier strokes by filling and outlining: no second font file.
    fn weight(&mut self, bold: bool, size: f32) {
        let mode = if bold { TextRenderingMode::FillStroke } else { TextRenderingMode::Fill };
        self.ops.push(Op::SetTextRenderingMode { mode });
        if bold {
            self.ops.push(Op::SetOutlineThickness { pt: Pt(round(size * 0.035)) });
        }
    }

    fn runs(&mut self, pieces: &[Piece]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for piece in pieces {
            let drawn = match piece.c {
                TICKED => UNTICKED,
                c => c,
            };
            let (glyph, drawn) = match self.faces.glyph(drawn) {
                Some(glyph) => (glyph, drawn),
                None => match self.faces.glyph(MISSING) {
                    Some(glyph) => (glyph, MISSING),
                    None => continue,
                },
            };
            // Several characters may share a glyph, but a glyph is extracted as one character: the first to come.
            let owner = *self.used.entry(glyph.slot).or_default().entry(glyph.id).or_insert(drawn);
            let spoken = (owner != piece.c).then(|| piece.c.to_string());
            match runs.last_mut() {
                Some(run)
                    if run.slot == glyph.slot
                        && run.bold == piece.ink.bold
                        && run.spoken.is_none()
                        && spoken.is_none() =>
                {
                    run.shown.push(owner);
                    run.width += piece.width;
                }
                _ => runs.push(Run {
                    slot: glyph.slot,
                    bold: piece.ink.bold,
                    shown: owner.to_string(),
                    spoken,
                    width: piece.width,
                }),
            }
        }
        runs
    }

    fn grounds(&mut self, x: f32, baseline: f32, size: f32, pieces: &[Piece]) {
        for (from, wide) in stretches(pieces, |ink| ink.marked) {
            let (x, w) = (x + from * size, wide * size);
            self.apart(|page| {
                page.fill_colour(tint());
                page.area(x, baseline - size, w, size * 1.3);
                page.pen(0.8, grey(0.0));
                page.line(&[(x, baseline + size * 0.22), (x + w, baseline + size * 0.22)]);
            });
        }
        for (from, wide) in stretches(pieces, |ink| ink.struck) {
            let (x, w) = (x + from * size, wide * size);
            self.apart(|page| {
                page.pen(0.7, grey(0.0));
                page.line(&[(x, baseline - size * 0.36), (x + w, baseline - size * 0.36)]);
            });
        }
    }

    fn ticks(&mut self, x: f32, baseline: f32, size: f32, pieces: &[Piece]) {
        let mut at = x;
        for piece in pieces {
            if piece.c == TICKED {
                let spot = |dx: f32, dy: f32| (at + dx * size, baseline - dy * size);
                self.apart(|page| {
                    page.pen(size * 0.13, grey(0.0));
                    page.line(&[spot(0.22, 0.42), spot(0.44, 0.16), spot(0.88, 0.78)]);
                });
            }
            at += piece.width * size;
        }
    }
}

/// Contiguous pieces whose ink answers `wanted`, as (offset, width) in em.
fn stretches(pieces: &[Piece], wanted: impl Fn(Ink) -> bool) -> Vec<(f32, f32)> {
    let mut out: Vec<(f32, f32)> = Vec::new();
    let mut at = 0.0;
    for group in pieces.chunk_by(|a, b| wanted(a.ink) == wanted(b.ink)) {
        let wide = width(group);
        if wanted(group[0].ink) {
            out.push((at, wide));
        }
        at += wide;
    }
    out
}

/// Ground of key statements: yellow in colour, a light grey once photocopied.
fn tint() -> Color {
    Color::Rgb(printpdf::Rgb { r: 1.0, g: 0.93, b: 0.55, icc_profile: None })
}
