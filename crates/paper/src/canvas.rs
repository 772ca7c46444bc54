//! One page being drawn: turns lengths from the top edge into PDF operations and notes which glyphs are used.

use std::collections::BTreeMap;

use printpdf::{
    Color, DictItem, Greyscale, Line as PdfLine, LinePoint, Op, PaintMode, Point, Polygon, PolygonRing, Pt, Rect,
    WindingOrder,
};

use crate::font::{Faces, Slot};
use crate::geometry::PAGE_H;
use crate::wrap::{Ink, Piece};

/// Glyphs used so far, by face, each with the character that the file's ToUnicode table gives for it.
pub type Used = BTreeMap<Slot, BTreeMap<u16, char>>;

/// A page under the pen.
pub struct Canvas<'f> {
    /// For measuring.
    pub faces: &'f Faces,
    /// Glyphs used on this page and the ones before.
    pub used: &'f mut Used,
    /// Operations so far.
    pub ops: Vec<Op>,
    /// Inside [`Canvas::silent`]: replacements do not nest.
    mute: bool,
}

impl<'f> Canvas<'f> {
    /// An empty page.
    pub fn new(faces: &'f Faces, used: &'f mut Used) -> Self {
        Canvas { faces, used, ops: Vec::with_capacity(2048), mute: false }
    }

    /// The page's operations.
    pub fn finish(self) -> Vec<Op> {
        self.ops
    }

    /// Colour of areas and text.
    pub fn fill_colour(&mut self, col: Color) {
        self.ops.push(Op::SetFillColor { col });
    }

    /// Colour and thickness of lines.
    pub fn pen(&mut self, thickness: f32, col: Color) {
        self.ops.push(Op::SetOutlineThickness { pt: Pt(thickness) });
        self.ops.push(Op::SetOutlineColor { col });
    }

    /// Sets everything inside apart from the rest of the page.
    pub fn apart(&mut self, draw: impl FnOnce(&mut Self)) {
        self.ops.push(Op::SaveGraphicsState);
        draw(self);
        self.ops.push(Op::RestoreGraphicsState);
    }

    /// Turns what is drawn afterwards by `degrees` counter-clockwise about a point that becomes the origin (x, 0 down).
    pub fn turn(&mut self, x: f32, y: f32, degrees: f32) {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let matrix = printpdf::CurTransMat::Raw([cos, sin, -sin, cos, x, PAGE_H - y]);
        self.ops.push(Op::SetTransformationMatrix { matrix });
    }

    /// A filled area.
    pub fn area(&mut self, x: f32, y: f32, w: f32, h: f32) {
        self.rectangle(x, y, w, h, PaintMode::Fill);
    }

    /// The outline of an area.
    pub fn outline(&mut self, x: f32, y: f32, w: f32, h: f32) {
        self.rectangle(x, y, w, h, PaintMode::Stroke);
    }

    fn rectangle(&mut self, x: f32, y: f32, w: f32, h: f32, mode: PaintMode) {
        let rectangle = Rect {
            x: Pt(round(x)),
            y: Pt(round(PAGE_H - y - h)),
            width: Pt(round(w)),
            height: Pt(round(h)),
            mode: Some(mode),
            winding_order: Some(WindingOrder::NonZero),
        };
        self.ops.push(Op::DrawRectangle { rectangle });
    }

    /// Many filled rectangles as one path.
    pub fn areas(&mut self, areas: impl Iterator<Item = [f32; 4]>) {
        let rings = areas
            .map(|[x, y, w, h]| PolygonRing {
                points: [(x, y), (x + w, y), (x + w, y + h), (x, y + h)].map(|(x, y)| point(x, y)).to_vec(),
            })
            .collect();
        let polygon = Polygon { rings, mode: PaintMode::Fill, winding_order: WindingOrder::NonZero };
        self.ops.push(Op::DrawPolygon { polygon });
    }

    /// A line through points.
    pub fn line(&mut self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&(x, y)| point(x, y)).collect();
        self.ops.push(Op::DrawLine { line: PdfLine { points, is_closed: false } });
    }

    /// A short text set wide, extracted without the gaps.
    pub fn spaced(&mut self, x: f32, baseline: f32, size: f32, gap: f32, text: &str, ink: Ink) {
        let start = self.span(Some(text));
        let mut at = x;
        for c in text.chars() {
            let piece = Piece { c, ink, width: self.faces.width(c), glued: false };
            self.text(at, baseline, size, &[piece]);
            at += piece.width * size + gap;
        }
        if start {
            self.ops.push(Op::EndMarkedContent);
        }
    }

    /// Draws something that repeats what stands on an earlier page: it is seen, but not extracted, so that a text which
    /// goes on overleaf is found in one piece. A space, because readers take an empty replacement for none.
    pub fn silent(&mut self, draw: impl FnOnce(&mut Self)) {
        let start = self.span(Some(" "));
        self.mute = true;
        draw(self);
        self.mute = !start;
        if start {
            self.ops.push(Op::EndMarkedContent);
        }
    }

    /// Opens marked content that is extracted as `spoken`, whatever is drawn in it (ISO 32000-1, 14.9.4).
    pub fn span(&mut self, spoken: Option<&str>) -> bool {
        let Some(spoken) = spoken.filter(|_| !self.mute) else { return false };
        let data = [0xfe, 0xff].into_iter().chain(spoken.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        let text = DictItem::String { data, literal: false };
        let properties = DictItem::Dict { map: BTreeMap::from([("ActualText".to_owned(), text)]) };
        self.ops.push(Op::BeginMarkedContentWithProperties { tag: "Span".to_owned(), properties });
        true
    }
}

fn point(x: f32, y: f32) -> LinePoint {
    LinePoint { p: Point { x: Pt(round(x)), y: Pt(round(PAGE_H - y)) }, bezier: false }
}

/// A hundredth of a point is finer than any printer; more digits only make the file bigger.
pub fn round(length: f32) -> f32 {
    (length * 100.0).round() / 100.0
}

/// A grey; 0 is black.
pub fn grey(percent: f32) -> Color {
    Color::Greyscale(Greyscale { percent, icc_profile: None })
}
