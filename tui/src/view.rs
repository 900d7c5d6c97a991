//! Draws the state without changing it: one file per screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::layout::{halves, is_too_small, parts};
use crate::state::{Conflict, Overlay, SignIn, State};

mod account;
mod batch;
mod cell;
mod columns;
mod confirm;
mod conflict;
mod detail;
mod export;
mod form;
mod help;
mod history;
mod import;
mod named_filters;
mod palette;
mod sign_in;
mod status;
mod table;
pub mod theme;
mod themes;
mod time;
mod users;
pub mod widgets;

pub use theme::Theme;

/// Draws everything, or "too small" on a tiny screen.
pub fn draw(frame: &mut Frame<'_>, state: &State, theme: &Theme) {
    let area = frame.area();
    if is_too_small(area) {
        return frame.render_widget(Line::from("too small"), area);
    }
    let [title, body, status, keys] = parts(area);
    if !is_before_sign_in(state) {
        draw_body(frame, body, state, theme);
        status::draw_title(frame, title, state, theme);
    }
    status::draw_status(frame, status, state, theme);
    status::draw_keys(frame, keys, state, theme);
    // Over the rows, and under any dialog.
    status::draw_suggestions(frame, title, body, state, theme);
    for (at, overlay) in state.overlays.iter().enumerate() {
        let has_keys = at + 1 == state.overlays.len();
        draw_overlay(frame, overlay, has_keys, state, theme);
    }
}

/// Whether there is nothing to show behind the sign-in form.
fn is_before_sign_in(state: &State) -> bool {
    state.overlay::<SignIn>().is_some() && state.table.total.is_none()
}

/// Draws a dialog. Only the one that `has_keys` may show the terminal's cursor.
fn draw_overlay(
    frame: &mut Frame<'_>,
    overlay: &Overlay,
    has_keys: bool,
    state: &State,
    theme: &Theme,
) {
    match overlay {
        // The conflict replaces its form.
        Overlay::Form(_) if state.overlay::<Conflict>().is_some() => {}
        Overlay::Form(form) if form.cell.is_some() => cell::draw(frame, form, state, theme),
        Overlay::Form(form) => form::draw(frame, form, has_keys, &state.keymap, theme),
        Overlay::Batch(batch) => batch::draw(frame, batch, state, theme),
        Overlay::Export(export) => export::draw(frame, export, has_keys, state, theme),
        Overlay::Import(import) => import::draw(frame, import, has_keys, state, theme),
        Overlay::History(history) => history::draw(frame, history, state, theme),
        Overlay::Conflict(conflict) => conflict::draw(frame, conflict, state, theme),
        Overlay::Confirm(confirm) => confirm::draw(frame, confirm, state, theme),
        Overlay::Help(help) => help::draw(frame, help, state, theme),
        Overlay::Themes(_) => themes::draw(frame, state, theme),
        Overlay::Columns(columns) => columns::draw(frame, *columns, state, theme),
        Overlay::NamedFilters(filters) => named_filters::draw(frame, filters, state, theme),
        Overlay::Palette(palette) => palette::draw(frame, palette, state, theme),
        Overlay::MySessions(account) => account::draw(frame, account, state, theme),
        Overlay::ChangePassword(form) => account::draw_password(frame, form, has_keys, theme),
        Overlay::Users(users) => users::draw(frame, users, state, theme),
        Overlay::UserForm(form) => users::draw_form(frame, form, has_keys, theme),
        Overlay::GeneratedPassword(generated_password) => {
            users::draw_generated_password(frame, generated_password, theme);
        }
        Overlay::SignIn(sign_in) => sign_in::draw(frame, sign_in, state, theme),
    }
}

fn draw_body(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let Some(first) = state.table.detail else {
        return table::draw(frame, area, state, theme);
    };
    let (left, right) = halves(area);
    if !left.is_empty() {
        table::draw(frame, left, state, theme);
        draw_divider(frame, right, theme);
    }
    detail::draw(frame, right, state, first, theme);
}

/// Draws a line at the left of the open record.
fn draw_divider(frame: &mut Frame<'_>, record: Rect, theme: &Theme) {
    for row in record.rows() {
        frame.render_widget(Span::styled("│", theme.line), row);
    }
}
