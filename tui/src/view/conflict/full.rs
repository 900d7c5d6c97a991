//! The values of the selected row in full, where a column cuts one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::COLUMNS;
use super::columns::{Column, ValueSource, mark};
use crate::cells;
use crate::state::Conflict;
use crate::state::conflict::ConflictRow;
use crate::view::theme::Theme;

/// Returns `true` if a value does not fit into its column.
fn is_cut(row: &ConflictRow, columns: &[Column; 3], cell: usize) -> bool {
    // The mark of a value that can be chosen takes two cells.
    columns
        .iter()
        .any(|column| cells::width(column.text(row)) + 2 > cell)
}

/// The lines of a value in full.
fn wrapped(column: &Column, row: &ConflictRow, width: usize) -> Vec<String> {
    cells::wrap(column.text(row), width.saturating_sub(FULL_LABEL).max(2))
}

/// The width of a heading beside a value in full.
const FULL_LABEL: usize = 20;

/// The lines that the longest row needs in full, with a blank one above; 0 if no value is cut.
pub(super) fn height(conflict: &Conflict, columns: &[Column; 3], cell: usize, width: u16) -> u16 {
    let lines = |row: &ConflictRow| {
        let values = columns.iter();
        values
            .map(|column| wrapped(column, row, width.into()).len())
            .sum::<usize>()
            + 1
    };
    let cut = conflict
        .rows
        .iter()
        .filter(|row| is_cut(row, columns, cell));
    u16::try_from(cut.map(lines).max().unwrap_or(0)).unwrap_or(u16::MAX / 2)
}

/// Draws the values of the selected row in full, if one is cut in its column.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    row: &ConflictRow,
    columns: &[Column; 3],
    cell: usize,
    theme: &Theme,
) {
    if !is_cut(row, columns, cell) {
        return;
    }
    let width = usize::from(area.width);
    let room = usize::from(area.height.saturating_sub(1));
    let needed: usize = columns
        .iter()
        .map(|column| wrapped(column, row, width).len())
        .sum();
    // If space is short, each value gets the same share, so that none is left out.
    let most = if needed <= room {
        needed
    } else {
        (room / usize::from(COLUMNS)).max(1)
    };
    let lines = columns.iter().flat_map(|column| {
        let style = match column.source {
            ValueSource::Base => theme.soft,
            ValueSource::Side(side) => mark(side, row, theme).1,
        };
        let values = shortened(wrapped(column, row, width), most, width);
        let headings = std::iter::once(column.heading).chain(std::iter::repeat(""));
        values
            .into_iter()
            .zip(headings)
            .map(move |(text, heading)| {
                Line::from(vec![
                    Span::styled(cells::fit(&format!("  {heading}"), FULL_LABEL), theme.soft),
                    Span::styled(text, style),
                ])
            })
    });
    for (line, place) in lines.zip(area.rows().skip(1)) {
        frame.render_widget(line, place);
    }
}

/// At most `most` lines; the last one ends with `…` if there were more.
fn shortened(mut lines: Vec<String>, most: usize, width: usize) -> Vec<String> {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let cell = width.saturating_sub(FULL_LABEL + 1);
            *last = format!("{}…", cells::first(last, cell).trim_end());
        }
    }
    lines
}
