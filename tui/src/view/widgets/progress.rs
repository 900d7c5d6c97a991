//! How far a task is: a sentence and a bar.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::format::grouped;
use crate::view::theme::Theme;

/// The length of a bar in cells.
const CELLS: usize = 30;

/// A bar for `done` of `all`.
pub fn bar(done: usize, all: usize, theme: &Theme) -> Line<'static> {
    let full = (CELLS * done / all.max(1)).min(CELLS);
    Line::from(vec![
        Span::styled("█".repeat(full), theme.accent),
        Span::styled("░".repeat(CELLS - full), theme.line),
    ])
}

/// Draws `Exporting 2,000 of 12,000 …` and a bar into the next rows.
pub fn draw(
    frame: &mut Frame<'_>,
    rows: &mut impl Iterator<Item = Rect>,
    what: &str,
    done: usize,
    all: usize,
    theme: &Theme,
) {
    let sentence = format!("{what} {} of {} …", grouped(done), grouped(all));
    let lines = [Line::from(sentence), Line::default(), bar(done, all, theme)];
    for (line, row) in lines.into_iter().zip(rows) {
        frame.render_widget(line, row);
    }
}
