//! The table: header, visible rows, scroll bar, or a message if there are none.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use roster_common::query::{Column, Term, TermScope};
use roster_common::{Employee, Field, Status};

use super::theme::Theme;
use super::widgets::grid::{self, Heading, RowStyle};
use super::widgets::matches;
use crate::cells;
use crate::keys::{Action, Screen};
use crate::layout::table::parts;
use crate::state::State;
use crate::state::arrangement::LineLayout;
use crate::state::column::TableColumn;
use crate::state::live::News;
use crate::state::table::Table;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let lines = state.lines_per_row();
    let [header, body, bar] = parts(area, lines);
    let laid_out = state
        .table
        .arrangement
        .lay_out(state.table.column(), header.width, lines);
    let heading = |line: &LineLayout| {
        line.iter()
            .map(|(shown, width)| heading(&state.table, *shown, *width))
            .collect()
    };
    grid::draw_header(
        frame.buffer_mut(),
        header,
        &laid_out.iter().map(heading).collect::<Vec<_>>(),
        theme,
    );
    draw_more(
        frame,
        Rect {
            width: bar.right() - header.x,
            ..header
        },
        state,
        &laid_out,
        theme,
    );
    if state.table.is_empty() {
        return draw_empty(frame, body, state, theme);
    }
    draw_rows(frame, body, state, &laid_out, theme);
    let seen = usize::from(body.height / lines);
    let bar = Rect {
        height: body.height / lines * lines,
        ..bar
    };
    grid::draw_scroll_bar(
        frame.buffer_mut(),
        bar,
        state.table.top,
        seen,
        state.table.len(),
        theme,
    );
}

/// Signs in the header for columns that are scrolled out on either side.
fn draw_more(
    frame: &mut Frame<'_>,
    header: Rect,
    state: &State,
    laid_out: &[LineLayout],
    theme: &Theme,
) {
    let is_laid =
        |column: &TableColumn| laid_out.iter().flatten().any(|(shown, _)| shown == column);
    let columns: Vec<_> = state
        .table
        .arrangement
        .visible()
        .map(|column| is_laid(&column))
        .collect();
    let last = columns.iter().rposition(|is_laid| *is_laid).unwrap_or(0);
    let (before, after) = columns.split_at(last);
    let (Some(first), Some(end)) = (header.rows().next(), header.rows().next_back()) else {
        return;
    };
    if before.contains(&false) {
        frame.render_widget(Span::styled("‹", theme.dim), first);
    }
    if after.contains(&false) {
        frame.render_widget(
            Span::styled("›", theme.dim),
            Rect {
                x: end.right() - 1,
                width: 1,
                ..end
            },
        );
    }
}

fn heading(table: &Table, column: TableColumn, width: u16) -> Heading {
    let place = table
        .order
        .iter()
        .position(|sorted| sorted.column == column);
    let order = place
        .and_then(|at| Some((at, table.order.get(at)?)))
        .map(|(at, sorted)| {
            let arrow = if sorted.descending { "↓" } else { "↑" };
            if table.order.len() > 1 {
                format!("{}{arrow}", at + 1)
            } else {
                arrow.to_owned()
            }
        });
    Heading {
        label: column.label(),
        order: order.unwrap_or_default(),
        marked: table.column() == column,
        width,
    }
}

fn draw_rows(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    laid_out: &[LineLayout],
    theme: &Theme,
) {
    let table = &state.table;
    let filter = table.conditions(state.now);
    let terms = filter.wanted_terms();
    let range = table.range();
    let height = state.lines_per_row();
    let places = (0..area.height / height).map(|at| Rect {
        y: area.y + at * height,
        height,
        ..area
    });
    for (row, place) in (table.top..table.len()).zip(places) {
        let lines = match table.row(row) {
            Some(employee) => card(employee, laid_out, &terms, theme),
            None => vec![vec![(Line::styled("·", theme.dim), 1)]],
        };
        let is_marked = table
            .row(row)
            .is_some_and(|employee| table.marks.contains(employee.id));
        let is_in_range = range.as_ref().is_some_and(|range| range.contains(&row));
        let news = table.row(row).and_then(|it| state.live.news(it.id));
        let style = RowStyle {
            selected: (row == table.cursor).then_some(theme.selected),
            marked: (is_marked || is_in_range).then_some(theme.accent),
            sign: news.map(News::sign),
        };
        grid::draw_row(frame.buffer_mut(), place, lines, style);
    }
}

/// The lines of a row; the first is the most prominent.
fn card(
    employee: &Employee,
    laid_out: &[LineLayout],
    terms: &[&Term],
    theme: &Theme,
) -> Vec<Vec<grid::Cell>> {
    let mut plain = Style::new();
    let mut lines = Vec::new();
    for line in laid_out {
        let cell = |(column, width): &(TableColumn, u16)| {
            (cell(employee, *column, *width, terms, plain, theme), *width)
        };
        lines.push(line.iter().map(cell).collect());
        plain = theme.dim;
    }
    lines
}

fn cell(
    employee: &Employee,
    column: TableColumn,
    width: u16,
    terms: &[&Term],
    plain: Style,
    theme: &Theme,
) -> Line<'static> {
    let shown = cells::cut(&column.of(employee), width.into());
    let plain = match column {
        TableColumn::Column(Column::Field(Field::Status))
            if employee.details.status() == Some(Status::Active) =>
        {
            theme.dim
        }
        TableColumn::Column(Column::Field(Field::Status)) => Style::new(),
        _ => plain,
    };
    matches::marked(shown, &found_in(column, terms), plain, theme.found)
}

/// The filter terms that apply to a column.
fn found_in<'a>(column: TableColumn, terms: &[&'a Term]) -> Vec<&'a str> {
    let holds = |scope: TermScope| match column {
        TableColumn::Name => scope.has(Field::Firstname) || scope.has(Field::Lastname),
        TableColumn::Column(Column::Field(field)) => scope.has(field),
        TableColumn::Column(Column::Id) => scope == TermScope::Id,
        TableColumn::Column(_) => false,
    };
    terms
        .iter()
        .filter(|term| holds(term.scope))
        .map(|term| term.text.as_str())
        .collect()
}

fn draw_empty(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let table = &state.table;
    let screen = if table.searching {
        Screen::Search
    } else {
        Screen::Table
    };
    let key = |action| state.keymap.key(screen, action);
    let message = match (table.total, table.applied.is_empty()) {
        (None, _) if state.in_flight > 0 => "Loading …".to_owned(),
        (None, _) if state.offline.is_some() && state.identity.is_none() => format!(
            "Can't reach {}. Press {} to try again, or {} for another server.",
            state.server,
            key(Action::Refresh),
            key(Action::Server)
        ),
        (None, _) => String::new(),
        (Some(_), true) => format!(
            "No people yet. Press {} to add the first one.",
            key(Action::New)
        ),
        (Some(_), false) => format!(
            "No matches. Press {} to clear the filter.",
            key(Action::ClearSearch)
        ),
    };
    let [_, area] = Layout::vertical([Constraint::Percentage(40), Constraint::Min(0)]).areas(area);
    let paragraph = Paragraph::new(message)
        .style(theme.dim)
        .alignment(Alignment::Center)
        .wrap(Wrap { trim: true });
    frame.render_widget(paragraph, area);
}
