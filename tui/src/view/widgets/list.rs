//! A short list in a box: columns, rows, and a cursor.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::grid::{self, Heading, Stand};
use crate::cells;
use crate::state::arrangement::{Want, widths};
use crate::view::theme::Theme;

/// A column: its name, and how wide it is.
pub type Column = (&'static str, Want);

/// Draws the rows around the cursor's that have room, under their headings.
pub fn draw(frame: &mut Frame<'_>, area: Rect, columns: &[Column], rows: &[Vec<String>], cursor: usize, theme: &Theme) {
    let [header, body] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let wants: Vec<_> = columns.iter().map(|(_, want)| *want).collect();
    let widths = widths(&wants, area.width);
    let heading =
        |((label, _), width): (&Column, &u16)| Heading { label, order: String::new(), marked: false, width: *width };
    let headings = columns.iter().zip(&widths).map(heading).collect();
    grid::draw_header(frame.buffer_mut(), header, &[headings], theme);
    let top = (cursor + 1).saturating_sub(body.height.into());
    for ((at, row), y) in rows.iter().enumerate().skip(top).zip(body.top()..body.bottom()) {
        let cut = |(cell, width): (&String, &u16)| (Line::from(cells::cut(cell, (*width).into())), *width);
        let cells = row.iter().zip(&widths).map(cut).collect();
        let stand = Stand { selected: (at == cursor).then_some(theme.selected), marked: None };
        grid::draw_row(frame.buffer_mut(), Rect { y, height: 1, ..body }, vec![cells], stand);
    }
}
