//! The embedded faces: which one draws a character, how wide it is, and the subset of glyphs that goes into the file.
//!
//! printpdf's own subsetting needs its layout engine, which parses the whole 10 MB face for 150 ms. Reading only the
//! character map and taking out the used glyphs ourselves costs a few milliseconds in all.

use std::collections::BTreeMap;

use printpdf::{FontMetrics, ParsedFont};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

use crate::PaperError;

static SANS: &[u8] = include_bytes!("../fonts/NotoSansSC-Print.ttf");
static SUPPLEMENT: &[u8] = include_bytes!("../fonts/NotoSansCJKsc-Supplement.otf");
static EMOJI: &[u8] = include_bytes!("../fonts/NotoEmoji_400Regular.ttf");

/// A face, in the order in which they are asked for a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Noto Sans SC: nearly everything.
    Sans,
    /// The rest of Noto Sans CJK: rare ideographs of names, 𠮷 among them.
    Supplement,
    /// Noto Emoji.
    Emoji,
}

impl Slot {
    /// All faces.
    pub const ALL: [Slot; 3] = [Slot::Sans, Slot::Supplement, Slot::Emoji];

    /// Name in the PDF, with the tag that marks a subset (ISO 32000-1, 9.6.4).
    pub fn pdf_name(self) -> &'static str {
        match self {
            Slot::Sans => "KEFUSA+NotoSansSC-Regular",
            Slot::Supplement => "KEFUSB+NotoSansCJKsc-Regular",
            Slot::Emoji => "KEFUSC+NotoEmoji-Regular",
        }
    }

    /// Resource name on the pages. Never F1 … F14, which printpdf takes for the built-in fonts.
    pub fn resource(self) -> &'static str {
        match self {
            Slot::Sans => "Sans",
            Slot::Supplement => "Supp",
            Slot::Emoji => "Emoji",
        }
    }

    /// Emoji are drawn on a body of 1.27 em; shrunk to the square of an ideograph.
    pub fn scale(self) -> f32 {
        if self == Slot::Emoji { 2048.0 / 2600.0 } else { 1.0 }
    }
}

/// The glyph that draws a character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// Face that has it.
    pub slot: Slot,
    /// Index in that face.
    pub id: u16,
    /// Width in em of the text, the face's scale included.
    pub width: f32,
}

/// The parsed faces.
pub struct Faces {
    faces: [Face<'static>; 3],
}

impl Faces {
    /// Reads the tables' directories.
    pub fn new() -> Result<Self, PaperError> {
        let read = |data, name| Face::parse(data, 0).map_err(|_| PaperError::Font(name));
        Ok(Faces { faces: [read(SANS, "sans")?, read(SUPPLEMENT, "supplement")?, read(EMOJI, "emoji")?] })
    }

    fn face(&self, slot: Slot) -> &Face<'static> {
        &self.faces[slot as usize]
    }

    /// The glyph of `c` from the first face that has it.
    pub fn glyph(&self, c: char) -> Option<Glyph> {
        Slot::ALL.into_iter().find_map(|slot| {
            let face = self.face(slot);
            let id = face.glyph_index(c).filter(|id| id.0 != 0)?;
            let advance = f32::from(face.glyph_hor_advance(id).unwrap_or(0));
            let width = advance / f32::from(face.units_per_em()) * slot.scale();
            Some(Glyph { slot, id: id.0, width })
        })
    }

    /// Width of `c` in em; characters that no face has are drawn as a box of one em.
    pub fn width(&self, c: char) -> f32 {
        self.glyph(c).map_or(1.0, |g| g.width)
    }

    /// Width of a short text in em.
    pub fn text_width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.width(c)).sum()
    }

    /// A font of only the `used` glyphs (glyph → the character it stands for), ready to be embedded.
    pub fn subset(&self, slot: Slot, used: &BTreeMap<u16, char>) -> Result<ParsedFont, PaperError> {
        let data = match slot {
            Slot::Sans => SANS,
            Slot::Supplement => SUPPLEMENT,
            Slot::Emoji => EMOJI,
        };
        let face = self.face(slot);
        let mut remapper = GlyphRemapper::new();
        let mut by_char = BTreeMap::new();
        let mut widths = BTreeMap::new();
        for (&id, &c) in used {
            let new = remapper.remap(id);
            by_char.insert(u32::from(c), new);
            widths.insert(new, face.glyph_hor_advance(GlyphId(id)).unwrap_or(0));
        }
        let bytes =
            subsetter::subset(data, 0, &remapper).map_err(|e| PaperError::Subset(slot.resource(), e.to_string()))?;
        let metrics = FontMetrics { ascent: face.ascender(), descent: face.descender() };
        let name = Some(slot.pdf_name().to_owned());
        let mut font = ParsedFont::with_glyph_data(bytes, 0, name, by_char, widths, face.units_per_em(), metrics);
        let bounds = face.global_bounding_box();
        font.pdf_font_metrics.x_min = bounds.x_min;
        font.pdf_font_metrics.y_min = bounds.y_min;
        font.pdf_font_metrics.x_max = bounds.x_max;
        font.pdf_font_metrics.y_max = bounds.y_max;
        font.pdf_font_metrics.us_weight_class = 400;
        Ok(font)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awkward_names_have_glyphs() {
        let faces = Faces::new().unwrap();
        let check = |c: char, slot: Slot| assert_eq!(faces.glyph(c).map(|g| g.slot), Some(slot), "{c}");
        for c in "㛃䶮喆阿依古丽·买O'Brien０１２□▢Shàn單".chars() {
            check(c, Slot::Sans);
        }
        check('𠮷', Slot::Supplement);
        check('😡', Slot::Emoji);
        assert!(faces.glyph('\u{E000}').is_none(), "a private-use character has no glyph");
        assert!((faces.width('😡') - 1.0).abs() < 0.01);
        assert!((faces.width('国') - 1.0).abs() < 0.001);
    }
}
