//! Draws the state, and changes nothing: one file a screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::state::{Screen, State, WIDE};

mod confirm;
mod conflict;
mod detail;
mod form;
mod help;
mod sign_in;
mod status;
mod table;
pub mod theme;
pub mod widgets;

pub use theme::Theme;

/// The width of the detail pane beside the table.
const PANE: u16 = 46;

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, state: &State, theme: &Theme) {
    let [title, body, status, keys] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1), Constraint::Length(1)])
            .areas(frame.area());
    draw_body(frame, body, state, theme);
    status::draw_title(frame, title, state, theme);
    status::draw_status(frame, status, state, theme);
    status::draw_keys(frame, keys, state, theme);
    match (&state.conflict, &state.form) {
        (Some(conflict), _) => conflict::draw(frame, conflict, theme),
        (None, Some(form)) => form::draw(frame, form, theme),
        (None, None) => {}
    }
    if let Some(confirm) = &state.confirm {
        confirm::draw(frame, confirm, theme);
    }
    if let Some(first) = state.help {
        help::draw(frame, first, theme);
    }
    if let Some(sign_in) = &state.sign_in {
        sign_in::draw(frame, sign_in, state, theme);
    }
    // A box may have covered them, and while it is open they are what tells its keys and its trouble.
    if state.screen() != Screen::Table {
        status::draw_status(frame, status, state, theme);
        status::draw_keys(frame, keys, state, theme);
    }
}

/// The table, and the open record: beside it where there is room for both, else instead of it.
fn draw_body(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    match state.table.detail {
        None => table::draw(frame, area, state, theme),
        Some(first) if area.width < WIDE => detail::draw(frame, area, state, first, theme),
        Some(first) => {
            let [left, right] = Layout::horizontal([Constraint::Min(0), Constraint::Length(PANE)]).areas(area);
            table::draw(frame, left, state, theme);
            detail::draw(frame, right, state, first, theme);
        }
    }
}
