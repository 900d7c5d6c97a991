//! The open record.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::theme::Theme;
use crate::cells;
use crate::layout::record::{INDENT, LABEL, RecordLine, Weight, column, last_of, lines};
use crate::state::State;

/// Draws the current record, beside the table or instead of it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, first: usize, theme: &Theme) {
    let area = column(area);
    let Some(employee) = state.current() else {
        return frame.render_widget(Line::styled("Loading …", theme.soft), area);
    };
    let lines = lines(employee, state, area.width.into());
    let first = u16::try_from(first.min(last_of(&lines, area))).unwrap_or(u16::MAX);
    let drawn: Vec<_> = lines.into_iter().map(|line| styled(line, theme)).collect();
    frame.render_widget(Paragraph::new(drawn).scroll((first, 0)), area);
}

fn styled(line: RecordLine, theme: &Theme) -> Line<'static> {
    match line {
        RecordLine::Blank => Line::default(),
        RecordLine::Name(name) => Line::styled(name, theme.strong),
        RecordLine::Subtitle(text) => Line::styled(text, theme.soft),
        RecordLine::Heading(text) => Line::styled(text, theme.strong),
        RecordLine::Note { heading, text } => Line::from(vec![
            Span::styled(cells::fit(heading, INDENT + LABEL), theme.strong),
            Span::raw(text),
        ]),
        RecordLine::Email(text) => Line::from(text),
        RecordLine::News(text) => Line::styled(text, theme.strong),
        RecordLine::Change { at, text } => Line::from(vec![
            Span::raw(" ".repeat(INDENT)),
            Span::styled(at, theme.soft),
            Span::raw(text),
        ]),
        RecordLine::Value {
            label,
            text,
            weight,
        } => {
            let style = match weight {
                Weight::Written => Style::new(),
                Weight::Quiet => theme.soft,
            };
            Line::from(vec![
                Span::raw(" ".repeat(INDENT)),
                Span::styled(cells::fit(label, LABEL), theme.soft),
                Span::styled(text, style),
            ])
        }
    }
}
