//! Two versions of one record, side by side.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widgets::{dialog, text};
use crate::state::Conflict;
use crate::state::conflict::{Row, Side};

/// The cells of a mark and a label.
const LABEL: usize = 13;

/// The widest content.
const WIDTH: u16 = 100;

/// The lines over the rows.
const HEAD: u16 = 4;

pub(super) fn draw(frame: &mut Frame<'_>, conflict: &Conflict, theme: &Theme) {
    let title = text::cut(&conflict.theirs.details.full_name(), 60);
    let rows = u16::try_from(conflict.rows.len()).unwrap_or(u16::MAX);
    let area = dialog::open(frame, &title, WIDTH, rows.saturating_add(HEAD + 3), theme);
    let [head, body, _, base, _] = Layout::vertical([
        Constraint::Length(HEAD),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let cell = usize::from(area.width).saturating_sub(LABEL + 2) / 2;
    draw_head(frame, head, conflict, cell, theme);
    let first = (conflict.focus + 1).saturating_sub(body.height.into());
    for ((at, row), y) in conflict.rows.iter().enumerate().skip(first).zip(body.top()..body.bottom()) {
        let line = line(row, at == conflict.focus, cell, theme);
        frame.render_widget(line, Rect { y, height: 1, ..body });
    }
    if let Some(row) = conflict.rows.get(conflict.focus) {
        let was = if row.base.is_empty() { "empty" } else { row.base.as_str() };
        let shown = format!("{}It was: {was}", " ".repeat(LABEL));
        frame.render_widget(Line::styled(text::cut(&shown, base.width.into()), theme.dim), base);
    }
}

fn draw_head(frame: &mut Frame<'_>, area: Rect, conflict: &Conflict, cell: usize, theme: &Theme) {
    let told =
        format!("{} has changed this record while you did. Take a value for each field:", conflict.theirs.updated_by);
    let columns = Line::from(vec![
        Span::raw(" ".repeat(LABEL)),
        Span::styled(text::fit("  Mine", cell), theme.strong),
        Span::raw("  "),
        Span::styled(text::fit("  Theirs", cell), theme.strong),
    ]);
    let told = Line::from(text::cut(&told, area.width.into()));
    for (line, y) in [Line::default(), told, Line::default(), columns].into_iter().zip(area.top()..area.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}

fn line(row: &Row, focused: bool, cell: usize, theme: &Theme) -> Line<'static> {
    let mark = if focused { "> " } else { "  " };
    let label = if focused { theme.accent } else { theme.dim };
    Line::from(vec![
        Span::styled(text::fit(&format!("{mark}{}", row.field.label()), LABEL), label),
        value(&row.mine, Side::Mine, row.take, cell, theme),
        Span::raw("  "),
        value(&row.theirs, Side::Theirs, row.take, cell, theme),
    ])
}

/// A value with its mark: taken, not taken, or open.
fn value(value: &str, side: Side, take: Option<Side>, cell: usize, theme: &Theme) -> Span<'static> {
    let (mark, style) = match take {
        None => ("○", Style::new()),
        Some(taken) if taken == side => ("●", theme.strong),
        Some(_) => ("○", theme.dim),
    };
    let value = if value.is_empty() { "empty" } else { value };
    Span::styled(text::fit(&format!("{mark} {value}"), cell), style)
}
