//! The QR code of the form's number, as filled rectangles: scanning the paper opens the form.

use qrcode::{Color, EcLevel, QrCode};

use crate::PaperError;

/// Dark areas of the code as (x, y, width, height) in a square of side 1, y downwards.
pub fn squares(number: &str) -> Result<Vec<[f32; 4]>, PaperError> {
    let code = QrCode::with_error_correction_level(number.as_bytes(), EcLevel::M)
        .map_err(|e| PaperError::Qr(e.to_string()))?;
    let side = code.width();
    let unit = 1.0 / side as f32;
    let mut out = Vec::new();
    for (y, row) in code.to_colors().chunks(side).enumerate() {
        let mut x = 0;
        while x < side {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                out.push([x as f32 * unit, y as f32 * unit, run as f32 * unit, unit]);
            }
            x += run.max(1);
        }
    }
    Ok(out)
}

/// A text as a QR code: modules of a side, without quiet zone, and the path of its dark areas for an SVG whose unit is one
/// module.
///
/// # Errors
/// [`PaperError::Qr`] where the text is too long.
pub fn path(text: &str) -> Result<(u32, String), PaperError> {
    let code =
        QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).map_err(|e| PaperError::Qr(e.to_string()))?;
    let side = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(side).enumerate() {
        let mut x = 0;
        while x < side {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                path += &format!("M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    Ok((u32::try_from(side).unwrap_or_default(), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_cover_exactly_the_dark_modules() {
        let number = "KF-20261102-A03-0001";
        let code = QrCode::with_error_correction_level(number, EcLevel::M).unwrap();
        let side = code.width();
        let squares = squares(number).unwrap();
        for y in 0..side {
            for x in 0..side {
                let (cx, cy) = ((x as f32 + 0.5) / side as f32, (y as f32 + 0.5) / side as f32);
                let inked = squares.iter().any(|[a, b, w, h]| (*a..a + w).contains(&cx) && (*b..b + h).contains(&cy));
                assert_eq!(inked, code[(x, y)] == Color::Dark, "module {x}, {y}");
            }
        }
    }
}
