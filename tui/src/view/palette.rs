//! The command palette: each action with its key, or why it is unavailable.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, field, form_field, list};
use crate::cells;
use crate::palette::candidates::NO_MATCH;
use crate::palette::{PaletteEntry, entries};
use crate::state::{Palette, State};

/// The maximum width of the content.
const WIDTH: u16 = 68;

/// The maximum number of entries shown.
const LINES: usize = 12;

pub(super) fn draw(frame: &mut Frame<'_>, palette: &Palette, state: &State, theme: &Theme) {
    let entries = entries(state, palette);
    let area = dialog::between_air(dialog::open(frame, "Actions", WIDTH, LINES + 4, theme));
    let [line, _, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    draw_line(frame, line, palette, theme);
    for (at, entry, row) in list::in_view(&entries, palette.chosen, body) {
        draw_entry(frame, row, entry, at == palette.chosen, theme);
    }
    if entries.is_empty() {
        frame.render_widget(Line::styled(format!("  {NO_MATCH}"), theme.soft), body);
    }
}

fn draw_line(frame: &mut Frame<'_>, row: Rect, palette: &Palette, theme: &Theme) {
    frame.render_widget(Span::styled(":", theme.accent), row);
    field::draw(frame, form_field::after(row, 2), &palette.line, true);
}

fn draw_entry(
    frame: &mut Frame<'_>,
    row: Rect,
    entry: &PaletteEntry<'_>,
    is_chosen: bool,
    theme: &Theme,
) {
    let keys = entry.keys();
    let room = usize::from(row.width).saturating_sub(cells::width(&keys) + 3);
    let words = match entry.unavailable_reason {
        Some(reason) => Cow::Owned(format!("{}: {reason}", entry.words())),
        None => entry.words(),
    };
    let style = if entry.unavailable_reason.is_some() {
        theme.line
    } else {
        Style::new()
    };
    let sign = if is_chosen { "> " } else { "  " };
    let line = Line::from(vec![
        Span::styled(format!("{sign}{} ", cells::fit(&words, room)), style),
        Span::styled(
            keys,
            if entry.unavailable_reason.is_some() {
                theme.line
            } else {
                theme.accent
            },
        ),
    ]);
    frame.render_widget(line, row);
    if is_chosen {
        frame.buffer_mut().set_style(row, theme.selected);
    }
}
