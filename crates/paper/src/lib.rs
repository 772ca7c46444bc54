//! Paper: draws a filled or blank 《客服登记表》 as an A4 PDF from the template that also drives the screen.
//!
//! One call goes through these rooms: [`Sheet`] (what to print) → `cells` (value → text) → `wrap` (text → lines) →
//! `layout` (template → rows of cells) → `pages` (rows → pages, nothing ever cut) → `draw`/`frame` (pages → operations)
//! → `font` (only the glyphs used) → printpdf. All lengths are points (1/72 inch) with y growing downwards from the top
//! edge of the sheet; only `canvas` knows that PDF counts from the bottom.

mod canvas;
mod cells;
mod draw;
mod font;
mod frame;
mod geometry;
mod layout;
mod lettering;
mod lists;
mod pages;
mod qr;
mod wrap;

pub use qr::path as qr_path;

#[cfg(test)]
extern crate self as kefu_paper;
#[cfg(test)]
#[path = "../tests/samples/mod.rs"]
mod samples;

use chrono::{DateTime, FixedOffset};
use kefu_domain::{CodeLists, Lists, Template, Values};

use font::Faces;

/// What is to be printed.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// Form definition, the company's own fields included.
    pub template: &'a Template,
    /// Words of the options.
    pub codes: &'a CodeLists,
    /// Field values; keys that the template does not know are printed in a trailing block.
    pub values: &'a Values,
    /// Lists of lines, struck ones included.
    pub lists: &'a Lists,
    /// Name of the company, printed at the head of each page.
    pub company: &'a str,
    /// The form's number; `None` on a blank form or an unregistered draft.
    pub number: Option<&'a str>,
    /// How many copies there are, this one included; `None` for a preview or a blank form.
    pub copy: Option<u32>,
    /// Moment of printing, in the zone to be shown.
    pub printed_at: DateTime<FixedOffset>,
    /// Who prints.
    pub printed_by: &'a str,
    /// The rule set in force on the form's day, name and version; printed at the foot (R15).
    pub rules: Option<&'a str>,
    /// The form is void: every page is stamped 已作废.
    pub voided: bool,
}

impl Sheet<'_> {
    /// Nothing is filled in: the sheet is meant for a pen.
    fn is_blank(&self) -> bool {
        self.values.is_empty() && self.lists.is_empty()
    }
}

/// Why no PDF could be made. No message carries anything of the form's content.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// An embedded font does not parse: the program file is damaged.
    #[error("embedded font {0} cannot be read")]
    Font(&'static str),
    /// The used glyphs could not be taken out of an embedded font.
    #[error("glyphs of {0} cannot be extracted: {1}")]
    Subset(&'static str, String),
    /// The number does not fit into a QR code.
    #[error("number does not fit a QR code: {0}")]
    Qr(String),
}

/// Draws sheets. Keeps the parsed faces: create once, share between threads, use for every print.
pub struct Press {
    faces: Faces,
}

impl Press {
    /// Parses the heads of the embedded fonts; well under a millisecond, glyphs are read when they are needed.
    ///
    /// # Errors
    /// [`PaperError::Font`] when an embedded font is damaged.
    pub fn new() -> Result<Press, PaperError> {
        Ok(Press { faces: Faces::new()? })
    }

    /// The sheet as the bytes of a PDF file.
    ///
    /// # Errors
    /// [`PaperError::Subset`] and [`PaperError::Qr`]; values of the form never cause one.
    pub fn draw(&self, sheet: &Sheet) -> Result<Vec<u8>, PaperError> {
        self.draw_all(std::slice::from_ref(sheet))
    }

    /// Sheets one after the other as one PDF file; the pages of each are counted by themselves.
    ///
    /// # Errors
    /// As [`Press::draw`].
    pub fn draw_all(&self, sheets: &[Sheet]) -> Result<Vec<u8>, PaperError> {
        let laid = |sheet| pages::paginate(layout::blocks(sheet, &self.faces));
        let sheets: Vec<_> = sheets.iter().map(|sheet| (sheet, laid(sheet))).collect();
        draw::document(&sheets, &self.faces)
    }
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Press")
    }
}
