//! Layout arithmetic: where things are on the screen, how many lines they take, and what is under
//! the mouse.
//!
//! It knows the state and draws nothing, so that the update and the view agree.

use ratatui::layout::{Constraint, Layout, Rect};

pub mod dialog;
pub mod form;
pub mod help;
pub mod hit;
pub mod record;
pub mod table;

/// From this width on, the open record stands beside the table.
const WIDE: u16 = 120;

/// The width of the open record beside the table.
const PANE: u16 = 46;

/// The smallest screen on which anything can be read.
const LEAST: (u16, u16) = (20, 5);

/// Returns `true` if nothing can be read on a screen of this size.
pub fn is_too_small(screen: Rect) -> bool {
    screen.width < LEAST.0 || screen.height < LEAST.1
}

/// The title, the body, the status and the keys.
pub fn parts(screen: Rect) -> [Rect; 4] {
    Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(screen)
}

/// The table, and the open record: beside it where there is room for both, else instead of it.
pub fn halves(body: Rect) -> (Rect, Rect) {
    let pane = if body.width < WIDE { body.width } else { PANE };
    let [left, right] =
        Layout::horizontal([Constraint::Min(0), Constraint::Length(pane)]).areas(body);
    (left, right)
}

/// The first line of a text of so many `lines` from which on its end is in sight: scrolling goes no
/// further.
fn last_first_line(lines: usize, area: Rect) -> usize {
    lines.saturating_sub(area.height.into())
}
