//! Line breaking for Chinese text with Latin words in it (禁则): text → lines of measured pieces.

use crate::font::Faces;

/// How a piece of text is inked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ink {
    /// Heavier strokes.
    pub bold: bool,
    /// Key statement: tinted ground and underline.
    pub marked: bool,
    /// Struck through.
    pub struck: bool,
}

/// One character to be drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// The character; `\n` ends a paragraph.
    pub c: char,
    /// How it is inked.
    pub ink: Ink,
    /// Width in em.
    pub width: f32,
    /// No line may begin with it.
    pub glued: bool,
}

/// Pieces standing on one baseline.
pub type Line = Vec<Piece>;

/// Width of a line in em.
pub fn width(line: &[Piece]) -> f32 {
    line.iter().map(|p| p.width).sum()
}

/// Text as pieces. `ink` gets the index of each character of `text`, counted in Unicode scalar values.
///
/// Tabs become spaces; control characters and invisible formatting characters are dropped.
pub fn pieces(faces: &Faces, text: &str, ink: impl Fn(usize) -> Ink) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(text.len() / 3);
    let mut last = '\n';
    for (index, c) in text.chars().enumerate() {
        let ink = ink(index);
        match c {
            '\n' if last == '\r' => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => {
                out.push(Piece { c: '\n', ink, width: 0.0, glued: false });
            }
            '\t' => {
                let blank = Piece { c: ' ', ink, width: faces.width(' '), glued: false };
                out.extend([blank; 4]);
            }
            _ if c.is_control() || is_invisible(c) => continue,
            _ => {
                let glued = out.last().is_some_and(|p| holds_together(p.c, c));
                out.push(Piece { c, ink, width: faces.width(c), glued });
            }
        }
        last = c;
    }
    out
}

/// Text in one ink.
pub fn plain(faces: &Faces, text: &str, ink: Ink) -> Vec<Piece> {
    pieces(faces, text, |_| ink)
}

/// Breaks pieces into lines no wider than `limit` em. Every piece that is not a line end or a space at one is kept.
pub fn fill(pieces: &[Piece], limit: f32) -> Vec<Line> {
    let limit = limit + 0.001;
    let mut lines: Vec<Line> = Vec::new();
    let mut line: Line = Vec::new();
    let mut used = 0.0;
    let mut i = 0;
    while i < pieces.len() {
        if pieces[i].c == '\n' {
            close(&mut lines, &mut line, &mut used);
            i += 1;
            continue;
        }
        let end = (i + 1..pieces.len()).find(|&j| !pieces[j].glued).unwrap_or(pieces.len());
        let atom = &pieces[i..end];
        let wide = width(atom);
        if used + wide <= limit {
            line.extend_from_slice(atom);
            used += wide;
            i = end;
        } else if is_space(atom[0].c) && atom.len() == 1 {
            // A space at the edge hangs over it: the next line must not begin with it.
            line.push(atom[0]);
            used = limit;
            i = end;
        } else if !line.is_empty() {
            close(&mut lines, &mut line, &mut used);
        } else {
            i += shatter(atom, limit, &mut lines, &mut line);
            used = width(&line);
        }
    }
    if !line.is_empty() || pieces.last().is_some_and(|p| p.c == '\n') {
        close(&mut lines, &mut line, &mut used);
    }
    lines
}

fn close(lines: &mut Vec<Line>, line: &mut Line, used: &mut f32) {
    while line.last().is_some_and(|p| is_space(p.c)) {
        line.pop();
    }
    lines.push(std::mem::take(line));
    *used = 0.0;
}

/// Breaks an atom wider than a whole line; the rest stays in `line`. Returns how many pieces were taken.
fn shatter(atom: &[Piece], limit: f32, lines: &mut Vec<Line>, line: &mut Line) -> usize {
    let mut used = 0.0;
    for piece in atom {
        if used + piece.width > limit && !line.is_empty() {
            // Closing punctuation takes its neighbour along, unless that is one itself or alone on the line.
            let carries = is_closing(piece.c) && line.len() > 1 && line.last().is_some_and(|p| !is_closing(p.c));
            let carried = if carries { line.pop() } else { None };
            lines.push(std::mem::take(line));
            line.extend(carried);
            used = width(line);
        }
        line.push(*piece);
        used += piece.width;
    }
    atom.len()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{3000}')
}

/// May not begin a line.
fn is_closing(c: char) -> bool {
    "，。；：！？、”’）》」』】〉〕〗…—·％,.;:!?)]}%›»～·‧".contains(c)
}

/// May not end a line.
fn is_opening(c: char) -> bool {
    "“‘（《「『【〈〔〖([{‹«￥¥$".contains(c)
}

/// Belongs to a Latin word or a number, full-width ones included.
fn is_word(c: char) -> bool {
    c.is_ascii_graphic()
        || c == '’'
        || (c.is_alphanumeric() && (c < '\u{1100}' || ('\u{ff10}'..='\u{ff5a}').contains(&c)))
}

fn holds_together(before: char, after: char) -> bool {
    if is_space(before) || is_space(after) || before == '\n' {
        return false;
    }
    is_opening(before) || is_closing(after) || (is_word(before) && is_word(after))
}

/// Joiners, direction marks and variation selectors: they have no shape of their own and no face here joins.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of `text` at `limit` em, joined by `|`.
    fn check(text: &str, limit: f32, expected: &str) {
        let faces = Faces::new().unwrap();
        let lines = fill(&plain(&faces, text, Ink::default()), limit);
        let shown: Vec<String> = lines.iter().map(|l| l.iter().map(|p| p.c).collect()).collect();
        assert_eq!(shown.join("|"), expected, "{text} at {limit}");
        assert!(lines.iter().all(|l| width(l) <= limit + 0.01 || l.len() == 1), "a line of {text} is too wide");
    }

    #[test]
    fn lines_break_by_the_rules() {
        check("一二三四五六", 3.0, "一二三|四五六");
        check("一二三，四五", 3.0, "一二|三，四|五");
        check("一二（三四）五", 3.0, "一二|（三|四）五");
        check("他说“好”。", 4.0, "他说|“好”。");
        check("一二。”三", 3.0, "一|二。”|三");
        check("型号 NC700 好", 3.5, "型号|NC700|好");
        check("２０２６年", 3.0, "２０２|６年");
        check("第１２号", 2.5, "第|１２|号");
        check("一\n\n二", 9.0, "一||二");
        check("一\r\n二\r三", 9.0, "一|二|三");
        check("一\t二", 9.0, "一    二");
        check("一\u{7}\u{200b}二\u{fe0f}", 9.0, "一二");
        check("abcdefghijklmnop", 3.0, "abcde|fghijkl|mnop");
        check("，，，，，", 2.0, "，，|，，|，");
        check("价￥100元", 3.0, "价|￥100|元");
        check("", 3.0, "");
    }

    #[test]
    fn nothing_but_spaces_at_line_ends_is_lost() {
        let faces = Faces::new().unwrap();
        let text = crate::samples::long_text(3_000);
        let bare = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        for tenths in 5..400 {
            let lines = fill(&plain(&faces, &text, Ink::default()), tenths as f32 / 10.0);
            let back: String = lines.iter().flatten().map(|p| p.c).collect();
            assert_eq!(bare(&back), bare(&text), "at {tenths} tenths of an em");
        }
    }
}
