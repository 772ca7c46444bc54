//! Rows → pages: blocks are kept together where that costs little, column heads and labels are repeated overleaf,
//! and a cell higher than what is left of the page goes on on the next one. Nothing is ever cut.

use crate::geometry::{BOTTOM, FIRST_TOP, NEXT_TOP, PAD_Y};
use crate::layout::{Cell, Role, Row, Section};

/// A row in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The row.
    pub row: Row,
    /// Its top edge.
    pub y: f32,
    /// Section it belongs to.
    pub section: usize,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Rows from top to bottom, without gaps.
    pub rows: Vec<Placed>,
    /// Its last row goes on overleaf.
    pub goes_on: bool,
}

/// All pages, and the sections whose titles and labels stand beside the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Pages {
    /// Sections; their rows have been moved to the pages.
    pub sections: Vec<Section>,
    /// Pages in order; at least one.
    pub pages: Vec<Page>,
}

/// Fewest lines of a split cell on either page.
const FEWEST: usize = 2;

/// Most that each row of a page with room is made higher.
const MORE: f32 = 4.0;
/// Most that a cell for longer text is made higher on the last page.
const MORE_TEXT: f32 = 26.0;

/// Puts the rows on pages.
pub fn paginate(mut sections: Vec<Section>) -> Pages {
    let mut flow = Flow { pages: vec![Page::default()], y: FIRST_TOP };
    for (index, section) in sections.iter_mut().enumerate() {
        let rows = std::mem::take(&mut section.rows);
        flow.before(&rows);
        let mut head: Option<Row> = None;
        let mut rest = rows.into_iter().peekable();
        while let Some(row) = rest.next() {
            if row.head {
                head = Some(row.clone());
            } else if row.span.is_none() {
                head = None;
            }
            // Column heads never stay behind alone.
            let company = if row.head { rest.peek().map_or(0.0, |next| next.height.min(60.0)) } else { 0.0 };
            flow.place(row, company, head.as_ref(), index);
        }
    }
    let mut pages = flow.pages;
    let last = pages.len() - 1;
    for (index, page) in pages.iter_mut().enumerate() {
        if !page.goes_on {
            stretch(page, index == last);
        }
    }
    Pages { sections, pages }
}

struct Flow {
    pages: Vec<Page>,
    y: f32,
}

impl Flow {
    fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    fn fresh(&self) -> bool {
        self.pages.last().is_none_or(|p| p.rows.is_empty())
    }

    fn turn(&mut self) {
        self.pages.push(Page::default());
        self.y = NEXT_TOP;
    }

    fn push(&mut self, row: Row, section: usize) {
        let y = self.y;
        self.y += row.height;
        if let Some(page) = self.pages.last_mut() {
            page.rows.push(Placed { row, y, section });
        }
    }

    /// Begins a page for a block that would otherwise be torn, where little room is lost by that.
    fn before(&mut self, rows: &[Row]) {
        let height: f32 = rows.iter().map(|r| r.height).sum();
        let full = BOTTOM - NEXT_TOP;
        let cheap = self.room() < 0.25 * full || height < 0.2 * full;
        if height > self.room() && height <= full && cheap && !self.fresh() {
            self.turn();
        }
    }

    fn place(&mut self, row: Row, company: f32, head: Option<&Row>, section: usize) {
        let mut row = row;
        loop {
            if row.height + company <= self.room() + 0.01 {
                return self.push(row, section);
            }
            let splits = row.cells.iter().any(|c| c.role == Role::Value && c.lines.len() > 2 * FEWEST + 1);
            if let Some((here, rest)) = splits.then(|| split(&row, self.room())).flatten() {
                self.push(here, section);
                if let Some(page) = self.pages.last_mut() {
                    page.goes_on = true;
                }
                self.turn();
                row = rest;
            } else if self.fresh() {
                // Higher than a page and yet not to be split: only a template with an absurd `rows` comes here.
                row.height = row.height.min(self.room());
                return self.push(row, section);
            } else {
                self.turn();
            }
            if let Some(head) = head.filter(|_| !row.head) {
                self.push(Row { continued: true, ..head.clone() }, section);
            }
        }
    }
}

/// What fits into `room`, and the rest; `None` where too few lines would fit.
fn split(row: &Row, room: f32) -> Option<(Row, Row)> {
    let mut here = row.clone();
    let mut rest = row.clone();
    for (a, b) in here.cells.iter_mut().zip(&mut rest.cells) {
        if a.role != Role::Value {
            continue;
        }
        let mut fit = ((room - 2.0 * PAD_Y) / a.leading).floor().max(0.0) as usize;
        if a.lines.len() > fit {
            fit = fit.min(a.lines.len().saturating_sub(FEWEST));
            if fit < FEWEST {
                return None;
            }
            b.lines = a.lines.split_off(fit);
            (a.top, b.top) = (true, true);
        } else {
            b.lines.clear();
        }
    }
    rest.continued = true;
    rest.stretch = 0.0;
    rest.height = rest.cells.iter().map(Cell::needs).fold(0.0, f32::max);
    // Down to the end of the page, so that the open cell is seen to go on.
    here.height = room;
    Some((here, rest))
}

/// Gives the room that is left at the foot of a page back to its rows: first a little to each, for the pen's sake, then
/// to the cells meant for longer text. The last page keeps what is still over.
fn stretch(page: &mut Page, last: bool) {
    let Some(end) = page.rows.last().map(|p| p.y + p.row.height) else { return };
    let mut room = BOTTOM - end;
    let each = (room / page.rows.len() as f32).clamp(0.0, MORE);
    room -= each * page.rows.len() as f32;
    let shares: f32 = page.rows.iter().map(|p| p.row.stretch).sum();
    let most = if last { MORE_TEXT } else { f32::MAX };
    let text = if shares > 0.0 { (room / shares).clamp(0.0, most) } else { 0.0 };
    let mut down = 0.0;
    for placed in &mut page.rows {
        placed.y += down;
        let more = each + text * placed.row.stretch;
        placed.row.height += more;
        down += more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::Faces;
    use crate::layout::blocks;
    use crate::samples::{Sample, long_text};
    use serde_json::json;

    fn pages(sample: &Sample) -> Pages {
        paginate(blocks(&sample.sheet(), &Faces::new().unwrap()))
    }

    /// Rows follow one another without gaps inside the page, and no line of text is left out.
    fn check(sample: &Sample) -> usize {
        let lines = |rows: &mut dyn Iterator<Item = &Row>| -> usize {
            let values = rows.filter(|r| !(r.head && r.continued)).flat_map(|r| &r.cells);
            values.filter(|c| c.role == Role::Value).map(|c| c.lines.len()).sum()
        };
        let before = lines(&mut blocks(&sample.sheet(), &Faces::new().unwrap()).iter().flat_map(|s| &s.rows));
        let pages = pages(sample);
        assert_eq!(lines(&mut pages.pages.iter().flat_map(|p| &p.rows).map(|p| &p.row)), before);
        for (index, page) in pages.pages.iter().enumerate() {
            let mut y = if index == 0 { FIRST_TOP } else { NEXT_TOP };
            assert!(!page.rows.is_empty(), "page {index} is empty");
            for placed in &page.rows {
                assert!((placed.y - y).abs() < 0.05, "a gap on page {index}");
                assert!(placed.row.cells.iter().all(|c| c.needs() <= placed.row.height + 0.05), "text does not fit");
                y += placed.row.height;
            }
            assert!(y <= BOTTOM + 0.1, "page {index} runs into its foot");
        }
        pages.pages.len()
    }

    #[test]
    fn no_line_is_lost_whatever_the_length() {
        assert_eq!(check(&Sample::blank()), 2);
        assert_eq!(check(&Sample::ordinary()), 2);
        assert_eq!(check(&Sample::handled()), 2);
        let mut last = 2;
        for count in (500..21_000).step_by(730) {
            let now = check(&Sample::described(&long_text(count)));
            assert!(now >= last, "{count} characters take fewer pages than less text");
            last = now;
        }
        assert!(last > 6);
    }

    #[test]
    fn a_long_list_repeats_its_heads() {
        let mut sample = Sample::ordinary();
        let note = "逐条记录办理经过，".repeat(30);
        let line = json!({"at": "2026-11-02T09:20:00+08:00", "who": "赵强", "action": "联系", "note": note});
        sample.list("process", &vec![line; 40]);
        let count = check(&sample);
        let pages = pages(&sample);
        let table = |p: &&Page| p.rows.iter().any(|r| r.row.span.is_some() && !r.row.head && r.row.cells.len() == 4);
        let with: Vec<_> = pages.pages.iter().filter(table).collect();
        assert!(count > 4 && with.len() > 3);
        for page in with {
            let first = page.rows.iter().find(|r| r.row.cells.len() == 4 && r.row.span.is_some()).unwrap();
            assert!(first.row.head, "a page of the list begins without its column heads");
        }
    }

    #[test]
    fn an_absurd_line_without_spaces_still_ends() {
        let mut sample = Sample::ordinary();
        sample.set(&[("customer.name", json!("w".repeat(9_000))), ("不明".repeat(900).as_str(), json!("x"))]);
        assert!(check(&sample) > 2);
    }
}
