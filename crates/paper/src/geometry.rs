//! Measures of the printed sheet, in points: one place, so that screen proportions and paper can be compared at a glance.

/// A4 portrait.
pub const PAGE_W: f32 = 595.276;
/// A4 portrait.
pub const PAGE_H: f32 = 841.89;
/// Left edge of the form; wider than the right one, for punching.
pub const LEFT: f32 = 42.0;
/// Right edge of the form.
pub const RIGHT: f32 = PAGE_W - 32.0;
/// Width of the band with the block titles.
pub const BAND: f32 = 17.0;
/// Left edge of the grid of cells.
pub const GRID_LEFT: f32 = LEFT + BAND;
/// Width of the grid of cells.
pub const GRID_W: f32 = RIGHT - GRID_LEFT;
/// Top edge of page heads.
pub const TOP: f32 = 28.0;
/// Top edge of the form on the first page.
pub const FIRST_TOP: f32 = 92.0;
/// Top edge of the form on continuation pages.
pub const NEXT_TOP: f32 = 76.0;
/// Lowest edge of the form.
pub const BOTTOM: f32 = PAGE_H - 44.0;
/// Baseline of the page foot.
pub const FOOT: f32 = PAGE_H - 28.0;

/// Size of values.
pub const TEXT: f32 = 9.0;
/// Line distance of values.
pub const LEADING: f32 = 13.0;
/// Size of labels too long for one line.
pub const SMALL: f32 = 8.0;
/// Line distance of such labels.
pub const SMALL_LEADING: f32 = 10.0;
/// Space left and right of text in a cell.
pub const PAD_X: f32 = 3.5;
/// Space above and below text in a cell.
pub const PAD_Y: f32 = 2.5;
/// Least height of a row filled in at the keyboard.
pub const ROW: f32 = 18.0;
/// Least height of a row filled in later, perhaps by pen.
pub const PEN_ROW: f32 = 20.5;
/// Least height of a row of signatures.
pub const SIGN_ROW: f32 = 44.0;

/// Rules between cells.
pub const RULE: f32 = 0.45;
/// Rules between blocks.
pub const BLOCK_RULE: f32 = 0.8;
/// Border around the form.
pub const BORDER: f32 = 1.2;
