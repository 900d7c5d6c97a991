//! The areas of the table's header, rows and scroll bar.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::state::arrangement::{BAR, GAP, LineLayout, MARK, indent};
use crate::state::column::TableColumn;

/// Splits the area into header, rows and scroll bar. If only one line fits, it is a row.
pub fn parts(area: Rect, lines: u16) -> [Rect; 3] {
    let [area, _, bar] = Layout::horizontal([
        Constraint::Min(0),
        Constraint::Length(BAR - 1),
        Constraint::Length(1),
    ])
    .areas(area);
    let header = if area.height < 2 * lines { 0 } else { lines };
    let [header, body] =
        Layout::vertical([Constraint::Length(header), Constraint::Min(0)]).areas(area);
    [
        header,
        body,
        // The bar measures the rows, so it stands beside them and not beside the header.
        Rect {
            y: body.y,
            height: body.height,
            ..bar
        },
    ]
}

/// The column at cell `x` of a line, including the gap after it.
pub fn column_at(laid_out: &[LineLayout], x: u16, line: u16) -> Option<TableColumn> {
    let mut from = MARK + indent(line);
    let columns = laid_out.get(usize::from(line))?.iter();
    let mut ends = columns.map(|(column, width)| {
        from += width + GAP;
        (*column, from)
    });
    ends.find(|(_, end)| x < *end).map(|(column, _)| column)
}
