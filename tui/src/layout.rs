//! Layout: where things are on the screen, how many lines they take, and what is under the mouse.
//!
//! It reads the state and draws nothing, so that update and view agree on it.

use ratatui::layout::{Constraint, Layout, Rect};

pub mod cell;
pub mod dialog;
pub mod form;
pub mod help;
pub mod hit;
pub mod record;
pub mod table;
pub mod text_area;

/// The minimum width for showing the open record beside the table.
const WIDE: u16 = 120;

/// The width of the open record beside the table.
const PANE: u16 = 46;

/// The smallest usable screen.
const LEAST: (u16, u16) = (20, 5);

/// Returns `true` if the screen is too small to show anything.
pub fn is_too_small(screen: Rect) -> bool {
    screen.width < LEAST.0 || screen.height < LEAST.1
}

/// Splits the screen into title, body, status and keys.
pub fn parts(screen: Rect) -> [Rect; 4] {
    Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(screen)
}

/// Splits the body into table and open record. On a narrow screen the record replaces the table.
pub fn halves(body: Rect) -> (Rect, Rect) {
    let pane = if body.width < WIDE { body.width } else { PANE };
    let [left, right] =
        Layout::horizontal([Constraint::Min(0), Constraint::Length(pane)]).areas(body);
    (left, right)
}

/// The last scroll position of a text of `lines`: the one that shows its end.
fn last_first_line(lines: usize, area: Rect) -> usize {
    lines.saturating_sub(area.height.into())
}
