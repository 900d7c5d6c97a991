//! The command palette: each action with its key, or why it is unavailable.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, field, form_field, list};
use crate::cells;
use crate::palette::candidates::{NO_MATCH, Search};
use crate::palette::{PaletteEntry, entries};
use crate::state::{Palette, State};

/// The maximum width of the content.
const WIDTH: u16 = 68;

/// The maximum number of entries shown.
const LINES: usize = 12;

pub(super) fn draw(frame: &mut Frame<'_>, palette: &Palette, state: &State, theme: &Theme) {
    let entries = entries(state, palette);
    // Always of the same height: the box must not jump while the list changes with each letter.
    let area = dialog::between_air(dialog::open(frame, "Actions", WIDTH, LINES + 4, theme));
    let [line, _, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    draw_line(frame, line, palette, theme);
    let mut search = Search::new(palette);
    for (at, entry, row) in list::in_view(&entries, palette.chosen, body) {
        draw_entry(frame, row, entry, at == palette.chosen, &mut search, theme);
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
    search: &mut Search,
    theme: &Theme,
) {
    let keys = entry.keys();
    let room = usize::from(row.width).saturating_sub(cells::width(&keys) + 3);
    let words = match entry.unavailable_reason {
        Some(reason) => Cow::Owned(format!("{}: {}", entry.words(), first_sentence(reason))),
        None => entry.words(),
    };
    let style = if entry.unavailable_reason.is_some() {
        theme.line
    } else {
        Style::new()
    };
    let sign = if is_chosen { "> " } else { "  " };
    let keys_style = if entry.unavailable_reason.is_some() {
        theme.line
    } else {
        theme.accent
    };
    // In the words alone: the search does not look at the reason.
    let letters = search.letters(&entry.words());
    let mut spans = vec![Span::styled(sign, style)];
    spans.extend(marked(&cells::fit(&words, room), &letters, style, theme));
    spans.extend([Span::raw(" "), Span::styled(keys, keys_style)]);
    frame.render_widget(Line::from(spans), row);
    if is_chosen {
        frame.buffer_mut().set_style(row, theme.selected);
    }
}

/// What to do about it would be cut off here; the status line says it when the key is pressed.
fn first_sentence(reason: &str) -> &str {
    reason.find(". ").map_or(reason, |end| &reason[..=end])
}

/// Marks the letters of a text that match what is typed.
fn marked(
    text: &str,
    letters: &BTreeSet<usize>,
    style: Style,
    theme: &Theme,
) -> Vec<Span<'static>> {
    let is_marked = |at: usize| letters.contains(&at);
    let letters: Vec<_> = text.chars().enumerate().collect();
    let runs = letters.chunk_by(|(a, _), (b, _)| is_marked(*a) == is_marked(*b));
    let span = |run: &[(usize, char)]| {
        let found = run.first().is_some_and(|(at, _)| is_marked(*at));
        let style = if found {
            style.patch(theme.found)
        } else {
            style
        };
        Span::styled(run.iter().map(|(_, c)| *c).collect::<String>(), style)
    };
    runs.map(span).collect()
}
