//! A conflict in a narrow window: the selected field in full, and the chosen value of the others.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::columns::{Column, ValueSource, columns, mark};
use super::{LABEL, WIDTH, title, when};
use crate::cells;
use crate::state::conflict::ConflictRow;
use crate::state::{Conflict, State};
use crate::view::theme::Theme;
use crate::view::widgets::dialog;

pub(super) fn draw(frame: &mut Frame<'_>, conflict: &Conflict, state: &State, theme: &Theme) {
    let width = usize::from(dialog::width(frame.area(), WIDTH));
    let message = format!(
        "{} changed this record {}.",
        conflict.theirs.updated_by,
        when(conflict, state)
    );
    let mut lines: Vec<_> = cells::wrap(&message, width.max(2))
        .into_iter()
        .map(Line::from)
        .collect();
    lines.push(Line::default());
    let mut end = lines.len();
    for (at, row) in conflict.rows.iter().enumerate() {
        if at == conflict.focus {
            lines.extend(opened(row, columns(state), width, theme));
            end = lines.len();
        } else {
            lines.push(closed(row, width, theme));
        }
    }
    let area = dialog::open(frame, &title(conflict), WIDTH, lines.len(), theme);
    // Scrolled just far enough to show the whole opened field, whose values are to be compared.
    let first = end.saturating_sub(area.height.into());
    for (line, row) in lines.into_iter().skip(first).zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// The lines of the selected field, as wide as the box.
fn opened(
    row: &ConflictRow,
    columns: &[Column; 3],
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let cell = width.saturating_sub(LABEL + 2).max(2);
    let label = Line::styled(format!("> {}", row.field.label()), theme.accent);
    let values = columns.iter().flat_map(|column| {
        let (sign, style) = match column.source {
            ValueSource::Base => (" ", theme.soft),
            ValueSource::Side(side) => mark(side, row, theme),
        };
        let heading = format!("    {}", column.short);
        let firsts =
            std::iter::once((heading, sign)).chain(std::iter::repeat((String::new(), " ")));
        let lines = cells::wrap(column.text(row), cell).into_iter().zip(firsts);
        lines.map(move |(text, (heading, sign))| {
            Line::from(vec![
                Span::styled(cells::fit(&heading, LABEL), theme.soft),
                Span::styled(format!("{sign} {text}"), style),
            ])
        })
    });
    std::iter::once(label).chain(values).collect()
}

/// The line of a field that is not selected: its chosen value.
fn closed(row: &ConflictRow, width: usize, theme: &Theme) -> Line<'static> {
    let label = format!("  {}", row.field.label());
    let value = match row.take {
        None => Span::raw("○ undecided"),
        Some(side) => {
            let column = Column::new(ValueSource::Side(side), "", "");
            column.value(row, width.saturating_sub(LABEL), theme)
        }
    };
    Line::from(vec![
        Span::styled(cells::fit(&label, LABEL), theme.soft),
        value,
    ])
}
