//! Lists with a cursor, scrolled to show it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::grid::{self, Heading, RowStyle};
use crate::cells;
use crate::state::arrangement::{WidthRange, widths};
use crate::view::theme::Theme;

/// The visible rows around the cursor, with their indexes and areas.
pub fn in_view<T>(
    rows: impl IntoIterator<Item = T>,
    cursor: usize,
    area: Rect,
) -> impl Iterator<Item = (usize, T, Rect)> {
    let rows = rows.into_iter().enumerate().skip(first(cursor, area));
    rows.zip(area.rows())
        .map(|((at, row), place)| (at, row, place))
}

/// The first visible row.
fn first(cursor: usize, area: Rect) -> usize {
    (cursor + 1).saturating_sub(area.height.into())
}

/// Draws the scroll bar for the rows of [`in_view`].
pub fn draw_scroll_bar(
    frame: &mut Frame<'_>,
    area: Rect,
    cursor: usize,
    total: usize,
    theme: &Theme,
) {
    grid::draw_scroll_bar(
        frame.buffer_mut(),
        area,
        first(cursor, area),
        area.height.into(),
        total,
        theme,
    );
}

/// A column: its heading and width.
pub type Column = (&'static str, WidthRange);

/// Draws the headings and the visible rows.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    columns: &[Column],
    rows: &[Vec<String>],
    cursor: usize,
    theme: &Theme,
) {
    let [header, body] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let width_ranges: Vec<_> = columns
        .iter()
        .map(|(_, width_range)| *width_range)
        .collect();
    let widths = widths(&width_ranges, area.width);
    let heading = |((label, _), width): (&Column, &u16)| Heading {
        label,
        order: String::new(),
        marked: false,
        width: *width,
    };
    let headings = columns.iter().zip(&widths).map(heading).collect();
    grid::draw_header(frame.buffer_mut(), header, &[headings], theme);
    for (at, row, place) in in_view(rows, cursor, body) {
        let cut = |(cell, width): (&String, &u16)| {
            (Line::from(cells::cut(cell, (*width).into())), *width)
        };
        let cells = row.iter().zip(&widths).map(cut).collect();
        let style = RowStyle {
            selected: (at == cursor).then_some(theme.selected),
            ..RowStyle::default()
        };
        grid::draw_row(frame.buffer_mut(), place, vec![cells], style);
    }
}
