//! The columns of a conflict: their values and headings, and how a value is marked.

use ratatui::style::Style;
use ratatui::text::Span;

use crate::cells;
use crate::format::or_dash;
use crate::state::State;
use crate::state::conflict::{ConflictRow, Side};
use crate::view::theme::Theme;

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum ValueSource {
    /// The value that both have changed.
    Base,
    /// The value of one side, which can be chosen.
    Side(Side),
}

/// A column: its values, its heading, and the heading in a narrow window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) source: ValueSource,
    pub(super) heading: &'static str,
    pub(super) short: &'static str,
}

impl Column {
    pub(super) const fn new(
        source: ValueSource,
        heading: &'static str,
        short: &'static str,
    ) -> Self {
        Self {
            source,
            heading,
            short,
        }
    }

    /// The value of a row.
    pub(super) fn text(self, row: &ConflictRow) -> &str {
        or_dash(match self.source {
            ValueSource::Base => &row.base,
            ValueSource::Side(Side::Mine) => &row.mine,
            ValueSource::Side(Side::Theirs) => &row.theirs,
        })
    }

    /// A value with its mark: chosen, merged, not chosen, or undecided.
    pub(super) fn value(self, row: &ConflictRow, cell: usize, theme: &Theme) -> Span<'static> {
        let text = self.text(row);
        match self.source {
            ValueSource::Base => Span::styled(cells::fit(text, cell), theme.soft),
            ValueSource::Side(side) => {
                let (mark, style) = mark(side, row, theme);
                Span::styled(cells::fit(&format!("{mark} {text}"), cell), style)
            }
        }
    }
}

const MINE: ValueSource = ValueSource::Side(Side::Mine);
const THEIRS: ValueSource = ValueSource::Side(Side::Theirs);

/// The columns of a conflict, and those of the conflict of an undo and of a redo.
const EDITED: [Column; 3] = [
    Column::new(ValueSource::Base, "Original", "original"),
    Column::new(MINE, "Mine", "mine"),
    Column::new(THEIRS, "Theirs", "theirs"),
];
const UNDONE: [Column; 3] = [
    Column::new(MINE, "Before your change", "before"),
    Column::new(ValueSource::Base, "You wrote", "wrote"),
    Column::new(THEIRS, "Now", "now"),
];
const REDONE: [Column; 3] = [
    Column::new(MINE, "You wrote", "wrote"),
    Column::new(ValueSource::Base, "After your undo", "undone"),
    Column::new(THEIRS, "Now", "now"),
];

/// The columns from left to right.
pub(super) fn columns(state: &State) -> &'static [Column; 3] {
    match state.undo_form().and_then(|form| form.undoing.as_ref()) {
        None => &EDITED,
        Some(entry) if state.undo.is_done(entry) => &UNDONE,
        Some(_) => &REDONE,
    }
}

/// The heading of the value that the user's key takes.
pub(super) fn heading_of_mine(state: &State) -> &'static str {
    let mine = columns(state)
        .iter()
        .find(|column| matches!(column.source, ValueSource::Side(Side::Mine)));
    mine.map_or("", |column| column.heading)
}

/// The mark and style of a side's value.
pub(super) fn mark(side: Side, row: &ConflictRow, theme: &Theme) -> (&'static str, Style) {
    match row.take {
        None => ("?", Style::new()),
        Some(taken) if taken == side && row.merged => ("✓", theme.strong),
        Some(taken) if taken == side => ("●", theme.strong),
        Some(_) => ("○", theme.soft),
    }
}
