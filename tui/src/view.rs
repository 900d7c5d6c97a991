//! Draws the state without changing it: one file per screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::layout::{halves, is_too_small, parts};
use crate::state::{Conflict, Overlay, State};

mod account;
mod batch;
mod columns;
mod confirm;
mod conflict;
mod detail;
mod form;
mod help;
mod history;
mod palette;
mod sign_in;
mod status;
mod table;
pub mod theme;
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
    draw_body(frame, body, state, theme);
    status::draw_title(frame, title, state, theme);
    status::draw_status(frame, status, state, theme);
    status::draw_keys(frame, keys, state, theme);
    status::draw_suggestions(frame, title, body, state, theme);
    for overlay in &state.overlays {
        draw_overlay(frame, overlay, state, theme);
    }
}

fn draw_overlay(frame: &mut Frame<'_>, overlay: &Overlay, state: &State, theme: &Theme) {
    match overlay {
        // The conflict replaces its form.
        Overlay::Form(_) if state.overlay::<Conflict>().is_some() => {}
        Overlay::Form(form) => form::draw(frame, form, &state.keymap, theme),
        Overlay::Batch(batch) => batch::draw(frame, batch, state, theme),
        Overlay::History(history) => history::draw(frame, history, state, theme),
        Overlay::Conflict(conflict) => conflict::draw(frame, conflict, state, theme),
        Overlay::Confirm(confirm) => confirm::draw(frame, confirm, state, theme),
        Overlay::Help(help) => help::draw(frame, help, state, theme),
        Overlay::Columns(columns) => columns::draw(frame, *columns, state, theme),
        Overlay::Palette(palette) => palette::draw(frame, palette, state, theme),
        Overlay::MySessions(account) => account::draw(frame, account, state, theme),
        Overlay::ChangePassword(form) => account::draw_password(frame, form, theme),
        Overlay::Users(users) => users::draw(frame, users, state, theme),
        Overlay::UserForm(form) => users::draw_form(frame, form, theme),
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
    }
    detail::draw(frame, right, state, first, theme);
}
