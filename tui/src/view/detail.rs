//! One person's record.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use roster_common::{Employee, Field};

use super::theme::Theme;
use crate::cells;
use crate::state::State;

/// The cells of a label and the space after it.
const LABEL: usize = 12;

/// The widest line that is pleasant to read.
const WIDEST: u16 = 90;

/// Draws the record of the cursor, beside the table or instead of it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, first: usize, theme: &Theme) {
    let area = column(area);
    let Some(employee) = state.current() else {
        return frame.render_widget(Line::styled("Reading …", theme.dim), area);
    };
    let lines = lines(employee, state, area.width.into(), theme);
    let first = u16::try_from(first.min(last(&lines, area))).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines).scroll((first, 0)), area);
}

/// The line that is the first one where the end is in sight: scrolling goes no further.
pub fn last_line(state: &State) -> usize {
    let [_, body, ..] = super::parts(state.size.into());
    let area = column(super::halves(body).1);
    state.current().map_or(0, |employee| {
        last(
            &lines(employee, state, area.width.into(), &Theme::MONO),
            area,
        )
    })
}

fn column(area: Rect) -> Rect {
    let [_, column, _] = Layout::horizontal([
        Constraint::Length(2),
        Constraint::Max(WIDEST),
        Constraint::Min(1),
    ])
    .areas(area);
    column
}

fn last(lines: &[Line<'_>], area: Rect) -> usize {
    lines.len().saturating_sub(area.height.into())
}

fn lines(employee: &Employee, state: &State, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let name = cells::cut(&employee.details.full_name(), width);
    let mut lines = vec![
        Line::default(),
        Line::styled(name, theme.accent),
        Line::default(),
    ];
    for field in Field::ALL
        .into_iter()
        .filter(|f| !matches!(f, Field::Firstname | Field::Lastname))
    {
        let value = match field {
            Field::Manager => manager(employee, state),
            _ => employee.details.text(field).into_owned(),
        };
        lines.extend(entry(field.label(), &value, Style::new(), width, theme));
    }
    lines.push(Line::default());
    let day = |moment| {
        state
            .zone
            .to_datetime(moment)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    };
    let updated = format!("{} by {}", day(employee.updated), employee.updated_by);
    for (label, value) in [
        ("Id", employee.id.to_string()),
        ("Version", employee.version.to_string()),
        ("Created", day(employee.created)),
        ("Updated", updated),
    ] {
        lines.extend(entry(label, &value, theme.dim, width, theme));
    }
    lines
}

/// The manager's id, and the name where the record is in memory.
fn manager(employee: &Employee, state: &State) -> String {
    let Some(id) = employee.details.manager() else {
        return String::new();
    };
    match state.known(id) {
        Some(manager) => format!("{} ({id})", manager.details.full_name()),
        None => id.to_string(),
    }
}

fn entry(
    label: &'static str,
    value: &str,
    style: Style,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let (value, style) = if value.is_empty() {
        ("–", theme.dim)
    } else {
        (value, style)
    };
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    cells::wrap(value, width.saturating_sub(LABEL).max(2))
        .into_iter()
        .zip(labels)
        .map(|(line, label)| {
            Line::from(vec![
                Span::styled(cells::fit(label, LABEL), theme.dim),
                Span::styled(line, style),
            ])
        })
        .collect()
}
