//! The help, from the key table.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::theme::Theme;
use super::widgets::{dialog, field, form_field};
use crate::cells;
use crate::layout::help::{GAP, HelpLine, KEYS, WIDTH, columns, height, last_of, lines, parts};
use crate::state::{Help, State};

pub(super) fn draw(frame: &mut Frame<'_>, help: &Help, state: &State, theme: &Theme) {
    let inner = dialog::open(frame, "Keys", WIDTH, height(frame.area()), theme);
    let [search, _, body] = parts(inner);
    draw_filter(frame, search, help, theme);
    let columns = columns(body);
    let width = columns.first().map_or(body.width, |column| column.width);
    let lines = lines(state, help.filter.text(), width);
    let mut first = help.first.min(last_of(&lines, &columns));
    let drawn: Vec<_> = lines.into_iter().map(|line| styled(line, theme)).collect();
    for column in columns {
        let shown = drawn.iter().skip(first).take(column.height.into());
        frame.render_widget(Paragraph::new(shown.cloned().collect::<Vec<_>>()), column);
        first += usize::from(column.height);
    }
}

fn draw_filter(frame: &mut Frame<'_>, row: Rect, help: &Help, theme: &Theme) {
    frame.render_widget(Span::styled("/", theme.accent), row);
    let area = form_field::after(row, 2);
    field::draw(frame, area, &help.filter, true);
    if help.filter.text().is_empty() {
        frame.render_widget(
            Line::styled("type to filter", theme.soft),
            form_field::after(area, 2),
        );
    }
}

fn styled(line: HelpLine, theme: &Theme) -> Line<'static> {
    match line {
        HelpLine::Blank => Line::default(),
        HelpLine::Title(title) => Line::styled(title, theme.strong.underlined()),
        HelpLine::Keys { keys, help } => Line::from(vec![
            Span::raw(" ".repeat(KEYS.saturating_sub(cells::width(&keys)))),
            Span::styled(cells::cut(&keys, KEYS), theme.accent),
            Span::raw(" ".repeat(GAP)),
            Span::raw(help),
        ]),
        HelpLine::Nothing => Line::styled("  No matching keys.", theme.soft),
    }
}
