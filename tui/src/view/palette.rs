//! The actions by their words, each with its key, and why it is not possible where it is not.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, field};
use crate::cells;
use crate::palette::{Entry, NO_ACTION, entries};
use crate::state::{Palette, State};

/// The widest content.
const WIDTH: u16 = 68;

/// The most lines of actions.
const LINES: u16 = 12;

pub(super) fn draw(frame: &mut Frame<'_>, palette: &Palette, state: &State, theme: &Theme) {
    let entries = entries(state, palette);
    let area = dialog::open(frame, "Actions", WIDTH, LINES + 2, theme);
    let mut rows = area.rows();
    if let Some(row) = rows.next() {
        draw_line(frame, row, palette, theme);
    }
    rows.next();
    let rows: Vec<_> = rows.collect();
    let first = (palette.chosen + 1).saturating_sub(rows.len());
    for ((at, entry), row) in entries.iter().enumerate().skip(first).zip(&rows) {
        draw_entry(frame, *row, entry, at == palette.chosen, theme);
    }
    if let (true, Some(row)) = (entries.is_empty(), rows.first()) {
        frame.render_widget(Line::styled(format!("  {NO_ACTION}"), theme.dim), *row);
    }
}

fn draw_line(frame: &mut Frame<'_>, row: Rect, palette: &Palette, theme: &Theme) {
    frame.render_widget(Span::styled(":", theme.accent), row);
    let area = Rect { x: row.x + 2.min(row.width), width: row.width.saturating_sub(2), ..row };
    field::draw(frame, area, palette.line.text(), palette.line.before_cursor(), true, Style::new());
}

fn draw_entry(frame: &mut Frame<'_>, row: Rect, entry: &Entry<'_>, is_chosen: bool, theme: &Theme) {
    let keys = entry.keys();
    let room = usize::from(row.width).saturating_sub(cells::width(&keys) + 3);
    let words = match entry.why_not {
        Some(reason) => Cow::Owned(format!("{}: {reason}", entry.words())),
        None => entry.words(),
    };
    let style = if entry.why_not.is_some() { theme.dim } else { Style::new() };
    let sign = if is_chosen { "> " } else { "  " };
    let line = Line::from(vec![
        Span::styled(format!("{sign}{} ", cells::fit(&words, room)), style),
        Span::styled(keys, if entry.why_not.is_some() { theme.dim } else { theme.strong }),
    ]);
    frame.render_widget(line, row);
    if is_chosen {
        frame.buffer_mut().set_style(row, theme.selected);
    }
}
